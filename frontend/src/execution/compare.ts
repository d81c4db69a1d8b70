/** Two runs beside each other; pure. */
import type { Schemas } from '../api/client';
import { serverName } from './names';
import { serverRto } from './objectives';
import { ms, type Timeline, type TimedRun } from './timeline';

/** A timeline moved so that it begins at `start`. */
export function shifted(line: Timeline, start: number): Timeline {
  const by = start - line.start;
  const move = (at: number | null) => (at === null ? null : at + by);
  return { start, end: line.end + by, bars: line.bars.map((bar) => ({ ...bar, start: move(bar.start), end: move(bar.end) })) };
}

export interface Pair {
  key: string;
  name: string;
  /** Null: not in this run. */
  left: Side | null;
  right: Side | null;
  /** Seconds that the right one took longer; null when one of the times is not known. */
  difference: number | null;
}

export interface Side {
  name: string;
  status: string;
  seconds: number | null;
}

function pair(key: string, left: Side | undefined, right: Side | undefined): Pair {
  const [a, b] = [left?.seconds ?? null, right?.seconds ?? null];
  return { key, name: left?.name ?? right?.name ?? key, left: left ?? null, right: right ?? null, difference: a === null || b === null ? null : b - a };
}

function join(left: ReadonlyMap<string, Side>, right: ReadonlyMap<string, Side>): Pair[] {
  return [...new Set([...left.keys(), ...right.keys()])].map((key) => pair(key, left.get(key), right.get(key)));
}

type Waves = NonNullable<TimedRun['waves']>;

function wavesOf(waves: Waves): Map<string, Side> {
  return new Map(waves.map((w) => {
    const [start, end] = [ms(w.startTime), ms(w.endTime)];
    return [String(w.waveNumber), { name: w.waveName, status: w.status, seconds: start === null || end === null ? null : (end - start) / 1000 }];
  }));
}

/** Waves by their number. */
export function compareWaves(left: Waves, right: Waves): Pair[] {
  return join(wavesOf(left), wavesOf(right)).sort((a, b) => Number(a.key) - Number(b.key));
}

type Server = Schemas['ServerExecution'];

/** Servers by their id: how long after the start of the run each was launched. */
export function compareServers(left: readonly Server[], leftStart: unknown, right: readonly Server[], rightStart: unknown): Pair[] {
  const of = (servers: readonly Server[], start: unknown) =>
    new Map(servers.map((s): [string, Side] => [s.sourceServerId, { name: serverName(s), status: s.launchStatus, seconds: serverRto(s, start) }]));
  return join(of(left, leftStart), of(right, rightStart));
}
