import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useEffect } from 'react';
import type { Schemas } from '../api/client';
import { usePlan, usePrecheck, type PrecheckOptions } from '../api/queries';
import { useConfig } from '../app/context';
import { Failed } from '../components/Failed';
import { Link } from '../components/Link';
import { Status } from '../components/Status';
import Table from '../components/Table';
import { Ago, Time } from '../components/Time';
import { TypeBadge } from '../components/TypeBadge';
import { targetsOf } from '../execution/objectives';
import '../i18n/editor';
import '../i18n/plan';
import '../i18n/plans';
import { hasMessage, t } from '../i18n/t';
import { download } from '../lib/csv';
import { humanize } from '../lib/status';
import { formatSeconds, isoDuration } from '../lib/time';
import { bySeverity, remediesOf, RESULT_TYPES, VERDICT_TYPES } from './readiness';
import { keepVerdict, readVerdicts, withCheck } from './verdicts';

type Precheck = Schemas['Precheck'];
type Check = Schemas['PrecheckCheck'];

/** Ids listed with a finding; more are counted. */
const LISTED = 50;

/** Servers of a finding, each with the way to its page. */
function FoundServers({ ids, nameOf }: { ids: readonly string[]; nameOf: (id: string) => string }) {
  return (
    <ExpandableSection headerText={t('ready.servers', { count: ids.length })} defaultExpanded={ids.length <= 3}>
      <ul className="plain-list">
        {ids.slice(0, LISTED).map((id) => (
          <li key={id}>
            <Link to={`/servers/${id}`}>{nameOf(id)}</Link>
          </li>
        ))}
        {ids.length > LISTED ? <li>{t('refusal.more', { count: ids.length - LISTED })}</li> : null}
      </ul>
    </ExpandableSection>
  );
}

function placeOf(c: Check): string {
  return [c.waveNumber === undefined ? null : t('ready.wave', { number: c.waveNumber + 1 }), c.accountId, c.region].filter(Boolean).join(' · ');
}

/** `brief`: inside of the dialog that a drill is started with. */
function Checks({ check, brief }: { check: Precheck; brief: boolean }) {
  const shown = brief ? check.checks.filter((c) => c.result !== 'OK') : check.checks;
  const names = new Map(check.replication.servers.map((s) => [s.serverId, s.hostname]));
  return (
    <Table
      variant="embedded"
      items={bySeverity(shown)}
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
          minWidth: 260,
          cell: (c) => (
            <SpaceBetween size="xxs">
              <Box>{c.message}</Box>
              {brief && placeOf(c) !== '' ? <Box variant="small">{placeOf(c)}</Box> : null}
              {c.overridable && c.result !== 'OK' ? <Box variant="small">{t('ready.overridable')}</Box> : null}
              {(c.serverIds ?? []).length > 0 ? <FoundServers ids={c.serverIds ?? []} nameOf={(id) => names.get(id) || id} /> : null}
            </SpaceBetween>
          ),
        },
        {
          id: 'remedy',
          header: t('remedy'),
          minWidth: 150,
          cell: (c) => {
            const found = brief && c.id === 'PLAN_AGE' ? [] : remediesOf(c, check);
            return found.length === 0 ? '–' : (
              <ul className="plain-list">
                {found.map(({ text, href }) => (
                  <li key={href}>
                    <Link to={href}>{text}</Link>
                  </li>
                ))}
              </ul>
            );
          },
        },
        ...(brief ? [] : [{ id: 'where', header: t('ready.where'), cell: (c: Check) => placeOf(c) || '–' }]),
      ]}
    />
  );
}

