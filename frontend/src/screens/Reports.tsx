/** How the runs of a period did against their targets. */
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Header from '@cloudscape-design/components/header';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';
import type { Schemas } from '../api/client';
import { usePlans } from '../api/queries';
import { AccountGate } from '../app/AccountGate';
import { useAccountScope } from '../app/account';
import { useConfig } from '../app/context';
import { useTitle } from '../app/page';
import { useSetParams } from '../app/params';
import { DataTable } from '../components/DataTable';
import { Failed } from '../components/Failed';
import { PeriodPicker } from '../components/PeriodPicker';
import { useDigest, usePaper, usePrinting } from '../components/Paper';
import { Tile } from '../components/Tile';
import { useLastDrills } from '../dashboard/queries';
import { targetsOf } from '../execution/objectives';
import '../i18n/more';
import '../i18n/reports';
import '../i18n/runs';
import { t } from '../i18n/t';
import { download } from '../lib/csv';
import { formatSeconds, formatTime } from '../lib/time';
import { overdueColumns, planColumns, runColumns, serverColumns, waveColumns } from '../reports/columns';
import {
  byPlan, DEFAULT_PERIOD, overduePlans, PERIODS, reportCsv, reportFilter, reportRun, rowOf, slowestServers, slowestWaves, summary,
  type ReportDocument, type ReportParams, type ReportSheet,
} from '../reports/facts';
import { Figures } from '../reports/Figures';
import { Paper } from '../reports/Paper';
import { useMeasures, useRuns } from '../reports/queries';
import { rate, verdictCounts } from '../reports/words';

/** Lines of what took longest. */
const SLOWEST = 10;
const SHEETS: readonly ReportSheet[] = ['runs', 'plans', 'waves', 'servers', 'overdue'];
const NO_RUNS: readonly Schemas['Execution'][] = [];

function Filters({ params, plans }: { params: ReportParams; plans: readonly { planId: string; planName: string }[] }) {
  const set = useSetParams();
  const types = [{ value: '', label: t('filter.type.all') }, { value: 'DRILL', label: t('type.DRILL') }, { value: 'RECOVERY', label: t('type.RECOVERY') }];
  const options = [{ value: '', label: t('reports.plan.all') }, ...plans.map((p) => ({ value: p.planId, label: p.planName }))];
  const own = options.find((o) => o.value === params.plan) ?? { value: params.plan, label: params.plan };
  return (
    <SpaceBetween size="xs" direction="horizontal">
      <PeriodPicker from={params.from} to={params.to} periods={PERIODS} all={ALL} set={set} />
      <Select
        ariaLabel={t('plan')}
        filteringType="auto"
        expandToViewport
        options={options}
        selectedOption={own}
        onChange={({ detail }) => {
          set({ plan: detail.selectedOption.value ?? '' });
        }}
      />
      <Select
        ariaLabel={t('type')}
        options={types}
        selectedOption={types.find((o) => o.value === params.type) ?? types[0] ?? null}
        onChange={({ detail }) => {
          set({ type: detail.selectedOption.value ?? '' });
        }}
      />
    </SpaceBetween>
  );
}

/** In the address: runs of any time. */
const ALL = 'all';

