/** The timeline of a run: what is drawn where; pure. */
import type { Schemas } from '../api/client';
import { isTerminal } from '../lib/status';
import { toDate } from '../lib/time';

export type BarKind = 'waiting' | 'running' | 'done' | 'partial' | 'failed' | 'cancelled';
export type PhaseKind = 'queue' | 'cleanup' | 'snapshot' | 'conversion' | 'launch';
export type SegmentKind = BarKind | PhaseKind;

/** Part of a bar; epoch milliseconds. */
export interface Segment {
  kind: SegmentKind;
  start: number;
  end: number;
}

export interface Bar {
  waveNumber: number;
  label: string;
  kind: BarKind;
  /** Epoch milliseconds; null for a wave that has not begun. */
  start: number | null;
  end: number | null;
}

export interface Span {
  start: number;
  end: number;
}

export interface Timeline extends Span {
  bars: Bar[];
}

export function barKind(status: string | undefined): BarKind {
  switch (status) {
    case 'COMPLETED':
    case 'LAUNCHED':
    case 'TERMINATED':
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

export const ms = (value: unknown) => toDate(value)?.getTime() ?? null;

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
      end: start === null ? null : Math.max(start, ms(wave.endTime) ?? (kind === 'running' ? open : start)),
    };
  });
  const starts = bars.flatMap((b) => (b.start === null ? [] : [b.start]));
  const ends = bars.flatMap((b) => (b.end === null ? [] : [b.end]));
  const start = ms(execution.startTime) ?? Math.min(...starts, now);
  const end = over ? Math.max(ms(execution.endTime) ?? 0, ...ends, start) : Math.max(now, ...ends);
  // a span of nothing would put every bar at infinity
  return { start, end: Math.max(end, start + 1000), bars };
}

/** Position in the span in percent, inside of it. */
export function percent(span: Span, time: number): number {
  return Math.min(100, Math.max(0, ((time - span.start) / (span.end - span.start)) * 100));
}

const STEPS = [1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 21600, 43200, 86400, 604800].map((s) => s * 1000);

/** Round distances from `origin` for the axis of a span, at most `count` and one. */
export function ticks(span: Span, count = 6, origin = span.start): number[] {
  const length = span.end - span.start;
  const step = STEPS.find((s) => length / s <= count) ?? Math.ceil(length / count / 86400000) * 86400000;
  const out: number[] = [];
  for (let at = origin + Math.ceil((span.start - origin) / step) * step; at <= span.end; at += step) {
    out.push(at);
  }
  return out;
}

/* -- phases of servers ------------------------------------------------------ */

export interface LogEntry {
  at: number;
  event: string;
  jobId: string;
  waveNumber: number;
  serverId: string;
  conversionServerId: string;
  error: string;
  /** As DRS told it. */
  raw: unknown;
}

const text = (value: unknown) => (typeof value === 'string' ? value : '');

/** Events of all jobs in the order of time; what has no time is left out. */
export function logEntries(
  logs: readonly { waveNumber?: number; jobId?: string; events?: readonly Record<string, unknown>[] }[],
): LogEntry[] {
  return logs
    .flatMap((log) =>
      (log.events ?? []).flatMap((event): LogEntry[] => {
        const at = ms(event.logDateTime);
        const data = (typeof event.eventData === 'object' && event.eventData !== null ? event.eventData : {}) as Record<string, unknown>;
        return at === null
          ? []
          : [
              {
                at,
                event: text(event.event),
                jobId: log.jobId ?? '',
                waveNumber: log.waveNumber ?? 0,
                serverId: text(event.sourceServerId) || text(data.sourceServerID),
                conversionServerId: text(event.conversionServerId) || text(data.conversionServerID),
                error: text(event.error) || text(data.rawError),
                raw: event,
              },
            ];
      }),
    )
    .sort((a, b) => a.at - b.at);
}

/** What a server does from this event on; null: no change. */
function phaseAfter(event: string): PhaseKind | 'failed' | null {
  switch (event) {
    case 'CLEANUP_START':
      return 'cleanup';
    case 'CLEANUP_END':
    case 'CLEANUP_FAIL':
      return 'queue';
    case 'SNAPSHOT_START':
      return 'snapshot';
    case 'SNAPSHOT_END':
    case 'USING_PREVIOUS_SNAPSHOT':
    case 'CONVERSION_START':
      return 'conversion';
    case 'CONVERSION_END':
    case 'LAUNCH_START':
      return 'launch';
    default:
      return /_FAIL(ED)?$/.test(event) ? 'failed' : null;
  }
}

export function phaseOf(word: string | undefined): PhaseKind {
  switch (word) {
    case 'CLEANUP':
      return 'cleanup';
    case 'SNAPSHOT':
      return 'snapshot';
    case 'CONVERSION':
      return 'conversion';
    case 'LAUNCH':
      return 'launch';
    default:
      return 'queue';
  }
}

export type TimedServer = Partial<
  Pick<Schemas['ServerExecution'], 'launchStatus' | 'phase' | 'phaseSince' | 'launchedAt' | 'launchTime'>
>;

/** When a server stopped changing; null while it goes on. */
function serverEnd(server: TimedServer): number | null {
  switch (barKind(server.launchStatus)) {
    case 'done':
      return ms(server.launchedAt) ?? ms(server.launchTime) ?? ms(server.phaseSince);
    case 'failed':
    case 'cancelled':
      return ms(server.phaseSince);
    default:
      return null;
  }
}

