import { skipToken, useQuery } from '@tanstack/react-query';
import Badge from '@cloudscape-design/components/badge';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Multiselect from '@cloudscape-design/components/multiselect';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState, type ReactNode } from 'react';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { useApi } from '../app/context';
import { Dialog } from '../components/Dialog';
import { t } from '../i18n/t';
import { useDebounced } from '../lib/debounce';
import { addressProblem, ipv4, settingsProblems } from './address';
import { PicksProblem } from './LaunchSettings';
import { shown, type Picks } from './picks';
import { SettingField } from './SettingField';
import { effective, FIELDS, INHERIT, isOwn, overridesOf, put, read, same, settingName, write, type Base, type Changes, type FieldId, type Override } from './settings';

export interface Member {
  id: string;
  name: string;
}

interface FormProps {
  group: Base;
  changes: Changes;
  picks: Picks;
  done: (changes: Changes) => void;
  close: () => void;
}

/** Whether AWS could give the address to the server now; asked when the typing stops. */
function useAddressCheck(groupId: string | null, serverId: string, staticPrivateIp: string, subnetId: string, enabled: boolean) {
  const api = useApi();
  const wanted = useDebounced({ staticPrivateIp, subnetId });
  const settled = wanted.staticPrivateIp === staticPrivateIp && wanted.subnetId === subnetId;
  const query = useQuery({
    queryKey: ['address-check', groupId, serverId, wanted],
    queryFn:
      groupId === null
        ? skipToken
        : ({ signal }) => api.post('/protection-groups/{id}/servers/{serverId}/validate-ip', { path: { id: groupId, serverId }, body: wanted, signal }),
    enabled: enabled && settled,
    staleTime: 10_000,
  });
  return { ...query, busy: enabled && groupId !== null && (!settled || query.isFetching), data: settled && enabled ? query.data : undefined };
}

/** Settings of one server, with what the group has beside each. */
export function ServerForm({
  group, server, groupId, changes, picks, done, close,
}: FormProps & {
  server: Member;
  /** The group that has the server: AWS is asked about an address. Null when none has it yet. */
  groupId: string | null;
}) {
  const [override, setOverride] = useState<Override>(() => overridesOf(group, changes)(server.id));
  const [left, setLeft] = useState(false);
  const { launchTemplate: own, useGroupDefaults } = override;
  const settings = effective(group, override);
  const subnetId = settings.subnetId ?? '';
  const subnet = picks.subnets.find((s) => s.value === subnetId);
  const ip = read(own, 'staticPrivateIp');
  // not while the first octets are typed
  const typed = left || ip.split('.').length > 3;
  const problem = ip === '' || !typed ? null : addressProblem(ip, subnetId, subnet);
  const check = useAddressCheck(groupId, server.id, ip, subnetId, ip !== '' && ipv4(ip) !== null && problem === null && subnetId !== '');
  const refused = check.data?.valid === false ? (check.data.message ?? check.data.error ?? t('address.refused')) : null;
  const next = put(group, changes, server.id, override);
  const problems = settingsProblems(group, next, picks).get(server.id) ?? {};
  const errors = { ...problems, staticPrivateIp: problem ?? refused ?? (typed ? problems.staticPrivateIp : undefined) };
  const changed = !same(override, overridesOf(group, changes)(server.id));
  const bad = Object.values({ ...problems, ...errors }).some((text) => text !== undefined);

  const note = (id: FieldId): ReactNode => {
    if (id === 'subnetId') {
      return subnet === undefined ? undefined : t('setting.subnet.note', { vpc: subnet.vpcId, az: subnet.az, cidr: subnet.cidr });
    }
    if (id !== 'staticPrivateIp' || ip === '' || errors.staticPrivateIp !== undefined) {
      return undefined;
    }
    if (groupId === null) {
      return typed && subnet !== undefined ? t('address.later', { cidr: subnet.cidr }) : undefined;
    }
    if (check.busy) {
      return <StatusIndicator type="loading">{t('address.checking')}</StatusIndicator>;
    }
    if (check.isError) {
      return <StatusIndicator type="warning">{t('address.unchecked', { reason: explain(toApiError(check.error)) })}</StatusIndicator>;
    }
    return check.data?.valid === true ? (
      <StatusIndicator type="success">{t('address.free', { cidr: check.data.details?.subnetCidr as string | undefined })}</StatusIndicator>
    ) : undefined;
  };
  const fields = (more: boolean) =>
    FIELDS.filter((f) => f.more === more).map((field) => {
      const value = read(own, field.id);
      const groups = useGroupDefaults ? read(group.launchConfig ?? {}, field.id) : '';
      return (
        <SettingField
          key={field.id}
          field={field}
          value={value}
          picks={picks}
          subnetId={subnetId}
          unset={
            field.kind === 'address' ? t('setting.address.unset')
            : groups === '' ? t('setting.unset')
            : t('setting.inherit', { value: shown(field, groups, picks) })
          }
          info={value === '' ? undefined : <Badge color="blue">{t('setting.own')}</Badge>}
          hint={value === '' || groups === '' ? undefined : t('setting.instead', { value: shown(field, groups, picks) })}
          note={note(field.id)}
          error={errors[field.id as keyof typeof errors]}
          blur={() => {
            setLeft(true);
          }}
          set={(text) => {
            setOverride({ ...override, launchTemplate: write(own, field, text) });
          }}
        />
      );
    });
  return (
    <Dialog
      title={t('setting.of', { name: server.name })}
      close={close}
      buttons={
        <SpaceBetween size="xs" direction="horizontal">
          <Button disabled={!isOwn(override)} onClick={() => {
            setOverride(INHERIT);
          }}>
            {t('setting.reset')}
          </Button>
          <Button variant="primary" disabled={!changed || bad || check.busy} onClick={() => {
            done(next);
          }}>
            {t('setting.take')}
          </Button>
        </SpaceBetween>
      }
    >
      <PicksProblem picks={picks} />
      <Checkbox
        checked={useGroupDefaults}
        description={t('setting.defaults.hint')}
        onChange={({ detail }) => {
          setOverride({ ...override, useGroupDefaults: detail.checked });
        }}
      >
        {t('setting.defaults')}
      </Checkbox>
      <ColumnLayout columns={2} minColumnWidth={260}>
        {fields(false)}
      </ColumnLayout>
      <ExpandableSection headerText={t('editor.more')} defaultExpanded={FIELDS.some((f) => f.more && read(own, f.id) !== '')}>
        <SpaceBetween size="m">
          <ColumnLayout columns={2} minColumnWidth={260}>
            {fields(true)}
          </ColumnLayout>
          <Kept override={override} />
        </SpaceBetween>
      </ExpandableSection>
    </Dialog>
  );
}

