import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Tabs from '@cloudscape-design/components/tabs';
import { useMemo, type ReactNode } from 'react';
import { Navigate, useParams, useSearchParams } from 'react-router';
import { usePlans } from '../api/queries';
import { useAccountChoice } from '../app/account';
import { useTitle } from '../app/page';
import { useSetParams } from '../app/params';
import { CopyText } from '../components/CopyText';
import { Failed } from '../components/Failed';
import { Link } from '../components/Link';
import { PageFailed } from '../components/PageFailed';
import { Skeleton } from '../components/Skeleton';
import { Status, statusText } from '../components/Status';
import Table from '../components/Table';
import { Ago, Time } from '../components/Time';
import { TypeBadge } from '../components/TypeBadge';
import { InstanceLink } from '../execution/InstanceLink';
import { plansUsing } from '../groups/usage';
import '../i18n/inventory';
import '../i18n/runs';
import { hasMessage, t } from '../i18n/t';
import { formatBytes } from '../lib/bytes';
import { humanize } from '../lib/status';
import { formatSeconds } from '../lib/time';
import { LastLaunch } from '../servers/columns';
import { isReady, lagOf, nameOf, serverHref, stagingOf } from '../servers/facts';
import { useReplication, useServerJobs, useServerLaunch, useServerRuns } from '../servers/history';
import { useInventory, useServer, type ServerRow } from '../servers/inventory';
import { effectiveSettings } from '../servers/settings';

/** A word of DRS as text; there is none for servers that it does not concern. */
function Word({ value, kind }: { value: string | undefined; kind: string }) {
  return value === undefined || value === '' ? '–' : statusText(value, kind);
}

/** Why replication stalls: DRS has a code for it, which is kept for whoever searches by it. */
function stalled(reason: string): string {
  const id = `stalled.${reason}`;
  return hasMessage(id) ? t('server.notready.known', { text: t(id), reason }) : t('server.notready.reason', { reason });
}

