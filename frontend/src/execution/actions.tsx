/** What an operator can do to a run, each with its question before it. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import Textarea from '@cloudscape-design/components/textarea';
import { useState, type ReactNode } from 'react';
import type { Schemas } from '../api/client';
import { keys, useInstances } from '../api/queries';
import { useServices } from '../app/context';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import { t, type MessageId } from '../i18n/t';
import { canCancel, canPause, isTerminal } from '../lib/status';

type Execution = Schemas['Execution'];
type ActionName = 'pause' | 'resume' | 'cancel';

export interface Wave {
  waveNumber: number;
  waveName: string;
  status: string;
}

/** Waves that a cancel stops, and those that run to their end. */
export function cancelEffect(waves: readonly Wave[]): { stops: Wave[]; goesOn: Wave[] } {
  return {
    stops: waves.filter((w) => w.status === 'PENDING'),
    goesOn: waves.filter((w) => w.status === 'IN_PROGRESS' || w.status === 'INITIATED'),
  };
}

function names(waves: readonly Wave[]): string {
  return waves.map((w) => t('wave.name', { number: w.waveNumber + 1, name: w.waveName })).join(', ');
}

function useAction(execution: Execution, name: ActionName, done: () => void) {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const id = execution.executionId ?? '';
  return useMutation({
    mutationFn: async (note: string) => {
      const path = { id };
      const idempotencyKey = crypto.randomUUID();
      if (name === 'pause') {
        return api.post('/executions/{id}/pause', { path, idempotencyKey, body: note === '' ? {} : { reason: note } });
      }
      if (name === 'resume') {
        return api.post('/executions/{id}/resume', { path, idempotencyKey, body: note === '' ? {} : { notes: note } });
      }
      return api.post('/executions/{id}/cancel', { path, idempotencyKey, body: note === '' ? {} : { reason: note } });
    },
    onSuccess: (answer) => {
      flashes.add({ type: 'success', header: t(`action.${name}.done`), content: answer.message ?? '' });
      done();
    },
    onError: (cause) => {
      flashes.error(t(`action.${name}.failed`), cause);
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.execution(id) }),
  });
}

function ActionDialog({
  execution,
  name,
  onClose,
  children,
}: {
  execution: Execution;
  name: ActionName;
  onClose: () => void;
  children: ReactNode;
}) {
  const [note, setNote] = useState('');
  const action = useAction(execution, name, onClose);
  return (
    <Modal
      visible
      header={t(`action.${name}.title`)}
      closeAriaLabel={t('close')}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween size="xs" direction="horizontal">
            <Button variant="link" onClick={onClose}>
              {t('action.back')}
            </Button>
            <Button variant="primary" loading={action.isPending} onClick={() => {
              action.mutate(note.trim());
            }}>
              {t(`action.${name}.do`)}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {children}
        <FormField label={t('action.note')} description={t('action.note.hint')}>
          <Textarea value={note} rows={2} onChange={({ detail }) => {
            setNote(detail.value.slice(0, 1000));
          }} />
        </FormField>
      </SpaceBetween>
    </Modal>
  );
}

const EXPECTED_NONE: readonly MessageId[] = ['terminate.none.cancelled', 'terminate.none.before', 'terminate.none.failed'];

