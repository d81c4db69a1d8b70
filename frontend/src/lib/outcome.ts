/** How well runs did. */
import { toDate } from './time';

const BY_THEMSELVES = new Set(['COMPLETED', 'PARTIAL', 'FAILED', 'ROLLED_BACK', 'TIMEOUT']);

/** In percent; null when none ended by itself. */
export function successRate(statuses: readonly (string | undefined)[]): number | null {
  const ended = statuses.filter((s) => s !== undefined && BY_THEMSELVES.has(s));
  return ended.length === 0 ? null : Math.round((ended.filter((s) => s === 'COMPLETED').length / ended.length) * 100);
}

/** Whether the newest drill that succeeded was too long ago; no drill is too long ago. */
export function isOverdue(drill: { startTime?: number; endTime?: number } | null | undefined, maxAgeDays: number, now: number): boolean {
  const done = toDate(drill?.endTime ?? drill?.startTime);
  return done === null || now - done.getTime() > maxAgeDays * 86_400_000;
}
