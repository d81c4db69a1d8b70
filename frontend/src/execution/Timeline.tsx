/** Waves and servers over time; the table has the same numbers. */
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { lazy, memo, Suspense, useCallback, useEffect, useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { useSearchParams } from 'react-router';
import type { Schemas } from '../api/client';
import { useExecution, useJobLogs } from '../api/queries';
import { useSetParams } from '../app/params';
import { Failed } from '../components/Failed';
import { Status } from '../components/Status';
import Table from '../components/Table';
import { Time, useNow } from '../components/Time';
import { hasMessage, t } from '../i18n/t';
import { humanize, isTerminal } from '../lib/status';
import { formatSeconds, formatTime } from '../lib/time';
import { compareWaves, shifted, type Pair } from './compare';
import type { Forecast } from './forecast';
import { serverName } from './names';
import type { Targets } from './objectives';
import { useWaveServers } from './queries';
import {
  logEntries, ms, pausedWithin, percent, serverSegments, ticks, timeline, visibleRows, waveSegments, windowAround, zoomTo,
  type Bar, type LogEntry, type Pause, type Segment, type Span, type Zoom,
} from './timeline';
import './timeline.css';

const TimelineTools = lazy(() => import('./TimelineTools'));

type Execution = Schemas['Execution'];
type Server = Schemas['ServerExecution'];

const ROW = 32;
/** With more servers, phases are fetched when a wave is opened. */
const EAGER = 300;
const ZOOMS: readonly Zoom[] = ['fit', 'hour', 'minute'];

interface Row {
  key: string;
  wave: number;
  /** Position among its siblings, and their number. */
  place: [number, number];
  bar: Bar;
  status: string;
  /** Undefined for a wave. */
  server?: Server;
  segments: () => Segment[];
  /** The same wave in the run it is compared with. */
  before: Segment[];
}

function kindName(kind: Segment['kind']): string {
  const id = `timeline.kind.${kind}`;
  return hasMessage(id) ? t(id) : humanize(kind);
}

function seconds(from: number, to: number): string {
  return formatSeconds(Math.round((to - from) / 1000));
}

function rowName(row: Row): string {
  return row.server === undefined ? t('wave.name', { number: row.wave + 1, name: row.bar.label }) : serverName(row.server);
}

/** What a row says when it is pointed at, focused or read aloud. */
function details(row: Row, segments: readonly Segment[]): string {
  const parts = segments.filter((s) => s.end - s.start >= 1000).map((s) => t('timeline.part', { phase: kindName(s.kind), time: seconds(s.start, s.end) }));
  return [rowName(row), humanize(row.status), ...(row.bar.start === null ? [] : [formatTime(row.bar.start)]), ...parts].join(' · ');
}

function Bars({ segments, view, className = '' }: { segments: readonly Segment[]; view: Span; className?: string }) {
  return segments
    .filter((s) => s.end >= view.start && s.start <= view.end)
    .map((s) => (
      <span
        key={`${s.kind}-${String(s.start)}`}
        className={`timeline-bar timeline-${s.kind} ${className}`}
        style={{
          insetInlineStart: `${String(percent(view, s.start))}%`,
          inlineSize: `max(3px, ${String(percent(view, s.end) - percent(view, s.start))}%)`,
        }}
      />
    ));
}

function Line({ at, view, kind, label }: { at: number | null; view: Span; kind: string; label?: string }) {
  return at === null || at < view.start || at > view.end ? null : (
    <span className={`timeline-line timeline-line-${kind}`} style={{ insetInlineStart: `${String(percent(view, at))}%` }}>
      {label === undefined ? null : <span className={percent(view, at) > 70 ? 'timeline-flag timeline-flag-end' : 'timeline-flag'}>{label}</span>}
    </span>
  );
}

const LEGEND: readonly Segment['kind'][] = ['queue', 'snapshot', 'conversion', 'launch', 'done', 'partial', 'failed', 'cancelled'];

function Legend({ compared }: { compared: boolean }) {
  return (
    <ul className="legend">
      {LEGEND.map((kind) => (
        <li key={kind}>
          <span className="timeline-swatch">
            <span className={`timeline-bar timeline-${kind}`} />
          </span>
          {kindName(kind)}
        </li>
      ))}
      <li>
        <span className="timeline-swatch timeline-pause" />
        {t('timeline.paused')}
      </li>
      {compared ? (
        <li>
          <span className="timeline-swatch">
            <span className="timeline-bar timeline-done timeline-before" />
          </span>
          {t('compareruns.before')}
        </li>
      ) : null}
    </ul>
  );
}

/** The whole run in small; a drag over it chooses the part that is shown. */
function Overview({ whole, view, bars, onView }: { whole: Span; view: Span; bars: readonly Bar[]; onView: (view: Span) => void }) {
  const strip = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const at = (event: PointerEvent) => {
    const box = strip.current?.getBoundingClientRect();
    const part = box === undefined || box.width === 0 ? 0 : (event.clientX - box.left) / box.width;
    return whole.start + Math.min(1, Math.max(0, part)) * (whole.end - whole.start);
  };
  const shown = drag === null ? view : { start: Math.min(drag.from, drag.to), end: Math.max(drag.from, drag.to) };
  return (
    <div
      ref={strip}
      className="timeline-overview"
      aria-hidden="true"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDrag({ from: at(event), to: at(event) });
      }}
      onPointerMove={(event) => {
        if (drag !== null) {
          setDrag({ ...drag, to: at(event) });
        }
      }}
      onPointerUp={() => {
        if (drag !== null) {
          const length = Math.abs(drag.to - drag.from);
          onView(
            length < (whole.end - whole.start) / 100
              ? windowAround(whole, drag.to, view.end - view.start)
              : { start: Math.min(drag.from, drag.to), end: Math.max(drag.from, drag.to) },
          );
          setDrag(null);
        }
      }}
      onPointerCancel={() => {
        setDrag(null);
      }}
    >
      {bars.map((bar, i) =>
        bar.start === null || bar.end === null ? null : (
          <span
            key={bar.waveNumber}
            className={`timeline-bar timeline-${bar.kind}`}
            style={{
              insetInlineStart: `${String(percent(whole, bar.start))}%`,
              inlineSize: `max(2px, ${String(percent(whole, bar.end) - percent(whole, bar.start))}%)`,
              insetBlockStart: `${String((i / bars.length) * 100)}%`,
              blockSize: `${String(100 / bars.length)}%`,
            }}
          />
        ),
      )}
      <span
        className="timeline-brush"
        style={{
          insetInlineStart: `${String(percent(whole, shown.start))}%`,
          inlineSize: `${String(percent(whole, shown.end) - percent(whole, shown.start))}%`,
        }}
      />
    </div>
  );
}

