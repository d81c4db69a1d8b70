/** What happened to one server: runs of its plans, jobs of DRS, replication now. */
import { useQueries, useQuery } from '@tanstack/react-query';
import type { Schemas } from '../api/client';
import { keys, usePolling } from '../api/queries';
import { useApi } from '../app/context';

export interface ServerRun {
  execution: Schemas['Execution'];
  /** The server in that run; null when it was not part of it. */
  server: Schemas['ServerExecution'] | null;
}

const RUNS = 10;

/** The newest runs of the plans, each with what became of the server. */
export function useServerRuns(serverId: string, planIds: readonly string[]) {
  const api = useApi();
  const refetchInterval = usePolling(6);
  const executions = useQueries({
    queries: planIds.map((planId) => ({
      queryKey: ['executions', 'of-plan', planId, RUNS],
      queryFn: async ({ signal }: { signal: AbortSignal }) =>
        (await api.get('/executions', { query: { planId, view: 'compact', limit: RUNS }, signal })).items,
      refetchInterval,
    })),
    combine: (results) => ({
      items: results.flatMap((r) => r.data ?? []).sort((a, b) => b.startTime - a.startTime).slice(0, RUNS),
      pending: results.some((r) => r.isPending),
      error: results.find((r) => r.isError)?.error ?? null,
      retry: () => {
        for (const result of results) {
          void result.refetch();
        }
      },
    }),
  });
  const servers = useQueries({
    queries: executions.items.map(({ executionId }) => ({
      queryKey: [...keys.executionServers(executionId, { q: serverId }), 'one'],
      queryFn: async ({ signal }: { signal: AbortSignal }) =>
        (await api.get('/executions/{id}/servers', { path: { id: executionId }, query: { q: serverId, limit: 1 }, signal })).servers[0] ?? null,
    })),
    combine: (results) => ({ found: results.map((r) => r.data ?? null), pending: results.some((r) => r.isPending) }),
  });
  const runs: ServerRun[] = executions.items.map((execution, i) => ({ execution, server: servers.found[i] ?? null }));
  return {
    runs: runs.filter((run) => run.server !== null),
    pending: executions.pending || servers.pending,
    error: executions.error,
    retry: executions.retry,
  };
}

/** Jobs of DRS that the server took part in, newest first. */
export function useServerJobs(accountId: string, region: string, serverId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['servers', accountId, region, 'jobs'],
    queryFn: async ({ signal }) => (await api.get('/drs/jobs', { query: { accountId, region }, signal })).jobs,
    staleTime: 30_000,
    select: (jobs) => jobs.filter((job) => job.participatingServers.some((s) => s.sourceServerId === serverId)),
  });
}

export function useReplication(accountId: string, region: string, serverId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['servers', accountId, region, 'replication', serverId],
    queryFn: async ({ signal }) =>
      (await api.get('/drs/replication', { query: { accountId, region, sourceServerIds: serverId }, signal })).servers[0] ?? null,
    staleTime: 10_000,
    refetchInterval: 30_000,
  });
}

export function useServerLaunch(groupId: string | undefined, serverId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['group', groupId, 'launch', serverId],
    queryFn: ({ signal }) =>
      api.get('/protection-groups/{id}/servers/{serverId}/launch-config', { path: { id: groupId ?? '', serverId }, signal }),
    enabled: groupId !== undefined,
  });
}
