/** Reads that only the pages of a run need; api/queries.ts is loaded before. */
import { useQueries, useQuery } from '@tanstack/react-query';
import type { ApiClient, Schemas } from '../api/client';
import { executionsPage, keys, usePolling, type ExecutionFilter, type ServerFilter } from '../api/queries';
import { useApi } from '../app/context';
import { serverName } from './names';

/** All pages of a list that has `nextToken`. */
async function allPages<T>(page: (nextToken: string | undefined) => Promise<{ items: readonly T[]; nextToken: string | null | undefined }>): Promise<T[]> {
  const out: T[] = [];
  let token: string | undefined;
  do {
    const answer = await page(token);
    out.push(...answer.items);
    token = answer.nextToken ?? undefined;
  } while (token !== undefined);
  return out;
}

export function serversOf(api: ApiClient, id: string, filter: ServerFilter, signal: AbortSignal) {
  return allPages(async (nextToken) => {
    const answer = await api.get('/executions/{id}/servers', {
      path: { id },
      query: { ...filter, limit: 1000, ...(nextToken === undefined ? {} : { nextToken }) },
      signal,
    });
    return { items: answer.servers, nextToken: answer.nextToken };
  });
}

/** Every server of an execution. */
export function useAllServers(id: string, enabled: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: [...keys.executionServers(id, {}), 'all'],
    queryFn: ({ signal }) => serversOf(api, id, {}, signal),
    enabled,
  });
}

export interface WaveServers {
  servers: readonly Schemas['ServerExecution'][] | undefined;
  pending: boolean;
  error: unknown;
  retry: () => void;
}

const byName = (servers: readonly Schemas['ServerExecution'][]) =>
  servers
    .map((server) => ({ server, name: serverName(server) }))
    .sort((a, b) => a.name.localeCompare(b.name, undefined, { numeric: true }))
    .map(({ server }) => server);

/** Every server of some waves, by number of the wave. */
export function useWaveServers(id: string, waves: readonly number[]): Map<number, WaveServers> {
  const api = useApi();
  const polling = usePolling();
  const results = useQueries({
    queries: waves.map((wave) => ({
      queryKey: [...keys.executionServers(id, { wave }), 'all'],
      queryFn: ({ signal }: { signal: AbortSignal }) => serversOf(api, id, { wave }, signal),
      select: byName,
      refetchInterval: polling,
    })),
  });
  return new Map(
    results.map((r, i) => [
      waves[i] ?? 0,
      { servers: r.data, pending: r.isPending, error: r.data === undefined ? r.error : null, retry: () => void r.refetch() },
    ]),
  );
}

/** What happened in an execution, oldest first. */
export function historyOf(api: ApiClient, id: string, signal: AbortSignal) {
  return allPages(async (nextToken) => {
    const answer = await api.get('/executions/{id}/events', {
      path: { id },
      query: { limit: 1000, ...(nextToken === undefined ? {} : { nextToken }) },
      signal,
    });
    return { items: answer.events, nextToken: answer.nextToken };
  });
}

export function useHistory(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.history(id),
    queryFn: ({ signal }) => historyOf(api, id, signal),
    refetchInterval: usePolling(2),
  });
}

/** Completed executions of a plan, newest first. */
export function usePastRuns(planId: string, enabled: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: ['past-runs', planId],
    queryFn: async ({ signal }) =>
      (await api.get('/executions', { query: { planId, status: 'COMPLETED', view: 'compact', limit: 20 }, signal })).items,
    enabled,
    staleTime: 5 * 60_000,
  });
}

/** Every execution that the filter lets through. */
export function allExecutions(api: ApiClient, filter: ExecutionFilter) {
  return allPages((nextToken = '') => executionsPage(api, filter, 200, nextToken));
}
