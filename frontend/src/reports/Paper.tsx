/** The report for paper: everything of it, in plain tables. */
import { useMemo } from 'react';
import { shown, span, time } from '../components/known';
import { Facts, Grid } from '../components/Paper';
import { t } from '../i18n/t';
import { humanize } from '../lib/status';
import { formatSeconds, isoTime } from '../lib/time';
import { distribution, success, trend, type ReportDocument, type Row } from './facts';
import { Distribution, RtoTrend, Success } from './Figures';
import { rate, rpoText, rtoText, verdictCounts } from './words';

export function Paper({ doc, rows, period, planName, generated, digest }: {
  doc: ReportDocument;
  rows: readonly Row[];
  period: { from: string; to: string };
  planName: string;
  generated: string;
  digest: string;
}) {
  const { summary: sum, filter } = doc;
  const points = useMemo(() => trend(rows), [rows]);
  const { unit, intervals } = useMemo(() => success(rows.map((r) => r.run)), [rows]);
  const none = t('report.none');
  return (
    <article className="report">
      <div className="report-title">{t('reports.title')}</div>
      <section>
        <Facts
          items={[
            [t('report.environment'), shown(doc.environment)],
            [t('account'), filter.accountId ?? t('accounts.all')],
            [t('report.from'), period.from === '' ? t('period.all') : time(filter.startedAfter ?? null)],
            [t('report.to'), time(filter.startedBefore ?? doc.generatedAt)],
            [t('plan'), planName === '' ? t('reports.plan.all') : planName],
            [t('type'), filter.executionType === undefined ? t('filter.type.all') : t(`type.${filter.executionType}`)],
            [t('reports.finished'), sum.finished],
            [t('reports.cancelled'), sum.cancelled],
            [t('reports.rate'), rate(sum.successRate)],
            [t('reports.rtocounts'), verdictCounts(sum.rto)],
            [t('reports.rpocounts'), verdictCounts(sum.rpo)],
            [t('reports.median'), span(sum.rto.median)],
            [t('reports.longestrto'), span(sum.rto.longest)],
            [t('reports.worstrpo'), span(sum.rpo.worst)],
            [t('reports.measured'), t('reports.of', { part: sum.measured, total: sum.finished })],
          ]}
        />
        {doc.complete ? null : <p>{t('reports.stopped', { count: rows.length })}</p>}
        <p>{t('reports.how')}</p>
      </section>
      {points.length === 0 ? null : (
        <section>
          <h2>{t('reports.trend')}</h2>
          <RtoTrend points={points} />
          <h2>{t('reports.distribution')}</h2>
          <Distribution buckets={distribution(points)} />
        </section>
      )}
      {intervals.length === 0 ? null : (
        <section>
          <h2>{t(unit === 'week' ? 'reports.success.week' : 'reports.success.month')}</h2>
          <Success intervals={intervals} unit={unit} />
        </section>
      )}
      <section>
        <h2>{t('reports.byplan')}</h2>
        <Grid
          caption={t('reports.byplan')}
          columns={[t('plan'), t('reports.finished'), t('reports.rate'), t('reports.median'), t('reports.longest'), t('objective.rto.target'), t('reports.rtocounts'), t('reports.worstrpo'), t('objective.rpo.target'), t('reports.cancelled')]}
          rows={doc.plans.map((p) => [
            p.planName, p.finished, rate(p.successRate), formatSeconds(p.rto.median), formatSeconds(p.rto.longest), formatSeconds(p.rtoTarget), verdictCounts(p.rto),
            formatSeconds(p.rpo.worst), formatSeconds(p.rpoTarget), p.cancelled,
          ])}
          empty={none}
        />
      </section>
      <section>
        <h2>{t('reports.overdue', { days: doc.drillMaxAgeDays })}</h2>
        <Grid
          caption={t('reports.overdue.title')}
          columns={[t('plan'), t('reports.lastdrill'), t('reports.days')]}
          rows={(doc.overdue ?? []).map((p) => [p.planName, p.at === null ? t('reports.nodrill') : time(isoTime(p.at)), p.days ?? '–'])}
          empty={doc.overdue === null ? t('report.unknown') : none}
        />
      </section>
      <section>
        <h2>{t('reports.slowwaves')}</h2>
        <Grid
          caption={t('reports.slowwaves')}
          columns={[t('wave'), t('plan'), t('reports.longest'), t('reports.middle'), t('reports.runs')]}
          rows={doc.slowestWaves.map((w) => [t('wave.name', { number: w.waveNumber, name: w.name }), w.planName, formatSeconds(w.longest), formatSeconds(w.median), w.runs])}
          empty={none}
        />
        <h2>{t('reports.slowservers')}</h2>
        <Grid
          caption={t('reports.slowservers')}
          columns={[t('server'), t('serverId'), t('objective.server.rto'), t('plan')]}
          rows={doc.slowestServers.map((s) => [s.name, s.sourceServerId, formatSeconds(s.seconds), s.planName])}
          empty={none}
        />
      </section>
      <section>
        <h2>{t('reports.runs')}</h2>
        <Grid
          caption={t('reports.runs')}
          columns={[t('plan'), t('type'), t('status'), t('started'), t('objective.rto'), t('objective.rto.target'), t('objective.rpo'), t('objective.rpo.target'), t('reports.launched'), t('reports.serversfailed'), t('executionId')]}
          rows={rows.map((r) => [
            r.run.planName, t(`type.${r.run.executionType}`), humanize(r.run.status), time(isoTime(r.run.startTime)), rtoText(r), formatSeconds(r.rtoTarget), rpoText(r),
            formatSeconds(r.rpoTarget), shown(r.launched), shown(r.failed), r.run.executionId,
          ])}
          empty={none}
        />
      </section>
      <footer className="report-footer">
        <div>{generated}</div>
        <div className="report-hash">{t('report.hash', { hash: digest })}</div>
      </footer>
    </article>
  );
}
