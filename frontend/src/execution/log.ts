/** The log of a run: what happened to it and what DRS said of its jobs, in one list; pure. */
import type { Schemas } from '../api/client';
import { told } from './evidence';
import { logEntries, ms, type HistoryEvent, type LogEntry } from './timeline';

export type LogKind = 'run' | 'job';

export interface LogRow {
  key: string;
  /** Epoch milliseconds. */
  at: number;
  kind: LogKind;
  event: string;
  text: string;
  actor: string;
  /** Number from 0. */
  wave: number | null;
  servers: string[];
  jobId: string;
  accountId: string;
  conversionServerId: string;
  problem: boolean;
  /** What was told, as it came; several that are one row. */
  raw: unknown[];
}

/** Events of one kind of a job that come this close to each other are one row. */
const TOGETHER_MS = 5000;

const BAD = new Set(['FAILED', 'PARTIAL', 'TIMEOUT', 'HELD']);

function runRows(events: readonly HistoryEvent[]): LogRow[] {
  return events.flatMap((event, i) => {
    const [row] = told([event]);
    const at = ms(event.time);
    const { waveNumber, accepted, status } = event.data;
    return row === undefined || at === null
      ? []
      : [{
          key: `run-${String(i)}`, at, kind: 'run', event: row.event, text: row.text, actor: row.actor ?? '',
          wave: typeof waveNumber === 'number' ? waveNumber : null,
          servers: [], jobId: '', accountId: '', conversionServerId: '',
          problem: accepted === false || (typeof status === 'string' && BAD.has(status)),
          raw: [event],
        }];
  });
}

function jobRows(entries: readonly LogEntry[], accountOf: (jobId: string) => string): LogRow[] {
  const out: LogRow[] = [];
  const open = new Map<string, LogRow>();
  const times = new Map<string, number>();
  for (const entry of entries) {
    const problem = entry.error !== '' || /_FAIL(ED)?$/.test(entry.event);
    const name = `${entry.jobId} ${entry.event}`;
    // a step that was read twice, by clocks that differ a little
    const step = `${name} ${entry.serverId}`;
    const before = times.get(step) ?? -Infinity;
    times.set(step, entry.at);
    if (entry.at - before <= TOGETHER_MS) {
      continue;
    }
    const row = open.get(name);
    if (row !== undefined && !problem && entry.at - row.at <= TOGETHER_MS) {
      if (entry.serverId !== '') {
        row.servers.push(entry.serverId);
      }
      row.raw.push(entry.raw);
      continue;
    }
    const next: LogRow = {
      key: `${name} ${String(out.length)}`, at: entry.at, kind: 'job', event: entry.event, text: entry.error, actor: '', wave: entry.waveNumber,
      servers: entry.serverId === '' ? [] : [entry.serverId],
      jobId: entry.jobId, accountId: accountOf(entry.jobId), conversionServerId: entry.conversionServerId, problem,
      raw: [entry.raw],
    };
    out.push(next);
    if (!problem) {
      open.set(name, next);
    }
  }
  return out;
}

/** All rows, newest first. */
export function logRows(
  events: readonly HistoryEvent[],
  logs: Parameters<typeof logEntries>[0],
  waves: readonly Pick<Schemas['ExecWave'], 'launchUnits'>[],
): LogRow[] {
  const accounts = new Map(waves.flatMap((w) => (w.launchUnits ?? []).map((u) => [u.jobId, u.accountId] as const)));
  return [...runRows(events), ...jobRows(logEntries(logs), (jobId) => accounts.get(jobId) ?? '')].sort((a, b) => b.at - a.at);
}

export const LOG_FILTERS = ['all', 'problem', 'run', 'job'] as const;
export type LogFilter = (typeof LOG_FILTERS)[number];

export function passes(row: LogRow, filter: LogFilter): boolean {
  return filter === 'all' || (filter === 'problem' ? row.problem : row.kind === filter);
}