/** What is set by the API and not offered here; it stays. */
function Kept({ override }: { override: Override }) {
  const rest = Object.entries(override.launchTemplate).filter(([id]) => !FIELDS.some((f) => f.id === id));
  return rest.length === 0 ? null : (
    <KeyValuePairs columns={2} items={rest.map(([label, value]) => ({ label, value: typeof value === 'string' ? value : JSON.stringify(value) }))} />
  );
}

/** The same settings for several servers. Only those that are chosen change. */
export function BulkForm({ group, servers, changes, picks, done, close }: FormProps & { servers: readonly Member[] }) {
  const [chosen, setChosen] = useState<FieldId[]>([]);
  const [own, setOwn] = useState<Override['launchTemplate']>({});
  const [defaults, setDefaults] = useState<'' | 'true' | 'false'>('');
  const offered = FIELDS.filter((f) => f.kind !== 'address').map((f) => ({ value: f.id, label: settingName(f.id) }));
  const of = overridesOf(group, changes);
  const next = servers.reduce<Changes>((out, { id }) => {
    const old = of(id);
    const launchTemplate = FIELDS.filter((f) => chosen.includes(f.id)).reduce((template, f) => write(template, f, read(own, f.id)), old.launchTemplate);
    return put(group, out, id, { launchTemplate, useGroupDefaults: defaults === '' ? old.useGroupDefaults : defaults === 'true' });
  }, changes);
  const modes = (['', 'true', 'false'] as const).map((value) => ({ value, label: t(`setting.defaults.${value === '' ? 'keep' : value}`) }));
  const subnetId = own.subnetId ?? group.launchConfig?.subnetId ?? '';
  const problems = settingsProblems(group, next, picks);
  const bad = servers.filter((s) => problems.has(s.id));
  return (
    <Dialog
      title={t('setting.bulk', { count: servers.length })}
      close={close}
      buttons={
        <Button variant="primary" disabled={chosen.length === 0 && defaults === ''} onClick={() => {
          done(next);
        }}>
          {t('setting.take')}
        </Button>
      }
    >
      <PicksProblem picks={picks} />
      <FormField label={t('setting.bulk.mode')}>
        <Select
          options={modes}
          selectedOption={modes.find((m) => m.value === defaults) ?? null}
          onChange={({ detail }) => {
            setDefaults(detail.selectedOption.value as typeof defaults);
          }}
        />
      </FormField>
      <FormField label={t('setting.bulk.fields')} description={t('setting.bulk.hint')}>
        <Multiselect
          options={offered}
          selectedOptions={offered.filter((o) => chosen.includes(o.value))}
          filteringType="auto"
          placeholder={t('setting.bulk.choose')}
          deselectAriaLabel={(option) => t('editor.deselect', { name: option.label ?? '' })}
          onChange={({ detail }) => {
            setChosen(offered.map((o) => o.value).filter((id) => detail.selectedOptions.some((o) => o.value === id)));
          }}
        />
      </FormField>
      <ColumnLayout columns={2} minColumnWidth={260}>
        {FIELDS.filter((f) => chosen.includes(f.id)).map((field) => (
          <SettingField
            key={field.id}
            field={field}
            value={read(own, field.id)}
            picks={picks}
            subnetId={subnetId}
            unset={t('setting.asgroup')}
            set={(text) => {
              setOwn(write(own, field, text));
            }}
          />
        ))}
      </ColumnLayout>
      {bad.length === 0 ? null : (
        <StatusIndicator type="warning">
          {t('setting.bulk.problems', { count: bad.length, problem: Object.values(problems.get(bad[0]?.id ?? '') ?? {})[0] ?? '' })}
        </StatusIndicator>
      )}
    </Dialog>
  );
}
