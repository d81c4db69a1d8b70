import Popover from '@cloudscape-design/components/popover';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useEffect } from 'react';
import type { Schemas } from '../api/client';
import { usePrecheck } from '../api/queries';
import { Link } from '../components/Link';
import { Ago } from '../components/Time';
import '../i18n/plan';
import '../i18n/plans';
import { t } from '../i18n/t';
import { VERDICT_TYPES } from './readiness';
import { blockedBecause, isRunning } from './state';
import { keepVerdict, readVerdicts, verdictOf, type KeptVerdict } from './verdicts';

type Plan = Schemas['PlanListItem'];
type Run = Pick<Schemas['Execution'], 'executionId' | 'status' | 'currentWave' | 'totalWaves'>;

/** Wave x of y of its run, when one goes on. */
export function waveOf(run: Run | undefined): string | null {
  return run === undefined ? null : t('wave.of', { current: run.currentWave ?? 0, total: run.totalWaves ?? 0 });
}

export function stateText(plan: Plan, run?: Run): string {
  const wave = waveOf(run);
  return isRunning(plan) ? (wave === null ? t('plan.running') : t('plan.running.wave', { wave })) : (blockedBecause(plan) ?? t('plan.ready'));
}

/** Running, blocked by another, or free; with the reason in words. */
export function PlanState({ plan, run }: { plan: Plan; run?: Run }) {
  if (isRunning(plan)) {
    const paused = run?.status === 'PAUSED';
    const text = paused ? t('plan.paused.wave', { wave: waveOf(run) }) : stateText(plan, run);
    return (
      <StatusIndicator type={paused ? 'warning' : 'in-progress'}>
        {plan.lastExecutionId === undefined ? text : <Link to={`/executions/${plan.lastExecutionId}`}>{text}</Link>}
      </StatusIndicator>
    );
  }
  const reason = blockedBecause(plan);
  if (reason === null) {
    return <StatusIndicator type="success">{t('plan.ready')}</StatusIndicator>;
  }
  const by = plan.conflictInfo?.conflictingExecutionId;
  return (
    <Popover
      header={t('plan.blocked')}
      dismissAriaLabel={t('close')}
      content={
        <>
          {reason}
          {by === undefined || by === null ? null : (
            <div>
              <Link to={`/executions/${by}`}>{t('start.conflict.run')}</Link>
            </div>
          )}
        </>
      }
    >
      <StatusIndicator type="stopped">{t('plan.blocked')}</StatusIndicator>
    </Popover>
  );
}

function Verdict({ planId, last }: { planId: string; last: KeptVerdict | undefined }) {
  const to = `/recovery-plans/${planId}/readiness`;
  return last === undefined ? (
    <Link to={to}>{t('verdict.none')}</Link>
  ) : (
    <>
      <StatusIndicator type={VERDICT_TYPES[last.verdict]}>
        <Link to={to}>{t(`verdict.${last.verdict}`)}</Link>
      </StatusIndicator>{' '}
      <Ago value={last.at} />
    </>
  );
}

/** The last check of the plan that was made in this browser. */
export function LastVerdict({ planId }: { planId: string }) {
  return <Verdict planId={planId} last={readVerdicts(planId)[0]} />;
}

/** A check for a drill that is made now; the last one until it is there. */
export function VerdictNow({ planId }: { planId: string }) {
  const check = usePrecheck(planId, 'DRILL').data;
  useEffect(() => {
    if (check !== undefined) {
      keepVerdict(check);
    }
  }, [check]);
  return check === undefined ? <LastVerdict planId={planId} /> : <Verdict planId={planId} last={verdictOf(check)} />;
}
