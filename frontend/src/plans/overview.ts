/** What the list says of a plan beside its own fields; pure. */
import type { Schemas } from '../api/client';
import { lagOf } from '../servers/facts';
import type { ServerRow } from '../servers/inventory';
import { draftOf } from './draft';
import { membersOf, planFacts, type Group } from './facts';

type Plan = Schemas['RecoveryPlan'];
type Drill = Pick<Schemas['Execution'], 'executionId' | 'planId' | 'startTime' | 'endTime'>;
type Schedule = Pick<Schemas['Schedule'], 'scheduleId' | 'planId' | 'name' | 'enabled' | 'nextRunAt'>;

export interface Protection {
  /** Null: not all are known. */
  servers: number | null;
  notReady: number;
  /** Seconds of the server that is furthest behind; null when DRS tells of none. */
  lag: number | null;
  /** The least time of a run; null while servers are not known. */
  seconds: number | null;
}

/** `rowsOf`: servers of a group, null when they are not known. */
export function protectionOf(plan: Plan, groups: readonly Group[], rowsOf: (groupId: string) => readonly ServerRow[] | null): Protection {
  const { waves, maxParallelWaves, interWaveDelaySeconds, interServerDelaySeconds } = draftOf(plan);
  const facts = planFacts(waves, groups, rowsOf, { maxParallelWaves, waveDelay: interWaveDelaySeconds, serverDelay: interServerDelaySeconds });
  const lags = waves.flatMap((w) => membersOf(w, groups, rowsOf)).flatMap((m) => (m.servers ?? []).flatMap((s) => lagOf(s) ?? []));
  return {
    servers: facts.servers,
    notReady: facts.waves.reduce((sum, w) => sum + w.notReady, 0),
    lag: lags.reduce<number | null>((worst, lag) => (worst === null || lag > worst ? lag : worst), null),
    seconds: facts.time?.seconds ?? null,
  };
}

/** By plan, the newest. */
export function lastDrills<D extends Drill>(drills: readonly D[]): Map<string, D> {
  const last = new Map<string, D>();
  for (const drill of drills) {
    const known = last.get(drill.planId ?? '');
    if (drill.planId !== undefined && (known === undefined || (drill.startTime ?? 0) > (known.startTime ?? 0))) {
      last.set(drill.planId, drill);
    }
  }
  return last;
}

/** By plan, the one that comes next. */
export function nextSchedules<S extends Schedule>(schedules: readonly S[]): Map<string, S> {
  const next = new Map<string, S>();
  for (const schedule of schedules) {
    const at = schedule.enabled ? schedule.nextRunAt : null;
    const known = next.get(schedule.planId);
    if (at !== null && (known === undefined || at < (known.nextRunAt ?? ''))) {
      next.set(schedule.planId, schedule);
    }
  }
  return next;
}
