import { useMutation, useQueryClient } from '@tanstack/react-query';
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { Schemas } from '../api/client';
import '../i18n/more';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { usePlans } from '../api/queries';
import { useAccount } from '../app/account';
import { AccountGate } from '../app/AccountGate';
import { useConfig, useServices } from '../app/context';
import { useTitle } from '../app/page';
import { Confirm } from '../components/Confirm';
import { DataTable, type Column } from '../components/DataTable';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import { Link } from '../components/Link';
import { Status } from '../components/Status';
import { Ago, Time, useNow } from '../components/Time';
import { blockedBecause, isRunning } from '../plans/state';
import { StartDialog } from '../plans/StartDialog';
import { t } from '../i18n/t';
import { isoTime, toDate } from '../lib/time';

type Plan = Schemas['PlanListItem'];

/** Running, blocked by another, or ready; with the reason in words. */
export function PlanState({ plan }: { plan: Plan }) {
  if (isRunning(plan)) {
    return plan.lastExecutionId === undefined ? (
      <StatusIndicator type="in-progress">{t('plan.running')}</StatusIndicator>
    ) : (
      <StatusIndicator type="in-progress">
        <Link to={`/executions/${plan.lastExecutionId}`}>{t('plan.running')}</Link>
      </StatusIndicator>
    );
  }
  const reason = blockedBecause(plan);
  return reason === null ? (
    <StatusIndicator type="success">{t('plan.ready')}</StatusIndicator>
  ) : (
    <StatusIndicator type="stopped">
      <span title={reason}>{t('plan.blocked')}</span>
    </StatusIndicator>
  );
}

function stateText(plan: Plan): string {
  return isRunning(plan) ? t('plan.running') : (blockedBecause(plan) ?? t('plan.ready'));
}

function LastRun({ plan }: { plan: Plan }) {
  const { drillMaxAgeDays } = useConfig();
  const now = useNow(60_000);
  if (plan.lastExecutionStatus === null) {
    return <StatusIndicator type="warning">{t('plan.never')}</StatusIndicator>;
  }
  const end = toDate(plan.lastEndTime);
  const old = end !== null && now - end.getTime() > drillMaxAgeDays * 86_400_000;
  return (
    <SpaceBetween size="xs" direction="horizontal">
      <Status value={plan.lastExecutionStatus} kind="execution" />
      <Ago value={plan.lastEndTime ?? plan.lastStartTime} />
      {old ? <StatusIndicator type="warning">{t('plan.overdue')}</StatusIndicator> : null}
    </SpaceBetween>
  );
}

function List() {
  const account = useAccount();
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const navigate = useNavigate();
  const query = usePlans(account.accountId);
  const [selected, setSelected] = useState<Plan[]>([]);
  const [starting, setStarting] = useState<'DRILL' | 'RECOVERY' | null>(null);
  const [deleting, setDeleting] = useState(false);
  const remove = useMutation({
    mutationFn: async (doomed: readonly Plan[]) => {
      for (const plan of doomed) {
        await api.delete('/recovery-plans/{id}', { path: { id: plan.planId } });
      }
    },
    onSuccess: (_, doomed) => {
      flashes.add({ type: 'success', header: t('plans.deleted', { count: doomed.length }) });
      setSelected([]);
      setDeleting(false);
    },
    onSettled: () => client.invalidateQueries({ queryKey: ['plans'] }),
  });
  if (query.isError && query.data === undefined) {
    return <Failed what={t('plans.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  const plans = query.data?.plans ?? [];
  // what is selected may have changed since
  const current = selected.flatMap((s) => plans.filter((p) => p.planId === s.planId));
  const one = current.length === 1 ? (current[0] ?? null) : null;
  const why = one === null ? t('plans.selectone') : isRunning(one) ? t('plan.running') : (blockedBecause(one) ?? undefined);
  const columns: Column<Plan>[] = [
    { id: 'name', header: t('name'), name: true, sort: (p) => p.planName, cell: (p) => <Link to={`/recovery-plans/${p.planId}`}>{p.planName}</Link> },
    { id: 'description', header: t('description'), sort: (p) => p.description, cell: (p) => p.description || '–', optional: true },
    { id: 'waves', header: t('waves'), sort: (p) => p.waveCount, cell: (p) => p.waveCount },
    { id: 'state', header: t('state'), sort: (p) => (isRunning(p) ? 0 : blockedBecause(p) === null ? 2 : 1), csv: stateText, cell: (p) => <PlanState plan={p} /> },
    { id: 'last', header: t('plan.last'), sort: (p) => p.lastStartTime ?? 0, csv: (p) => [p.lastExecutionStatus, isoTime(p.lastEndTime ?? p.lastStartTime)].filter(Boolean).join(' '), cell: (p) => <LastRun plan={p} /> },
    { id: 'mail', header: t('plan.mail'), sort: (p) => p.notificationEmail ?? '', cell: (p) => p.notificationEmail || '–', optional: true },
    { id: 'created', header: t('created'), sort: (p) => p.createdDate ?? 0, csv: (p) => isoTime(p.createdDate), cell: (p) => <Time value={p.createdDate} />, optional: true },
    { id: 'id', header: t('id'), sort: (p) => p.planId, cell: (p) => <Box variant="code">{p.planId}</Box>, optional: true },
  ];
  return (
    <>
      <DataTable
        id="plans"
        title={t('nav.plans')}
        description={t('plans.description')}
        items={plans}
        columns={columns}
        rowKey={(p) => p.planId}
        text={(p) => [p.planName, p.description, p.planId, p.notificationEmail].join(' ')}
        loading={query.isPending}
        empty={t('plans.none')}
        emptyHint={t('plans.none.hint')}
        selection={{ selected: current, set: setSelected }}
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <GatedButton
              permission="delete_recovery_plans"
              disabled={current.length === 0 || current.some(isRunning)}
              onClick={() => {
                remove.reset();
                setDeleting(true);
              }}
            >
              {t('delete')}
            </GatedButton>
            <GatedButton permission="create_recovery_plans" onClick={() => void navigate('/recovery-plans/new')}>
              {t('editor.plan.create')}
            </GatedButton>
            <GatedButton permission="start_recovery" disabled={why !== undefined} disabledReason={why} onClick={() => {
              setStarting('RECOVERY');
            }}>
              {t('start.RECOVERY')}
            </GatedButton>
            <GatedButton permission="start_recovery" variant="primary" disabled={why !== undefined} disabledReason={why} onClick={() => {
              setStarting('DRILL');
            }}>
              {t('start.DRILL')}
            </GatedButton>
          </SpaceBetween>
        }
      />
      {starting !== null && one !== null ? (
        <StartDialog plan={one} type={starting} onClose={() => {
          setStarting(null);
        }} />
      ) : null}
      {deleting ? (
        <Confirm
          title={t('plans.delete.title', { count: current.length })}
          action={t('delete')}
          busy={remove.isPending}
          problem={remove.isError ? explain(toApiError(remove.error)) : null}
          onConfirm={() => {
            remove.mutate(current);
          }}
          onClose={() => {
            setDeleting(false);
          }}
        >
          <Box>{t('plans.delete.text')}</Box>
          <ul>
            {current.map((p) => (
              <li key={p.planId}>{p.planName}</li>
            ))}
          </ul>
        </Confirm>
      ) : null}
    </>
  );
}

export default function Plans() {
  useTitle(t('nav.plans'));
  return (
    <AccountGate>
      <List />
    </AccountGate>
  );
}
