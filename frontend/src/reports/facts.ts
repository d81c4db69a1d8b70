/** Figures over many runs; what is not known stays null. Pure. */
import type { Schemas } from '../api/client';
import { ENDED_STATUSES, type ExecutionFilter } from '../api/queries';
import type { Drill } from '../dashboard/facts';
import { quantile } from '../execution/forecast';
import { historyFilter, type HistoryParams } from '../execution/history';
import { judge, lossOf, serverRto, wasLaunched, type Loss, type MeasuredServer, type Targets, type Verdict } from '../execution/objectives';
import { serverName } from '../execution/names';
import { csv } from '../lib/csv';
import { isOverdue, successRate } from '../lib/outcome';
import { isoTime } from '../lib/time';
import { knownPauses, type HistoryEvent, type Pause } from '../execution/timeline';

export type Execution = Schemas['Execution'];

/* -- what is asked for ------------------------------------------------------ */

export interface ReportParams {
  from: string;
  to: string;
  plan: string;
  type: string;
}

export const PERIODS = [
  { key: '-7d', amount: 7, unit: 'day' },
  { key: '-30d', amount: 30, unit: 'day' },
  { key: '-90d', amount: 90, unit: 'day' },
  { key: '-180d', amount: 180, unit: 'day' },
  { key: '-365d', amount: 365, unit: 'day' },
] as const;

export const DEFAULT_PERIOD = '-90d';

/** An empty `accountId`: of all accounts. */
export function reportFilter({ from, to, plan, type }: ReportParams, accountId: string, now: number): ExecutionFilter {
  const params: HistoryParams = { q: '', status: '', source: '', by: '', plan, type, from, to };
  const { accountId: account, ...filter } = historyFilter(params, accountId, now);
  return {
    ...filter,
    status: ENDED_STATUSES,
    ...(account === undefined || account === '' ? {} : { accountId: account }),
  };
}

/* -- what servers and history of a run say ---------------------------------- */

/** Launches of a run that took longest. */
const SLOWEST_KEPT = 10;

interface Launch {
  sourceServerId: string;
  name: string;
  seconds: number;
}

export interface Measure {
  /** Null when the history has no beginning. */
  pauses: readonly Pause[] | null;
  loss: Loss;
  slowest: readonly Launch[];
}

export function measureOf(run: Pick<Execution, 'startTime'>, servers: readonly MeasuredServer[], events: readonly HistoryEvent[]): Measure {
  const launches = servers.filter(wasLaunched).flatMap((server): Launch[] => {
    const seconds = serverRto(server, run.startTime);
    return seconds === null ? [] : [{ sourceServerId: server.sourceServerId ?? '', name: serverName(server), seconds }];
  });
  return {
    pauses: knownPauses(events),
    loss: lossOf(servers, run.startTime),
    slowest: launches.sort((a, b) => b.seconds - a.seconds).slice(0, SLOWEST_KEPT),
  };
}

/* -- runs ------------------------------------------------------------------- */

export interface Row {
  run: Execution;
  /** Its servers and its history were read. */
  measured: boolean;
  /** Seconds without pauses; with them where the pauses are not known. Null: the plan was not recovered. */
  rto: number | null;
  withPauses: boolean;
  rtoTarget: number;
  rtoVerdict: Verdict;
  /** Seconds; the worst of the servers that are known. */
  rpo: number | null;
  rpoServer: string | null;
  rpoTarget: number;
  rpoVerdict: Verdict;
  launched: number | null;
  failed: number | null;
}

export function rowOf(run: Execution, measure: Measure | null, targets: Targets): Row {
  const { rto, rpo } = judge(run, measure?.loss ?? null, measure?.pauses ?? null, targets);
  return {
    run,
    measured: measure !== null,
    rto: run.status === 'COMPLETED' ? (rto.net ?? rto.gross) : null,
    withPauses: rto.net === null,
    rtoTarget: rto.target,
    rtoVerdict: rto.verdict,
    rpo: rpo.worst,
    rpoServer: rpo.worstServer === null ? null : serverName(rpo.worstServer),
    rpoTarget: rpo.target,
    rpoVerdict: rpo.verdict,
    launched: run.outcomeDetails?.serversLaunched ?? null,
    failed: run.outcomeDetails?.serversFailed ?? null,
  };
}

export const isCancelled = (row: Row) => row.run.status === 'CANCELLED';

const median = (values: readonly number[]) => (values.length === 0 ? null : quantile(values, 0.5));
const largest = (values: readonly number[]) => (values.length === 0 ? null : values.reduce((a, b) => Math.max(a, b)));
const numbers = (values: readonly (number | null)[]) => values.filter((v) => v !== null);

