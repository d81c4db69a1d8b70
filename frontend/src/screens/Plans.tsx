import { useMutation, useQueryClient } from '@tanstack/react-query';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useMemo, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import type { Schemas } from '../api/client';
import '../i18n/more';
import { ACTIVE_STATUSES, planQuery, precheckQuery, useExecutions, useGroups, usePlans } from '../api/queries';
import { LinkAccount, useAccountScope } from '../app/account';
import { AccountGate } from '../app/AccountGate';
import { useApi, useConfig, useServices } from '../app/context';
import { useTitle } from '../app/page';
import { useSetParams } from '../app/params';
import { ofAccounts } from '../components/accounts';
import { CopyText } from '../components/CopyText';
import { DataTable, type Column } from '../components/DataTable';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import { Link } from '../components/Link';
import { NextStep } from '../components/NextStep';
import { PageFailed } from '../components/PageFailed';
import { Status } from '../components/Status';
import { Term } from '../components/Term';
import { Ago, Time, useNow } from '../components/Time';
import { useLastDrills } from '../dashboard/queries';
import { targetsOf } from '../execution/objectives';
import '../i18n/plans';
import { t } from '../i18n/t';
import { isOverdue } from '../lib/outcome';
import { formatSeconds, isoTime } from '../lib/time';
import { DeletePlans } from '../plans/DeletePlans';
import { lastDrills, nextSchedules, protectionOf, type Protection } from '../plans/overview';
import { PlanMenu, type Start } from '../plans/PlanMenu';
import { LastVerdict, PlanState, stateText, waveOf } from '../plans/PlanState';
import { StartDialog } from '../plans/StartDialog';
import { blockedBecause, isRunning } from '../plans/state';
import { keepVerdict, readVerdicts } from '../plans/verdicts';
import { scheduleHref } from '../schedules/parts';
import { useSchedules } from '../schedules/queries';
import { useInventory, type ServerRow } from '../servers/inventory';

type Plan = Schemas['PlanListItem'];

/** What the list says beside the plans themselves, each as far as it is known; an empty `accountId`: of all accounts. */
function useOverview(accountId: string, plans: readonly Plan[]) {
  const groupList = useGroups('').data?.groups;
  const groups = useMemo(() => groupList ?? [], [groupList]);
  const used = new Set(plans.flatMap((p) => p.waves.flatMap((w) => w.protectionGroupIds)));
  const places = groups.filter((g) => used.has(g.groupId)).map((g) => g.accountId);
  const accounts = [...new Set(places)].sort().join(' ');
  const inventory = useInventory(useMemo(() => (accounts === '' ? [] : accounts.split(' ')), [accounts]));
  const known = groupList !== undefined && !inventory.pending && !inventory.incomplete && inventory.error === null;
  const byPlan = useMemo(() => {
    const rows = new Map<string, ServerRow[]>();
    for (const row of inventory.rows) {
      const id = row.assignedToProtectionGroup?.protectionGroupId ?? '';
      const members = rows.get(id) ?? [];
      members.push(row);
      rows.set(id, members);
    }
    return new Map(plans.map((p) => [p.planId, protectionOf(p, groups, (id) => (known ? (rows.get(id) ?? []) : null))]));
  }, [plans, groups, inventory.rows, known]);
  const drillQuery = useLastDrills(accountId, plans.length === 0 ? undefined : plans);
  const drillsFound = drillQuery.data;
  const drills = useMemo(() => lastDrills(drillsFound ?? []), [drillsFound]);
  const schedules = useSchedules().data;
  const next = useMemo(() => nextSchedules(schedules ?? []), [schedules]);
  const active = useExecutions({ accountId, status: ACTIVE_STATUSES }, 100).data?.pages.flatMap((page) => page.items) ?? [];
  return {
    error: inventory.error,
    retry: inventory.retry,
    of: (p: Plan): Protection => byPlan.get(p.planId) ?? { servers: null, notReady: 0, lag: null, seconds: null },
    drillsKnown: drillsFound !== undefined,
    drillsError: drillsFound === undefined ? drillQuery.error : null,
    retryDrills: () => void drillQuery.refetch(),
    drill: (p: Plan) => drills.get(p.planId),
    next: (p: Plan) => next.get(p.planId),
    run: (p: Plan) => active.find((run) => run.planId === p.planId),
  };
}

