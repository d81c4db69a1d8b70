/** Reads of the API as cached queries; the event stream invalidates them. */
import { keepPreviousData, queryOptions, useInfiniteQuery, useQuery, type QueryClient } from '@tanstack/react-query';
import type { ApiClient, Schemas } from './client';
import { useApi, useConfig, useLive, useSession } from '../app/context';
import type { LiveEvent } from '../live/connection';
import { isTerminal } from '../lib/status';

/** First elements of the query keys; the topics of the stream map to them. */
export const keys = {
  profile: ['profile'] as const,
  permissions: ['permissions'] as const,
  accounts: ['accounts'] as const,
  groups: (accountId: string) => ['groups', accountId] as const,
  group: (id: string) => ['group', id] as const,
  plans: (accountId: string) => ['plans', accountId] as const,
  plan: (id: string) => ['plan', id] as const,
  executions: (filter: ExecutionFilter) => ['executions', filter] as const,
  execution: (id: string) => ['execution', id] as const,
  executionServers: (id: string, filter: object) => ['execution-servers', id, filter] as const,
  jobLogs: (id: string) => ['job-logs', id] as const,
  history: (id: string) => ['history', id] as const,
  instances: (id: string) => ['instances', id] as const,
  termination: (id: string) => ['termination', id] as const,
  capacity: (accountId: string) => ['capacity', accountId] as const,
};

export interface ExecutionFilter {
  accountId?: string;
  planId?: string;
  status?: string;
  executionType?: 'DRILL' | 'RECOVERY';
  q?: string;
  invocationSource?: string;
  initiatedBy?: string;
  startedAfter?: string;
  startedBefore?: string;
}

export const ACTIVE_STATUSES =
  'PENDING,POLLING,INITIATED,LAUNCHING,STARTED,IN_PROGRESS,RUNNING,PAUSED,PAUSE_PENDING,CANCELLING';
export const ENDED_STATUSES = 'COMPLETED,PARTIAL,FAILED,CANCELLED,ROLLED_BACK,TIMEOUT';

/** Milliseconds between polls, or false while the stream is live. */
export function usePolling(factor = 1): number | false {
  const live = useLive();
  const { pollSeconds } = useConfig();
  return live.status === 'live' ? false : pollSeconds * 1000 * factor;
}

function useSignedIn(): boolean {
  const state = useSession();
  return state.phase === 'signed-in' && !state.session.mustChangePassword;
}

export function useProfile() {
  const api = useApi();
  return useQuery({
    queryKey: keys.profile,
    queryFn: ({ signal }) => api.get('/user/profile', { signal }),
    enabled: useSignedIn(),
    staleTime: Infinity,
  });
}

export function usePermissionList() {
  const api = useApi();
  return useQuery({
    queryKey: keys.permissions,
    queryFn: ({ signal }) => api.get('/user/permissions', { signal }),
    enabled: useSignedIn(),
    staleTime: 5 * 60_000,
  });
}

export function useAccounts() {
  const api = useApi();
  return useQuery({
    queryKey: keys.accounts,
    queryFn: ({ signal }) => api.get('/accounts/targets', { signal }),
    enabled: useSignedIn(),
    refetchInterval: usePolling(12),
  });
}

/** The account this server runs in. */
export function useCurrentAccount() {
  const api = useApi();
  return useQuery({
    queryKey: ['current-account'],
    queryFn: ({ signal }) => api.get('/accounts/current', { signal }),
    staleTime: Infinity,
  });
}

export function useTagSync() {
  const api = useApi();
  return useQuery({
    queryKey: ['settings', 'tag-sync'],
    queryFn: ({ signal }) => api.get('/config/tag-sync', { signal }),
  });
}

export function useTagSyncStatus() {
  const api = useApi();
  const slow = usePolling(2);
  return useQuery({
    queryKey: ['settings', 'tag-sync-status'],
    queryFn: ({ signal }) => api.get('/drs/tag-sync', { signal }),
    refetchInterval: ({ state }) => (state.data?.status === 'IN_PROGRESS' ? 2_000 : slow),
  });
}

export interface AuditFilter {
  actor?: string;
  outcome?: Schemas['AuditOutcome'];
  action?: string;
  resourceType?: string;
  resourceId?: string;
  correlationId?: string;
  from?: string;
  to?: string;
}

