/** The servers of a run as cells, by what they do; pure. */
import type { Schemas } from '../api/client';
import { serverName } from './names';
import { barKind, phaseOf, type SegmentKind } from './timeline';

export type Row = Pick<Schemas['ServerExecution'], 'sourceServerId' | 'launchStatus'> &
  Partial<Pick<Schemas['ServerExecution'], 'phase' | 'phaseSince' | 'serverName' | 'nameTag' | 'hostname' | 'error'>>;

/** In the order in which a server goes through them. */
export const KINDS = ['waiting', 'queue', 'cleanup', 'snapshot', 'conversion', 'launch', 'done', 'failed', 'cancelled'] as const satisfies readonly SegmentKind[];
export type CellKind = (typeof KINDS)[number];

export interface Cell {
  id: string;
  name: string;
  kind: CellKind;
}

export function cellKind({ launchStatus, phase }: Pick<Row, 'launchStatus' | 'phase'>): CellKind {
  const kind = barKind(launchStatus);
  switch (kind) {
    case 'running':
      return phaseOf(phase);
    case 'partial':
      // a server is launched or it is not
      return 'failed';
    default:
      return kind;
  }
}

export const cellsOf = (servers: readonly Row[]): Cell[] => servers.map((s) => ({ id: s.sourceServerId, name: serverName(s), kind: cellKind(s) }));

/** How many do what; only what some do, in the order of KINDS. */
export function countsOf(cells: readonly Cell[]): { kind: CellKind; count: number }[] {
  return KINDS.map((kind) => ({ kind, count: cells.filter((c) => c.kind === kind).length })).filter((c) => c.count > 0);
}

/** Where a cell is drawn. */
export interface Spot {
  top: number;
  left: number;
}

/** The cell above or below: in the next line with cells, the nearest one; the same where there is none. */
export function vertical(spots: readonly Spot[], from: number, step: 1 | -1): number {
  const here = spots[from];
  if (here === undefined) {
    return from;
  }
  let line: number | null = null;
  let best = from;
  let nearest = Infinity;
  for (let i = from + step; i >= 0 && i < spots.length; i += step) {
    const spot = spots[i];
    if (spot === undefined || spot.top === here.top) {
      continue;
    }
    line ??= spot.top;
    if (spot.top !== line) {
      break;
    }
    const away = Math.abs(spot.left - here.left);
    if (away < nearest) {
      nearest = away;
      best = i;
    }
  }
  return best;
}
