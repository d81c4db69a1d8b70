/** What an operator can do to a run, each with its question before it. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import type { Schemas } from '../api/client';
import { toApiError } from '../api/error';
import { keys } from '../api/queries';
import { useServices } from '../app/context';
import { usePermissions } from '../app/permissions';
import { DangerButton } from '../components/DangerButton';
import { Dialog } from '../components/Dialog';
import { GatedButton } from '../components/GatedButton';
import '../i18n/plan';
import '../i18n/plans';
import { t } from '../i18n/t';
import type { Permission } from '../lib/permissions';
import { canCancel, canPause, isTerminal } from '../lib/status';
import { Overrides } from '../plans/Overrides';
import { Refusal } from '../plans/Refusal';
import { isReasoned, NO_OVERRIDES, offeredOf, overrideBody, overrideFor, type OverrideDraft } from '../plans/start';
import { TerminateDialog } from './TerminateDialog';

type Execution = Schemas['Execution'];
type ActionName = 'pause' | 'resume' | 'cancel';

export interface Wave {
  waveNumber: number;
  waveName: string;
  status: string;
}

/** Instances of the run are left that can be terminated. */
export const canTerminate = (execution: Execution) => execution.terminationMetadata.canTerminate && execution.instancesTerminated !== true;

/** Waves that a cancel stops, and those that run to their end. */
export function cancelEffect(waves: readonly Wave[]): { stops: Wave[]; goesOn: Wave[] } {
  return {
    stops: waves.filter((w) => w.status === 'PENDING'),
    goesOn: waves.filter((w) => w.status === 'IN_PROGRESS' || w.status === 'INITIATED'),
  };
}

function useAction(execution: Execution, name: ActionName, done: () => void) {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const id = execution.executionId;
  return useMutation({
    mutationFn: async ({ note, terminate, overrides }: { note: string; terminate: boolean; overrides: OverrideDraft }) => {
      const path = { id };
      const idempotencyKey = crypto.randomUUID();
      const reason = note === '' ? {} : { reason: note };
      if (name === 'pause') {
        return api.post('/executions/{id}/pause', { path, idempotencyKey, body: reason });
      }
      if (name === 'resume') {
        return api.post('/executions/{id}/resume', { path, idempotencyKey, body: { ...(note === '' ? {} : { notes: note }), ...overrideBody(overrides) } });
      }
      return api.post('/executions/{id}/cancel', {
        path, idempotencyKey, body: { ...reason, ...(terminate ? { terminateLaunched: true } : {}) },
      });
    },
    onSuccess: (answer) => {
      flashes.add({ type: 'success', header: t(`action.${name}.done`), content: answer.message ?? '' });
      done();
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.execution(id) }),
  });
}

function ActionDialog({ execution, name, initialNote, onClose }: {
  execution: Execution;
  name: ActionName;
  initialNote: string;
  onClose: () => void;
}) {
  const [note, setNote] = useState(initialNote);
  const [terminate, setTerminate] = useState(false);
  const [overrides, setOverrides] = useState(NO_OVERRIDES);
  const action = useAction(execution, name, onClose);
  const refusal = action.isError ? toApiError(action.error) : null;
  const doing = {
    loading: action.isPending,
    disabled: !isReasoned(overrides),
    onClick: () => {
      action.mutate({ note: note.trim(), terminate, overrides });
    },
    children: t(`action.${name}.do`),
  };
  return (
    <Dialog
      title={t(`action.${name}.title`)}
      size="medium"
      cancel={t('action.back')}
      careful={name === 'cancel'}
      close={onClose}
      buttons={name === 'cancel' ? <DangerButton {...doing} /> : <Button {...doing} variant="primary" />}
    >
      {name === 'cancel' ? (
        <CancelText execution={execution} terminate={terminate} setTerminate={setTerminate} />
      ) : (
        <Box>{t(`action.${name}.text`)}</Box>
      )}
      <FormField label={t('action.note')} description={t('action.note.hint')}>
        <Textarea value={note} rows={2} onChange={({ detail }) => {
          setNote(detail.value.slice(0, 1000));
        }} />
      </FormField>
      {refusal === null ? null : <Refusal error={refusal} planId={execution.planId ?? ''} header={t(`action.${name}.failed`)} />}
      {name === 'resume' ? (
        <Overrides offered={offeredOf(overrides, refusal === null ? null : overrideFor(refusal))} draft={overrides} change={setOverrides} />
      ) : null}
    </Dialog>
  );
}

