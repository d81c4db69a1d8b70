import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Grid from '@cloudscape-design/components/grid';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useDeferredValue } from 'react';
import type { Schemas } from '../api/client';
import { useSourceServers, useTagMatches } from '../api/queries';
import { DataTable, type Column } from '../components/DataTable';
import { Failed } from '../components/Failed';
import { Status } from '../components/Status';
import { t } from '../i18n/t';
import { formatSeconds, isoDuration } from '../lib/time';
import { tagMap, type GroupDraft } from './draft';

type Server = Schemas['Server'];

const COLUMNS: () => Column<Server>[] = () => [
  { id: 'name', header: t('server'), name: true, sort: (s) => s.nameTag ?? s.hostname, cell: (s) => s.nameTag ?? s.hostname },
  { id: 'state', header: t('replication'), sort: (s) => s.replicationState, cell: (s) => <Status value={s.replicationState} kind="replication" /> },
  { id: 'lag', header: t('lag'), sort: (s) => isoDuration(s.lagDuration) ?? -1, csv: (s) => isoDuration(s.lagDuration), cell: (s) => formatSeconds(isoDuration(s.lagDuration)) },
  {
    id: 'group',
    header: t('group.assigned'),
    sort: (s) => s.assignedToProtectionGroup?.protectionGroupName ?? '',
    cell: (s) => s.assignedToProtectionGroup?.protectionGroupName ?? '–',
  },
  { id: 'id', header: t('id'), sort: (s) => s.sourceServerID, cell: (s) => <Box variant="code">{s.sourceServerID}</Box>, optional: true },
];

const words = (s: Server) =>
  [s.sourceServerID, s.hostname, s.nameTag, s.sourceIp, s.sourceInstanceId, s.assignedToProtectionGroup?.protectionGroupName].join(' ');

/** Tags of the servers, and the servers that have them now. */
export function ByTags({ draft, change, accountId, groupId }: { draft: GroupDraft; change: (next: GroupDraft) => void; accountId: string; groupId: string | null }) {
  const settled = useDeferredValue(draft.tags);
  const tags = tagMap(settled) ?? {};
  const matches = useTagMatches({ accountId, region: draft.region, tags, groupId });
  const rows = draft.tags;
  const set = (index: number, part: 'key' | 'value', value: string) => {
    change({ ...draft, tags: rows.map((row, i) => (i === index ? { ...row, [part]: value } : row)) });
  };
  const found = matches.data?.resolvedServers ?? [];
  const taken = found.filter((s) => s.assignedToProtectionGroup != null);
  return (
    <SpaceBetween size="m">
      <Box>{t('group.tags')}</Box>
      {rows.map((row, index) => (
        // rows have no name of their own
        <Grid key={index} gridDefinition={[{ colspan: 5 }, { colspan: 5 }, { colspan: 2 }]}>
          <Input value={row.key} ariaLabel={t('group.tag.key', { number: index + 1 })} placeholder={t('group.tag.key.short')} onChange={({ detail }) => {
            set(index, 'key', detail.value);
          }} />
          <Input value={row.value} ariaLabel={t('group.tag.value', { number: index + 1 })} placeholder={t('group.tag.value.short')} onChange={({ detail }) => {
            set(index, 'value', detail.value);
          }} />
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
        <Failed what={t('group.servers.failed')} error={matches.error} retry={() => void matches.refetch()} />
      ) : (
        <>
          {taken.length > 0 ? <Alert type="warning">{t('group.taken', { count: taken.length })}</Alert> : null}
          {found.length > 100 ? <Alert type="info">{t('group.many', { count: found.length })}</Alert> : null}
          <DataTable
            id="group-matches"
            variant="container"
            title={t('group.matches')}
            items={found}
            rowKey={(s) => s.sourceServerID}
            text={words}
            loading={matches.isFetching}
            empty={t('group.servers.none')}
            columns={COLUMNS()}
          />
        </>
      )}
    </SpaceBetween>
  );
}

/** Servers by name, out of those without another group. */
export function ByServers({ draft, change, accountId, groupId }: { draft: GroupDraft; change: (next: GroupDraft) => void; accountId: string; groupId: string | null }) {
  const query = useSourceServers({ accountId, region: draft.region, groupId });
  const servers = query.data?.servers ?? [];
  const status = query.data?.status;
  if (query.isError && query.data === undefined) {
    return <Failed what={t('group.servers.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  const chosen = new Set(draft.serverIds);
  return (
    <SpaceBetween size="m">
      {query.data?.initialized === false ? (
        <Alert type="warning" header={t('group.region.unusable', { region: draft.region })}>
          {query.data.message ?? status}
        </Alert>
      ) : null}
      <DataTable
        id="group-servers-choice"
        variant="container"
        title={t('group.available')}
        items={servers.filter((s) => s.selectable || chosen.has(s.sourceServerID))}
        rowKey={(s) => s.sourceServerID}
        text={words}
        loading={query.isPending}
        empty={t('group.servers.free.none')}
        emptyHint={t('group.servers.free.hint')}
        columns={COLUMNS()}
        selection={{
          selected: servers.filter((s) => chosen.has(s.sourceServerID)),
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
