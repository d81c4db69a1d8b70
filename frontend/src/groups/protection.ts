/** How well a group could be recovered now, and when that was last tried. */
import type { Schemas } from '../api/client';
import { indicatorOf } from '../lib/status';
import { isoDuration } from '../lib/time';

export interface Protection {
  total: number;
  ready: number;
  /** Seconds of data that would be lost; null when no server tells. */
  worstLag: number | null;
}

type ServerFacts = Pick<Schemas['Server'], 'replicationState' | 'lagDuration'>;

export function isReady({ replicationState }: Pick<Schemas['Server'], 'replicationState'>): boolean {
  return indicatorOf(replicationState) === 'success';
}

export function protection(servers: readonly ServerFacts[]): Protection {
  const lags = servers.flatMap((s) => isoDuration(s.lagDuration) ?? []);
  return {
    total: servers.length,
    ready: servers.filter(isReady).length,
    worstLag: lags.length === 0 ? null : Math.max(...lags),
  };
}

/** The servers of an inventory by the group they belong to. */
export function protectionByGroup(servers: readonly Schemas['Server'][]): Map<string, Protection> {
  const lists = new Map<string, Schemas['Server'][]>();
  for (const server of servers) {
    const id = server.assignedToProtectionGroup?.protectionGroupId;
    if (id !== undefined) {
      const list = lists.get(id) ?? [];
      list.push(server);
      lists.set(id, list);
    }
  }
  return new Map([...lists].map(([id, list]) => [id, protection(list)]));
}

type Run = Pick<Schemas['Execution'], 'executionId' | 'planId' | 'executionType' | 'status' | 'startTime'>;

/** The newest run of a type among the plans. */
export function lastRun<R extends Run>(runs: readonly R[], planIds: ReadonlySet<string>, type: 'DRILL' | 'RECOVERY'): R | undefined {
  return runs
    .filter((r) => r.executionType === type && r.planId !== undefined && planIds.has(r.planId))
    .reduce<R | undefined>((best, r) => (best === undefined || (r.startTime ?? 0) > (best.startTime ?? 0) ? r : best), undefined);
}
