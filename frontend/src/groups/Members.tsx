import Alert from '@cloudscape-design/components/alert';
import Autosuggest from '@cloudscape-design/components/autosuggest';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Grid from '@cloudscape-design/components/grid';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useMemo, useState } from 'react';
import type { Schemas } from '../api/client';
import { useSourceServers, useTagMatches } from '../api/queries';
import { DataTable, type Column } from '../components/DataTable';
import { Link } from '../components/Link';
import { RegionProblem } from '../components/RegionProblem';
import { statusText } from '../components/Status';
import { TagCount } from '../components/Tags';
import { t } from '../i18n/t';
import { useDebounced } from '../lib/debounce';
import { predicateOf, type Query } from '../lib/filter';
import { tagTexts } from '../lib/tags';
import { serverColumns } from '../servers/columns';
import { choices, nameOf, PROPERTIES, serverHref, type InventoryRow } from '../servers/facts';
import { ServerFilter } from '../servers/ServerFilter';
import { tagMap, type GroupDraft } from './draft';
import type { MembersOf } from './membership';
import { isReady } from './protection';

type Server = Schemas['Server'];

/** Whoever looks closer at a server does not leave what was entered. */
function columns(accountId: string, region: string): Column<Server>[] {
  const of = serverColumns();
  return [
    {
      id: 'name',
      header: t('server'),
      name: true,
      sort: nameOf,
      cell: (s) => <Link external to={serverHref(s.sourceServerID, accountId, region)}>{nameOf(s)}</Link>,
    },
    of.state,
    of.lag,
    {
      id: 'group',
      header: t('group.assigned'),
      sort: (s) => s.assignedToProtectionGroup?.protectionGroupName ?? '',
      cell: (s) => s.assignedToProtectionGroup?.protectionGroupName ?? '–',
    },
    of.fqdn,
    of.ip,
    of.os,
    of.cores,
    of.ram,
    of.disk,
    { ...of.seen, optional: true },
    { ...of.launch, optional: true },
    { id: 'tags', header: t('group.column.tags'), csv: (s) => tagTexts(s.tags).join(' '), cell: (s) => <TagCount title={t('group.column.tags')} tags={s.tags} />, optional: true },
    {
      id: 'sourcetags',
      header: t('group.column.sourcetags'),
      csv: (s) => tagTexts(s.sourceTags).join(' '),
      cell: (s) => <TagCount title={t('group.column.sourcetags')} tags={s.sourceTags ?? {}} />,
    },
    of.id,
  ];
}

const words = (s: Server) =>
  [...tagTexts(s.tags), ...tagTexts(s.sourceTags), s.sourceServerID, s.hostname, s.nameTag, s.sourceIp, s.sourceInstanceId, s.assignedToProtectionGroup?.protectionGroupName].join(' ');

interface Props {
  draft: GroupDraft;
  change: (next: GroupDraft) => void;
  accountId: string;
  groupId: string | null;
}

/** Tag keys of the servers, or the values of one key, the most frequent first. */
export function tagChoices(servers: readonly Pick<Server, 'tags'>[], key: string | null): { value: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { tags } of servers) {
    for (const [k, v] of Object.entries(tags)) {
      const word = key === null ? k : k === key ? v : null;
      if (word !== null) {
        counts.set(word, (counts.get(word) ?? 0) + 1);
      }
    }
  }
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count || a.value.localeCompare(b.value));
}

/** What has to be known of the servers before the group is saved. */
export function Warnings({ servers }: { servers: readonly Server[] }) {
  const taken = servers.filter((s) => !s.selectable);
  const notReady = servers.filter((s) => !isReady(s));
  const list = (some: readonly Server[], text: (s: Server) => string) => (
    <ul>
      {some.slice(0, 5).map((s) => (
        <li key={s.sourceServerID}>{text(s)}</li>
      ))}
      {some.length > 5 ? <li>{t('apply.failures.more', { count: some.length - 5 })}</li> : null}
    </ul>
  );
  const name = (s: Server) => s.nameTag ?? s.hostname;
  return (
    <SpaceBetween size="s">
      {taken.length > 0 ? (
        <Alert type="warning" header={t('group.taken', { count: taken.length })}>
          {list(taken, (s) => `${name(s)}: ${s.assignedToProtectionGroup?.protectionGroupName ?? ''}`)}
        </Alert>
      ) : null}
      {notReady.length > 0 ? (
        <Alert type="warning" header={t('group.notready', { count: notReady.length })}>
          {list(notReady, (s) => `${name(s)}: ${statusText(s.replicationState, 'replication')}`)}
        </Alert>
      ) : null}
      {servers.length > 100 ? <Alert type="info">{t('group.many', { count: servers.length })}</Alert> : null}
    </SpaceBetween>
  );
}

