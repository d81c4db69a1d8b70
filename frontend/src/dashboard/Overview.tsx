import Box from '@cloudscape-design/components/box';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import PieChart from '@cloudscape-design/components/pie-chart';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { lazy, Suspense, useEffect, useMemo, useRef } from 'react';
import { useLocation } from 'react-router';
import type { Schemas } from '../api/client';
import { useCapacity, useGroups, usePlans } from '../api/queries';
import { useAccountScope } from '../app/account';
import { useConfig } from '../app/context';
import { ofAccounts } from '../components/accounts';
import { DataTable, type Column } from '../components/DataTable';
import { Failed } from '../components/Failed';
import { Link } from '../components/Link';
import { Skeleton } from '../components/Skeleton';
import { Status } from '../components/Status';
import { Ago, useNow } from '../components/Time';
import { Tile } from '../components/Tile';
import '../i18n/overview';
import '../i18n/places';
import { hasMessage, t } from '../i18n/t';
import { humanize, indicatorOf } from '../lib/status';
import { happened } from '../lib/stored';
import { formatSeconds, isoTime, toDate } from '../lib/time';
import { nameOf, serverHref } from '../servers/facts';
import { useInventory, useRegionStates, type RegionState } from '../servers/inventory';
import { CapacityBox } from './CapacityBox';
import { Checklist } from './Checklist';
import { busyPlaces, groupFacts, leftRunning, planFacts, slices, worstLag, type Instance, type PlanFacts } from './facts';
import { useAccountInstances, useLastDrills } from './queries';

const Trends = lazy(() => import('./Trends'));

/** The list of instances that drills left, in the address. */
const LEFT = '#drill-instances';
const MINUTE_MS = 60_000;
/** States of Regions that nobody has to look after. */
const QUIET = ['ACTIVE', 'NOT_INITIALIZED', 'REGION_NOT_ENABLED', 'REGION_NOT_OPTED_IN'];

function nameOfStatus(status: string): string {
  const id = `execution.${status}`;
  return hasMessage(id) ? t(id) : humanize(status);
}

/** Colours of the other charts; the name stands beside each slice. */
function colorOf(status: string): string {
  switch (indicatorOf(status)) {
    case 'success':
      return 'var(--drs-success)';
    case 'error':
      return 'var(--drs-error)';
    case 'warning':
      return 'var(--drs-warning)';
    case 'stopped':
      return 'var(--drs-inactive)';
    default:
      return 'var(--drs-info)';
  }
}

function Outcomes({ past, history }: { past: readonly Schemas['Execution'][] | undefined; history: (status: string) => string }) {
  const data = slices((past ?? []).map((e) => e.status)).map(({ status, count }) => ({ title: nameOfStatus(status), value: count, status, color: colorOf(status) }));
  const total = data.reduce((sum, d) => sum + d.value, 0);
  return (
    <Container fitHeight header={<Header variant="h2">{t('dashboard.outcomes')}</Header>}>
      <PieChart
        data={data}
        variant="donut"
        size="small"
        hideFilter
        innerMetricValue={String(total)}
        innerMetricDescription={t('dashboard.runs')}
        segmentDescription={(d, sum) => t('dashboard.share', { count: d.value, percent: Math.round((d.value / sum) * 100) })}
        detailPopoverContent={(d, sum) => [
          { key: t('dashboard.runs'), value: d.value },
          { key: t('dashboard.percent'), value: `${String(Math.round((d.value / sum) * 100))} %` },
        ]}
        detailPopoverFooter={(d) => <Link to={history(d.status)}>{t('dashboard.show')}</Link>}
        ariaLabel={t('dashboard.outcomes')}
        ariaDescription={data.map((d) => `${d.title}: ${String(d.value)}`).join(', ')}
        i18nStrings={{ chartAriaRoleDescription: t('dashboard.chart'), segmentAriaRoleDescription: t('dashboard.slice') }}
        empty={
          past === undefined ? t('status.unknown') : (
            <SpaceBetween size="xs" alignItems="center">
              <Box>{t('dashboard.outcomes.none')}</Box>
              <Link to="/recovery-plans">{t('nav.plans')}</Link>
            </SpaceBetween>
          )
        }
      />
    </Container>
  );
}

