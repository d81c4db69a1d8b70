/**
 * The least time a plan takes, by the rules of the server's precheck
 * (docs/precheck.md), for a plan that is not saved yet; pure, in seconds.
 */

/** A job nobody has timed yet. */
export const JOB_SECONDS = 900;
const SERVERS_PER_JOB = 100;
/** Of the 20 that DRS allows one is kept free. */
export const JOBS_AT_ONCE = 19;
export const SERVERS_AT_ONCE = 500;

export function jobsOf(servers: number, serverDelay: number): number {
  return serverDelay > 0 ? servers : Math.ceil(servers / SERVERS_PER_JOB);
}

/** One wave by itself; `places` has the servers of each account and Region. */
export function waveSeconds(places: readonly number[], serverDelay: number): number {
  return Math.max(
    0,
    ...places.filter((servers) => servers > 0).map((servers) => {
      const jobs = jobsOf(servers, serverDelay);
      const rounds = Math.max(Math.ceil(jobs / JOBS_AT_ONCE), Math.ceil(servers / SERVERS_AT_ONCE));
      return rounds * JOB_SECONDS + (jobs - 1) * serverDelay;
    }),
  );
}

export interface TimedWave {
  needs: readonly number[];
  seconds: number;
}

export interface Forecast {
  seconds: number;
  /** Numbers of the waves that each waited for the one before. */
  critical: number[];
}

interface Running {
  start: number;
  end: number;
  /** The wave whose end it waited for. */
  after: number | null;
}

/** Waves by number: each begins when what it needs is over and a turn is free, lowest number first. */
export function forecast(waves: readonly TimedWave[], maxParallel: number, waveDelay: number): Forecast {
  const chain = waves.every((w) => w.needs.length === 0);
  const runs: (Running | null)[] = waves.map(() => null);
  const over = (number: number, now: number) => {
    const run = runs[number];
    return run === undefined || (run !== null && run.end <= now);
  };
  for (let now = 0; ; ) {
    let last: number | null = null;
    runs.forEach((run, i) => {
      if (run !== null && run.end <= now && run.end > (last === null ? -1 : (runs[last]?.end ?? -1))) {
        last = i;
      }
    });
    let active = runs.filter((run) => run !== null && run.end > now).length;
    let again = false;
    for (const [i, wave] of waves.entries()) {
      const needs = chain ? waves.slice(0, i).map((_, n) => n) : wave.needs;
      if (active >= Math.max(1, maxParallel) || runs[i] !== null || !needs.every((n) => over(n, now))) {
        continue;
      }
      const start = now + (last === null ? 0 : waveDelay);
      runs[i] = { start, end: start + wave.seconds, after: last };
      if (start + wave.seconds <= now) {
        again = true;
        break;
      }
      active++;
    }
    if (again) {
      continue;
    }
    const ends = runs.flatMap((run) => (run !== null && run.end > now ? [run.end] : []));
    if (ends.length === 0) {
      break;
    }
    now = Math.min(...ends);
  }
  let at: number | null = null;
  runs.forEach((run, i) => {
    if (run !== null && (at === null || run.end > (runs[at]?.end ?? 0))) {
      at = i;
    }
  });
  const seconds = at === null ? 0 : (runs[at]?.end ?? 0);
  const critical: number[] = [];
  for (; at !== null; at = runs[at]?.after ?? null) {
    critical.unshift(at);
  }
  return { seconds, critical };
}
