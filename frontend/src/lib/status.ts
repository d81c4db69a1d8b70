/** What the words of the API mean: one place for all views. */
import type { StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import type { Schemas } from '../api/client';

export type ExecutionStatus = NonNullable<Schemas['Execution']['status']>;
export type Indicator = StatusIndicatorProps.Type;

/** What the lists ask the server for: every status that it knows is in one of them. */
export const ACTIVE = [
  'PENDING', 'POLLING', 'INITIATED', 'LAUNCHING', 'STARTED', 'IN_PROGRESS', 'RUNNING', 'PAUSED', 'PAUSE_PENDING', 'CANCELLING',
];
/** ROLLED_BACK is a word of the reference. */
export const ENDED = ['COMPLETED', 'PARTIAL', 'FAILED', 'CANCELLED', 'ROLLED_BACK', 'TIMEOUT', 'TERMINATED'];

const TERMINAL = new Set(ENDED);

/** Over, and in the history; a status that is not known is active. */
export function isTerminal(status: string | undefined): boolean {
  return status !== undefined && TERMINAL.has(status.toUpperCase());
}

const CANCELLABLE = new Set([
  'PENDING', 'INITIATED', 'LAUNCHING', 'STARTED', 'IN_PROGRESS', 'RUNNING', 'POLLING', 'PAUSED', 'PAUSE_PENDING', 'CANCELLING',
]);

export function canCancel(status: string | undefined): boolean {
  return status !== undefined && status !== 'CANCELLING' && CANCELLABLE.has(status);
}

/** Pausing needs a run that still has a wave to begin. */
export function canPause(execution: {
  status?: string;
  waves?: readonly { status?: string }[];
}): boolean {
  const { status, waves } = execution;
  return (
    (status === 'RUNNING' || status === 'IN_PROGRESS' || status === 'POLLING') &&
    (waves ?? []).some((w) => w.status === 'PENDING' || w.status === undefined)
  );
}

const INDICATORS: Record<string, Indicator> = {
  COMPLETED: 'success', SUCCESS: 'success', LAUNCHED: 'success', CREATED: 'success', CONTINUOUS: 'success', CONTINUOUS_REPLICATION: 'success', READY_FOR_RECOVERY: 'success', ACTIVE: 'success', READY: 'success', DONE: 'success', TERMINATED: 'success', EXTENDED: 'success',
  IAM_PERMISSION_DENIED: 'error', SCP_DENIED: 'error', ENDPOINT_UNREACHABLE: 'error', THROTTLED: 'warning', NOT_INITIALIZED: 'stopped', REGION_NOT_ENABLED: 'stopped', REGION_NOT_OPTED_IN: 'stopped',
  FAILED: 'error', ERROR: 'error', TIMEOUT: 'error', DISCONNECTED: 'error', STALLED: 'error', EXTENSION_ERROR: 'error',
  PARTIAL: 'warning', PAUSED: 'warning', PAUSE_PENDING: 'warning', HELD: 'warning', STOPPED: 'warning', DRIFTED: 'warning',
  RUNNING: 'in-progress', IN_PROGRESS: 'in-progress', POLLING: 'in-progress', LAUNCHING: 'in-progress', STARTED: 'in-progress',
  INITIATED: 'in-progress', CANCELLING: 'in-progress', SYNCING: 'in-progress', INITIAL_SYNC: 'in-progress', RESCAN: 'in-progress', BACKLOG: 'warning', NOT_CONFIGURED: 'stopped', INTENT: 'in-progress', TERMINATING: 'in-progress',
  PENDING: 'pending', PLANNED: 'pending', QUEUED: 'pending', CANCELLED: 'stopped', ROLLED_BACK: 'stopped', SKIPPED: 'stopped', NOT_EXTENDED: 'stopped',
};

export function indicatorOf(status: string | undefined): Indicator {
  return status === undefined ? 'info' : (INDICATORS[status.toUpperCase()] ?? 'info');
}

/** "Pause pending" of PAUSE_PENDING, for words without a text of their own. */
export function humanize(word: string): string {
  const text = word.replace(/_/g, ' ').toLowerCase();
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Waves that will not change any more by themselves, however they ended. */
export function wavesOver(waves: readonly { status?: string }[]): number {
  return waves.filter((w) => ['COMPLETED', 'PARTIAL', 'FAILED', 'TIMEOUT', 'CANCELLED'].includes(w.status ?? '')).length;
}