/** The effect of a cancel, and what becomes of what was launched. */
function CancelText({ execution, terminate, setTerminate }: { execution: Execution; terminate: boolean; setTerminate: (value: boolean) => void }) {
  const gate = usePermissions();
  const { stops, goesOn } = cancelEffect(execution.waves ?? []);
  const launched = (execution.waves ?? []).reduce((sum, w) => sum + (w.launchedServers ?? 0), 0);
  const list = (waves: readonly Wave[]) => (
    <ul>
      {waves.map((w) => (
        <li key={w.waveNumber}>{t('wave.name', { number: w.waveNumber + 1, name: w.waveName })}</li>
      ))}
    </ul>
  );
  return (
    <SpaceBetween size="s">
      {stops.length === 0 ? (
        <Box>{t('action.cancel.nothing')}</Box>
      ) : (
        <div>
          {t('action.cancel.stops')}
          {list(stops)}
        </div>
      )}
      {goesOn.length === 0 ? null : (
        <div>
          {t('action.cancel.goes')}
          {list(goesOn)}
        </div>
      )}
      <Checkbox
        checked={terminate}
        disabled={!gate.can('terminate_instances')}
        description={gate.reason('terminate_instances') ?? t('action.cancel.terminate.hint')}
        onChange={({ detail }) => {
          setTerminate(detail.checked);
        }}
      >
        {t('action.cancel.terminate')}
      </Checkbox>
      {terminate ? (
        <Alert type="warning">{t('action.cancel.gone', { count: launched })}</Alert>
      ) : (
        <Box color="text-body-secondary">{t('action.cancel.after')}</Box>
      )}
    </SpaceBetween>
  );
}

const PERMISSION: Record<ActionName, Permission> = { pause: 'stop_recovery', cancel: 'stop_recovery', resume: 'start_recovery' };

/** A button with its question. `note`: what the note says at first. */
export function ActionButton({ execution, name, note = '', primary = false }: { execution: Execution; name: ActionName; note?: string; primary?: boolean }) {
  const [open, setOpen] = useState(false);
  const pausable = name !== 'pause' || canPause(execution);
  return (
    <>
      <GatedButton
        permission={PERMISSION[name]}
        variant={primary ? 'primary' : 'normal'}
        disabled={!pausable}
        disabledReason={pausable ? undefined : t('action.pause.none')}
        onClick={() => {
          setOpen(true);
        }}
      >
        {name === 'pause' && execution.status === 'PAUSE_PENDING' ? t('action.pause.pending') : t(`action.${name}`)}
      </GatedButton>
      {open ? (
        <ActionDialog execution={execution} name={name} initialNote={note} onClose={() => {
          setOpen(false);
        }} />
      ) : null}
    </>
  );
}

/** Opens the question whether what the run launched shall go; nothing when nothing is left. */
export function TerminateButton({ execution }: { execution: Execution }) {
  const [open, setOpen] = useState(false);
  if (!canTerminate(execution)) {
    return null;
  }
  return (
    <>
      <GatedButton permission="terminate_instances" onClick={() => {
        setOpen(true);
      }}>
        {t('action.terminate')}
      </GatedButton>
      {open ? <TerminateDialog execution={execution} onClose={() => {
        setOpen(false);
      }} /> : null}
    </>
  );
}

/** The buttons in the header of a run; what a pause offers is in its panel. */
export function ExecutionActions({ execution, refresh }: { execution: Execution; refresh: () => void }) {
  const { status } = execution;
  const paused = status === 'PAUSED';
  const client = useQueryClient();
  return (
    // on a phone at its lower edge; the panel of a pause has its own
    <div className={paused ? undefined : 'action-bar'}>
      <SpaceBetween size="xs" direction="horizontal">
        <Button iconName="refresh" ariaLabel={t('refresh')} onClick={() => {
          refresh();
          void client.invalidateQueries({ queryKey: ['execution-servers', execution.executionId] });
        }} />
        {isTerminal(status) || paused ? null : <ActionButton execution={execution} name="pause" />}
        {canCancel(status) && !paused ? <ActionButton execution={execution} name="cancel" /> : null}
        <TerminateButton execution={execution} />
      </SpaceBetween>
    </div>
  );
}
