/** Changes that are shown before the server has made them, and taken back when it refuses. */
import { useMutation, useQueryClient, type QueryClient, type QueryKey } from '@tanstack/react-query';
import { useServices } from '../app/context';

/**
 * Changes what is cached under the key; what it returns brings back what was
 * there. Readings that are on their way would show the past: they are given up.
 */
export async function showAtOnce<D>(client: QueryClient, queryKey: QueryKey, change: (data: D) => D): Promise<() => void> {
  await client.cancelQueries({ queryKey });
  const before = client.getQueriesData<D>({ queryKey });
  client.setQueriesData<D>({ queryKey }, (data) => (data === undefined ? data : change(data)));
  return () => {
    for (const [key, data] of before) {
      client.setQueryData(key, data);
    }
  };
}

/** Deletes one after the other, up to the first that the server keeps. Rows go at once; those that stay come back with the reason. */
export function useDelete<T, D>({ queryKey, without, remove, done, failed }: {
  queryKey: QueryKey;
  without: (data: D, gone: readonly T[]) => D;
  remove: (item: T) => Promise<unknown>;
  /** What is said of so many that are gone. */
  done: (count: number) => string;
  /** What is said when one of so many was not deleted. */
  failed: (count: number) => string;
}) {
  const { flashes } = useServices();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (doomed: readonly T[]) => {
      const undo = await showAtOnce<D>(client, queryKey, (data) => without(data, doomed));
      const gone: T[] = [];
      try {
        for (const item of doomed) {
          await remove(item);
          gone.push(item);
        }
      } catch (cause) {
        undo();
        if (gone.length > 0) {
          await showAtOnce<D>(client, queryKey, (data) => without(data, gone));
        }
        throw cause;
      }
    },
    onSuccess: (_, doomed) => {
      flashes.add({ type: 'success', header: done(doomed.length) });
    },
    onError: (cause, doomed) => {
      flashes.error(failed(doomed.length), cause);
    },
    onSettled: () => client.invalidateQueries({ queryKey }),
  });
}
