import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useParams } from 'react-router';
import type { Schemas } from '../api/client';
import '../i18n/more';
import { toApiError } from '../api/error';
import { useExecution, useTermination } from '../api/queries';
import { useTitle } from '../app/page';
import { Failed } from '../components/Failed';
import { Status } from '../components/Status';
import { Elapsed, Time } from '../components/Time';
import { TypeBadge } from '../components/TypeBadge';
import { ExecutionActions } from '../execution/actions';
import { HeldUnit } from '../execution/operator';
import { JobEvents } from '../execution/JobEvents';
import { Timeline } from '../execution/Timeline';
import { WaveSection } from '../execution/WaveSection';
import { t } from '../i18n/t';
import { isTerminal, wavesOver } from '../lib/status';
import NotFound from './NotFound';

type Execution = Schemas['Execution'];

/** What needs the operator's attention, on top of everything. */
function Banners({ execution }: { execution: Execution }) {
  const { status } = execution;
  const waves = execution.waves ?? [];
  const held = waves.flatMap((w) => (w.launchUnits ?? []).filter((u) => u.state === 'HELD'));
  const before = waves.find((w) => w.waveNumber === execution.pausedBeforeWave);
  return (
    <SpaceBetween size="xs">
      {status === 'PAUSED' ? (
        <Alert type="warning" header={t(`paused.${execution.pauseReason ?? 'REQUESTED'}`)}>
          {before === undefined
            ? t('paused.text')
            : t('paused.before', { wave: t('wave.name', { number: before.waveNumber + 1, name: before.waveName }) })}{' '}
          {execution.pausedBy === undefined ? null : t('paused.by', { user: execution.pausedBy })}{' '}
          <Elapsed from={execution.pausedAt} />
        </Alert>
      ) : null}
      {status === 'PAUSE_PENDING' ? <Alert type="info" header={t('paused.pending')}>{t('paused.pending.text')}</Alert> : null}
      {held.map((unit) => (
        <HeldUnit key={unit.unitId} execution={execution} unit={unit} />
      ))}
      {execution.error === undefined || execution.error.message === execution.outcomeSummary ? null : (
        <Alert type="error" header={execution.error.code ?? t('failed')}>
          {execution.error.message}
        </Alert>
      )}
      {isTerminal(status) && execution.outcomeSummary !== undefined ? (
        <Alert
          type={status === 'COMPLETED' ? 'success' : status === 'CANCELLED' ? 'info' : status === 'PARTIAL' ? 'warning' : 'error'}
          header={execution.outcomeSummary}
        />
      ) : null}
      <Termination execution={execution} />
    </SpaceBetween>
  );
}

function Termination({ execution }: { execution: Execution }) {
  const begun = execution.terminationInitiatedAt !== undefined;
  const { data } = useTermination(execution.executionId ?? '', begun && execution.instancesTerminated !== true);
  if (execution.instancesTerminated === true) {
    return <StatusIndicator type="success">{t('terminated')}</StatusIndicator>;
  }
  if (!begun || data === undefined) {
    return null;
  }
  return (
    <Container>
      <ProgressBar
        label={t('terminating')}
        value={data.progressPercent}
        status={data.allCompleted ? (data.anyFailed ? 'error' : 'success') : 'in-progress'}
        additionalInfo={t('terminating.count', { done: data.completedServers, total: data.totalServers })}
        resultText={data.anyFailed ? t('terminating.failed') : t('terminated')}
      />
    </Container>
  );
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
            { label: t('source'), value: execution.invocationSource ?? '–' },
            {
              label: t('accounts'),
              value: accounts.length === 0 ? (execution.accountId ?? '–') : accounts.map((a) => a.accountId).join(', '),
            },
            { label: t('executionId'), value: <Box variant="code">{execution.executionId}</Box> },
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}

export default function ExecutionPage() {
  const { executionId = '' } = useParams();
  const query = useExecution(executionId);
  const execution = query.data;
  const name = execution?.planName ?? execution?.recoveryPlanName ?? executionId;
  useTitle(name);
  if (execution === undefined) {
    if (query.isPending) {
      return <StatusIndicator type="loading">{t('execution.loading')}</StatusIndicator>;
    }
    return toApiError(query.error).status === 404 ? (
      <NotFound />
    ) : (
      <Failed what={t('execution.failed')} error={query.error} retry={() => void query.refetch()} />
    );
  }
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        actions={<ExecutionActions execution={execution} />}
        description={execution.recoveryPlanDescription}
        info={<TypeBadge type={execution.executionType} />}
      >
        {name}
      </Header>
      {query.isError ? <Failed what={t('stale')} error={query.error} retry={() => void query.refetch()} /> : null}
      <Banners execution={execution} />
      <Summary execution={execution} />
      <Container header={<Header variant="h2">{t('timeline')}</Header>}>
        <Timeline execution={execution} />
      </Container>
      {(execution.waves ?? []).map((wave) => (
        <WaveSection key={wave.waveNumber} execution={execution} wave={wave} />
      ))}
      <JobEvents executionId={executionId} />
      <div className="visually-hidden" role="status" aria-live="polite">
        {t('announce', {
          status: execution.status ?? '',
          done: wavesOver(execution.waves ?? []),
          total: execution.totalWaves ?? 0,
        })}
      </div>
    </SpaceBetween>
  );
}
