/** Order and signs of the checks before a start, and where each finding is mended; pure. */
import type { Schemas } from '../api/client';
import { t } from '../i18n/t';
import type { Indicator } from '../lib/status';

type Check = Schemas['PrecheckCheck'];
type Precheck = Schemas['Precheck'];

const ORDER: Record<Check['result'], number> = { FAIL: 0, UNKNOWN: 1, WARN: 2, OK: 3 };

export const RESULT_TYPES: Record<Check['result'], Indicator> = { FAIL: 'error', UNKNOWN: 'warning', WARN: 'warning', OK: 'success' };

export const VERDICT_TYPES: Record<Precheck['verdict'], 'success' | 'warning' | 'error'> = {
  READY: 'success', READY_WITH_WARNINGS: 'warning', NOT_READY: 'error',
};

/** What hinders most comes first; equals stay in the order of the server. */
export function bySeverity<C extends Pick<Check, 'result'>>(checks: readonly C[]): C[] {
  return [...checks].sort((a, b) => ORDER[a.result] - ORDER[b.result]);
}

export interface Remedy {
  text: string;
  href: string;
}

const str = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Runs by id, each once. */
function runs(ids: readonly unknown[]): Remedy[] {
  return [...new Set(ids.map(str))].filter((id) => id !== '').slice(0, 5).map((id) => ({ text: t('remedy.run'), href: `/executions/${id}` }));
}

/** Pages on which something can be done about a finding; none for what is good. */
export function remediesOf(check: Check, { planId, conflicts, existingInstances }: Pick<Precheck, 'planId' | 'conflicts' | 'existingInstances'>): Remedy[] {
  if (check.result === 'OK') {
    return [];
  }
  const details = check.details ?? {};
  const edit: Remedy = { text: t('remedy.plan'), href: `/recovery-plans/${planId}/edit` };
  const group = str(details.groupId) || str(details.protectionGroupId);
  const account = check.accountId === undefined ? '' : `?account=${check.accountId}`;
  const [first] = check.serverIds ?? [];
  const servers: Remedy[] = first === undefined ? [] : [
    (check.serverIds ?? []).length === 1 ? { text: t('remedy.server'), href: `/servers/${first}` } : { text: t('remedy.servers'), href: '/servers?show=notready' },
  ];
  switch (check.id) {
    case 'GROUPS_RESOLVE':
    case 'GROUP_COUNT_CHANGED':
      return group === '' ? [edit] : [{ text: t('remedy.group'), href: `/protection-groups/${group}` }, edit];
    case 'LAUNCH_SETTINGS':
      return group === '' ? [] : [{ text: t('remedy.launch'), href: `/protection-groups/${group}?tab=launch` }];
    case 'WAVE_SIZE':
    case 'DUPLICATE_SERVER':
      return [edit];
    case 'JOB_LIMITS':
    case 'RECOVERY_CAPACITY':
      return [{ text: t('remedy.capacity'), href: `/capacity${account}` }];
    case 'ACCOUNT_ACCESS':
      return [{ text: t('remedy.accounts'), href: '/settings/accounts' }];
    case 'PLAN_EXECUTING':
      return runs(Array.isArray(details.activeExecutions) ? details.activeExecutions : []);
    case 'SERVER_CONFLICT':
      return runs(conflicts.map((c) => c.conflictingExecutionId));
    case 'EXISTING_INSTANCES':
      return runs(existingInstances.map((i) => i.sourceExecutionId));
    case 'PLAN_AGE':
      return [{ text: t('remedy.drill'), href: `/recovery-plans/${planId}?start=DRILL` }];
    default:
      return servers;
  }
}
