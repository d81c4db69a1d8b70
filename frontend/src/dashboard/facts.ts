/** Figures of the overview; pure. */
import type { Schemas } from '../api/client';
import { targetMinutes } from '../execution/objectives';
import { isOverdue } from '../lib/outcome';
import { toDate } from '../lib/time';
import { isReady, lagOf } from '../servers/facts';
import type { ServerRow } from '../servers/inventory';

export interface GroupFacts {
  groupId: string;
  groupName: string;
  servers: number;
  notReady: number;
}

/** Groups that have servers, by name. */
export function groupFacts(rows: readonly ServerRow[]): GroupFacts[] {
  const groups = new Map<string, GroupFacts>();
  for (const row of rows) {
    const group = row.assignedToProtectionGroup;
    if (group !== null) {
      const facts = groups.get(group.protectionGroupId) ?? {
        groupId: group.protectionGroupId, groupName: group.protectionGroupName, servers: 0, notReady: 0,
      };
      facts.servers += 1;
      facts.notReady += isReady(row) ? 0 : 1;
      groups.set(group.protectionGroupId, facts);
    }
  }
  return [...groups.values()].sort((a, b) => a.groupName.localeCompare(b.groupName));
}

/** The server that is furthest behind; null when DRS tells of none. */
export function worstLag(rows: readonly ServerRow[]): { server: ServerRow; seconds: number } | null {
  let worst: { server: ServerRow; seconds: number } | null = null;
  for (const server of rows) {
    const seconds = lagOf(server);
    if (seconds !== null && (worst === null || seconds > worst.seconds)) {
      worst = { server, seconds };
    }
  }
  return worst;
}

export type Drill = Pick<Schemas['Execution'], 'planId' | 'endTime' | 'startTime' | 'executionId'>;

export interface PlanFacts {
  planId: string;
  planName: string;
  accountId?: string;
  /** The newest drill that succeeded. */
  drill: Drill | null;
  /** Null: not known. */
  overdue: boolean | null;
  /** Seconds of the server that is furthest behind. */
  lag: number | null;
  /** Seconds that the plan allows; null when it says nothing. */
  rpo: number | null;
  /** The lag is longer than the plan allows. */
  missed: boolean;
  /** Null: not known. */
  servers: number | null;
  notReady: number;
}

type PlanLike = Pick<Schemas['PlanListItem'], 'planId' | 'planName' | 'accountId' | 'rpo'> & {
  waves: readonly { protectionGroupId?: string; protectionGroupIds?: readonly string[] }[];
};

/** Plans with their last drill and how far their servers are behind; what needs care is first. Servers and drills are null when they are not known. */
export function planFacts(
  plans: readonly PlanLike[],
  rows: readonly ServerRow[] | null,
  drills: readonly Drill[] | null,
  maxAgeDays: number,
  now: number,
): PlanFacts[] {
  const byGroup = new Map<string, ServerRow[]>();
  for (const row of rows ?? []) {
    const id = row.assignedToProtectionGroup?.protectionGroupId;
    if (id !== undefined) {
      const members = byGroup.get(id);
      if (members === undefined) {
        byGroup.set(id, [row]);
      } else {
        members.push(row);
      }
    }
  }
  const facts = plans.map((plan): PlanFacts => {
    const groups = new Set(plan.waves.flatMap((w) => [...(w.protectionGroupIds ?? []), ...(w.protectionGroupId === undefined ? [] : [w.protectionGroupId])]));
    const servers = [...groups].flatMap((id) => byGroup.get(id) ?? []);
    const drill = (drills ?? [])
      .filter((d) => d.planId === plan.planId)
      .reduce<Drill | null>((last, d) => (last === null || d.startTime > last.startTime ? d : last), null);
    const lag = worstLag(servers)?.seconds ?? null;
    const minutes = targetMinutes(plan.rpo);
    const rpo = minutes === null ? null : minutes * 60;
    return {
      planId: plan.planId,
      planName: plan.planName,
      ...(plan.accountId === undefined ? {} : { accountId: plan.accountId }),
      drill,
      overdue: drills === null ? null : isOverdue(drill, maxAgeDays, now),
      lag,
      rpo,
      missed: lag !== null && rpo !== null && lag > rpo,
      servers: rows === null ? null : servers.length,
      notReady: servers.filter((s) => !isReady(s)).length,
    };
  });
  const care = (f: PlanFacts) => Number(f.overdue) + Number(f.missed) + Number(f.notReady > 0);
  return facts.sort((a, b) => care(b) - care(a) || a.planName.localeCompare(b.planName));
}

export interface Instance {
  recoveryInstanceId: string;
  ec2InstanceId: string;
  sourceServerId: string;
  region: string;
  accountId: string;
  ec2InstanceState: string;
  launchTime?: string;
  isDrill: boolean;
  jobId?: string;
  sourceExecutionId?: string;
  sourcePlanName?: string;
}

/** Where recovery instances may be: Regions that have some, of each account that uses them. */
export function busyPlaces(
  { regionalCapacity, accounts }: {
    regionalCapacity: readonly { region: string; recoveryServers: number }[];
    accounts: readonly { accountId: string; regionalBreakdown: readonly { region: string }[] }[];
  },
  accountIds: readonly string[],
): { accountId: string; region: string }[] {
  const busy = regionalCapacity.filter((r) => r.recoveryServers > 0).map((r) => r.region);
  const uses = (accountId: string, region: string) =>
    accounts.some((a) => a.accountId === accountId && a.regionalBreakdown.some((r) => r.region === region));
  return accountIds.flatMap((accountId) =>
    // Regions of several accounts are summed up
    busy.filter((region) => accountIds.length === 1 || uses(accountId, region)).map((region) => ({ accountId, region })),
  );
}

/** Instances of drills that have been there for longer than `hours`, oldest first. */
export function leftRunning(instances: readonly Instance[], now: number, hours: number): Instance[] {
  const started = (i: Instance) => toDate(i.launchTime)?.getTime() ?? now;
  return instances
    .filter((i) => i.isDrill && !/^(terminated|shutting)/i.test(i.ec2InstanceState) && now - started(i) > hours * 3_600_000)
    .sort((a, b) => started(a) - started(b));
}

/** Ended runs by status, most frequent first; none of a status is no slice. */
export function slices(statuses: readonly string[]): { status: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const status of statuses) {
    counts.set(status, (counts.get(status) ?? 0) + 1);
  }
  return [...counts].map(([status, count]) => ({ status, count })).sort((a, b) => b.count - a.count || a.status.localeCompare(b.status));
}

export interface Steps {
  account: boolean;
  group: boolean;
  plan: boolean;
  ready: boolean;
  drill: boolean;
}

export const STEPS = ['account', 'group', 'plan', 'ready', 'drill'] as const satisfies readonly (keyof Steps)[];

/** The step to do next; null when all are done. */
export function nextStep(steps: Steps): keyof Steps | null {
  return STEPS.find((step) => !steps[step]) ?? null;
}
