import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import StatusIndicator, { type StatusIndicatorProps } from '@cloudscape-design/components/status-indicator';
import type { Schemas } from '../api/client';
import { Failed } from '../components/Failed';
import { Link } from '../components/Link';
import { useNow } from '../components/Time';
import { t } from '../i18n/t';
import { isTerminal } from '../lib/status';
import { formatSeconds } from '../lib/time';
import type { Facts } from './facts';
import { serverName } from './names';
import { objectives, serverRto, wasLaunched, type Verdict } from './objectives';
import { useAllServers } from './queries';
import { ms, pausedWithin } from './timeline';

const INDICATOR: Record<Verdict, StatusIndicatorProps.Type> = {
  met: 'success', missed: 'error', unknown: 'info', excluded: 'stopped', running: 'in-progress',
};

/** Met or missed, in words, with what was left of the target. */
export function VerdictText({ verdict, margin }: { verdict: Verdict; margin: number | null }) {
  // a run that failed in time has missed it all the same
  const known = margin !== null && (verdict === 'met' || (verdict === 'missed' && margin < 0));
  return (
    <StatusIndicator type={INDICATOR[verdict]}>
      {t(verdict === 'missed' && !known ? 'objective.incomplete' : `objective.${verdict}`)}
      {known ? ` ${t(margin >= 0 ? 'objective.left' : 'objective.over', { time: formatSeconds(Math.abs(margin)) })}` : null}
    </StatusIndicator>
  );
}

/** RTO and RPO of this run against the targets of its plan. */
export function ObjectivesPanel({ execution, facts }: { execution: Schemas['Execution']; facts: Facts }) {
  const over = isTerminal(execution.status);
  const now = useNow(over ? null : 10_000);
  const servers = useAllServers(execution.executionId, over);
  const { targets, pauses } = facts;
  const { rto, rpo } = objectives(execution, servers.data ?? null, pauses, targets);
  const start = ms(execution.startTime);
  const elapsed = start === null || pauses === null ? null : (now - start - pausedWithin(pauses, { start, end: now })) / 1000;
  const slowest = [...(servers.data ?? [])]
    .filter(wasLaunched)
    .map((server) => ({ server, rto: serverRto(server, execution.startTime) }))
    .filter((s): s is { server: Schemas['ServerExecution']; rto: number } => s.rto !== null)
    .sort((a, b) => b.rto - a.rto)
    .slice(0, 3);
  const from = (own: boolean) => t(own ? 'objective.ofplan' : 'objective.ofconsole');
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={t('objective.description')}
          actions={over ? <Link to={`/executions/${execution.executionId}/report`}>{t('report.open')}</Link> : null}
        >
          {t('objective.title')}
        </Header>
      }
    >
      {facts.error === null ? null : <Failed what={t('history.failed')} error={facts.error} retry={facts.retry} />}
      {servers.isError && servers.data === undefined ? (
        <Failed what={t('servers.failed')} error={servers.error} retry={() => void servers.refetch()} />
      ) : null}
      <KeyValuePairs
        columns={4}
        items={[
          {
            label: t('objective.rto'),
            value: over ? (
              <VerdictText verdict={rto.verdict} margin={rto.margin} />
            ) : elapsed === null ? (
              <VerdictText verdict="running" margin={null} />
            ) : (
              <StatusIndicator type={elapsed <= rto.target ? 'in-progress' : 'error'}>
                {elapsed <= rto.target
                  ? t('objective.remaining', { time: formatSeconds(rto.target - elapsed) })
                  : t('objective.overdue', { time: formatSeconds(elapsed - rto.target) })}
              </StatusIndicator>
            ),
          },
          { label: t('objective.net'), value: formatSeconds(over ? rto.net : elapsed) },
          { label: t('objective.gross'), value: over ? formatSeconds(rto.gross) : t('objective.notover') },
          { label: t('objective.rto.target'), value: `${formatSeconds(rto.target)} (${from(targets.ownRto)})` },
          { label: t('objective.rpo'), value: over && servers.isPending ? t('loading') : <VerdictText verdict={rpo.verdict} margin={rpo.margin} /> },
          {
            label: t('objective.worst'),
            value: rpo.worst === null ? '–' : `${formatSeconds(rpo.worst)}${rpo.worstServer === null ? '' : ` (${serverName(rpo.worstServer)})`}`,
          },
          {
            label: t('objective.slowest'),
            value: slowest.length === 0 ? '–' : slowest.map(({ server, rto: s }) => <div key={server.sourceServerId}>{`${serverName(server)}: ${formatSeconds(s)}`}</div>),
          },
          { label: t('objective.rpo.target'), value: `${formatSeconds(rpo.target)} (${from(targets.ownRpo)})` },
        ]}
      />
      {over && rpo.unknown > 0 ? <Box color="text-body-secondary">{t('objective.unknownservers', { count: rpo.unknown })}</Box> : null}
    </Container>
  );
}