export function useAudit(filter: AuditFilter, limit = 50) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: ['audit', filter, limit],
    queryFn: ({ signal, pageParam }) =>
      api.get('/audit', { query: { ...filter, limit, ...(pageParam === '' ? {} : { nextToken: pageParam }) }, signal }),
    initialPageParam: '',
    getNextPageParam: (last) => last.nextToken ?? undefined,
    placeholderData: keepPreviousData,
  });
}

/** Groups of an account; empty: of all, since a plan may launch in several. */
export function useGroups(accountId: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.groups(accountId),
    queryFn: ({ signal }) => api.get('/protection-groups', { query: { accountId }, signal }),
    refetchInterval: usePolling(6),
  });
}

export const groupQuery = (api: ApiClient, id: string) =>
  queryOptions({
    queryKey: keys.group(id),
    queryFn: ({ signal }) => api.get('/protection-groups/{id}', { path: { id }, signal }),
  });

export function useGroup(id: string) {
  const fast = usePolling();
  const slow = usePolling(6);
  return useQuery({
    ...groupQuery(useApi(), id),
    // its settings are being applied
    refetchInterval: ({ state }) => (['pending', 'syncing'].includes(state.data?.launchConfigStatus.status ?? '') ? fast : slow),
  });
}

/** Servers of a group as they are now: its tags, or its list, resolved. */
export function groupServersQuery(api: ApiClient, group: Schemas['ProtectionGroup']) {
  const { groupId, accountId, region, serverSelectionTags, sourceServerIds } = group;
  return queryOptions({
    queryKey: ['servers', accountId, region, groupId, group.version],
    queryFn: async ({ signal }) => {
      if (Object.keys(serverSelectionTags).length > 0) {
        const answer = await api.post('/protection-groups/resolve', {
          body: { region, serverSelectionTags, accountId, protectionGroupId: groupId },
          signal,
        });
        return answer.resolvedServers;
      }
      const answer = await api.get('/drs/source-servers', {
        query: { region, accountId, currentProtectionGroupId: groupId },
        signal,
      });
      const wanted = new Set(sourceServerIds);
      return answer.servers.filter((server) => wanted.has(server.sourceServerID));
    },
    staleTime: 30_000,
  });
}

export function useGroupServers(group: Schemas['ProtectionGroup']) {
  return useQuery(groupServersQuery(useApi(), group));
}

interface Place {
  accountId: string;
  region: string;
  /** The group that is edited: its own servers count as free. */
  groupId: string | null;
}

/** Servers that carry all of the tags now. */
export function useTagMatches({ accountId, region, groupId, tags }: Place & { tags: Record<string, string> }) {
  const api = useApi();
  return useQuery({
    queryKey: ['servers', accountId, region, 'tags', tags, groupId],
    queryFn: ({ signal }) =>
      api.post('/protection-groups/resolve', {
        body: { region, serverSelectionTags: tags, accountId, ...(groupId === null ? {} : { protectionGroupId: groupId }) },
        signal,
      }),
    enabled: region !== '' && Object.keys(tags).length > 0,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}

export const sourceServersQuery = (api: ApiClient, { accountId, region, groupId }: Place) =>
  queryOptions({
    queryKey: ['servers', accountId, region, 'all', groupId],
    queryFn: ({ signal }) =>
      api.get('/drs/source-servers', {
        query: { accountId, region, ...(groupId === null ? {} : { currentProtectionGroupId: groupId }) },
        signal,
      }),
    enabled: region !== '',
    staleTime: 30_000,
  });

export function useSourceServers(place: Place) {
  return useQuery(sourceServersQuery(useApi(), place));
}

export function useServiceLimits() {
  const api = useApi();
  return useQuery({
    queryKey: ['service-limits'],
    queryFn: ({ signal }) => api.get('/drs/service-limits', { signal }),
    staleTime: Infinity,
  });
}

export function useSubnets(accountId: string, region: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['ec2', 'subnets', accountId, region],
    queryFn: ({ signal }) => api.get('/ec2/subnets', { query: { accountId, region }, signal }),
    staleTime: 5 * 60_000,
  });
}

