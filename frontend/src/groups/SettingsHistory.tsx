import { useQuery } from '@tanstack/react-query';
import Box from '@cloudscape-design/components/box';
import FormField from '@cloudscape-design/components/form-field';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Schemas } from '../api/client';
import { useApi } from '../app/context';
import { useParam } from '../app/params';
import { DataTable } from '../components/DataTable';
import { DayRange, rangeQuery } from '../components/DayRange';
import { Failed } from '../components/Failed';
import { Time } from '../components/Time';
import { t } from '../i18n/t';
import { settingName } from './settings';

type Entry = Schemas['ServerConfigChange'];

const DAYS = [7, 30, 90];

function useServerHistory(groupId: string, serverId: string, range: string) {
  const api = useApi();
  return useQuery({
    queryKey: ['group', groupId, 'history', serverId, range],
    queryFn: ({ signal }) => {
      const { from, to } = rangeQuery(range);
      const query = { ...(from === undefined ? {} : { startDate: from }), ...(to === undefined ? {} : { endDate: to }) };
      return api.get('/protection-groups/{id}/servers/{serverId}/audit-log', { path: { id: groupId, serverId }, query, signal });
    },
    enabled: serverId !== '',
  });
}

/** Who changed which setting of a server, and when. */
export default function SettingsHistory({ group, servers }: { group: Schemas['ProtectionGroup']; servers: readonly Schemas['Server'][] }) {
  const [wanted, setServer] = useParam('server');
  const [range, setRange] = useParam('range');
  const names = new Map(servers.map((s) => [s.sourceServerID, s.nameTag ?? s.hostname]));
  const own = new Set((group.servers ?? []).map((s) => s.sourceServerId));
  const ids = [...new Set([...own, ...names.keys(), ...group.sourceServerIds])];
  const serverId = wanted === '' ? (ids[0] ?? '') : wanted;
  const query = useServerHistory(group.groupId, serverId, range);
  const options = ids.map((id) => ({
    value: id,
    label: names.get(id) ?? id,
    description: id,
    ...(own.has(id) ? { tags: [t('setting.own')] } : {}),
  }));
  // one row for each setting that was changed
  const rows = (query.data ?? []).flatMap((entry: Entry, at) =>
    (entry.changes.length === 0 ? [null] : entry.changes).map((change, i) => ({ key: `${String(at)} ${String(i)}`, entry, change })),
  );
  return (
    <SpaceBetween size="m">
      {query.isError && query.data === undefined ? (
        <Failed what={t('changes.failed')} error={query.error} retry={() => void query.refetch()} />
      ) : null}
      <DataTable
        id="group-history"
        variant="container"
        title={t('changes.title')}
        description={t('changes.what')}
        items={rows}
        rowKey={(row) => row.key}
        text={({ entry, change }) => [entry.user, entry.action, change?.field, change?.oldValue, change?.newValue].join(' ')}
        loading={query.isPending && serverId !== ''}
        empty={t('changes.none')}
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <FormField label={t('server')}>
              <Select
                options={options}
                selectedOption={options.find((o) => o.value === serverId) ?? { value: serverId, label: serverId }}
                filteringType="auto"
                onChange={({ detail }) => {
                  setServer(detail.selectedOption.value ?? '');
                }}
              />
            </FormField>
            <FormField label={t('period')}>
              <DayRange value={range} days={DAYS} set={setRange} />
            </FormField>
          </SpaceBetween>
        }
        columns={[
          { id: 'time', header: t('time'), sort: ({ entry }) => entry.timestamp, cell: ({ entry }) => <Time value={entry.timestamp} /> },
          { id: 'user', header: t('user'), sort: ({ entry }) => entry.user, cell: ({ entry }) => entry.user },
          { id: 'action', header: t('changes.action'), cell: ({ entry }) => t(`changes.${entry.action}`) },
          { id: 'field', header: t('changes.setting'), name: true, sort: ({ change }) => change?.field ?? '', cell: ({ change }) => (change === null ? '–' : settingName(change.field)) },
          { id: 'old', header: t('changes.old'), cell: ({ change }) => <Box variant="code">{change?.oldValue ?? '–'}</Box> },
          { id: 'new', header: t('changes.new'), cell: ({ change }) => <Box variant="code">{change?.newValue ?? '–'}</Box> },
        ]}
      />
    </SpaceBetween>
  );
}
