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
  time: string;
  servers: number;
}

/** Jobs that may be the held launch; whatever is malformed is left out. */
export function candidatesOf(unit: { held?: Record<string, unknown> }): Candidate[] {
  const list = unit.held?.candidates;
  return (Array.isArray(list) ? (list as unknown[]) : []).flatMap((item) => {
    if (typeof item !== 'object' || item === null || !('jobId' in item) || typeof item.jobId !== 'string') {
      return [];
    }
    const more = item as { status?: unknown; creationDateTime?: unknown; serverIds?: unknown };
    return [
      {
        jobId: item.jobId,
        status: typeof more.status === 'string' ? more.status : '?',
        time: typeof more.creationDateTime === 'string' ? more.creationDateTime : '?',
        servers: Array.isArray(more.serverIds) ? more.serverIds.length : 0,
      },
    ];
  });
}
