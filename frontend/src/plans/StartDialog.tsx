import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Checkbox from '@cloudscape-design/components/checkbox';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import DatePicker from '@cloudscape-design/components/date-picker';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import Multiselect from '@cloudscape-design/components/multiselect';
import RadioGroup from '@cloudscape-design/components/radio-group';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Textarea from '@cloudscape-design/components/textarea';
import TimeInput from '@cloudscape-design/components/time-input';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { Schemas } from '../api/client';
import { toApiError } from '../api/error';
import { useIntention } from '../api/intention';
import { usePlan, usePrecheck, type PrecheckOptions } from '../api/queries';
import { useLinkPath } from '../app/account';
import { useConfig, useServices } from '../app/context';
import { Dialog } from '../components/Dialog';
import { Link } from '../components/Link';
import { Status } from '../components/Status';
import { Term } from '../components/Term';
import { targetsOf } from '../execution/objectives';
import '../i18n/plan';
import '../i18n/plans';
import Table from '../components/Table';
import { t } from '../i18n/t';
import { formatSeconds, isoDuration, zoneName } from '../lib/time';
import { ExistingInstances } from './ExistingInstances';
import { Overrides } from './Overrides';
import { Readiness } from './Readiness';
import { Refusal } from './Refusal';
import { isReasoned, LATEST, NO_OVERRIDES, offeredOf, overrideBody, overrideFor, overridesOf, pointOf, type PointDraft } from './start';

type Plan = Pick<Schemas['RecoveryPlan'], 'planId' | 'planName'>;
type Type = 'DRILL' | 'RECOVERY';

function PointFields({ point, problem, change }: { point: PointDraft; problem: string | undefined; change: (next: PointDraft) => void }) {
  return (
    <SpaceBetween size="xs">
      <FormField label={t('start.point')}>
        <RadioGroup
          value={point.kind}
          items={(['LATEST', 'BEFORE', 'SNAPSHOTS'] as const).map((value) => ({ value, label: t(`start.point.${value}`), description: t(`start.point.${value}.hint`) }))}
          onChange={({ detail }) => {
            change({ ...point, kind: detail.value === 'BEFORE' || detail.value === 'SNAPSHOTS' ? detail.value : 'LATEST' });
          }}
        />
      </FormField>
      {point.kind === 'BEFORE' ? (
        <ColumnLayout columns={2} minColumnWidth={200}>
          <FormField label={t('start.point.date')} errorText={problem}>
            <DatePicker value={point.date} placeholder={t('start.point.date.form')} onChange={({ detail }) => {
              change({ ...point, date: detail.value });
            }} />
          </FormField>
          <FormField label={t('start.point.time', { zone: zoneName() })}>
            <TimeInput value={point.time} placeholder={t('start.point.time.form')} onChange={({ detail }) => {
              change({ ...point, time: detail.value });
            }} />
          </FormField>
        </ColumnLayout>
      ) : null}
      {point.kind === 'SNAPSHOTS' ? (
        <FormField label={t('start.point.list')} errorText={problem}>
          <Textarea rows={4} value={point.list} onChange={({ detail }) => {
            change({ ...point, list: detail.value });
          }} />
        </FormField>
      ) : null}
    </SpaceBetween>
  );
}

/** More are counted, not listed: a dialog is no inventory. */
const LISTED = 50;

/** The servers that are launched, those that would lose most first. */
function Servers({ check, open, rpoSeconds }: { check: Schemas['Precheck'] | undefined; open: boolean; rpoSeconds: number }) {
  if (check === undefined) {
    return null;
  }
  const seconds = (s: { lagDuration?: string }) => isoDuration(s.lagDuration) ?? -1;
  const servers = [...check.replication.servers].sort((a, b) => seconds(b) - seconds(a));
  const late = servers.filter((s) => seconds(s) > rpoSeconds).length;
  return (
    <ExpandableSection
      headerText={t('start.lag.count', { count: servers.length })}
      headerDescription={late === 0 ? undefined : t('start.lag.late', { count: late, target: formatSeconds(rpoSeconds) })}
      defaultExpanded={open || late > 0}
    >
      <SpaceBetween size="xs">
        <Table
          variant="embedded"
          items={servers.slice(0, LISTED)}
          trackBy="serverId"
          ariaLabels={{ tableLabel: t('start.lag') }}
          columnDefinitions={[
            { id: 'server', header: t('server'), isRowHeader: true, cell: (s) => <Link to={`/servers/${s.serverId}`}>{s.hostname || s.serverId}</Link> },
            {
              id: 'lag', header: t('lag'),
              cell: (s) => (seconds(s) > rpoSeconds ? <StatusIndicator type="warning">{formatSeconds(seconds(s))}</StatusIndicator> : formatSeconds(isoDuration(s.lagDuration))),
            },
            { id: 'state', header: t('replication'), cell: (s) => <Status value={s.replicationState} kind="replication" /> },
          ]}
        />
        {servers.length > LISTED ? <Box variant="small">{t('start.lag.more', { count: servers.length - LISTED })}</Box> : null}
      </SpaceBetween>
    </ExpandableSection>
  );
}

