import { useQueries } from '@tanstack/react-query';
import type { Schemas } from '../api/client';
import { groupServersQuery } from '../api/queries';
import { useApi } from '../app/context';

/** Servers of several groups as they are now, read one by one. */
export function useServers(groups: readonly Schemas['ProtectionGroup'][], ids: ReadonlySet<string>) {
  const api = useApi();
  const wanted = groups.filter((g) => ids.has(g.groupId));
  const results = useQueries({ queries: wanted.map((group) => groupServersQuery(api, group)) });
  const byGroup = new Map(wanted.map((group, i) => [group.groupId, results[i]?.data ?? null]));
  return {
    serversOf: (groupId: string): readonly Schemas['Server'][] | null => byGroup.get(groupId) ?? null,
    reading: results.some((r) => r.isPending),
    error: results.find((r) => r.isError)?.error ?? null,
    retry: () => {
      for (const result of results) {
        if (result.isError) {
          void result.refetch();
        }
      }
    },
  };
}
