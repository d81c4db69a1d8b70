/** Decisions of the operator: failed servers again, waves skipped, held launches resolved. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState, type ReactNode } from 'react';
import type { Schemas } from '../api/client';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { useIntention } from '../api/intention';
import { keys } from '../api/queries';
import { useServices } from '../app/context';
import { CopyText } from '../components/CopyText';
import { Dialog } from '../components/Dialog';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import Table from '../components/Table';
import { Time } from '../components/Time';
import '../i18n/plan';
import '../i18n/plans';
import { t } from '../i18n/t';
import { humanize, isTerminal } from '../lib/status';
import { Overrides } from '../plans/Overrides';
import { Refusal } from '../plans/Refusal';
import { isReasoned, NO_OVERRIDES, offeredOf, overrideBody, overrideFor } from '../plans/start';
import { canRetry, canSkip, heldEvidence, type HeldEvidence } from './decisions';
import { serverName } from './names';
import { useAllServers } from './queries';

type Execution = Schemas['Execution'];
type Wave = Schemas['ExecWave'];
/** What the actions of a wave need to know of its run. */
export type RunState = Pick<Execution, 'executionId' | 'planId' | 'status' | 'pauseReason'>;
type Unit = Schemas['LaunchUnit'];

function Decision({
  title, action, busy, error, ready = true, onDo, onClose, children,
}: {
  title: string;
  action: string;
  busy: boolean;
  error: unknown;
  ready?: boolean;
  onDo: () => void;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <Dialog
      title={title}
      cancel={t('action.back')}
      problem={error === null ? null : explain(toApiError(error))}
      close={onClose}
      buttons={
        <Button variant="primary" disabled={!ready} loading={busy} onClick={onDo}>
          {action}
        </Button>
      }
    >
      {children}
    </Dialog>
  );
}

function Reason({ value, set, required }: { value: string; set: (value: string) => void; required: boolean }) {
  return (
    <FormField label={t('action.note')} description={required ? t('decide.reason.required') : t('action.note.hint')}>
      <Textarea rows={2} value={value} onChange={({ detail }) => {
        set(detail.value.slice(0, 1000));
      }} />
    </FormField>
  );
}

/** `body`: of the request as it would be sent now. */
function useDecision<B, T>(executionId: string, text: string, body: B, send: (body: B, idempotencyKey: string) => Promise<T>, done: () => void) {
  const { flashes } = useServices();
  const client = useQueryClient();
  const intention = useIntention();
  return useMutation({
    mutationFn: () => send(body, intention.keyOf(body)),
    onSuccess: () => {
      flashes.add({ type: 'success', header: text });
      done();
    },
    onSettled: (_, cause) => {
      intention.ended(cause);
      void client.invalidateQueries({ queryKey: keys.execution(executionId) });
      void client.invalidateQueries({ queryKey: ['execution-servers', executionId] });
    },
  });
}

