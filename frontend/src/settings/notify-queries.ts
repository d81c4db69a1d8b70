/** Notification settings and webhooks as cached reads; the topic "settings" makes them stale. */
import { useQuery } from '@tanstack/react-query';
import { usePolling } from '../api/queries';
import { useApi } from '../app/context';
import type { Webhook } from './notify';

/** Deliveries have no event of their own. */
const DELIVERIES_MS = 5_000;

export function useNotificationSettings() {
  const api = useApi();
  return useQuery({
    queryKey: ['settings', 'notifications'],
    queryFn: ({ signal }) => api.get('/config/notifications', { signal }),
    refetchInterval: usePolling(6) || 30_000,
  });
}

export function useWebhooks() {
  const api = useApi();
  return useQuery({
    queryKey: ['settings', 'webhooks'],
    queryFn: async ({ signal }) => {
      const all: Webhook[] = [];
      let nextToken: string | null = '';
      while (nextToken !== null) {
        const page: { webhooks: Webhook[]; nextToken: string | null } = await api.get('/config/webhooks', {
          query: { limit: 1000, ...(nextToken === '' ? {} : { nextToken }) }, signal,
        });
        all.push(...page.webhooks);
        nextToken = page.nextToken;
      }
      return all;
    },
    refetchInterval: DELIVERIES_MS,
  });
}