interface ChartProps {
  rows: readonly Row[];
  view: Span;
  start: number;
  now: number | null;
  target: number | null;
  forecast: Forecast | null;
  pauses: readonly Pause[];
  open: ReadonlySet<number>;
  onToggle: (wave: number) => void;
  onServer: (id: string) => void;
}

/** One row; scrolling draws only those that come into sight. */
const Item = memo(function Item({ row, index, view, now, ahead, current, opened, onAct, onActive, onPoint }: {
  row: Row;
  index: number;
  view: Span;
  now: number | null;
  ahead: Span | undefined;
  current: boolean;
  opened: boolean;
  onAct: (row: Row) => void;
  onActive: (index: number) => void;
  onPoint: (key: string) => void;
}) {
  const wave = row.server === undefined;
  const segments = row.segments();
  const [from, to] = [segments[0]?.start, segments.at(-1)?.end];
  return (
    <div
      role="treeitem"
      data-row={index}
      className={`timeline-row timeline-item${wave ? '' : ' timeline-server'}`}
      style={{ insetBlockStart: `${String(index * ROW)}px` }}
      tabIndex={current ? 0 : -1}
      aria-level={wave ? 1 : 2}
      aria-setsize={row.place[1]}
      aria-posinset={row.place[0] + 1}
      {...(wave ? { 'aria-expanded': opened } : {})}
      aria-label={details(row, segments)}
      onClick={() => {
        onActive(index);
        onAct(row);
      }}
      onFocus={() => {
        onActive(index);
        onPoint(row.key);
      }}
      onPointerEnter={() => {
        onPoint(row.key);
      }}
    >
      <div className="timeline-name">
        {wave ? <span className="timeline-caret">{opened ? '▾' : '▸'}</span> : null}
        {rowName(row)}
      </div>
      <div className="timeline-track">
        {ahead !== undefined && now !== null && ahead.end > now && row.bar.kind !== 'done' ? (
          <Bars segments={[{ kind: 'waiting', start: Math.max(now, ahead.start), end: ahead.end }]} view={view} className="timeline-ahead" />
        ) : null}
        <Bars segments={segments} view={view} className={row.before.length === 0 ? '' : 'timeline-above'} />
        <Bars segments={row.before} view={view} className="timeline-before" />
      </div>
      <div className="timeline-time">{from === undefined || to === undefined ? '–' : seconds(from, to)}</div>
    </div>
  );
});

