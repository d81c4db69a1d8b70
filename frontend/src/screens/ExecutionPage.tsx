import Alert, { type AlertProps } from '@cloudscape-design/components/alert';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { lazy, Suspense, useDeferredValue, type ReactNode } from 'react';
import { useParams, useSearchParams } from 'react-router';
import type { Schemas } from '../api/client';
import '../i18n/live';
import '../i18n/more';
import '../i18n/runs';
import { toApiError } from '../api/error';
import { useExecution } from '../api/queries';
import { useParam, useSetParams } from '../app/params';
import { useTitle } from '../app/page';
import { Announce } from '../components/Announce';
import { CopyText } from '../components/CopyText';
import { Failed } from '../components/Failed';
import { PageFailed } from '../components/PageFailed';
import { Skeleton } from '../components/Skeleton';
import { Status, statusText } from '../components/Status';
import { Term } from '../components/Term';
import { Elapsed, Time, useNow } from '../components/Time';
import { TypeBadge } from '../components/TypeBadge';
import { canTerminate, ExecutionActions, TerminateButton } from '../execution/actions';
import { Decisions } from '../execution/Decisions';
import { useFacts } from '../execution/facts';
import { ObjectivesPanel } from '../execution/ObjectivesPanel';
import { HeldUnit } from '../execution/operator';
import { PausePanel } from '../execution/PausePanel';
import { ServerPanel } from '../execution/ServerPanel';
import { Source } from '../execution/Source';
import { Termination, TerminationBadge } from '../execution/Termination';
import { Timeline } from '../execution/Timeline';
import { WaveSection } from '../execution/WaveSection';
import { t } from '../i18n/t';
import { humanize, isTerminal, wavesOver } from '../lib/status';
import NotFound from './NotFound';

const ResourceAudit = lazy(() => import('../audit/ResourceAudit'));
const ExecutionGraph = lazy(() => import('../execution/ExecutionGraph'));
const EventLog = lazy(() => import('../execution/EventLog'));
const Matrix = lazy(() => import('../execution/Matrix'));

type Execution = Schemas['Execution'];

/** What needs the operator's attention, on top of everything. */
function bannersOf(execution: Execution): ReactNode[] {
  const { status, error, outcomeSummary } = execution;
  const out: ReactNode[] = (execution.waves ?? [])
    .flatMap((w) => (w.launchUnits ?? []).filter((u) => u.state === 'HELD'))
    .map((unit) => <HeldUnit key={unit.unitId} execution={execution} unit={unit} />);
  if (status === 'PAUSE_PENDING') {
    out.push(
      <Alert key="pausing" type="info" header={t('paused.pending')}>
        {t('paused.pending.text')}
      </Alert>,
    );
  }
  if (error !== undefined && error.message !== outcomeSummary) {
    out.push(
      <Alert key="error" type="error" header={error.code ?? t('failed')}>
        {error.message}
      </Alert>,
    );
  }
  if (isTerminal(status) && outcomeSummary !== undefined) {
    const { serversLaunched = 0, serversFailed = 0, serversCancelled = 0, totalServers } = execution.outcomeDetails ?? {};
    // a cancel leaves what was launched, and the run is PARTIAL then: that is what to see to next
    const cancelled = status === 'CANCELLED' || (execution.waves ?? []).some((w) => w.status === 'CANCELLED');
    const left = cancelled && canTerminate(execution);
    // what the server says of the servers is below, in words of this console
    const [waves = ''] = totalServers === undefined ? [outcomeSummary] : outcomeSummary.split(';');
    out.push(
      <Alert key="outcome" type={OUTCOME[status] ?? 'error'} action={left ? <TerminateButton execution={execution} /> : null} header={waves.replace(/^[A-Z_]+(?=:)/, (word) => statusText(word, 'execution'))}>
        {totalServers === undefined ? null : t('outcome.counts', { launched: serversLaunched, failed: serversFailed, cancelled: serversCancelled, total: totalServers })}
        {left ? <div>{t('outcome.left')}</div> : null}
      </Alert>,
    );
  }
  return out;
}

const OUTCOME: Partial<Record<Execution['status'], AlertProps.Type>> = { COMPLETED: 'success', CANCELLED: 'info', PARTIAL: 'warning' };

function regionsOf(execution: Execution): string[] {
  return [...new Set((execution.waves ?? []).flatMap((w) => (w.launchUnits ?? []).map((u) => u.region)))].sort();
}