/** Servers with settings of their own that are none of the group. */
export function LeftBehind({ of: { draft, accountId, groupId }, ids, drop }: { of: MembersOf; ids: readonly string[]; drop?: () => void }) {
  const all = useSourceServers({ accountId, region: ids.length === 0 ? '' : draft.region, groupId });
  const known = new Map((all.data?.servers ?? []).map((s) => [s.sourceServerID, s.nameTag ?? s.hostname]));
  const nameOf = (id: string) => known.get(id) ?? id;
  return ids.length === 0 ? null : (
    <Alert
      type="warning"
      header={t('group.own.left', { count: ids.length })}
      action={drop === undefined ? undefined : <Button formAction="none" onClick={drop}>{t('group.own.drop')}</Button>}
    >
      {t(draft.mode === 'tags' ? 'group.own.left.tags' : 'group.own.left.servers')}
      <ul>
        {[...ids].sort((a, b) => nameOf(a).localeCompare(nameOf(b))).slice(0, 5).map((id) => (
          <li key={id}>{nameOf(id)}</li>
        ))}
        {ids.length > 5 ? <li>{t('apply.failures.more', { count: ids.length - 5 })}</li> : null}
      </ul>
    </Alert>
  );
}

/** Servers that would match if the tags of their instances were copied to DRS. */
export function onlyAtSource<S extends Pick<Server, 'tags' | 'sourceTags'>>(servers: readonly S[], wanted: Readonly<Record<string, string>>): S[] {
  const has = (tags: Readonly<Record<string, string>>) =>
    Object.entries(wanted).every(([key, value]) => tags[key]?.trim().toLowerCase() === value.toLowerCase());
  return servers.filter((s) => !has(s.tags) && has({ ...s.sourceTags, ...s.tags }));
}

/** Tags are read in DRS: what only the instances carry does not select. */
function NotCopied({ servers }: { servers: readonly Server[] }) {
  return servers.length === 0 ? null : (
    <Alert type="info" header={t('group.notcopied', { count: servers.length })}>
      {servers.slice(0, 5).map((s) => s.nameTag ?? s.hostname).join(', ')}. {t('group.notcopied.text')}{' '}
      <Link to="/settings/tag-sync">{t('settings.tag-sync')}</Link>
    </Alert>
  );
}

function TagInput({ value, label, placeholder, choices, loading, set }: {
  value: string;
  label: string;
  placeholder: string;
  choices: readonly { value: string; count: number }[];
  loading: boolean;
  set: (value: string) => void;
}) {
  return (
    <Autosuggest
      value={value}
      ariaLabel={label}
      placeholder={placeholder}
      options={choices.map((c) => ({ value: c.value, description: t('group.selection.servers', { count: c.count }) }))}
      enteredTextLabel={(text) => t('group.tag.use', { text })}
      statusType={loading ? 'loading' : 'finished'}
      loadingText={t('loading')}
      empty={t('group.tag.none')}
      onChange={({ detail }) => {
        set(detail.value);
      }}
    />
  );
}

