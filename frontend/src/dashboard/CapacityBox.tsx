import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useQuery } from '@tanstack/react-query';
import type { Schemas } from '../api/client';
import { keys, type useCapacity } from '../api/queries';
import { useApi } from '../app/context';
import { useParam } from '../app/params';
import { Failed } from '../components/Failed';
import { Gauge, Level } from '../components/Gauge';
import { Link } from '../components/Link';
import '../i18n/capacity';
import '../i18n/overview';
import { t } from '../i18n/t';
import { warningType } from '../lib/capacity';

type Capacity = Schemas['CombinedCapacity'];

/** Regions that replicate or have recovery instances, the busiest first. */
export function busyRegions(regions: Capacity['regionalCapacity']): Capacity['regionalCapacity'] {
  const share = (r: Capacity['regionalCapacity'][number]) => Math.max(r.replicationPercent, r.recoveryPercent);
  return regions
    .filter((r) => r.replicatingServers > 0 || r.recoveryServers > 0)
    .sort((a, b) => share(b) - share(a) || b.replicatingServers - a.replicatingServers || a.region.localeCompare(b.region));
}

/** Job limits of an account in one Region. */
function Jobs({ accountId, region }: { accountId: string; region: string }) {
  const api = useApi();
  const quotas = useQuery({
    queryKey: [...keys.capacity(accountId), 'quotas', region],
    queryFn: ({ signal }) => api.get('/drs/quotas', { query: { accountId, region }, signal }),
    // no event tells of the jobs of an account
    refetchInterval: 30_000,
  });
  if (quotas.data === undefined) {
    return quotas.isError ? (
      <Failed what={t('capacity.quotas.failed')} error={quotas.error} retry={() => void quotas.refetch()} />
    ) : (
      <StatusIndicator type="loading">{t('loading')}</StatusIndicator>
    );
  }
  return (
    <SpaceBetween size="s">
      <Gauge label={t('dashboard.jobs')} current={quotas.data.concurrentJobs.current} max={quotas.data.concurrentJobs.max} />
      <Gauge label={t('dashboard.injobs')} current={quotas.data.serversInJobs.current} max={quotas.data.serversInJobs.max} />
    </SpaceBetween>
  );
}

function Regional({ accountId, capacity }: { accountId: string | null; capacity: Capacity }) {
  const regions = busyRegions(capacity.regionalCapacity);
  const [wanted, choose] = useParam('region');
  const shown = regions.find((r) => r.region === wanted) ?? regions[0];
  if (shown === undefined) {
    return <Box>{t('capacity.regions.none')}</Box>;
  }
  const options = regions.map(({ region }) => ({ value: region, label: region }));
  const accounts = capacity.accounts.flatMap((account) => {
    const own = account.regionalBreakdown.find((r) => r.region === shown.region);
    return own === undefined ? [] : [{ account, own }];
  });
  const largest = capacity.maxServersPerJob;
  return (
    <SpaceBetween size="s">
      <Select
        ariaLabel={t('region')}
        options={options}
        selectedOption={options.find((o) => o.value === shown.region) ?? null}
        onChange={({ detail }) => {
          choose(detail.selectedOption.value ?? '');
        }}
      />
      <Gauge
        label={t('dashboard.replicating')}
        description={t('dashboard.accounts', { count: shown.accountCount })}
        current={shown.replicatingServers}
        max={shown.maxReplicating}
      />
      <Gauge
        label={t('dashboard.instances')}
        description={t('capacity.slots', { count: shown.recoveryAvailable })}
        current={shown.recoveryServers}
        max={shown.recoveryMax}
      />
      {accountId === null ? null : <Jobs accountId={accountId} region={shown.region} />}
      <Gauge label={t('capacity.largest')} description={largest.jobId ?? t('capacity.largest.none')} current={largest.current} max={largest.max} />
      <ExpandableSection headerText={t('dashboard.byaccount')} headingTagOverride="h3">
        <SpaceBetween size="s">
          {accounts.map(({ account, own }) => (
            <Gauge
              key={`${account.accountType} ${account.accountId}`}
              label={`${account.accountName} (${account.accountId})`}
              description={t(`capacity.type.${account.accountType}`)}
              current={own.error ? null : own.replicatingServers}
              max={own.maxReplicating}
            />
          ))}
        </SpaceBetween>
      </ExpandableSection>
    </SpaceBetween>
  );
}

/** Of one account, or summed up over all of them. */
export function CapacityBox({ accountId, query }: { accountId: string | null; query: ReturnType<typeof useCapacity> }) {
  const capacity = query.data;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={accountId === null ? t('dashboard.capacity.all') : undefined}
          info={capacity === undefined ? undefined : <Level value={capacity.combined.status} />}
          actions={<Link to="/capacity">{t('dashboard.details')}</Link>}
        >
          {t('nav.capacity')}
        </Header>
      }
    >
      {capacity === undefined ? (
        query.isError ? (
          <Failed what={t('dashboard.capacity.failed')} error={query.error} retry={() => void query.refetch()} />
        ) : (
          <StatusIndicator type="loading">{t('loading')}</StatusIndicator>
        )
      ) : (
        <SpaceBetween size="s">
          {query.isError ? <Failed what={t('stale')} error={query.error} retry={() => void query.refetch()} /> : null}
          {capacity.warnings.map((warning) => (
            <Alert key={warning} type={warningType(warning)}>
              {warning}
            </Alert>
          ))}
          <Regional accountId={accountId} capacity={capacity} />
        </SpaceBetween>
      )}
    </Container>
  );
}
