/** What a refused start, resume or retry names: each thing in words, with the way to it; pure. */
import type { ApiError } from '../api/error';
import { t } from '../i18n/t';
import { formatTime } from '../lib/time';

export interface Finding {
  text: string;
  /** Page of the console. */
  href?: string;
}

type Named = Readonly<Record<string, unknown>>;

/** More are counted, not listed. */
const LISTED = 20;

const str = (value: unknown): string => (typeof value === 'string' ? value : typeof value === 'number' ? String(value) : '');
const rows = (body: Named, key: string): Named[] =>
  Array.isArray(body[key]) ? (body[key] as unknown[]).filter((v): v is Named => typeof v === 'object' && v !== null) : [];
const words = (body: Named, key: string): string[] => (Array.isArray(body[key]) ? (body[key] as unknown[]).map(str) : []);
const count = (row: Named, key: string) => words(row, key).length;
const server = (id: string) => `/servers/${encodeURIComponent(id)}`;

function listed(found: Finding[]): Finding[] {
  return found.length <= LISTED ? found : [...found.slice(0, LISTED), { text: t('refusal.more', { count: found.length - LISTED }) }];
}

function servers(body: Named): Finding[] {
  return words(body, 'serverIds').map((id) => ({ text: id, href: server(id) }));
}

function conflicts(body: Named): Finding[] {
  const held = rows(body, 'conflicts').find((c) => str(c.heldUntil) !== '');
  return [
    ...rows(body, 'conflictingExecutions').map((run) => ({
      text: t('refusal.run', { count: count(run, 'servers') }), href: `/executions/${str(run.executionId)}`,
    })),
    ...rows(body, 'conflictingDrsJobs').filter((job) => str(job.jobId) !== '').map((job) => ({
      text: t('refusal.job', { job: str(job.jobId), status: str(job.jobStatus), count: count(job, 'servers') }),
    })),
    ...(held === undefined ? [] : [{ text: t('refusal.held', { time: formatTime(held.heldUntil) }) }]),
  ];
}

function instances(body: Named): Finding[] {
  const runs = new Map<string, string>();
  const others: Finding[] = [];
  for (const instance of rows(body, 'existingInstances')) {
    const run = str(instance.sourceExecutionId);
    if (run === '') {
      others.push({ text: t('refusal.instance', { instance: str(instance.ec2InstanceId), server: str(instance.sourceServerName) || str(instance.sourceServerId) }) });
    } else {
      runs.set(run, str(instance.sourcePlanName) || run);
    }
  }
  return [...[...runs].map(([id, plan]) => ({ text: t('start.existing.run', { plan }), href: `/executions/${id}` })), ...others];
}

function duplicates(body: Named): Finding[] {
  const waves = Array.isArray(body.waves) ? (body.waves as unknown[]).map(Number) : [];
  return words(body, 'serverIds').map((id, i) => ({
    text: t('refusal.twice', { server: id, first: (waves[2 * i] ?? 0) + 1, second: (waves[2 * i + 1] ?? 0) + 1 }), href: server(id),
  }));
}

/** Things that the refusal is about; `planId` leads to what has to be changed there. */
export function findings({ code, body }: Pick<ApiError, 'code' | 'body'>, planId: string): Finding[] {
  const edit = { text: t('refusal.edit'), href: `/recovery-plans/${planId}/edit` };
  const capacity = { text: t('refusal.capacity'), href: '/capacity' };
  const accounts = { text: t('refusal.accounts'), href: '/settings/accounts' };
  const places = rows(body, 'accounts').map((a) => ({ text: t('refusal.place', { account: str(a.accountId), region: str(a.region), reason: str(a.reason) }) }));
  switch (code) {
    case 'WAVE_SIZE_LIMIT_EXCEEDED':
      return [
        ...listed(rows(body, 'errors').map((e) => ({ text: t('refusal.wave', { wave: str(e.wave), count: Number(e.serverCount), limit: Number(e.limit) }) }))),
        edit,
      ];
    case 'CONCURRENT_JOBS_LIMIT_EXCEEDED':
      return [
        ...listed(rows(body, 'activeJobs').map((j) => ({ text: t('refusal.job', { job: str(j.jobId), status: str(j.status), count: Number(j.serverCount) || 0 }) }))),
        capacity,
      ];
    case 'SERVERS_IN_JOBS_LIMIT_EXCEEDED':
      return [capacity];
    case 'UNHEALTHY_SERVER_REPLICATION':
      return listed(rows(body, 'unhealthyServers').map((s) => ({
        text: t('refusal.unhealthy', { server: str(s.hostname) || str(s.serverId), reason: str(s.reason) || str(s.replicationState) }),
        href: server(str(s.serverId)),
      })));
    case 'SERVER_CONFLICT':
      return listed(conflicts(body));
    case 'EXISTING_RECOVERY_INSTANCES':
      return listed(instances(body));
    case 'PLAN_ALREADY_EXECUTING':
    case 'PLAN_HAS_ACTIVE_EXECUTION':
      return words(body, 'activeExecutions').map((id) => ({ text: t('refusal.running'), href: `/executions/${id}` }));
    case 'DUPLICATE_SERVER':
      return [...listed(duplicates(body)), edit];
    case 'RECOVERY_POINT_UNAVAILABLE':
      return listed(servers(body));
    case 'PLAN_HAS_NO_WAVES':
    case 'ACCOUNT_MISMATCH':
      return [edit];
    case 'RECOVERY_PLAN_NOT_FOUND':
      return [{ text: t('refusal.plans'), href: '/recovery-plans' }];
    case 'LIMITS_UNKNOWN':
    case 'DRS_NOT_INITIALIZED':
    case 'REGION_NOT_ENABLED':
    case 'INVALID_ACCOUNT':
      return [...listed(places), accounts];
    case 'TIMEOUT':
    case 'NETWORK':
      return [{ text: t('refusal.runs'), href: '/executions' }];
    default:
      return [];
  }
}
