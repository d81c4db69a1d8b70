import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import { sleep, type ApiClient } from '../api/client';
import { usePolling } from '../api/queries';
import { useApi } from '../app/context';
import { turn } from '../servers/inventory';
import type { Drill } from './facts';

const PAGE = 100;
/** So many pages of all plans' drills are read; plans that are not on them are asked for one by one. */
const PAGES = 5;
const PACE_MS = 100;

/** The newest drill that succeeded of each plan that has one. */
export async function lastDrills(api: ApiClient, accountId: string, planIds: readonly string[], signal: AbortSignal): Promise<Drill[]> {
  const missing = new Set(planIds);
  const found: Drill[] = [];
  const newest = (drill: Drill) => {
    if (missing.delete(drill.planId)) {
      const { executionId, planId, startTime, endTime } = drill;
      found.push({ executionId, planId, startTime, ...(endTime === undefined ? {} : { endTime }) });
    }
  };
  const ask = (more: { planId?: string; nextToken?: string; limit: number }) =>
    api.get('/executions', { query: { accountId, executionType: 'DRILL', status: 'COMPLETED', view: 'compact', ...more }, signal });
  let nextToken = '';
  let pages = 0;
  do {
    const answer = await ask({ limit: PAGE, nextToken });
    answer.items.forEach(newest);
    nextToken = answer.nextToken ?? '';
    pages += 1;
  } while (nextToken !== '' && missing.size > 0 && pages < PAGES);
  if (nextToken !== '') {
    for (const planId of [...missing]) {
      (await ask({ planId, limit: 1 })).items.forEach(newest);
      await sleep(PACE_MS, signal);
    }
  }
  return found;
}

/** An empty `accountId`: of all accounts. */
export function useLastDrills(accountId: string, plans: readonly { planId: string }[] | undefined) {
  const api = useApi();
  const ids = (plans ?? []).map((p) => p.planId).sort();
  return useQuery({
    queryKey: ['executions', 'drills', accountId, ids],
    queryFn: ({ signal }) => lastDrills(api, accountId, ids, signal),
    enabled: plans !== undefined,
    placeholderData: keepPreviousData,
    refetchInterval: usePolling(12),
  });
}

/** Recovery instances of the places that may have some. */
export function useAccountInstances(places: readonly { accountId: string; region: string }[]) {
  const api = useApi();
  const refetchInterval = usePolling(60);
  return useQueries({
    queries: places.map(({ accountId, region }) => ({
      queryKey: ['instances', 'account', accountId, region],
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        await turn(signal);
        return (await api.get('/drs/failover', { query: { accountId, region }, signal })).recoveryInstances;
      },
      staleTime: 60_000,
      refetchInterval,
    })),
    combine: (results) => ({
      instances: results.flatMap((r) => r.data ?? []),
      pending: results.some((r) => r.isPending),
      error: results.find((r) => r.isError && r.data === undefined)?.error ?? null,
      retry: () => {
        for (const result of results) {
          void result.refetch();
        }
      },
    }),
  });
}
