import Alert from '@cloudscape-design/components/alert';
import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { lazy, Suspense, useState } from 'react';
import { useNavigate, useParams, useSearchParams } from 'react-router';
import type { Schemas } from '../api/client';
import '../i18n/more';
import '../i18n/plan';
import { useExecutions, useGroups, usePlan, usePlans } from '../api/queries';
import { useConfig } from '../app/context';
import { useFeatures } from '../app/features';
import { useTitle } from '../app/page';
import { useSetParams } from '../app/params';
import { usePermissions } from '../app/permissions';
import { CopyText } from '../components/CopyText';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import { Link } from '../components/Link';
import { Loaded } from '../components/Loaded';
import { Skeleton } from '../components/Skeleton';
import { Status } from '../components/Status';
import Table from '../components/Table';
import { Term } from '../components/Term';
import { Elapsed, Time } from '../components/Time';
import { TypeBadge } from '../components/TypeBadge';
import { targetsOf } from '../execution/objectives';
import '../i18n/plans';
import { t } from '../i18n/t';
import { isTerminal } from '../lib/status';
import { formatSeconds } from '../lib/time';
import { DeletePlans } from '../plans/DeletePlans';
import { PlanMenu, type Start } from '../plans/PlanMenu';
import { VerdictNow, waveOf } from '../plans/PlanState';
import { StartDialog } from '../plans/StartDialog';
import { blockedBecause, layers, subscriptionOf } from '../plans/state';

const PlanGraph = lazy(() => import('../plans/PlanGraph'));
const ResourceAudit = lazy(() => import('../audit/ResourceAudit'));
const PlanSchedules = lazy(() => import('../schedules/PlanSchedules'));

type Plan = Schemas['RecoveryPlan'];

/** Who is told, and whether SNS has been allowed to. */
function Mail({ plan }: { plan: Plan }) {
  const mail = plan.notificationEmail ?? '';
  if (mail === '') {
    return '–';
  }
  const state = subscriptionOf(plan);
  return <StatusIndicator type={state === 'active' ? 'success' : 'pending'}>{t(`mail.${state}`, { mail })}</StatusIndicator>;
}

function Waves({ plan }: { plan: Plan }) {
  const groups = useGroups('').data?.groups ?? [];
  const name = (id: string) => groups.find((g) => g.groupId === id)?.groupName ?? id;
  const stages = layers(plan.waves);
  const stageOf = (wave: number) => stages.findIndex((s) => s.includes(wave)) + 1;
  return (
    <Table
      items={[...plan.waves].sort((a, b) => a.waveNumber - b.waveNumber)}
      trackBy={(w) => String(w.waveNumber)}
      header={<Header variant="h2" info={<Term word="wave" />}>{t('waves')}</Header>}
      ariaLabels={{ tableLabel: t('waves') }}
      columnDefinitions={[
        {
          id: 'name',
          header: t('wave'),
          isRowHeader: true,
          cell: (w) => t('wave.name', { number: w.waveNumber + 1, name: w.waveName }),
        },
        { id: 'stage', header: t('plan.stage'), cell: (w) => stageOf(w.waveNumber) },
        {
          id: 'depends',
          header: t('plan.depends'),
          cell: (w) => (w.dependsOnWaves.length === 0 ? '–' : w.dependsOnWaves.map((n) => n + 1).join(', ')),
        },
        {
          id: 'groups',
          header: t('nav.groups'),
          cell: (w) => (
            <ul className="plain-list">
              {w.protectionGroupIds.map((id) => (
                <li key={id}>
                  <Link to={`/protection-groups/${id}`}>{name(id)}</Link>
                </li>
              ))}
            </ul>
          ),
        },
        {
          id: 'servers',
          header: t('servers'),
          cell: (w) => (w.serverSelection === 'SUBSET' ? t('plan.servers.chosen', { count: w.serverIds.length }) : t('plan.servers.all')),
        },
        {
          id: 'pause',
          header: t('plan.pause'),
          cell: (w) => (w.pauseBeforeWave ? <Badge color="severity-medium">{t('plan.pause.before')}</Badge> : '–'),
        },
        { id: 'policy', header: t('plan.policy'), cell: (w) => t(`policy.${w.failurePolicy ?? 'FAIL_FAST'}`) },
      ]}
    />
  );
}

