/** Schedules in words. */
import { t } from '../i18n/t';
import { parseCron, type Cron } from '../lib/cron';

const LOCALE = 'en';
const list = new Intl.ListFormat(LOCALE);

const names = (numbers: Iterable<number>, name: (n: number) => string) => list.format([...numbers].sort((a, b) => a - b).map(name));

/** 4 January 1970 was a Sunday. */
export function weekdayName(n: number): string {
  return new Intl.DateTimeFormat(LOCALE, { weekday: 'long', timeZone: 'UTC' }).format(new Date(Date.UTC(1970, 0, 4 + n)));
}

function monthName(n: number): string {
  return new Intl.DateTimeFormat(LOCALE, { month: 'long', timeZone: 'UTC' }).format(new Date(Date.UTC(1970, n - 1, 1)));
}

const two = (n: number) => String(n).padStart(2, '0');

/** The step of numbers that fill a field from its start, or null. */
function stepOf(numbers: readonly number[], size: number): number | null {
  const step = (numbers[1] ?? size) - (numbers[0] ?? 0);
  const even = numbers[0] === 0 && size % step === 0 && numbers.length === size / step;
  return even && numbers.every((n, i) => n === i * step) ? step : null;
}

function timeWords({ minutes, hours }: Cron): string {
  const every = stepOf(minutes, 60);
  if (hours.length === 24) {
    return every === null || minutes.length === 1
      ? t('cron.hourly', { minutes: names(minutes, (n) => `:${two(n)}`) })
      : t('cron.minutes', { count: every });
  }
  if (minutes.length * hours.length <= 6) {
    return t('cron.at', { times: list.format(hours.flatMap((h) => minutes.map((m) => `${two(h)}:${two(m)}`))) });
  }
  return every === null
    ? t('cron.within', { minutes: names(minutes, (n) => `:${two(n)}`), hours: names(hours, two) })
    : t('cron.minutes.within', { count: every, hours: names(hours, two) });
}

function dayWords(cron: Cron): string {
  const [anyDay, anyWeekday] = [cron.days.size === 31, cron.weekdays.size === 7];
  const days = names(cron.days, String);
  const weekdays = names(cron.weekdays, weekdayName);
  if (anyDay && anyWeekday) {
    return t('cron.daily');
  }
  if (anyDay) {
    return t('cron.weekdays', { weekdays });
  }
  if (anyWeekday) {
    return t('cron.days', { days });
  }
  return t(cron.either ? 'cron.either' : 'cron.both', { days, weekdays });
}

/** "at 06:00 on Saturday"; the text itself where it is no expression. */
export function cronWords(text: string): string {
  const cron = parseCron(text);
  if (typeof cron === 'string') {
    return text;
  }
  const words = t('cron.words', { time: timeWords(cron), days: dayWords(cron) });
  return cron.months.size === 12 ? words : t('cron.months', { words, months: names(cron.months, monthName) });
}

/** What is wrong with an expression, or null. */
export function cronProblem(text: string): string | null {
  const cron = parseCron(text);
  if (typeof cron !== 'string') {
    return null;
  }
  return t(`cron.problem.${cron}`);
}

/** A moment as clocks in the zone show it, with the weekday. */
export function zonedTime(at: Date | string, zone: string): string {
  return new Intl.DateTimeFormat(undefined, {
    weekday: 'short', year: 'numeric', month: 'short', day: 'numeric', hour: '2-digit', minute: '2-digit',
    timeZone: zone, timeZoneName: 'short',
  }).format(typeof at === 'string' ? new Date(at) : at);
}