function dueText({ overdue }: PlanFacts): string {
  return t(overdue === null ? 'status.unknown' : overdue ? 'dashboard.due.over' : 'dashboard.due.fine');
}

function planColumns(): Column<PlanFacts>[] {
  return [
    { id: 'plan', header: t('plan'), name: true, sort: (p) => p.planName, cell: (p) => <Link to={`/recovery-plans/${p.planId}`}>{p.planName}</Link> },
    {
      id: 'drill',
      header: t('dashboard.drill'),
      sort: (p) => p.drill?.startTime ?? 0,
      csv: (p) => isoTime(p.drill?.endTime ?? p.drill?.startTime),
      cell: (p) =>
        p.overdue === null ? t('status.unknown') : p.drill === null ? t('dashboard.drill.none') : (
          <Link to={`/executions/${p.drill.executionId}`}>
            <Ago value={p.drill.endTime ?? p.drill.startTime} />
          </Link>
        ),
    },
    {
      id: 'due',
      header: t('dashboard.due'),
      sort: (p) => (p.overdue === false ? 1 : 0),
      csv: dueText,
      cell: (p) => <StatusIndicator type={p.overdue === null ? 'stopped' : p.overdue ? 'warning' : 'success'}>{dueText(p)}</StatusIndicator>,
    },
    {
      id: 'lag',
      header: t('dashboard.rpo'),
      sort: (p) => p.lag ?? -1,
      csv: (p) => p.lag,
      cell: (p) =>
        p.missed ? (
          <StatusIndicator type="error">{t('dashboard.rpo.missed', { lag: formatSeconds(p.lag), rpo: formatSeconds(p.rpo) })}</StatusIndicator>
        ) : p.rpo === null ? (
          formatSeconds(p.lag)
        ) : (
          <StatusIndicator type="success">{t('dashboard.rpo.met', { lag: formatSeconds(p.lag), rpo: formatSeconds(p.rpo) })}</StatusIndicator>
        ),
    },
    {
      id: 'servers',
      header: t('servers'),
      sort: (p) => p.servers ?? -1,
      cell: (p) =>
        p.servers === null ? '–' : p.notReady === 0 ? p.servers : (
          <StatusIndicator type="warning">{t('dashboard.notready.of', { count: p.notReady, total: p.servers })}</StatusIndicator>
        ),
    },
  ];
}

function instanceColumns(): Column<Instance>[] {
  return [
    { id: 'instance', header: t('instance'), name: true, sort: (i) => i.ec2InstanceId, cell: (i) => i.ec2InstanceId },
    {
      id: 'run',
      header: t('dashboard.left.run'),
      sort: (i) => i.sourcePlanName ?? '',
      cell: (i) =>
        i.sourceExecutionId === undefined ? (i.sourcePlanName ?? t('dashboard.left.norun')) : (
          <Link to={`/executions/${i.sourceExecutionId}`}>{i.sourcePlanName ?? i.sourceExecutionId}</Link>
        ),
    },
    { id: 'server', header: t('server'), sort: (i) => i.sourceServerId, cell: (i) => <Link to={serverHref(i.sourceServerId, i.accountId, i.region)}>{i.sourceServerId}</Link> },
    { id: 'state', header: t('state'), sort: (i) => i.ec2InstanceState, cell: (i) => humanize(i.ec2InstanceState) },
    { id: 'since', header: t('launchedAt'), sort: (i) => toDate(i.launchTime)?.getTime() ?? 0, csv: (i) => isoTime(i.launchTime), cell: (i) => <Ago value={i.launchTime} /> },
    { id: 'region', header: t('region'), sort: (i) => i.region, cell: (i) => i.region },
  ];
}

function regionColumns(): Column<RegionState>[] {
  return [
    { id: 'region', header: t('region'), name: true, sort: (r) => r.region, cell: (r) => r.region },
    { id: 'status', header: t('status'), sort: (r) => r.status, cell: (r) => <Status value={r.status} kind="region" /> },
    { id: 'servers', header: t('servers'), sort: (r) => r.serverCount, cell: (r) => r.serverCount },
    { id: 'message', header: t('problem'), sort: (r) => r.errorMessage ?? '', cell: (r) => r.errorMessage || '–' },
    { id: 'seen', header: t('dashboard.region.read'), sort: (r) => r.lastUpdated, cell: (r) => <Ago value={r.lastUpdated} /> },
  ];
}

