import { t } from '../i18n/t';
import { formatSeconds } from '../lib/time';
import { percent, ticks, type Bar, type Pause, type Span } from './timeline';
import './figure.css';

const ROW = 22;
const NAMES = 190;
const WIDTH = 1000;

/** The waves of a run as a drawing that can be printed; the table below it has the numbers. */
export function TimelineFigure({ line, pauses }: { line: Span & { bars: readonly Bar[] }; pauses: readonly Pause[] }) {
  const x = (time: number) => NAMES + (percent(line, time) / 100) * (WIDTH - NAMES - 70);
  const height = line.bars.length * ROW + 24;
  return (
    <svg className="figure" viewBox={`0 0 ${String(WIDTH)} ${String(height)}`} role="img" aria-label={t('report.timeline')}>
      <defs>
        <pattern id="figure-hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <line x1="0" y1="0" x2="0" y2="6" className="figure-hatch" />
        </pattern>
      </defs>
      {ticks(line).map((at) => (
        <g key={at}>
          <line className="figure-grid" x1={x(at)} x2={x(at)} y1={0} y2={height - 18} />
          <text className="figure-small" x={x(at)} y={height - 4} textAnchor="middle">
            {at === line.start ? '0' : `+${formatSeconds((at - line.start) / 1000)}`}
          </text>
        </g>
      ))}
      {pauses.map((p) => (
        <rect key={p.start} className="figure-pause" x={x(p.start)} width={Math.max(2, x(p.end ?? line.end) - x(p.start))} y={0} height={height - 18} />
      ))}
      {line.bars.map((bar, i) => (
        <g key={bar.waveNumber} transform={`translate(0 ${String(i * ROW)})`}>
          <text className="figure-text" x={0} y={15}>
            {t('wave.name', { number: bar.waveNumber + 1, name: bar.label.length > 24 ? `${bar.label.slice(0, 23)}…` : bar.label })}
          </text>
          {bar.start === null || bar.end === null ? null : (
            <>
              <rect className={`figure-bar figure-${bar.kind}`} x={x(bar.start)} width={Math.max(2, x(bar.end) - x(bar.start))} y={4} height={14} rx={2} />
              <text className="figure-small" x={x(bar.end) + 4} y={15}>
                {formatSeconds((bar.end - bar.start) / 1000)}
              </text>
            </>
          )}
        </g>
      ))}
    </svg>
  );
}
