import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Toggle from '@cloudscape-design/components/toggle';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useSearchParams } from 'react-router';
import type { Schemas } from '../api/client';
import { keys, useCapacity } from '../api/queries';
import { useAccountScope } from '../app/account';
import { AccountGate } from '../app/AccountGate';
import { useApi } from '../app/context';
import { useTitle } from '../app/page';
import { useSetParams } from '../app/params';
import { DataTable } from '../components/DataTable';
import { Failed } from '../components/Failed';
import { Gauge, Level, type Steps } from '../components/Gauge';
import '../capacity/capacity.css';
import { WhatIf } from '../capacity/WhatIf';
import { Link } from '../components/Link';
import Table from '../components/Table';
import { Ago } from '../components/Time';
import '../i18n/capacity';
import { t } from '../i18n/t';
import { advice, warningType } from '../lib/capacity';

type Capacity = Schemas['CombinedCapacity'];
type Account = Capacity['accounts'][number];

/** From here on replication and recovery are to be watched, and critical. */
const REPLICATION: Steps = [67, 83];
const RECOVERY: Steps = [80, 90];

function Replication({ capacity }: { capacity: Capacity }) {
  const { combined, worst } = capacity;
  return (
    <Container header={<Header variant="h2" info={<Level value={combined.status} />}>{t('capacity.replication')}</Header>}>
      <SpaceBetween size="m">
        <Gauge label={t('capacity.replicating')} description={combined.message} current={combined.totalReplicating} max={combined.maxReplicating} steps={REPLICATION} />
        <KeyValuePairs
          columns={3}
          items={[
            { label: t('capacity.used'), value: t('capacity.percent', { percent: combined.percentUsed }) },
            { label: t('capacity.free'), value: combined.availableSlots.toLocaleString() },
            {
              label: t('capacity.fullest'),
              value:
                worst === null ? '–' : (
                  <SpaceBetween size="xs" direction="horizontal">
                    <span>{t('capacity.place', { account: worst.accountId, region: worst.region, current: worst.replicatingServers, max: worst.max })}</span>
                    <Level value={worst.status} />
                  </SpaceBetween>
                ),
            },
          ]}
        />
        <Box variant="h3">{t('capacity.advice')}</Box>
        <ul>
          {advice(capacity).map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </SpaceBetween>
    </Container>
  );
}

function Launches({ capacity }: { capacity: Capacity }) {
  const { recoveryCapacity: recovery, maxServersPerJob: largest } = capacity;
  return (
    <Container header={<Header variant="h2" description={t('capacity.jobs.description')}>{t('capacity.jobs')}</Header>}>
      <ColumnLayout columns={2} minColumnWidth={240}>
        <Gauge label={t('capacity.concurrent')} current={capacity.concurrentJobs.current} max={capacity.concurrentJobs.max} />
        <Gauge label={t('capacity.injobs')} current={capacity.serversInJobs.current} max={capacity.serversInJobs.max} />
        <Gauge label={t('capacity.largest')} description={largest.jobId ?? t('capacity.largest.none')} current={largest.current} max={largest.max} />
        <Gauge
          label={t('capacity.recovery')}
          description={t('capacity.slots', { count: recovery.availableSlots })}
          current={recovery.currentServers}
          max={recovery.maxRecoveryInstances}
          steps={RECOVERY}
        />
      </ColumnLayout>
    </Container>
  );
}

/** Jobs of the account itself, and its Regions. */
function Drill({ account }: { account: Account }) {
  const api = useApi();
  const quotas = useQuery({
    queryKey: [...keys.capacity(account.accountId), 'quotas'],
    queryFn: ({ signal }) => api.get('/drs/quotas', { query: { accountId: account.accountId }, signal }),
    enabled: account.accountType === 'target',
    staleTime: 30_000,
  });
  return (
    <SpaceBetween size="m">
      {account.accessible ? null : <Alert type="error">{account.error ?? t('capacity.inaccessible')}</Alert>}
      {account.warnings.map((warning) => (
        <Alert key={warning} type={warningType(warning)}>
          {warning}
        </Alert>
      ))}
      {quotas.isError ? <Failed what={t('capacity.quotas.failed')} error={quotas.error} retry={() => void quotas.refetch()} /> : null}
      {quotas.data === undefined ? null : (
        <KeyValuePairs
          columns={4}
          items={[
            { label: t('capacity.concurrent'), value: usage(quotas.data.concurrentJobs.current, quotas.data.concurrentJobs.max) },
            { label: t('capacity.injobs'), value: usage(quotas.data.serversInJobs.current, quotas.data.serversInJobs.max) },
            { label: t('capacity.perjob'), value: quotas.data.limits.MAX_SERVERS_PER_JOB.toLocaleString() },
            { label: t('capacity.sources'), value: usage(quotas.data.capacity.totalSourceServers, quotas.data.limits.MAX_SOURCE_SERVERS) },
          ]}
        />
      )}
      <Table
        variant="embedded"
        items={account.regionalBreakdown}
        trackBy="region"
        ariaLabels={{ tableLabel: t('capacity.regions.of', { name: account.accountName }) }}
        empty={t('capacity.regions.none')}
        columnDefinitions={[
          { id: 'region', header: t('region'), isRowHeader: true, cell: (r) => r.region },
          { id: 'used', header: t('capacity.replicating'), cell: (r) => usage(r.replicatingServers, r.maxReplicating) },
          { id: 'percent', header: t('capacity.used'), cell: (r) => t('capacity.percent', { percent: r.percentUsed }) },
          { id: 'free', header: t('capacity.free'), cell: (r) => r.availableSlots.toLocaleString() },
          { id: 'total', header: t('capacity.all'), cell: (r) => r.totalServers.toLocaleString() },
          { id: 'status', header: t('status'), cell: (r) => (r.error ? <StatusIndicator type="error">{r.error}</StatusIndicator> : <Level value={r.status} />) },
        ]}
      />
    </SpaceBetween>
  );
}

function usage(current: number | null, max: number): string {
  return current === null ? t('capacity.unknown') : t('capacity.of', { current, max });
}

function Accounts({ accounts }: { accounts: readonly Account[] }) {
  const [params] = useSearchParams();
  const setParams = useSetParams();
  const open = params.get('open') ?? '';
  return (
    <SpaceBetween size="l">
      <DataTable
        id="capacity-accounts"
        variant="container"
        title={t('accounts')}
        items={accounts}
        rowKey={(a) => `${a.accountType}-${a.accountId}`}
        text={(a) => [a.accountId, a.accountName].join(' ')}
        loading={false}
        empty={t('accounts.none.title')}
        actions={<Link to="/settings/accounts">{t('capacity.manage')}</Link>}
        columns={[
          { id: 'id', header: t('account'), name: true, sort: (a) => a.accountName, csv: (a) => a.accountId, cell: (a) => `${a.accountName} (${a.accountId})` },
          { id: 'type', header: t('type'), sort: (a) => a.accountType, cell: (a) => t(`capacity.type.${a.accountType}`) },
          {
            id: 'used',
            header: t('capacity.replicating'),
            sort: (a) => a.replicatingServers,
            csv: (a) => (a.accessible ? a.replicatingServers : (a.error ?? t('capacity.inaccessible'))),
            cell: (a) =>
              a.accessible ? (
                usage(a.replicatingServers, a.maxReplicating)
              ) : (
                <StatusIndicator type="error">{a.error ?? t('capacity.inaccessible')}</StatusIndicator>
              ),
          },
          {
            id: 'percent',
            header: t('capacity.used'),
            sort: (a) => a.percentUsed,
            cell: (a) =>
              a.accessible ? (
                <div className="capacity-bar">
                  <ProgressBar variant="key-value" value={a.percentUsed} ariaLabel={t('capacity.used.of', { name: a.accountName })} />
                </div>
              ) : (
                t('capacity.unknown')
              ),
          },
          { id: 'free', header: t('capacity.free'), sort: (a) => a.availableSlots, cell: (a) => (a.accessible ? a.availableSlots.toLocaleString() : '–') },
          { id: 'status', header: t('status'), sort: (a) => a.status, cell: (a) => <Level value={a.status} /> },
          { id: 'regions', header: t('capacity.regions'), sort: (a) => a.activeRegions, cell: (a) => a.activeRegions },
        ]}
      />
      {accounts.map((account) => (
        <ExpandableSection
          key={`${account.accountType}-${account.accountId}`}
          variant="container"
          headerText={`${account.accountName} (${account.accountId})`}
          headerDescription={t(`capacity.type.${account.accountType}`)}
          expanded={open === account.accountId}
          onChange={({ detail }) => {
            setParams({ open: detail.expanded ? account.accountId : '' });
          }}
        >
          {open === account.accountId ? <Drill account={account} /> : null}
        </ExpandableSection>
      ))}
    </SpaceBetween>
  );
}

function Regions({ regions }: { regions: Capacity['regionalCapacity'] }) {
  return (
    <DataTable
      id="capacity-regions"
      variant="container"
      title={t('capacity.regions')}
      items={regions}
      rowKey={(r) => r.region}
      text={(r) => r.region}
      loading={false}
      empty={t('capacity.regions.none')}
      sort={{ id: 'replication', descending: true }}
      columns={[
        { id: 'region', header: t('region'), name: true, sort: (r) => r.region, cell: (r) => r.region },
        {
          id: 'replication',
          header: t('capacity.replicating'),
          sort: (r) => r.replicationPercent,
          csv: (r) => r.replicatingServers,
          cell: (r) => usage(r.replicatingServers, r.maxReplicating),
        },
        { id: 'free', header: t('capacity.free'), sort: (r) => r.replicationAvailable, cell: (r) => r.replicationAvailable.toLocaleString() },
        {
          id: 'recovery',
          header: t('capacity.recovery'),
          sort: (r) => r.recoveryPercent,
          csv: (r) => r.recoveryServers,
          cell: (r) => usage(r.recoveryServers, r.recoveryMax),
        },
        { id: 'accounts', header: t('accounts'), sort: (r) => r.accountCount, cell: (r) => r.accountCount },
      ]}
    />
  );
}

function Page() {
  const { all, accountId } = useAccountScope();
  const [auto, setAuto] = useState(true);
  const query = useCapacity(all ? null : accountId, auto);
  const capacity = query.data;
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={t('capacity.description')}
        actions={
          <SpaceBetween size="s" direction="horizontal" alignItems="center">
            <Toggle checked={auto} onChange={({ detail }) => {
              setAuto(detail.checked);
            }}>
              {t('capacity.auto')}
            </Toggle>
            <Box color="text-body-secondary">
              <Ago value={capacity?.timestamp} />
            </Box>
            <Button iconName="refresh" ariaLabel={t('refresh')} loading={query.isFetching} onClick={() => void query.refetch()} />
          </SpaceBetween>
        }
      >
        {t('nav.capacity')}
      </Header>
      {query.isError ? (
        <Failed what={t(capacity === undefined ? 'capacity.failed' : 'stale')} error={query.error} retry={() => void query.refetch()} />
      ) : null}
      {capacity === undefined ? (
        query.isPending ? <StatusIndicator type="loading">{t('capacity.loading')}</StatusIndicator> : null
      ) : (
        <SpaceBetween size="l">
          {capacity.warnings.map((warning) => (
            <Alert key={warning} type={warningType(warning)}>
              {warning}
            </Alert>
          ))}
          <Replication capacity={capacity} />
          <Launches capacity={capacity} />
          {all ? null : <WhatIf capacity={capacity} />}
          <Accounts accounts={capacity.accounts} />
          <Regions regions={capacity.regionalCapacity} />
        </SpaceBetween>
      )}
    </SpaceBetween>
  );
}

export default function CapacityPage() {
  useTitle(t('nav.capacity'));
  return (
    <AccountGate all>
      <Page />
    </AccountGate>
  );
}