/** Buttons of a wave that an operator may have launched again or skipped. */
export function WaveActions({ execution, wave }: { execution: RunState; wave: Wave }) {
  const { api } = useServices();
  const [open, setOpen] = useState<'retry' | 'skip' | null>(null);
  const [reason, setReason] = useState('');
  const [overrides, setOverrides] = useState(NO_OVERRIDES);
  const close = () => {
    setOpen(null);
  };
  const path = { id: execution.executionId, n: wave.waveNumber };
  const name = t('wave.name', { number: wave.waveNumber + 1, name: wave.waveName });
  const retry = useDecision(
    execution.executionId, t('retry.done', { wave: name }), { ...(reason.trim() === '' ? {} : { reason: reason.trim() }), ...overrideBody(overrides) },
    (body, idempotencyKey) => api.post('/executions/{id}/waves/{n}/retry', { path, idempotencyKey, body }), close,
  );
  const skip = useDecision(
    execution.executionId, t('skip.done', { wave: name }), { reason: reason.trim() },
    (body, idempotencyKey) => api.post('/executions/{id}/waves/{n}/skip', { path, idempotencyKey, body }), close,
  );
  const refusal = retry.isError ? toApiError(retry.error) : null;
  if (isTerminal(execution.status)) {
    return null;
  }
  return (
    <SpaceBetween size="xs" direction="horizontal">
      {canRetry(execution, wave) ? (
        <GatedButton permission="start_recovery" onClick={() => {
          retry.reset();
          setOverrides(NO_OVERRIDES);
          setOpen('retry');
        }}>
          {t('retry.failed')}
        </GatedButton>
      ) : null}
      {canSkip(execution, wave) ? (
        <GatedButton permission="start_recovery" onClick={() => {
          skip.reset();
          setOpen('skip');
        }}>
          {t('skip.wave')}
        </GatedButton>
      ) : null}
      {open === 'retry' ? (
        <Decision
          title={t('retry.title', { wave: name })}
          action={t('retry.failed')}
          busy={retry.isPending}
          error={null}
          ready={isReasoned(overrides)}
          onDo={() => {
            retry.mutate();
          }}
          onClose={close}
        >
          <Box>{t('retry.text', { count: wave.failedServers ?? 0 })}</Box>
          <Reason value={reason} set={setReason} required={false} />
          {refusal === null ? null : <Refusal error={refusal} planId={execution.planId ?? ''} header={t('retry.refused')} />}
          <Overrides offered={offeredOf(overrides, refusal === null ? null : overrideFor(refusal))} draft={overrides} change={setOverrides} />
        </Decision>
      ) : null}
      {open === 'skip' ? (
        <Decision
          title={t('skip.title', { wave: name })}
          action={t('skip.wave')}
          busy={skip.isPending}
          error={skip.isError ? skip.error : null}
          ready={reason.trim() !== ''}
          onDo={() => {
            skip.mutate();
          }}
          onClose={close}
        >
          <Box>{t('skip.text')}</Box>
          <Reason value={reason} set={setReason} required />
        </Decision>
      ) : null}
    </SpaceBetween>
  );
}

/** One failed server of a wave, launched again. */
export function RetryServer({ execution, wave, server }: { execution: RunState; wave: Wave; server: Schemas['ServerExecution'] }) {
  const { api } = useServices();
  const name = t('wave.name', { number: wave.waveNumber + 1, name: wave.waveName });
  const retry = useDecision(
    execution.executionId, t('retry.done', { wave: name }), { serverIds: [server.sourceServerId] },
    (body, idempotencyKey) => api.post('/executions/{id}/waves/{n}/retry', { path: { id: execution.executionId, n: wave.waveNumber }, idempotencyKey, body }),
    () => undefined,
  );
  if (server.launchStatus !== 'FAILED' || !canRetry(execution, wave)) {
    return null;
  }
  return (
    <SpaceBetween size="xs">
      <GatedButton permission="start_recovery" loading={retry.isPending} onClick={() => {
        retry.mutate();
      }}>
        {t('retry.server')}
      </GatedButton>
      {retry.isError ? <Refusal error={toApiError(retry.error)} planId={execution.planId ?? ''} header={t('retry.refused')} /> : null}
    </SpaceBetween>
  );
}

const NAMES = 10;

/** What is known of a held launch, for whoever compares it with the DRS console. */
function Evidence({ unit, evidence, loading, name }: { unit: Unit; evidence: HeldEvidence; loading: boolean; name: (id: string) => string }) {
  return (
    <>
      <KeyValuePairs
        columns={2}
        items={[
          { label: t('held.since'), value: <Time value={evidence.since} /> },
          { label: t('held.intent'), value: <Time value={unit.intentAt} /> },
        ]}
      />
      <Table
        variant="embedded"
        items={evidence.servers}
        trackBy="sourceServerId"
        loading={loading}
        loadingText={t('loading')}
        ariaLabels={{ tableLabel: t('held.servers') }}
        header={<Header variant="h3" description={t('held.servers.hint')}>{t('held.servers')}</Header>}
        empty={<Box textAlign="center">{t('servers.none')}</Box>}
        columnDefinitions={[
          { id: 'server', header: t('server'), isRowHeader: true, cell: (s) => name(s.sourceServerId) },
          { id: 'time', header: t('held.last'), cell: ({ last }) => (last === null ? t('held.last.unknown') : last.time === null ? t('held.last.none') : <Time value={last.time} />) },
          { id: 'job', header: t('held.last.job'), cell: ({ last }) => (typeof last?.jobId === 'string' ? <CopyText value={last.jobId} /> : '–') },
        ]}
      />
    </>
  );
}

