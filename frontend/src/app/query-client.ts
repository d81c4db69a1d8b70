import { QueryClient } from '@tanstack/react-query';

/** The client retries by itself (src/api/client.ts), so queries do not. */
export function queryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: false, staleTime: 10_000, refetchOnWindowFocus: true, refetchIntervalInBackground: false },
      mutations: { retry: false },
    },
  });
}
