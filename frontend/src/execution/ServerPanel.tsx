import Box from '@cloudscape-design/components/box';
import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Spinner from '@cloudscape-design/components/spinner';
import { useEffect, useRef } from 'react';
import type { Schemas } from '../api/client';
import { useExecutionServers, useJobLogs } from '../api/queries';
import { CopyText } from '../components/CopyText';
import { Failed } from '../components/Failed';
import { Status } from '../components/Status';
import { Time } from '../components/Time';
import { t } from '../i18n/t';
import { humanize } from '../lib/status';
import { formatSeconds, isoDuration } from '../lib/time';
import { InstanceLink } from './InstanceLink';
import { serverName } from './names';
import { serverRpo, serverRto } from './objectives';
import { RetryServer } from './operator';
import { logEntries } from './timeline';
import './panel.css';

function Events({ executionId, serverId }: { executionId: string; serverId: string }) {
  const logs = useJobLogs(executionId, true);
  if (logs.isError && logs.data === undefined) {
    return <Failed what={t('events.failed')} error={logs.error} retry={() => void logs.refetch()} />;
  }
  const entries = logEntries(logs.data?.jobLogs ?? []).filter((e) => e.serverId === serverId).reverse();
  if (entries.length === 0) {
    return <Box color="text-body-secondary">{logs.isPending ? t('loading') : t('events.none')}</Box>;
  }
  return (
    <ol className="plain-list">
      {entries.map((e, i) => (
        <li key={`${String(e.at)}-${String(i)}`}>
          <Box variant="span" color="text-body-secondary">
            <Time value={e.at} />
          </Box>{' '}
          <Box variant="span">{humanize(e.event)}</Box>
          {e.error === '' ? null : <Box color="text-status-error">{e.error}</Box>}
        </li>
      ))}
    </ol>
  );
}

function Facts({ execution, server }: { execution: Schemas['Execution']; server: Schemas['ServerExecution'] }) {
  const wave = (execution.waves ?? []).find((w) => w.waveNumber === server.waveNumber);
  return (
    <SpaceBetween size="m">
      {server.error === undefined ? null : (
        <Alert type="error" header={server.errorCode === undefined ? t('problem') : humanize(server.errorCode)}>
          {server.error.message} {server.advice}
        </Alert>
      )}
      <KeyValuePairs
        columns={2}
        items={[
          { label: t('status'), value: <Status value={server.launchStatus} kind="server" /> },
          { label: t('phase'), value: server.phase === undefined ? '–' : humanize(server.phase) },
          { label: t('serverId'), value: <CopyText value={server.sourceServerId} /> },
          { label: t('hostname'), value: server.hostname ?? '–' },
          { label: t('wave'), value: wave === undefined ? '–' : t('wave.name', { number: wave.waveNumber + 1, name: wave.waveName }) },
          { label: t('attempt'), value: server.attempt ?? '–' },
          { label: t('account'), value: server.accountId ?? '–' },
          { label: t('region'), value: server.region ?? '–' },
          { label: t('instance'), value: <InstanceLink server={server} /> },
          { label: t('instanceType'), value: server.instanceType ?? '–' },
          { label: t('privateIp'), value: server.privateIp ?? '–' },
          { label: t('state'), value: server.instanceState ?? '–' },
          { label: t('launchedAt'), value: <Time value={server.launchedAt ?? server.launchTime} /> },
          { label: t('objective.server.rto'), value: formatSeconds(serverRto(server, execution.startTime)) },
          { label: t('recoveryPoint'), value: (
            <>
              <Time value={server.recoveryPoint?.time} />
              {server.recoveryPoint?.usedPrevious === true ? <Box color="text-status-warning">{t('server.previous')}</Box> : null}
            </>
          ) },
          { label: t('objective.server.rpo'), value: formatSeconds(serverRpo(server, execution.startTime)) },
          { label: t('lagAtStart'), value: formatSeconds(isoDuration(server.lagAtStart)) },
          { label: t('server.source'), value: [server.sourceInstanceId, server.sourceIp].filter(Boolean).join(', ') || '–' },
          { label: t('server.source.place'), value: [server.sourceAccountId, server.sourceRegion].filter(Boolean).join(', ') || '–' },
          { label: t('server.replication'), value: <Status value={server.replicationState} kind="replication" /> },
          { label: t('criticality'), value: server.criticality === undefined ? '–' : humanize(server.criticality) },
        ]}
      />
      {(server.launchActions ?? []).length === 0 ? null : (
        <div>
          <Box variant="h3">{t('launchActions')}</Box>
          {(server.launchActions ?? []).map((a) => (
            <div key={a.name}>
              <Status value={a.status} /> {a.name} {a.failureReason}
            </div>
          ))}
        </div>
      )}
      {wave === undefined ? null : <RetryServer execution={execution} wave={wave} server={server} />}
      <div>
        <Box variant="h3">{t('events.title')}</Box>
        <Events executionId={execution.executionId} serverId={server.sourceServerId} />
      </div>
    </SpaceBetween>
  );
}

/** One server of a run, beside the page; it stays up to date. */
export function ServerPanel({ execution, serverId, onClose }: { execution: Schemas['Execution']; serverId: string; onClose: () => void }) {
  const query = useExecutionServers(execution.executionId, { q: serverId }, true, 10);
  const server = query.data?.pages.flatMap((p) => p.servers).find((s) => s.sourceServerId === serverId);
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    panel.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) {
        before.focus();
      }
    };
  }, [serverId]);
  return (
    <aside
      ref={panel}
      className="side-panel"
      tabIndex={-1}
      aria-label={t('server.panel', { name: server === undefined ? serverId : serverName(server) })}
      onKeyDown={(event) => {
        if (event.key === 'Escape') {
          onClose();
        }
      }}
    >
      <SpaceBetween size="m">
        <Header variant="h2" actions={<Button variant="icon" iconName="close" ariaLabel={t('close')} onClick={onClose} />}>
          {server === undefined ? serverId : serverName(server)}
        </Header>
        {query.isError && query.data === undefined ? (
          <Failed what={t('servers.failed')} error={query.error} retry={() => void query.refetch()} />
        ) : query.isPending ? (
          <Spinner />
        ) : server === undefined ? (
          <Box>{t('server.notinrun', { id: serverId })}</Box>
        ) : (
          <Facts execution={execution} server={server} />
        )}
      </SpaceBetween>
    </aside>
  );
}
