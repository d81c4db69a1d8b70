import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Popover from '@cloudscape-design/components/popover';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import type { Schemas } from '../api/client';
import { useParam } from '../app/params';
import { usePermissions } from '../app/permissions';
import { DataTable, type Column } from '../components/DataTable';
import { GatedButton } from '../components/GatedButton';
import { Status } from '../components/Status';
import { t } from '../i18n/t';
import { download } from '../lib/csv';
import type { Permission } from '../lib/permissions';
import { addressProblem, type Problems } from './address';
import { shown, type Picks } from './picks';
import { BulkForm, ServerForm, type Member } from './ServerForm';
import { SettingControl } from './SettingField';
import {
  effective, FIELDS, INHERIT, isOwn, overridesOf, put, read, settingName, write, type Base, type Changes, type Field, type Override, type Refusals,
} from './settings';
import { SettingsImport } from './SettingsImport';
import { writeSettings } from './settings-csv';

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

function Value({ field, group, override, row, picks }: { field: Field; group: Base; override: Override; row: Row; picks: Picks }) {
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

function Own({ row, override: { launchTemplate, useGroupDefaults }, picks }: { row: Row; override: Override; picks: Picks }) {
  const set = FIELDS.filter((f) => read(launchTemplate, f.id) !== '');
  return (
    <>
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
      {row.refused === undefined ? null : <StatusIndicator type="error">{row.refused}</StatusIndicator>}
    </>
  );
}

function Applied({ state }: { state: Row['state'] }) {
  return (
    <>
      {state === undefined ? '–' : <Status value={state.status} kind="applied" />}
      {state?.error === undefined ? null : <Box variant="small">{state.error}</Box>}
    </>
  );
}

/** Settings of the servers of a group: a table to edit, many at once, as a file. What is changed is the caller's to save. */
export function SettingsTable({
  group, name, members, picks, loading, changes, change, problems, refused, states, groupIdOf, permission, description, empty, emptyHint,
}: {
  group: Base;
  /** Name of the group, for the file. */
  name: string;
  members: readonly Member[];
  picks: Picks;
  loading: boolean;
  changes: Changes;
  change: (next: Changes) => void;
  problems: ReadonlyMap<string, Problems>;
  /** What the server refused; `*` belongs to no setting. */
  refused: Refusals;
  /** How each server's settings are applied; not given before there is a group. */
  states?: ReadonlyMap<string, Schemas['ServerConfigStatus']>;
  /** The group that has the server already, which AWS can be asked about. */
  groupIdOf: (serverId: string) => string | null;
  permission: Permission;
  description: string;
  empty: string;
  emptyHint?: string;
}) {
  const gate = usePermissions();
  const [filter, setFilter] = useParam('settings');
  const [selected, setSelected] = useState<Row[]>([]);
  const [open, setOpen] = useState<Member | 'bulk' | 'import' | null>(null);
  const of = overridesOf(group, changes);
  const rows: Row[] = members.map(({ id, name: serverName }) => {
    const { '*': general, ...byField } = refused[id] ?? {};
    return {
      id,
      name: serverName,
      own: isOwn(of(id)),
      // all of a new group is new
      changed: states !== undefined && Object.hasOwn(changes, id),
      state: states?.get(id),
      problems: { ...(byField as Problems), ...problems.get(id) },
      refused: general,
    };
  });
  const ids = new Set(members.map((m) => m.id));
  const may = gate.can(permission);

  const column = (field: Field): Column<Row> => ({
    id: field.id,
    header: settingName(field.id),
    optional: !['staticPrivateIp', 'subnetId', 'securityGroupIds', 'instanceType'].includes(field.id),
    sort: (row) => read(effective(group, of(row.id)), field.id),
    cell: (row) => <Value field={field} group={group} override={of(row.id)} row={row} picks={picks} />,
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
    { id: 'own', header: t('group.launch'), sort: (row) => (row.own ? 1 : 0), cell: (row) => <Own row={row} override={of(row.id)} picks={picks} /> },
    ...(states === undefined ? [] : [{ id: 'state', header: t('state'), sort: (row: Row) => row.state?.status ?? '', cell: (row: Row) => <Applied state={row.state} /> }]),
    ...FIELDS.map(column),
  ];
  const options = ['', ...FILTERS].filter((value) => value !== 'changed' || states !== undefined).map((value) => ({
    value,
    label: t(value === '' ? 'setting.filter.all' : `setting.filter.${value as (typeof FILTERS)[number]}`),
    labelTag: rows.filter((row) => passes(row, value)).length.toLocaleString(),
  }));
  const chosen = selected.filter((row) => ids.has(row.id));
  const close = () => {
    setOpen(null);
  };
  const form = {
    group, changes, picks, close,
    done: (next: Changes) => {
      change(next);
      close();
    },
  };
  return (
    <>
      <DataTable
        id="group-settings"
        file={false}
        variant="container"
        title={t('setting.servers')}
        description={description}
        items={rows}
        predicate={(row) => passes(row, filter)}
        rowKey={(row) => row.id}
        text={(row) => [row.id, row.name, ...FIELDS.map((f) => read(effective(group, of(row.id)), f.id))].join(' ')}
        loading={loading && rows.length === 0}
        empty={empty}
        emptyHint={emptyHint}
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
              download(`settings-${name.replace(/[^\w.-]+/g, '-')}.csv`, 'text/csv', writeSettings(rows, of));
            }}>
              {t('setting.csv')}
            </Button>
            <GatedButton permission={permission} iconName="upload" onClick={() => {
              setOpen('import');
            }}>
              {t('setting.import')}
            </GatedButton>
            <GatedButton
              permission={permission}
              disabledReason={chosen.some((row) => row.own) ? undefined : t('setting.reset.none')}
              onClick={() => {
                change(chosen.reduce<Changes>((out, row) => put(group, out, row.id, INHERIT), changes));
              }}
            >
              {t('setting.reset')}
            </GatedButton>
            <GatedButton permission={permission} disabledReason={chosen.length === 0 ? t('setting.bulk.none') : undefined} onClick={() => {
              setOpen(chosen.length === 1 ? (chosen[0] ?? null) : 'bulk');
            }}>
              {t('setting.change')}
            </GatedButton>
          </SpaceBetween>
        }
      />
      {open === 'bulk' ? <BulkForm {...form} servers={chosen} /> : null}
      {open === 'import' ? <SettingsImport {...form} members={ids} names={new Map(members.map((m) => [m.id, m.name]))} /> : null}
      {open !== null && typeof open === 'object' ? <ServerForm {...form} server={open} groupId={groupIdOf(open.id)} /> : null}
    </>
  );
}
