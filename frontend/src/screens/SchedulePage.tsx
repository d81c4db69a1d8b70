import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { lazy, Suspense, useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import '../i18n/more';
import { usePlan } from '../api/queries';
import { usePermissions } from '../app/permissions';
import { useTitle } from '../app/page';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import { Link } from '../components/Link';
import { Loaded } from '../components/Loaded';
import { Status } from '../components/Status';
import Table from '../components/Table';
import { Elapsed, Time } from '../components/Time';
import '../i18n/schedules';
import { t } from '../i18n/t';
import type { Schedule } from '../schedules/form';
import { NextRuns } from '../schedules/NextRuns';
import { Enabled, LastRun, ScheduleDialog, scheduleHref, When } from '../schedules/parts';
import { useSchedule, useScheduleActions, useScheduleRuns } from '../schedules/queries';

const ResourceAudit = lazy(() => import('../audit/ResourceAudit'));

function Runs({ schedule }: { schedule: Schedule }) {
  const query = useScheduleRuns(schedule.planId, schedule.scheduleId);
  if (query.isError && query.data === undefined) {
    return <Failed what={t('executions.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  return (
    <Table
      items={query.data ?? []}
      trackBy={(e) => e.executionId}
      loading={query.isPending}
      loadingText={t('loading')}
      header={<Header variant="h2" description={t('schedule.runs.description')}>{t('schedule.runs')}</Header>}
      ariaLabels={{ tableLabel: t('schedule.runs') }}
      empty={<Box textAlign="center">{t('schedule.runs.none')}</Box>}
      columnDefinitions={[
        {
          id: 'started',
          header: t('started'),
          isRowHeader: true,
          cell: (e) => (
            <Link to={`/executions/${e.executionId}`}>
              <Time value={e.startTime} />
            </Link>
          ),
        },
        { id: 'status', header: t('status'), cell: (e) => <Status value={e.status} kind="execution" /> },
        { id: 'duration', header: t('duration'), cell: (e) => <Elapsed from={e.startTime} to={e.endTime} /> },
      ]}
    />
  );
}

function Actions({ schedule }: { schedule: Schedule }) {
  const navigate = useNavigate();
  const unstarted = usePermissions().reason('start_recovery');
  const actions = useScheduleActions();
  const [dialog, setDialog] = useState<'run' | 'delete' | null>(null);
  return (
    <>
      <SpaceBetween size="xs" direction="horizontal">
        <GatedButton permission="modify_recovery_plans" onClick={() => {
          actions.remove.reset();
          setDialog('delete');
        }}>
          {t('delete')}
        </GatedButton>
        <GatedButton permission="modify_recovery_plans" disabledReason={unstarted} loading={actions.enable.isPending} onClick={() => {
          actions.enable.mutate({ schedules: [schedule], enabled: !schedule.enabled });
        }}>
          {t(schedule.enabled ? 'schedule.disable' : 'schedule.enable')}
        </GatedButton>
        <GatedButton permission="modify_recovery_plans" disabledReason={unstarted} onClick={() => void navigate(`${scheduleHref(schedule)}/edit`)}>
          {t('edit')}
        </GatedButton>
        <GatedButton permission="start_recovery" variant="primary" onClick={() => {
          actions.run.reset();
          setDialog('run');
        }}>
          {t('schedule.run')}
        </GatedButton>
      </SpaceBetween>
      {dialog === null ? null : (
        <ScheduleDialog
          kind={dialog}
          schedules={[schedule]}
          actions={actions}
          onDone={() => {
            setDialog(null);
            if (dialog === 'delete') {
              void navigate('/schedules');
            }
          }}
          onClose={() => {
            setDialog(null);
          }}
        />
      )}
    </>
  );
}

function Page({ schedule }: { schedule: Schedule }) {
  const { planId, scheduleId } = schedule;
  const plan = usePlan(planId).data;
  useTitle(schedule.name);
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={<Link to={`/recovery-plans/${planId}`}>{t('schedule.of', { plan: plan?.planName ?? planId })}</Link>}
        actions={<Actions schedule={schedule} />}
      >
        {schedule.name}
      </Header>
      <Container>
        <KeyValuePairs
          columns={4}
          items={[
            { label: t('state'), value: <Enabled schedule={schedule} /> },
            { label: t('schedule.when'), value: <When schedule={schedule} /> },
            { label: t('schedule.zone'), value: schedule.timeZone },
            { label: t('schedule.cron'), value: <Box variant="code">{schedule.cron}</Box> },
            { label: t('schedule.conflict'), value: t(schedule.skipIfConflict ? 'schedule.conflict.skip' : 'schedule.conflict.wait') },
            {
              label: t('schedule.degraded'),
              value: schedule.allowDegraded ? t('schedule.degraded.yes', { reason: schedule.overrideReason ?? '' }) : t('schedule.degraded.no'),
            },
            { label: t('schedule.last'), value: <LastRun schedule={schedule} reason /> },
            { label: t('modified'), value: <Time value={schedule.updatedAt} /> },
          ]}
        />
      </Container>
      <Container header={<Header variant="h2">{t('schedule.coming')}</Header>}>
        {schedule.enabled ? (
          <NextRuns cron={schedule.cron} zone={schedule.timeZone} />
        ) : (
          <Box color="text-status-inactive">{t('schedule.coming.none')}</Box>
        )}
      </Container>
      <Runs schedule={schedule} />
      <Suspense>
        <ResourceAudit resourceId={scheduleId} name={schedule.name} />
      </Suspense>
    </SpaceBetween>
  );
}

export default function SchedulePage() {
  const { planId = '', scheduleId = '' } = useParams();
  return (
    <Loaded query={useSchedule(planId, scheduleId)} failed={t('schedule.failed')}>
      {(schedule) => <Page schedule={schedule} />}
    </Loaded>
  );
}
