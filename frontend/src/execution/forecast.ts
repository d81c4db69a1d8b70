/** When a run will be over, from what its plan took before; pure. */
import { isTerminal } from '../lib/status';
import { ms } from './timeline';

/** Without an earlier run: what a round of launch jobs usually takes. */
const TYPICAL_MS = 600_000;
/** Servers that DRS takes in jobs at once. */
const ROUND = 500;

export interface ForecastWave {
  waveNumber: number;
  status: string;
  startTime?: number;
  endTime?: number;
  skipped?: boolean;
  dependsOnWaves?: readonly number[];
  pauseBeforeWave?: boolean;
  serverCount?: number;
  totalServers?: number;
}

export interface ForecastRun {
  executionId?: string;
  status?: string;
  waves: readonly ForecastWave[];
}

export interface Forecast {
  /** Epoch milliseconds; a pause that goes on is not in it. */
  end: number;
  /** With quarter and three quarters of the durations instead of the median. */
  early: number;
  late: number;
  waves: Map<number, { start: number; end: number }>;
  /** Earlier runs that the durations are from. */
  runs: number;
  /** Waves without an earlier run, for which a typical time was taken. */
  guessed: number;
  /** Pauses of the plan that are still to come. */
  pauses: number;
}

/** The value below which the part `q` of the sorted values lies. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const low = sorted[Math.floor(at)] ?? NaN;
  const high = sorted[Math.ceil(at)] ?? NaN;
  return low + (high - low) * (at - Math.floor(at));
}

/** Durations of completed waves of completed runs, by number of the wave. */
export function durations(history: readonly ForecastRun[], except?: string): Map<number, number[]> {
  const out = new Map<number, number[]>();
  for (const run of history) {
    if (run.status !== 'COMPLETED' || run.executionId === except) {
      continue;
    }
    for (const wave of run.waves) {
      const start = ms(wave.startTime);
      const end = ms(wave.endTime);
      if (wave.status === 'COMPLETED' && wave.skipped !== true && start !== null && end !== null && end >= start) {
        out.set(wave.waveNumber, [...(out.get(wave.waveNumber) ?? []), end - start]);
      }
    }
  }
  return out;
}

const OVER = new Set(['COMPLETED', 'PARTIAL', 'FAILED', 'TIMEOUT', 'CANCELLED']);

function typical(wave: ForecastWave): number {
  return TYPICAL_MS * Math.max(1, Math.ceil((wave.totalServers ?? wave.serverCount ?? 1) / ROUND));
}

/** Ends of all waves when each takes `take(wave)`, at most `parallel` at once. */
function lay(waves: readonly ForecastWave[], parallel: number, now: number, take: (wave: ForecastWave) => number) {
  const out = new Map<number, { start: number; end: number }>();
  const chain = waves.every((w) => (w.dependsOnWaves ?? []).length === 0);
  const inFlight: number[] = [];
  let before: number | null = null;
  for (const wave of [...waves].sort((a, b) => a.waveNumber - b.waveNumber)) {
    const needs: readonly number[] = chain ? (before === null ? [] : [before]) : (wave.dependsOnWaves ?? []);
    before = wave.waveNumber;
    const started = ms(wave.startTime);
    if (OVER.has(wave.status)) {
      out.set(wave.waveNumber, { start: started ?? now, end: ms(wave.endTime) ?? now });
      continue;
    }
    const ready = Math.max(now, ...needs.map((n) => out.get(n)?.end ?? now));
    const running = [...inFlight].sort((a, b) => a - b);
    const free = running.length < parallel ? now : (running[running.length - parallel] ?? now);
    const start = started ?? Math.max(ready, free);
    const end = Math.max(now, start + take(wave));
    inFlight.push(end);
    out.set(wave.waveNumber, { start, end });
  }
  return out;
}

/** Null when the run is over or has no waves. */
export function forecast(run: ForecastRun, history: readonly ForecastRun[], parallel: number, now: number): Forecast | null {
  if (isTerminal(run.status) || run.waves.length === 0) {
    return null;
  }
  const known = durations(history, run.executionId);
  const open = run.waves.filter((w) => !OVER.has(w.status));
  const layout = (q: number) =>
    lay(run.waves, Math.max(1, parallel), now, (wave) => {
      const values = known.get(wave.waveNumber);
      return values === undefined ? typical(wave) : quantile(values, q);
    });
  const last = (waves: Map<number, { end: number }>) => Math.max(now, ...[...waves.values()].map((w) => w.end));
  const waves = layout(0.5);
  return {
    end: last(waves),
    early: last(layout(0.25)),
    late: last(layout(0.75)),
    waves,
    runs: Math.max(0, ...open.map((w) => known.get(w.waveNumber)?.length ?? 0)),
    guessed: open.filter((w) => !known.has(w.waveNumber)).length,
    pauses: open.filter((w) => w.pauseBeforeWave === true && w.startTime === undefined).length,
  };
}
