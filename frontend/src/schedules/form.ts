/** The form of a schedule; the server has the same rules and the last word. */
import type { Schemas } from '../api/client';
import { t } from '../i18n/t';
import { cronAt, parseCron } from '../lib/cron';
import { field, type Part } from '../lib/merge';
import { isTimeZone } from '../lib/time';
import { cronProblem, cronWords } from './words';

export type Schedule = Schemas['Schedule'];

export const REPEATS = ['daily', 'weekly', 'monthly', 'custom'] as const;
export type Repeat = (typeof REPEATS)[number];

export interface ScheduleForm {
  planId: string;
  name: string;
  enabled: boolean;
  repeat: Repeat;
  /** HH:MM, for all but custom. */
  time: string;
  weekdays: number[];
  day: string;
  cron: string;
  timeZone: string;
  skipIfConflict: boolean;
  allowDegraded: boolean;
  overrideReason: string;
}

export const NEW_FORM: ScheduleForm = {
  planId: '', name: '', enabled: true, repeat: 'weekly', time: '06:00', weekdays: [6], day: '1', cron: '0 6 * * SAT',
  timeZone: 'UTC', skipIfConflict: true, allowDegraded: false, overrideReason: '',
};

const SIMPLE = /^(\d{1,2}) (\d{1,2}) (\*|\d{1,2}) \* (\S+)$/;

/** How often an expression comes, in the terms of the form. */
export function repeatOf(cron: string): Pick<ScheduleForm, 'repeat'> & Partial<ScheduleForm> {
  const match = SIMPLE.exec(cron.trim());
  const parsed = parseCron(cron);
  if (match === null || typeof parsed === 'string') {
    return { repeat: 'custom' };
  }
  const time = `${(match[2] ?? '').padStart(2, '0')}:${(match[1] ?? '').padStart(2, '0')}`;
  const [day, weekday] = [match[3] ?? '', match[4] ?? ''];
  if (day !== '*') {
    return weekday === '*' ? { repeat: 'monthly', time, day } : { repeat: 'custom' };
  }
  return weekday === '*' ? { repeat: 'daily', time } : { repeat: 'weekly', time, weekdays: [...parsed.weekdays].sort((a, b) => a - b) };
}

export function formOf(schedule: Schedule): ScheduleForm {
  return {
    ...NEW_FORM,
    planId: schedule.planId,
    name: schedule.name,
    enabled: schedule.enabled,
    cron: schedule.cron,
    timeZone: schedule.timeZone,
    skipIfConflict: schedule.skipIfConflict,
    allowDegraded: schedule.allowDegraded,
    overrideReason: schedule.overrideReason ?? '',
    ...repeatOf(schedule.cron),
  };
}

export function cronOf(form: ScheduleForm): string {
  switch (form.repeat) {
    case 'daily':
      return cronAt(form.time);
    case 'weekly':
      return cronAt(form.time, { weekdays: form.weekdays });
    case 'monthly':
      return cronAt(form.time, { day: Number(form.day) });
    case 'custom':
      return form.cron.trim();
  }
}

export type Problems = Partial<Record<keyof ScheduleForm, string>>;

/** Texts of what is wrong, by field. */
export function scheduleProblems(form: ScheduleForm): Problems {
  const problems: Problems = {};
  if (form.planId === '') {
    problems.planId = t('schedule.problem.plan');
  }
  const name = [...form.name.trim()].length;
  if (name < 1 || name > 64) {
    problems.name = t('editor.problem.name');
  }
  if (form.repeat === 'custom') {
    const problem = cronProblem(form.cron.trim());
    if (problem !== null) {
      problems.cron = problem;
    }
  } else if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(form.time)) {
    problems.time = t('schedule.problem.time');
  }
  if (form.repeat === 'weekly' && form.weekdays.length === 0) {
    problems.weekdays = t('schedule.problem.weekdays');
  }
  if (form.repeat === 'monthly' && !/^([1-9]|[12]\d|3[01])$/.test(form.day)) {
    problems.day = t('schedule.problem.day');
  }
  if (!isTimeZone(form.timeZone)) {
    problems.timeZone = t('schedule.problem.zone');
  }
  const reason = [...form.overrideReason.trim()].length;
  if (form.allowDegraded && (reason < 1 || reason > 1000)) {
    problems.overrideReason = t('schedule.problem.reason');
  }
  return problems;
}

/** What is sent. */
export function bodyOf(form: ScheduleForm) {
  return {
    name: form.name.trim(),
    enabled: form.enabled,
    cron: cronOf(form),
    timeZone: form.timeZone,
    skipIfConflict: form.skipIfConflict,
    allowDegraded: form.allowDegraded,
    ...(form.allowDegraded ? { overrideReason: form.overrideReason.trim() } : {}),
  };
}

/** Where the form shows a field of the API. */
export function scheduleField(name: string, form: ScheduleForm): keyof ScheduleForm | null {
  switch (name) {
    case 'cron':
      return form.repeat === 'custom' ? 'cron' : 'time';
    case 'name':
    case 'timeZone':
    case 'overrideReason':
      return name;
    default:
      return null;
  }
}

/** What is compared when somebody else saved first. */
export function scheduleParts(): Part<ScheduleForm>[] {
  const yesNo = (value: boolean) => t(value ? 'yes' : 'no');
  return [
    field('name', t('name')),
    field('enabled', t('schedule.enabled'), yesNo),
    {
      id: 'cron',
      label: t('schedule.when'),
      value: cronOf,
      show: (form) => cronWords(cronOf(form)),
      take: ({ repeat, time, weekdays, day, cron }, into) => ({ ...into, repeat, time, weekdays, day, cron }),
    },
    field('timeZone', t('schedule.zone')),
    field('skipIfConflict', t('schedule.conflict'), (skip) => t(skip ? 'schedule.conflict.skip' : 'schedule.conflict.wait')),
    field('allowDegraded', t('schedule.degraded'), yesNo),
    field('overrideReason', t('start.override.reason')),
  ];
}
