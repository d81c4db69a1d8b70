/** Reading many runs by pages, and what servers and history of each say; both can be stopped. */
import { useInfiniteQuery } from '@tanstack/react-query';
import { startTransition, useEffect, useMemo, useRef, useState } from 'react';
import { sleep, type ApiClient } from '../api/client';
import { executionsPage, type ExecutionFilter } from '../api/queries';
import { useApi } from '../app/context';
import { historyOf, serversOf } from '../execution/queries';
import { measureOf, type Execution, type Measure } from './facts';

const PAGE = 100;

export interface Runs {
  runs: readonly Execution[];
  /** Nothing is there yet. */
  pending: boolean;
  reading: boolean;
  /** Everything that the filter lets through is there. */
  complete: boolean;
  error: unknown;
  stop: () => void;
  goOn: () => void;
}

/** A snapshot: read once for each `at`. */
export function useRuns(filter: ExecutionFilter, at: number): Runs {
  const api = useApi();
  const [stopped, setStopped] = useState<ExecutionFilter | null>(null);
  const query = useInfiniteQuery({
    queryKey: ['report', filter, at],
    queryFn: ({ signal, pageParam }) => executionsPage(api, filter, PAGE, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.nextToken ?? undefined,
    staleTime: Infinity,
    gcTime: 0,
  });
  const { hasNextPage, isFetching, isError, fetchNextPage, refetch } = query;
  const wanted = hasNextPage && !isError && stopped !== filter;
  // a quick answer may never be seen as being fetched
  const pages = query.data?.pages.length;
  useEffect(() => {
    if (wanted && !isFetching) {
      void fetchNextPage();
    }
  }, [wanted, isFetching, pages, fetchNextPage]);
  const runs = useMemo(() => query.data?.pages.flatMap((p) => p.items) ?? [], [query.data]);
  return {
    runs,
    pending: query.isPending,
    reading: isFetching || wanted,
    complete: query.data !== undefined && !hasNextPage,
    error: query.error,
    stop: () => {
      setStopped(filter);
    },
    goOn: () => {
      setStopped(null);
      if (isError) {
        void (query.data === undefined ? refetch() : fetchNextPage());
      }
    },
  };
}

/** The newest so many are measured unasked: two requests each, within the bursts that nginx lets through. */
const UNASKED = 50;
const PAUSE_MS = 50;
/** Later ones wait, so that a user stays below 400 requests a minute. */
const LATER_PAUSE_MS = 400;
const SHOW_MS = 500;

async function measure(api: ApiClient, run: Execution, signal: AbortSignal): Promise<Measure> {
  const [servers, events] = await Promise.all([serversOf(api, run.executionId, {}, signal), historyOf(api, run.executionId, signal)]);
  return measureOf(run, servers, events);
}

export interface Measures {
  /** Null: could not be read. */
  known: ReadonlyMap<string, Measure | null>;
  /** Runs that are not measured. */
  left: number;
  going: boolean;
  /** Measures the rest, or what failed. */
  goOn: () => void;
  stop: () => void;
  /** What the rest takes at least. */
  seconds: number;
}

export function useMeasures(runs: readonly Execution[]): Measures {
  const api = useApi();
  const all = useRef(new Map<string, Measure | null>());
  const [known, setKnown] = useState<ReadonlyMap<string, Measure | null>>(new Map());
  const [wanted, setWanted] = useState({ count: UNASKED });
  useEffect(() => {
    const abort = new AbortController();
    const work = async () => {
      let shown = Date.now();
      for (const run of runs.slice(0, wanted.count).filter((r) => !all.current.has(r.executionId))) {
        const result = await measure(api, run, abort.signal).catch(() => null);
        if (abort.signal.aborted) {
          return;
        }
        all.current.set(run.executionId, result);
        if (Date.now() - shown > SHOW_MS) {
          shown = Date.now();
          // with thousands of runs the page takes its time; reading goes on meanwhile
          startTransition(() => {
            setKnown(new Map(all.current));
          });
        }
        await sleep(all.current.size < UNASKED ? PAUSE_MS : LATER_PAUSE_MS, abort.signal);
      }
      setKnown(new Map(all.current));
    };
    void work();
    return () => {
      abort.abort();
    };
  }, [api, runs, wanted]);
  const left = runs.filter((run) => (known.get(run.executionId) ?? null) === null).length;
  return {
    known,
    left,
    going: runs.slice(0, wanted.count).some((run) => !known.has(run.executionId)),
    goOn: () => {
      for (const [id, value] of all.current) {
        if (value === null) {
          all.current.delete(id);
        }
      }
      setKnown(new Map(all.current));
      setWanted({ count: Infinity });
    },
    stop: () => {
      setKnown(new Map(all.current));
      setWanted({ count: 0 });
    },
    seconds: (left * (LATER_PAUSE_MS + 100)) / 1000,
  };
}
