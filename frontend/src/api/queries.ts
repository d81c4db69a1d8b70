/** Reads of the API as cached queries; the event stream invalidates them. */
import { keepPreviousData, queryOptions, useInfiniteQuery, useQuery, type QueryClient } from '@tanstack/react-query';
import type { ApiClient, Schemas } from './client';
import type { operations } from './schema';
import { useApi, useConfig, useLive, useSession } from '../app/context';
import type { LiveEvent } from '../live/connection';
import { ACTIVE, ENDED, isTerminal } from '../lib/status';

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
  /** `wave` is there in any case, so that events of one wave leave the others alone. */
  executionServers: (id: string, filter: ServerFilter) => ['execution-servers', id, { wave: null, ...filter }] as const,
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

export const ACTIVE_STATUSES = ACTIVE.join(',');
export const ENDED_STATUSES = ENDED.join(',');

interface Polled {
  queryHash: string;
  state: { dataUpdateCount: number; errorUpdateCount: number };
}

/** Where the errors in a row of a query began. */
const streaks = new WeakMap<Polled, { data: number; errors: number }>();

/** The time between polls of a query: twice as long after each failure in a row, up to a minute, and never the same for all. */
export function pollDelay(ms: number, query: Polled): number {
  const { dataUpdateCount: data, errorUpdateCount } = query.state;
  let streak = streaks.get(query);
  if (streak?.data !== data) {
    streak = { data, errors: data === 0 ? 0 : errorUpdateCount };
    streaks.set(query, streak);
  }
  const failures = errorUpdateCount - streak.errors;
  // the same each time it is asked, or the timer would begin anew
  const jitter = [...`${query.queryHash}${String(errorUpdateCount)}`].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 1000, 0) / 1000;
  return failures === 0 ? ms : Math.max(ms, Math.min(ms * 2 ** failures, 60_000) * (0.75 + jitter / 4));
}

/** When a query is polled: never while the stream is live. */
export function usePolling(factor = 1): false | ((query: Polled) => number) {
  const live = useLive();
  const { pollSeconds } = useConfig();
  return live.status === 'live' ? false : (query) => pollDelay(pollSeconds * 1000 * factor, query);
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

export const tagSyncQuery = (api: ApiClient) =>
  queryOptions({
    queryKey: ['settings', 'tag-sync-status'],
    queryFn: ({ signal }) => api.get('/drs/tag-sync', { signal }),
  });

export function useTagSyncStatus() {
  const fast = usePolling();
  const slow = usePolling(2);
  return useQuery({
    ...tagSyncQuery(useApi()),
    refetchInterval: (query) => {
      const poll = query.state.data?.status === 'IN_PROGRESS' ? fast : slow;
      return poll !== false && poll(query);
    },
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
    refetchInterval: (query) => {
      const poll = ['pending', 'syncing'].includes(query.state.data?.launchConfigStatus.status ?? '') ? fast : slow;
      return poll !== false && poll(query);
    },
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
export const tagMatchesQuery = (api: ApiClient, { accountId, region, groupId, tags }: Place & { tags: Record<string, string> }) =>
  queryOptions({
    queryKey: ['servers', accountId, region, 'tags', tags, groupId],
    queryFn: ({ signal }) =>
      api.post('/protection-groups/resolve', {
        body: { region, serverSelectionTags: tags, accountId, ...(groupId === null ? {} : { protectionGroupId: groupId }) },
        signal,
      }),
    enabled: region !== '' && Object.keys(tags).length > 0,
    staleTime: 30_000,
  });

export function useTagMatches(place: Place & { tags: Record<string, string> }) {
  return useQuery({ ...tagMatchesQuery(useApi(), place), placeholderData: keepPreviousData });
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
    enabled: region !== '',
    staleTime: 5 * 60_000,
  });
}

export function useSecurityGroups(accountId: string, region: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['ec2', 'security-groups', accountId, region],
    queryFn: ({ signal }) => api.get('/ec2/security-groups', { query: { accountId, region }, signal }),
    enabled: region !== '',
    staleTime: 5 * 60_000,
  });
}