export function useSecurityGroups(accountId: string, region: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['ec2', 'security-groups', accountId, region],
    queryFn: ({ signal }) => api.get('/ec2/security-groups', { query: { accountId, region }, signal }),
    staleTime: 5 * 60_000,
  });
}

export function useInstanceProfiles(accountId: string, region: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['ec2', 'instance-profiles', accountId, region],
    queryFn: ({ signal }) => api.get('/ec2/instance-profiles', { query: { accountId, region }, signal }),
    staleTime: 5 * 60_000,
  });
}

export function useInstanceTypes(accountId: string, region: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['ec2', 'instance-types', accountId, region],
    queryFn: ({ signal }) => api.get('/ec2/instance-types', { query: { accountId, region }, signal }),
    staleTime: 5 * 60_000,
  });
}

export function usePlans(accountId: string, enabled = true) {
  const api = useApi();
  return useQuery({
    queryKey: keys.plans(accountId),
    enabled,
    queryFn: ({ signal }) => api.get('/recovery-plans', { query: { accountId }, signal }),
    refetchInterval: usePolling(6),
  });
}

export function usePlan(id: string) {
  const api = useApi();
  return useQuery({
    queryKey: keys.plan(id),
    queryFn: ({ signal }) => api.get('/recovery-plans/{id}', { path: { id }, signal }),
    refetchInterval: usePolling(6),
  });
}

/** Pages of executions, newest first. */
export function useExecutions(filter: ExecutionFilter, limit = 50) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: [...keys.executions(filter), limit],
    queryFn: ({ signal, pageParam }) =>
      api.get('/executions', {
        query: { ...filter, view: 'compact', limit, ...(pageParam === '' ? {} : { nextToken: pageParam }) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (last) => last.nextToken ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: usePolling(),
  });
}

/** One execution without its servers. */
export function useExecution(id: string) {
  const api = useApi();
  const polling = usePolling();
  return useQuery({
    queryKey: keys.execution(id),
    queryFn: ({ signal }) => api.get('/executions/{id}', { path: { id }, query: { view: 'compact' }, signal }),
    refetchInterval: (query) => (isTerminal(query.state.data?.status) ? false : polling),
  });
}

export interface ServerFilter {
  wave?: number;
  unitId?: string;
  status?: string;
  q?: string;
}

export function useExecutionServers(id: string, filter: ServerFilter, enabled: boolean, limit = 200) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: [...keys.executionServers(id, filter), limit],
    queryFn: ({ signal, pageParam }) =>
      api.get('/executions/{id}/servers', {
        path: { id },
        query: { ...filter, limit, ...(pageParam === '' ? {} : { nextToken: pageParam }) },
        signal,
      }),
    initialPageParam: '',
    getNextPageParam: (last) => last.nextToken ?? undefined,
    placeholderData: keepPreviousData,
    enabled,
    refetchInterval: usePolling(),
  });
}

export function useJobLogs(id: string, enabled: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: keys.jobLogs(id),
    queryFn: ({ signal }) => api.get('/executions/{id}/job-logs', { path: { id }, signal }),
    enabled,
    refetchInterval: usePolling(2),
  });
}

export type PrecheckOptions = Omit<Schemas['PrecheckRequest'], 'executionType'>;

/** Everything about a start that can be known before it. */
export const precheckQuery = (api: ApiClient, planId: string, executionType: 'DRILL' | 'RECOVERY', options: PrecheckOptions = {}) =>
  queryOptions({
    queryKey: ['precheck', planId, executionType, options],
    queryFn: ({ signal }) =>
      api.post('/recovery-plans/{id}/precheck', { path: { id: planId }, body: { executionType, ...options }, signal }),
    staleTime: 30_000,
  });

export function usePrecheck(planId: string, executionType: 'DRILL' | 'RECOVERY', options: PrecheckOptions = {}) {
  return useQuery({ ...precheckQuery(useApi(), planId, executionType, options), placeholderData: keepPreviousData });
}

