import { useMutation, useQueries } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useState } from 'react';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { keys, useExistingInstances } from '../api/queries';
import { useApi } from '../app/context';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import { Link } from '../components/Link';
import { t } from '../i18n/t';

/** Instances of former runs, and the way to get rid of them before a start. */
export function ExistingInstances({ planId }: { planId: string }) {
  const api = useApi();
  const [asking, ask] = useState(false);
  const [going, setGoing] = useState(false);
  const query = useExistingInstances(planId, going ? 5_000 : false);
  const found = query.data?.existingInstances ?? [];
  const runs = new Map(found.flatMap((i) => (i.sourceExecutionId === null ? [] : [[i.sourceExecutionId, i.sourcePlanName]])));
  const types = useQueries({
    queries: [...runs.keys()].map((id) => ({
      queryKey: keys.execution(id),
      queryFn: ({ signal }: { signal: AbortSignal }) => api.get('/executions/{id}', { path: { id }, query: { view: 'compact' }, signal }),
    })),
  });
  const drills = [...runs.keys()].filter((_, i) => types[i]?.data?.executionType === 'DRILL');
  const ofDrills = found.filter((i) => i.sourceExecutionId !== null && drills.includes(i.sourceExecutionId));
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
  if (found.length === 0) {
    return <StatusIndicator type="success">{t('start.existing.none')}</StatusIndicator>;
  }
  return (
    <Alert type="warning" header={t('start.existing', { count: found.length })}>
      <SpaceBetween size="xs">
        <Box>{t('start.existing.text')}</Box>
        {[...runs].map(([id, name]) => (
          <Link key={id} to={`/executions/${id}`}>
            {t('start.existing.run', { plan: name ?? id })}
          </Link>
        ))}
        {drills.length < runs.size && types.every((q) => q.isSuccess) ? <Box variant="small">{t('start.terminate.recovery')}</Box> : null}
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
        <ExpandableSection headerText={t('start.existing.list')} defaultExpanded={found.length <= 3}>
          <Table
            variant="embedded"
            items={found}
            trackBy="recoveryInstanceId"
            columnDefinitions={[
              { id: 'server', header: t('server'), cell: (i) => i.sourceServerName ?? i.sourceServerId, isRowHeader: true },
              { id: 'instance', header: t('instance'), cell: (i) => i.ec2InstanceId },
              { id: 'state', header: t('state'), cell: (i) => i.ec2InstanceState },
              { id: 'ip', header: t('privateIp'), cell: (i) => i.privateIp ?? '–' },
            ]}
          />
        </ExpandableSection>
      </SpaceBetween>
    </Alert>
  );
}
