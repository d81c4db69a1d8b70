/** Cron expressions of schedules, counted as the worker does (docs/schedules.md). */

export const CRON_FIELDS = ['minute', 'hour', 'day', 'month', 'weekday'] as const;
export type CronField = (typeof CRON_FIELDS)[number];

export interface Cron {
  minutes: readonly number[];
  hours: readonly number[];
  days: ReadonlySet<number>;
  months: ReadonlySet<number>;
  /** 0 is Sunday. */
  weekdays: ReadonlySet<number>;
  /** Day of the month or weekday is enough. */
  either: boolean;
}

/** Why a text is no expression. */
export type CronProblem = CronField | 'fields' | 'long' | 'never';

const MAX_LENGTH = 128;
const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const WEEKDAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];

interface Rule {
  min: number;
  max: number;
  names: readonly string[];
}

const RULES: Record<CronField, Rule> = {
  minute: { min: 0, max: 59, names: [] },
  hour: { min: 0, max: 23, names: [] },
  day: { min: 1, max: 31, names: [] },
  month: { min: 1, max: 12, names: MONTHS },
  weekday: { min: 0, max: 7, names: WEEKDAYS },
};

function number(text: string, min: number, max: number): number | null {
  const n = /^\d{1,2}$/.test(text) ? Number(text) : -1;
  return n >= min && n <= max ? n : null;
}

function valueOf(rule: Rule, text: string): number | null {
  const at = rule.names.indexOf(text.toUpperCase());
  return at >= 0 ? rule.min + at : number(text, rule.min, rule.max);
}

/** Numbers of one item of a list, or null. */
function itemOf(rule: Rule, item: string): number[] | null {
  const parts = item.split('/');
  const [range = '', stepText] = parts;
  const step = stepText === undefined ? 1 : number(stepText, 1, rule.max);
  if (parts.length > 2 || step === null) {
    return null;
  }
  let first: number | null;
  let last: number | null;
  if (range === '*') {
    first = rule.min;
    last = rule.max === 7 ? 6 : rule.max;
  } else {
    const ends = range.split('-');
    first = valueOf(rule, ends[0] ?? '');
    last = ends.length === 1 ? (stepText === undefined ? first : rule.max) : valueOf(rule, ends[1] ?? '');
    if (ends.length > 2) {
      return null;
    }
    if (ends.length === 2 && rule.max === 7 && last === 0) {
      last = 7;
    }
  }
  if (first === null || last === null || last < first) {
    return null;
  }
  const out = [];
  for (let n = first; n <= last; n += step) {
    out.push(n);
  }
  return out;
}

function fieldOf(rule: Rule, text: string): number[] | null {
  const all = new Set<number>();
  for (const item of text.split(',')) {
    const numbers = itemOf(rule, item);
    if (numbers === null) {
      return null;
    }
    numbers.forEach((n) => all.add(n));
  }
  return [...all].sort((a, b) => a - b);
}

/** Days of a month of a leap year. */
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

export function parseCron(text: string): Cron | CronProblem {
  if (new TextEncoder().encode(text).length > MAX_LENGTH) {
    return 'long';
  }
  const texts = text.split(' ').filter((part) => part !== '');
  if (texts.length !== CRON_FIELDS.length) {
    return 'fields';
  }
  const lists: number[][] = [];
  for (const [i, name] of CRON_FIELDS.entries()) {
    const list = fieldOf(RULES[name], texts[i] ?? '');
    if (list === null) {
      return name;
    }
    lists.push(list);
  }
  const [minutes = [], hours = [], days = [], months = [], weekdays = []] = lists;
  const either = texts[2]?.startsWith('*') === false && texts[4]?.startsWith('*') === false;
  if (!either && !months.some((m) => days.some((d) => d <= (LONGEST[m - 1] ?? 0)))) {
    return 'never';
  }
  return { minutes, hours, days: new Set(days), months: new Set(months), weekdays: new Set(weekdays.map((d) => d % 7)), either };
}

const MINUTE = 60_000;
const DAY = 86_400_000;
/** Leap days are at most eight years apart, and may fall on one weekday every 40 years. */
const HORIZON_DAYS = 41 * 366;

/** Milliseconds that local time of the zone is ahead of UTC; throws for an unknown zone. */
function offsets(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone, hourCycle: 'h23',
    year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric',
  });
  return (at) => {
    const part: Record<string, number> = {};
    for (const { type, value } of format.formatToParts(at)) {
      part[type] = Number(value);
    }
    const local = Date.UTC(part.year ?? 0, (part.month ?? 1) - 1, part.day, part.hour, part.minute, part.second);
    return local - Math.floor(at / 1000) * 1000;
  };
}

/** Moments at which clocks of the zone show a local time: none, one or two. */
function momentsOf(local: number, offset: (at: number) => number): number[] {
  const found = new Set([local - offset(local - DAY), local - offset(local + DAY)]);
  return [...found].filter((at) => at + offset(at) === local).sort((a, b) => a - b);
}

/** The moment at which clocks jumped over a local time. */
function jumpOver(local: number, offset: (at: number) => number): number {
  let before = local - Math.max(offset(local - DAY), offset(local + DAY));
  let after = local - Math.min(offset(local - DAY), offset(local + DAY));
  const old = offset(before);
  while (after - before > MINUTE) {
    const middle = before + Math.floor((after - before) / 2 / MINUTE) * MINUTE;
    if (offset(middle) === old) {
      before = middle;
    } else {
      after = middle;
    }
  }
  return after;
}

function comesOn(cron: Cron, day: Date): boolean {
  if (!cron.months.has(day.getUTCMonth() + 1)) {
    return false;
  }
  const [date, weekday] = [cron.days.has(day.getUTCDate()), cron.weekdays.has(day.getUTCDay())];
  return cron.either ? date || weekday : date && weekday;
}

/** The next times after a moment, at most `count`. */
export function nextRuns(cron: Cron, zone: string, after: number, count: number): Date[] {
  const offset = offsets(zone);
  const everyHour = cron.hours.length === 24;
  const today = Math.floor((after + offset(after)) / DAY) * DAY;
  const out: number[] = [];
  // clocks that are put back at midnight show a part of yesterday again
  for (let i = -1, last = 0; i - last <= HORIZON_DAYS && out.length < count; i++) {
    const day = today + i * DAY;
    if (!comesOn(cron, new Date(day))) {
      continue;
    }
    last = i;
    const steady = offset(day - DAY);
    const same = steady === offset(day + 2 * DAY) && steady === offset(day + DAY / 2);
    const times = new Set<number>();
    for (const hour of cron.hours) {
      for (const minute of cron.minutes) {
        const local = day + (hour * 60 + minute) * MINUTE;
        if (same) {
          times.add(local - steady);
          continue;
        }
        const moments = momentsOf(local, offset);
        if (everyHour) {
          moments.forEach((at) => times.add(at));
        } else {
          times.add(moments[0] ?? jumpOver(local, offset));
        }
      }
    }
    out.push(...[...times].filter((at) => at > after && !out.includes(at)).sort((a, b) => a - b));
  }
  return out.sort((a, b) => a - b).slice(0, count).map((at) => new Date(at));
}

/** An expression of a time of day on some days. */
export function cronAt(time: string, days: { weekdays?: readonly number[]; day?: number } = {}): string {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  const weekdays = (days.weekdays ?? []).map((d) => WEEKDAYS[d]).join(',');
  return [minute, hour, days.day ?? '*', '*', weekdays === '' ? '*' : weekdays].join(' ');
}
