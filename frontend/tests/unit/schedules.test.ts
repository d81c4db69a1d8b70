import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { schedulesTexts } from '../../src/i18n/schedules.en';
import { register } from '../../src/i18n/t';
import { cronAt, nextRuns, parseCron, type Cron } from '../../src/lib/cron';
import { isTimeZone } from '../../src/lib/time';
import { bodyOf, cronOf, formOf, NEW_FORM, repeatOf, scheduleProblems } from '../../src/schedules/form';
import { cronProblem, cronWords, zonedTime } from '../../src/schedules/words';

register({ ...texts, ...moreTexts, ...schedulesTexts }, icu);

function cron(text: string): Cron {
  const parsed = parseCron(text);
  if (typeof parsed === 'string') {
    throw new Error(`${text}: ${parsed}`);
  }
  return parsed;
}

const iso = (at: Date) => at.toISOString().replace('.000', '');

describe('cron expressions', () => {
  // printed by "drs-worker schedule next EXPRESSION ZONE --after TIME"; null: it refuses the expression
  const vectors = JSON.parse(readFileSync(join(import.meta.dirname, 'cron-vectors.json'), 'utf8')) as
    [expression: string, zone: string, after: string, times: string[] | null][];

  it('come when the worker says, over every change of the clocks', () => {
    expect(vectors.length).toBeGreaterThan(150);
    for (const [text, zone, after, times] of vectors) {
      const parsed = parseCron(text);
      const found = typeof parsed === 'string' ? null : nextRuns(parsed, zone, Date.parse(after), 5).map(iso);
      expect([text, zone, after, found]).toEqual([text, zone, after, times]);
    }
  });

  it('do not come in the hour that is left out but when it is over, and once in the hour that comes twice', () => {
    const at = (text: string, after: string) => nextRuns(cron(text), 'Europe/Berlin', Date.parse(after), 2).map(iso);
    expect(at('30 2 * * *', '2026-03-28T12:00:00Z')).toEqual(['2026-03-29T01:00:00Z', '2026-03-30T00:30:00Z']);
    expect(at('30 2 * * *', '2026-10-24T12:00:00Z')).toEqual(['2026-10-25T00:30:00Z', '2026-10-26T01:30:00Z']);
    expect(at('30 * * * *', '2026-10-25T00:00:00Z')).toEqual(['2026-10-25T00:30:00Z', '2026-10-25T01:30:00Z']);
  });

  it.each([
    ['', 'fields'], ['0 6 * *', 'fields'], ['0 6 * * * *', 'fields'], ['@daily', 'fields'],
    ['60 6 * * *', 'minute'], ['1, 6 * * *', 'minute'], ['*/0 6 * * *', 'minute'], ['5-1 6 * * *', 'minute'], ['001 6 * * *', 'minute'],
    ['0 24 * * *', 'hour'], ['0 6-8-9 * * *', 'hour'], ['0 6 0 * *', 'day'], ['0 6 L * *', 'day'], ['0 6 * 13 *', 'month'], ['0 6 * JANUARY *', 'month'],
    ['0 6 * * 8', 'weekday'], ['0 6 * * MON#2', 'weekday'], ['0 6 ? * MON', 'day'],
    ['0 0 30 2 *', 'never'], [`0 6 * * ${'1,'.repeat(70)}1`, 'long'],
  ])('%j is refused because of: %s', (text, problem) => {
    expect(parseCron(text)).toBe(problem);
    expect(cronProblem(text)).toMatch(/\.$/);
  });

  it.each([
    ['0 6 * * SAT', 'At 06:00 on Saturday'],
    ['0 6,18 * * *', 'At 06:00 and 18:00 every day'],
    ['*/15 * * * *', 'Every 15 minutes every day'],
    ['* * * * *', 'Every minute every day'],
    ['5 * * * MON-FRI', 'Every hour at :05 on Monday, Tuesday, Wednesday, Thursday, and Friday'],
    ['0 6 1 * *', 'At 06:00 on day 1 of the month'],
    ['0 6 1 * MON', 'At 06:00 on day 1 of the month and on every Monday'],
    ['0 6 1 JAN,JUL *', 'At 06:00 on day 1 of the month in January and July'],
    ['*/20 1-3 * * *', 'Every 20 minutes of the hours 01, 02, and 03 every day'],
    ['nonsense', 'nonsense'],
  ])('%j is in words: %s', (text, words) => {
    expect(cronWords(text)).toBe(words);
  });

  it('show times as clocks in the zone do', () => {
    expect(zonedTime('2026-12-05T05:00:00Z', 'Europe/Berlin')).toMatch(/Sat.*Dec.*5.*06:00/);
    expect([isTimeZone('Europe/Berlin'), isTimeZone('Mars/Olympus'), isTimeZone('')]).toEqual([true, false, false]);
  });
});

describe('the form of a schedule', () => {
  const schedule = {
    scheduleId: 's', planId: 'p', name: 'Weekly', enabled: true, cron: '30 5 * * 6,SUN', timeZone: 'Asia/Tokyo', executionType: 'DRILL' as const,
    skipIfConflict: false, allowDegraded: true, overrideReason: 'known', createdAt: '', updatedAt: '', createdBy: '', version: 3,
    nextRunAt: null, lastRun: null,
  };

  it('keeps what is stored', () => {
    const form = formOf(schedule);
    expect(form).toMatchObject({ repeat: 'weekly', time: '05:30', weekdays: [0, 6] });
    expect(bodyOf(form)).toEqual({
      name: 'Weekly', enabled: true, cron: '30 5 * * SUN,SAT', timeZone: 'Asia/Tokyo', skipIfConflict: false, allowDegraded: true, overrideReason: 'known',
    });
  });

  it.each([
    ['0 6 * * *', 'daily'], ['0 6 15 * *', 'monthly'], ['0 6 * * MON', 'weekly'], ['0 6 1 * MON', 'custom'], ['*/5 6 * * *', 'custom'], ['0 6 * 1 *', 'custom'],
  ])('knows how %s repeats', (text, repeat) => {
    expect(repeatOf(text).repeat).toBe(repeat);
    // and comes at the same times when it is saved again
    const form = { ...NEW_FORM, cron: text, ...repeatOf(text) };
    const at = Date.parse('2026-11-29T10:00:00Z');
    expect(nextRuns(cron(cronOf(form)), 'UTC', at, 5)).toEqual(nextRuns(cron(text), 'UTC', at, 5));
  });

  it('makes expressions', () => {
    expect([cronAt('06:05'), cronAt('06:00', { weekdays: [1, 0] }), cronAt('23:59', { day: 31 })]).toEqual(['5 6 * * *', '0 6 * * MON,SUN', '59 23 31 * *']);
  });

  it.each([
    [{ planId: '' }, 'planId'], [{ name: '' }, 'name'], [{ name: 'x'.repeat(65) }, 'name'], [{ time: '24:00' }, 'time'], [{ time: '6' }, 'time'], [{ weekdays: [] }, 'weekdays'],
    [{ repeat: 'monthly' as const, day: '32' }, 'day'], [{ repeat: 'custom' as const, cron: '0 6 * *' }, 'cron'], [{ timeZone: 'Mars/Olympus' }, 'timeZone'],
    [{ allowDegraded: true }, 'overrideReason'],
  ])('names the field of %j', (change, field) => {
    expect(scheduleProblems({ ...NEW_FORM, planId: 'p', name: 'n' })).toEqual({});
    expect(Object.keys(scheduleProblems({ ...NEW_FORM, planId: 'p', name: 'n', ...change }))).toEqual([field]);
  });
});