function TerminateDialog({ execution, onClose }: { execution: Execution; onClose: () => void }) {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const id = execution.executionId ?? '';
  const plan = execution.planName ?? '';
  const instances = useInstances(id, true);
  const [typed, setTyped] = useState('');
  const found = instances.data?.instances ?? [];
  const recovery = execution.executionType === 'RECOVERY';
  const ready = found.length > 0 && (!recovery || typed === plan);
  const terminate = useMutation({
    mutationFn: () =>
      api.post('/executions/{id}/terminate-instances', { path: { id }, idempotencyKey: crypto.randomUUID(), body: {} }),
    onSuccess: (answer) => {
      flashes.add({
        type: answer.totalFailed > 0 ? 'warning' : 'success',
        header: t('terminate.started', { count: answer.totalTerminated }),
        content: answer.message,
      });
      onClose();
    },
    onError: (cause) => {
      flashes.error(t('terminate.failed'), cause);
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.execution(id) }),
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
        { id: 'state', header: t('state'), cell: (i) => i.status ?? '–' },
      ]}
    />
  );
  return (
    <Modal
      visible
      size="large"
      header={t('terminate.title')}
      closeAriaLabel={t('close')}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween size="xs" direction="horizontal">
            <Button variant="link" onClick={onClose}>
              {t('action.back')}
            </Button>
            <Button
              variant="primary"
              disabled={!ready}
              loading={terminate.isPending}
              onClick={() => {
                terminate.mutate();
              }}
            >
              {t('terminate.do', { count: found.length })}
            </Button>
          </SpaceBetween>
        </Box>
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
            {t('terminate.what')}
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
          {recovery ? (
            <FormField label={t('terminate.type', { plan })}>
              <Input value={typed} onChange={({ detail }) => {
                setTyped(detail.value);
              }} />
            </FormField>
          ) : null}
        </SpaceBetween>
      )}
    </Modal>
  );
}

/** The buttons in the header of a run. */
export function ExecutionActions({ execution }: { execution: Execution }) {
  const [open, setOpen] = useState<ActionName | 'terminate' | null>(null);
  const close = () => {
    setOpen(null);
  };
  const { status } = execution;
  const waves = execution.waves ?? [];
  const effect = cancelEffect(waves);
  const meta = execution.terminationMetadata;
  return (
    <>
      <SpaceBetween size="xs" direction="horizontal">
        {status === 'PAUSED' ? (
          <GatedButton permission="start_recovery" variant="primary" onClick={() => {
            setOpen('resume');
          }}>
            {t('action.resume')}
          </GatedButton>
        ) : null}
        {isTerminal(status) || status === 'PAUSED' ? null : (
          <GatedButton
            permission="stop_recovery"
            disabled={!canPause(execution)}
            disabledReason={canPause(execution) ? undefined : t('action.pause.none')}
            onClick={() => {
              setOpen('pause');
            }}
          >
            {status === 'PAUSE_PENDING' ? t('action.pause.pending') : t('action.pause')}
          </GatedButton>
        )}
        {canCancel(status) ? (
          <GatedButton permission="stop_recovery" onClick={() => {
            setOpen('cancel');
          }}>
            {t('action.cancel')}
          </GatedButton>
        ) : null}
        {meta?.canTerminate === true && execution.instancesTerminated !== true ? (
          <GatedButton permission="terminate_instances" onClick={() => {
            setOpen('terminate');
          }}>
            {t('action.terminate')}
          </GatedButton>
        ) : null}
      </SpaceBetween>
      {open === 'pause' ? (
        <ActionDialog execution={execution} name="pause" onClose={close}>
          <Box>{t('action.pause.text')}</Box>
        </ActionDialog>
      ) : null}
      {open === 'resume' ? (
        <ActionDialog execution={execution} name="resume" onClose={close}>
          <Box>{t('action.resume.text')}</Box>
        </ActionDialog>
      ) : null}
      {open === 'cancel' ? (
        <ActionDialog execution={execution} name="cancel" onClose={close}>
          <SpaceBetween size="xs">
            <Box>
              {effect.stops.length > 0 ? t('action.cancel.stops', { waves: names(effect.stops) }) : t('action.cancel.nothing')}
            </Box>
            {effect.goesOn.length > 0 ? <Box>{t('action.cancel.goes', { waves: names(effect.goesOn) })}</Box> : null}
            <Box color="text-body-secondary">{t('action.cancel.after')}</Box>
          </SpaceBetween>
        </ActionDialog>
      ) : null}
      {open === 'terminate' ? <TerminateDialog execution={execution} onClose={close} /> : null}
    </>
  );
}
