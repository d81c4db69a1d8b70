import { useEffect, useState } from 'react';
import { formatAgo, formatSeconds, formatTime, toDate } from '../lib/time';

interface Clock {
  stop: () => void;
  ticks: Set<(now: number) => void>;
}

/** One for all that tick alike: a table of times is drawn once, not once for each. */
const clocks = new Map<number, Clock>();

function start(ms: number): Clock {
  const ticks: Clock['ticks'] = new Set();
  // nobody sees the clocks of a hidden tab
  const tick = () => {
    if (!document.hidden) {
      const now = Date.now();
      for (const set of ticks) {
        set(now);
      }
    }
  };
  const timer = setInterval(tick, ms);
  document.addEventListener('visibilitychange', tick);
  const clock = {
    ticks,
    stop: () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', tick);
      clocks.delete(ms);
    },
  };
  clocks.set(ms, clock);
  return clock;
}

/** Now, again every `ms`; null stops it. */
export function useNow(ms: number | null): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (ms === null) {
      return;
    }
    const clock = clocks.get(ms) ?? start(ms);
    clock.ticks.add(setNow);
    return () => {
      clock.ticks.delete(setNow);
      if (clock.ticks.size === 0) {
        clock.stop();
      }
    };
  }, [ms]);
  return now;
}

/** The moment without doubt about zones, for whoever points at it. */
function title(value: unknown): string | undefined {
  const date = toDate(value);
  return date === null ? undefined : `${date.toISOString()} (${String(Math.floor(date.getTime() / 1000))})`;
}

export function Time({ value }: { value: unknown }) {
  const date = toDate(value);
  // a line does not begin with the zone
  return date === null ? <>–</> : <time dateTime={date.toISOString()} title={title(value)}>{formatTime(value).replace(/ (?=\S+$)/, '\u00a0')}</time>;
}

const AGO_MS = 10_000;

export function Ago({ value }: { value: unknown }) {
  const now = useNow(AGO_MS);
  const date = toDate(value);
  if (date === null) {
    return <>–</>;
  }
  // what has just happened is newer than the clock's last tick, not in the future
  const ahead = date.getTime() - now;
  return <time dateTime={date.toISOString()} title={title(value)}>{formatAgo(value, ahead > 0 && ahead < AGO_MS ? date.getTime() : now)}</time>;
}

/** Time between two moments; ticks while there is no end. */
export function Elapsed({ from, to }: { from: unknown; to?: unknown }) {
  const start = toDate(from);
  const end = toDate(to);
  const now = useNow(start !== null && end === null ? 1000 : null);
  return <>{start === null ? '–' : formatSeconds(((end?.getTime() ?? now) - start.getTime()) / 1000)}</>;
}
