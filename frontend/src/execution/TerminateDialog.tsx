import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import type { Schemas } from '../api/client';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { keys, useInstances } from '../api/queries';
import { useServices } from '../app/context';
import { DangerButton } from '../components/DangerButton';
import { Dialog } from '../components/Dialog';
import { Failed } from '../components/Failed';
import Table from '../components/Table';
import { useNow } from '../components/Time';
import { t, type MessageId } from '../i18n/t';
import { humanize } from '../lib/status';
import { formatSeconds, toDate } from '../lib/time';
import { useAllServers } from './queries';

type Execution = Schemas['Execution'];

const EXPECTED_NONE: readonly MessageId[] = ['terminate.none.cancelled', 'terminate.none.before', 'terminate.none.failed'];

/** Asks before the instances of a run are terminated. */
export function TerminateDialog({ execution, onClose }: { execution: Execution; onClose: () => void }) {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const id = execution.executionId;
  const plan = execution.planName;
  const instances = useInstances(id, true);
  const [typed, setTyped] = useState('');
  const servers = new Map(useAllServers(id, true).data?.map((s) => [s.sourceServerId, s]));
  const now = useNow(60_000);
  const found = instances.data?.instances ?? [];
  const serverOf = (i: { sourceServerId?: string }) => servers.get(i.sourceServerId ?? '');
  const recovery = execution.executionType === 'RECOVERY';
  const ready = found.length > 0 && (!recovery || typed === plan);
  const terminate = useMutation({
    mutationFn: () =>
      api.post('/executions/{id}/terminate-instances', { path: { id }, idempotencyKey: crypto.randomUUID(), body: {} }),
    onSuccess: (answer) => {
      flashes.add({
        type: answer.totalFailed > 0 ? 'warning' : 'success',
        header:
          answer.totalTerminated === 0 && answer.totalFailed > 0
            ? t('termination.failed', { count: answer.totalFailed })
            : t('terminate.started', { count: answer.totalTerminated }),
        content: answer.message,
      });
      onClose();
    },
    onSettled: () => {
      for (const queryKey of [keys.execution(id), keys.termination(id), keys.history(id)]) {
        void client.invalidateQueries({ queryKey });
      }
    },
  });
  const list = (
    <Table
      variant="embedded"
      items={found}
      trackBy={(item) => item.recoveryInstanceId ?? item.instanceId ?? ''}
      columnDefinitions={[
        { id: 'server', header: t('server'), cell: (i) => i.serverName ?? i.hostname ?? i.sourceServerId ?? '–', isRowHeader: true },
        { id: 'instance', header: t('instance'), cell: (i) => i.instanceId ?? i.recoveryInstanceId ?? '–' },
        { id: 'region', header: t('region'), cell: (i) => i.region ?? '–' },
        { id: 'wave', header: t('wave'), cell: (i) => (i.waveNumber === undefined ? '–' : i.waveNumber + 1) },
        { id: 'ip', header: t('privateIp'), cell: (i) => serverOf(i)?.privateIp ?? '–' },
        { id: 'state', header: t('state'), cell: (i) => humanize(serverOf(i)?.instanceState ?? i.status ?? '–') },
        {
          id: 'uptime',
          header: t('terminate.uptime'),
          cell: (i) => {
            const since = toDate(serverOf(i)?.launchedAt);
            return since === null ? '–' : formatSeconds((now - since.getTime()) / 1000);
          },
        },
      ]}
    />
  );
  return (
    <Dialog
      title={t('terminate.title')}
      cancel={t('action.back')}
      careful
      close={onClose}
      buttons={
        <DangerButton
          disabled={!ready}
          loading={terminate.isPending}
          onClick={() => {
            terminate.mutate();
          }}
        >
          {t('terminate.do', { count: found.length })}
        </DangerButton>
      }
    >
      {instances.isPending ? (
        <StatusIndicator type="loading">{t('terminate.looking')}</StatusIndicator>
      ) : instances.isError ? (
        <Failed what={t('terminate.look.failed')} error={instances.error} retry={() => void instances.refetch()} />
      ) : found.length === 0 ? (
        <Alert type="warning" header={t('terminate.none')}>
          <ul>
            {EXPECTED_NONE.map((reason) => (
              <li key={reason}>{t(reason)}</li>
            ))}
          </ul>
        </Alert>
      ) : (
        <SpaceBetween size="m">
          <Alert type="warning" header={t('terminate.warning', { count: found.length })}>
            {t('terminate.what')} {t('terminate.cost')}
          </Alert>
          {found.length <= 8 ? (
            list
          ) : (
            <ExpandableSection
              headerText={t('terminate.summary', {
                count: found.length,
                regions: new Set(found.map((i) => i.region)).size,
              })}
            >
              {list}
            </ExpandableSection>
          )}
          {terminate.isError ? (
            <Alert type="error" header={t('terminate.failed')}>
              {explain(toApiError(terminate.error))}
            </Alert>
          ) : null}
          {recovery ? (
            <FormField label={t('terminate.type', { plan })}>
              <Input value={typed} onChange={({ detail }) => {
                setTyped(detail.value);
              }} />
            </FormField>
          ) : null}
        </SpaceBetween>
      )}
    </Dialog>
  );
}