/** Everything one should know before a run starts, and the button. */
export function StartDialog({ plan, type, onClose }: { plan: Plan; type: Type; onClose: () => void }) {
  const { api, flashes } = useServices();
  const config = useConfig();
  const client = useQueryClient();
  const navigate = useNavigate();
  const linkPath = useLinkPath();
  const stored = usePlan(plan.planId).data;
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [understood, setUnderstood] = useState(false);
  const [waves, setWaves] = useState<readonly number[]>([]);
  const [point, setPoint] = useState(LATEST);
  const [overrides, setOverrides] = useState(NO_OVERRIDES);
  const intention = useIntention();
  const chosenPoint = pointOf(point);
  const { overrideReason, ...setAside } = overrideBody(overrides);
  const options: PrecheckOptions = {
    ...(waves.length === 0 ? {} : { waves: [...waves] }),
    ...('options' in chosenPoint ? chosenPoint.options : {}),
    ...setAside,
  };
  const check = usePrecheck(plan.planId, type, options).data;
  const start = useMutation({
    mutationFn: () => {
      const body = {
        planId: plan.planId,
        executionType: type,
        invocationSource: 'UI' as const,
        ...(reason.trim() === '' ? {} : { reason: reason.trim() }),
        ...options,
        ...(overrideReason === undefined ? {} : { overrideReason }),
      };
      return api.post('/executions', { idempotencyKey: intention.keyOf(body), body });
    },
    onSuccess: (answer) => {
      void client.invalidateQueries({ queryKey: ['executions'] });
      void client.invalidateQueries({ queryKey: ['plans'] });
      onClose();
      if ('executionId' in answer) {
        flashes.add({ type: 'success', header: t(`started.${type}`, { plan: plan.planName }) });
        void navigate(linkPath(`/executions/${answer.executionId}`));
      }
    },
    onSettled: (_, cause) => {
      intention.ended(cause);
      // what the checks said is no longer true
      void client.invalidateQueries({ queryKey: ['precheck', plan.planId] });
      void client.invalidateQueries({ queryKey: ['existing-instances', plan.planId] });
    },
  });
  const refusal = start.isError ? toApiError(start.error) : null;
  const refusedFor = refusal === null ? null : overrideFor(refusal);
  const offered = offeredOf(overrides, ...overridesOf(check), refusedFor);
  const recovery = type === 'RECOVERY';
  const confirmed = !recovery || (typed === plan.planName && understood);
  const ready = confirmed && 'options' in chosenPoint && isReasoned(overrides);
  const waveOptions = [...(stored?.waves ?? [])]
    .sort((a, b) => a.waveNumber - b.waveNumber)
    .map((w) => ({ value: String(w.waveNumber), label: t('wave.name', { number: w.waveNumber + 1, name: w.waveName }) }));
  const mail = stored?.notificationEmail ?? '';
  return (
    <Dialog
      title={t(`start.${type}.title`, { plan: plan.planName })}
      close={onClose}
      buttons={
        <Button variant="primary" disabled={!ready} loading={start.isPending} onClick={() => {
          start.mutate();
        }}>
          {t(`start.${type}`)}
        </Button>
      }
    >
      {recovery ? (
        <Alert type="error" header={t('start.RECOVERY.warning')}>
          {t('start.RECOVERY.text')} <Term word="recovery" />
        </Alert>
      ) : (
        <Box>
          {t('start.DRILL.text')} <Term word="drill" />
        </Box>
      )}
      {refusal === null ? null : <Refusal error={refusal} planId={plan.planId} header={t('start.refused')} />}
      <Readiness planId={plan.planId} type={type} options={options} brief />
      <Overrides offered={offered} draft={overrides} change={setOverrides} />
      <Servers check={check} open={recovery} rpoSeconds={targetsOf(stored, config).rpoSeconds} />
      <ExistingInstances planId={plan.planId} busy={check?.conflicts.some((c) => c.conflictSource === 'drs_job') === true} />
      <ExpandableSection headerText={t('start.options')}>
        <SpaceBetween size="m">
          <FormField label={t('start.waves')} description={t('start.waves.hint')}>
            <Multiselect
              options={waveOptions}
              selectedOptions={waveOptions.filter((o) => waves.includes(Number(o.value)))}
              placeholder={t('start.waves.all')}
              tokenLimit={6}
              deselectAriaLabel={(option) => t('editor.deselect', { name: option.label ?? '' })}
              onChange={({ detail }) => {
                setWaves(detail.selectedOptions.map((o) => Number(o.value)).sort((a, b) => a - b));
              }}
            />
          </FormField>
          <PointFields point={point} problem={'problem' in chosenPoint ? chosenPoint.problem : undefined} change={setPoint} />
        </SpaceBetween>
      </ExpandableSection>
      <FormField label={t('start.reason')} description={t('start.reason.hint')}>
        <Textarea rows={2} value={reason} onChange={({ detail }) => {
          setReason(detail.value.slice(0, 1000));
        }} />
      </FormField>
      <StatusIndicator type="info">{mail === '' ? t('start.mail.none') : t('start.mail', { mail })}</StatusIndicator>
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
    </Dialog>
  );
}
