import { useQueries } from '@tanstack/react-query';
import { usePolling } from '../api/queries';
import { useApi } from '../app/context';

export const NEWEST = 20;

/** The newest runs of several plans. */
export function useRunsOf(planIds: readonly string[]) {
  const api = useApi();
  const refetchInterval = usePolling();
  return useQueries({
    queries: planIds.map((planId) => ({
      queryKey: ['executions', 'of-plan', planId, NEWEST],
      queryFn: ({ signal }: { signal: AbortSignal }) => api.get('/executions', { query: { planId, limit: NEWEST }, signal }),
      refetchInterval,
    })),
    combine: (results) => ({
      runs: results.flatMap((r) => r.data?.items ?? []).sort((a, b) => (b.startTime ?? 0) - (a.startTime ?? 0)),
      pending: results.some((r) => r.isPending),
      error: results.find((r) => r.isError && r.data === undefined)?.error ?? null,
      retry: () => {
        for (const r of results) {
          void r.refetch();
        }
      },
    }),
  });
}

export type RunsOf = ReturnType<typeof useRunsOf>;