/** The phases of one server, out of the events of its jobs, else out of its row. */
export function serverSegments(server: TimedServer, events: readonly LogEntry[], begin: number | null, open: number): Segment[] {
  if (begin === null) {
    return [];
  }
  const kind = barKind(server.launchStatus);
  const end = Math.max(begin, serverEnd(server) ?? open);
  const out: Segment[] = [];
  let since = begin;
  let phase: SegmentKind = 'queue';
  const turn = (at: number, next: SegmentKind) => {
    const until = Math.min(Math.max(at, since), end);
    if (until > since) {
      out.push({ kind: phase, start: since, end: until });
    }
    since = Math.max(since, until);
    phase = next;
  };
  for (const event of events) {
    const next = phaseAfter(event.event);
    if (next !== null && next !== phase) {
      turn(event.at, next);
    }
  }
  if (out.length === 0 && phase === 'queue' && kind === 'running') {
    turn(ms(server.phaseSince) ?? begin, phaseOf(server.phase));
  } else if (out.length === 0 && phase === 'queue' && kind !== 'waiting') {
    phase = kind;
  }
  out.push({ kind: phase, start: since, end });
  if (kind === 'failed' || kind === 'cancelled') {
    const last = out.at(-1);
    if (last !== undefined) {
      last.kind = kind;
    }
  }
  return out;
}

/** The phases of a wave: the least advanced one of its servers. */
export function waveSegments(bar: Bar, events: readonly LogEntry[]): Segment[] {
  if (bar.start === null || bar.end === null) {
    return [];
  }
  const last = (names: readonly string[]) =>
    events.reduce<number | null>((at, e) => (names.includes(e.event) ? Math.max(at ?? 0, e.at) : at), null);
  const first = events.find((e) => e.event === 'SNAPSHOT_START')?.at ?? null;
  if (first === null || bar.kind !== 'running' && bar.kind !== 'done') {
    return [{ kind: bar.kind, start: bar.start, end: bar.end }];
  }
  const snapshot = last(['SNAPSHOT_END', 'USING_PREVIOUS_SNAPSHOT']);
  const converted = last(['CONVERSION_END']);
  const edges: [PhaseKind, number | null][] = [
    ['queue', first],
    ['snapshot', snapshot],
    ['conversion', converted],
    ['launch', null],
  ];
  const out: Segment[] = [];
  let since = bar.start;
  for (const [kind, edge] of edges) {
    const end = Math.min(bar.end, Math.max(since, edge ?? bar.end));
    if (end > since) {
      out.push({ kind, start: since, end });
    }
    since = end;
    if (edge === null) {
      break;
    }
  }
  return out.length === 0 ? [{ kind: bar.kind, start: bar.start, end: bar.end }] : out;
}

/* -- pauses ----------------------------------------------------------------- */

export interface Pause {
  start: number;
  /** Null while it goes on. */
  end: number | null;
  by: string;
  reason: string;
}

export interface HistoryEvent {
  time: string;
  event: string;
  actor?: string;
  data: Record<string, unknown>;
}

/** When the run was paused, out of its history. */
export function pausesOf(events: readonly HistoryEvent[]): Pause[] {
  const out: Pause[] = [];
  for (const { event, time, actor, data } of events) {
    const at = ms(time);
    if (event !== 'execution.status' || at === null) {
      continue;
    }
    const open = out.at(-1);
    if (data.status === 'PAUSED') {
      if (open === undefined || open.end !== null) {
        out.push({ start: at, end: null, by: actor ?? '', reason: text(data.pauseReason) });
      }
    } else if (open?.end === null) {
      open.end = at;
    }
  }
  return out;
}

/** The pauses, when the history goes back to the start of the run; else nothing is known of them. */
export function knownPauses(events: readonly HistoryEvent[] | null): Pause[] | null {
  return events?.some((e) => e.event === 'execution.created') === true ? pausesOf(events) : null;
}

/** Milliseconds of the pauses that lie in the span. */
export function pausedWithin(pauses: readonly Pause[], span: Span): number {
  return pauses.reduce(
    (sum, p) => sum + Math.max(0, Math.min(p.end ?? span.end, span.end) - Math.max(p.start, span.start)),
    0,
  );
}

/* -- what is seen of it ----------------------------------------------------- */

export type Zoom = 'fit' | 'hour' | 'minute';

const LENGTH: Record<Exclude<Zoom, 'fit'>, number> = { hour: 3_600_000, minute: 60_000 };

/** A part of `length` around `centre`, inside of the whole where it fits. */
export function windowAround(whole: Span, centre: number, length: number): Span {
  const size = Math.min(length, whole.end - whole.start);
  const start = Math.min(Math.max(whole.start, centre - size / 2), whole.end - size);
  return { start, end: start + size };
}

/** What a choice of zoom shows; the end of it is where things happen. */
export function zoomTo(whole: Span, zoom: Zoom, now: number): Span {
  return zoom === 'fit' ? whole : windowAround(whole, now, LENGTH[zoom]);
}

/** The rows of a list that a viewport of this height shows, with some around. */
export function visibleRows(count: number, rowHeight: number, scrollTop: number, height: number, around = 6): [number, number] {
  const first = Math.max(0, Math.floor(scrollTop / rowHeight) - around);
  return [first, Math.min(count, Math.ceil((scrollTop + height) / rowHeight) + around)];
}
