/** The charts of the reports, each with its numbers. */
import Box from '@cloudscape-design/components/box';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMemo } from 'react';
import { Bars, Numbers, Trend } from '../charts/Charts';
import { Link } from '../components/Link';
import { t } from '../i18n/t';
import { formatSeconds, formatTime } from '../lib/time';
import { distribution, success, trend, type Bucket, type Interval, type Point, type Row } from './facts';
import { bucketLabel, intervalLabel, outcomeKinds, rtoKinds, verdictKind } from './words';

export function RtoTrend({ points }: { points: readonly Point[] }) {
  return (
    <Trend
      label={t('reports.trend.label', { count: points.length })}
      names={rtoKinds()}
      points={points.map((p) => ({ id: p.executionId, name: p.planName, at: p.at, seconds: p.seconds, target: p.target, kind: verdictKind(p.verdict) }))}
    />
  );
}

export function Distribution({ buckets }: { buckets: readonly Bucket[] }) {
  return (
    <Bars
      label={t('reports.distribution.label')}
      names={rtoKinds()}
      bars={buckets.map((b) => ({
        label: bucketLabel(b), parts: [{ kind: 'good', count: b.met }, { kind: 'bad', count: b.missed }, { kind: 'unknown', count: b.unknown }],
      }))}
    />
  );
}

export function Success({ intervals, unit }: { intervals: readonly Interval[]; unit: 'week' | 'month' }) {
  return (
    <Bars
      label={t(unit === 'week' ? 'reports.success.week' : 'reports.success.month')}
      names={outcomeKinds()}
      bars={intervals.map((i) => ({
        label: intervalLabel(i, unit), parts: [{ kind: 'good', count: i.completed }, { kind: 'partial', count: i.partial }, { kind: 'bad', count: i.failed }],
      }))}
    />
  );
}

export function Figures({ rows }: { rows: readonly Row[] }) {
  const points = useMemo(() => trend(rows), [rows]);
  const buckets = useMemo(() => distribution(points), [points]);
  const { unit, intervals } = useMemo(() => success(rows.map((r) => r.run)), [rows]);
  if (intervals.length === 0) {
    return null;
  }
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2" description={t('reports.trend.description')}>{t('reports.trend')}</Header>}>
        {points.length === 0 ? <Box>{t('reports.trend.none')}</Box> : <RtoTrend points={points} />}
        <Numbers
          title={t('reports.trend')}
          items={points}
          columns={[
            { id: 'plan', header: t('plan'), isRowHeader: true, cell: (p) => <Link to={`/executions/${p.executionId}`}>{p.planName}</Link> },
            { id: 'at', header: t('started'), cell: (p) => formatTime(p.at) },
            { id: 'rto', header: t('objective.rto'), cell: (p) => formatSeconds(p.seconds) },
            { id: 'target', header: t('objective.rto.target'), cell: (p) => formatSeconds(p.target) },
            { id: 'verdict', header: t('report.verdict'), cell: (p) => t(`objective.${p.verdict}`) },
          ]}
        />
      </Container>
      <ColumnLayout columns={2} minColumnWidth={320}>
        <Container fitHeight header={<Header variant="h2" description={t('reports.distribution.description')}>{t('reports.distribution')}</Header>}>
          {buckets.length === 0 ? <Box>{t('reports.trend.none')}</Box> : <Distribution buckets={buckets} />}
          <Numbers
            title={t('reports.distribution')}
            items={buckets}
            columns={[
              { id: 'to', header: t('objective.rto'), isRowHeader: true, cell: bucketLabel },
              { id: 'met', header: t('objective.met'), cell: (b) => b.met },
              { id: 'missed', header: t('objective.missed'), cell: (b) => b.missed },
              { id: 'unknown', header: t('objective.unknown'), cell: (b) => b.unknown },
            ]}
          />
        </Container>
        <Container
          fitHeight
          header={<Header variant="h2" description={t(unit === 'week' ? 'reports.success.week' : 'reports.success.month')}>{t('reports.success')}</Header>}
        >
          <Success intervals={intervals} unit={unit} />
          <Numbers
            title={t('reports.success')}
            items={intervals}
            columns={[
              { id: 'start', header: t('reports.begin'), isRowHeader: true, cell: (i) => intervalLabel(i, unit) },
              { id: 'completed', header: t('reports.completed'), cell: (i) => i.completed },
              { id: 'partial', header: t('reports.partial'), cell: (i) => i.partial },
              { id: 'failed', header: t('reports.failed'), cell: (i) => i.failed },
            ]}
          />
        </Container>
      </ColumnLayout>
    </SpaceBetween>
  );
}