interface Verdicts {
  met: number;
  missed: number;
  unknown: number;
}

function verdicts(list: readonly Verdict[]): Verdicts {
  const count = (verdict: Verdict) => list.filter((v) => v === verdict).length;
  return { met: count('met'), missed: count('missed'), unknown: count('unknown') };
}

export interface Summary {
  finished: number;
  completed: number;
  cancelled: number;
  measured: number;
  successRate: number | null;
  rto: Verdicts & { median: number | null; longest: number | null };
  rpo: Verdicts & { worst: number | null };
}

export function summary(rows: readonly Row[]): Summary {
  const finished = rows.filter((r) => !isCancelled(r));
  const rtos = numbers(finished.map((r) => r.rto));
  return {
    finished: finished.length,
    completed: finished.filter((r) => r.run.status === 'COMPLETED').length,
    cancelled: rows.length - finished.length,
    measured: finished.filter((r) => r.measured).length,
    successRate: successRate(finished.map((r) => r.run.status)),
    rto: { ...verdicts(finished.map((r) => r.rtoVerdict)), median: median(rtos), longest: largest(rtos) },
    rpo: { ...verdicts(finished.map((r) => r.rpoVerdict)), worst: largest(numbers(finished.map((r) => r.rpo))) },
  };
}

export interface PlanLine extends Summary {
  planId: string;
  planName: string;
  rtoTarget: number;
  rpoTarget: number;
}

/** Plans by name, with the figures of their runs. */
export function byPlan(rows: readonly Row[]): PlanLine[] {
  const plans = new Map<string, Row[]>();
  for (const row of rows) {
    const list = plans.get(row.run.planId);
    if (list === undefined) {
      plans.set(row.run.planId, [row]);
    } else {
      list.push(row);
    }
  }
  return [...plans.values()]
    .flatMap(([newest, ...rest]) =>
      newest === undefined
        ? []
        : [{
            planId: newest.run.planId, planName: newest.run.planName, rtoTarget: newest.rtoTarget, rpoTarget: newest.rpoTarget,
            ...summary([newest, ...rest]),
          }],
    )
    .sort((a, b) => a.planName.localeCompare(b.planName));
}

/* -- what took long --------------------------------------------------------- */

export interface SlowWave {
  planId: string;
  planName: string;
  waveNumber: number;
  name: string;
  runs: number;
  median: number;
  longest: number;
  /** The run in which it took longest. */
  executionId: string;
}

/** Waves of plans by the longest time that one took to complete. */
export function slowestWaves(rows: readonly Row[], count: number): SlowWave[] {
  const waves = new Map<string, SlowWave & { all: number[] }>();
  for (const { run } of rows.filter((r) => !isCancelled(r))) {
    for (const wave of run.waves) {
      if (wave.status !== 'COMPLETED' || wave.skipped === true || wave.startTime === undefined || wave.endTime === undefined) {
        continue;
      }
      const seconds = Math.max(0, wave.endTime - wave.startTime);
      const key = `${run.planId} ${String(wave.waveNumber)}`;
      const known = waves.get(key);
      if (known === undefined) {
        waves.set(key, {
          planId: run.planId, planName: run.planName, waveNumber: wave.waveNumber + 1, name: wave.waveName, runs: 0, median: 0,
          longest: seconds, executionId: run.executionId, all: [seconds],
        });
      } else {
        known.all.push(seconds);
        if (seconds > known.longest) {
          known.longest = seconds;
          known.executionId = run.executionId;
        }
      }
    }
  }
  return [...waves.values()]
    .map(({ all, ...wave }) => ({ ...wave, runs: all.length, median: quantile(all, 0.5) }))
    .sort((a, b) => b.longest - a.longest)
    .slice(0, count);
}

export interface SlowServer extends Launch {
  planName: string;
  executionId: string;
}

/** Servers by the longest time from the start of a run to their launch, each once. */
export function slowestServers(rows: readonly Row[], measures: ReadonlyMap<string, Measure | null>, count: number): SlowServer[] {
  const servers = new Map<string, SlowServer>();
  for (const { run } of rows.filter((r) => !isCancelled(r))) {
    for (const launch of measures.get(run.executionId)?.slowest ?? []) {
      const known = servers.get(launch.sourceServerId);
      if (known === undefined || launch.seconds > known.seconds) {
        servers.set(launch.sourceServerId, { ...launch, planName: run.planName, executionId: run.executionId });
      }
    }
  }
  return [...servers.values()].sort((a, b) => b.seconds - a.seconds).slice(0, count);
}

