/** The runs that go on, one after the other, to be read from across a room. Nothing can be changed here. */
import Button from '@cloudscape-design/components/button';
import { useCallback, useEffect, useMemo, useState } from 'react';
import { useMatch, useSearchParams } from 'react-router';
import type { Schemas } from '../api/client';
import { ACTIVE_STATUSES, ENDED_STATUSES, useExecution, useExecutions, usePermissionList } from '../api/queries';
import { accountsOf, accountText, ALL, useAccountChoice } from '../app/account';
import { useConfig, useLive, useServices } from '../app/context';
import { useSetParams } from '../app/params';
import { Failed } from '../components/Failed';
import { statusText } from '../components/Status';
import { Elapsed, useNow } from '../components/Time';
import { useFacts } from '../execution/facts';
import { ms, pausedWithin } from '../execution/timeline';
import { onlyLooks, sumsOf, turn } from '../execution/wall';
import '../i18n/live';
import '../i18n/more';
import '../i18n/runs';
import { t } from '../i18n/t';
import { indicatorOf, isTerminal } from '../lib/status';
import { formatAgo, formatSeconds, formatTime } from '../lib/time';
import './wallboard.css';

type Execution = Schemas['Execution'];

const TURN_MS = 15_000;
const STAY_MS = 60_000;

/** A status in the size of what is around it, which those of CloudScape have not. */
function Word({ value, kind }: { value: string; kind: string }) {
  return <strong className={`wallboard-${indicatorOf(value)}`}>{statusText(value, kind)}</strong>;
}

