import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Tabs from '@cloudscape-design/components/tabs';
import { lazy, Suspense, type ReactNode } from 'react';
import { Navigate, useNavigate, useParams } from 'react-router';
import { usePermissionList } from '../api/queries';
import { useFeatures } from '../app/features';
import { usePermissions } from '../app/permissions';
import { useTitle } from '../app/page';
import { Loaded } from '../components/Loaded';
import '../i18n/more';
import { t } from '../i18n/t';
import type { Permission } from '../lib/permissions';

const Accounts = lazy(() => import('../settings/Accounts'));
const TagSync = lazy(() => import('../settings/TagSync'));
const Transfer = lazy(() => import('../settings/Transfer'));
const Notifications = lazy(() => import('../settings/Notifications'));
const Webhooks = lazy(() => import('../settings/Webhooks'));
const About = lazy(() => import('../settings/About'));
const Preferences = lazy(() => import('../settings/Preferences'));

const TABS = ['preferences', 'accounts', 'tag-sync', 'notifications', 'webhooks', 'transfer', 'about'] as const;
type Tab = (typeof TABS)[number];

const CONTENT: Record<Tab, () => ReactNode> = {
  preferences: () => <Preferences />,
  accounts: () => <Accounts />,
  'tag-sync': () => <TagSync />,
  notifications: () => <Notifications />,
  webhooks: () => <Webhooks />,
  transfer: () => <Transfer />,
  about: () => <About />,
};

/** Any of them opens the tab. */
const NEEDS: Partial<Record<Tab, readonly Permission[]>> = {
  notifications: ['export_configuration'],
  webhooks: ['export_configuration'],
  transfer: ['export_configuration', 'import_configuration'],
};

/** The content of a tab, or the permission that is missing for it. */
function Needing({ needs, children }: { needs: readonly Permission[]; children: ReactNode }) {
  return (
    <Loaded query={usePermissionList()} failed={t('settings.permissions.failed')} part>
      {({ permissions }) =>
        needs.some((permission) => permissions.includes(permission)) ? children : (
          <StatusIndicator type="stopped">
            {t('permission.needed', { permission: needs.join(t('permission.or')) })}
          </StatusIndicator>
        )}
    </Loaded>
  );
}

export default function Settings() {
  useTitle(t('nav.settings'));
  const { tab = '' } = useParams();
  const navigate = useNavigate();
  const gate = usePermissions();
  const features = useFeatures();
  const active = TABS.find((id) => id === tab);
  if (active === undefined) {
    return <Navigate to="/settings/preferences" replace />;
  }
  const content = (id: Tab) => {
    const needs = NEEDS[id];
    const inside = <Suspense>{CONTENT[id]()}</Suspense>;
    return needs === undefined ? inside : <Needing needs={needs}>{inside}</Needing>;
  };
  // hidden without its permissions, but for who was sent there
  const offered = (id: Tab) => id !== 'transfer' || id === active || NEEDS.transfer?.some((permission) => gate.can(permission));
  return (
    <SpaceBetween size="m">
      <Header variant="h1">{t('nav.settings')}</Header>
      <Tabs
        activeTabId={active}
        ariaLabel={t('nav.settings')}
        onChange={({ detail }) => {
          void navigate(`/settings/${detail.activeTabId}`);
        }}
        tabs={TABS.filter((id) => offered(id) && features.leads(`/settings/${id}`)).map((id) => ({
          id,
          label: t(`settings.${id}`),
          content: id === active ? content(id) : null,
        }))}
      />
    </SpaceBetween>
  );
}
