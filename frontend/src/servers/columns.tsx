/** Columns of source servers, for the inventory and where servers are chosen. */
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Schemas } from '../api/client';
import type { Column } from '../components/DataTable';
import { Status } from '../components/Status';
import { Ago } from '../components/Time';
import '../i18n/inventory';
import { t } from '../i18n/t';
import { formatSeconds, toDate } from '../lib/time';
import { lagOf } from './facts';

type Server = Schemas['Server'];

export function LastLaunch({ server }: { server: Pick<Server, 'lastLaunchTime' | 'lastLaunchStatus' | 'lastLaunchType'> }) {
  if (toDate(server.lastLaunchTime) === null) {
    return <>{t('inventory.launch.never')}</>;
  }
  return (
    <SpaceBetween size="xs" direction="horizontal">
      <Status value={server.lastLaunchStatus} kind="lastlaunch" />
      <Ago value={server.lastLaunchTime} />
    </SpaceBetween>
  );
}

const fqdn = (s: Server) => s.fqdn || s.hostname;
const gib = (count: number | undefined) => (count === undefined ? '–' : t('inventory.gib', { count }));

export const serverColumns = () => ({
  id: { id: 'id', header: t('id'), sort: (s) => s.sourceServerID, cell: (s) => <Box variant="code">{s.sourceServerID}</Box>, optional: true },
  state: { id: 'state', header: t('replication'), sort: (s) => s.replicationState, cell: (s) => <Status value={s.replicationState} kind="replication" /> },
  lag: { id: 'lag', header: t('lag'), sort: (s) => lagOf(s) ?? -1, csv: lagOf, cell: (s) => formatSeconds(lagOf(s)) },
  seen: { id: 'seen', header: t('lastSeen'), sort: (s) => s.lastSeen, cell: (s) => <Ago value={s.lastSeen} /> },
  fqdn: { id: 'fqdn', header: t('server.fqdn'), sort: fqdn, cell: fqdn, optional: true },
  ip: { id: 'ip', header: t('sourceIp'), sort: (s) => s.sourceIp ?? '', cell: (s) => s.sourceIp ?? '–', optional: true },
  os: { id: 'os', header: t('os'), sort: (s) => s.os ?? '', cell: (s) => s.os ?? '–', optional: true },
  cores: { id: 'cores', header: t('inventory.cores'), sort: (s) => s.hardware?.totalCores ?? 0, cell: (s) => s.hardware?.totalCores ?? '–', optional: true },
  ram: { id: 'ram', header: t('inventory.ram'), sort: (s) => s.hardware?.ramGiB ?? 0, cell: (s) => gib(s.hardware?.ramGiB), optional: true },
  disk: { id: 'disk', header: t('inventory.disk'), sort: (s) => s.hardware?.totalDiskGiB ?? 0, cell: (s) => gib(s.hardware?.totalDiskGiB), optional: true },
  launch: {
    id: 'launch',
    header: t('inventory.lastlaunch'),
    sort: (s) => toDate(s.lastLaunchTime)?.getTime() ?? 0,
    csv: (s) => [s.lastLaunchType, s.lastLaunchStatus, s.lastLaunchTime].filter(Boolean).join(' '),
    cell: (s) => <LastLaunch server={s} />,
  },
}) satisfies Record<string, Column<Server>>;
