import Alert from '@cloudscape-design/components/alert';
import Checkbox from '@cloudscape-design/components/checkbox';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import FormField from '@cloudscape-design/components/form-field';
import Multiselect from '@cloudscape-design/components/multiselect';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { useInstanceProfiles, useInstanceTypes, useSecurityGroups, useSubnets } from '../api/queries';
import { t, type MessageId } from '../i18n/t';
import type { LaunchConfig } from './draft';

interface Choice {
  value: string;
  label: string;
  description?: string;
}

function Pick({
  label, value, options, loading, set, hint,
}: {
  label: string;
  value: string | undefined;
  options: readonly Choice[];
  loading: boolean;
  set: (value: string) => void;
  hint?: string;
}) {
  const none: Choice = { value: '', label: t('launch.unset') };
  // a value that AWS no longer lists stays visible
  const known = value === undefined || value === '' || options.some((o) => o.value === value);
  const all = [none, ...(known ? [] : [{ value: value ?? '', label: value ?? '' }]), ...options];
  return (
    <FormField label={label} description={hint}>
      <Select
        options={all}
        selectedOption={all.find((o) => o.value === (value ?? '')) ?? none}
        filteringType="auto"
        statusType={loading ? 'loading' : 'finished'}
        loadingText={t('loading')}
        virtualScroll
        onChange={({ detail }) => {
          set(detail.selectedOption.value ?? '');
        }}
      />
    </FormField>
  );
}

/** How the servers of a group are launched; what is not set stays as it is in AWS. */
export function LaunchSettings({
  accountId, region, value, change,
}: {
  accountId: string;
  region: string;
  value: LaunchConfig;
  change: (next: LaunchConfig) => void;
}) {
  const subnets = useSubnets(accountId, region);
  const groups = useSecurityGroups(accountId, region);
  const profiles = useInstanceProfiles(accountId, region);
  const types = useInstanceTypes(accountId, region);
  const failed = [subnets, groups, profiles, types].find((q) => q.isError);
  const groupOptions: Choice[] = (groups.data?.securityGroups ?? []).map((g) => ({ value: g.value, label: g.label }));
  const enumeration = <T extends string>(values: readonly T[], prefix: string): Choice[] =>
    values.map((v) => ({ value: v, label: t(`${prefix}.${v}` as MessageId) }));
  const sizing = enumeration(['NONE', 'BASIC', 'IN_AWS'] as const, 'launch.sizing');
  const disposition = enumeration(['STARTED', 'STOPPED'] as const, 'launch.disposition');
  return (
    <SpaceBetween size="m">
      {failed === undefined ? null : (
        <Alert type="warning" header={t('launch.pick.failed')}>
          {explain(toApiError(failed.error))}
        </Alert>
      )}
      <ColumnLayout columns={2} minColumnWidth={260}>
        <Pick label={t('launch.subnet')} value={value.subnetId} loading={subnets.isPending} options={subnets.data?.subnets ?? []} set={(subnetId) => {
          change({ ...value, subnetId });
        }} />
        <FormField label={t('launch.groups')}>
          <Multiselect
            options={groupOptions}
            selectedOptions={(value.securityGroupIds ?? []).map((id) => groupOptions.find((o) => o.value === id) ?? { value: id, label: id })}
            filteringType="auto"
            placeholder={t('launch.unset')}
            statusType={groups.isPending ? 'loading' : 'finished'}
            loadingText={t('loading')}
            deselectAriaLabel={(option) => t('editor.deselect', { name: option.label ?? '' })}
            onChange={({ detail }) => {
              change({ ...value, securityGroupIds: detail.selectedOptions.flatMap((o) => o.value ?? []) });
            }}
          />
        </FormField>
        <Pick label={t('instanceType')} value={value.instanceType} loading={types.isPending} options={types.data?.instanceTypes ?? []} set={(instanceType) => {
          change({ ...value, instanceType });
        }} />
        <Pick label={t('launch.profile')} value={value.instanceProfileName} loading={profiles.isPending} options={profiles.data?.instanceProfiles ?? []} set={(instanceProfileName) => {
          change({ ...value, instanceProfileName });
        }} />
        <Pick label={t('launch.sizing')} hint={t('launch.sizing.hint')} value={value.targetInstanceTypeRightSizingMethod} loading={false} options={sizing} set={(method) => {
          const { targetInstanceTypeRightSizingMethod: _, ...rest } = value;
          change(method === 'NONE' || method === 'BASIC' || method === 'IN_AWS' ? { ...rest, targetInstanceTypeRightSizingMethod: method } : rest);
        }} />
        <Pick label={t('launch.disposition')} value={value.launchDisposition} loading={false} options={disposition} set={(chosen) => {
          const { launchDisposition: _, ...rest } = value;
          change(chosen === 'STARTED' || chosen === 'STOPPED' ? { ...rest, launchDisposition: chosen } : rest);
        }} />
      </ColumnLayout>
      <Checkbox checked={value.copyPrivateIp === true} description={t('launch.ip.hint')} onChange={({ detail }) => {
        change({ ...value, copyPrivateIp: detail.checked });
      }}>
        {t('launch.ip')}
      </Checkbox>
      <Checkbox checked={value.copyTags === true} onChange={({ detail }) => {
        change({ ...value, copyTags: detail.checked });
      }}>
        {t('launch.tags')}
      </Checkbox>
      <Checkbox checked={value.licensing?.osByol === true} onChange={({ detail }) => {
        change({ ...value, licensing: { osByol: detail.checked } });
      }}>
        {t('launch.byol')}
      </Checkbox>
    </SpaceBetween>
  );
}
