import Badge from '@cloudscape-design/components/badge';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { Schemas } from '../api/client';
import { DataTable } from '../components/DataTable';
import { Failed } from '../components/Failed';
import { Link } from '../components/Link';
import { Status } from '../components/Status';
import { Elapsed, Time } from '../components/Time';
import { TypeBadge } from '../components/TypeBadge';
import { t } from '../i18n/t';
import { NEWEST, type RunsOf } from './runs-of';
import { wavesOf } from './usage';

type Plan = Schemas['PlanListItem'];

/** Plans that use the group, and their runs. */
export default function Runs({ group, plans, runs }: { group: Schemas['ProtectionGroup']; plans: readonly Plan[]; runs: RunsOf }) {
  const names = new Map(plans.map((p) => [p.planId, p.planName]));
  return (
    <SpaceBetween size="l">
      <DataTable
        id="group-plans"
        variant="container"
        title={t('group.plans')}
        items={plans}
        rowKey={(p) => p.planId}
        text={(p) => `${p.planName} ${p.planId}`}
        loading={false}
        empty={t('group.plans.none')}
        emptyHint={t('group.plans.hint')}
        columns={[
          { id: 'name', header: t('plan'), name: true, sort: (p) => p.planName, cell: (p) => <Link to={`/recovery-plans/${p.planId}`}>{p.planName}</Link> },
          { id: 'waves', header: t('waves'), cell: (p) => wavesOf(p, group.groupId).map((w) => t('wave.name', { number: w.waveNumber + 1, name: w.waveName })).join(', ') },
          { id: 'last', header: t('plan.last'), cell: (p) => (p.lastExecutionStatus == null ? t('plan.never') : <Status value={p.lastExecutionStatus} kind="execution" />) },
          { id: 'started', header: t('started'), sort: (p) => p.lastStartTime ?? 0, cell: (p) => <Time value={p.lastStartTime} /> },
          { id: 'state', header: t('state'), cell: (p) => (p.hasServerConflict ? <Badge color="grey">{t('plan.blocked')}</Badge> : '–') },
        ]}
      />
      {runs.error === null ? null : <Failed what={t('executions.failed')} error={runs.error} retry={runs.retry} />}
      <DataTable
        id="group-runs"
        variant="container"
        title={t('plan.runs')}
        description={t('group.runs.what', { count: NEWEST })}
        items={runs.runs}
        rowKey={(r) => r.executionId}
        text={(r) => `${names.get(r.planId ?? '') ?? ''} ${r.executionId}`}
        loading={runs.pending && runs.runs.length === 0}
        empty={t('plan.never')}
        columns={[
          { id: 'started', header: t('started'), name: true, sort: (r) => r.startTime ?? 0, cell: (r) => <Link to={`/executions/${r.executionId}`}><Time value={r.startTime} /></Link> },
          { id: 'plan', header: t('plan'), sort: (r) => names.get(r.planId ?? '') ?? '', cell: (r) => names.get(r.planId ?? '') ?? '–' },
          { id: 'type', header: t('type'), cell: (r) => <TypeBadge type={r.executionType} /> },
          { id: 'status', header: t('status'), cell: (r) => <Status value={r.status} kind="execution" /> },
          { id: 'duration', header: t('duration'), cell: (r) => <Elapsed from={r.startTime} to={r.endTime} /> },
          { id: 'by', header: t('initiatedBy'), cell: (r) => r.initiatedBy ?? '–' },
        ]}
      />
    </SpaceBetween>
  );
}