/** A figure against its target, in words and sign. */
function Against({ seconds, target, missed }: { seconds: number | null; target: number; missed: string }) {
  if (seconds === null) {
    return '–';
  }
  return seconds <= target ? (
    formatSeconds(seconds)
  ) : (
    <StatusIndicator type="warning">
      {formatSeconds(seconds)} {missed}
    </StatusIndicator>
  );
}

function Servers({ of }: { of: Protection }) {
  if (of.servers === null) {
    return '–';
  }
  const text = t('plan.servers', { total: of.servers, count: of.notReady });
  return <StatusIndicator type={of.servers === 0 || of.notReady > 0 ? 'warning' : 'success'}>{text}</StatusIndicator>;
}

function LastDrill({ drill, known }: { drill: { executionId: string; startTime: number; endTime?: number } | undefined; known: boolean }) {
  const { drillMaxAgeDays } = useConfig();
  const overdue = isOverdue(drill, drillMaxAgeDays, useNow(60_000));
  if (!known) {
    return '–';
  }
  const text = drill === undefined ? t('plan.drill.none') : <Link to={`/executions/${drill.executionId}`}><Ago value={drill.endTime ?? drill.startTime} /></Link>;
  return overdue ? (
    <SpaceBetween size="xs" direction="horizontal">
      <span>{text}</span>
      <StatusIndicator type="warning">{t('plan.overdue')}</StatusIndicator>
    </SpaceBetween>
  ) : (
    text
  );
}

function LastRun({ plan }: { plan: Plan }) {
  if (plan.lastExecutionStatus === null) {
    return t('plan.never');
  }
  const status = <Status value={plan.lastExecutionStatus} kind="execution" />;
  return (
    <SpaceBetween size="xs" direction="horizontal">
      {status}
      {plan.lastExecutionId === undefined ? <Ago value={plan.lastEndTime ?? plan.lastStartTime} /> : (
        <Link to={`/executions/${plan.lastExecutionId}`}>
          <Ago value={plan.lastEndTime ?? plan.lastStartTime} />
        </Link>
      )}
    </SpaceBetween>
  );
}

/** Checks plans one after the other: each looks at AWS. */
function useCheck() {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (plans: readonly Plan[]) => {
      for (const plan of plans) {
        keepVerdict(await client.fetchQuery({ ...precheckQuery(api, plan.planId, 'DRILL'), staleTime: 0 }));
      }
    },
    onError: (cause) => {
      flashes.error(t('ready.failed'), cause);
    },
  });
}

