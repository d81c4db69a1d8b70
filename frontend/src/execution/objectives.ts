/** RTO and RPO of a run against their targets; what is not known stays unknown. Pure. */
import type { Schemas } from '../api/client';
import { isTerminal } from '../lib/status';
import { isoDuration } from '../lib/time';
import { ms, pausedWithin, type Pause } from './timeline';

export interface Targets {
  rtoSeconds: number;
  rpoSeconds: number;
  /** Whether the plan has a target of its own. */
  ownRto: boolean;
  ownRpo: boolean;
}

/** Minutes of a target as it is stored, a number of them or a duration such as PT4H; null for none. */
export function targetMinutes(value: unknown): number | null {
  const seconds = isoDuration(value);
  const number = seconds !== null ? seconds / 60 : typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number > 0 ? number : null;
}

/** Targets of the plan, in minutes there, else those of the console. */
export function targetsOf(
  plan: { rto?: unknown; rpo?: unknown } | undefined,
  config: { rtoTargetMinutes: number; rpoTargetMinutes: number },
): Targets {
  const rto = targetMinutes(plan?.rto);
  const rpo = targetMinutes(plan?.rpo);
  return {
    rtoSeconds: (rto ?? config.rtoTargetMinutes) * 60,
    rpoSeconds: (rpo ?? config.rpoTargetMinutes) * 60,
    ownRto: rto !== null,
    ownRpo: rpo !== null,
  };
}

/** `excluded`: a cancelled run says nothing about the target. */
export type Verdict = 'met' | 'missed' | 'unknown' | 'excluded' | 'running';

export type MeasuredServer = Partial<
  Pick<
    Schemas['ServerExecution'],
    'sourceServerId' | 'serverName' | 'nameTag' | 'hostname' | 'launchStatus' | 'launchedAt' | 'lagAtStart' | 'recoveryPoint' | 'waveNumber' | 'instanceId'
  >
>;

export interface MeasuredRun {
  status?: string;
  startTime?: number;
  endTime?: number;
}

export interface Objectives {
  rto: {
    verdict: Verdict;
    /** Seconds from start to end; null while it is not over. */
    gross: number | null;
    /** Null when the history of the run is not known. */
    paused: number | null;
    net: number | null;
    target: number;
    /** Seconds left of the target; negative when it was missed. */
    margin: number | null;
  };
  rpo: {
    verdict: Verdict;
    /** Seconds; the worst of the servers that are known. */
    worst: number | null;
    worstServer: MeasuredServer | null;
    /** Launched servers whose recovery point and lag are both unknown. */
    unknown: number;
    target: number;
    margin: number | null;
  };
}

/** Whether an instance was made for the server, also one that is gone again. */
export function wasLaunched(server: MeasuredServer): boolean {
  return server.launchStatus === 'LAUNCHED' || server.launchStatus === 'TERMINATED';
}

/** Seconds of data that the server lost, had the disaster been at the start. */
export function serverRpo(server: MeasuredServer, startTime: unknown): number | null {
  const start = ms(startTime);
  const point = ms(server.recoveryPoint?.time);
  return start !== null && point !== null ? Math.max(0, (start - point) / 1000) : isoDuration(server.lagAtStart);
}

/** Seconds from the start of the run until the server was launched. */
export function serverRto(server: MeasuredServer, startTime: unknown): number | null {
  const start = ms(startTime);
  const end = ms(server.launchedAt);
  return start === null || end === null ? null : Math.max(0, (end - start) / 1000);
}

function rtoVerdict(run: MeasuredRun, net: number | null, target: number): Verdict {
  switch (run.status) {
    case 'COMPLETED':
      return net === null ? 'unknown' : net <= target ? 'met' : 'missed';
    case 'CANCELLED':
    case 'ROLLED_BACK':
      return 'excluded';
    default:
      // what was to be recovered is not there
      return isTerminal(run.status) ? 'missed' : 'running';
  }
}

/** What the launched servers of a run lost. */
export interface Loss {
  /** Seconds; null when nothing is known of any of them. */
  worst: number | null;
  worstServer: MeasuredServer | null;
  /** Launched servers whose recovery point and lag are both unknown. */
  unknown: number;
}

export function lossOf(servers: readonly MeasuredServer[], startTime: unknown): Loss {
  const loss: Loss = { worst: null, worstServer: null, unknown: 0 };
  for (const server of servers.filter(wasLaunched)) {
    const rpo = serverRpo(server, startTime);
    if (rpo === null) {
      loss.unknown += 1;
    } else if (loss.worst === null || rpo > loss.worst) {
      loss.worst = rpo;
      loss.worstServer = server;
    }
  }
  return loss;
}

/** `pauses`, `servers`: null while they are not known. */
export function objectives(
  run: MeasuredRun,
  servers: readonly MeasuredServer[] | null,
  pauses: readonly Pause[] | null,
  targets: Targets,
): Objectives {
  return judge(run, servers === null ? null : lossOf(servers, run.startTime), pauses, targets);
}

/** The same of servers that were looked at before. */
export function judge(run: MeasuredRun, loss: Loss | null, pauses: readonly Pause[] | null, targets: Targets): Objectives {
  const start = ms(run.startTime);
  const end = isTerminal(run.status) ? ms(run.endTime) : null;
  const gross = start === null || end === null ? null : (end - start) / 1000;
  const paused = pauses === null || start === null || end === null ? null : pausedWithin(pauses, { start, end }) / 1000;
  const net = gross === null || paused === null ? null : gross - paused;
  // pauses only make it shorter
  const rto = rtoVerdict(run, net ?? (gross !== null && gross <= targets.rtoSeconds ? gross : null), targets.rtoSeconds);
  const worst = loss?.worst ?? null;
  const unknown = loss?.unknown ?? 0;
  let rpo: Verdict;
  if (rto === 'running' || rto === 'excluded') {
    rpo = rto;
  } else if (worst !== null && worst > targets.rpoSeconds) {
    rpo = 'missed';
  } else {
    rpo = worst === null || unknown > 0 ? 'unknown' : 'met';
  }
  return {
    rto: {
      verdict: rto, gross, paused, net, target: targets.rtoSeconds,
      margin: net === null ? null : targets.rtoSeconds - net,
    },
    rpo: {
      verdict: rpo, worst, worstServer: loss?.worstServer ?? null, unknown, target: targets.rpoSeconds,
      margin: worst === null ? null : targets.rpoSeconds - worst,
    },
  };
}

/** Without the history: pauses are in it, so over the target may still be met. */
export function grossVerdict(run: MeasuredRun & { durationSeconds?: number }, target: number): Verdict {
  const start = ms(run.startTime);
  const end = ms(run.endTime);
  const gross = start === null || end === null ? null : (end - start) / 1000;
  const verdict = rtoVerdict(run, gross, target);
  return verdict === 'missed' && run.status === 'COMPLETED' ? 'unknown' : verdict;
}
