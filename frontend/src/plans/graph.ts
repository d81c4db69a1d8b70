/** Waves as a graph: edges, places of the nodes, and what an edge may be; pure. */
import { layers } from './state';

export interface GraphWave {
  waveNumber: number;
  dependsOnWaves?: readonly number[];
}

export interface GraphEdge {
  from: number;
  to: number;
  /** Nobody declared it: without any dependency the plan is a chain. */
  implied: boolean;
}

export function edgesOf(waves: readonly GraphWave[]): GraphEdge[] {
  const declared = waves.flatMap((w) => (w.dependsOnWaves ?? []).map((from) => ({ from, to: w.waveNumber, implied: false })));
  if (declared.length > 0) {
    return declared;
  }
  const order = waves.map((w) => w.waveNumber).sort((a, b) => a - b);
  return order.slice(1).map((to, i) => ({ from: order[i] ?? 0, to, implied: true }));
}

export interface Place {
  column: number;
  /** In rows; halves where a column has fewer waves than the highest. */
  row: number;
}

/**
 * Columns are the order in which waves can begin. Inside of a column waves
 * stand where what they need stands, so that edges cross little.
 */
export function layout(waves: readonly GraphWave[]): Map<number, Place> {
  const columns = layers(waves).map((column) => [...column]);
  const before = new Map<number, number[]>();
  for (const { from, to } of edgesOf(waves)) {
    before.set(to, [...(before.get(to) ?? []), from]);
  }
  const rowOf = new Map<number, number>();
  for (const column of columns) {
    const mean = (wave: number) => {
      const rows = (before.get(wave) ?? []).flatMap((from) => rowOf.get(from) ?? []);
      return rows.length === 0 ? Number.MAX_SAFE_INTEGER : rows.reduce((sum, row) => sum + row, 0) / rows.length;
    };
    column.sort((a, b) => mean(a) - mean(b) || a - b);
    column.forEach((wave, row) => rowOf.set(wave, row - (column.length - 1) / 2));
  }
  const highest = Math.max(0, ...columns.map((c) => c.length));
  return new Map(
    columns.flatMap((column, at) =>
      column.map((wave) => [wave, { column: at, row: (rowOf.get(wave) ?? 0) + (highest - 1) / 2 }] as const),
    ),
  );
}

export type EdgeRefusal = 'self' | 'there' | 'cycle' | 'later';

/** Why `to` cannot need `from`, or null when it can. */
export function refusal(waves: readonly GraphWave[], from: number, to: number): EdgeRefusal | null {
  if (from === to) {
    return 'self';
  }
  const needs = new Map(waves.map((w) => [w.waveNumber, w.dependsOnWaves ?? []]));
  if (needs.get(to)?.includes(from) === true) {
    return 'there';
  }
  const seen = new Set<number>();
  const open = [from];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (at === to) {
      return 'cycle';
    }
    if (!seen.has(at)) {
      seen.add(at);
      open.push(...(needs.get(at) ?? []));
    }
  }
  return from > to ? 'later' : null;
}

/** Whether an edge lies on the path that takes longest. */
export function onPath(critical: readonly number[], from: number, to: number): boolean {
  const at = critical.indexOf(from);
  return at >= 0 && critical[at + 1] === to;
}
