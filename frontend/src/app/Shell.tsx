import AppLayout from '@cloudscape-design/components/app-layout';
import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import BreadcrumbGroup from '@cloudscape-design/components/breadcrumb-group';
import Button, { type ButtonProps } from '@cloudscape-design/components/button';
import Flashbar, { type FlashbarProps } from '@cloudscape-design/components/flashbar';
import Modal from '@cloudscape-design/components/modal';
import SideNavigation, { type SideNavigationProps } from '@cloudscape-design/components/side-navigation';
import TopNavigation from '@cloudscape-design/components/top-navigation';
import { lazy, Suspense, useEffect, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { Outlet, useHref, useLocation, useNavigate } from 'react-router';
import { ACTIVE_STATUSES, useExecutions, useProfile } from '../api/queries';
import { CopyText } from '../components/CopyText';
import { Skeleton } from '../components/Skeleton';
import { t } from '../i18n/t';
import { openPalette, PALETTE } from '../keyboard/open';
import { isDark, setTheme, subscribeTheme } from '../lib/theme';
import { formatAgo, formatTime } from '../lib/time';
import type { LiveState, LiveStatus } from '../live/connection';
import { useAccountChoice } from './account';
import { accountMenu, accountShown, ADD_ACCOUNT, clip, FIND_ACCOUNT, RETRY } from './account-menu';
import { useConfig, useLive, useServices, useSession } from './context';
import { useFeatures } from './features';
import { flashHeader } from './flashes';
import { focusHeading } from './focus';
import { crumbsOf, NAVIGATION, sectionOf } from './navigation';
import { PageProvider, usePageTitle } from './page';
import './shell.css';
import { useNewVersion } from './version';

const NoticePanel = lazy(() => import('../notices/Panel'));
const HelpPanel = lazy(() => import('../help/Panel'));
const ConnectionPanel = lazy(() => import('../connection/Panel'));
const Wallboard = lazy(() => import('../screens/Wallboard'));

/** Never by colour or sign alone: the word is beside it. */
const LIVE_ICON: Record<LiveStatus, ButtonProps['iconName']> = {
  connecting: 'status-pending', live: 'status-positive', polling: 'status-warning', offline: 'status-negative',
};

function liveText(live: LiveState): string {
  return live.lastByte === null || live.status === 'live'
    ? t(`live.${live.status}`)
    : t('live.since', { status: t(`live.${live.status}`), ago: formatAgo(live.lastByte) });
}

/** Also when the last news came, which would change the visible text all the time. */
function liveLabel(live: LiveState): string {
  return live.lastByte === null || live.status !== 'live' ? liveText(live) : t('live.at', { status: liveText(live), time: formatTime(live.lastByte, { seconds: true }) });
}

function IdleWarning() {
  const state = useSession();
  const { session } = useServices();
  const open = state.phase === 'signed-in' && state.idleWarning;
  return (
    <Modal
      visible={open}
      header={t('idle.title')}
      closeAriaLabel={t('idle.stay')}
      onDismiss={() => {
        session.stay();
      }}
      footer={
        <Box float="right">
          <Button variant="primary" onClick={() => {
            session.stay();
          }}>
            {t('idle.stay')}
          </Button>
        </Box>
      }
    >
      {t('idle.text')}
    </Modal>
  );
}

/** What holds for the whole page until it changes: no connection, a newer console. */
function useBanners(): FlashbarProps.MessageDefinition[] {
  const offline = useLive().status === 'offline';
  const newer = useNewVersion();
  const [dismissed, setDismissed] = useState(false);
  const banners: FlashbarProps.MessageDefinition[] = [];
  if (offline) {
    banners.push({ id: 'offline', type: 'warning', header: t('live.offline.title'), content: t('live.offline.text'), ariaRole: 'alert' });
  }
  if (newer && !dismissed) {
    banners.push({
      id: 'version', type: 'info', header: t('version.title'), content: t('version.text'), ariaRole: 'status',
      dismissible: true, dismissLabel: t('dismiss'),
      onDismiss: () => {
        setDismissed(true);
      },
      action: <Button onClick={() => {
        window.location.reload();
      }}>{t('version.load')}</Button>,
    });
  }
  return banners;
}

function Flashes() {
  const { flashes } = useServices();
  const items = useSyncExternalStore(flashes.subscribe, flashes.snapshot);
  const navigate = useNavigate();
  const banners = useBanners();
  return (
    <Flashbar
      stackItems
      items={[...banners, ...items.map((flash): FlashbarProps.MessageDefinition => ({
        id: flash.id,
        type: flash.type,
        header: flashHeader(flash),
        content: flash.requestId === null ? flash.content : (
          <>
            {flash.content} {t('error.request.id')} <CopyText value={flash.requestId} />
          </>
        ),
        dismissible: true,
        dismissLabel: t('dismiss'),
        ariaRole: flash.type === 'error' ? ('alert' as const) : ('status' as const),
        onDismiss: () => {
          flashes.close(flash.id);
        },
        action:
          flash.action === null ? undefined : (
            <Button
              onClick={() => {
                void navigate(flash.action?.href ?? '/');
              }}
            >
              {flash.action.text}
            </Button>
          ),
      }))]}
    />
  );
}

/** Runs that go on now, for the badge beside "Executions". */
function useActiveCount(): number {
  const accountId = useAccountChoice().selected?.accountId ?? '';
  const { data } = useExecutions({ accountId, status: ACTIVE_STATUSES }, 100);
  return data?.pages[0]?.items.length ?? 0;
}

function Navigation() {
  const location = useLocation();
  const navigate = useNavigate();
  const root = useHref('/');
  const active = useActiveCount();
  const features = useFeatures();
  const prefix = root === '/' ? '' : root;
  const items: SideNavigationProps.Item[] = NAVIGATION.filter((entry) => entry === 'divider' || features.leads(entry.path)).map((entry) =>
    entry === 'divider'
      ? { type: 'divider' }
      : {
          type: 'link',
          text: t(entry.text),
          href: prefix + entry.path,
          ...(entry.path === '/executions' && active > 0
            ? { info: <Badge color="blue">{t('nav.active', { count: active })}</Badge> }
            : {}),
        },
  );
  return (
    <SideNavigation
      activeHref={prefix + sectionOf(location.pathname)}
      items={items}
      onFollow={(event) => {
        event.preventDefault();
        void navigate(event.detail.href.slice(prefix.length) || '/');
      }}
    />
  );
}

function Crumbs() {
  const location = useLocation();
  const navigate = useNavigate();
  const root = useHref('/');
  const title = usePageTitle();
  const prefix = root === '/' ? '' : root;
  const crumbs = crumbsOf(location.pathname, title);
  return crumbs.length < 2 ? null : (
    <BreadcrumbGroup
      ariaLabel={t('breadcrumbs')}
      items={crumbs.map(({ text, path }) => ({ text, href: prefix + path }))}
      onFollow={(event) => {
        event.preventDefault();
        void navigate(event.detail.href.slice(prefix.length) || '/');
      }}
    />
  );
}

function Top({ showConnection }: { showConnection: () => void }) {
  const config = useConfig();
  const { session } = useServices();
  const navigate = useNavigate();
  const root = useHref('/');
  const choice = useAccountChoice();
  const profile = useProfile().data;
  const live = useLive();
  const dark = useSyncExternalStore(subscribeTheme, isDark);
  const account = accountShown(choice);
  const name = profile?.email || profile?.username || t('user');
  return (
    <TopNavigation
      identity={{
        href: root,
        title: config.environment?.color !== null ? t('product') : `${t('product')} · ${config.environment.name}`,
        onFollow: (event) => {
          event.preventDefault();
          void navigate('/');
        },
      }}
      i18nStrings={{ overflowMenuTriggerText: t('more'), overflowMenuTitleText: t('more') }}
      utilities={[
        {
          type: 'button',
          iconName: 'search',
          text: t('search'),
          title: t('search.hint'),
          ariaLabel: t('search.hint'),
          onClick: openPalette,
        },
        {
          type: 'menu-dropdown',
          text: clip(account),
          ariaLabel: t('accounts.selector', { name: account }),
          iconName: 'group',
          items: accountMenu(choice),
          onItemClick: ({ detail }) => {
            if (detail.id === FIND_ACCOUNT) {
              openPalette();
            } else if (detail.id === RETRY) {
              choice.retry();
            } else if (detail.id === ADD_ACCOUNT) {
              void navigate('/settings/accounts');
            } else {
              choice.select(detail.id);
            }
          },
        },
        { type: 'button', text: liveText(live), ariaLabel: liveLabel(live), iconName: LIVE_ICON[live.status], disableUtilityCollapse: true, onClick: showConnection },
        {
          type: 'menu-dropdown',
          text: name,
          iconName: 'user-profile',
          items: [
            { id: 'theme', text: t(dark ? 'theme.light' : 'theme.dark') },
            { id: '/settings/preferences', text: t('nav.preferences') },
            { id: 'sign-out', text: t('signout') },
          ],
          onItemClick: ({ detail }) => {
            if (detail.id === 'sign-out') {
              void session.signOut();
            } else if (detail.id === 'theme') {
              setTheme(dark ? 'light' : 'dark');
            } else {
              void navigate(detail.id);
            }
          },
        },
      ]}
    />
  );
}

/** A band that nobody overlooks, for those who have several of these consoles. */
function Environment() {
  const { environment } = useConfig();
  return environment?.color == null ? null : <div className={`environment environment-${environment.color}`}>{environment.name}</div>;
}

const Keyboard = lazy(() => import('../keyboard/Keyboard'));

/** Shortcuts and the command palette: nothing of them is loaded before the first key. */
function Keys() {
  const [awake, setAwake] = useState(false);
  // what comes before the code is there; null: it is
  const early = useRef<Event[] | null>([]);
  useEffect(() => {
    const keep = (event: Event) => {
      if (early.current === null) {
        return;
      }
      if (event instanceof KeyboardEvent && (event.ctrlKey || event.metaKey) && event.key === 'k') {
        event.preventDefault();
      }
      early.current.push(event);
      setAwake(true);
    };
    window.addEventListener('keydown', keep);
    window.addEventListener(PALETTE, keep);
    return () => {
      window.removeEventListener('keydown', keep);
      window.removeEventListener(PALETTE, keep);
    };
  }, []);
  return awake ? (
    <Suspense>
      <Keyboard earlyRef={early} />
    </Suspense>
  ) : null;
}

/** Pages of single things, for the palette. */
const SINGLE = /^\/(protection-groups|recovery-plans|executions|servers)\/(?!(?:new|compare)$)[^/]+$/;

function useRemember(title: string): void {
  const { pathname, search } = useLocation();
  const user = useProfile().data?.userId;
  useEffect(() => {
    if (user !== undefined && title !== '' && SINGLE.test(pathname)) {
      void import('../keyboard/recent').then(({ remember }) => {
        remember(user, { path: pathname + search, title });
      });
    }
  }, [user, title, pathname, search]);
}

/** Moves the focus to the heading of a new page, and names the document. */
function RouteFocus({ children }: { children: ReactNode }) {
  const { pathname } = useLocation();
  const title = usePageTitle();
  const first = useRef(true);
  useRemember(title);
  useEffect(() => {
    document.title = title === '' ? t('product') : `${title} · ${t('product')}`;
  }, [title]);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return undefined;
    }
    return focusHeading();
  }, [pathname]);
  return <>{children}</>;
}