function Waves({ check }: { check: Precheck }) {
  return (
    <Table
      variant="embedded"
      items={check.waves}
      trackBy={(w) => String(w.waveNumber)}
      header={<Header variant="h3">{t('waves')}</Header>}
      ariaLabels={{ tableLabel: t('waves') }}
      columnDefinitions={[
        { id: 'wave', header: t('wave'), isRowHeader: true, cell: (w) => t('wave.name', { number: w.waveNumber + 1, name: w.waveName }) },
        { id: 'servers', header: t('servers'), cell: (w) => w.serverCount },
        { id: 'jobs', header: t('editor.sum.jobs'), cell: (w) => w.units.length },
        {
          id: 'places', header: t('ready.where'),
          cell: (w) => [...new Set(w.units.map((u) => `${u.accountId} · ${u.region}`))].join(', ') || '–',
        },
        { id: 'time', header: t('ready.estimate'), cell: (w) => formatSeconds(w.estimatedSeconds) },
        { id: 'critical', header: t('ready.critical'), cell: (w) => t(check.criticalPath.includes(w.waveNumber) ? 'yes' : 'no') },
      ]}
    />
  );
}

/** Servers that cannot be launched as they are, and why. */
function Unhealthy({ servers }: { servers: Precheck['replication']['servers'] }) {
  const found = servers.filter((s) => s.class !== 'OK');
  return found.length === 0 ? null : (
    <SpaceBetween size="xs">
      <Table
        variant="embedded"
        items={[...found].sort((a, b) => a.class.localeCompare(b.class)).slice(0, LISTED)}
        trackBy="serverId"
        header={<Header variant="h3" counter={`(${String(found.length)})`}>{t('ready.unhealthy')}</Header>}
        ariaLabels={{ tableLabel: t('ready.unhealthy') }}
        wrapLines
        columnDefinitions={[
          { id: 'server', header: t('server'), isRowHeader: true, cell: (s) => <Link to={`/servers/${s.serverId}`}>{s.hostname || s.serverId}</Link> },
          { id: 'class', header: t('ready.class'), cell: (s) => <StatusIndicator type={s.class === 'BLOCK' ? 'error' : 'warning'}>{t(s.class === 'BLOCK' ? 'ready.BLOCK' : 'ready.older')}</StatusIndicator> },
          { id: 'state', header: t('replication'), cell: (s) => <Status value={s.replicationState} kind="replication" /> },
          { id: 'lag', header: t('lag'), cell: (s) => formatSeconds(isoDuration(s.lagDuration)) },
          { id: 'reason', header: t('ready.message'), cell: (s) => s.reason ?? '–' },
        ]}
      />
      {found.length > LISTED ? <Box variant="small">{t('refusal.more', { count: found.length - LISTED })}</Box> : null}
    </SpaceBetween>
  );
}

