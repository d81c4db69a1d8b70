import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useCapacity } from '../api/queries';
import { useAccount } from '../app/account';
import { AccountGate } from '../app/AccountGate';
import { useTitle } from '../app/page';
import { DataTable } from '../components/DataTable';
import { Failed } from '../components/Failed';
import { Ago } from '../components/Time';
import '../i18n/more';
import { t } from '../i18n/t';
import { advice, levelType } from '../lib/capacity';

function Gauge({ label, current, max }: { label: string; current: number | null; max: number }) {
  return (
    <ProgressBar
      label={label}
      value={current === null || max === 0 ? 0 : (current / max) * 100}
      additionalInfo={current === null ? t('capacity.unknown') : t('capacity.of', { current, max })}
    />
  );
}

function Level({ value }: { value: string }) {
  return <StatusIndicator type={levelType(value)}>{t(`capacity.level.${value as 'OK'}`)}</StatusIndicator>;
}

function Page() {
  const account = useAccount();
  const query = useCapacity(account.accountId);
  const capacity = query.data;
  if (capacity === undefined) {
    return query.isPending ? (
      <StatusIndicator type="loading">{t('capacity.loading')}</StatusIndicator>
    ) : (
      <Failed what={t('capacity.failed')} error={query.error} retry={() => void query.refetch()} />
    );
  }
  const { combined, recoveryCapacity: recovery } = capacity;
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={t('capacity.description')}
        actions={
          <SpaceBetween size="xs" direction="horizontal" alignItems="center">
            <Box color="text-body-secondary">
              <Ago value={capacity.timestamp} />
            </Box>
            <Button iconName="refresh" ariaLabel={t('refresh')} loading={query.isFetching} onClick={() => void query.refetch()} />
          </SpaceBetween>
        }
      >
        {t('nav.capacity')}
      </Header>
      {query.isError ? <Failed what={t('stale')} error={query.error} retry={() => void query.refetch()} /> : null}
      {capacity.warnings.map((warning) => (
        <Alert key={warning} type="warning">
          {warning}
        </Alert>
      ))}
      <Container header={<Header variant="h2" info={<Level value={combined.status} />}>{t('capacity.replication')}</Header>}>
        <SpaceBetween size="m">
          <Gauge label={t('capacity.replicating')} current={combined.totalReplicating} max={combined.maxReplicating} />
          <Box>{combined.message}</Box>
          <ul>
            {advice(capacity).map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </SpaceBetween>
      </Container>
      <Container header={<Header variant="h2">{t('capacity.jobs')}</Header>}>
        <ColumnLayout columns={2} minColumnWidth={240}>
          <Gauge label={t('capacity.concurrent')} current={capacity.concurrentJobs.current} max={capacity.concurrentJobs.max} />
          <Gauge label={t('capacity.injobs')} current={capacity.serversInJobs.current} max={capacity.serversInJobs.max} />
          <Gauge label={t('capacity.largest')} current={capacity.maxServersPerJob.current} max={capacity.maxServersPerJob.max} />
          <Gauge label={t('capacity.recovery')} current={recovery.currentServers} max={recovery.maxRecoveryInstances} />
        </ColumnLayout>
      </Container>
      <DataTable
        id="capacity-accounts"
        variant="container"
        title={t('accounts')}
        items={capacity.accounts}
        rowKey={(a) => a.accountId}
        text={(a) => [a.accountId, a.accountName].join(' ')}
        loading={false}
        empty={t('accounts.none.title')}
        columns={[
          { id: 'id', header: t('account'), name: true, sort: (a) => a.accountName, cell: (a) => `${a.accountName} (${a.accountId})` },
          { id: 'type', header: t('type'), sort: (a) => a.accountType, cell: (a) => t(`capacity.type.${a.accountType}`) },
          {
            id: 'used',
            header: t('capacity.replicating'),
            sort: (a) => a.percentUsed,
            csv: (a) => (a.accessible ? a.replicatingServers : (a.error ?? t('capacity.inaccessible'))),
            cell: (a) =>
              a.accessible ? (
                t('capacity.of', { current: a.replicatingServers, max: a.maxReplicating })
              ) : (
                <StatusIndicator type="error">{a.error ?? t('capacity.inaccessible')}</StatusIndicator>
              ),
          },
          { id: 'status', header: t('status'), sort: (a) => a.status, cell: (a) => <Level value={a.status} /> },
          { id: 'regions', header: t('capacity.regions'), sort: (a) => a.activeRegions, cell: (a) => a.activeRegions },
        ]}
      />
      <DataTable
        id="capacity-regions"
        variant="container"
        title={t('capacity.regions')}
        items={capacity.regionalCapacity}
        rowKey={(r) => r.region}
        text={(r) => r.region}
        loading={false}
        empty={t('capacity.regions.none')}
        columns={[
          { id: 'region', header: t('region'), name: true, sort: (r) => r.region, cell: (r) => r.region },
          {
            id: 'replication',
            header: t('capacity.replicating'),
            sort: (r) => r.replicationPercent,
            csv: (r) => r.replicatingServers,
            cell: (r) => t('capacity.of', { current: r.replicatingServers, max: r.maxReplicating }),
          },
          {
            id: 'recovery',
            header: t('capacity.recovery'),
            sort: (r) => r.recoveryPercent,
            csv: (r) => r.recoveryServers,
            cell: (r) => t('capacity.of', { current: r.recoveryServers, max: r.recoveryMax }),
          },
          { id: 'accounts', header: t('accounts'), sort: (r) => r.accountCount, cell: (r) => r.accountCount },
        ]}
      />
    </SpaceBetween>
  );
}

export default function Capacity() {
  useTitle(t('nav.capacity'));
  return (
    <AccountGate>
      <Page />
    </AccountGate>
  );
}