/** Everything of the dashboard that is not needed at the first moment. */
export default function Overview({ past, anyRun, history }: {
  /** Runs of the period that ended; undefined: not known. */
  past: readonly Schemas['Execution'][] | undefined;
  /** Something runs or has run; undefined: not known. */
  anyRun: boolean | undefined;
  /** The list of runs that ended so in the period. */
  history: (status: string) => string;
}) {
  const scope = useAccountScope();
  const { all, accountId, accountIds } = scope;
  const { drillMaxAgeDays, instancesLeftHours } = useConfig();
  const location = useLocation();
  const leftList = useRef<HTMLDivElement>(null);
  const now = useNow(MINUTE_MS);
  const plans = usePlans(accountId);
  const groups = useGroups(accountId);
  const drills = useLastDrills(accountId, plans.data?.plans);
  const inventory = useInventory(accountIds);
  const states = useRegionStates(accountIds);
  const capacity = useCapacity(all ? null : accountId);
  const found = useAccountInstances(capacity.data === undefined ? [] : busyPlaces(capacity.data, accountIds));
  const { rows } = inventory;
  const serversKnown = inventory.error === null || rows.length > 0;
  const byGroup = useMemo(() => groupFacts(rows), [rows]);
  const worst = useMemo(() => worstLag(rows), [rows]);
  const facts = useMemo(
    () => planFacts(plans.data?.plans ?? [], serversKnown ? rows : null, drills.data ?? null, drillMaxAgeDays, now),
    [plans.data, rows, serversKnown, drills.data, drillMaxAgeDays, now],
  );
  const left = useMemo(() => leftRunning(found.instances, now, instancesLeftHours), [found.instances, now, instancesLeftHours]);
  const anyLeft = left.length > 0;
  useEffect(() => {
    if (anyLeft && location.hash === LEFT) {
      leftList.current?.scrollIntoView({ block: 'start' });
      leftList.current?.focus({ preventScroll: true });
    }
  }, [location, anyLeft]);
  const columns = useMemo(() => ({
    plans: ofAccounts(scope, (p) => p.accountId, planColumns()),
    instances: ofAccounts(scope, (i) => i.accountId, instanceColumns()),
    regions: ofAccounts(scope, (r) => r.accountId, regionColumns()),
  }), [scope]);
  const overdue = facts.filter((f) => f.overdue).length;
  const sick = byGroup.filter((g) => g.notReady > 0);
  const known = plans.data !== undefined && drills.data !== undefined;
  const regions = states.regions.filter((r) => r.serverCount > 0 || !QUIET.includes(r.status));
  const drilled = anyRun === true || (drills.data ?? []).length > 0;
  const leftKnown = capacity.data !== undefined && !found.pending && found.error === null;
  const serversMissing = inventory.pending || !serversKnown;
  /** What a tile says of figures that are not there. */
  const missing = (failed: boolean) => t(failed ? 'status.unknown' : 'loading');
  return (
    <SpaceBetween size="l">
      {plans.data === undefined || groups.data === undefined || drills.data === undefined || anyRun === undefined ? null : (
        <Checklist
          steps={{
            account: true,
            group: groups.data.groups.length > 0,
            plan: plans.data.plans.length > 0,
            ready: drilled || plans.data.plans.some((p) => happened(`ready:${p.planId}`)),
            drill: drilled,
          }}
          planId={plans.data.plans[0]?.planId ?? null}
        />
      )}
      {inventory.error === null ? null : <Failed what={t('dashboard.servers.failed')} error={inventory.error} retry={inventory.retry} />}
      <ColumnLayout columns={4} minColumnWidth={160}>
        <Tile
          label={t('dashboard.notready')}
          value={serversMissing ? '–' : sick.length}
          hint={
            serversMissing ? missing(!serversKnown)
            : sick.length === 0 ? t('dashboard.groups', { count: byGroup.length })
            : sick.slice(0, 3).map((g) => g.groupName).join(', ')
          }
          {...(sick.length > 0 ? { level: 'warning' as const } : {})}
          to="/servers?show=notready"
        />
        <Tile
          label={t('dashboard.worst')}
          value={formatSeconds(worst?.seconds)}
          hint={worst !== null ? nameOf(worst.server) : serversMissing ? missing(!serversKnown) : t('dashboard.worst.none')}
          to={worst === null ? '/servers' : scope.href(serverHref(worst.server.sourceServerID, worst.server.accountId, worst.server.region), worst.server.accountId)}
        />
        <Tile
          label={t('dashboard.overdue', { days: drillMaxAgeDays })}
          value={known ? overdue : '–'}
          hint={known ? t('dashboard.plans', { count: facts.length }) : missing(plans.isError || drills.isError)}
          {...(known && overdue > 0 ? { level: 'warning' as const } : {})}
          to="/recovery-plans?drill=overdue"
        />
        <Tile
          label={t('dashboard.left', { hours: instancesLeftHours })}
          value={leftKnown ? left.length : anyLeft ? `${String(left.length)}+` : '–'}
          hint={leftKnown ? t('dashboard.left.all', { count: found.instances.length }) : missing(capacity.isError || found.error !== null)}
          {...(left.length > 0 ? { level: 'warning' as const } : {})}
          to={anyLeft ? `/${location.search}${LEFT}` : '/executions?tab=history&type=DRILL'}
        />
      </ColumnLayout>
      <ColumnLayout columns={2} minColumnWidth={320}>
        <Outcomes past={past} history={history} />
        <CapacityBox accountId={all ? null : accountId} query={capacity} />
      </ColumnLayout>
      {past === undefined || past.length === 0 || plans.data === undefined ? null : (
        <Suspense fallback={<Skeleton />}>
          <Trends past={past} plans={plans.data.plans} />
        </Suspense>
      )}
      {found.error === null ? null : <Failed what={t('dashboard.left.failed')} error={found.error} retry={found.retry} />}
      {anyLeft ? (
        <div ref={leftList} tabIndex={-1}>
          <DataTable
            id="dashboard-left"
            variant="container"
            title={t('dashboard.left.title', { hours: instancesLeftHours })}
            description={t('dashboard.left.description')}
            items={left}
            columns={columns.instances}
            rowKey={(i) => i.recoveryInstanceId}
            text={(i) => [i.ec2InstanceId, i.sourceServerId, i.sourcePlanName, scope.text(i.accountId)].join(' ')}
            loading={false}
            empty=""
          />
        </div>
      ) : null}
      {drills.isError ? <Failed what={t('dashboard.drills.failed')} error={drills.error} retry={() => void drills.refetch()} /> : null}
      {plans.isError && plans.data === undefined ? (
        <Failed what={t('dashboard.plans.failed')} error={plans.error} retry={() => void plans.refetch()} />
      ) : (
        <DataTable
          id="dashboard-plans"
          variant="container"
          title={t('dashboard.readiness')}
          description={t('dashboard.readiness.description', { days: drillMaxAgeDays })}
          items={facts}
          columns={columns.plans}
          rowKey={(p) => p.planId}
          text={(p) => [p.planName, scope.text(p.accountId)].join(' ')}
          loading={plans.isPending || drills.isLoading}
          empty={t('dashboard.plans.none')}
          emptyHint={<Link to="/recovery-plans/new">{t('dashboard.plans.create')}</Link>}
        />
      )}
      {states.error === null ? null : <Failed what={t('dashboard.regions.failed')} error={states.error} retry={states.retry} />}
      {states.error !== null && regions.length === 0 ? null : (
        <DataTable
          id="dashboard-regions"
          variant="container"
          title={t('dashboard.regions')}
          description={t('dashboard.regions.description')}
          items={regions}
          columns={columns.regions}
          rowKey={(r) => `${r.accountId} ${r.region}`}
          text={(r) => [r.region, scope.text(r.accountId)].join(' ')}
          loading={states.pending}
          empty={t('dashboard.regions.none')}
        />
      )}
    </SpaceBetween>
  );
}
