/** Follows something long while other pages are shown: one message that changes until it is over. */
import { QueryObserver, type QueryClient, type QueryFunction, type QueryKey } from '@tanstack/react-query';
import { toApiError } from '../api/error';
import type { Services } from './context';

const followed = new Map<string, () => void>();

export interface Followed<T> {
  /** Of the message too. */
  id: string;
  query: { queryKey: QueryKey; queryFn?: unknown };
  /** Says how it stands; false when it is over. */
  tell: (data: T) => boolean;
}

/** The page that shows it itself needs no message. */
export function stopFollowing(id: string, flashes: Services['flashes']): void {
  followed.get(id)?.();
  flashes.dismiss(id);
}

export function follow<T>({ live, config, flashes }: Pick<Services, 'live' | 'config' | 'flashes'>, client: QueryClient, { id, query, tell }: Followed<T>): void {
  if (followed.has(id)) {
    return;
  }
  const observer = new QueryObserver<T>(client, {
    queryKey: query.queryKey,
    queryFn: query.queryFn as QueryFunction<T>,
    // the event stream makes it stale; without the stream it is asked again
    refetchInterval: () => (live.snapshot().status === 'live' ? false : config.pollSeconds * 1000),
  });
  const unsubscribe = observer.subscribe((result) => {
    if (result.isError) {
      // a server in trouble ends nothing; what is gone, or not to be read any more, is followed no further
      const { status } = toApiError(result.error);
      if (status >= 400 && status < 500 && status !== 429) {
        stop();
        flashes.dismiss(id);
      }
    } else if (result.data !== undefined && !tell(result.data)) {
      stop();
    }
  });
  const stop = () => {
    unsubscribe();
    followed.delete(id);
  };
  followed.set(id, stop);
}
