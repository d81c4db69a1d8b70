/** What people decided in a run, and what it was warned of; pure. */
import type { Schemas } from '../api/client';

export interface Decision {
  kind: 'note' | 'warning' | 'override' | 'override.resume' | 'override.retry';
  /** Names of overrides, or a text of somebody or of the server. */
  what: readonly string[];
  reason: string;
  time: unknown;
  by: string;
  serverIds: readonly string[];
}

const FLAGS = ['allowDegraded', 'allowUnknownLimits', 'confirmReplaceExisting'] as const;

const text = (value: unknown) => (typeof value === 'string' ? value : '');
const record = (value: unknown) => (typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {});
const flagsOf = (given: Record<string, unknown>) => FLAGS.filter((flag) => given[flag] === true);

type Decided = Pick<Schemas['Execution'], 'notes' | 'overrides' | 'warnings'>;

/** The record holds the overrides of the last resume and retry apart, and beside them what holds by all. */
function overridesOf(overrides: Record<string, unknown>): Decision[] {
  const later = (['resume', 'retry'] as const).flatMap((step): Decision[] => {
    const given = record(overrides[step]);
    const what = flagsOf(given);
    return what.length === 0 ? [] : [{ kind: `override.${step}`, what, reason: text(given.overrideReason), time: null, by: '', serverIds: [] }];
  });
  const what = flagsOf(overrides).filter((flag) => !later.some((d) => d.what.includes(flag)));
  return what.length === 0
    ? later
    : [{ kind: 'override', what, reason: later.length === 0 ? text(overrides.overrideReason) : '', time: null, by: '', serverIds: [] }, ...later];
}

export function decisionsOf({ notes, overrides, warnings }: Decided): Decision[] {
  return [
    ...(warnings ?? []).map((w): Decision => ({
      kind: 'warning', what: [text(w.message) || text(w.code)], reason: '', time: null, by: '',
      serverIds: Array.isArray(w.serverIds) ? w.serverIds.filter((id): id is string => typeof id === 'string') : [],
    })),
    ...overridesOf(overrides ?? {}),
    ...(notes ?? []).map((n): Decision => ({ kind: 'note', what: [text(n.text)], reason: '', time: n.time, by: text(n.user), serverIds: [] })),
  ];
}

/** Who or what started the run, beside the name of the source. */
export function invocationOf(details: Record<string, unknown> | undefined): [string, string][] {
  return Object.entries(details ?? {}).flatMap(([name, value]): [string, string][] =>
    value === null || value === '' ? [] : [[name, typeof value === 'string' ? value : JSON.stringify(value)]],
  );
}
