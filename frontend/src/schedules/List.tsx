import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import { useNavigate } from 'react-router';
import type { AccountScope } from '../app/account';
import { usePermissions } from '../app/permissions';
import { ofAccounts } from '../components/accounts';
import { DataTable, type Column } from '../components/DataTable';
import { GatedButton } from '../components/GatedButton';
import { Link } from '../components/Link';
import { NextStep } from '../components/NextStep';
import '../i18n/schedules';
import { t } from '../i18n/t';
import type { Schedule } from './form';
import { Enabled, LastRun, NextRun, ScheduleDialog, scheduleHref, When } from './parts';
import { useScheduleActions } from './queries';
import { cronWords } from './words';

/** Schedules of one plan, or of many with the plan beside each. */
export function ScheduleList({
  schedules, loading, many, createHref,
}: {
  schedules: readonly Schedule[];
  loading: boolean;
  many?: { plans: ReadonlyMap<string, { planName: string; accountId?: string }>; scope: AccountScope };
  createHref: string;
}) {
  const navigate = useNavigate();
  const gate = usePermissions();
  const actions = useScheduleActions();
  const planName = (s: Schedule) => many?.plans.get(s.planId)?.planName ?? s.planId;
  const accountId = (s: Schedule) => many?.plans.get(s.planId)?.accountId;
  const [selected, setSelected] = useState<Schedule[]>([]);
  const [dialog, setDialog] = useState<'run' | 'delete' | null>(null);
  const current = selected.flatMap((s) => schedules.filter((other) => other.scheduleId === s.scheduleId));
  const one = current.length === 1 ? (current[0] ?? null) : null;
  const onlyOne = one === null ? t('schedules.selectone') : undefined;
  // saving a schedule means starting drills
  const unstarted = gate.reason('start_recovery');
  const columns: Column<Schedule>[] = [
    { id: 'name', header: t('name'), name: true, sort: (s) => s.name, cell: (s) => <Link to={scheduleHref(s)}>{s.name}</Link> },
    ...(many === undefined
      ? []
      : [{ id: 'plan', header: t('plan'), sort: planName, cell: (s: Schedule) => <Link to={`/recovery-plans/${s.planId}`}>{planName(s)}</Link> }]),
    { id: 'when', header: t('schedule.when'), cell: (s) => <When schedule={s} /> },
    { id: 'zone', header: t('schedule.zone'), sort: (s) => s.timeZone, cell: (s) => s.timeZone },
    { id: 'state', header: t('state'), sort: (s) => (s.enabled ? 0 : 1), cell: (s) => <Enabled schedule={s} /> },
    { id: 'next', header: t('schedule.next'), sort: (s) => s.nextRunAt ?? '~', cell: (s) => <NextRun schedule={s} /> },
    { id: 'last', header: t('schedule.last'), sort: (s) => s.lastRun?.time ?? '', cell: (s) => <LastRun schedule={s} /> },
    { id: 'cron', header: t('schedule.cron'), cell: (s) => <Box variant="code">{s.cron}</Box>, optional: true },
    { id: 'by', header: t('schedule.by'), sort: (s) => s.createdBy, cell: (s) => s.createdBy, optional: true },
  ];
  const turn = (enabled: boolean) => (
    <GatedButton
      permission="modify_recovery_plans"
      disabled={current.every((s) => s.enabled === enabled)}
      disabledReason={unstarted}
      loading={actions.enable.isPending && actions.enable.variables.enabled === enabled}
      onClick={() => {
        actions.enable.mutate({ schedules: current.filter((s) => s.enabled !== enabled), enabled });
      }}
    >
      {t(enabled ? 'schedule.enable' : 'schedule.disable')}
    </GatedButton>
  );
  return (
    <>
      <DataTable
        id={many === undefined ? 'plan-schedules' : 'schedules'}
        variant={many === undefined ? 'container' : 'full-page'}
        title={t('nav.schedules')}
        description={t('schedules.description')}
        items={schedules}
        columns={many === undefined ? columns : ofAccounts(many.scope, accountId, columns)}
        rowKey={(s) => s.scheduleId}
        text={(s) => [s.name, many === undefined ? '' : planName(s), many?.scope.text(accountId(s)), s.cron, cronWords(s.cron), s.timeZone, s.createdBy].join(' ')}
        loading={loading}
        empty={t('schedules.none')}
        emptyHint={<NextStep text={t('schedules.none.hint')} steps={[{ permission: 'modify_recovery_plans', to: createHref, text: t('schedule.create') }]} />}
        selection={{ selected: current, set: setSelected }}
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <GatedButton permission="modify_recovery_plans" disabled={current.length === 0} onClick={() => {
              actions.remove.reset();
              setDialog('delete');
            }}>
              {t('delete')}
            </GatedButton>
            {turn(false)}
            {turn(true)}
            <GatedButton permission="start_recovery" disabled={one === null} disabledReason={onlyOne} onClick={() => {
              actions.run.reset();
              setDialog('run');
            }}>
              {t('schedule.run')}
            </GatedButton>
            <GatedButton
              permission="modify_recovery_plans"
              disabled={one === null}
              disabledReason={unstarted ?? onlyOne}
              onClick={() => {
                if (one !== null) {
                  const path = `${scheduleHref(one)}/edit`;
                  void navigate(many?.scope.href(path, accountId(one)) ?? path);
                }
              }}
            >
              {t('edit')}
            </GatedButton>
            <GatedButton permission="modify_recovery_plans" variant="primary" disabled={unstarted !== undefined} disabledReason={unstarted} onClick={() => void navigate(createHref)}>
              {t('schedule.create')}
            </GatedButton>
          </SpaceBetween>
        }
      />
      {dialog === null ? null : (
        <ScheduleDialog
          kind={dialog}
          schedules={current}
          actions={actions}
          onDone={() => {
            setDialog(null);
            setSelected([]);
          }}
          onClose={() => {
            setDialog(null);
          }}
        />
      )}
    </>
  );
}
