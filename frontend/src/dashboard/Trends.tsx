import Box from '@cloudscape-design/components/box';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import { useMemo } from 'react';
import type { Schemas } from '../api/client';
import { useConfig } from '../app/context';
import { useFeatures } from '../app/features';
import { Link } from '../components/Link';
import { targetsOf } from '../execution/objectives';
import '../i18n/overview';
import { t } from '../i18n/t';
import { rowOf, success, trend } from '../reports/facts';
import { RtoTrend, Success } from '../reports/Figures';

/** RTO of the runs of the period against their targets, and how drills ended. */
export default function Trends({ past, plans }: { past: readonly Schemas['Execution'][]; plans: readonly Schemas['PlanListItem'][] }) {
  const config = useConfig();
  const features = useFeatures();
  const points = useMemo(() => {
    const targets = new Map(plans.map((p) => [p.planId, targetsOf(p, config)]));
    const general = targetsOf(undefined, config);
    return trend(past.map((run) => rowOf(run, null, targets.get(run.planId) ?? general)));
  }, [past, plans, config]);
  const drills = useMemo(() => success(past.filter((run) => run.executionType === 'DRILL')), [past]);
  return (
    <ColumnLayout columns={2} minColumnWidth={320}>
      <Container
        fitHeight
        header={
          <Header variant="h2" description={t('dashboard.trend.description')} actions={features.has('reports') ? <Link to="/reports">{t('nav.reports')}</Link> : null}>
            {t('dashboard.trend')}
          </Header>
        }
      >
        {points.length === 0 ? <Box>{t('reports.trend.none')}</Box> : <RtoTrend points={points} />}
      </Container>
      <Container
        fitHeight
        header={
          <Header variant="h2" description={t(drills.unit === 'week' ? 'reports.success.week' : 'reports.success.month')}>
            {t('dashboard.drills')}
          </Header>
        }
      >
        {drills.intervals.length === 0 ? <Box>{t('dashboard.drills.none')}</Box> : <Success {...drills} />}
      </Container>
    </ColumnLayout>
  );
}
