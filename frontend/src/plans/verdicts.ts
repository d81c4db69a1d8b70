/** What checks of a plan found, as far as this browser asked for them: the last one and the trend. */
import type { Schemas } from '../api/client';
import { readStored, writeStored } from '../lib/stored';
import { isoDuration } from '../lib/time';

type Precheck = Schemas['Precheck'];

export interface KeptVerdict {
  at: string;
  type: Precheck['executionType'];
  verdict: Precheck['verdict'];
  hinders: number;
  warnings: number;
  servers: number;
  /** Seconds; null when not known. */
  lag: number | null;
  seconds: number | null;
}

const KEPT = 20;

const VERDICTS = ['READY', 'READY_WITH_WARNINGS', 'NOT_READY'];

const isKept = (value: unknown): value is KeptVerdict[] =>
  Array.isArray(value) &&
  value.every((v: Partial<KeptVerdict> | null) => v !== null && typeof v === 'object' && typeof v.at === 'string' && VERDICTS.includes(v.verdict ?? ''));

const keyOf = (planId: string) => `verdicts:${planId}`;

/** Newest first. */
export function readVerdicts(planId: string): KeptVerdict[] {
  return readStored(keyOf(planId), isKept, []);
}

export function verdictOf(check: Precheck): KeptVerdict {
  const count = (result: string) => check.checks.filter((c) => c.result === result).length;
  return {
    at: check.checkedAt, type: check.executionType, verdict: check.verdict, hinders: count('FAIL'), warnings: count('WARN') + count('UNKNOWN'),
    servers: check.waves.reduce((sum, w) => sum + w.serverCount, 0),
    lag: isoDuration(check.worstLag), seconds: check.estimatedSeconds ?? null,
  };
}

/** The list with one more, the newest first. */
export function withCheck(verdicts: readonly KeptVerdict[], check: Precheck): KeptVerdict[] {
  const next = verdictOf(check);
  return [next, ...verdicts.filter((v) => v.at !== next.at || v.type !== next.type)].sort((a, b) => b.at.localeCompare(a.at)).slice(0, KEPT);
}

export function keepVerdict(check: Precheck): void {
  writeStored(keyOf(check.planId), withCheck(readVerdicts(check.planId), check));
  // the first steps on the dashboard
  writeStored(`ready:${check.planId}`, true);
}
