import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import Popover from '@cloudscape-design/components/popover';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import type { Schemas } from '../api/client';
import { toApiError, type ApiError } from '../api/error';
import { explain } from '../api/explain';
import { keys } from '../api/queries';
import { useServices } from '../app/context';
import { useParam } from '../app/params';
import { usePermissions } from '../app/permissions';
import { Confirm } from '../components/Confirm';
import { DataTable, type Column } from '../components/DataTable';
import { GatedButton } from '../components/GatedButton';
import { Link } from '../components/Link';
import { Status } from '../components/Status';
import { t } from '../i18n/t';
import { download } from '../lib/csv';
import { addressProblem, settingsProblems, type Problems } from './address';
import { isApplying } from './apply';
import { Differences } from './Differences';
import { LaunchState } from './LaunchState';
import { PicksProblem } from './LaunchSettings';
import { shown, usePicks, type Picks } from './picks';
import { BulkForm, ServerForm, type Member } from './ServerForm';
import { SettingControl } from './SettingField';
import { bulkBody, differences, effective, FIELDS, INHERIT, isOwn, overridesOf, put, read, settingName, write, type Changes, type Field } from './settings';
import { SettingsImport } from './SettingsImport';
import { writeSettings } from './settings-csv';

type Group = Schemas['ProtectionGroup'];

interface Row extends Member {
  own: boolean;
  changed: boolean;
  state: Schemas['ServerConfigStatus'] | undefined;
  problems: Problems;
  /** What the server said that belongs to no setting. */
  refused: string | undefined;
}

const FILTERS = ['own', 'group', 'changed', 'problems'] as const;

function passes(row: Row, filter: string): boolean {
  switch (filter) {
    case 'own':
      return row.own;
    case 'group':
      return !row.own;
    case 'changed':
      return row.changed;
    case 'problems':
      return Object.keys(row.problems).length > 0 || row.refused !== undefined || row.state?.status === 'failed';
    default:
      return true;
  }
}

/** What the server refused, by server and setting; `*` belongs to no setting. */
export function refusedBy(error: ApiError): Record<string, Record<string, string>> {
  const list = Array.isArray(error.body.validationErrors) ? (error.body.validationErrors as Record<string, unknown>[]) : [];
  const out: Record<string, Record<string, string>> = {};
  for (const item of list) {
    const server = String(item.sourceServerId ?? '');
    const path = String(item.field ?? '');
    const name = path.slice(path.lastIndexOf('.') + 1);
    const field = FIELDS.some((f) => f.id === name) ? name : '*';
    (out[server] ??= {})[field] = String(item.message ?? item.error ?? '');
  }
  return out;
}

/** The group's own settings, read only; the editor changes them. */
function GroupSettings({ group, picks }: { group: Group; picks: Picks }) {
  const settings = group.launchConfig ?? {};
  const set = FIELDS.filter((f) => f.group && read(settings, f.id) !== '');
  return (
    <Container
      header={
        <Header variant="h2" description={t('setting.group.what')} actions={<Link to={`/protection-groups/${group.groupId}/edit`}>{t('setting.group.edit')}</Link>}>
          {t('setting.group')}
        </Header>
      }
    >
      {set.length === 0 ? (
        <Box color="text-body-secondary">{t('setting.group.none')}</Box>
      ) : (
        <KeyValuePairs columns={4} items={set.map((f) => ({ label: settingName(f.id), value: shown(f, read(settings, f.id), picks) }))} />
      )}
    </Container>
  );
}

function Value({ field, group, changes, row, picks }: { field: Field; group: Group; changes: Changes; row: Row; picks: Picks }) {
  const override = overridesOf(group, changes)(row.id);
  const own = read(override.launchTemplate, field.id);
  const text = shown(field, own === '' ? read(effective(group, override), field.id) : own, picks);
  const problem = row.problems[field.id];
  return (
    <>
      {own === '' ? <Box variant="span" color="text-body-secondary">{text}</Box> : <Box variant="span" fontWeight="bold">{text}</Box>}
      {problem === undefined ? null : (
        <div>
          <StatusIndicator type="error">{problem}</StatusIndicator>
        </div>
      )}
    </>
  );
}

