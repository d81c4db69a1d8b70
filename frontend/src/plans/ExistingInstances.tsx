import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useEffect, useState } from 'react';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { useExistingInstances } from '../api/queries';
import { useApi } from '../app/context';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import { Link } from '../components/Link';
import Table from '../components/Table';
import { Ago } from '../components/Time';
import { TypeBadge } from '../components/TypeBadge';
import '../i18n/plan';
import '../i18n/plans';
import { t } from '../i18n/t';
import { humanize } from '../lib/status';

type Instance = NonNullable<ReturnType<typeof useExistingInstances>['data']>['existingInstances'][number];

/** More are counted, not listed. */
const LISTED = 50;

/** The runs that launched them, with what one is called. */
function runsOf(found: readonly Instance[]): [string, string][] {
  return [...new Map(found.flatMap((i) => (i.sourceExecutionId === null ? [] : [[i.sourceExecutionId, i.sourcePlanName ?? i.sourceExecutionId] as const])))];
}

function Instances({ found }: { found: readonly Instance[] }) {
  const running = found.filter((i) => i.ec2InstanceState.toLowerCase() === 'running').length;
  return (
    <ExpandableSection
      headerText={t('start.existing.list')}
      headerDescription={t('start.existing.count', { running, others: found.length - running })}
      defaultExpanded={found.length <= 10}
    >
      <SpaceBetween size="xs">
        <Table
          variant="embedded"
          items={found.slice(0, LISTED)}
          trackBy="recoveryInstanceId"
          ariaLabels={{ tableLabel: t('start.existing.list') }}
          columnDefinitions={[
            { id: 'server', header: t('server'), cell: (i) => i.sourceServerName ?? i.sourceServerId, isRowHeader: true },
            { id: 'instance', header: t('instance'), cell: (i) => i.ec2InstanceId },
            { id: 'name', header: t('name'), cell: (i) => i.name ?? '–' },
            { id: 'kind', header: t('type'), cell: (i) => (i.isDrill === undefined ? '–' : <TypeBadge type={i.isDrill ? 'DRILL' : 'RECOVERY'} />) },
            { id: 'state', header: t('state'), cell: (i) => humanize(i.ec2InstanceState) },
            { id: 'ip', header: t('privateIp'), cell: (i) => i.privateIp ?? '–' },
            { id: 'launched', header: t('start.existing.launched'), cell: (i) => <Ago value={i.launchTime} /> },
          ]}
        />
        {found.length > LISTED ? <Box variant="small">{t('refusal.more', { count: found.length - LISTED })}</Box> : null}
      </SpaceBetween>
    </ExpandableSection>
  );
}

/** How often the end of a termination is looked for, milliseconds. */
const LOOK = 5_000;

/**
 * Checks again until no DRS job works on servers of the plan: the job that
 * terminates outlives its instances, and would be a conflict of the start.
 */
function useJobsOver(gone: boolean, busy: boolean, planId: string): boolean {
  const client = useQueryClient();
  const [looked, setLooked] = useState(0);
  const over = looked > 0 && !busy;
  useEffect(() => {
    if (!gone || over) {
      return;
    }
    const timer = setTimeout(() => {
      void client.invalidateQueries({ queryKey: ['precheck', planId] }).finally(() => {
        setLooked((n) => n + 1);
      });
    }, looked === 0 ? 0 : LOOK);
    return () => {
      clearTimeout(timer);
    };
  }, [gone, over, looked, client, planId]);
  return over;
}

/** Instances of former runs, and the way to get rid of them before a start. */
export function ExistingInstances({ planId, busy }: {
  planId: string;
  /** The last check found a DRS job at servers of the plan. */
  busy: boolean;
}) {
  const api = useApi();
  const [asking, ask] = useState(false);
  const [going, setGoing] = useState(false);
  const query = useExistingInstances(planId, going ? LOOK : false);
  const found = query.data?.existingInstances ?? [];
  // DRS terminates what a run launched; instances of a recovery are nothing to be lost by one more click
  const ofDrills = found.filter((i) => i.isDrill === true && i.sourceExecutionId !== null);
  const drills = runsOf(ofDrills).map(([id]) => id);
  const over = useJobsOver(going && query.isSuccess && found.length === 0, busy, planId);
  const terminate = useMutation({
    mutationFn: async () => {
      for (const id of drills) {
        await api.post('/executions/{id}/terminate-instances', { path: { id }, body: {}, idempotencyKey: crypto.randomUUID() });
      }
    },
    onSuccess: () => {
      setGoing(true);
    },
    onSettled: () => {
      ask(false);
      void query.refetch();
    },
  });
  if (query.isPending) {
    return <StatusIndicator type="loading">{t('start.existing.loading')}</StatusIndicator>;
  }
  if (query.isError) {
    return <Failed what={t('start.existing.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  if (found.length === 0 && going && !over) {
    return <StatusIndicator type="in-progress">{t('start.terminate.ending')}</StatusIndicator>;
  }
  if (found.length === 0) {
    return <StatusIndicator type="success">{t('start.existing.none')}</StatusIndicator>;
  }
  return (
    <Alert type="warning" header={t('start.existing', { count: found.length })}>
      <SpaceBetween size="xs">
        <Box>{t('start.existing.text')}</Box>
        {runsOf(found).map(([id, plan]) => (
          <Link key={id} to={`/executions/${id}`}>
            {t('start.existing.run', { plan })}
          </Link>
        ))}
        {found.some((i) => i.isDrill !== true && i.sourceExecutionId !== null) ? <Box variant="small">{t('start.terminate.recovery')}</Box> : null}
        {found.some((i) => i.sourceExecutionId === null) ? <Box variant="small">{t('start.terminate.unknown')}</Box> : null}
        {terminate.isError ? <Alert type="error" header={t('start.terminate.failed')}>{explain(toApiError(terminate.error))}</Alert> : null}
        {going ? (
          <StatusIndicator type="in-progress">{t('start.terminate.going', { count: found.length })}</StatusIndicator>
        ) : ofDrills.length === 0 ? null : asking ? (
          <SpaceBetween size="xs" direction="horizontal" alignItems="center">
            <Box>{t('start.terminate.sure', { count: ofDrills.length })}</Box>
            <Button variant="link" onClick={() => {
              ask(false);
            }}>
              {t('cancel')}
            </Button>
            <GatedButton permission="terminate_instances" loading={terminate.isPending} onClick={() => {
              terminate.mutate();
            }}>
              {t('start.terminate.do', { count: ofDrills.length })}
            </GatedButton>
          </SpaceBetween>
        ) : (
          <GatedButton permission="terminate_instances" onClick={() => {
            ask(true);
          }}>
            {t('start.terminate')}
          </GatedButton>
        )}
        <Instances found={found} />
      </SpaceBetween>
    </Alert>
  );
}
