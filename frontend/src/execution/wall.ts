/** What the wallboard shows; pure. */
import type { Schemas } from '../api/client';

/** The run that comes `by` places after the current one; the first when that one is over. Null: there is none. */
export function turn(ids: readonly string[], current: string | null, by: number): string | null {
  if (ids.length === 0) {
    return null;
  }
  const at = current === null ? -1 : ids.indexOf(current);
  return at < 0 ? (ids[0] ?? null) : (ids[(at + by + ids.length) % ids.length] ?? null);
}

export interface Sums {
  total: number;
  launched: number;
  failed: number;
  /** Launches that wait for the decision of an operator. */
  held: number;
}

export function sumsOf(waves: readonly Pick<Schemas['ExecWave'], 'totalServers' | 'serverCount' | 'launchedServers' | 'failedServers' | 'launchUnits'>[]): Sums {
  return waves.reduce<Sums>(
    (sum, w) => ({
      total: sum.total + (w.totalServers ?? w.serverCount ?? 0),
      launched: sum.launched + (w.launchedServers ?? 0),
      failed: sum.failed + (w.failedServers ?? 0),
      held: sum.held + (w.launchUnits ?? []).filter((u) => u.state === 'HELD').length,
    }),
    { total: 0, launched: 0, failed: 0, held: 0 },
  );
}

/** Whether the permissions let somebody only look. */
export function onlyLooks(permissions: readonly string[]): boolean {
  return permissions.length > 0 && permissions.every((p) => p.startsWith('view_') || p === 'audit_read');
}
