import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { Confirm } from '../components/Confirm';
import { Link } from '../components/Link';
import { Ago, Time } from '../components/Time';
import '../i18n/schedules';
import { t } from '../i18n/t';
import type { Schedule } from './form';
import type { useScheduleActions } from './queries';
import { cronWords } from './words';

export const scheduleHref = (s: Schedule) => `/recovery-plans/${s.planId}/schedules/${s.scheduleId}`;

export function Enabled({ schedule }: { schedule: Schedule }) {
  return schedule.enabled ? (
    <StatusIndicator type={schedule.nextRunAt === null ? 'warning' : 'success'}>
      {t(schedule.nextRunAt === null ? 'schedule.held' : 'schedule.enabled')}
    </StatusIndicator>
  ) : (
    <StatusIndicator type="stopped">{t('schedule.disabled')}</StatusIndicator>
  );
}

export function When({ schedule }: { schedule: Schedule }) {
  return <span title={schedule.cron}>{cronWords(schedule.cron)}</span>;
}

export function NextRun({ schedule }: { schedule: Schedule }) {
  return schedule.nextRunAt === null ? <>–</> : <Time value={schedule.nextRunAt} />;
}

const RESULTS = { STARTED: 'success', SKIPPED: 'warning', FAILED: 'error' } as const;

/** What came of the last due time, with the way to the run. */
export function LastRun({ schedule, reason = false }: { schedule: Schedule; reason?: boolean }) {
  const last = schedule.lastRun;
  if (last === null) {
    return <Box color="text-status-inactive">{t('schedule.never')}</Box>;
  }
  const word = t(`schedule.result.${last.result}`);
  return (
    <SpaceBetween size="xxs">
      <span>
        <StatusIndicator type={RESULTS[last.result]}>
          {last.executionId === null ? <span title={last.reason}>{word}</span> : <Link to={`/executions/${last.executionId}`}>{word}</Link>}
        </StatusIndicator>{' '}
        <Ago value={last.time} />
      </span>
      {reason && last.reason !== undefined ? <Box color="text-body-secondary">{last.reason}</Box> : null}
    </SpaceBetween>
  );
}

type Actions = ReturnType<typeof useScheduleActions>;

/** Asks before drills start or schedules go. */
export function ScheduleDialog({
  kind, schedules, actions, onDone, onClose,
}: {
  kind: 'run' | 'delete';
  schedules: readonly Schedule[];
  actions: Actions;
  onDone: () => void;
  onClose: () => void;
}) {
  const mutation = kind === 'run' ? actions.run : actions.remove;
  const [first] = schedules;
  return (
    <Confirm
      title={kind === 'run' ? t('schedule.run.title', { name: first?.name ?? '' }) : t('schedules.delete.title', { count: schedules.length })}
      action={t(kind === 'run' ? 'schedule.run' : 'delete')}
      busy={mutation.isPending}
      destroys={kind === 'delete'}
      problem={mutation.isError ? explain(toApiError(mutation.error)) : null}
      onConfirm={() => {
        if (kind === 'delete') {
          actions.remove.mutate(schedules, { onSuccess: onDone });
        } else if (first !== undefined) {
          actions.run.mutate(first, { onSuccess: onDone });
        }
      }}
      onClose={onClose}
    >
      <Box>{t(kind === 'run' ? 'schedule.run.text' : 'schedules.delete.text')}</Box>
      {kind === 'run' ? null : (
        <ul>
          {schedules.map((s) => (
            <li key={s.scheduleId}>{s.name}</li>
          ))}
        </ul>
      )}
    </Confirm>
  );
}
