/** Addresses of servers against the ranges of their subnets; pure. */
import { t } from '../i18n/t';
import { effective, overridesOf, type Base, type Changes, type FieldId } from './settings';

export interface Subnet {
  value: string;
  vpcId: string;
  cidr: string;
}

export interface SecurityGroup {
  value: string;
  vpcId: string;
}

/** As a number; null for what is no IPv4 address without leading zeros. */
export function ipv4(text: string): number | null {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((p) => /^(0|[1-9]\d{0,2})$/.test(p) && Number(p) <= 255)) {
    return null;
  }
  return parts.reduce((sum, p) => sum * 256 + Number(p), 0);
}

const dotted = (n: number) => [n / 2 ** 24, n / 2 ** 16, n / 2 ** 8, n].map((v) => String(Math.floor(v) % 256)).join('.');

function range(cidr: string): { first: number; last: number } | null {
  const [base = '', bits = ''] = cidr.split('/');
  const address = ipv4(base);
  if (address === null || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) {
    return null;
  }
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(address / size) * size;
  return { first, last: first + size - 1 };
}

const PRIVATE = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'];

const inside = (address: number, cidr: string) => {
  const r = range(cidr);
  return r !== null && address >= r.first && address <= r.last;
};

/**
 * Why a server cannot have the address, or null. Without the subnet's range
 * only the form is looked at; the server checks the rest.
 */
export function addressProblem(text: string, subnetId: string, subnet: Subnet | undefined): string | null {
  const address = ipv4(text);
  if (address === null) {
    return t('address.INVALID_IP_FORMAT');
  }
  if (subnetId === '') {
    return t('address.MISSING_SUBNET');
  }
  const r = subnet === undefined ? null : range(subnet.cidr);
  if (subnet === undefined || r === null) {
    return null;
  }
  if (address < r.first || address > r.last) {
    return t(PRIVATE.some((cidr) => inside(address, cidr)) ? 'address.IP_OUT_OF_RANGE' : 'address.IP_NOT_PRIVATE', { cidr: subnet.cidr });
  }
  if (address < r.first + 4 || address === r.last) {
    return t('address.IP_RESERVED', { from: dotted(r.first), to: dotted(r.first + 3), last: dotted(r.last) });
  }
  return null;
}

export type Problems = Partial<Record<FieldId, string>>;

/** What is wrong with the settings of changed servers, as far as can be seen here. */
export function settingsProblems(
  group: Base,
  changes: Changes,
  picks: { subnets: readonly Subnet[]; groups: readonly SecurityGroup[] },
): Map<string, Problems> {
  const of = overridesOf(group, changes);
  const subnets = new Map(picks.subnets.map((s) => [s.value, s]));
  const groups = new Map(picks.groups.map((g) => [g.value, g]));
  const holders = new Map<string, string[]>();
  for (const id of new Set([...(group.servers ?? []).map((s) => s.sourceServerId), ...Object.keys(changes)])) {
    const { staticPrivateIp = '', subnetId = '' } = effective(group, of(id));
    if (staticPrivateIp !== '' && subnetId !== '') {
      const key = `${subnetId} ${staticPrivateIp}`;
      holders.set(key, [...(holders.get(key) ?? []), id]);
    }
  }
  const out = new Map<string, Problems>();
  for (const id of Object.keys(changes)) {
    const settings = effective(group, of(id));
    const { staticPrivateIp = '', subnetId = '' } = settings;
    const subnet = subnets.get(subnetId);
    const problems: Problems = {};
    if (staticPrivateIp !== '') {
      const other = holders.get(`${subnetId} ${staticPrivateIp}`)?.find((holder) => holder !== id);
      const problem =
        addressProblem(staticPrivateIp, subnetId, subnet) ?? (other === undefined ? null : t('address.DUPLICATE_IP', { server: other }));
      if (problem !== null) {
        problems.staticPrivateIp = problem;
      }
    }
    const foreign = (settings.securityGroupIds ?? []).filter((g) => {
      const vpc = groups.get(g)?.vpcId;
      return subnet !== undefined && vpc !== undefined && vpc !== subnet.vpcId;
    });
    if (foreign.length > 0) {
      problems.securityGroupIds = t('address.SECURITY_GROUPS_WRONG_VPC', { groups: foreign.join(', '), vpc: subnet?.vpcId });
    }
    if ((settings.securityGroupIds ?? []).length > 5) {
      problems.securityGroupIds = t('address.SECURITY_GROUPS_MANY');
    }
    if (Object.keys(problems).length > 0) {
      out.set(id, problems);
    }
  }
  return out;
}
