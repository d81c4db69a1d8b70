import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Table from '@cloudscape-design/components/table';
import { useEffect } from 'react';
import type { Schemas } from '../api/client';
import { usePrecheck, type PrecheckOptions } from '../api/queries';
import { Failed } from '../components/Failed';
import { Ago } from '../components/Time';
import { hasMessage, t } from '../i18n/t';
import { download } from '../lib/csv';
import { humanize } from '../lib/status';
import { writeStored } from '../lib/stored';
import { formatSeconds, isoDuration } from '../lib/time';
import { bySeverity, RESULT_TYPES, VERDICT_TYPES } from './readiness';

type Precheck = Schemas['Precheck'];

function Checks({ checks }: { checks: Precheck['checks'] }) {
  return (
    <Table
      variant="embedded"
      items={bySeverity(checks)}
      trackBy={(c) => [c.id, c.waveNumber, c.accountId, c.region, c.message].join(' ')}
      ariaLabels={{ tableLabel: t('ready.checks') }}
      wrapLines
      columnDefinitions={[
        {
          id: 'result',
          header: t('ready.result'),
          minWidth: 130,
          cell: (c) => <StatusIndicator type={RESULT_TYPES[c.result]}>{t(`ready.${c.result}`)}</StatusIndicator>,
        },
        {
          id: 'check',
          header: t('ready.check'),
          minWidth: 170,
          isRowHeader: true,
          cell: (c) => {
            const id = `check.${c.id}`;
            return hasMessage(id) ? t(id) : humanize(c.id);
          },
        },
        {
          id: 'message',
          header: t('ready.message'),
          cell: (c) => (
            <SpaceBetween size="xxs">
              <Box>{c.message}</Box>
              {c.overridable && c.result !== 'OK' ? <Box variant="small">{t('ready.overridable')}</Box> : null}
              {(c.serverIds ?? []).length > 0 ? (
                <ExpandableSection headerText={t('ready.servers', { count: (c.serverIds ?? []).length })}>
                  <Box variant="code">{(c.serverIds ?? []).join(' ')}</Box>
                </ExpandableSection>
              ) : null}
            </SpaceBetween>
          ),
        },
        {
          id: 'where',
          header: t('ready.where'),
          cell: (c) =>
            [c.waveNumber === undefined ? null : t('ready.wave', { number: c.waveNumber + 1 }), c.accountId, c.region]
              .filter(Boolean)
              .join(' · ') || '–',
        },
      ]}
    />
  );
}

function Limits({ limits }: { limits: Precheck['limits'] }) {
  return (
    <Table
      variant="embedded"
      items={limits}
      trackBy={(l) => `${l.accountId} ${l.region}`}
      ariaLabels={{ tableLabel: t('ready.limits') }}
      columnDefinitions={[
        { id: 'place', header: t('ready.where'), isRowHeader: true, cell: (l) => `${l.accountId} · ${l.region}` },
        { id: 'jobs', header: t('ready.jobs'), cell: (l) => (l.known ? t('ready.jobs.of', { now: l.currentJobs, needed: l.jobsNeeded, max: l.maxJobs }) : t('capacity.unknown')) },
        { id: 'servers', header: t('ready.inJobs'), cell: (l) => (l.known ? t('ready.servers.of', { now: l.serversInJobs, peak: l.peakServers, max: l.maxServersInJobs }) : t('capacity.unknown')) },
      ]}
    />
  );
}

/** Whether a plan could be started now; asks the server, changes nothing. */
export function Readiness({
  planId, type, options, brief = false,
}: {
  planId: string;
  type: 'DRILL' | 'RECOVERY';
  options?: PrecheckOptions;
  brief?: boolean;
}) {
  const query = usePrecheck(planId, type, options);
  const seen = query.data !== undefined;
  useEffect(() => {
    if (seen) {
      writeStored(`ready:${planId}`, true);
    }
  }, [planId, seen]);
  if (query.data === undefined) {
    return query.isPending ? (
      <StatusIndicator type="loading">{t('ready.loading')}</StatusIndicator>
    ) : (
      <Failed what={t('ready.failed')} error={query.error} retry={() => void query.refetch()} />
    );
  }
  const check = query.data;
  const worrying = check.checks.filter((c) => c.result !== 'OK');
  const servers = check.waves.reduce((sum, w) => sum + w.serverCount, 0);
  return (
    <SpaceBetween size="m">
      <Alert
        type={VERDICT_TYPES[check.verdict]}
        header={t(`verdict.${check.verdict}`)}
        action={
          <Button loading={query.isFetching} onClick={() => void query.refetch()}>
            {t('ready.again')}
          </Button>
        }
      >
        {t('ready.checked')} <Ago value={check.checkedAt} />
      </Alert>
      <KeyValuePairs
        columns={4}
        items={[
          { label: t('waves'), value: check.waves.length },
          { label: t('servers'), value: servers },
          { label: t('ready.estimate'), value: formatSeconds(check.estimatedSeconds) },
          { label: t('ready.lag'), value: formatSeconds(isoDuration(check.worstLag)) },
        ]}
      />
      {brief && worrying.length === 0 ? null : <Checks checks={brief ? worrying : check.checks} />}
      {brief ? null : (
        <>
          <Limits limits={check.limits} />
          <Button
            iconName="download"
            onClick={() => {
              download(`precheck-${planId}.json`, 'application/json', JSON.stringify(check, null, 2));
            }}
          >
            {t('ready.save')}
          </Button>
        </>
      )}
    </SpaceBetween>
  );
}
