import { t, type MessageId } from '../i18n/t';

export interface NavigationEntry {
  path: string;
  text: MessageId;
}

/** Sections of the side navigation, in order. */
export const NAVIGATION: readonly (NavigationEntry | 'divider')[] = [
  { path: '/', text: 'nav.dashboard' },
  'divider',
  { path: '/protection-groups', text: 'nav.groups' },
  { path: '/recovery-plans', text: 'nav.plans' },
  { path: '/schedules', text: 'nav.schedules' },
  { path: '/executions', text: 'nav.executions' },
  { path: '/servers', text: 'nav.servers' },
  { path: '/capacity', text: 'nav.capacity' },
  { path: '/reports', text: 'nav.reports' },
  'divider',
  { path: '/audit', text: 'nav.audit' },
  { path: '/settings', text: 'nav.settings' },
];

/** The section a path belongs to: the longest prefix. */
export function sectionOf(pathname: string): string {
  let best = '';
  for (const entry of NAVIGATION) {
    if (entry === 'divider') {
      continue;
    }
    const { path } = entry;
    if ((pathname === path || (path !== '/' && pathname.startsWith(`${path}/`))) && path.length > best.length) {
      best = path;
    }
  }
  return best;
}

export interface Crumb {
  text: string;
  path: string;
}

/** Way from the start page to here; the last one is the page's own title. */
export function crumbsOf(pathname: string, title: string): Crumb[] {
  const crumbs: Crumb[] = [{ text: t('nav.dashboard'), path: '/' }];
  const section = sectionOf(pathname);
  const entry = NAVIGATION.find((e) => e !== 'divider' && e.path === section);
  if (entry !== undefined && entry !== 'divider' && section !== '/') {
    crumbs.push({ text: t(entry.text), path: section });
  }
  if (pathname !== section && title !== '' && title !== crumbs.at(-1)?.text) {
    crumbs.push({ text: title, path: pathname });
  }
  return pathname === '/' ? [] : crumbs;
}