/* -- drills that are due ---------------------------------------------------- */

const DAY_MS = 86_400_000;

export interface OverduePlan {
  planId: string;
  planName: string;
  /** The newest drill that succeeded; null: none. */
  executionId: string | null;
  at: number | null;
  days: number | null;
}

/** Plans without a drill that succeeded in the last `maxAgeDays`; the longest first. */
export function overduePlans(plans: readonly { planId: string; planName: string }[], drills: readonly Drill[], maxAgeDays: number, now: number): OverduePlan[] {
  return plans
    .map(({ planId, planName }) => ({ planId, planName, drill: drills.find((d) => d.planId === planId) ?? null }))
    .filter(({ drill }) => isOverdue(drill, maxAgeDays, now))
    .map(({ planId, planName, drill }) => {
      const at = drill === null ? null : (drill.endTime ?? drill.startTime);
      return {
        planId, planName, executionId: drill?.executionId ?? null, at,
        days: at === null ? null : Math.floor((now - at * 1000) / DAY_MS),
      };
    })
    .sort((a, b) => (b.days ?? Infinity) - (a.days ?? Infinity) || a.planName.localeCompare(b.planName));
}

/* -- what is drawn ---------------------------------------------------------- */

export interface Point {
  executionId: string;
  planName: string;
  /** Milliseconds. */
  at: number;
  seconds: number;
  target: number;
  verdict: Verdict;
  withPauses: boolean;
}

/** RTO of the runs, oldest first; those that recovered nothing have none. */
export function trend(rows: readonly Row[]): Point[] {
  return rows
    .flatMap(({ run, rto, rtoTarget, rtoVerdict, withPauses }): Point[] =>
      rto === null
        ? []
        : [{ executionId: run.executionId, planName: run.planName, at: run.startTime * 1000, seconds: rto, target: rtoTarget, verdict: rtoVerdict, withPauses }],
    )
    .sort((a, b) => a.at - b.at);
}

export interface Bucket extends Verdicts {
  /** Seconds: from here, below there. */
  from: number;
  to: number;
}

const WIDTHS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 21_600, 43_200];
const CLASSES = 12;

/** How many runs took how long, in classes of one round width. */
export function distribution(points: readonly Point[]): Bucket[] {
  const longest = largest(points.map((p) => p.seconds));
  if (longest === null) {
    return [];
  }
  const step = WIDTHS.find((width) => longest / width < CLASSES) ?? Math.ceil(longest / CLASSES / 86_400) * 86_400;
  return Array.from({ length: Math.floor(longest / step) + 1 }, (_, i) => {
    const from = i * step;
    return { from, to: from + step, ...verdicts(points.filter((p) => p.seconds >= from && p.seconds < from + step).map((p) => p.verdict)) };
  });
}

export interface Interval {
  /** Milliseconds of its first day, UTC. */
  start: number;
  completed: number;
  partial: number;
  failed: number;
}

const WEEK_MS = 7 * DAY_MS;
/** More than these are shown by month. */
const WEEKS = 30;

const monday = (at: number) => {
  const day = Math.floor(at / DAY_MS);
  // day 0 was a Thursday
  return (day - ((day + 3) % 7)) * DAY_MS;
};
const firstOfMonth = (at: number, months = 0) => {
  const date = new Date(at);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1);
};

/** How runs ended, week by week; month by month over long times. Cancelled ones are left out. */
export function success(runs: readonly Pick<Execution, 'status' | 'startTime'>[]): { unit: 'week' | 'month'; intervals: Interval[] } {
  const times = runs.filter((r) => r.status !== 'CANCELLED').map((r) => ({ at: r.startTime * 1000, status: r.status ?? '' }));
  if (times.length === 0) {
    return { unit: 'week', intervals: [] };
  }
  const first = times.reduce((min, r) => Math.min(min, r.at), Infinity);
  const last = times.reduce((max, r) => Math.max(max, r.at), 0);
  const unit = (last - first) / WEEK_MS > WEEKS ? 'month' : 'week';
  const startOf = (at: number) => (unit === 'week' ? monday(at) : firstOfMonth(at));
  const next = (start: number) => (unit === 'week' ? start + WEEK_MS : firstOfMonth(start, 1));
  const intervals: Interval[] = [];
  for (let start = startOf(first); start <= last; start = next(start)) {
    intervals.push({ start, completed: 0, partial: 0, failed: 0 });
  }
  const index = new Map(intervals.map((interval) => [interval.start, interval]));
  for (const { at, status } of times) {
    const interval = index.get(startOf(at));
    if (interval !== undefined) {
      interval[status === 'COMPLETED' ? 'completed' : status === 'PARTIAL' ? 'partial' : 'failed'] += 1;
    }
  }
  return { unit, intervals };
}