/** Instances of former runs that servers of the plan still have. */
export function useExistingInstances(planId: string, refetchInterval: number | false = false) {
  const api = useApi();
  return useQuery({
    queryKey: ['existing-instances', planId],
    queryFn: ({ signal }) =>
      api.get('/recovery-plans/{id}/check-existing-instances', { path: { id: planId }, signal }),
    refetchInterval,
    staleTime: 0,
  });
}

export function useInstances(id: string, enabled: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: keys.instances(id),
    queryFn: ({ signal }) => api.get('/executions/{id}/recovery-instances', { path: { id }, signal }),
    enabled,
  });
}

export function useTermination(id: string, enabled: boolean) {
  const api = useApi();
  return useQuery({
    queryKey: keys.termination(id),
    queryFn: ({ signal }) => api.get('/executions/{id}/termination-status', { path: { id }, signal }),
    enabled,
    refetchInterval: (query) => (query.state.data?.state === 'RUNNING' ? 5_000 : false),
  });
}

/** One account with its staging accounts; null: all accounts. */
export function useCapacity(accountId: string | null, auto = true) {
  const api = useApi();
  return useQuery({
    queryKey: keys.capacity(accountId ?? 'all'),
    queryFn: ({ signal }) =>
      accountId === null
        ? api.get('/accounts/capacity/all', { signal })
        : api.get('/accounts/targets/{id}/capacity', { path: { id: accountId }, signal }),
    refetchInterval: auto ? 30_000 : false,
  });
}

/** Keys that an event makes stale. */
export function staleKeys(event: LiveEvent): readonly (readonly unknown[])[] {
  const id = event.executionId ?? (event.resourceType === 'execution' ? event.resourceId : undefined);
  switch (event.event) {
    case 'execution.created':
    case 'execution.deleted':
      return [['executions'], ['plans'], ...(event.planId === undefined ? [] : [keys.plan(event.planId)])];
    case 'execution.status':
      return [['executions'], ['plans'], ['execution', id], ['execution-servers', id], ['instances', id], ['history', id]];
    case 'wave.status':
      return [['executions'], ['execution', id], ['execution-servers', id]];
    case 'execution.command':
      return [['execution', id], ['history', id]];
    case 'unit.state':
      return [['execution', id]];
    case 'servers.status':
      return [['execution', id], ['execution-servers', id], ['instances', id]];
    case 'job.log':
      return [['job-logs', id]];
    case 'terminate.status':
      return [['execution', id], ['termination', id], ['instances', id], ['history', id]];
    case 'group.changed':
    case 'launchconfig.status':
      return [['groups'], keys.group(event.resourceId)];
    case 'plan.changed':
    case 'schedule.changed':
      return [['plans'], keys.plan(event.planId ?? event.resourceId), ['schedules']];
    case 'account.changed':
      return [keys.accounts, ['capacity']];
    case 'capacity.status':
      return [['capacity']];
    case 'inventory.updated': {
      const { accountId, region } = event.data;
      return typeof accountId === 'string' && typeof region === 'string'
        ? [['capacity'], ['servers', accountId, 'regions'], ['servers', accountId, region]]
        : [['capacity'], ['servers']];
    }
    case 'tagsync.status':
    case 'settings.changed':
      return [['settings']];
    default:
      return [];
  }
}

/**
 * Collects what events made stale and fetches it a few times a second at most.
 * What is being fetched is fetched again afterwards, not interrupted: under
 * many events a slow answer would never arrive.
 */
export class Invalidator {
  private readonly pending = new Map<string, readonly unknown[]>();
  private readonly fetching = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly client: Pick<QueryClient, 'invalidateQueries'>,
    private readonly delayMs = 150,
  ) {}

  event(event: LiveEvent): void {
    for (const key of staleKeys(event)) {
      this.pending.set(JSON.stringify(key), key);
    }
    this.later();
  }

  private later(): void {
    if (this.pending.size > 0) {
      this.timer ??= setTimeout(() => {
        this.timer = null;
        this.flush();
      }, this.delayMs);
    }
  }

  private flush(): void {
    for (const [id, queryKey] of [...this.pending]) {
      if (this.fetching.has(id)) {
        continue;
      }
      this.pending.delete(id);
      this.fetching.add(id);
      void this.client.invalidateQueries({ queryKey }).finally(() => {
        this.fetching.delete(id);
        this.later();
      });
    }
  }
}
