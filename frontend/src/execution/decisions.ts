/** Which decisions a run offers (api.md 10.3, X-5 to X-7); pure. */
import { isTerminal } from '../lib/status';

interface Run {
  status?: string;
  pauseReason?: string;
}

interface WaveLike {
  status?: string;
  failedServers?: number;
  startTime?: number;
}

/** Failed servers of a wave that is over, while its run is not. */
export function canRetry(run: Run, wave: WaveLike): boolean {
  return !isTerminal(run.status) && (wave.status === 'PARTIAL' || wave.status === 'FAILED') && (wave.failedServers ?? 0) > 0;
}

/** A wave that has not begun, or the failed one that the run waits for. */
export function canSkip(run: Run, wave: WaveLike): boolean {
  if (isTerminal(run.status)) {
    return false;
  }
  const failed = wave.status === 'FAILED' || wave.status === 'PARTIAL';
  return wave.status === 'PENDING' || (failed && run.status === 'PAUSED' && run.pauseReason === 'WAVE_FAILED');
}

export interface Candidate {
  jobId: string;
  status: string;
  /** ISO 8601; null when it is not known. */
  time: string | null;
  serverIds: string[];
}

interface LastLaunch {
  jobId: string | null;
  time: string | null;
}

export interface HeldEvidence {
  /** Epoch seconds. */
  since: number | null;
  candidates: Candidate[];
  /** What DRS said of the last launch of each server; null: it was not asked, or did not answer. */
  servers: { sourceServerId: string; last: LastLaunch | null }[];
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : null);

function objectsOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((item): item is Record<string, unknown> => typeof item === 'object' && item !== null) : [];
}

/** What is known of a held launch and its servers; whatever is malformed is left out. */
export function heldEvidence({ held = {} }: { held?: Record<string, unknown> }, serverIds: readonly string[] = []): HeldEvidence {
  const last = new Map(
    objectsOf(held.servers).flatMap((s): [string, LastLaunch][] => {
      const id = textOf(s.sourceServerId);
      return id === null ? [] : [[id, { jobId: textOf(s.lastLaunchJobId), time: textOf(s.lastLaunchTime) }]];
    }),
  );
  return {
    since: typeof held.since === 'number' ? held.since : null,
    candidates: objectsOf(held.candidates).flatMap((c) => {
      const jobId = textOf(c.jobId);
      return jobId === null
        ? []
        : [{
            jobId, status: textOf(c.status) ?? '?', time: textOf(c.creationDateTime),
            serverIds: Array.isArray(c.serverIds) ? c.serverIds.filter((id): id is string => typeof id === 'string') : [],
          }];
    }),
    servers: [...new Set([...serverIds, ...last.keys()])].map((sourceServerId) => ({ sourceServerId, last: last.get(sourceServerId) ?? null })),
  };
}