/** What the last checks in this browser found, the newest first. */
function Trend({ check }: { check: Precheck }) {
  const verdicts = withCheck(readVerdicts(check.planId), check);
  return (
    <Table
      variant="embedded"
      items={verdicts}
      trackBy={(v) => `${v.at} ${v.type}`}
      header={<Header variant="h3" description={t('ready.trend.hint')}>{t('ready.trend')}</Header>}
      ariaLabels={{ tableLabel: t('ready.trend') }}
      columnDefinitions={[
        { id: 'at', header: t('ready.checked'), isRowHeader: true, cell: (v) => <Time value={v.at} /> },
        { id: 'type', header: t('type'), cell: (v) => <TypeBadge type={v.type} /> },
        { id: 'verdict', header: t('ready.result'), cell: (v) => <StatusIndicator type={VERDICT_TYPES[v.verdict]}>{t(`verdict.${v.verdict}`)}</StatusIndicator> },
        { id: 'hinders', header: t('ready.blockers'), cell: (v) => v.hinders },
        { id: 'warnings', header: t('ready.warnings'), cell: (v) => v.warnings },
        { id: 'servers', header: t('servers'), cell: (v) => v.servers },
        { id: 'lag', header: t('ready.lag'), cell: (v) => formatSeconds(v.lag) },
        { id: 'estimate', header: t('ready.estimate'), cell: (v) => formatSeconds(v.seconds) },
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
      header={<Header variant="h3">{t('ready.limits')}</Header>}
      ariaLabels={{ tableLabel: t('ready.limits') }}
      columnDefinitions={[
        { id: 'place', header: t('ready.where'), isRowHeader: true, cell: (l) => `${l.accountId} · ${l.region}` },
        { id: 'jobs', header: t('ready.jobs'), cell: (l) => (l.known ? t('ready.jobs.of', { now: l.currentJobs, needed: l.jobsNeeded, max: l.maxJobs }) : t('capacity.unknown')) },
        { id: 'servers', header: t('ready.inJobs'), cell: (l) => (l.known ? t('ready.servers.of', { now: l.serversInJobs, peak: l.peakServers, max: l.maxServersInJobs }) : t('capacity.unknown')) },
      ]}
    />
  );
}

/** A time against its target. */
function Estimate({ seconds, target }: { seconds: number | undefined; target: number }) {
  if (seconds === undefined) {
    return '–';
  }
  return (
    <StatusIndicator type={seconds <= target ? 'success' : 'warning'}>
      {t('ready.estimate.of', { time: formatSeconds(seconds), target: formatSeconds(target) })}
    </StatusIndicator>
  );
}

/** Whether a plan could be started now; asks the server, changes nothing. */
export function Readiness({
  planId, type, options = {}, brief = false,
}: {
  planId: string;
  type: 'DRILL' | 'RECOVERY';
  options?: PrecheckOptions;
  brief?: boolean;
}) {
  const query = usePrecheck(planId, type, options);
  const targets = targetsOf(usePlan(planId).data, useConfig());
  const check = query.data;
  // a part of the waves, or a check with overrides, says nothing about the plan
  const whole = check !== undefined && !query.isPlaceholderData && Object.keys(options).length === 0 ? check : undefined;
  useEffect(() => {
    if (whole !== undefined) {
      keepVerdict(whole);
    }
  }, [whole]);
  // what was found for a drill is no answer for a recovery
  if (check === undefined || check.executionType !== type) {
    return query.isError ? (
      <Failed what={t('ready.failed')} error={query.error} retry={() => void query.refetch()} />
    ) : (
      <StatusIndicator type="loading">{t('ready.loading')}</StatusIndicator>
    );
  }
  const worrying = check.checks.filter((c) => c.result !== 'OK').length;
  const servers = check.waves.reduce((sum, w) => sum + w.serverCount, 0);
  return (
    <SpaceBetween size={brief ? 'm' : 'l'}>
      <Alert
        type={VERDICT_TYPES[check.verdict]}
        header={t(`verdict.${check.verdict}`)}
        action={
          <SpaceBetween size="xs" direction="horizontal">
            {brief ? null : (
              <Button
                iconName="download"
                onClick={() => {
                  download(`precheck-${planId}.json`, 'application/json', JSON.stringify(check, null, 2));
                }}
              >
                {t('ready.save')}
              </Button>
            )}
            <Button loading={query.isFetching} onClick={() => void query.refetch()}>
              {t('ready.again')}
            </Button>
          </SpaceBetween>
        }
      >
        {t('ready.checked')} <Ago value={check.checkedAt} />
      </Alert>
      {query.isError ? <Failed what={t('ready.failed')} error={query.error} /> : null}
      <KeyValuePairs
        columns={4}
        items={[
          { label: t('waves'), value: check.waves.length },
          { label: t('servers'), value: servers },
          { label: t('ready.estimate'), value: <Estimate seconds={check.estimatedSeconds} target={targets.rtoSeconds} /> },
          { label: t('ready.lag'), value: <Estimate seconds={isoDuration(check.worstLag) ?? undefined} target={targets.rpoSeconds} /> },
        ]}
      />
      {brief && worrying === 0 ? null : <Checks check={check} brief={brief} />}
      {brief ? null : (
        <>
          <Unhealthy servers={check.replication.servers} />
          <Waves check={check} />
          <Limits limits={check.limits} />
          <Trend check={check} />
        </>
      )}
    </SpaceBetween>
  );
}
