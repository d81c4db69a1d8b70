import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { Schemas } from '../api/client';
import { toApiError, type ApiError } from '../api/error';
import { explain } from '../api/explain';
import { useExistingInstances } from '../api/queries';
import { useServices } from '../app/context';
import { Failed } from '../components/Failed';
import { Link } from '../components/Link';
import { t } from '../i18n/t';
import { Readiness } from './Readiness';

type Plan = Pick<Schemas['RecoveryPlan'], 'planId' | 'planName'>;

/** Refusals that a reason given by a person overrides (api.md 10.4). */
const OVERRIDES = {
  UNHEALTHY_SERVER_REPLICATION: 'allowDegraded',
  LIMITS_UNKNOWN: 'allowUnknownLimits',
  EXISTING_RECOVERY_INSTANCES: 'confirmReplaceExisting',
} as const;

type Override = (typeof OVERRIDES)[keyof typeof OVERRIDES];

export function overrideFor(error: ApiError): Override | null {
  return error.code in OVERRIDES ? OVERRIDES[error.code as keyof typeof OVERRIDES] : null;
}

function Existing({ planId }: { planId: string }) {
  const query = useExistingInstances(planId, true);
  if (query.isPending) {
    return <StatusIndicator type="loading">{t('start.existing.loading')}</StatusIndicator>;
  }
  if (query.isError) {
    return <Failed what={t('start.existing.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  const found = query.data.existingInstances;
  if (found.length === 0) {
    return <StatusIndicator type="success">{t('start.existing.none')}</StatusIndicator>;
  }
  const runs = new Map(found.flatMap((i) => (i.sourceExecutionId === null ? [] : [[i.sourceExecutionId, i.sourcePlanName]])));
  return (
    <Alert type="warning" header={t('start.existing', { count: found.length })}>
      <SpaceBetween size="xs">
        <Box>{t('start.existing.text')}</Box>
        {[...runs].map(([id, name]) => (
          <Link key={id} to={`/executions/${id}`}>
            {t('start.existing.run', { plan: name ?? id })}
          </Link>
        ))}
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

/** Everything one should know before a run starts, and the button. */
export function StartDialog({ plan, type, onClose }: { plan: Plan; type: 'DRILL' | 'RECOVERY'; onClose: () => void }) {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [understood, setUnderstood] = useState(false);
  const [overrides, setOverrides] = useState<Partial<Record<Override, true>>>({});
  const [overrideReason, setOverrideReason] = useState('');
  // one key for one intention: a repeated click starts nothing twice
  const [idempotencyKey, setKey] = useState(() => crypto.randomUUID());
  const start = useMutation({
    mutationFn: () =>
      api.post('/executions', {
        idempotencyKey,
        body: {
          planId: plan.planId,
          executionType: type,
          invocationSource: 'UI',
          ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
          ...overrides,
          ...(Object.keys(overrides).length === 0 ? {} : { overrideReason: overrideReason.trim() }),
        },
      }),
    onSuccess: (answer) => {
      void client.invalidateQueries({ queryKey: ['executions'] });
      void client.invalidateQueries({ queryKey: ['plans'] });
      onClose();
      if ('executionId' in answer) {
        flashes.add({ type: 'success', header: t(`started.${type}`, { plan: plan.planName }) });
        void navigate(`/executions/${answer.executionId}`);
      }
    },
    onError: () => {
      setKey(crypto.randomUUID());
    },
  });
  const refusal = start.isError ? toApiError(start.error) : null;
  const needed = refusal === null ? null : overrideFor(refusal);
  const recovery = type === 'RECOVERY';
  const confirmed = !recovery || (typed === plan.planName && understood);
  const overriding = Object.keys(overrides).length > 0;
  const ready = confirmed && (!overriding || overrideReason.trim() !== '') && (needed === null || overrides[needed] === true);
  return (
    <Modal
      visible
      size="large"
      header={t(`start.${type}.title`, { plan: plan.planName })}
      closeAriaLabel={t('close')}
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween size="xs" direction="horizontal">
            <Button variant="link" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button variant="primary" disabled={!ready} loading={start.isPending} onClick={() => {
              start.mutate();
            }}>
              {t(`start.${type}`)}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {recovery ? (
          <Alert type="error" header={t('start.RECOVERY.warning')}>
            {t('start.RECOVERY.text')}
          </Alert>
        ) : (
          <Box>{t('start.DRILL.text')}</Box>
        )}
        <Readiness planId={plan.planId} type={type} brief />
        <Existing planId={plan.planId} />
        <FormField label={t('start.reason')} description={t('start.reason.hint')}>
          <Textarea rows={2} value={reason} onChange={({ detail }) => {
            setReason(detail.value.slice(0, 1000));
          }} />
        </FormField>
        {recovery ? (
          <>
            <FormField label={t('confirm.type', { name: plan.planName })}>
              <Input value={typed} onChange={({ detail }) => {
                setTyped(detail.value);
              }} />
            </FormField>
            <Checkbox checked={understood} onChange={({ detail }) => {
              setUnderstood(detail.checked);
            }}>
              {t('start.RECOVERY.understood')}
            </Checkbox>
          </>
        ) : null}
        {refusal === null ? null : (
          <Alert type="error" header={t('start.refused')}>
            <SpaceBetween size="xs">
              <Box>{explain(refusal)}</Box>
              {refusal.requestId === null ? null : <Box variant="small">{t('error.request', { id: refusal.requestId })}</Box>}
              {needed === null ? null : (
                <Checkbox
                  checked={overrides[needed] === true}
                  onChange={({ detail }) => {
                    setOverrides(detail.checked ? { ...overrides, [needed]: true } : {});
                  }}
                >
                  {t(`start.override.${needed}`)}
                </Checkbox>
              )}
            </SpaceBetween>
          </Alert>
        )}
        {overriding ? (
          <FormField label={t('start.override.reason')} description={t('start.override.reason.hint')}>
            <Input value={overrideReason} onChange={({ detail }) => {
              setOverrideReason(detail.value.slice(0, 1000));
            }} />
          </FormField>
        ) : null}
      </SpaceBetween>
    </Modal>
  );
}
