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

/** `pauses`, `servers`: null while they are not known. */
export function objectives(
  run: MeasuredRun,
  servers: readonly MeasuredServer[] | null,
  pauses: readonly Pause[] | null,
  targets: Targets,
): Objectives {
  const start = ms(run.startTime);
  const end = isTerminal(run.status) ? ms(run.endTime) : null;
  const gross = start === null || end === null ? null : (end - start) / 1000;
  const paused = pauses === null || start === null || end === null ? null : pausedWithin(pauses, { start, end }) / 1000;
  const net = gross === null || paused === null ? null : gross - paused;
  const rto = rtoVerdict(run, net, targets.rtoSeconds);

  const launched = (servers ?? []).filter(wasLaunched);
  const measured = launched.map((server) => ({ server, rpo: serverRpo(server, run.startTime) }));
  const known = measured.filter((m): m is { server: MeasuredServer; rpo: number } => m.rpo !== null);
  const worst = known.reduce<{ server: MeasuredServer; rpo: number } | null>((w, m) => (w === null || m.rpo > w.rpo ? m : w), null);
  const unknown = measured.length - known.length;
  let rpo: Verdict;
  if (rto === 'running' || rto === 'excluded') {
    rpo = rto;
  } else if (worst !== null && worst.rpo > targets.rpoSeconds) {
    rpo = 'missed';
  } else {
    rpo = servers === null || worst === null || unknown > 0 ? 'unknown' : 'met';
  }
  return {
    rto: {
      verdict: rto, gross, paused, net, target: targets.rtoSeconds,
      margin: net === null ? null : targets.rtoSeconds - net,
    },
    rpo: {
      verdict: rpo, worst: worst?.rpo ?? null, worstServer: worst?.server ?? null, unknown, target: targets.rpoSeconds,
      margin: worst === null ? null : targets.rpoSeconds - worst.rpo,
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
