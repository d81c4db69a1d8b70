/** Order and signs of the checks before a start; pure. */
import type { Schemas } from '../api/client';
import type { Indicator } from '../lib/status';

type Check = Schemas['PrecheckCheck'];

const ORDER: Record<Check['result'], number> = { FAIL: 0, UNKNOWN: 1, WARN: 2, OK: 3 };

export const RESULT_TYPES: Record<Check['result'], Indicator> = { FAIL: 'error', UNKNOWN: 'warning', WARN: 'warning', OK: 'success' };

export const VERDICT_TYPES: Record<Schemas['Precheck']['verdict'], 'success' | 'warning' | 'error'> = {
  READY: 'success', READY_WITH_WARNINGS: 'warning', NOT_READY: 'error',
};

/** What hinders most comes first; equals stay in the order of the server. */
export function bySeverity<C extends Pick<Check, 'result'>>(checks: readonly C[]): C[] {
  return [...checks].sort((a, b) => ORDER[a.result] - ORDER[b.result]);
}