/** Tags of the servers, and the servers that have them now. */
export function ByTags({ draft, change, accountId, groupId }: Props) {
  const tags = useDebounced(tagMap(draft.tags) ?? {});
  const matches = useTagMatches({ accountId, region: draft.region, tags, groupId });
  const inventory = useSourceServers({ accountId, region: draft.region, groupId });
  const known = inventory.data?.servers ?? [];
  const rows = draft.tags;
  const set = (index: number, part: 'key' | 'value', value: string) => {
    change({ ...draft, tags: rows.map((row, i) => (i === index ? { ...row, [part]: value } : row)) });
  };
  const found = matches.data?.resolvedServers ?? [];
  const definitions = useMemo(() => columns(accountId, draft.region), [accountId, draft.region]);
  return (
    <SpaceBetween size="m">
      <Box>{t('group.tags')}</Box>
      {rows.map((row, index) => (
        // rows have no name of their own
        <Grid key={index} gridDefinition={[{ colspan: { default: 12, xs: 5 } }, { colspan: { default: 12, xs: 5 } }, { colspan: { default: 12, xs: 2 } }]}>
          <TagInput
            value={row.key}
            label={t('group.tag.key', { number: index + 1 })}
            placeholder={t('group.tag.key.short')}
            choices={tagChoices(known, null)}
            loading={inventory.isPending}
            set={(value) => {
              set(index, 'key', value);
            }}
          />
          <TagInput
            value={row.value}
            label={t('group.tag.value', { number: index + 1 })}
            placeholder={t('group.tag.value.short')}
            choices={tagChoices(known, row.key.trim())}
            loading={inventory.isPending}
            set={(value) => {
              set(index, 'value', value);
            }}
          />
          <Button formAction="none" disabled={rows.length === 1} ariaLabel={t('group.tag.remove', { number: index + 1 })} onClick={() => {
            change({ ...draft, tags: rows.filter((_, i) => i !== index) });
          }}>
            {t('remove')}
          </Button>
        </Grid>
      ))}
      <Button formAction="none" iconName="add-plus" disabled={rows.length >= 50} onClick={() => {
        change({ ...draft, tags: [...rows, { key: '', value: '' }] });
      }}>
        {t('group.tag.add')}
      </Button>
      {Object.keys(tags).length === 0 ? null : matches.isError ? (
        <RegionProblem region={draft.region} what={t('group.servers.failed')} error={matches.error} retry={() => void matches.refetch()} />
      ) : (
        <SpaceBetween size="m">
          <div aria-live="polite">
            <StatusIndicator type={matches.isFetching ? 'loading' : found.length === 0 ? 'warning' : 'success'}>
              {matches.isFetching ? t('group.matching') : t('group.matching.count', { count: found.length })}
            </StatusIndicator>
          </div>
          <NotCopied servers={onlyAtSource(known, tags)} />
          <Warnings servers={found} />
          <DataTable
            id="group-matches"
            variant="container"
            title={t('group.matches')}
            items={found}
            rowKey={(s) => s.sourceServerID}
            text={words}
            loading={matches.isPending}
            empty={t('group.servers.none')}
            columns={definitions}
          />
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}

const SHOWN = ['free', 'assigned', 'all'] as const;

/** What is the same for all servers of a group, or not known before it is saved. */
const SAME = ['account', 'region', 'plan'];

/** Servers by name, out of those without another group. */
export function ByServers({ draft, change, accountId, groupId }: Props) {
  const [shown, setShown] = useState<(typeof SHOWN)[number]>('free');
  const [filter, setFilter] = useState<Query>({ tokens: [], operation: 'and' });
  const { region } = draft;
  const query = useSourceServers({ accountId, region, groupId });
  const servers = useMemo(() => (query.data?.servers ?? []).map((s): InventoryRow => ({ ...s, accountId, region, plans: [] })), [query.data, accountId, region]);
  const known = useMemo(() => choices(servers), [servers]);
  const definitions = useMemo(() => columns(accountId, region), [accountId, region]);
  if (query.isError && query.data === undefined) {
    return <RegionProblem region={region} what={t('group.servers.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  const chosen = new Set(draft.serverIds);
  const free = (s: Server) => s.selectable || chosen.has(s.sourceServerID);
  const matches = predicateOf(filter, PROPERTIES);
  const predicate = (s: InventoryRow) => (shown === 'all' || free(s) === (shown === 'free')) && (matches === null || matches(s));
  const addable = servers.filter((s) => predicate(s) && free(s) && !chosen.has(s.sourceServerID));
  const options = SHOWN.map((value) => ({ value, label: t(`group.show.${value}`) }));
  return (
    <SpaceBetween size="m">
      <Warnings servers={servers.filter((s) => chosen.has(s.sourceServerID))} />
      <DataTable
        id="group-servers-choice"
        variant="container"
        title={t('servers')}
        description={t('group.chosen', { count: draft.serverIds.length })}
        items={servers}
        predicate={predicate}
        rowKey={(s) => s.sourceServerID}
        text={() => ''}
        search={(count) => <ServerFilter query={filter} change={setFilter} options={known} matches={count} without={SAME} />}
        loading={query.isPending}
        empty={t('group.servers.free.none')}
        emptyHint={t('group.servers.free.hint')}
        columns={definitions}
        filters={
          <Select
            options={options}
            selectedOption={options.find((o) => o.value === shown) ?? null}
            ariaLabel={t('setting.filter')}
            onChange={({ detail }) => {
              setShown(SHOWN.find((value) => value === detail.selectedOption.value) ?? 'free');
            }}
          />
        }
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <Button formAction="none" disabled={chosen.size === 0} onClick={() => {
              change({ ...draft, serverIds: [] });
            }}>
              {t('group.choose.none')}
            </Button>
            <Button formAction="none" disabled={addable.length === 0} onClick={() => {
              change({ ...draft, serverIds: [...draft.serverIds, ...addable.map((s) => s.sourceServerID)] });
            }}>
              {t('group.choose.all', { count: addable.length })}
            </Button>
          </SpaceBetween>
        }
        selection={{
          selected: servers.filter((s) => chosen.has(s.sourceServerID)),
          disabled: (s) => !free(s),
          set: (items) => {
            // servers that AWS does not list now stay in the group
            const listed = new Set(servers.map((s) => s.sourceServerID));
            change({
              ...draft,
              serverIds: [...draft.serverIds.filter((id) => !listed.has(id)), ...items.map((s) => s.sourceServerID)],
            });
          },
        }}
      />
    </SpaceBetween>
  );
}
