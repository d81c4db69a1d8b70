/** Times and durations, as the user chose to see them. */

/** `local`, `utc`, or the name of a zone such as Europe/Berlin. */
export type ZoneChoice = string;
/** As the language of the browser has it, or 2026-11-29 13:05:00. */
export type DateChoice = 'language' | 'iso';

const ZONE = 'drs-console:zone';
const DATES = 'drs-console:dates';
/** What was chosen in this tab goes before what is stored: storage may be blocked. */
const chosen: Record<string, string> = {};

function choice(key: string): string {
  if (chosen[key] === undefined) {
    try {
      chosen[key] = localStorage.getItem(key) ?? '';
    } catch {
      chosen[key] = '';
    }
  }
  return chosen[key];
}

function choose(key: string, value: string): void {
  chosen[key] = value;
  try {
    localStorage.setItem(key, value);
  } catch {
    // lasts until the reload
  }
}

export function isTimeZone(zone: string): boolean {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: zone });
    return zone !== '';
  } catch {
    return false;
  }
}

let checked: { choice: string; zone: ZoneChoice } = { choice: '', zone: 'local' };

export function zoneChoice(): ZoneChoice {
  const zone = choice(ZONE);
  if (checked.choice !== zone) {
    checked = { choice: zone, zone: zone === 'utc' || isTimeZone(zone) ? zone : 'local' };
  }
  return checked.zone;
}

export function setZoneChoice(next: ZoneChoice): void {
  choose(ZONE, next);
}

export function dateChoice(): DateChoice {
  return choice(DATES) === 'iso' ? 'iso' : 'language';
}

export function setDateChoice(next: DateChoice): void {
  choose(DATES, next);
}

/** The zone in which times are shown, by its name. */
export function zoneName(zone = zoneChoice()): string {
  return zone === 'local' ? Intl.DateTimeFormat().resolvedOptions().timeZone : zone === 'utc' ? 'UTC' : zone;
}

/** The moment at which clocks of the chosen zone show this date and time; an invalid Date for what is none. */
export function momentOf(date: string, time: string, zone = zoneChoice()): Date {
  if (zone === 'local') {
    return new Date(`${date}T${time}`);
  }
  const utc = Date.parse(`${date}T${time}Z`);
  if (zone === 'utc' || Number.isNaN(utc)) {
    return new Date(utc);
  }
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' });
  const ahead = (at: number) => Date.parse(`${format.format(at).replace(' ', 'T')}Z`) - Math.floor(at / 1000) * 1000;
  return new Date(utc - ahead(utc - ahead(utc)));
}

/**
 * Epoch seconds, epoch milliseconds, numeric texts and ISO texts as a Date;
 * null for nothing (0, '', null) and for what is no time.
 */
export function toDate(value: unknown): Date | null {
  if (value === null || value === undefined || value === '' || value === 0 || value === '0') {
    return null;
  }
  const number = typeof value === 'number' ? value : typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : NaN;
  const date = Number.isNaN(number) ? new Date(String(value)) : new Date(number < 1e10 ? number * 1000 : number);
  return Number.isNaN(date.getTime()) ? null : date;
}

/** To make a format takes much longer than to use it, and every row of a table has times. */
const formats = new Map<string, Intl.DateTimeFormat>();
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' });

function formatOf(iso: boolean, seconds: boolean, zone: string): Intl.DateTimeFormat {
  const key = `${String(iso)} ${String(seconds)} ${zone}`;
  let format = formats.get(key);
  if (format === undefined) {
    format = new Intl.DateTimeFormat(iso ? 'sv-SE' : undefined, {
      year: 'numeric',
      month: iso ? '2-digit' : 'short',
      day: iso ? '2-digit' : 'numeric',
      hour: '2-digit',
      minute: '2-digit',
      ...(seconds ? { second: '2-digit' } : {}),
      timeZoneName: 'short',
      timeZone: zoneName(zone),
    });
    formats.set(key, format);
  }
  return format;
}

export function formatTime(value: unknown, options: { seconds?: boolean; zone?: ZoneChoice } = {}): string {
  const date = toDate(value);
  return date === null ? '–' : formatOf(dateChoice() === 'iso', options.seconds !== false, options.zone ?? zoneChoice()).format(date);
}

/** "1 h 5 min", "5 min 3 s", "3 s"; two units at most. */
export function formatSeconds(total: number | null | undefined): string {
  if (total === null || total === undefined || !Number.isFinite(total) || total < 0) {
    return '–';
  }
  const s = Math.round(total);
  const parts: [number, string][] = [
    [Math.floor(s / 86400), 'd'],
    [Math.floor(s / 3600) % 24, 'h'],
    [Math.floor(s / 60) % 60, 'min'],
    [s % 60, 's'],
  ];
  const first = parts.findIndex(([n]) => n > 0);
  if (first < 0) {
    return '0 s';
  }
  return parts
    .slice(first, first + 2)
    .filter(([n]) => n > 0)
    .map(([n, unit]) => `${String(n)} ${unit}`)
    .join(' ');
}

/** Seconds of an ISO-8601 duration such as PT2M5S; null for what is none. */
export function isoDuration(value: unknown): number | null {
  if (typeof value !== 'string') {
    return null;
  }
  const m = /^P(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(value);
  if (m === null || value === 'P' || value.endsWith('T')) {
    return null;
  }
  const n = (i: number) => Number(m[i] ?? 0);
  return n(1) * 86400 + n(2) * 3600 + n(3) * 60 + n(4);
}

/** "3 minutes ago" of a moment, up to seven days; after that the time. */
export function formatAgo(value: unknown, now = Date.now()): string {
  const date = toDate(value);
  if (date === null) {
    return '–';
  }
  const seconds = Math.round((date.getTime() - now) / 1000);
  const abs = Math.abs(seconds);
  if (abs < 60) {
    return relative.format(Math.trunc(seconds), 'second');
  }
  if (abs < 3600) {
    return relative.format(Math.trunc(seconds / 60), 'minute');
  }
  if (abs < 86400) {
    return relative.format(Math.trunc(seconds / 3600), 'hour');
  }
  if (abs < 7 * 86400) {
    return relative.format(Math.trunc(seconds / 86400), 'day');
  }
  return formatTime(date);
}

/** A moment for files; empty for none. */
export function isoTime(value: unknown): string {
  return toDate(value)?.toISOString() ?? '';
}

/** The minute that began `seconds` ago, as the API takes it. */
export function isoBefore(seconds: number, now = Date.now()): string {
  return new Date(Math.floor(now / 60_000) * 60_000 - seconds * 1000).toISOString();
}