/** A launch whose outcome nobody knows, with the evidence, to be decided. */
export function HeldUnit({ execution, unit }: { execution: Execution; unit: Unit }) {
  const { api } = useServices();
  const [open, setOpen] = useState(false);
  const servers = useAllServers(execution.executionId, open);
  const names = new Map(servers.data?.map((s) => [s.sourceServerId, serverName(s)]));
  const name = (id: string) => names.get(id) ?? id;
  // the run itself is read without the servers of its units
  const evidence = heldEvidence(unit, servers.data?.filter((s) => s.unitId === unit.unitId).map((s) => s.sourceServerId));
  const [choice, setChoice] = useState<string>('');
  const [reason, setReason] = useState('');
  const close = () => {
    setOpen(false);
  };
  const decision = choice.startsWith('ADOPT ')
    ? { action: 'ADOPT' as const, jobId: choice.slice(6), reason: reason.trim() }
    : { action: choice === 'RETRY' ? ('RETRY' as const) : ('FAIL' as const), reason: reason.trim() };
  const resolve = useDecision(
    execution.executionId, t('held.done', { unit: unit.unitId }), decision,
    (body, idempotencyKey) => api.post('/executions/{id}/units/{unitId}/resolve', { path: { id: execution.executionId, unitId: unit.unitId }, idempotencyKey, body }),
    close,
  );
  return (
    <>
      <Alert
        type="error"
        header={t('held.unit', { unit: unit.unitId, account: unit.accountId, region: unit.region })}
        action={
          <GatedButton permission="start_recovery" onClick={() => {
            resolve.reset();
            setOpen(true);
          }}>
            {t('held.decide')}
          </GatedButton>
        }
      >
        {unit.held?.reason ?? t('held.unknown')}
        {evidence.since === null ? null : <div>{t('held.since')} <Time value={evidence.since} /></div>}
      </Alert>
      {open ? (
        <Decision
          title={t('held.title.one', { unit: unit.unitId })}
          action={t('held.decide')}
          busy={resolve.isPending}
          error={resolve.isError ? resolve.error : null}
          ready={choice !== '' && reason.trim() !== ''}
          onDo={() => {
            resolve.mutate();
          }}
          onClose={close}
        >
          <Box>{t('held.evidence')}</Box>
          <Evidence unit={unit} evidence={evidence} loading={servers.isPending} name={name} />
          {servers.isError ? <Failed what={t('servers.failed')} error={servers.error} retry={() => void servers.refetch()} /> : null}
          <FormField label={t('held.choice')}>
            <RadioGroup
              value={choice}
              onChange={({ detail }) => {
                setChoice(detail.value);
              }}
              items={[
                ...evidence.candidates.map((c) => ({
                  value: `ADOPT ${c.jobId}`,
                  label: t('held.adopt', { job: c.jobId }),
                  description: (
                    <>
                      {t('held.adopt.text', { status: humanize(c.status) })} <Time value={c.time} />
                      {'. '}
                      {t('held.adopt.servers', { names: c.serverIds.slice(0, NAMES).map(name).join(', '), more: Math.max(0, c.serverIds.length - NAMES) })}
                    </>
                  ),
                })),
                { value: 'RETRY', label: t('held.retry'), description: t('held.retry.text') },
                { value: 'FAIL', label: t('held.fail'), description: t('held.fail.text') },
              ]}
            />
          </FormField>
          <Reason value={reason} set={setReason} required />
        </Decision>
      ) : null}
    </>
  );
}
