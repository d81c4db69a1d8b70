/** What lists and pages say of a source server; pure. */
import type { Schemas } from '../api/client';
import { plansUsing } from '../groups/usage';
import { t } from '../i18n/t';
import type { Property } from '../lib/filter';
import { tagTexts } from '../lib/tags';
import { isoDuration } from '../lib/time';
import type { ServerRow } from './inventory';

/** A row of the inventory, with the plans that use its group. */
export interface InventoryRow extends ServerRow {
  plans: readonly { planId: string; planName: string }[];
}

type Named = Pick<Schemas['Server'], 'nameTag' | 'hostname' | 'sourceServerID'>;

export function nameOf(server: Named): string {
  return server.nameTag || server.hostname || server.sourceServerID;
}

/** The page of a server; with its place, so that nothing has to be looked for. */
export function serverHref(id: string, accountId: string, region: string): string {
  return `/servers/${id}?owner=${accountId}&region=${region}`;
}

export function isReady(server: Pick<Schemas['Server'], 'state'>): boolean {
  return server.state === 'READY_FOR_RECOVERY';
}

/** Seconds behind; null when DRS does not say. */
export function lagOf(server: Pick<Schemas['Server'], 'lagDuration'>): number | null {
  return isoDuration(server.lagDuration);
}

/** The staging account that replicates the server for its account; null when the account does it itself. */
export function stagingOf(server: Pick<ServerRow, 'stagingAccountId' | 'accountId'>): string | null {
  return server.stagingAccountId !== undefined && server.stagingAccountId !== '' && server.stagingAccountId !== server.accountId
    ? server.stagingAccountId
    : null;
}

type PlanLike = Parameters<typeof plansUsing>[0][number];

export function withPlans(rows: readonly ServerRow[], plans: readonly PlanLike[]): InventoryRow[] {
  const known = new Map<string, InventoryRow['plans']>();
  const of = (groupId: string) => {
    let list = known.get(groupId);
    if (list === undefined) {
      list = plansUsing(plans, groupId).map(({ planId, planName }) => ({ planId, planName }));
      known.set(groupId, list);
    }
    return list;
  };
  return rows.map((row) => {
    const groupId = row.assignedToProtectionGroup?.protectionGroupId;
    return { ...row, plans: groupId === undefined ? [] : of(groupId) };
  });
}

export type Show = 'all' | 'notready' | 'unassigned';

export function showOf(text: string | null): Show {
  return text === 'notready' || text === 'unassigned' ? text : 'all';
}

export function isShown(show: Show, row: Pick<ServerRow, 'state' | 'assignedToProtectionGroup'>): boolean {
  switch (show) {
    case 'notready':
      return !isReady(row);
    case 'unassigned':
      return row.assignedToProtectionGroup === null;
    default:
      return true;
  }
}

/** What the filter of the inventory can ask for. */
export const PROPERTIES: readonly Property<InventoryRow>[] = [
  { key: 'name', values: (s) => [s.nameTag, s.hostname, s.fqdn] },
  { key: 'id', values: (s) => [s.sourceServerID, s.sourceInstanceId] },
  { key: 'state', values: (s) => s.replicationState },
  { key: 'lag', values: lagOf },
  { key: 'group', values: (s) => s.assignedToProtectionGroup?.protectionGroupName },
  { key: 'plan', values: (s) => s.plans.map((p) => p.planName) },
  { key: 'tag', values: (s) => tagTexts(s.tags) },
  { key: 'account', values: (s) => s.accountId },
  { key: 'region', values: (s) => s.region },
  { key: 'staging', values: stagingOf },
  { key: 'sourcetag', values: (s) => tagTexts(s.sourceTags) },
  { key: 'network', values: (s) => [s.ec2NetworkConfig?.vpcId, s.ec2NetworkConfig?.subnetId, ...(s.ec2NetworkConfig?.securityGroups ?? [])] },
  { key: 'extension', values: (s) => s.extensionStatus },
  { key: 'agent', values: (s) => s.agentVersion },
  { key: 'ip', values: (s) => [s.sourceIp, ...(s.networkInterfaces ?? []).flatMap((n) => n.ips ?? [])] },
  { key: 'os', values: (s) => s.os },
  { key: 'cores', values: (s) => s.hardware?.totalCores },
  { key: 'ram', values: (s) => s.hardware?.ramGiB },
  { key: 'disk', values: (s) => s.hardware?.totalDiskGiB },
  { key: 'launch', values: (s) => s.lastLaunchStatus },
];

/** Properties that are compared as numbers. */
export const NUMBERS: readonly string[] = ['lag', 'cores', 'ram', 'disk'];

/** Values to offer for the properties that have few. */
export function choices(rows: readonly InventoryRow[]): { propertyKey: string; value: string }[] {
  return PROPERTIES.filter((p) => ['state', 'group', 'plan', 'tag', 'sourcetag', 'network', 'extension', 'agent', 'account', 'region', 'staging', 'os', 'launch'].includes(p.key)).flatMap((p) => {
    const found = new Set<string>();
    for (const row of rows) {
      const value = p.values(row);
      for (const v of Array.isArray(value) ? (value as readonly string[]) : [value as string | null | undefined]) {
        if (v !== null && v !== undefined && v !== '' && found.size < 500) {
          found.add(v);
        }
      }
    }
    return [...found].sort().map((value) => ({ propertyKey: p.key, value }));
  });
}

/** Why no group can be made of these servers; null when it can. */
export function groupProblem(rows: readonly ServerRow[]): string | null {
  const [first] = rows;
  if (first === undefined) {
    return t('inventory.group.none');
  }
  if (rows.some((row) => row.accountId !== first.accountId || row.region !== first.region)) {
    return t('inventory.group.places');
  }
  const taken = rows.filter((row) => row.assignedToProtectionGroup !== null).length;
  return taken > 0 ? t('inventory.group.taken', { count: taken }) : null;
}
