/** Tables of the reports. */
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { accountsOf, type AccountScope } from '../app/account';
import { ofAccounts } from '../components/accounts';
import type { Column } from '../components/DataTable';
import { Link } from '../components/Link';
import { Status } from '../components/Status';
import { Time } from '../components/Time';
import { TypeBadge } from '../components/TypeBadge';
import type { Verdict } from '../execution/objectives';
import { VERDICT_TYPE } from '../execution/verdict';
import { t } from '../i18n/t';
import { formatSeconds, formatTime, isoTime } from '../lib/time';
import type { OverduePlan, PlanLine, Row, SlowServer, SlowWave } from './facts';
import { rate, rpoText, rtoText, verdictCounts } from './words';

function VerdictSign({ verdict, children }: { verdict: Verdict; children: string }) {
  return <StatusIndicator type={VERDICT_TYPE[verdict]}>{children}</StatusIndicator>;
}

const run = (id: string, text: string) => <Link to={`/executions/${id}`}>{text}</Link>;

export function runColumns(scope: AccountScope): readonly Column<Row>[] {
  return ofAccounts(scope, (r) => accountsOf(r.run), [
    { id: 'plan', header: t('plan'), name: true, sort: (r) => r.run.planName, cell: (r) => run(r.run.executionId, r.run.planName) },
    { id: 'type', header: t('type'), sort: (r) => r.run.executionType, cell: (r) => <TypeBadge type={r.run.executionType} /> },
    { id: 'status', header: t('status'), sort: (r) => r.run.status, cell: (r) => <Status value={r.run.status} kind="execution" /> },
    { id: 'started', header: t('started'), sort: (r) => r.run.startTime, cell: (r) => <Time value={r.run.startTime} /> },
    { id: 'rto', header: t('objective.rto'), sort: (r) => r.rto ?? Infinity, cell: (r) => <VerdictSign verdict={r.rtoVerdict}>{rtoText(r)}</VerdictSign> },
    { id: 'rtotarget', header: t('objective.rto.target'), sort: (r) => r.rtoTarget, cell: (r) => formatSeconds(r.rtoTarget) },
    { id: 'rpo', header: t('objective.rpo'), sort: (r) => r.rpo ?? Infinity, cell: (r) => <VerdictSign verdict={r.rpoVerdict}>{rpoText(r)}</VerdictSign> },
    { id: 'rpotarget', header: t('objective.rpo.target'), sort: (r) => r.rpoTarget, cell: (r) => formatSeconds(r.rpoTarget) },
    { id: 'launched', header: t('reports.launched'), sort: (r) => r.launched ?? -1, cell: (r) => r.launched ?? '–' },
    { id: 'failed', header: t('reports.serversfailed'), sort: (r) => r.failed ?? -1, cell: (r) => r.failed ?? '–' },
    { id: 'by', header: t('initiatedBy'), sort: (r) => r.run.initiatedBy, cell: (r) => r.run.initiatedBy, optional: true },
    { id: 'report', header: t('report.title'), cell: (r) => <Link to={`/executions/${r.run.executionId}/report`}>{t('report.open')}</Link> },
  ]);
}

export function planColumns(): Column<PlanLine>[] {
  return [
    { id: 'plan', header: t('plan'), name: true, sort: (p) => p.planName, cell: (p) => <Link to={`/recovery-plans/${p.planId}`}>{p.planName}</Link> },
    { id: 'runs', header: t('reports.finished'), sort: (p) => p.finished, cell: (p) => p.finished },
    { id: 'rate', header: t('reports.rate'), sort: (p) => p.successRate ?? -1, cell: (p) => rate(p.successRate) },
    { id: 'median', header: t('reports.median'), sort: (p) => p.rto.median ?? Infinity, cell: (p) => formatSeconds(p.rto.median) },
    { id: 'longest', header: t('reports.longest'), sort: (p) => p.rto.longest ?? Infinity, cell: (p) => formatSeconds(p.rto.longest) },
    { id: 'target', header: t('objective.rto.target'), sort: (p) => p.rtoTarget, cell: (p) => formatSeconds(p.rtoTarget) },
    { id: 'rto', header: t('reports.rtocounts'), sort: (p) => p.rto.missed, cell: (p) => verdictCounts(p.rto) },
    { id: 'rpo', header: t('reports.worstrpo'), sort: (p) => p.rpo.worst ?? Infinity, cell: (p) => formatSeconds(p.rpo.worst) },
    { id: 'cancelled', header: t('reports.cancelled'), sort: (p) => p.cancelled, cell: (p) => p.cancelled },
  ];
}

export function waveColumns(): Column<SlowWave>[] {
  return [
    { id: 'wave', header: t('wave'), name: true, sort: (w) => w.name, cell: (w) => t('wave.name', { number: w.waveNumber, name: w.name }) },
    { id: 'plan', header: t('plan'), sort: (w) => w.planName, cell: (w) => w.planName },
    { id: 'longest', header: t('reports.longest'), sort: (w) => w.longest, cell: (w) => run(w.executionId, formatSeconds(w.longest)) },
    { id: 'median', header: t('reports.middle'), sort: (w) => w.median, cell: (w) => formatSeconds(w.median) },
    { id: 'runs', header: t('reports.runs'), sort: (w) => w.runs, cell: (w) => w.runs },
  ];
}

export function serverColumns(): Column<SlowServer>[] {
  return [
    { id: 'server', header: t('server'), name: true, sort: (s) => s.name, cell: (s) => s.name },
    { id: 'longest', header: t('objective.server.rto'), sort: (s) => s.seconds, cell: (s) => run(s.executionId, formatSeconds(s.seconds)) },
    { id: 'plan', header: t('plan'), sort: (s) => s.planName, cell: (s) => s.planName },
    { id: 'id', header: t('serverId'), sort: (s) => s.sourceServerId, cell: (s) => s.sourceServerId, optional: true },
  ];
}

export function overdueColumns(): Column<OverduePlan>[] {
  return [
    { id: 'plan', header: t('plan'), name: true, sort: (p) => p.planName, cell: (p) => <Link to={`/recovery-plans/${p.planId}`}>{p.planName}</Link> },
    {
      id: 'last', header: t('reports.lastdrill'), sort: (p) => p.at ?? 0, csv: (p) => isoTime(p.at),
      cell: (p) => (p.executionId === null ? t('reports.nodrill') : run(p.executionId, formatTime(p.at))),
    },
    { id: 'days', header: t('reports.days'), sort: (p) => p.days ?? Infinity, cell: (p) => p.days ?? '–' },
  ];
}
