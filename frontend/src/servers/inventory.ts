/** Source servers of one or of all target accounts, from every Region in which DRS has some. */
import { useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { sleep, type ApiClient, type Schemas } from '../api/client';
import { usePolling } from '../api/queries';
import { useApi } from '../app/context';
import { Pace } from '../lib/pace';
import { useSame } from '../lib/same';

/** Where a server is recovered, beside what DRS says of it. */
export type ServerRow = Schemas['Server'] & { accountId: string; region: string };

export interface RegionState {
  region: string;
  accountId: string;
  status: string;
  serverCount: number;
  lastUpdated: string;
  errorMessage?: string;
  initialized: boolean;
}

const PAGE = 1000;

/** Of many accounts, so that a user stays below the 20 requests a second of `conf/nginx.conf`. */
const pace = new Pace(30, 10);

/** Waits for the turn of a request about one place of many. */
export async function turn(signal: AbortSignal): Promise<void> {
  const ms = pace.wait();
  if (ms > 0) {
    await sleep(ms, signal);
  }
}

function regionsOf(api: ApiClient, accountId: string) {
  return {
    queryKey: ['servers', accountId, 'regions'],
    queryFn: async ({ signal }: { signal: AbortSignal }): Promise<RegionState[]> => {
      await turn(signal);
      return (await api.get('/drs/service', { query: { accountId }, signal })).regions;
    },
    staleTime: 30_000,
  };
}

async function allPages(api: ApiClient, accountId: string, region: string, signal: AbortSignal): Promise<ServerRow[]> {
  const rows: ServerRow[] = [];
  let nextToken = '';
  do {
    await turn(signal);
    const page = await api.get('/drs/source-servers', {
      query: { accountId, region, limit: PAGE, ...(nextToken === '' ? {} : { nextToken }) },
      signal,
    });
    for (const server of page.servers) {
      rows.push({ ...server, accountId, region });
    }
    nextToken = page.nextToken ?? '';
  } while (nextToken !== '');
  return rows;
}

function serversOf(api: ApiClient, accountId: string, region: string) {
  return {
    queryKey: ['servers', accountId, region, 'rows'],
    queryFn: ({ signal }: { signal: AbortSignal }) => allPages(api, accountId, region, signal),
    staleTime: 30_000,
  };
}

/** State of DRS in every Region of the accounts. */
export function useRegionStates(accountIds: readonly string[]) {
  const api = useApi();
  const refetchInterval = usePolling(12);
  return useQueries({
    queries: accountIds.map((id) => ({ ...regionsOf(api, id), refetchInterval })),
    combine: (results) => ({
      regions: results.flatMap((r) => r.data ?? []),
      pending: results.some((r) => r.isPending),
      error: results.find((r) => r.isError)?.error ?? null,
      retry: () => {
        for (const result of results) {
          void result.refetch();
        }
      },
    }),
  });
}

export interface Inventory {
  rows: readonly ServerRow[];
  /** Nothing is there yet. */
  pending: boolean;
  /** Some places are still being read. */
  incomplete: boolean;
  /** The first thing that could not be read; the rest is shown. */
  error: unknown;
  retry: () => void;
}

const NOTHING: readonly ServerRow[] = [];

export function useInventory(accountIds: readonly string[]): Inventory {
  const api = useApi();
  const refetchInterval = usePolling(12);
  const states = useRegionStates(accountIds);
  const places = states.regions.filter((r) => r.serverCount > 0);
  const results = useQueries({ queries: places.map((p) => ({ ...serversOf(api, p.accountId, p.region), refetchInterval })) });
  // not `combine`: it compares all rows, value by value, at each drawing
  const lists = useSame(results.map((r) => r.data ?? NOTHING));
  return {
    rows: useMemo(() => lists.flat(), [lists]),
    pending: states.pending || (results.length > 0 && results.every((r) => r.isPending)),
    incomplete: results.some((r) => r.isPending),
    error: states.error ?? results.find((r) => r.isError)?.error ?? null,
    retry: () => {
      states.retry();
      for (const result of results) {
        void result.refetch();
      }
    },
  };
}

/** One server, out of the list of its place. */
export function useServer(accountId: string, region: string, serverId: string) {
  const api = useApi();
  const refetchInterval = usePolling(12);
  return useQuery({
    ...serversOf(api, accountId, region),
    refetchInterval,
    select: (rows) => rows.find((row) => row.sourceServerID === serverId) ?? null,
  });
}
