/** The state of the application of launch settings. */
import type { Schemas } from '../api/client';
import { t } from '../i18n/t';
import { formatSeconds } from '../lib/time';

type State = Schemas['LaunchConfigStatus'];

/** Whether a job goes on: settings and members cannot be changed meanwhile. */
export function isApplying(state: Pick<State, 'status'>): boolean {
  return state.status === 'pending' || state.status === 'syncing';
}

/** "5 of 12 servers", with the time left where it is known. */
export function progressText(state: State): string {
  const done = state.completedServers ?? 0;
  const total = state.totalServers ?? 0;
  const left = state.estimatedTimeRemaining;
  return left === undefined || left <= 0
    ? t('apply.progress', { done, total })
    : t('apply.progress.left', { done, total, left: formatSeconds(left) });
}
