/** What the page and the report of a run need beside its record. */
import { useMemo } from 'react';
import type { Schemas } from '../api/client';
import { usePlan } from '../api/queries';
import { useConfig } from '../app/context';
import { isTerminal } from '../lib/status';
import { forecast, type Forecast } from './forecast';
import { targetsOf, type Targets } from './objectives';
import { useHistory, usePastRuns } from './queries';
import { pausesOf, type HistoryEvent, type Pause } from './timeline';

export interface Facts {
  targets: Targets;
  /** Null while the history of the run is not there. */
  pauses: readonly Pause[] | null;
  events: readonly HistoryEvent[] | null;
  plan: Schemas['RecoveryPlan'] | undefined;
  forecastAt: (now: number) => Forecast | null;
  /** Why pauses are not known. */
  error: unknown;
  retry: () => void;
}

export function useFacts(execution: Schemas['Execution']): Facts {
  const config = useConfig();
  const running = !isTerminal(execution.status);
  const plan = usePlan(execution.planId).data;
  const history = useHistory(execution.executionId);
  const past = usePastRuns(execution.planId, running).data;
  const events = history.data ?? null;
  const pauses = useMemo(() => (events === null ? null : pausesOf(events)), [events]);
  return {
    targets: targetsOf(plan, config),
    pauses,
    events,
    plan,
    forecastAt: (now) => forecast(execution, past ?? [], plan?.maxParallelWaves ?? 1, now),
    error: history.isError && history.data === undefined ? history.error : null,
    retry: () => void history.refetch(),
  };
}