function List() {
  const scope = useAccountScope();
  const { accountId } = scope;
  const api = useApi();
  const client = useQueryClient();
  const config = useConfig();
  const navigate = useNavigate();
  const query = usePlans(accountId);
  const [selected, setSelected] = useState<Plan[]>([]);
  const [starting, setStarting] = useState<{ plan: Plan; type: Start } | null>(null);
  const [doomed, setDoomed] = useState<Plan[] | null>(null);
  const check = useCheck();
  const [params] = useSearchParams();
  const setParams = useSetParams();
  const now = useNow(60_000);
  const plans = useMemo(() => query.data?.plans ?? [], [query.data]);
  const overview = useOverview(accountId, plans);
  if (query.isError && query.data === undefined) {
    return <PageFailed what={t('plans.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  // what is selected may have changed since
  const current = selected.flatMap((s) => plans.filter((p) => p.planId === s.planId));
  const running = current.filter(isRunning);
  const targets = (p: Plan) => targetsOf(p, config);
  const lastStart = (p: Plan) => p.lastStartTime ?? 0;
  const drillTime = (p: Plan) => overview.drill(p)?.endTime ?? overview.drill(p)?.startTime ?? 0;
  const onlyOverdue = params.get('drill') === 'overdue';
  const drillChoices = [{ value: '', label: t('plans.drill.all') }, { value: 'overdue', label: t('plans.drill.overdue', { days: config.drillMaxAgeDays }) }];
  // what is there without asking fits beside the navigation in a window of 1360 px
  const columns: Column<Plan>[] = [
    {
      id: 'actions',
      header: t('actions'),
      cell: (p) => (
        <PlanMenu
          row
          plan={p}
          running={isRunning(p)}
          blocked={blockedBecause(p)}
          start={(type) => {
            setStarting({ plan: p, type });
          }}
          remove={() => {
            setDoomed([p]);
          }}
        />
      ),
    },
    { id: 'name', header: t('name'), name: true, textWidth: 110, sort: (p) => p.planName, cell: (p) => <Link to={`/recovery-plans/${p.planId}`}>{p.planName}</Link> },
    {
      id: 'state', header: t('state'), textWidth: 90, sort: (p) => (isRunning(p) ? 0 : blockedBecause(p) === null ? 2 : 1), csv: (p) => stateText(p, overview.run(p)),
      cell: (p) => <PlanState plan={p} run={overview.run(p)} />,
    },
    {
      id: 'ready', header: t('plan.readiness'), textWidth: 85, sort: (p) => readVerdicts(p.planId)[0]?.verdict ?? '', csv: (p) => readVerdicts(p.planId)[0]?.verdict ?? '',
      cell: (p) => <LastVerdict planId={p.planId} />,
    },
    {
      id: 'servers', header: t('servers'), textWidth: 90, sort: (p) => overview.of(p).servers ?? -1,
      csv: (p) => (overview.of(p).servers === null ? '' : t('plan.servers', { total: overview.of(p).servers, count: overview.of(p).notReady })),
      cell: (p) => <Servers of={overview.of(p)} />,
    },
    {
      id: 'lag', header: t('plan.lag'), textWidth: 85, sort: (p) => overview.of(p).lag ?? -1,
      cell: (p) => <Against seconds={overview.of(p).lag} target={targets(p).rpoSeconds} missed={t('plan.target.over', { target: formatSeconds(targets(p).rpoSeconds) })} />,
    },
    {
      id: 'estimate', header: t('plan.estimate'), textWidth: 85, sort: (p) => overview.of(p).seconds ?? -1,
      cell: (p) => <Against seconds={overview.of(p).seconds} target={targets(p).rtoSeconds} missed={t('plan.target.over', { target: formatSeconds(targets(p).rtoSeconds) })} />,
    },
    {
      id: 'drill', header: t('plan.drill'), textWidth: 90, sort: drillTime, csv: (p) => isoTime(drillTime(p)),
      cell: (p) => <LastDrill drill={overview.drill(p)} known={overview.drillsKnown} />,
    },
    {
      id: 'next', header: t('plan.next'), textWidth: 150, optional: true, sort: (p) => overview.next(p)?.nextRunAt ?? '',
      cell: (p) => {
        const next = overview.next(p);
        return next === undefined ? '–' : <Link to={scheduleHref(next)}><Time value={next.nextRunAt} /></Link>;
      },
    },
    { id: 'waves', header: t('waves'), sort: (p) => p.waveCount, csv: (p) => p.waveCount, cell: (p) => waveOf(overview.run(p)) ?? p.waveCount, optional: true },
    {
      id: 'last', header: t('plan.last'), sort: lastStart, csv: (p) => [p.lastExecutionStatus, isoTime(p.lastEndTime ?? p.lastStartTime)].filter(Boolean).join(' '),
      cell: (p) => <LastRun plan={p} />, optional: true,
    },
    { id: 'started', header: t('plan.last.start'), sort: lastStart, csv: (p) => isoTime(p.lastStartTime), cell: (p) => <Time value={p.lastStartTime} />, optional: true },
    { id: 'ended', header: t('plan.last.end'), sort: (p) => p.lastEndTime ?? 0, csv: (p) => isoTime(p.lastEndTime), cell: (p) => <Time value={p.lastEndTime} />, optional: true },
    { id: 'description', header: t('description'), sort: (p) => p.description, cell: (p) => p.description || '–', optional: true },
    { id: 'mail', header: t('plan.mail'), sort: (p) => p.notificationEmail ?? '', cell: (p) => p.notificationEmail || '–', optional: true },
    { id: 'created', header: t('created'), sort: (p) => p.createdDate ?? 0, csv: (p) => isoTime(p.createdDate), cell: (p) => <Time value={p.createdDate} />, optional: true },
    { id: 'id', header: t('id'), sort: (p) => p.planId, cell: (p) => <CopyText value={p.planId} of={p.planName} />, optional: true },
  ];
  return (
    <SpaceBetween size="m">
      {overview.error === null ? null : <Failed what={t('plans.servers.failed')} error={overview.error} retry={overview.retry} />}
      {overview.drillsError === null ? null : <Failed what={t('plans.drills.failed')} error={overview.drillsError} retry={overview.retryDrills} />}
      <DataTable
        id="plans"
        title={t('nav.plans')}
        info={<Term word="plan" />}
        description={t('plans.description')}
        items={plans}
        columns={ofAccounts(scope, (p) => p.accountId, columns)}
        rowKey={(p) => p.planId}
        rowName={(p) => p.planName}
        text={(p) => [p.planName, p.description, p.planId, p.notificationEmail, scope.text(p.accountId)].join(' ')}
        loading={query.isPending || (onlyOverdue && plans.length > 0 && !overview.drillsKnown && overview.drillsError === null)}
        {...(onlyOverdue && overview.drillsKnown ? { predicate: (p: Plan) => isOverdue(overview.drill(p), config.drillMaxAgeDays, now) } : {})}
        filters={
          <Select
            ariaLabel={t('plan.drill')}
            expandToViewport
            options={drillChoices}
            selectedOption={drillChoices[onlyOverdue ? 1 : 0] ?? null}
            onChange={({ detail }) => {
              setParams({ drill: detail.selectedOption.value ?? '', page: '' });
            }}
          />
        }
        empty={t('plans.none')}
        emptyHint={
          <NextStep text={t('plans.none.hint')} steps={[
            { permission: 'create_recovery_plans', to: '/recovery-plans/new', text: t('editor.plan.create') },
            { permission: 'import_configuration', to: '/settings/transfer/import', text: t('transfer.import.start') },
          ]} />
        }
        selection={{ selected: current, set: setSelected }}
        prefetch={(p) => {
          void client.prefetchQuery(planQuery(api, p.planId));
          void import('./Plan');
        }}
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <GatedButton
              permission="view_recovery_plans"
              loading={check.isPending}
              disabledReason={current.length === 0 ? t('plans.select') : undefined}
              onClick={() => {
                check.mutate(current);
              }}
            >
              {t('ready.check.now')}
            </GatedButton>
            <GatedButton
              permission="view_recovery_plans"
              disabledReason={current.length === 2 ? undefined : t('compare.two')}
              onClick={() => void navigate(`/recovery-plans/compare?left=${current[0]?.planId ?? ''}&right=${current[1]?.planId ?? ''}`)}
            >
              {t('compare')}
            </GatedButton>
            <GatedButton
              permission="delete_recovery_plans"
              disabledReason={
                current.length === 0 ? t('plans.select') : running.length > 0 ? t('plans.delete.running', { names: running.map((p) => p.planName).join(', ') }) : undefined
              }
              onClick={() => {
                setDoomed(current);
              }}
            >
              {t('delete')}
            </GatedButton>
            <GatedButton permission="create_recovery_plans" variant="primary" onClick={() => void navigate('/recovery-plans/new')}>
              {t('editor.plan.create')}
            </GatedButton>
          </SpaceBetween>
        }
      />
      {starting === null ? null : (
        <LinkAccount value={scope.all ? (starting.plan.accountId ?? '') : ''}>
          <StartDialog plan={starting.plan} type={starting.type} onClose={() => {
            setStarting(null);
          }} />
        </LinkAccount>
      )}
      {doomed === null ? null : (
        <DeletePlans
          plans={doomed}
          onDone={() => {
            setSelected([]);
            setDoomed(null);
          }}
          onClose={() => {
            setDoomed(null);
          }}
        />
      )}
    </SpaceBetween>
  );
}

export default function Plans() {
  useTitle(t('nav.plans'));
  return (
    <AccountGate all>
      <List />
    </AccountGate>
  );
}