/* -- files ------------------------------------------------------------------ */

export interface ReportDocument {
  schema: 'drs-orchestrator/runs-report/1';
  generatedAt: string;
  environment: string | null;
  filter: ExecutionFilter;
  /** All runs of the period were read. */
  complete: boolean;
  drillMaxAgeDays: number;
  summary: Summary;
  plans: PlanLine[];
  runs: ReportRun[];
  slowestWaves: SlowWave[];
  slowestServers: SlowServer[];
  /** Null: could not be read. */
  overdue: OverduePlan[] | null;
}

export interface ReportRun {
  executionId: string;
  planId: string;
  planName: string;
  accountId: string;
  executionType: string;
  status: string;
  startTime: string;
  endTime: string;
  rtoSeconds: number | null;
  rtoWithPauses: boolean;
  rtoTargetSeconds: number;
  rtoVerdict: Verdict;
  rpoSeconds: number | null;
  rpoServer: string | null;
  rpoTargetSeconds: number;
  rpoVerdict: Verdict;
  serversLaunched: number | null;
  serversFailed: number | null;
  measured: boolean;
  initiatedBy: string;
  reason: string | null;
}

export function reportRun(row: Row): ReportRun {
  const { run } = row;
  return {
    executionId: run.executionId, planId: run.planId, planName: run.planName, accountId: run.accountId, executionType: run.executionType,
    status: run.status, startTime: isoTime(run.startTime), endTime: isoTime(run.endTime),
    rtoSeconds: row.rto, rtoWithPauses: row.withPauses, rtoTargetSeconds: row.rtoTarget, rtoVerdict: row.rtoVerdict,
    rpoSeconds: row.rpo, rpoServer: row.rpoServer, rpoTargetSeconds: row.rpoTarget, rpoVerdict: row.rpoVerdict,
    serversLaunched: row.launched, serversFailed: row.failed, measured: row.measured, initiatedBy: run.initiatedBy, reason: run.reason ?? null,
  };
}

export type ReportSheet = 'runs' | 'plans' | 'waves' | 'servers' | 'overdue';

function sheet(rows: readonly object[], columns: readonly string[]): string {
  return csv(columns, rows.map((row) => columns.map((c) => (row as Record<string, unknown>)[c])));
}

export function reportCsv(document: ReportDocument, name: ReportSheet): string {
  switch (name) {
    case 'runs':
      return sheet(document.runs, [
        'executionId', 'planName', 'planId', 'accountId', 'executionType', 'status', 'startTime', 'endTime', 'rtoSeconds', 'rtoWithPauses',
        'rtoTargetSeconds', 'rtoVerdict', 'rpoSeconds', 'rpoServer', 'rpoTargetSeconds', 'rpoVerdict', 'serversLaunched', 'serversFailed',
        'measured', 'initiatedBy', 'reason',
      ]);
    case 'plans':
      return sheet(
        document.plans.map((p) => ({
          ...p, rtoMedian: p.rto.median, rtoLongest: p.rto.longest, rtoMet: p.rto.met, rtoMissed: p.rto.missed, rtoUnknown: p.rto.unknown,
          rpoWorst: p.rpo.worst, rpoMet: p.rpo.met, rpoMissed: p.rpo.missed, rpoUnknown: p.rpo.unknown,
        })),
        [
          'planName', 'planId', 'finished', 'completed', 'cancelled', 'measured', 'successRate', 'rtoTarget', 'rtoMedian', 'rtoLongest', 'rtoMet',
          'rtoMissed', 'rtoUnknown', 'rpoTarget', 'rpoWorst', 'rpoMet', 'rpoMissed', 'rpoUnknown',
        ],
      );
    case 'waves':
      return sheet(document.slowestWaves, ['planName', 'planId', 'waveNumber', 'name', 'runs', 'median', 'longest', 'executionId']);
    case 'servers':
      return sheet(document.slowestServers, ['sourceServerId', 'name', 'seconds', 'planName', 'executionId']);
    case 'overdue':
      return sheet((document.overdue ?? []).map((p) => ({ ...p, lastDrill: isoTime(p.at) })), ['planName', 'planId', 'lastDrill', 'days', 'executionId']);
  }
}
