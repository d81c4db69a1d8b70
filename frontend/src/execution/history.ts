/** Filters of the list of ended runs and their form in the address; pure. */
import { ENDED_STATUSES, type ExecutionFilter } from '../api/queries';
import { isoBefore, toDate } from '../lib/time';

export interface HistoryParams {
  q: string;
  status: string;
  type: string;
  source: string;
  by: string;
  /** Id of the plan. */
  plan: string;
  /** `-6h`, `-3d`, or a time. */
  from: string;
  to: string;
}

/** What of the address makes a filter. */
export const HISTORY_PARAMS = ['q', 'status', 'type', 'source', 'by', 'plan', 'from', 'to'] as const satisfies readonly (keyof HistoryParams)[];

export const SOURCES = ['UI', 'CLI', 'API', 'EVENTBRIDGE', 'SSM', 'STEPFUNCTIONS'] as const;

export const PERIODS = [
  { key: '-1h', amount: 1, unit: 'hour' },
  { key: '-6h', amount: 6, unit: 'hour' },
  { key: '-1d', amount: 1, unit: 'day' },
  { key: '-3d', amount: 3, unit: 'day' },
  { key: '-7d', amount: 7, unit: 'day' },
  { key: '-30d', amount: 30, unit: 'day' },
] as const;

export type Unit = 'second' | 'minute' | 'hour' | 'day' | 'week' | 'month' | 'year';

export type Range =
  | { type: 'relative'; key?: string; amount: number; unit: Unit }
  | { type: 'absolute'; startDate: string; endDate: string };

const SECONDS: Record<string, number> = { m: 60, h: 3600, d: 86_400 };
const LETTER: Partial<Record<Unit, [string, number]>> = {
  second: ['m', 1 / 60], minute: ['m', 1], hour: ['h', 1], day: ['d', 1], week: ['d', 7], month: ['d', 30], year: ['d', 365],
};

function relative(from: string): { amount: number; unit: string } | null {
  const match = /^-(\d{1,5})([mhd])$/.exec(from);
  return match === null ? null : { amount: Number(match[1]), unit: match[2] ?? '' };
}

/** What the picker shows. */
export function rangeOf({ from, to }: Pick<HistoryParams, 'from' | 'to'>): Range | null {
  const ago = relative(from);
  if (ago !== null) {
    const unit = ({ m: 'minute', h: 'hour', d: 'day' } as const)[ago.unit as 'm' | 'h' | 'd'];
    return { type: 'relative', key: from, amount: ago.amount, unit };
  }
  return toDate(from) === null || toDate(to) === null ? null : { type: 'absolute', startDate: from, endDate: to };
}

/** How the address keeps it. */
export function rangeParams(range: Range | null): { from: string; to: string } {
  if (range === null) {
    return { from: '', to: '' };
  }
  if (range.type === 'absolute') {
    return { from: range.startDate, to: range.endDate };
  }
  const [letter, factor] = LETTER[range.unit] ?? ['d', 1];
  return { from: `-${String(Math.max(1, Math.round(range.amount * factor)))}${letter}`, to: '' };
}

/** The question for the server; exact to the second, whatever the period. */
export function historyFilter(params: HistoryParams, accountId: string, now = Date.now()): ExecutionFilter {
  const ago = relative(params.from);
  const after = ago === null ? toDate(params.from)?.toISOString() : isoBefore(ago.amount * (SECONDS[ago.unit] ?? 0), now);
  const before = ago === null ? toDate(params.to)?.toISOString() : undefined;
  const ended = ENDED_STATUSES.split(',');
  return {
    accountId,
    status: ended.includes(params.status) ? params.status : ENDED_STATUSES,
    ...(params.q.trim() === '' ? {} : { q: params.q.trim() }),
    ...(params.type === 'DRILL' || params.type === 'RECOVERY' ? { executionType: params.type } : {}),
    ...(params.plan === '' ? {} : { planId: params.plan }),
    ...(params.source === '' ? {} : { invocationSource: params.source }),
    ...(params.by.trim() === '' ? {} : { initiatedBy: params.by.trim() }),
    ...(after === undefined ? {} : { startedAfter: after }),
    ...(before === undefined ? {} : { startedBefore: before }),
  };
}
