/** Small charts that can be printed; kinds differ by form and pattern, and each chart has its numbers below it. */
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Table, { type ColumnDefinition } from '../components/Table';
import { useCallback, useState, type ReactNode } from 'react';
import '../i18n/reports';
import { t } from '../i18n/t';
import { ticks } from '../execution/timeline';
import { formatSeconds, zoneName } from '../lib/time';
import './charts.css';

/** Until it is known, and where nothing can be measured. */
const WIDTH = 700;
const HEIGHT = 220;
const LEFT = 70;
const RIGHT = 16;
const TOP = 16;
const BOTTOM = 24;
/** Room that a label of the axis below needs. */
const LABEL = 90;

export type Kind = 'good' | 'partial' | 'bad' | 'unknown';

/** Width of the element, so that letters keep their size on a phone. */
function useWidth(): [(element: HTMLElement | null) => (() => void) | undefined, number] {
  const [width, setWidth] = useState(WIDTH);
  const ref = useCallback((element: HTMLElement | null) => {
    if (element === null || typeof ResizeObserver === 'undefined') {
      return undefined;
    }
    const observer = new ResizeObserver(() => {
      if (element.clientWidth > 0) {
        setWidth(element.clientWidth);
      }
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, []);
  return [ref, width];
}

/** "Nov 29"; with the year where months are meant. */
export function day(at: number, unit: 'day' | 'month' = 'day', zone?: 'utc'): string {
  return new Intl.DateTimeFormat(undefined, {
    month: 'short',
    ...(unit === 'day' ? { day: 'numeric' } : { year: '2-digit' }),
    timeZone: zoneName(zone),
  }).format(at);
}

function Patterns() {
  return (
    <defs>
      <pattern id="chart-partial" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
        <line x1="0" y1="0" x2="0" y2="8" className="chart-hatch-partial" />
      </pattern>
      <pattern id="chart-bad" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
        <line x1="0" y1="0" x2="0" y2="8" className="chart-hatch-bad" />
      </pattern>
    </defs>
  );
}

function Legend({ items }: { items: readonly { sign: ReactNode; text: string }[] }) {
  return (
    <ul className="legend">
      {items.map(({ sign, text }) => (
        <li key={text}>
          <svg width={16} height={16} viewBox="0 0 16 16" aria-hidden="true">
            {sign}
          </svg>
          {text}
        </li>
      ))}
    </ul>
  );
}

export function Numbers<T>({ title, items, columns }: { title: string; items: readonly T[]; columns: ColumnDefinition<T>[] }) {
  const [open, setOpen] = useState(false);
  return (
    <div className="no-print">
      <ExpandableSection
        headerText={t('chart.numbers')}
        headerAriaLabel={t('chart.numbers.of', { title })}
        expanded={open}
        onChange={({ detail }) => {
          setOpen(detail.expanded);
        }}
      >
        {open ? <Table variant="embedded" items={items} columnDefinitions={columns} ariaLabels={{ tableLabel: title }} /> : null}
      </ExpandableSection>
    </div>
  );
}

export interface Bar {
  label: string;
  parts: readonly { kind: Kind; count: number }[];
}

/** Whole numbers for an axis of counts, at most five and the zero. */
function counts(highest: number): number[] {
  const step = [1, 2, 5].flatMap((n) => [n, n * 10, n * 100, n * 1000]).sort((a, b) => a - b).find((s) => highest / s <= 5) ?? highest;
  return Array.from({ length: Math.floor(highest / step) + 1 }, (_, i) => i * step);
}

/** Counts by class, one on top of the other. */
export function Bars({ label, bars, names }: { label: string; bars: readonly Bar[]; names: readonly { kind: Kind; text: string }[] }) {
  const [ref, width] = useWidth();
  const highest = Math.max(1, ...bars.map((b) => b.parts.reduce((sum, p) => sum + p.count, 0)));
  const y = (count: number) => HEIGHT - BOTTOM - (count / highest) * (HEIGHT - TOP - BOTTOM);
  const left = 36;
  const slot = (width - left - RIGHT) / Math.max(1, bars.length);
  const every = Math.max(1, Math.ceil(LABEL / slot));
  const thick = Math.min(48, slot * 0.7);
  return (
    <div ref={ref}>
      <svg className="chart" width={width} height={HEIGHT} viewBox={`0 0 ${String(width)} ${String(HEIGHT)}`} role="img" aria-label={label}>
        <Patterns />
        {counts(highest).map((count) => (
          <g key={count}>
            <line className="chart-grid" x1={left} x2={width - RIGHT} y1={y(count)} y2={y(count)} />
            <text x={left - 6} y={y(count) + 4} textAnchor="end">
              {count.toLocaleString()}
            </text>
          </g>
        ))}
        {bars.map((bar, i) => {
          const middle = left + (i + 0.5) * slot;
          const parts = bar.parts.filter((p) => p.count > 0);
          return (
            <g key={bar.label}>
              {parts.map(({ kind, count }, k) => {
                const below = parts.slice(0, k).reduce((sum, p) => sum + p.count, 0);
                return (
                  <rect key={kind} className={`chart-${kind}`} x={middle - thick / 2} width={thick} y={y(below + count)} height={y(below) - y(below + count)}>
                    <title>{`${bar.label}: ${names.find((n) => n.kind === kind)?.text ?? ''} ${String(count)}`}</title>
                  </rect>
                );
              })}
              {i % every === 0 ? (
                <text x={middle} y={HEIGHT - 6} textAnchor="middle">
                  {bar.label}
                </text>
              ) : null}
            </g>
          );
        })}
      </svg>
      <Legend items={names.map(({ kind, text }) => ({ sign: <rect className={`chart-${kind}`} x={1} y={1} width={14} height={14} />, text }))} />
    </div>
  );
}

export interface TrendPoint {
  id: string;
  name: string;
  /** Milliseconds. */
  at: number;
  seconds: number;
  target: number;
  kind: Kind;
}

function Sign({ kind, x, y }: { kind: Kind; x: number; y: number }) {
  return kind === 'bad' ? (
    <path className="chart-cross" d={`M${String(x - 5)} ${String(y - 5)} l10 10 m0 -10 l-10 10`} />
  ) : (
    <circle className={`chart-${kind}`} cx={x} cy={y} r={5} />
  );
}

/** Times over the days, each with its target. */
export function Trend({ label, points, names }: { label: string; points: readonly TrendPoint[]; names: readonly { kind: Kind; text: string }[] }) {
  const [ref, width] = useWidth();
  const first = points[0]?.at ?? 0;
  const last = Math.max(points.at(-1)?.at ?? 0, first + 1);
  // a target far above everything would press the runs to the ground
  const longest = points.reduce((max, p) => Math.max(max, p.seconds), 1);
  const highest = points.reduce((max, p) => (p.target <= longest * 4 ? Math.max(max, p.target) : max), longest) * 1.05;
  const x = (at: number) => LEFT + 10 + ((at - first) / (last - first)) * (width - LEFT - RIGHT - 20);
  const y = (seconds: number) => HEIGHT - BOTTOM - (seconds / highest) * (HEIGHT - TOP - BOTTOM);
  const labels = Math.max(2, Math.min(6, Math.floor((width - LEFT) / LABEL)));
  const dates = points.length < 2 ? [first] : Array.from({ length: labels }, (_, i) => first + ((last - first) * i) / (labels - 1));
  const shown = dates.filter((at, i) => i === 0 || day(at) !== day(dates[i - 1] ?? 0));
  const above = points.filter((p) => p.target > highest).length;
  return (
    <div ref={ref}>
      <svg className="chart" width={width} height={HEIGHT} viewBox={`0 0 ${String(width)} ${String(HEIGHT)}`} role="img" aria-label={label}>
        <Patterns />
        {ticks({ start: 0, end: highest * 1000 }, 5).map((at) => (
          <g key={at}>
            <line className="chart-grid" x1={LEFT} x2={width - RIGHT} y1={y(at / 1000)} y2={y(at / 1000)} />
            <text x={LEFT - 6} y={y(at / 1000) + 4} textAnchor="end">
              {formatSeconds(at / 1000)}
            </text>
          </g>
        ))}
        {shown.map((at) => (
          <text key={at} x={x(at)} y={HEIGHT - 6} textAnchor="middle">
            {day(at)}
          </text>
        ))}
        {points.map((p) =>
          p.target > highest ? null : <line key={p.id} className="chart-target" x1={x(p.at) - 7} x2={x(p.at) + 7} y1={y(p.target)} y2={y(p.target)} />,
        )}
        {points.map((p) => (
          <g key={p.id}>
            <title>{t('chart.point', { name: p.name, day: day(p.at), time: formatSeconds(p.seconds), target: formatSeconds(p.target) })}</title>
            <Sign kind={p.kind} x={x(p.at)} y={y(p.seconds)} />
          </g>
        ))}
      </svg>
      <Legend
        items={[
          ...names.map(({ kind, text }) => ({ sign: <Sign kind={kind} x={8} y={8} />, text })),
          { sign: <line className="chart-target" x1={1} x2={15} y1={8} y2={8} />, text: above === 0 ? t('chart.target') : t('chart.target.above', { count: above }) },
        ]}
      />
    </div>
  );
}
