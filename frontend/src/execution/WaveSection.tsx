import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ExpandableSection from '@cloudscape-design/components/expandable-section';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TextFilter from '@cloudscape-design/components/text-filter';
import { memo, useDeferredValue, useState } from 'react';
import type { Schemas } from '../api/client';
import { useExecutionServers } from '../api/queries';
import { useSetParams } from '../app/params';
import { CopyText } from '../components/CopyText';
import { Failed } from '../components/Failed';
import { Status } from '../components/Status';
import Table from '../components/Table';
import { Elapsed, Time } from '../components/Time';
import { more } from '../components/more';
import { hasMessage, t } from '../i18n/t';
import { humanize } from '../lib/status';
import { formatTime } from '../lib/time';
import { InstanceLink } from './InstanceLink';
import { serverName } from './names';
import { WaveActions, type RunState } from './operator';

type Wave = Schemas['ExecWave'];

function Servers({ executionId, wave }: { executionId: string; wave: Wave }) {
  const [text, setText] = useState('');
  const setParams = useSetParams();
  const q = useDeferredValue(text.trim());
  const query = useExecutionServers(executionId, { wave: wave.waveNumber, ...(q === '' ? {} : { q }) }, true, 100);
  const servers = query.data?.pages.flatMap((page) => page.servers) ?? [];
  const total = query.data?.pages[0]?.total ?? 0;
  if (query.isError && query.data === undefined) {
    return <Failed what={t('servers.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  return (
    <Table
      variant="embedded"
      items={servers}
      trackBy="sourceServerId"
      loading={query.isPending}
      loadingText={t('loading')}
      wrapLines={false}
      stickyHeader
      ariaLabels={{ tableLabel: t('servers.of', { wave: wave.waveName }) }}
      filter={
        <TextFilter
          filteringText={text}
          filteringPlaceholder={t('servers.find')}
          filteringAriaLabel={t('servers.find')}
          countText={q === '' ? '' : t('matches', { count: total })}
          onChange={({ detail }) => {
            setText(detail.filteringText);
          }}
        />
      }
      empty={<Box textAlign="center">{q === '' ? t('servers.none') : t('servers.nomatch')}</Box>}
      columnDefinitions={[
        {
          id: 'name',
          header: t('server'),
          isRowHeader: true,
          cell: (s) => (
            <Button variant="inline-link" onClick={() => {
              setParams({ server: s.sourceServerId });
            }}>
              {serverName(s)}
            </Button>
          ),
        },
        { id: 'status', header: t('status'), cell: (s) => <Status value={s.launchStatus} kind="server" /> },
        { id: 'error', header: t('problem'), cell: (s) => [s.error?.message, s.advice].filter(Boolean).join(' ') || '–' },
        { id: 'phase', header: t('phase'), cell: (s) => (s.phase === undefined ? '–' : humanize(s.phase)) },
        { id: 'instance', header: t('instance'), cell: (s) => <InstanceLink server={s} /> },
        { id: 'type', header: t('instanceType'), cell: (s) => s.instanceType ?? '–' },
        { id: 'ip', header: t('privateIp'), cell: (s) => s.privateIp ?? '–' },
        { id: 'launched', header: t('launchedAt'), cell: (s) => <Time value={s.launchedAt ?? s.launchTime} /> },
      ]}
      footer={more(query, t('more.of', { shown: servers.length, total }))}
    />
  );
}

/** What was asked of DRS: one launch for each account, Region and job. */
function Launches({ wave }: { wave: Wave }) {
  const units = wave.launchUnits ?? [];
  return units.length === 0 ? null : (
    <Table
      variant="embedded"
      items={units}
      trackBy="unitId"
      ariaLabels={{ tableLabel: t('unit.title', { wave: wave.waveName }) }}
      columnDefinitions={[
        { id: 'unit', header: t('unit.launch'), isRowHeader: true, cell: (u) => u.unitId },
        { id: 'account', header: t('account'), cell: (u) => u.accountId },
        { id: 'region', header: t('region'), cell: (u) => u.region },
        { id: 'job', header: t('job'), cell: (u) => (u.jobId === undefined ? '–' : <CopyText value={u.jobId} />) },
        { id: 'state', header: t('state'), cell: (u) => <Status value={u.state} kind="unit" /> },
        { id: 'started', header: t('started'), cell: (u) => <Time value={u.startTime} /> },
        { id: 'duration', header: t('duration'), cell: (u) => <Elapsed from={u.startTime} to={u.endTime} /> },
        {
          id: 'servers',
          header: t('servers'),
          cell: (u) => t('timeline.servers', { launched: u.launchedServers, failed: u.failedServers, total: u.serverCount ?? u.serverIds?.length ?? 0 }),
        },
      ]}
    />
  );
}

/** One wave: what it is doing and why, and its servers when opened. Events of other waves leave it alone. */
export const WaveSection = memo(function WaveSection({ wave, ...execution }: RunState & { wave: Wave }) {
  const { executionId } = execution;
  const running = wave.status === 'IN_PROGRESS' || wave.status === 'INITIATED';
  const troubled = wave.status === 'FAILED' || wave.status === 'PARTIAL' || wave.status === 'TIMEOUT';
  const [open, setOpen] = useState(running || troubled);
  // the section opens at once, its table follows
  const ready = useDeferredValue(open);
  const reason = wave.statusReason ?? null;
  const reasonId = `reason.${reason ?? ''}`;
  return (
    <ExpandableSection
      variant="container"
      expanded={open}
      onChange={({ detail }) => {
        setOpen(detail.expanded);
      }}
      headingTagOverride="h2"
      headerText={t('wave.name', { number: wave.waveNumber + 1, name: wave.waveName })}
      headerCounter={t('wave.servers', {
        launched: wave.launchedServers ?? 0,
        total: wave.totalServers ?? wave.serverCount ?? 0,
      })}
      headerDescription={
        wave.startTime === undefined ? t('wave.waiting') : t('wave.attempt', { time: formatTime(wave.startTime), attempt: wave.attempt ?? 1 })
      }
      headerActions={
        <SpaceBetween size="s" direction="horizontal" alignItems="center">
          {wave.startTime === undefined ? null : (
            <Box>
              <Elapsed from={wave.startTime} to={wave.endTime} />
            </Box>
          )}
          <WaveActions execution={execution} wave={wave} />
          <Status value={wave.skipped === true ? 'SKIPPED' : wave.status} kind="wave" />
        </SpaceBetween>
      }
    >
      <SpaceBetween size="m">
        {wave.error === undefined ? null : <Alert type="error">{wave.error.message}</Alert>}
        {reason === null ? null : <Alert type="info">{hasMessage(reasonId) ? t(reasonId) : humanize(reason)}</Alert>}
        {open && ready ? <Launches wave={wave} /> : null}
        {open && ready && wave.startTime !== undefined ? <Servers executionId={executionId} wave={wave} /> : null}
        {open && wave.startTime === undefined ? (
          <Box color="text-body-secondary">
            {(wave.dependsOnWaves ?? []).length > 0
              ? t('wave.depends', { waves: (wave.dependsOnWaves ?? []).map((n) => n + 1).join(', ') })
              : t('wave.notyet')}
          </Box>
        ) : null}
      </SpaceBetween>
    </ExpandableSection>
  );
});