export function useInstanceProfiles(accountId: string, region: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['ec2', 'instance-profiles', accountId, region],
    queryFn: ({ signal }) => api.get('/ec2/instance-profiles', { query: { accountId, region }, signal }),
    enabled: region !== '',
    staleTime: 5 * 60_000,
  });
}

export function useInstanceTypes(accountId: string, region: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['ec2', 'instance-types', accountId, region],
    queryFn: ({ signal }) => api.get('/ec2/instance-types', { query: { accountId, region }, signal }),
    enabled: region !== '',
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

export const planQuery = (api: ApiClient, id: string) =>
  queryOptions({
    queryKey: keys.plan(id),
    queryFn: ({ signal }) => api.get('/recovery-plans/{id}', { path: { id }, signal }),
  });

export function usePlan(id: string) {
  return useQuery({ ...planQuery(useApi(), id), refetchInterval: usePolling(6) });
}

/** One page of the executions that the filter lets through, newest first. */
export const executionsPage = (api: ApiClient, filter: ExecutionFilter, limit: number, nextToken: string, signal?: AbortSignal) =>
  api.get('/executions', {
    query: { ...filter, view: 'compact', limit, ...(nextToken === '' ? {} : { nextToken }) },
    ...(signal === undefined ? {} : { signal }),
  });

export function useExecutions(filter: ExecutionFilter, limit = 50) {
  const api = useApi();
  return useInfiniteQuery({
    queryKey: [...keys.executions(filter), limit],
    queryFn: ({ signal, pageParam }) => executionsPage(api, filter, limit, pageParam, signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.nextToken ?? undefined,
    placeholderData: keepPreviousData,
    refetchInterval: usePolling(),
  });
}

/** One execution without its servers. */
export const executionQuery = (api: ApiClient, id: string) =>
  queryOptions({
    queryKey: keys.execution(id),
    queryFn: ({ signal }) => api.get('/executions/{id}', { path: { id }, query: { view: 'compact' }, signal }),
  });

export function useExecution(id: string, enabled = true) {
  const polling = usePolling();
  return useQuery({
    ...executionQuery(useApi(), id),
    enabled,
    refetchInterval: (query) => !isTerminal(query.state.data?.status) && polling !== false && polling(query),
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
    // thousands of entries: comparing them costs more than drawing what is seen of them
    structuralSharing: false,
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

export const terminationQuery = (api: ApiClient, id: string) =>
  queryOptions({
    queryKey: keys.termination(id),
    queryFn: ({ signal }) => api.get('/executions/{id}/termination-status', { path: { id }, signal }),
  });

export function useTermination(id: string, enabled: boolean) {
  const polling = usePolling();
  return useQuery({
    ...terminationQuery(useApi(), id),
    enabled,
    refetchInterval: (query) => query.state.data?.state === 'RUNNING' && polling !== false && polling(query),
  });
}

/** One account with its staging accounts; null: all accounts. `auto`: again and again although the stream tells of changes, as its page offers. */
export function useCapacity(accountId: string | null, auto = false) {
  const api = useApi();
  const polling = usePolling(6);
  return useQuery({
    queryKey: keys.capacity(accountId ?? 'all'),
    queryFn: ({ signal }) =>
      accountId === null
        ? api.get('/accounts/capacity/all', { signal })
        : api.get('/accounts/targets/{id}/capacity', { path: { id: accountId }, signal }),
    refetchInterval: auto ? 30_000 : polling,
  });
}

/** Lists of the servers of a wave, and those over all waves. */
function serversOf(id: string | undefined, { data: { waveNumber } }: LiveEvent): readonly (readonly unknown[])[] {
  const ofWave = (wave: number | null) => ['execution-servers', id, { wave }];
  return typeof waveNumber === 'number' ? [ofWave(waveNumber), ofWave(null)] : [['execution-servers', id]];
}

/** Keys that an event makes stale. */
export function staleKeys(event: LiveEvent): readonly (readonly unknown[])[] {
  const id = event.executionId ?? (event.resourceType === 'execution' ? event.resourceId : undefined);
  switch (event.event) {
    case 'execution.created':
    case 'execution.deleted':
      return [['executions'], ['plans'], ...(event.planId === undefined ? [] : [keys.plan(event.planId)])];
    case 'execution.status':
      return [['executions'], ['plans'], ['execution', id], ['execution-servers', id], ['instances', id], ['instances', 'account'], ['history', id]];
    case 'wave.status':
      return [['executions'], ['execution', id], ...serversOf(id, event)];
    case 'execution.command':
      return [['execution', id], ['history', id]];
    case 'unit.state':
      return [['execution', id]];
    case 'servers.status':
      return [['execution', id], ...serversOf(id, event), ['instances', id]];
    case 'job.log':
      return [['job-logs', id]];
    case 'terminate.status':
      return [['execution', id], ['termination', id], ['instances', id], ['history', id], ...(event.data.allCompleted === true ? [['instances', 'account']] : [])];
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

type JobLogs = operations['exec_joblogs']['responses'][200]['content']['application/json'];
type JobLogEntry = JobLogs['jobLogs'][number]['events'][number];

/**
 * Puts the new entries of a job's log into what was read: the whole log of a
 * large run is read once. False: it has to be read (again).
 */
export function addToLog(client: Pick<QueryClient, 'getQueryState' | 'setQueryData'>, { event, executionId, data }: LiveEvent): boolean {
  if (event !== 'job.log' || executionId === undefined) {
    return false;
  }
  const key = keys.jobLogs(executionId);
  const state = client.getQueryState<JobLogs>(key);
  const { jobId, waveNumber, items } = data;
  if (state?.data === undefined || state.fetchStatus !== 'idle' || state.isInvalidated || typeof jobId !== 'string' || typeof waveNumber !== 'number' || !Array.isArray(items)) {
    return false;
  }
  const { jobLogs } = state.data;
  const log = jobLogs.find((l) => l.jobId === jobId) ?? { jobId, waveNumber, events: [] };
  const name = (e: JobLogEntry) => [e.event, e.logDateTime, e.sourceServerId].join(' ');
  const known = new Set(log.events.map(name));
  const added = (items as Omit<JobLogEntry, 'eventData'>[]).map((item) => ({ eventData: {}, ...item })).filter((item) => !known.has(name(item)));
  const next = { ...log, events: [...added.reverse(), ...log.events] };
  client.setQueryData<JobLogs>(key, { ...state.data, jobLogs: [...jobLogs.filter((l) => l.jobId !== jobId), next] });
  return true;
}

/**
 * Fetches what events made stale: the first at once, then a few times a second
 * at most. What is being fetched is fetched again afterwards, not interrupted:
 * under many events a slow answer would never arrive. A page nobody sees
 * fetches when it is looked at again.
 */
export class Invalidator {
  private readonly pending = new Map<string, readonly unknown[]>();
  private readonly fetching = new Set<string>();
  private timer: ReturnType<typeof setTimeout> | null = null;
  private rested = 0;

  constructor(
    private readonly client: Pick<QueryClient, 'invalidateQueries' | 'getQueryState' | 'setQueryData'>,
    private readonly delayMs = 150,
  ) {}

  event(event: LiveEvent): void {
    if (addToLog(this.client, event)) {
      return;
    }
    for (const key of staleKeys(event)) {
      this.pending.set(JSON.stringify(key), key);
    }
    this.later();
  }

  private later(): void {
    if (this.pending.size > 0) {
      this.timer ??= setTimeout(() => {
        this.timer = null;
        this.rested = performance.now() + this.delayMs;
        this.flush();
      }, Math.max(0, this.rested - performance.now()));
    }
  }

  private flush(): void {
    const refetchType = document.hidden ? 'none' : 'active';
    for (const [id, queryKey] of [...this.pending]) {
      if (this.fetching.has(id)) {
        continue;
      }
      this.pending.delete(id);
      this.fetching.add(id);
      void this.client.invalidateQueries({ queryKey, refetchType }).finally(() => {
        this.fetching.delete(id);
        this.later();
      });
    }
  }
}
