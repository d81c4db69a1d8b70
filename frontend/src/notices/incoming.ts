/** Events of the stream that people want to know of; pure but for the browser's notification. */
import type { FlashType } from '../app/flashes';
import type { Notice, Notices } from '../app/notices';
import type { LiveEvent } from '../live/connection';
import '../i18n/notices';
import { hasMessage, t } from '../i18n/t';
import { humanize } from '../lib/status';
import { readStored } from '../lib/stored';

/** Under which the user's wish for notifications of the browser is kept. */
export const BROWSER_KEY = 'browser-notifications';
export const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';

/** What is worth a notification of the browser: a pause, an end, a failure. */
const URGENT = new Set([
  'pause', 'pause_reminder', 'complete', 'partial', 'fail', 'cancelled', 'timeout', 'unit_held', 'terminate_failed', 'schedule_skipped',
]);
/** Of those without a severity that calls for it. */
const NEWS = new Set(['complete', 'cancelled', 'terminate_finished']);

const text = (value: unknown) => (typeof value === 'string' ? value : '');

function linkOf(event: LiveEvent): string | null {
  if (event.executionId !== undefined) {
    return `/executions/${event.executionId}`;
  }
  if (event.resourceType === 'schedule' && event.planId !== undefined) {
    return `/recovery-plans/${event.planId}/schedules/${event.resourceId}`;
  }
  if (event.resourceType === 'group') {
    return `/protection-groups/${event.resourceId}`;
  }
  if (event.planId !== undefined) {
    return `/recovery-plans/${event.planId}`;
  }
  switch (event.data.code) {
    case 'capacity_threshold':
      return `/capacity?account=${event.accountId ?? ''}`;
    case 'tag_sync_partial':
      return '/settings/tag-sync';
    case 'account_unreachable':
      return '/settings/accounts';
    default:
      return null;
  }
}

function severityOf(value: unknown): FlashType {
  return value === 'error' || value === 'warning' ? value : 'info';
}

/** The notice of an event, or null when nobody needs to hear of it. */
export function noticeOf(event: LiveEvent): Notice | null {
  const base = { id: event.id ?? `${event.event}-${event.time}`, href: linkOf(event), time: Date.parse(event.time) };
  if (event.event === 'notice') {
    const code = text(event.data.code);
    const type = code === 'complete' || code === 'terminate_finished' ? 'success' : severityOf(event.data.severity);
    const id = `notice.${code}`;
    return {
      ...base, type, header: hasMessage(id) ? t(id) : humanize(code), content: text(event.data.message),
      unread: type === 'warning' || type === 'error' || NEWS.has(code),
    };
  }
  if (event.event === 'launchconfig.status' && text(event.data.status).toUpperCase() === 'DRIFTED') {
    return { ...base, type: 'warning', header: t('notice.drift'), content: t('notice.drift.text'), unread: true };
  }
  return null;
}

/** Whether the browser shows it too. */
function isUrgent(event: LiveEvent): boolean {
  return event.event === 'notice' && URGENT.has(text(event.data.code));
}

/** Shows a notice outside of the page, if the user asked for that and is not looking. */
function notifyBrowser(notice: Notice, open: (href: string) => void): void {
  if (
    !('Notification' in window) || Notification.permission !== 'granted' ||
    !readStored(BROWSER_KEY, isBoolean, false) || (document.visibilityState === 'visible' && document.hasFocus())
  ) {
    return;
  }
  // the tag makes one of the same notice in several tabs
  const shown = new Notification(notice.header, { body: notice.content, tag: notice.id });
  shown.onclick = () => {
    window.focus();
    shown.close();
    if (notice.href !== null) {
      open(notice.href);
    }
  };
}

/** Keeps what an event of the stream has to say. */
export function take(event: LiveEvent, notices: Notices, open: (href: string) => void): void {
  const notice = noticeOf(event);
  if (notice !== null) {
    notices.add(notice);
    if (isUrgent(event)) {
      notifyBrowser(notice, open);
    }
  }
}