function Own({ row, group, changes, picks }: { row: Row; group: Group; changes: Changes; picks: Picks }) {
  const { launchTemplate, useGroupDefaults } = overridesOf(group, changes)(row.id);
  const set = FIELDS.filter((f) => read(launchTemplate, f.id) !== '');
  return (
    <SpaceBetween size="xxs" direction="horizontal">
      {row.own ? (
        <Popover
          header={t('setting.own.of', { name: row.name })}
          dismissAriaLabel={t('close')}
          content={
            <SpaceBetween size="xs">
              {useGroupDefaults ? null : <Box>{t('setting.defaults.false')}</Box>}
              <ul className="plain-list">
                {set.map((f) => (
                  <li key={f.id}>
                    {settingName(f.id)}: {shown(f, read(launchTemplate, f.id), picks)}
                  </li>
                ))}
              </ul>
            </SpaceBetween>
          }
        >
          {t('setting.own.count', { count: Object.keys(launchTemplate).length })}
        </Popover>
      ) : (
        <span>{t('setting.asgroup')}</span>
      )}
      {row.changed ? <Badge color="severity-medium">{t('setting.unsaved')}</Badge> : null}
    </SpaceBetween>
  );
}

function Applied({ row }: { row: Row }) {
  return (
    <>
      {row.refused === undefined ? null : <StatusIndicator type="error">{row.refused}</StatusIndicator>}
      {row.state === undefined ? '–' : <Status value={row.state.status} kind="applied" />}
      {row.state?.error === undefined ? null : <Box variant="small">{row.state.error}</Box>}
    </>
  );
}

/** What saving changes, before it does. */
function Review({
  group, changes, names, busy, problem, save, close, picks,
}: {
  group: Group;
  changes: Changes;
  names: ReadonlyMap<string, string>;
  busy: boolean;
  problem: string | null;
  save: () => void;
  close: () => void;
  picks: Picks;
}) {
  const list = differences(group, changes);
  return (
    <Confirm
      title={t('setting.review', { count: Object.keys(changes).length })}
      action={t('save')}
      busy={busy}
      problem={problem}
      onConfirm={save}
      onClose={close}
    >
      <Differences list={list} names={names} picks={picks} max={100} />
      <Box>{t('setting.review.what')}</Box>
    </Confirm>
  );
}

