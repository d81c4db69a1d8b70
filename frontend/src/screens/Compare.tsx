/** Two runs beside each other: outcome, objectives, waves and servers. */
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import type { Schemas } from '../api/client';
import { useExecution } from '../api/queries';
import { useTitle } from '../app/page';
import { DataTable, type Column } from '../components/DataTable';
import { Failed } from '../components/Failed';
import { Link } from '../components/Link';
import { Status } from '../components/Status';
import Table from '../components/Table';
import { Elapsed, Time } from '../components/Time';
import { TypeBadge } from '../components/TypeBadge';
import { compareServers, compareWaves, type Pair, type Side } from '../execution/compare';
import { useFacts } from '../execution/facts';
import { objectives } from '../execution/objectives';
import { VerdictText } from '../execution/ObjectivesPanel';
import { useAllServers } from '../execution/queries';
import { difference } from '../execution/Timeline';
import '../i18n/live';
import '../i18n/more';
import '../i18n/runs';
import { t } from '../i18n/t';
import { formatSeconds } from '../lib/time';

type Execution = Schemas['Execution'];

interface Fact {
  label: string;
  values: [ReactNode, ReactNode];
}

function useMeasured(execution: Execution) {
  const facts = useFacts(execution);
  const servers = useAllServers(execution.executionId, true);
  return { execution, servers: servers.data, query: servers, result: objectives(execution, servers.data ?? null, facts.pauses, facts.targets) };
}

function columnsOf(kind: 'wave' | 'server'): readonly Column<Pair>[] {
  const side = (value: Side | null) => (value === null ? t('compareruns.missing') : formatSeconds(value.seconds));
  const status = (value: Side | null) => (value === null ? '–' : <Status value={value.status} kind={kind} />);
  return [
    {
      id: 'name', header: t(kind), name: true, sort: (p) => (kind === 'wave' ? Number(p.key) : p.name), csv: (p) => p.name,
      cell: (p) => (kind === 'wave' ? t('wave.name', { number: Number(p.key) + 1, name: p.name }) : p.name),
    },
    { id: 'left', header: t('compareruns.left'), sort: (p) => p.left?.seconds ?? -1, csv: (p) => p.left?.seconds, cell: (p) => side(p.left) },
    { id: 'leftStatus', header: `${t('status')} (1)`, sort: (p) => p.left?.status ?? '', cell: (p) => status(p.left) },
    { id: 'right', header: t('compareruns.right'), sort: (p) => p.right?.seconds ?? -1, csv: (p) => p.right?.seconds, cell: (p) => side(p.right) },
    { id: 'rightStatus', header: `${t('status')} (2)`, sort: (p) => p.right?.status ?? '', cell: (p) => status(p.right) },
    { id: 'difference', header: t('compareruns.difference'), sort: (p) => p.difference ?? 0, csv: (p) => p.difference, cell: (p) => difference(p.difference) },
  ];
}

function Two({ first, second }: { first: Execution; second: Execution }) {
  const left = useMeasured(first);
  const right = useMeasured(second);
  const both = (label: string, of: (side: typeof left) => ReactNode): Fact => ({ label, values: [of(left), of(right)] });
  const facts = [
    both(t('plan'), ({ execution: e }) => <Link to={`/executions/${e.executionId}`}>{e.planName}</Link>),
    both(t('type'), ({ execution: e }) => <TypeBadge type={e.executionType} />),
    both(t('status'), ({ execution: e }) => <Status value={e.status} kind="execution" />),
    both(t('started'), ({ execution: e }) => <Time value={e.startTime} />),
    both(t('initiatedBy'), ({ execution: e }) => e.initiatedBy),
    both(t('duration'), ({ execution: e }) => <Elapsed from={e.startTime} to={e.endTime} />),
    both(t('objective.net'), ({ result }) => formatSeconds(result.rto.net)),
    both(t('objective.rto'), ({ result: { rto } }) => <VerdictText verdict={rto.verdict} margin={rto.margin} />),
    both(t('objective.worst'), ({ result }) => formatSeconds(result.rpo.worst)),
    both(t('objective.rpo'), ({ result: { rpo } }) => <VerdictText verdict={rpo.verdict} margin={rpo.margin} />),
    both(t('servers'), ({ execution: { outcomeDetails: o } }) =>
      o === undefined ? '–' : t('timeline.servers', { launched: o.serversLaunched ?? 0, failed: o.serversFailed ?? 0, total: o.totalServers ?? 0 })),
  ];
  const waves = compareWaves(first.waves, second.waves);
  const failed = [left.query, right.query].find((q) => q.isError && q.data === undefined);
  return (
    <SpaceBetween size="l">
      {first.planId === second.planId ? null : <Alert type="info">{t('compareruns.plans')}</Alert>}
      <Table
        items={facts}
        trackBy="label"
        variant="container"
        ariaLabels={{ tableLabel: t('compareruns.facts') }}
        header={<Header variant="h2">{t('compareruns.facts')}</Header>}
        columnDefinitions={[
          { id: 'label', header: t('compareruns.fact'), isRowHeader: true, cell: (f) => f.label },
          { id: 'left', header: t('compareruns.left'), cell: (f) => f.values[0] },
          { id: 'right', header: t('compareruns.right'), cell: (f) => f.values[1] },
        ]}
      />
      <DataTable id="compare-waves" variant="container" title={t('compareruns.waves')} items={waves} columns={columnsOf('wave')} rowKey={(p) => p.key} text={(p) => p.name} loading={false} empty={t('servers.none')} sort={{ id: 'name', descending: false }} />
      {failed === undefined ? (
        <DataTable
          id="compare-servers"
          variant="container"
          title={t('compareruns.servers')}
          items={left.servers === undefined || right.servers === undefined ? [] : compareServers(left.servers, first.startTime, right.servers, second.startTime)}
          columns={columnsOf('server')}
          rowKey={(p) => p.key}
          text={(p) => `${p.name} ${p.key}`}
          loading={left.servers === undefined || right.servers === undefined}
          empty={t('servers.none')}
          sort={{ id: 'difference', descending: true }}
        />
      ) : (
        <Failed what={t('servers.failed')} error={failed.error} retry={() => void failed.refetch()} />
      )}
    </SpaceBetween>
  );
}

export default function Compare() {
  useTitle(t('compareruns.title'));
  const [params] = useSearchParams();
  const [a = '', b = ''] = (params.get('runs') ?? '').split(',');
  const first = useExecution(a, a !== '');
  const second = useExecution(b, b !== '');
  const failed = [first, second].find((q) => q.isError && q.data === undefined);
  return (
    <SpaceBetween size="l">
      <Header variant="h1" description={t('compareruns.description')}>
        {t('compareruns.title')}
      </Header>
      {a === '' || b === '' ? (
        <Alert type="warning" header={t('compareruns.need')}>
          <Link to="/executions?tab=history">{t('executions.history')}</Link>
        </Alert>
      ) : failed !== undefined ? (
        <Failed what={t('execution.failed')} error={failed.error} retry={() => void failed.refetch()} />
      ) : first.data === undefined || second.data === undefined ? (
        <Container>
          <Box>
            <StatusIndicator type="loading">{t('execution.loading')}</StatusIndicator>
          </Box>
        </Container>
      ) : (
        <Two first={first.data} second={second.data} />
      )}
    </SpaceBetween>
  );
}