export function Shell() {
  const { live, notices } = useServices();
  const { search } = useLocation();
  const features = useFeatures();
  const unread = useSyncExternalStore(notices.subscribe, notices.snapshot).filter((n) => n.unread).length;
  const [open, setOpen] = useState(() => window.innerWidth > 900);
  const [drawer, setDrawer] = useState<string | null>(() => (new URLSearchParams(window.location.search).get('debug') === '1' ? 'connection' : null));
  useEffect(() => {
    live.start();
    return () => {
      live.close();
    };
  }, [live]);
  if (new URLSearchParams(search).get('wallboard') === '1' && features.has('wallboard')) {
    return (
      <>
        <Suspense>
          <Wallboard />
        </Suspense>
        <IdleWarning />
      </>
    );
  }
  return (
    <PageProvider>
      <a className="skip-link" href="#content" onClick={(event) => {
        event.preventDefault();
        document.getElementById('content')?.focus();
      }}>
        {t('skip')}
      </a>
      <header id="top">
        <Environment />
        <Top showConnection={() => {
          setDrawer('connection');
        }} />
      </header>
      <AppLayout
        headerSelector="#top"
        navigation={<Navigation />}
        navigationOpen={open}
        onNavigationChange={({ detail }) => {
          setOpen(detail.open);
        }}
        toolsHide
        activeDrawerId={drawer}
        onDrawerChange={({ detail }) => {
          setDrawer(detail.activeDrawerId);
        }}
        drawers={[{
          id: 'notices',
          trigger: { iconName: 'notification' },
          badge: unread > 0,
          ariaLabels: { drawerName: t('notices.title'), triggerButton: t('notices.bell', { count: unread }), closeButton: t('close') },
          content: (
            <Suspense>
              <NoticePanel close={() => {
                setDrawer(null);
              }} />
            </Suspense>
          ),
        }, {
          id: 'help',
          trigger: { iconName: 'status-info' },
          ariaLabels: { drawerName: t('help'), triggerButton: t('help'), closeButton: t('close') },
          content: (
            <Suspense>
              <HelpPanel />
            </Suspense>
          ),
        }, ...(drawer === 'connection' ? [{
          id: 'connection',
          trigger: { iconName: 'status-pending' as const },
          resizable: true,
          defaultSize: 440,
          ariaLabels: { drawerName: t('connection.title'), triggerButton: t('connection.title'), closeButton: t('close') },
          content: (
            <Suspense>
              <ConnectionPanel />
            </Suspense>
          ),
        }] : [])]}
        breadcrumbs={<Crumbs />}
        notifications={<Flashes />}
        ariaLabels={{
          navigation: t('nav.label'),
          navigationToggle: t('nav.open'),
          navigationClose: t('nav.close'),
          notifications: t('flash.label'),
        }}
        content={
          <div id="content" tabIndex={-1}>
            <RouteFocus>
              <Suspense fallback={<Skeleton page />}>
                <Outlet />
              </Suspense>
            </RouteFocus>
          </div>
        }
      />
      <IdleWarning />
      <Keys />
    </PageProvider>
  );
}