/** Settings of the servers of a group: a table to edit, many at once, as a file. */
export default function ServerSettings({
  group, servers, loading, changes, setChanges,
}: {
  group: Group;
  servers: readonly Schemas['Server'][];
  loading: boolean;
  changes: Changes;
  setChanges: (next: Changes) => void;
}) {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const gate = usePermissions();
  const picks = usePicks(group.accountId, group.region);
  const [filter, setFilter] = useParam('settings');
  const [selected, setSelected] = useState<Row[]>([]);
  const [open, setOpen] = useState<Member | 'bulk' | 'import' | 'review' | null>(null);
  const [refused, setRefused] = useState<Record<string, Record<string, string>>>({});
  const of = overridesOf(group, changes);
  const found = new Map(servers.map((s) => [s.sourceServerID, s.nameTag ?? s.hostname]));
  const states = new Map((group.launchConfigStatus.servers ?? []).map((s) => [s.sourceServerId, s]));
  // members that AWS does not list now have settings too
  const ids = [...new Set([...found.keys(), ...group.sourceServerIds, ...(group.servers ?? []).map((s) => s.sourceServerId)])];
  const names = new Map(ids.map((id) => [id, found.get(id) ?? states.get(id)?.hostname ?? id]));
  const problems = settingsProblems(group, changes, picks);
  const rows: Row[] = ids.map((id) => {
    const said = refused[id] ?? {};
    const { '*': general, ...byField } = said;
    return {
      id,
      name: names.get(id) ?? id,
      own: isOwn(of(id)),
      changed: Object.hasOwn(changes, id),
      state: states.get(id),
      problems: { ...(byField as Problems), ...problems.get(id) },
      refused: general,
    };
  });
  const count = Object.keys(changes).length;
  const change = (next: Changes) => {
    // what was refused is looked at again when it is sent again
    setRefused(Object.fromEntries(Object.entries(refused).filter(([id]) => next[id] === changes[id])));
    setChanges(next);
  };
  const save = useMutation({
    mutationFn: () =>
      api.post('/protection-groups/{id}/servers/bulk-launch-config', { path: { id: group.groupId }, body: bulkBody(changes, group.version) }),
    onSuccess: (answer) => {
      setChanges({});
      setRefused({});
      setOpen(null);
      const bad = answer.results.filter((r) => !r.success);
      for (const text of answer.warnings ?? []) {
        flashes.add({ type: 'warning', header: text });
      }
      if (bad.length === 0) {
        flashes.add({ type: 'success', header: t('setting.saved', { count: answer.totalRequested }) });
      } else {
        flashes.add({
          type: 'warning',
          header: t('setting.saved.partly', { count: bad.length }),
          content: bad.slice(0, 5).map((r) => `${names.get(r.sourceServerId) ?? r.sourceServerId}: ${r.message ?? r.error ?? ''}`).join(' '),
        });
      }
    },
    onError: (cause) => {
      const error = toApiError(cause);
      const list = refusedBy(error);
      if (Object.keys(list).length > 0) {
        setRefused(list);
        setFilter('problems');
        setOpen(null);
      }
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.group(group.groupId) }),
  });
  const failure = save.isError ? toApiError(save.error) : null;
  const refusal = failure === null ? null : failure.code === 'VERSION_CONFLICT' ? t('setting.conflict') : explain(failure);
  const may = gate.can('modify_protection_groups');
  const busy = isApplying(group.launchConfigStatus);

  const column = (field: Field): Column<Row> => ({
    id: field.id,
    header: settingName(field.id),
    optional: !['staticPrivateIp', 'subnetId', 'securityGroupIds', 'instanceType'].includes(field.id),
    sort: (row) => read(effective(group, of(row.id)), field.id),
    cell: (row) => <Value field={field} group={group} changes={changes} row={row} picks={picks} />,
    ...(may && field.kind !== 'list'
      ? {
          edit: {
            value: (row: Row) => read(of(row.id).launchTemplate, field.id),
            problem: (row: Row, text: string) => {
              const { subnetId = '' } = effective(group, of(row.id));
              return field.kind === 'address' && text !== ''
                ? (addressProblem(text, subnetId, picks.subnets.find((s) => s.value === subnetId)) ?? undefined)
                : undefined;
            },
            control: (row: Row, text: string, set: (text: string) => void) => (
              <SettingControl
                field={field}
                value={text}
                set={set}
                picks={picks}
                subnetId={effective(group, of(row.id)).subnetId ?? ''}
                unset={field.kind === 'address' ? t('setting.address.unset') : t('setting.asgroup')}
                label={t('setting.cell', { setting: settingName(field.id), name: row.name })}
              />
            ),
            submit: (row: Row, text: string) => {
              const old = of(row.id);
              change(put(group, changes, row.id, { ...old, launchTemplate: write(old.launchTemplate, field, text) }));
            },
          },
        }
      : {}),
  });
  const columns: Column<Row>[] = [
    {
      id: 'name',
      header: t('server'),
      name: true,
      sort: (row) => row.name,
      cell: (row) =>
        may ? (
          <Button variant="inline-link" ariaLabel={t('setting.of', { name: row.name })} onClick={() => {
            setOpen(row);
          }}>
            {row.name}
          </Button>
        ) : (
          row.name
        ),
    },
    { id: 'id', header: t('id'), optional: true, cell: (row) => <Box variant="code">{row.id}</Box> },
    { id: 'own', header: t('group.launch'), sort: (row) => (row.own ? 1 : 0), cell: (row) => <Own row={row} group={group} changes={changes} picks={picks} /> },
    { id: 'state', header: t('state'), sort: (row) => row.state?.status ?? '', cell: (row) => <Applied row={row} /> },
    ...FIELDS.map(column),
  ];
  const options = [{ value: '', label: t('setting.filter.all') }, ...FILTERS.map((value) => ({ value, label: t(`setting.filter.${value}`) }))];
  const chosen = selected.filter((row) => ids.includes(row.id));
  const form = { group, changes, picks, done: (next: Changes) => {
    change(next);
    setOpen(null);
  }, close: () => {
    setOpen(null);
  } };
  return (
    <SpaceBetween size="l">
      <LaunchState group={group} showFailed={() => {
        setFilter('problems');
      }} />
      <GroupSettings group={group} picks={picks} />
      <PicksProblem picks={picks} />
      {count === 0 ? null : (
        <Alert
          type={problems.size > 0 || refusal !== null ? 'warning' : 'info'}
          header={t('setting.unsaved.header', { count })}
          action={
            <SpaceBetween size="xs" direction="horizontal">
              <Button onClick={() => {
                save.reset();
                change({});
              }}>
                {t('setting.discard')}
              </Button>
              <GatedButton
                permission="modify_protection_groups"
                variant="primary"
                disabledReason={problems.size > 0 ? t('setting.correct') : busy ? t('apply.busy') : undefined}
                onClick={() => {
                  save.reset();
                  setOpen('review');
                }}
              >
                {t('setting.review.do')}
              </GatedButton>
            </SpaceBetween>
          }
        >
          {refusal ?? t('setting.unsaved.text')}
        </Alert>
      )}
      <DataTable
        id="group-settings"
        file={false}
        variant="container"
        title={t('setting.servers')}
        description={t('setting.servers.what')}
        items={rows}
        predicate={(row) => passes(row, filter)}
        rowKey={(row) => row.id}
        text={(row) => [row.id, row.name, ...FIELDS.map((f) => read(effective(group, of(row.id)), f.id))].join(' ')}
        loading={loading && rows.length === 0}
        empty={t('group.servers.none')}
        columns={columns}
        selection={{ selected: chosen, set: setSelected }}
        filters={
          <Select
            options={options}
            selectedOption={options.find((o) => o.value === filter) ?? options[0] ?? null}
            ariaLabel={t('setting.filter')}
            onChange={({ detail }) => {
              setFilter(detail.selectedOption.value ?? '');
            }}
          />
        }
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <Button iconName="download" disabled={rows.length === 0} onClick={() => {
              download(`settings-${group.groupName.replace(/[^\w.-]+/g, '-')}.csv`, 'text/csv', writeSettings(rows, of));
            }}>
              {t('setting.csv')}
            </Button>
            <GatedButton permission="modify_protection_groups" iconName="upload" onClick={() => {
              setOpen('import');
            }}>
              {t('setting.import')}
            </GatedButton>
            <GatedButton
              permission="modify_protection_groups"
              disabledReason={chosen.some((row) => row.own) ? undefined : t('setting.reset.none')}
              onClick={() => {
                change(chosen.reduce<Changes>((out, row) => put(group, out, row.id, INHERIT), changes));
              }}
            >
              {t('setting.reset')}
            </GatedButton>
            <GatedButton permission="modify_protection_groups" disabledReason={chosen.length === 0 ? t('setting.bulk.none') : undefined} onClick={() => {
              setOpen(chosen.length === 1 ? (chosen[0] ?? null) : 'bulk');
            }}>
              {t('setting.change')}
            </GatedButton>
          </SpaceBetween>
        }
      />
      {open === 'bulk' ? <BulkForm {...form} servers={chosen} /> : null}
      {open === 'import' ? <SettingsImport {...form} members={new Set(ids)} names={names} /> : null}
      {open === 'review' ? (
        <Review group={group} changes={changes} names={names} picks={picks} busy={save.isPending} problem={refusal} save={() => {
          save.mutate();
        }} close={form.close} />
      ) : null}
      {open !== null && typeof open === 'object' ? <ServerForm {...form} server={open} /> : null}
    </SpaceBetween>
  );
}

