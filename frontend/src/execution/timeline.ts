/** Bars of the timeline, out of the waves of a run; pure. */
import type { Schemas } from '../api/client';
import { isTerminal } from '../lib/status';
import { toDate } from '../lib/time';

export type BarKind = 'waiting' | 'running' | 'done' | 'partial' | 'failed' | 'cancelled';

export interface Bar {
  waveNumber: number;
  label: string;
  kind: BarKind;
  /** Epoch milliseconds; null for a wave that has not begun. */
  start: number | null;
  end: number | null;
}

export interface Timeline {
  start: number;
  end: number;
  bars: Bar[];
}

export function barKind(status: string | undefined): BarKind {
  switch (status) {
    case 'COMPLETED':
      return 'done';
    case 'PARTIAL':
      return 'partial';
    case 'FAILED':
    case 'TIMEOUT':
      return 'failed';
    case 'CANCELLED':
      return 'cancelled';
    case 'INITIATED':
    case 'IN_PROGRESS':
      return 'running';
    default:
      return 'waiting';
  }
}

const ms = (value: unknown) => toDate(value)?.getTime() ?? null;

export type TimedWave = Pick<Schemas['ExecWave'], 'waveNumber' | 'waveName' | 'status' | 'startTime' | 'endTime'>;
export type TimedRun = Partial<Pick<Schemas['Execution'], 'status' | 'startTime' | 'endTime'>> & {
  waves?: readonly TimedWave[];
};

/** Times from the first start to the last end, or to now while it runs. */
export function timeline(execution: TimedRun, now: number): Timeline {
  const over = isTerminal(execution.status);
  // what has no end goes on to now, or to where the run ended
  const open = over ? (ms(execution.endTime) ?? now) : now;
  const bars = (execution.waves ?? []).map((wave): Bar => {
    const kind = barKind(wave.status);
    const start = ms(wave.startTime);
    return {
      waveNumber: wave.waveNumber,
      label: wave.waveName,
      kind,
      start,
      end: start === null ? null : (ms(wave.endTime) ?? (kind === 'running' ? open : start)),
    };
  });
  const starts = bars.flatMap((b) => (b.start === null ? [] : [b.start]));
  const ends = bars.flatMap((b) => (b.end === null ? [] : [b.end]));
  const start = ms(execution.startTime) ?? Math.min(...starts, now);
  const end = over ? Math.max(ms(execution.endTime) ?? 0, ...ends, start) : Math.max(now, ...ends);
  // a span of nothing would put every bar at infinity
  return { start, end: Math.max(end, start + 1000), bars };
}

/** Position in the timeline in percent, inside of it. */
export function percent(line: Timeline, time: number): number {
  return Math.min(100, Math.max(0, ((time - line.start) / (line.end - line.start)) * 100));
}

/** Round times for the axis, at most `count` of them. */
export function ticks(line: Timeline, count = 6): number[] {
  const span = line.end - line.start;
  const steps = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 21600, 43200, 86400, 604800].map((s) => s * 1000);
  const step = steps.find((s) => span / s <= count) ?? Math.ceil(span / count / 86400000) * 86400000;
  const out: number[] = [];
  for (let at = Math.ceil(line.start / step) * step; at <= line.end; at += step) {
    out.push(at);
  }
  return out;
}
