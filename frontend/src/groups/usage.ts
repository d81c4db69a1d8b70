/** Which plans use a group; every group of a wave counts. */
interface PlanLike {
  planId: string;
  planName: string;
  waves: readonly { protectionGroupId?: string; protectionGroupIds?: readonly string[] }[];
}

export function plansUsing<P extends PlanLike>(plans: readonly P[], groupId: string): P[] {
  return plans.filter((plan) =>
    plan.waves.some((wave) => wave.protectionGroupId === groupId || wave.protectionGroupIds?.includes(groupId) === true),
  );
}
