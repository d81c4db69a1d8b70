import { memo } from 'react';
import type { Schemas } from '../api/client';
import { useGroups } from '../api/queries';
import type { WaveNode } from '../plans/WaveGraph';
import WaveGraph from '../plans/WaveGraph';

/** The waves of a run in their order, with what each is doing. */
export default memo(function ExecutionGraph({ waves: ofRun }: Pick<Schemas['Execution'], 'waves'>) {
  const groups = useGroups('').data?.groups ?? [];
  const waves = ofRun.map((w): WaveNode => {
    const ids = w.protectionGroupIds ?? [];
    return {
      waveNumber: w.waveNumber,
      name: w.waveName,
      dependsOnWaves: w.dependsOnWaves ?? [],
      groups: ids.map((id) => groups.find((g) => g.groupId === id)?.groupName ?? id),
      servers: w.totalServers ?? w.serverCount ?? null,
      launched: w.launchedServers ?? 0,
      pauseBefore: w.pauseBeforeWave === true,
      seconds: w.duration ?? null,
      status: w.skipped === true ? 'SKIPPED' : w.status,
      ...(w.error === undefined ? {} : { warnings: [w.error.message] }),
    };
  });
  return <WaveGraph waves={waves} />;
});