function Summary({ execution }: { execution: Execution }) {
  const accounts = execution.accountContexts ?? [];
  return (
    <Container>
      <SpaceBetween size="l">
        <ProgressBar
          label={t('progress')}
          value={execution.percentComplete ?? 0}
          additionalInfo={t('progress.waves', {
            done: wavesOver(execution.waves ?? []),
            total: execution.totalWaves ?? 0,
          })}
        />
        <KeyValuePairs
          columns={4}
          items={[
            { label: t('status'), value: <Status value={execution.status} kind="execution" /> },
            { label: t('started'), value: <Time value={execution.startTime} /> },
            { label: t('ended'), value: <Time value={execution.endTime} /> },
            { label: t('duration'), value: <Elapsed from={execution.startTime} to={execution.endTime} /> },
            { label: t('initiatedBy'), value: execution.initiatedBy ?? '–' },
            { label: t('source'), value: <Source open run={execution} /> },
            {
              label: t('accounts'),
              value: accounts.length === 0 ? (execution.accountId ?? '–') : accounts.map((a) => a.accountId).join(', '),
            },
            { label: t('report.regions'), value: regionsOf(execution).join(', ') || '–' },
            { label: t('report.reason'), value: execution.reason ?? '–' },
            { label: t('recoveryPoint'), value: execution.recoveryPoint === undefined ? '–' : humanize(execution.recoveryPoint) },
            { label: t('executionId'), value: <CopyText value={execution.executionId} of={execution.planName} /> },
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}

/** A part of the page that is loaded when it is opened; whether it is open is in the address. */
function Part({ name, title, byItself = false, children }: { name: string; title: string; byItself?: boolean; children: ReactNode }) {
  const [chosen, choose] = useParam(name);
  const open = chosen === '' ? byItself : chosen === 'open';
  return (
    <ExpandableSection
      variant="container"
      headingTagOverride="h2"
      headerText={title}
      expanded={open}
      onChange={({ detail }) => {
        choose(detail.expanded === byItself ? '' : detail.expanded ? 'open' : 'closed');
      }}
    >
      {open ? <Suspense fallback={<Skeleton />}>{children}</Suspense> : null}
    </ExpandableSection>
  );
}

/** With more servers the cells are shown on request. */
const GLANCE = 300;

const serversIn = (waves: readonly Schemas['ExecWave'][]) => waves.reduce((sum, w) => sum + (w.totalServers ?? w.serverCount ?? 0), 0);

function Run({ execution, error, retry }: { execution: Execution; error: unknown; retry: () => void }) {
  // the drawing may lag behind what one reads and clicks
  const calm = useDeferredValue(execution);
  const facts = useFacts(execution);
  const now = useNow(isTerminal(execution.status) ? null : 5_000);
  const [params] = useSearchParams();
  const setParams = useSetParams();
  const serverId = params.get('server') ?? '';
  const waves = execution.waves ?? [];
  const banners = bannersOf(execution);
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        actions={<ExecutionActions execution={execution} refresh={retry} />}
        description={execution.recoveryPlanDescription === '' ? undefined : execution.recoveryPlanDescription}
        info={
          <SpaceBetween size="xs" direction="horizontal">
            <TypeBadge type={execution.executionType} />
            <Term word={execution.executionType === 'RECOVERY' ? 'recovery' : 'drill'} />
            <TerminationBadge execution={execution} />
          </SpaceBetween>
        }
      >
        {execution.planName}
      </Header>
      {error === null ? null : <Failed what={t('stale')} error={error} retry={retry} />}
      {banners.length === 0 ? null : <SpaceBetween size="xs">{banners}</SpaceBetween>}
      {execution.status === 'PAUSED' ? <PausePanel execution={execution} /> : null}
      {execution.terminationInitiatedAt === undefined ? null : <Termination execution={execution} />}
      <Summary execution={execution} />
      <Decisions execution={execution} />
      <ObjectivesPanel execution={execution} facts={facts} />
      <Timeline execution={execution} pauses={facts.pauses ?? []} forecast={facts.forecastAt(now)} targets={facts.targets} />
      <Part name="matrix" title={t('matrix.title')} byItself={!isTerminal(execution.status) && serversIn(waves) <= GLANCE}>
        <Matrix executionId={execution.executionId} waves={calm.waves ?? []} />
      </Part>
      <Container header={<Header variant="h2">{t('plan.order')}</Header>}>
        <Suspense fallback={<Skeleton />}>
          <ExecutionGraph waves={calm.waves} />
        </Suspense>
      </Container>
      {waves.map((wave) => (
        <WaveSection key={wave.waveNumber} executionId={execution.executionId} planId={execution.planId} status={execution.status} pauseReason={execution.pauseReason} wave={wave} />
      ))}
      <Part name="log" title={t('log.title')}>
        <EventLog execution={execution} />
      </Part>
      {serverId === '' ? null : (
        <ServerPanel execution={execution} serverId={serverId} onClose={() => {
          setParams({ server: '' });
        }} />
      )}
      <Suspense>
        <ResourceAudit resourceId={execution.executionId} name={execution.planName} />
      </Suspense>
      <div className="action-bar-space" />
      <Announce
        urgent={execution.status}
        text={t('announce', { status: statusText(execution.status, 'execution'), done: wavesOver(waves), total: execution.totalWaves, percent: execution.percentComplete ?? 0 })}
      />
    </SpaceBetween>
  );
}

export default function ExecutionPage() {
  const { executionId = '' } = useParams();
  const query = useExecution(executionId);
  const execution = query.data;
  useTitle(execution?.planName ?? executionId);
  if (execution === undefined) {
    if (query.isPending) {
      return <Skeleton page text={t('execution.loading')} />;
    }
    return toApiError(query.error).status === 404 ? (
      <NotFound />
    ) : (
      <PageFailed what={t('execution.failed')} error={query.error} retry={() => void query.refetch()} />
    );
  }
  return <Run execution={execution} error={query.isError ? query.error : null} retry={() => void query.refetch()} />;
}