/** The rows; only those in sight are in the document. */
function Chart({ rows, view, start, now, target, forecast, pauses, open, onToggle, onServer }: ChartProps) {
  const body = useRef<HTMLDivElement>(null);
  const [scroll, setScroll] = useState({ top: 0, height: 560 });
  const [active, setActive] = useState(0);
  const [pointed, setPointed] = useState<string | null>(null);
  const axis = ticks(view, view.end - view.start > 0 && window.innerWidth < 700 ? 3 : 6, start);
  const current = Math.min(active, rows.length - 1);
  const [first, last] = visibleRows(rows.length, ROW, scroll.top, scroll.height);
  // the row that has the focus, or takes it from the Tab key, is there wherever one scrolls
  const inSight = Array.from({ length: last - first }, (_, i) => first + i);
  const drawn = current < first ? [current, ...inSight] : current >= last ? [...inSight, current] : inSight;
  const wanted = useRef<number | null>(null);

  useEffect(() => {
    if (wanted.current !== null) {
      body.current?.querySelector<HTMLElement>(`[data-row="${String(wanted.current)}"]`)?.focus({ preventScroll: true });
      wanted.current = null;
    }
  }, [current]);

  useEffect(() => {
    const element = body.current;
    if (element === null) {
      return;
    }
    const observer = new ResizeObserver(() => {
      setScroll((old) => ({ ...old, height: element.clientHeight }));
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);

  const act = useCallback((row: Row) => {
    if (row.server === undefined) {
      onToggle(row.wave);
    } else {
      onServer(row.server.sourceServerId);
    }
  }, [onToggle, onServer]);
  const go = (index: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, index));
    wanted.current = next === current ? null : next;
    setActive(next);
    const element = body.current;
    if (element !== null) {
      if (next * ROW < element.scrollTop) {
        element.scrollTop = next * ROW;
      } else if ((next + 1) * ROW > element.scrollTop + element.clientHeight) {
        element.scrollTop = (next + 1) * ROW - element.clientHeight;
      }
    }
  };
  const onKey = (event: KeyboardEvent) => {
    const row = rows[current];
    if (row === undefined) {
      return;
    }
    const opened = row.server === undefined && open.has(row.wave);
    const moves: Record<string, (() => void) | undefined> = {
      ArrowDown: () => {
        go(current + 1);
      },
      ArrowUp: () => {
        go(current - 1);
      },
      Home: () => {
        go(0);
      },
      End: () => {
        go(rows.length - 1);
      },
      ArrowRight: () => {
        if (opened) {
          go(current + 1);
        } else if (row.server === undefined) {
          onToggle(row.wave);
        }
      },
      ArrowLeft: () => {
        if (opened) {
          onToggle(row.wave);
        } else {
          go(rows.findIndex((r) => r.wave === row.wave));
        }
      },
      Enter: () => {
        act(row);
      },
      ' ': () => {
        act(row);
      },
    };
    const move = moves[event.key];
    if (move !== undefined) {
      event.preventDefault();
      move();
    }
  };
  const shown = rows.find((r) => r.key === pointed) ?? null;

  return (
    <div className="timeline">
      <div className="timeline-row timeline-axis-row" aria-hidden="true">
        <div className="timeline-name" />
        <div className="timeline-axis">
          {axis.map((at) => (
            <span key={at} style={{ insetInlineStart: `${String(percent(view, at))}%` }}>
              {at === start ? t('timeline.start') : `+${seconds(start, at)}`}
            </span>
          ))}
        </div>
        <div className="timeline-time" />
      </div>
      <div
        ref={body}
        className="timeline-body"
        onScroll={(event) => {
          const { scrollTop, clientHeight } = event.currentTarget;
          setScroll({ top: scrollTop, height: clientHeight });
        }}
      >
        <div className="timeline-rows" style={{ blockSize: `${String(rows.length * ROW)}px` }}>
          <div className="timeline-row timeline-overlay" aria-hidden="true">
            <div />
            <div className="timeline-lines">
              {axis.map((at) => (
                <Line key={at} at={at} view={view} kind="grid" />
              ))}
              {pauses.map((p) => {
                const end = p.end ?? now ?? view.end;
                return end < view.start || p.start > view.end ? null : (
                  <span
                    key={p.start}
                    className="timeline-pause"
                    style={{
                      insetInlineStart: `${String(percent(view, p.start))}%`,
                      inlineSize: `max(4px, ${String(percent(view, end) - percent(view, p.start))}%)`,
                    }}
                  />
                );
              })}
              <Line at={now} view={view} kind="now" label={t('timeline.now')} />
              <Line at={target} view={view} kind="target" label={t('timeline.target')} />
              <Line at={forecast?.end ?? null} view={view} kind="forecast" label={t('timeline.predicted')} />
            </div>
            <div />
          </div>
          <div role="tree" aria-label={t('timeline')} onKeyDown={onKey}>
            {drawn.map((index) => {
              const row = rows[index];
              return row === undefined ? null : (
                <Item
                  key={row.key}
                  row={row}
                  index={index}
                  view={view}
                  now={now}
                  ahead={row.server === undefined ? forecast?.waves.get(row.wave) : undefined}
                  current={index === current}
                  opened={row.server === undefined && open.has(row.wave)}
                  onAct={act}
                  onActive={setActive}
                  onPoint={setPointed}
                />
              );
            })}
          </div>
        </div>
      </div>
      <div className="timeline-detail" aria-hidden="true">
        {shown === null ? t('timeline.hint') : details(shown, shown.segments())}
      </div>
    </div>
  );
}

/** Seconds more or less, with their sign. */
export function difference(value: number | null): string {
  return value === null ? '–' : value === 0 ? '0 s' : `${value > 0 ? '+' : '−'}${formatSeconds(Math.abs(value))}`;
}

function WaveTable({ execution, bars, forecast, pauses, before }: {
  execution: Execution;
  bars: readonly Bar[];
  forecast: Forecast | null;
  pauses: readonly Pause[];
  before: readonly Pair[] | null;
}) {
  const waves = new Map((execution.waves ?? []).map((w) => [w.waveNumber, w]));
  return (
    <Table
      variant="embedded"
      items={[...bars]}
      trackBy={(b) => String(b.waveNumber)}
      wrapLines={false}
      ariaLabels={{ tableLabel: t('timeline') }}
      columnDefinitions={[
        { id: 'wave', header: t('wave'), isRowHeader: true, cell: (b) => t('wave.name', { number: b.waveNumber + 1, name: b.label }) },
        { id: 'status', header: t('status'), cell: (b) => <Status value={waves.get(b.waveNumber)?.status} kind="wave" /> },
        { id: 'started', header: t('started'), cell: (b) => <Time value={b.start} /> },
        { id: 'ended', header: t('ended'), cell: (b) => <Time value={waves.get(b.waveNumber)?.endTime} /> },
        { id: 'duration', header: t('duration'), cell: (b) => (b.start === null || b.end === null ? '–' : seconds(b.start, b.end)) },
        {
          id: 'paused',
          header: t('timeline.paused'),
          cell: (b) => (b.start === null || b.end === null ? '–' : formatSeconds(pausedWithin(pauses, { start: b.start, end: b.end }) / 1000)),
        },
        { id: 'predicted', header: t('timeline.predicted'), cell: (b) => {
          const ahead = forecast?.waves.get(b.waveNumber);
          return ahead === undefined || b.kind === 'done' ? '–' : <Time value={ahead.end} />;
        } },
        ...(before === null ? [] : [
          {
            id: 'before',
            header: t('compareruns.before'),
            cell: (b: Bar) => formatSeconds(before.find((p) => p.key === String(b.waveNumber))?.left?.seconds),
          },
          { id: 'difference', header: t('compareruns.difference'), cell: (b: Bar) => difference(before.find((p) => p.key === String(b.waveNumber))?.difference ?? null) },
        ]),
        {
          id: 'servers',
          header: t('servers'),
          cell: (b) => {
            const w = waves.get(b.waveNumber);
            return t('timeline.servers', { launched: w?.launchedServers ?? 0, failed: w?.failedServers ?? 0, total: w?.totalServers ?? w?.serverCount ?? 0 });
          },
        },
      ]}
    />
  );
}

/** How sure the prediction is, in words. */
function Confidence({ forecast, now, paused }: { forecast: Forecast; now: number; paused: boolean }) {
  const { end, early, late, runs, guessed, pauses } = forecast;
  return (
    <Box color="text-body-secondary">
      {t('timeline.end', { time: formatTime(end), in: seconds(now, end) })}{' '}
      {runs === 0 ? t('timeline.basis.none') : t(runs < 4 ? 'timeline.basis.few' : 'timeline.basis', { runs })}{' '}
      {runs >= 4 && late > early ? t('timeline.range', { early: formatTime(early), late: formatTime(late) }) : null}{' '}
      {runs > 0 && guessed > 0 ? t('timeline.guessed', { count: guessed }) : null}{' '}
      {paused ? t('timeline.whilepaused') : pauses > 0 ? t('timeline.pausesahead', { count: pauses }) : null}
    </Box>
  );
}

function group<K>(entries: readonly LogEntry[], key: (entry: LogEntry) => K): Map<K, LogEntry[]> {
  const out = new Map<K, LogEntry[]>();
  for (const entry of entries) {
    const list = out.get(key(entry));
    if (list === undefined) {
      out.set(key(entry), [entry]);
    } else {
      list.push(entry);
    }
  }
  return out;
}

export function Timeline({ execution, pauses, forecast, targets }: {
  execution: Execution;
  pauses: readonly Pause[];
  forecast: Forecast | null;
  targets: Targets;
}) {
  const running = !isTerminal(execution.status);
  const now = useNow(running ? 1000 : null);
  const [params] = useSearchParams();
  const setParams = useSetParams();
  const [part, setPart] = useState<Span | null>(null);
  const asTable = params.get('view') === 'table';
  const zoom = ZOOMS.find((z) => z === params.get('zoom')) ?? 'fit';
  const openText = params.get('waves') ?? '';
  const open = useMemo(() => new Set(openText === '' ? [] : openText.split(',').map(Number)), [openText]);
  const line = timeline(execution, now);
  const servers = useWaveServers(execution.executionId, asTable ? [] : line.bars.filter((b) => open.has(b.waveNumber)).map((b) => b.waveNumber));
  const total = (execution.waves ?? []).reduce((sum, w) => sum + (w.totalServers ?? w.serverCount ?? 0), 0);
  const logs = useJobLogs(execution.executionId, !asTable && (total <= EAGER || open.size > 0));
  const entries = useMemo(() => logEntries(logs.data?.jobLogs ?? []), [logs.data]);
  const ofServer = useMemo(() => group(entries, (e) => e.serverId), [entries]);
  const ofWave = useMemo(() => group(entries, (e) => e.waveNumber), [entries]);

  const target = ms(execution.startTime) === null ? null
    : line.start + targets.rtoSeconds * 1000 + pausedWithin(pauses, { start: line.start, end: line.end });
  const ahead = Math.max(line.end, forecast?.end ?? 0);
  const near = target !== null && target - line.start <= (ahead - line.start) * 1.5;
  const compareId = params.get('compare') ?? '';
  const other = useExecution(compareId, compareId !== '').data;
  const before = other === undefined ? null : shifted(timeline(other, now), line.start);
  const whole = { start: line.start, end: Math.max(ahead, near ? target : 0, before?.end ?? 0) };
  const view = part ?? zoomTo(whole, zoom, running ? now : line.end);
  const length = view.end - view.start;

  const rows = line.bars.flatMap((bar, i): Row[] => {
    const wave = (execution.waves ?? [])[i];
    const list = open.has(bar.waveNumber) ? (servers.get(bar.waveNumber)?.servers ?? []) : [];
    return [
      {
        key: `w${String(bar.waveNumber)}`,
        wave: bar.waveNumber,
        place: [i, line.bars.length],
        bar,
        status: wave?.skipped === true ? 'SKIPPED' : (wave?.status ?? ''),
        segments: () => waveSegments(bar, ofWave.get(bar.waveNumber) ?? []),
        before: (before?.bars ?? []).flatMap((b) => (b.waveNumber !== bar.waveNumber || b.start === null || b.end === null ? [] : [{ kind: b.kind, start: b.start, end: b.end }])),
      },
      ...list.map((server, k): Row => ({
        key: server.sourceServerId,
        wave: bar.waveNumber,
        place: [k, list.length],
        bar,
        status: server.launchStatus,
        server,
        segments: () => serverSegments(server, ofServer.get(server.sourceServerId) ?? [], bar.start, bar.end ?? line.end),
        before: [],
      })),
    ];
  });
  const move = (next: Span) => {
    setPart(next.end - next.start >= whole.end - whole.start ? null : next);
  };
  const failed = [...servers.values()].find((s) => s.error !== null);

  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween size="xs" direction="horizontal" alignItems="center">
              <SegmentedControl
                selectedId={asTable ? 'table' : 'chart'}
                label={t('timeline.view')}
                options={[
                  { id: 'chart', text: t('timeline.view.chart') },
                  { id: 'table', text: t('timeline.view.table') },
                ]}
                onChange={({ detail }) => {
                  setParams({ view: detail.selectedId === 'table' ? 'table' : '' });
                }}
              />
              <Suspense>
                <TimelineTools
                  execution={execution}
                  compareId={compareId}
                  onCompare={(compare) => {
                    setParams({ compare });
                  }}
                  picture={() => ({
                    title: t('picture.title', { plan: execution.planName, type: t(execution.executionType === 'RECOVERY' ? 'type.RECOVERY' : 'type.DRILL') }),
                    subtitle: [humanize(execution.status), formatTime(execution.startTime), execution.executionId].join(' · '),
                    rows: rows.map((row) => ({
                      name: rowName(row), status: humanize(row.status), segments: row.segments(), before: row.before, child: row.server !== undefined,
                    })),
                    view,
                    start: line.start,
                    startText: t('timeline.start'),
                    pauses,
                    marks: [
                      ...(running ? [{ at: now, text: t('timeline.now'), dashed: false }] : []),
                      ...(target === null ? [] : [{ at: target, text: t('timeline.target'), dashed: false }]),
                      ...(forecast === null ? [] : [{ at: forecast.end, text: t('timeline.predicted'), dashed: true }]),
                    ],
                    legend: [
                      ...LEGEND.map((kind) => ({ kind, text: kindName(kind) })),
                      { kind: 'pause', text: t('timeline.paused') },
                      ...(before === null ? [] : [{ kind: 'before' as const, text: t('compareruns.before') }]),
                    ],
                  })}
                />
              </Suspense>
            </SpaceBetween>
          }
        >
          {t('timeline')}
        </Header>
      }
    >
      <SpaceBetween size="s">
        {asTable ? (
          <WaveTable
            execution={execution}
            bars={line.bars}
            forecast={forecast}
            pauses={pauses}
            before={other === undefined ? null : compareWaves(other.waves, execution.waves)}
          />
        ) : (
          <>
            <SpaceBetween size="xs" direction="horizontal" alignItems="center">
              <SegmentedControl
                selectedId={part === null ? zoom : null}
                label={t('timeline.zoom')}
                options={ZOOMS.map((id) => ({ id, text: t(`timeline.zoom.${id}`) }))}
                onChange={({ detail }) => {
                  setPart(null);
                  setParams({ zoom: detail.selectedId === 'fit' ? '' : detail.selectedId });
                }}
              />
              <Button iconName="angle-left" ariaLabel={t('timeline.earlier')} disabled={view.start <= whole.start} onClick={() => {
                move(windowAround(whole, (view.start + view.end) / 2 - length / 2, length));
              }} />
              <Button iconName="angle-right" ariaLabel={t('timeline.later')} disabled={view.end >= whole.end} onClick={() => {
                move(windowAround(whole, (view.start + view.end) / 2 + length / 2, length));
              }} />
              <Button iconName="zoom-in" ariaLabel={t('timeline.in')} disabled={length <= 2000} onClick={() => {
                move(windowAround(whole, (view.start + view.end) / 2, length / 2));
              }} />
              <Button iconName="zoom-out" ariaLabel={t('timeline.out')} disabled={length >= whole.end - whole.start} onClick={() => {
                move(windowAround(whole, (view.start + view.end) / 2, length * 2));
              }} />
            </SpaceBetween>
            <Overview whole={whole} view={view} bars={line.bars} onView={move} />
            <Chart
              rows={rows}
              view={view}
              start={line.start}
              now={running ? now : null}
              target={target}
              forecast={forecast}
              pauses={pauses}
              open={open}
              onToggle={(wave) => {
                const next = new Set(open);
                if (!next.delete(wave)) {
                  next.add(wave);
                }
                setParams({ waves: [...next].sort((a, b) => a - b).join(',') });
              }}
              onServer={(id) => {
                setParams({ server: id });
              }}
            />
            {failed === undefined ? null : <Failed what={t('servers.failed')} error={failed.error} retry={failed.retry} />}
            {logs.isError && logs.data === undefined ? (
              <Failed what={t('timeline.phases.failed')} error={logs.error} retry={() => void logs.refetch()} />
            ) : null}
            {[...servers.values()].some((s) => s.pending) ? <StatusIndicator type="loading">{t('loading')}</StatusIndicator> : null}
            <Legend compared={before !== null} />
          </>
        )}
        {forecast === null ? null : <Confidence forecast={forecast} now={now} paused={execution.status === 'PAUSED'} />}
        {near || target === null || !running ? null : (
          <Box color="text-body-secondary">{t('timeline.targetfar', { time: formatTime(target), in: seconds(now, target) })}</Box>
        )}
      </SpaceBetween>
    </Container>
  );
}
