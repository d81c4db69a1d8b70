import type { Schemas } from '../api/client';
import { useGroups, usePrecheck } from '../api/queries';
import '../i18n/graph';
import { t } from '../i18n/t';
import WaveGraph, { type WaveNode } from './WaveGraph';

/** The waves of a stored plan, with what a precheck finds out about them. */
export default function PlanGraph({ plan }: { plan: Schemas['RecoveryPlan'] }) {
  const groups = useGroups('');
  const check = usePrecheck(plan.planId, 'DRILL').data;
  const named = groups.data?.groups;
  const waves = [...plan.waves].sort((a, b) => a.waveNumber - b.waveNumber).map((w): WaveNode => {
    const found = check?.waves.find((c) => c.waveNumber === w.waveNumber);
    return {
      waveNumber: w.waveNumber,
      name: w.waveName,
      dependsOnWaves: w.dependsOnWaves,
      groups: w.protectionGroupIds.map((id) => named?.find((g) => g.groupId === id)?.groupName ?? id),
      servers: found?.serverCount ?? null,
      pauseBefore: w.pauseBeforeWave,
      seconds: found?.estimatedSeconds ?? null,
      warnings: [
        ...(named === undefined ? [] : w.protectionGroupIds.filter((id) => !named.some((g) => g.groupId === id)).map((name) => t('graph.missing', { name }))),
        ...(check?.checks ?? []).filter((c) => c.waveNumber === w.waveNumber && c.result !== 'OK').map((c) => c.message),
      ],
    };
  });
  return <WaveGraph waves={waves} critical={check?.criticalPath} />;
}
