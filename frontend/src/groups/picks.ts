/** What settings can be chosen from, in the account and Region of the group. */
import { useMemo } from 'react';
import { useInstanceProfiles, useInstanceTypes, useSecurityGroups, useSubnets } from '../api/queries';
import type { SecurityGroup, Subnet } from './address';
import { valueText, type Field, type FieldId } from './settings';

export interface Choice {
  value: string;
  label: string;
  description?: string;
}

export interface Picks {
  subnets: readonly (Choice & Subnet & { az: string })[];
  groups: readonly (Choice & SecurityGroup)[];
  /** Values of a setting; security groups only of the subnet's network. */
  of(field: Field, subnetId: string): readonly Choice[];
  loading(id: FieldId): boolean;
  /** The first list that could not be read. */
  error: unknown;
}

export function usePicks(accountId: string, region: string): Picks {
  const subnets = useSubnets(accountId, region);
  const groups = useSecurityGroups(accountId, region);
  const profiles = useInstanceProfiles(accountId, region);
  const types = useInstanceTypes(accountId, region);
  const queries = { subnetId: subnets, securityGroupIds: groups, instanceProfileName: profiles, instanceType: types };
  const subnetList = useMemo(
    () => (subnets.data?.subnets ?? []).map((s) => ({ ...s, description: `${s.vpcId}, ${s.az}` })),
    [subnets.data],
  );
  const groupList = useMemo(() => groups.data?.securityGroups ?? [], [groups.data]);
  return {
    subnets: subnetList,
    groups: groupList,
    error: Object.values(queries).find((q) => q.isError)?.error ?? null,
    loading: (id) => id in queries && queries[id as keyof typeof queries].isPending,
    of: (field, subnetId) => {
      switch (field.id) {
        case 'subnetId':
          return subnetList;
        case 'securityGroupIds': {
          const vpc = subnetList.find((s) => s.value === subnetId)?.vpcId;
          return groupList.filter((g) => vpc === undefined || g.vpcId === vpc);
        }
        case 'instanceProfileName':
          return profiles.data?.instanceProfiles ?? [];
        case 'instanceType':
          return types.data?.instanceTypes ?? [];
        default:
          return field.values.map((value) => ({ value, label: valueText(field, value) }));
      }
    },
  };
}

/** A value for people: the label of a list, else the value itself. */
export function shown(field: Field, text: string, picks: Picks): string {
  if (text === '') {
    return '–';
  }
  if (field.kind === 'choice') {
    return field.values.includes(text) ? valueText(field, text) : text;
  }
  if (field.kind === 'list') {
    return text.split(' ').map((id) => picks.groups.find((g) => g.value === id)?.label ?? id).join(', ');
  }
  return text;
}