function Facts({ execution }: { execution: Execution }) {
  const now = useNow(isTerminal(execution.status) ? null : 1000);
  const { forecastAt, pauses, targets } = useFacts(execution);
  const forecast = forecastAt(now);
  const { total, launched, failed } = sumsOf(execution.waves);
  const start = ms(execution.startTime);
  const net = start === null || pauses === null ? null : (now - start - pausedWithin(pauses, { start, end: now })) / 1000;
  const left = net === null ? null : targets.rtoSeconds - net;
  const facts: [string, string][] = [
    [t('progress'), `${String(Math.round(execution.percentComplete ?? 0))} %`],
    [t('servers'), t('terminating.count', { done: launched, total })],
    [t('failed'), String(failed)],
    ...(isTerminal(execution.status)
      ? []
      : [
          [t('objective.rto'), left === null ? '–' : left >= 0 ? t('objective.remaining', { time: formatSeconds(left) }) : t('objective.overdue', { time: formatSeconds(-left) })] as [string, string],
          [t('wall.in'), forecast === null ? '–' : formatSeconds((forecast.end - now) / 1000)] as [string, string],
        ]),
  ];
  return (
    <dl className="wallboard-facts">
      <div>
        <dt>{t('elapsed')}</dt>
        <dd>
          <Elapsed from={execution.startTime} to={execution.endTime} />
        </dd>
      </div>
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Run({ id, account }: {
  id: string;
  /** Says whose run it is, where those of several accounts are shown. */
  account: boolean;
}) {
  const { accounts } = useAccountChoice();
  const query = useExecution(id);
  const execution = query.data;
  if (execution === undefined) {
    return query.isError ? <Failed what={t('execution.failed')} error={query.error} retry={() => void query.refetch()} /> : <p>{t('execution.loading')}</p>;
  }
  const { held } = sumsOf(execution.waves);
  return (
    <>
      <div className="wallboard-bar">
        <div>
          <h1>{execution.planName}</h1>
          {account && accounts.length > 1 ? <span>{accountsOf(execution).map((id) => accountText(accounts, id)).join(', ')}</span> : null}
        </div>
        <div className="wallboard-big">
          <span className={`wallboard-type wallboard-type-${execution.executionType}`}>{t(execution.executionType === 'RECOVERY' ? 'type.RECOVERY' : 'type.DRILL')}</span>
          <Word value={execution.status} kind="execution" />
        </div>
      </div>
      {execution.status === 'PAUSED' ? (
        <div className={execution.pauseReason === 'WAVE_FAILED' ? 'wallboard-alarm' : 'wallboard-alarm wallboard-alarm-waiting'}>
          {t(`paused.${execution.pauseReason ?? 'REQUESTED'}`)}. {t('paused.for')} <Elapsed from={execution.pausedAt} />
        </div>
      ) : null}
      {held === 0 ? null : <div className="wallboard-alarm">{t('wall.held', { count: held })}</div>}
      <Facts execution={execution} />
      <ol className="wallboard-waves">
        {execution.waves.map((wave) => {
          const total = wave.totalServers ?? wave.serverCount ?? 0;
          return (
            <li key={wave.waveNumber}>
              <span>{t('wave.name', { number: wave.waveNumber + 1, name: wave.waveName })}</span>
              <Word value={wave.skipped === true ? 'SKIPPED' : wave.status} kind="wave" />
              <span>{t('timeline.servers', { launched: wave.launchedServers ?? 0, total, failed: wave.failedServers ?? 0 })}</span>
              <span>{wave.startTime === undefined ? '' : <Elapsed from={wave.startTime} to={wave.endTime} />}</span>
              <span className="wallboard-track">
                <span className="wallboard-fill" style={{ inlineSize: `${String(total === 0 ? 0 : ((wave.launchedServers ?? 0) * 100) / total)}%` }} />
              </span>
            </li>
          );
        })}
      </ol>
    </>
  );
}

function Ended({ accountId }: { accountId: string }) {
  const now = useNow(10_000);
  const runs = useExecutions({ status: ENDED_STATUSES, accountId }, 5).data?.pages[0]?.items ?? [];
  return runs.length === 0 ? null : (
    <div>
      <span>{t('dashboard.recent')}:</span>
      {runs.slice(0, 3).map((run) => (
        <span key={run.executionId}>
          {run.planName} <Word value={run.status} kind="execution" /> {formatAgo(run.endTime, now)}
        </span>
      ))}
    </div>
  );
}

/** A user who can only look is not signed out for want of input; everybody else is. */
function useStay(): boolean {
  const { session } = useServices();
  const stays = onlyLooks(usePermissionList().data?.permissions ?? []);
  useEffect(() => {
    if (!stays) {
      return;
    }
    const timer = setInterval(() => {
      session.stay();
    }, STAY_MS);
    return () => {
      clearInterval(timer);
    };
  }, [stays, session]);
  return stays;
}

export default function Wallboard() {
  const config = useConfig();
  const live = useLive();
  const now = useNow(1000);
  const setParams = useSetParams();
  const [params] = useSearchParams();
  const named = params.get('account') ?? ALL;
  const accountId = named === ALL ? '' : named;
  const only = useMatch('/executions/:executionId')?.params.executionId ?? null;
  const active = useExecutions({ status: ACTIVE_STATUSES, accountId }, 100);
  const key = useMemo(() => (active.data?.pages[0]?.items ?? []).map((e) => e.executionId).join(' '), [active.data]);
  // the same list as long as the runs are the same: progress does not begin the turn anew
  const ids = useMemo(() => (key === '' ? [] : key.split(' ')), [key]);
  const [chosen, setChosen] = useState<string | null>(null);
  const [held, setHeld] = useState(false);
  const stays = useStay();
  const shown = only ?? turn(ids, chosen, 0);

  const leave = useCallback(() => {
    setParams({ wallboard: '' });
  }, [setParams]);
  const go = useCallback((by: number) => {
    setChosen(turn(ids, shown, by));
  }, [ids, shown]);
  useEffect(() => {
    if (held || only !== null) {
      return;
    }
    const timer = setInterval(() => {
      go(1);
    }, TURN_MS);
    return () => {
      clearInterval(timer);
    };
  }, [held, only, go]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') {
        leave();
      } else if (event.key === 'ArrowLeft' || event.key === 'ArrowRight') {
        go(event.key === 'ArrowLeft' ? -1 : 1);
      }
    };
    window.addEventListener('keydown', onKey);
    return () => {
      window.removeEventListener('keydown', onKey);
    };
  }, [leave, go]);

  useEffect(() => {
    document.title = `${t('wall.title')} · ${t('product')}`;
  }, []);

  const status = t(`live.${live.status}`);
  return (
    <div className="wallboard" id="content" tabIndex={-1}>
      <header className="wallboard-bar">
        <strong>{config.environment === null ? t('product') : `${t('product')} · ${config.environment.name}`}</strong>
        <div>
          <span>{live.status === 'live' || live.lastByte === null ? status : t('live.since', { status, ago: formatAgo(live.lastByte, now) })}</span>
          <span>{formatTime(now)}</span>
        </div>
      </header>
      <main className="wallboard-run">
        {active.isError && active.data === undefined ? (
          <Failed what={t('executions.failed')} error={active.error} retry={() => void active.refetch()} />
        ) : shown !== null ? (
          <Run key={shown} id={shown} account={accountId === ''} />
        ) : (
          <h1>{active.isPending ? t('loading') : t('executions.active.none')}</h1>
        )}
      </main>
      <footer className="wallboard-bar wallboard-foot">
        <Ended accountId={accountId} />
        <div>
          {only !== null || ids.length < 2 ? null : (
            <>
              <span>{t('wall.of', { number: ids.indexOf(shown ?? '') + 1, total: ids.length })}</span>
              <Button iconName="angle-left" ariaLabel={t('wall.previous')} onClick={() => {
                go(-1);
              }} />
              <Button iconName={held ? 'play' : 'pause'} ariaLabel={t(held ? 'wall.rotate' : 'wall.hold')} onClick={() => {
                setHeld(!held);
              }} />
              <Button iconName="angle-right" ariaLabel={t('wall.next')} onClick={() => {
                go(1);
              }} />
            </>
          )}
          {stays ? null : <span>{t('wall.idle', { minutes: config.idleMinutes })}</span>}
          <Button onClick={leave}>{t('wall.leave')}</Button>
        </div>
      </footer>
    </div>
  );
}
