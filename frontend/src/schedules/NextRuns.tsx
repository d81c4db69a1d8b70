import Box from '@cloudscape-design/components/box';
import { useNow } from '../components/Time';
import { t } from '../i18n/t';
import { nextRuns, parseCron } from '../lib/cron';
import { formatAgo, formatTime, isTimeZone } from '../lib/time';
import { zonedTime } from './words';

const SHOWN = 5;
/** Further on formatAgo() has no other words than the time itself. */
const SOON_MS = 7 * 86_400_000;

/** The next times that a schedule comes, as clocks in its zone show them. */
export function NextRuns({ cron, zone }: { cron: string; zone: string }) {
  const now = useNow(60_000);
  const parsed = parseCron(cron);
  if (typeof parsed === 'string' || !isTimeZone(zone)) {
    return <Box color="text-status-inactive">{t('schedule.coming.unknown')}</Box>;
  }
  return (
    <ol className="plain-list">
      {nextRuns(parsed, zone, now, SHOWN).map((at) => (
        <li key={at.getTime()}>
          <time dateTime={at.toISOString()} title={formatTime(at.getTime())}>
            {zonedTime(at, zone)}
          </time>
          {at.getTime() - now < SOON_MS ? (
            <Box variant="span" color="text-body-secondary">
              {` · ${formatAgo(at.getTime(), now)}`}
            </Box>
          ) : null}
        </li>
      ))}
    </ol>
  );
}