function Runs({ plan }: { plan: Plan }) {
  const query = useExecutions({ planId: plan.planId }, 10);
  const runs = query.data?.pages[0]?.items ?? [];
  if (query.isError && query.data === undefined) {
    return <Failed what={t('executions.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  return (
    <Table
      items={runs}
      trackBy={(e) => e.executionId}
      loading={query.isPending}
      loadingText={t('loading')}
      header={<Header variant="h2">{t('plan.runs')}</Header>}
      ariaLabels={{ tableLabel: t('plan.runs') }}
      empty={<Box textAlign="center">{t('plan.never')}</Box>}
      columnDefinitions={[
        {
          id: 'started',
          header: t('started'),
          isRowHeader: true,
          cell: (e) => (
            <Link to={`/executions/${e.executionId}`}>
              <Time value={e.startTime} />
            </Link>
          ),
        },
        { id: 'status', header: t('status'), cell: (e) => <Status value={e.status} kind="execution" /> },
        { id: 'type', header: t('type'), cell: (e) => <TypeBadge type={e.executionType} /> },
        { id: 'duration', header: t('duration'), cell: (e) => <Elapsed from={e.startTime} to={e.endTime} /> },
        { id: 'by', header: t('initiatedBy'), cell: (e) => e.initiatedBy },
      ]}
    />
  );
}

/** Servers that others use now: the list of plans knows. */
function useBlocked(plan: Plan): { reason: string | null; by: string | null } {
  const listed = usePlans(plan.accountId ?? '').data?.plans.find((p) => p.planId === plan.planId);
  return { reason: listed === undefined ? null : blockedBecause(listed), by: listed?.conflictInfo?.conflictingExecutionId ?? null };
}

function Blocked({ reason, by }: ReturnType<typeof useBlocked>) {
  return reason === null ? null : (
    <Alert type="warning" header={t('plan.blocked')}>
      {reason} {by === null ? null : <Link to={`/executions/${by}`}>{t('start.conflict.run')}</Link>}
    </Alert>
  );
}

function Page({ plan }: { plan: Plan }) {
  const navigate = useNavigate();
  const latest = useExecutions({ planId: plan.planId }, 10).data?.pages[0]?.items[0];
  const config = useConfig();
  const [params] = useSearchParams();
  const setParams = useSetParams();
  const [deleting, setDeleting] = useState(false);
  const asked = params.get('start');
  const gate = usePermissions();
  const features = useFeatures();
  useTitle(plan.planName);
  const running = latest !== undefined && !isTerminal(latest.status);
  const why = running ? t('plan.running') : undefined;
  const blocked = useBlocked(plan);
  const targets = targetsOf(plan, config);
  // the command palette leads here with start=DRILL
  const off = (type: Start) => type === 'RECOVERY' && !features.has('recovery');
  const starting = (asked === 'DRILL' || asked === 'RECOVERY') && !off(asked) && !running && gate.can('start_recovery') ? asked : null;
  const startButton = (type: Start) => (
    <GatedButton
      permission="start_recovery"
      variant={type === 'DRILL' ? 'primary' : 'normal'}
      disabled={running || off(type) || blocked.reason !== null}
      disabledReason={off(type) ? t('start.RECOVERY.off') : why ?? blocked.reason ?? undefined}
      onClick={() => {
        setParams({ start: type });
      }}
    >
      {t(`start.${type}`)}
    </GatedButton>
  );
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={plan.description}
        actions={
          <SpaceBetween size="xs" direction="horizontal" alignItems="center">
            <Link to={`/recovery-plans/${plan.planId}/readiness`}>{t('ready.link')}</Link>
            <PlanMenu plan={plan} running={running} blocked={null} remove={() => {
              setDeleting(true);
            }} />
            <GatedButton permission="modify_recovery_plans" disabled={running} disabledReason={why} onClick={() => void navigate(`/recovery-plans/${plan.planId}/edit`)}>
              {t('edit')}
            </GatedButton>
            {startButton('RECOVERY')}
            {startButton('DRILL')}
          </SpaceBetween>
        }
      >
        {plan.planName}
      </Header>
      {running ? (
        <Alert type="info" action={<Link to={`/executions/${latest.executionId}`}>{t('plan.run.show')}</Link>}>
          <Status value={latest.status} kind="execution" /> {t('plan.running.wave', { wave: waveOf(latest) })}
        </Alert>
      ) : (
        <Blocked {...blocked} />
      )}
      <Container>
        <KeyValuePairs
          columns={4}
          items={[
            { label: t('account'), value: plan.accountId ?? '–' },
            { label: t('plan.readiness'), value: <VerdictNow planId={plan.planId} /> },
            { label: t('member.rto'), value: formatSeconds(targets.rtoSeconds) },
            { label: t('member.rpo'), value: formatSeconds(targets.rpoSeconds) },
            { label: t('plan.mail'), value: <Mail plan={plan} /> },
            { label: t('plan.parallel'), value: plan.maxParallelWaves ?? 1 },
            { label: t('plan.priority'), value: plan.priority ?? 5 },
            { label: t('version'), value: plan.version },
            { label: t('modified'), value: <Time value={plan.lastModifiedDate} /> },
            { label: t('created'), value: <Time value={plan.createdDate} /> },
            { label: t('id'), value: <CopyText value={plan.planId} of={plan.planName} /> },
          ]}
        />
      </Container>
      <Container header={<Header variant="h2">{t('plan.order')}</Header>}>
        <Suspense fallback={<Skeleton />}>
          <PlanGraph plan={plan} />
        </Suspense>
      </Container>
      <Waves plan={plan} />
      <Runs plan={plan} />
      {features.has('schedules') ? (
        <Suspense>
          <PlanSchedules planId={plan.planId} />
        </Suspense>
      ) : null}
      <Suspense>
        <ResourceAudit resourceId={plan.planId} name={plan.planName} />
      </Suspense>
      {starting === null ? null : (
        <StartDialog plan={plan} type={starting} onClose={() => {
          setParams({ start: '' });
        }} />
      )}
      {deleting ? (
        <DeletePlans
          plans={[plan]}
          onDone={() => void navigate('/recovery-plans')}
          onClose={() => {
            setDeleting(false);
          }}
        />
      ) : null}
    </SpaceBetween>
  );
}

export default function PlanPage() {
  const { planId = '' } = useParams();
  return (
    <Loaded query={usePlan(planId)} failed={t('plan.failed')}>
      {(plan) => <Page plan={plan} />}
    </Loaded>
  );
}
