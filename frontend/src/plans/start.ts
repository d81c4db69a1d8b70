/** What a start is asked for; pure. */
import type { ApiError } from '../api/error';
import type { Schemas } from '../api/client';
import type { PrecheckOptions } from '../api/queries';
import { t } from '../i18n/t';
import { momentOf } from '../lib/time';

/** Refusals that a reason given by a person overrides (api.md 10.4). */
const OVERRIDES = {
  UNHEALTHY_SERVER_REPLICATION: 'allowDegraded',
  LIMITS_UNKNOWN: 'allowUnknownLimits',
  EXISTING_RECOVERY_INSTANCES: 'confirmReplaceExisting',
} as const;

/** Failed checks of a precheck that the same overrides answer. */
const CHECKS: Partial<Record<Schemas['PrecheckCheck']['id'], Override>> = {
  REPLICATION: 'allowDegraded', JOB_LIMITS: 'allowUnknownLimits', EXISTING_INSTANCES: 'confirmReplaceExisting',
};

export type Override = (typeof OVERRIDES)[keyof typeof OVERRIDES];

export function overrideFor(error: ApiError): Override | null {
  return error.code in OVERRIDES ? OVERRIDES[error.code as keyof typeof OVERRIDES] : null;
}

export function overridesOf(check: Pick<Schemas['Precheck'], 'checks'> | undefined): Override[] {
  const found = (check?.checks ?? []).flatMap((c) => (c.result === 'FAIL' && c.overridable ? (CHECKS[c.id] ?? []) : []));
  return [...new Set(found)];
}

/** What is set aside, and why. */
export interface OverrideDraft {
  set: readonly Override[];
  reason: string;
}

export const NO_OVERRIDES: OverrideDraft = { set: [], reason: '' };

/** Whether a reason is still missing. */
export function isReasoned({ set, reason }: OverrideDraft): boolean {
  return set.length === 0 || reason.trim() !== '';
}

/** The fields of a request. */
export function overrideBody({ set, reason }: OverrideDraft): Partial<Record<Override, true>> & { overrideReason?: string } {
  return set.length === 0 ? {} : { ...(Object.fromEntries(set.map((name) => [name, true])) as Partial<Record<Override, true>>), overrideReason: reason.trim() };
}

/** What is offered: what a check or a refusal asks for, and what is set already. */
export function offeredOf(draft: OverrideDraft, ...asked: readonly (Override | null)[]): Override[] {
  return [...new Set([...draft.set, ...asked.flatMap((name) => name ?? [])])];
}

export interface PointDraft {
  kind: 'LATEST' | 'BEFORE' | 'SNAPSHOTS';
  date: string;
  time: string;
  /** Lines of a server and a snapshot. */
  list: string;
}

export const LATEST: PointDraft = { kind: 'LATEST', date: '', time: '', list: '' };

/** The recovery point as the API takes it, or what is wrong with it. */
export function pointOf(point: PointDraft, now = Date.now()): { options: Pick<PrecheckOptions, 'recoveryPoint' | 'recoverySnapshots'> } | { problem: string } {
  if (point.kind === 'LATEST') {
    return { options: {} };
  }
  if (point.kind === 'BEFORE') {
    const time = /^\d\d:\d\d$/.test(point.time) ? `${point.time}:00` : point.time;
    const at = momentOf(point.date, time);
    return Number.isNaN(at.getTime()) || at.getTime() > now
      ? { problem: t('start.point.problem.time') }
      : { options: { recoveryPoint: `BEFORE:${at.toISOString()}` } };
  }
  const recoverySnapshots: Record<string, string> = {};
  const lines = point.list.split('\n').map((line) => line.trim());
  for (const [i, line] of lines.entries()) {
    const match = /^(s-[0-9a-f]{17})[\s,=]+(pit-[0-9a-f]{17})$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) {
      recoverySnapshots[match[1]] = match[2];
    } else if (line !== '') {
      return { problem: t('start.point.problem.list', { line: i + 1 }) };
    }
  }
  return Object.keys(recoverySnapshots).length === 0
    ? { problem: t('start.point.problem.list', { line: 1 }) }
    : { options: { recoveryPoint: 'SNAPSHOTS', recoverySnapshots } };
}
