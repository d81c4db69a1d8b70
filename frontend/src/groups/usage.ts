/** Which plans use a group; every group of a wave counts. */
interface WaveLike {
  protectionGroupId?: string;
  protectionGroupIds?: readonly string[];
}

interface PlanLike {
  planId: string;
  planName: string;
  waves: readonly WaveLike[];
}

/** Waves of a plan that launch the group. */
export function wavesOf<W extends WaveLike>(plan: { waves: readonly W[] }, groupId: string): W[] {
  return plan.waves.filter((wave) => wave.protectionGroupId === groupId || wave.protectionGroupIds?.includes(groupId) === true);
}

export function plansUsing<P extends PlanLike>(plans: readonly P[], groupId: string): P[] {
  return plans.filter((plan) => wavesOf(plan, groupId).length > 0);
}

/** A paused run does not keep its groups from being changed. */
const BLOCKING = new Set([
  'PENDING', 'POLLING', 'INITIATED', 'LAUNCHING', 'STARTED', 'IN_PROGRESS', 'RUNNING', 'PAUSE_PENDING', 'CANCELLING',
]);

/** The run on account of which a group cannot be changed now. */
export function blockingRun<R extends { planId?: string; status?: string }>(runs: readonly R[], plans: readonly PlanLike[], groupId: string): R | undefined {
  const ids = new Set(plansUsing(plans, groupId).map((p) => p.planId));
  return runs.find((run) => run.planId !== undefined && ids.has(run.planId) && BLOCKING.has(run.status ?? ''));
}
