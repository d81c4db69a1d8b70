/** Whether a plan can be started, and why not. */
import type { Schemas } from '../api/client';
import { t } from '../i18n/t';
import { isTerminal } from '../lib/status';

type Facts = Partial<Pick<Schemas['PlanListItem'], 'lastExecutionStatus' | 'lastEndTime' | 'hasServerConflict' | 'conflictInfo'>>;

export function isRunning(plan: Facts): boolean {
  const status = plan.lastExecutionStatus;
  return status !== null && status !== undefined && status !== '' && !isTerminal(status);
}

export function blockedBecause(plan: Facts): string | null {
  if (plan.hasServerConflict !== true) {
    return null;
  }
  return plan.conflictInfo?.reason ?? t('plan.conflict');
}

export type Subscription = 'none' | 'pending' | 'active';

/** Whether the address of a plan gets its mails; it has to be confirmed first. */
export function subscriptionOf(plan: Pick<Schemas['RecoveryPlan'], 'notificationEmail' | 'snsSubscriptionArn'>): Subscription {
  if ((plan.notificationEmail ?? '') === '' || (plan.snsSubscriptionArn ?? '') === '') {
    return 'none';
  }
  return plan.snsSubscriptionArn === 'PendingConfirmation' ? 'pending' : 'active';
}

/** Waves in the order in which they can begin: each after what it needs. */
export function layers(waves: readonly { waveNumber: number; dependsOnWaves?: readonly number[] }[]): number[][] {
  const declared = waves.some((w) => (w.dependsOnWaves ?? []).length > 0);
  const depth = new Map<number, number>();
  const sorted = [...waves].sort((a, b) => a.waveNumber - b.waveNumber);
  for (const [i, wave] of sorted.entries()) {
    // without any dependency the plan is a chain
    const needs = declared ? (wave.dependsOnWaves ?? []) : i === 0 ? [] : [sorted[i - 1]?.waveNumber ?? 0];
    depth.set(wave.waveNumber, Math.max(0, ...needs.map((n) => (depth.get(n) ?? -1) + 1)));
  }
  const out: number[][] = [];
  for (const [wave, at] of depth) {
    (out[at] ??= []).push(wave);
  }
  return out;
}
