/** Schedules of drills as cached reads; the topic "plans" of the stream makes them stale. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { usePolling } from '../api/queries';
import { useApi, useServices } from '../app/context';
import { t } from '../i18n/t';
import type { Schedule } from './form';

/** All schedules, of every plan. */
export function useSchedules() {
  const api = useApi();
  return useQuery({
    queryKey: ['schedules'],
    queryFn: async ({ signal }) => {
      const all: Schedule[] = [];
      let nextToken: string | null = '';
      while (nextToken !== null) {
        const page: { schedules: Schedule[]; nextToken: string | null } = await api.get('/schedules', {
          query: { limit: 1000, ...(nextToken === '' ? {} : { nextToken }) }, signal,
        });
        all.push(...page.schedules);
        nextToken = page.nextToken;
      }
      return all;
    },
    refetchInterval: usePolling(6),
  });
}

export function usePlanSchedules(planId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['schedules', planId],
    queryFn: async ({ signal }) => (await api.get('/recovery-plans/{id}/schedules', { path: { id: planId }, signal })).schedules,
    refetchInterval: usePolling(6),
  });
}

export function useSchedule(planId: string, scheduleId: string, enabled = true) {
  const api = useApi();
  return useQuery({
    queryKey: ['schedules', planId, scheduleId],
    queryFn: ({ signal }) =>
      api.get('/recovery-plans/{id}/schedules/{scheduleId}', { path: { id: planId, scheduleId }, signal }),
    enabled,
    refetchInterval: usePolling(6),
  });
}

/** Drills that the schedule started, the newest first. */
export function useScheduleRuns(planId: string, scheduleId: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['executions', 'schedule', scheduleId],
    queryFn: async ({ signal }) => {
      const page = await api.get('/executions', { query: { planId, invocationSource: 'EVENTBRIDGE', limit: 50 }, signal });
      return page.items.filter((run) => run.scheduleId === scheduleId);
    },
    refetchInterval: usePolling(6),
  });
}

/** Changes of schedules that exist. */
export function useScheduleActions() {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const stale = () => client.invalidateQueries({ queryKey: ['schedules'] });
  const path = (s: Schedule) => ({ id: s.planId, scheduleId: s.scheduleId });
  const enable = useMutation({
    mutationFn: async ({ schedules, enabled }: { schedules: readonly Schedule[]; enabled: boolean }) => {
      for (const s of schedules) {
        await api.put('/recovery-plans/{id}/schedules/{scheduleId}', { path: path(s), body: { enabled, version: s.version } });
      }
    },
    onError: (cause) => {
      flashes.error(t('schedule.change.failed'), cause);
    },
    onSettled: stale,
  });
  const run = useMutation({
    mutationFn: (s: Schedule) =>
      api.post('/recovery-plans/{id}/schedules/{scheduleId}/run', { path: path(s), idempotencyKey: crypto.randomUUID() }),
    onSuccess: (_, s) => {
      flashes.add({
        type: 'info', header: t('schedule.run.asked', { name: s.name }),
        action: { text: t('schedule.show'), href: `/recovery-plans/${s.planId}/schedules/${s.scheduleId}` },
      });
    },
    onSettled: stale,
  });
  const remove = useMutation({
    mutationFn: async (schedules: readonly Schedule[]) => {
      for (const s of schedules) {
        await api.delete('/recovery-plans/{id}/schedules/{scheduleId}', { path: path(s) });
      }
    },
    onSuccess: (_, schedules) => {
      flashes.add({ type: 'success', header: t('schedules.deleted', { count: schedules.length }) });
    },
    onSettled: stale,
  });
  return { enable, run, remove };
}
