/** What becomes of the instances of a run, until the last one is gone. */
import Alert from '@cloudscape-design/components/alert';
import Badge from '@cloudscape-design/components/badge';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { Schemas } from '../api/client';
import { useTermination } from '../api/queries';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import { Status } from '../components/Status';
import Table from '../components/Table';
import { Time } from '../components/Time';
import { t } from '../i18n/t';
import { TerminateDialog } from './TerminateDialog';
import { useTerminationWatch } from './watch';

type Execution = Schemas['Execution'];
type Progress = Schemas['TerminationStatus'];

/** Where the termination stands. */
export function terminationState(execution: Pick<Execution, 'terminationInitiatedAt' | 'instancesTerminated'>, progress: Pick<Progress, 'state'> | undefined): 'none' | 'running' | 'failed' | 'done' {
  if (execution.instancesTerminated === true) {
    return 'done';
  }
  if (execution.terminationInitiatedAt === undefined) {
    return 'none';
  }
  return progress?.state === 'FAILED' ? 'failed' : 'running';
}

export interface Place {
  key: string;
  accountId: string;
  region: string;
  total: number;
  done: number;
  failed: number;
}

/** Instances by account and Region. */
export function byPlace(instances: NonNullable<Progress['instances']>): Place[] {
  const out = new Map<string, Place>();
  for (const { accountId = '', region = '', state } of instances) {
    const key = `${accountId} ${region}`;
    const place = out.get(key) ?? { key, accountId, region, total: 0, done: 0, failed: 0 };
    place.total += 1;
    place.done += state === 'TERMINATED' ? 1 : 0;
    place.failed += state === 'FAILED' ? 1 : 0;
    out.set(key, place);
  }
  return [...out.values()].sort((a, b) => a.key.localeCompare(b.key));
}

/** Beside the name of the run. */
export function TerminationBadge({ execution }: { execution: Execution }) {
  const begun = execution.terminationInitiatedAt !== undefined;
  const state = terminationState(execution, useTermination(execution.executionId, begun).data);
  const colours = { running: 'blue', failed: 'red', done: 'green' } as const;
  return state === 'none' ? null : <Badge color={colours[state]}>{t(`termination.badge.${state}`)}</Badge>;
}

export function Termination({ execution }: { execution: Execution }) {
  const begun = execution.terminationInitiatedAt !== undefined;
  const [again, setAgain] = useState(false);
  const query = useTermination(execution.executionId, begun);
  const progress = query.data;
  const state = terminationState(execution, progress);
  useTerminationWatch(execution, state === 'running');
  if (state === 'none') {
    return null;
  }
  if (progress === undefined) {
    return query.isError ? (
      <Failed what={t('termination.unknown')} error={query.error} retry={() => void query.refetch()} />
    ) : null;
  }
  const instances = progress.instances ?? [];
  const failed = instances.filter((i) => i.state === 'FAILED');
  const done = instances.filter((i) => i.state === 'TERMINATED').length;
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            state === 'failed' ? (
              <GatedButton permission="terminate_instances" onClick={() => {
                setAgain(true);
              }}>
                {t('termination.again')}
              </GatedButton>
            ) : null
          }
        >
          {t('termination.title')}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <ProgressBar
          ariaLabel={t('termination.title')}
          value={instances.length === 0 ? progress.progressPercent : (done * 100) / instances.length}
          status={state === 'done' ? 'success' : state === 'failed' ? 'error' : 'in-progress'}
          additionalInfo={t('terminating.count', { done, total: instances.length })}
          resultText={state === 'done' ? t('terminated') : t('terminating.failed')}
        />
        {failed.length === 0 ? null : (
          <Alert type="error" header={t('termination.failed', { count: failed.length })}>
            <ul>
              {failed.map((i) => (
                <li key={i.recoveryInstanceId}>{t('termination.failure', { instance: i.recoveryInstanceId ?? '–', region: i.region ?? '–', error: i.error ?? '–' })}</li>
              ))}
            </ul>
          </Alert>
        )}
        <Table
          variant="embedded"
          items={byPlace(instances)}
          trackBy="key"
          ariaLabels={{ tableLabel: t('termination.places') }}
          columnDefinitions={[
            { id: 'account', header: t('account'), isRowHeader: true, cell: (p) => p.accountId },
            { id: 'region', header: t('region'), cell: (p) => p.region },
            { id: 'done', header: t('termination.done'), cell: (p) => t('terminating.count', { done: p.done, total: p.total }) },
            { id: 'failed', header: t('failed'), cell: (p) => p.failed },
          ]}
          empty={<Box textAlign="center">{t('termination.looking')}</Box>}
        />
        <ExpandableSection headerText={t('termination.instances', { count: instances.length })}>
          <Table
            variant="embedded"
            items={instances}
            trackBy={(i) => i.recoveryInstanceId ?? ''}
            ariaLabels={{ tableLabel: t('termination.instances', { count: instances.length }) }}
            columnDefinitions={[
              { id: 'instance', header: t('instance'), isRowHeader: true, cell: (i) => i.recoveryInstanceId },
              { id: 'server', header: t('server'), cell: (i) => i.sourceServerId ?? '–' },
              { id: 'region', header: t('region'), cell: (i) => i.region ?? '–' },
              { id: 'job', header: t('job'), cell: (i) => i.jobId ?? '–' },
              { id: 'state', header: t('state'), cell: (i) => <Status value={i.state} /> },
              { id: 'problem', header: t('problem'), cell: (i) => i.error ?? '–' },
            ]}
          />
        </ExpandableSection>
        {execution.instancesTerminatedAt === undefined ? null : (
          <Box color="text-body-secondary">
            {t('termination.at')} <Time value={execution.instancesTerminatedAt} />
          </Box>
        )}
      </SpaceBetween>
      {again ? <TerminateDialog execution={execution} onClose={() => {
        setAgain(false);
      }} /> : null}
    </Container>
  );
}
