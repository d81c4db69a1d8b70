import { useQueries, useQuery } from '@tanstack/react-query';
import { usePolling } from '../api/queries';
import { useApi } from '../app/context';

const PAGE = 200;
const PAGES = 5;

/** Drills that succeeded, newest first; so many that each plan of a usual account is among them. */
export function useSuccessfulDrills(accountId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['executions', 'drills', accountId],
    queryFn: async ({ signal }) => {
      const found = [];
      let nextToken = '';
      for (let page = 0; page < PAGES; page++) {
        const answer = await api.get('/executions', {
          query: {
            accountId, executionType: 'DRILL', status: 'COMPLETED', view: 'compact', limit: PAGE,
            ...(nextToken === '' ? {} : { nextToken }),
          },
          signal,
        });
        found.push(...answer.items.map(({ executionId, planId, startTime, endTime }) => ({
          executionId, planId, startTime, ...(endTime === undefined ? {} : { endTime }),
        })));
        nextToken = answer.nextToken ?? '';
        if (nextToken === '') {
          break;
        }
      }
      return found;
    },
    refetchInterval: usePolling(12),
  });
}

/** Recovery instances of the Regions that have some. */
export function useAccountInstances(accountId: string, regions: readonly string[]) {
  const api = useApi();
  return useQueries({
    queries: regions.map((region) => ({
      queryKey: ['instances', 'account', accountId, region],
      queryFn: async ({ signal }: { signal: AbortSignal }) =>
        (await api.get('/drs/failover', { query: { accountId, region }, signal })).recoveryInstances,
      staleTime: 60_000,
      refetchInterval: 300_000,
    })),
    combine: (results) => ({
      instances: results.flatMap((r) => r.data ?? []),
      pending: results.some((r) => r.isPending),
      error: results.find((r) => r.isError)?.error ?? null,
    }),
  });
}