function Page() {
  const config = useConfig();
  const scope = useAccountScope();
  const { accountId } = scope;
  const [search] = useSearchParams();
  const printing = usePrinting();
  const [at, setAt] = useState(Date.now);
  const period = search.get('from') ?? DEFAULT_PERIOD;
  const from = period === ALL ? '' : period;
  const [to, plan, type] = ['to', 'plan', 'type'].map((name) => search.get(name) ?? '') as [string, string, string];
  const filter = useMemo(() => reportFilter({ from, to, plan, type }, accountId, at), [from, to, plan, type, accountId, at]);
  const list = useRuns(filter, at);
  const plans = usePlans(accountId);
  const drills = useLastDrills(accountId, plans.data?.plans);
  const settled = !list.pending && !list.reading;
  // while pages come in, only their number is shown
  const runs = settled ? list.runs : NO_RUNS;
  const finished = useMemo(() => runs.filter((r) => r.status !== 'CANCELLED'), [runs]);
  const measures = useMeasures(finished);
  const rows = useMemo(() => {
    const targets = new Map((plans.data?.plans ?? []).map((p) => [p.planId, targetsOf(p, config)]));
    const general = targetsOf(undefined, config);
    return runs.map((r) => rowOf(r, measures.known.get(r.executionId) ?? null, targets.get(r.planId) ?? general));
  }, [runs, measures.known, plans.data, config]);
  const facts = useMemo(
    () => ({
      summary: summary(rows), plans: byPlan(rows), slowestWaves: slowestWaves(rows, SLOWEST), slowestServers: slowestServers(rows, measures.known, SLOWEST),
    }),
    [rows, measures.known],
  );
  const overdue = useMemo(
    () => (plans.data === undefined || drills.data === undefined ? null : overduePlans(plans.data.plans, drills.data, config.drillMaxAgeDays, at)),
    [plans.data, drills.data, config.drillMaxAgeDays, at],
  );
  const columns = useMemo(() => ({ runs: runColumns(scope), plans: planColumns(), waves: waveColumns(), servers: serverColumns(), overdue: overdueColumns() }), [scope]);
  const ready = settled && !measures.going && !plans.isPending && !drills.isLoading;
  const doc = useMemo(
    (): ReportDocument => ({
      schema: 'drs-orchestrator/runs-report/1', generatedAt: new Date(at).toISOString(), environment: config.environment?.name ?? null, filter,
      complete: list.complete, drillMaxAgeDays: config.drillMaxAgeDays, ...facts, runs: rows.map(reportRun), overdue,
    }),
    [at, config, filter, list.complete, facts, rows, overdue],
  );
  const text = useMemo(() => (ready ? `${JSON.stringify(doc, null, 2)}\n` : ''), [ready, doc]);
  const digest = useDigest(text);
  const generated = t('report.generated', { time: formatTime(at, { zone: 'utc' }) });
  usePaper(`${generated}. ${t('report.hash', { hash: digest })}`);
  const sum = facts.summary;
  const history = `/executions?tab=history${from === '' ? '' : `&from=${encodeURIComponent(from)}`}${to === '' ? '' : `&to=${encodeURIComponent(to)}`}${plan === '' ? '' : `&plan=${encodeURIComponent(plan)}`}${type === '' ? '' : `&type=${type}`}`;

  return (
    <>
      {printing ? (
        <Paper doc={doc} rows={rows} period={{ from, to }} planName={plans.data?.plans.find((p) => p.planId === plan)?.planName ?? plan} generated={generated} digest={digest} />
      ) : null}
      <div className="no-print">
        <SpaceBetween size="l">
          <Header
            variant="h1"
            description={t('reports.description')}
            actions={
              <SpaceBetween size="xs" direction="horizontal" alignItems="center">
                <Button iconName="refresh" ariaLabel={t('refresh')} disabled={!settled} onClick={() => {
                  setAt(Date.now());
                }} />
                <ButtonDropdown
                  disabled={!ready}
                  items={[{ id: 'json', text: 'JSON' }, ...SHEETS.map((id) => ({ id, text: t(`reports.sheet.${id}`) }))]}
                  onItemClick={({ detail }) => {
                    const sheet = SHEETS.find((id) => id === detail.id);
                    if (sheet === undefined) {
                      download('runs-report.json', 'application/json', text);
                    } else {
                      download(`runs-report-${sheet}.csv`, 'text/csv', reportCsv(doc, sheet));
                    }
                  }}
                >
                  {t('history.save')}
                </ButtonDropdown>
                <Button iconName="file" disabled={!ready} onClick={() => {
                  window.print();
                }}>
                  {t('report.print')}
                </Button>
              </SpaceBetween>
            }
          >
            {t('nav.reports')}
          </Header>
          <Filters params={{ from, to, plan, type }} plans={plans.data?.plans ?? []} />
          {list.error === null ? null : <Failed what={t('reports.failed.load')} error={list.error} retry={list.goOn} />}
          {plans.isError && plans.data === undefined ? <Failed what={t('reports.failed.plans')} error={plans.error} retry={() => void plans.refetch()} /> : null}
          {list.reading || list.pending ? (
            <SpaceBetween size="s" direction="horizontal" alignItems="center">
              <StatusIndicator type="loading">{t('reports.reading', { count: list.runs.length })}</StatusIndicator>
              <Button onClick={list.stop}>{t('reports.stop')}</Button>
            </SpaceBetween>
          ) : list.complete || list.error !== null ? null : (
            <Alert type="warning" action={<Button onClick={list.goOn}>{t('reports.goon')}</Button>}>
              {t('reports.stopped', { count: list.runs.length })}
            </Alert>
          )}
          {!settled || measures.left === 0 ? null : (
            <Alert
              type="info"
              action={
                measures.going ? <Button onClick={measures.stop}>{t('reports.stop')}</Button> : <Button onClick={measures.goOn}>{t('reports.measure')}</Button>
              }
            >
              {t(measures.going ? 'reports.measuring' : 'reports.unmeasured', {
                done: finished.length - measures.left, total: finished.length, time: formatSeconds(measures.seconds),
              })}
            </Alert>
          )}
          {settled ? (
            <SpaceBetween size="l">
              <ColumnLayout columns={4} minColumnWidth={160}>
                <Tile label={t('reports.finished')} value={sum.finished} hint={t('reports.cancelled.apart', { count: sum.cancelled })} to={history} />
                <Tile label={t('reports.rate')} value={rate(sum.successRate)} hint={t('reports.completed.of', { completed: sum.completed, finished: sum.finished })} to={`${history}&status=COMPLETED`} />
                <Tile label={t('reports.rtomet')} value={t('reports.of', { part: sum.rto.met, total: sum.finished })} hint={verdictCounts(sum.rto)} to={history} />
                <Tile label={t('reports.rpomet')} value={t('reports.of', { part: sum.rpo.met, total: sum.finished })} hint={verdictCounts(sum.rpo)} to={history} />
                <Tile label={t('reports.median')} value={formatSeconds(sum.rto.median)} hint={t('reports.median.hint')} to={history} />
                <Tile label={t('reports.longestrto')} value={formatSeconds(sum.rto.longest)} hint={t('reports.median.hint')} to={history} />
                <Tile label={t('reports.worstrpo')} value={formatSeconds(sum.rpo.worst)} hint={t('reports.measured.of', { part: sum.measured, total: sum.finished })} to={history} />
                <Tile
                  label={t('reports.overdue', { days: config.drillMaxAgeDays })}
                  value={overdue === null ? '–' : overdue.length}
                  hint={t('reports.plans', { count: plans.data?.plans.length ?? 0 })}
                  to="/recovery-plans?drill=overdue"
                />
              </ColumnLayout>
              <Figures rows={rows} />
              <DataTable
                id="reports-plans" variant="container" title={t('reports.byplan')} items={facts.plans} columns={columns.plans} rowKey={(p) => p.planId}
                text={(p) => p.planName} loading={false} empty={t('executions.history.none')} file={false}
              />
              <ColumnLayout columns={2} minColumnWidth={320}>
                <DataTable
                  id="reports-waves" variant="container" title={t('reports.slowwaves')} items={facts.slowestWaves} columns={columns.waves}
                  rowKey={(w) => `${w.planId} ${String(w.waveNumber)}`} text={(w) => `${w.name} ${w.planName}`} loading={false} empty={t('reports.none')} file={false}
                />
                <DataTable
                  id="reports-servers" variant="container" title={t('reports.slowservers')} items={facts.slowestServers} columns={columns.servers}
                  rowKey={(s) => s.sourceServerId} text={(s) => `${s.name} ${s.sourceServerId}`} loading={false} empty={t('reports.none')} file={false}
                />
              </ColumnLayout>
              {drills.isError && drills.data === undefined ? (
                <Failed what={t('reports.failed.drills')} error={drills.error} retry={() => void drills.refetch()} />
              ) : (
                <DataTable
                  id="reports-overdue" variant="container" title={t('reports.overdue.title')} description={t('reports.overdue', { days: config.drillMaxAgeDays })}
                  items={overdue ?? []} columns={columns.overdue} rowKey={(p) => p.planId} text={(p) => p.planName} loading={overdue === null && !plans.isError}
                  empty={t('reports.overdue.none')} file={false}
                />
              )}
              <DataTable
                id="reports-runs" variant="container" title={t('reports.runs')} description={t('reports.runs.description')} items={rows} columns={columns.runs}
                rowKey={(r) => r.run.executionId} text={(r) => `${r.run.planName} ${r.run.executionId} ${r.run.initiatedBy}`} loading={false}
                empty={t('executions.history.none')} file={false}
              />
              <Box color="text-body-secondary" variant="small">
                {t('reports.readat', { time: formatTime(at) })}
              </Box>
            </SpaceBetween>
          ) : null}
        </SpaceBetween>
      </div>
    </>
  );
}

export default function Reports() {
  useTitle(t('nav.reports'));
  return (
    <AccountGate all>
      <Page />
    </AccountGate>
  );
}