function ReplicationTab({ server }: { server: ServerRow }) {
  const query = useReplication(server.accountId, server.region, server.sourceServerID);
  const now = query.data;
  if (query.isError && now === undefined) {
    return <Failed what={t('server.replication.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  if (now === undefined) {
    return <Skeleton />;
  }
  return (
    <SpaceBetween size="m">
      {now?.stalledReason ? <Alert type="error">{stalled(now.stalledReason)}</Alert> : null}
      <KeyValuePairs
        columns={3}
        items={[
          { label: t('state'), value: <Status value={now?.replicationState ?? server.replicationState} kind="replication" /> },
          { label: t('lag'), value: formatSeconds(lagOf(now ?? server)) },
          { label: t('lastSeen'), value: <Ago value={now?.lastSeen ?? server.lastSeen} /> },
          {
            label: t('server.stored'),
            value: t('server.stored.of', {
              done: formatBytes(now?.replicatedStorageBytes ?? server.replicatedStorageBytes),
              total: formatBytes(now?.totalStorageBytes),
            }),
          },
          { label: t('server.backlog'), value: formatBytes(now?.backloggedStorageBytes) },
          { label: t('server.eta'), value: <Time value={now?.etaDateTime} /> },
          {
            label: t('server.zones'),
            value:
              server.sourceAvailabilityZone === undefined && server.targetAvailabilityZone === undefined
                ? '–'
                : t('server.zones.of', { source: server.sourceAvailabilityZone ?? '–', target: server.targetAvailabilityZone ?? '–' }),
          },
          { label: t('inventory.staging'), value: stagingOf(server) ?? '–' },
          { label: t('inventory.agent'), value: server.agentVersion || '–' },
          { label: t('server.direction'), value: <Word value={server.replicationDirection} kind="direction" /> },
          { label: t('inventory.extension'), value: <Word value={server.extensionStatus} kind="extension" /> },
        ]}
      />
    </SpaceBetween>
  );
}

function HardwareTab({ server }: { server: ServerRow }) {
  const hardware = server.hardware ?? {};
  return (
    <SpaceBetween size="l">
      <KeyValuePairs
        columns={3}
        items={[
          { label: t('os'), value: server.os ?? '–' },
          { label: t('server.cpu'), value: [...new Set((hardware.cpus ?? []).map((c) => c.modelName ?? ''))].filter(Boolean).join(', ') || '–' },
          { label: t('inventory.cores'), value: hardware.totalCores ?? '–' },
          { label: t('inventory.ram'), value: hardware.ramGiB === undefined ? '–' : t('inventory.gib', { count: hardware.ramGiB }) },
        ]}
      />
      <Table
        variant="embedded"
        header={<Header variant="h3">{t('server.disks')}</Header>}
        ariaLabels={{ tableLabel: t('server.disks') }}
        items={hardware.disks ?? []}
        empty="–"
        columnDefinitions={[
          { id: 'device', header: t('server.disk.device'), cell: (d) => d.deviceName ?? '–', isRowHeader: true },
          { id: 'size', header: t('server.disk.size'), cell: (d) => (d.sizeGiB === undefined ? '–' : t('inventory.gib', { count: d.sizeGiB })) },
        ]}
      />
      <Table
        variant="embedded"
        header={<Header variant="h3">{t('server.interfaces')}</Header>}
        ariaLabels={{ tableLabel: t('server.interfaces') }}
        items={server.networkInterfaces ?? []}
        empty="–"
        columnDefinitions={[
          { id: 'mac', header: t('server.interface.mac'), cell: (n) => n.macAddress || '–', isRowHeader: true },
          { id: 'ips', header: t('server.interface.ips'), cell: (n) => (n.ips ?? []).join(', ') || '–' },
          {
            id: 'primary',
            header: t('server.interface.primary'),
            cell: (n) => (n.isPrimary === true ? <StatusIndicator type="success">{t('server.interface.primary')}</StatusIndicator> : '–'),
          },
        ]}
      />
    </SpaceBetween>
  );
}

/** Where the source instance is in EC2, or was when it was seen last. */
function SourceTab({ server }: { server: ServerRow }) {
  const network = server.ec2NetworkConfig;
  return (
    <SpaceBetween size="l">
      {server.sourceInstanceId === undefined || server.sourceInstanceId === '' ? (
        <Box>{t('server.source.noinstance')}</Box>
      ) : network === undefined ? (
        <Alert type="info">{t('server.source.unread')}</Alert>
      ) : null}
      <KeyValuePairs
        columns={3}
        items={[
          { label: t('server.sourceInstance'), value: server.sourceInstanceId || '–' },
          { label: t('server.sourcePlace'), value: [server.sourceAccount, server.sourceRegion].filter(Boolean).join(', ') || '–' },
          { label: t('server.source.first'), value: [server.originalAccountId, server.originalSourceRegion].filter(Boolean).join(', ') || '–' },
          { label: t('server.source.vpc'), value: network?.vpcId || '–' },
          { label: t('server.source.subnet'), value: network?.subnetId || '–' },
          { label: t('sourceIp'), value: network?.privateIp || server.sourceIp || '–' },
          { label: t('server.source.groups'), value: network?.securityGroups?.join(', ') || '–' },
          { label: t('server.source.profile'), value: network?.instanceProfile || '–' },
          { label: t('server.source.network'), value: server.sourceNetworkId || '–' },
        ]}
      />
      <TagTable title={t('server.source.tags')} tags={server.sourceTags ?? {}} />
    </SpaceBetween>
  );
}

function LaunchTab({ server }: { server: ServerRow }) {
  const group = server.assignedToProtectionGroup;
  const query = useServerLaunch(group?.protectionGroupId, server.sourceServerID);
  if (group === null) {
    return <Box>{t('server.launch.nogroup')}</Box>;
  }
  if (query.data === undefined) {
    return query.isError ? (
      <Failed what={t('server.launch.failed')} error={query.error} retry={() => void query.refetch()} />
    ) : (
      <Skeleton />
    );
  }
  const settings = effectiveSettings(query.data);
  return (
    <SpaceBetween size="m">
      <Box>{settings.some((s) => s.own) ? t('server.launch.own') : t('server.launch.defaults')}</Box>
      <Table
        variant="embedded"
        ariaLabels={{ tableLabel: t('server.tab.launch') }}
        items={settings}
        trackBy="name"
        empty={t('server.launch.none')}
        columnDefinitions={[
          { id: 'name', header: t('server.launch.setting'), cell: (s) => s.name, isRowHeader: true },
          { id: 'value', header: t('server.launch.value'), cell: (s) => s.value },
          { id: 'from', header: t('server.launch.from'), cell: (s) => t(s.own ? 'server.launch.from.server' : 'server.launch.from.group') },
        ]}
      />
      <Link to={`/protection-groups/${group.protectionGroupId}`}>{t('server.launch.edit', { group: group.protectionGroupName })}</Link>
    </SpaceBetween>
  );
}

function HistoryTab({ server, planIds }: { server: ServerRow; planIds: readonly string[] }) {
  const runs = useServerRuns(server.sourceServerID, planIds);
  const jobs = useServerJobs(server.accountId, server.region, server.sourceServerID);
  return (
    <SpaceBetween size="l">
      {runs.error === null ? null : <Failed what={t('server.runs.failed')} error={runs.error} retry={runs.retry} />}
      <Table
        variant="embedded"
        header={<Header variant="h3">{t('server.runs')}</Header>}
        ariaLabels={{ tableLabel: t('server.runs') }}
        items={runs.runs}
        trackBy={(r) => r.execution.executionId}
        loading={runs.pending}
        loadingText={t('loading')}
        empty={t('server.runs.none')}
        columnDefinitions={[
          {
            id: 'plan',
            header: t('plan'),
            isRowHeader: true,
            cell: ({ execution: e }) => <Link to={`/executions/${e.executionId}`}>{e.planName}</Link>,
          },
          { id: 'type', header: t('type'), cell: ({ execution: e }) => <TypeBadge type={e.executionType} /> },
          { id: 'started', header: t('started'), cell: ({ execution: e }) => <Time value={e.startTime} /> },
          { id: 'result', header: t('server.run.result'), cell: ({ server: s }) => <Status value={s?.launchStatus} kind="server" /> },
          { id: 'instance', header: t('instance'), cell: ({ server: s }) => s?.instanceId ?? '–' },
          { id: 'error', header: t('problem'), cell: ({ server: s }) => s?.error?.message ?? '–' },
        ]}
      />
      {jobs.isError ? <Failed what={t('server.jobs.failed')} error={jobs.error} retry={() => void jobs.refetch()} /> : null}
      <Table
        variant="embedded"
        header={<Header variant="h3">{t('server.jobs')}</Header>}
        ariaLabels={{ tableLabel: t('server.jobs') }}
        items={jobs.data ?? []}
        trackBy="jobId"
        loading={jobs.isPending}
        loadingText={t('loading')}
        empty={t('server.jobs.none')}
        columnDefinitions={[
          {
            id: 'job',
            header: t('job'),
            isRowHeader: true,
            cell: (j) => (j.executionId === undefined ? j.jobId : <Link to={`/executions/${j.executionId}`}>{j.jobId}</Link>),
          },
          {
            id: 'type',
            header: t('type'),
            cell: (j) => {
              const id = `server.job.${j.type}`;
              return hasMessage(id) ? t(id) : humanize(j.type);
            },
          },
          { id: 'status', header: t('status'), cell: (j) => <Status value={j.status} kind="job" /> },
          {
            id: 'result',
            header: t('server.run.result'),
            cell: (j) => (
              <Status value={j.participatingServers.find((s) => s.sourceServerId === server.sourceServerID)?.launchStatus} kind="server" />
            ),
          },
          { id: 'created', header: t('created'), cell: (j) => <Time value={j.creationDateTime} /> },
          { id: 'by', header: t('server.job.by'), cell: (j) => humanize(j.initiatedBy) },
        ]}
      />
    </SpaceBetween>
  );
}

function TagTable({ title, tags }: { title: string; tags: Readonly<Record<string, string>> }) {
  return (
    <Table
      variant="embedded"
      header={<Header variant="h3">{title}</Header>}
      ariaLabels={{ tableLabel: title }}
      items={Object.entries(tags).sort(([a], [b]) => a.localeCompare(b))}
      trackBy={([key]) => key}
      empty={t('server.tags.none')}
      columnDefinitions={[
        { id: 'key', header: t('server.tag.key'), cell: ([key]) => key, isRowHeader: true },
        { id: 'value', header: t('server.tag.value'), cell: ([, value]) => value || '–' },
      ]}
    />
  );
}

const TABS = ['replication', 'hardware', 'source', 'launch', 'history', 'tags'] as const;

function Page({ server, fetching, refresh }: { server: ServerRow; fetching: boolean; refresh: () => void }) {
  const [params] = useSearchParams();
  const setParams = useSetParams();
  const plans = usePlans(server.accountId).data?.plans;
  const group = server.assignedToProtectionGroup;
  const users = useMemo(() => (group === null ? [] : plansUsing(plans ?? [], group.protectionGroupId)), [group, plans]);
  const tab = TABS.find((id) => id === params.get('tab')) ?? 'replication';
  const staging = stagingOf(server);
  const content = {
    replication: () => <ReplicationTab server={server} />,
    hardware: () => <HardwareTab server={server} />,
    source: () => <SourceTab server={server} />,
    launch: () => <LaunchTab server={server} />,
    history: () => <HistoryTab server={server} planIds={users.map((p) => p.planId)} />,
    tags: () => <TagTable title={t('server.tags.drs')} tags={server.tags} />,
  };
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={<CopyText value={server.sourceServerID} of={nameOf(server)} />}
        actions={<Button iconName="refresh" ariaLabel={t('refresh')} loading={fetching} onClick={refresh} />}
      >
        {nameOf(server)}
      </Header>
      {isReady(server) ? null : (
        <Alert type="warning">{t('server.notready', { state: humanize(server.replicationState) })}</Alert>
      )}
      <Container>
        <KeyValuePairs
          columns={4}
          items={[
            { label: t('replication'), value: <Status value={server.replicationState} kind="replication" /> },
            { label: t('lag'), value: formatSeconds(lagOf(server)) },
            { label: t('lastSeen'), value: <Ago value={server.lastSeen} /> },
            { label: t('inventory.lastlaunch'), value: <LastLaunch server={server} /> },
            {
              label: t('inventory.group'),
              value: group === null ? '–' : <Link to={`/protection-groups/${group.protectionGroupId}`}>{group.protectionGroupName}</Link>,
            },
            {
              label: t('inventory.plans'),
              value:
                users.length === 0 ? (
                  '–'
                ) : (
                  <ul className="plain-list">
                    {users.map((plan) => (
                      <li key={plan.planId}>
                        <Link to={`/recovery-plans/${plan.planId}`}>{plan.planName}</Link>
                      </li>
                    ))}
                  </ul>
                ),
            },
            { label: t('account'), value: server.accountId },
            { label: t('region'), value: server.region },
            { label: t('server.fqdn'), value: server.fqdn || server.hostname },
            { label: t('sourceIp'), value: server.sourceIp ?? '–' },
            { label: t('server.sourceInstance'), value: server.sourceInstanceId || '–' },
            { label: t('server.recoveryInstance'), value: <InstanceLink server={{ region: server.region, instanceId: server.recoveryInstanceId || undefined }} /> },
          ]}
        />
      </Container>
      {staging === null ? null : <Alert type="info">{t('server.extended', { account: staging })}</Alert>}
      {server.extensionError === undefined || server.extensionError === '' ? null : (
        <Alert type="error" header={t('server.extension.failed')}>
          {server.extensionError}
        </Alert>
      )}
      <Tabs
        activeTabId={tab}
        ariaLabel={nameOf(server)}
        onChange={({ detail }) => {
          setParams({ tab: detail.activeTabId });
        }}
        tabs={TABS.map((id) => ({ id, label: t(`server.tab.${id}`), content: tab === id ? content[id]() : null }))}
      />
    </SpaceBetween>
  );
}

function Missing({ serverId }: { serverId: string }) {
  return (
    <SpaceBetween size="m">
      <Header variant="h1">{t('server.missing', { id: serverId })}</Header>
      <Box>{t('server.missing.text')}</Box>
      <Link to="/servers">{t('nav.servers')}</Link>
    </SpaceBetween>
  );
}

function Known({ accountId, region, serverId }: { accountId: string; region: string; serverId: string }) {
  const query = useServer(accountId, region, serverId);
  useTitle(query.data == null ? '' : nameOf(query.data));
  if (query.data === undefined) {
    return query.isError ? (
      <PageFailed what={t('inventory.failed')} error={query.error} retry={() => void query.refetch()} />
    ) : (
      <Skeleton page text={t('server.looking')} />
    );
  }
  return query.data === null ? (
    <Missing serverId={serverId} />
  ) : (
    <Page server={query.data} fetching={query.isFetching} refresh={() => void query.refetch()} />
  );
}

/** Looks through the servers of some accounts, then goes on with `otherwise`. */
function SearchIn({ serverId, accountIds, otherwise }: { serverId: string; accountIds: readonly string[]; otherwise: ReactNode }) {
  const inventory = useInventory(accountIds);
  const found = inventory.rows.find((row) => row.sourceServerID === serverId);
  if (found !== undefined) {
    return <Navigate to={serverHref(serverId, found.accountId, found.region)} replace />;
  }
  if (inventory.pending || inventory.incomplete) {
    return <Skeleton page text={t('server.looking')} />;
  }
  return inventory.error === null ? otherwise : <PageFailed what={t('inventory.failed')} error={inventory.error} retry={inventory.retry} />;
}

/** A link without account and Region: the account that is shown is looked through, then all others. */
function Search({ serverId }: { serverId: string }) {
  const { accounts, selected, status } = useAccountChoice();
  const [first, others] = useMemo(() => {
    const ids = accounts.map((a) => a.accountId);
    return [ids.filter((id) => id === selected?.accountId), ids.filter((id) => id !== selected?.accountId)];
  }, [accounts, selected]);
  return status === 'loading' ? (
    <Skeleton page text={t('server.looking')} />
  ) : (
    <SearchIn
      serverId={serverId}
      accountIds={first}
      otherwise={<SearchIn serverId={serverId} accountIds={others} otherwise={<Missing serverId={serverId} />} />}
    />
  );
}

export default function ServerPage() {
  const { serverId = '' } = useParams();
  const [params] = useSearchParams();
  const accountId = params.get('owner') ?? '';
  const region = params.get('region') ?? '';
  return accountId === '' || region === '' ? (
    <Search serverId={serverId} />
  ) : (
    <Known accountId={accountId} region={region} serverId={serverId} />
  );
}
