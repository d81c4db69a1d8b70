import Box from '@cloudscape-design/components/box';
import type { Schemas } from '../api/client';
import { useNow } from '../components/Time';
import { t } from '../i18n/t';
import { humanize, isTerminal } from '../lib/status';
import { formatSeconds, formatTime } from '../lib/time';
import { percent, ticks, timeline } from './timeline';
import './timeline.css';

/** Waves over time; the table below it has the same numbers. */
export function Timeline({ execution }: { execution: Schemas['Execution'] }) {
  const running = !isTerminal(execution.status);
  const now = useNow(running ? 1000 : null);
  const line = timeline(execution, now);
  const axis = ticks(line);
  return (
    <div className="timeline" role="img" aria-label={t('timeline.label', { count: line.bars.length })}>
      {line.bars.map((bar) => (
        <div className="timeline-row" key={bar.waveNumber}>
          <div className="timeline-name">{t('wave.name', { number: bar.waveNumber + 1, name: bar.label })}</div>
          <div className="timeline-track">
            {axis.map((at) => (
              <span key={at} className="timeline-grid" style={{ insetInlineStart: `${String(percent(line, at))}%` }} />
            ))}
            {bar.start === null || bar.end === null ? null : (
              <span
                className={`timeline-bar timeline-${bar.kind}`}
                title={`${humanize(bar.kind)}: ${formatTime(bar.start)}, ${formatSeconds((bar.end - bar.start) / 1000)}`}
                style={{
                  insetInlineStart: `${String(percent(line, bar.start))}%`,
                  inlineSize: `${String(Math.max(0.4, percent(line, bar.end) - percent(line, bar.start)))}%`,
                }}
              />
            )}
          </div>
          <div className="timeline-time">
            {bar.start === null || bar.end === null ? '–' : formatSeconds((bar.end - bar.start) / 1000)}
          </div>
        </div>
      ))}
      <div className="timeline-row">
        <div className="timeline-name" />
        <div className="timeline-axis">
          {axis.map((at) => (
            <span key={at} style={{ insetInlineStart: `${String(percent(line, at))}%` }}>
              <Box variant="small">{formatSeconds((at - line.start) / 1000)}</Box>
            </span>
          ))}
        </div>
        <div className="timeline-time" />
      </div>
    </div>
  );
}
