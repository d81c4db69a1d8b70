import Box from '@cloudscape-design/components/box';
import ColumnLayout from '@cloudscape-design/components/column-layout';
import Header from '@cloudscape-design/components/header';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { useSearchParams } from 'react-router';
import type { Schemas } from '../api/client';
import { ACTIVE_STATUSES, ENDED_STATUSES, useExecutions } from '../api/queries';
import { accountsOf, useAccountScope } from '../app/account';
import { AccountGate } from '../app/AccountGate';
import { useTitle } from '../app/page';
import { useSetParams } from '../app/params';
import { ofAccounts } from '../components/accounts';
import { Failed } from '../components/Failed';
import { Link } from '../components/Link';
import { Status } from '../components/Status';
import Table from '../components/Table';
import { Tile } from '../components/Tile';
import type { Column } from '../components/DataTable';
import { Elapsed, Time } from '../components/Time';
import { TypeBadge } from '../components/TypeBadge';
import { t } from '../i18n/t';
import { successRate } from '../lib/outcome';
import type { Indicator } from '../lib/status';
import { isoBefore } from '../lib/time';

const Overview = lazy(() => import('../dashboard/Overview'));
const Actions = lazy(() => import('../dashboard/Actions'));

type Execution = Schemas['Execution'];

/** Null: however long ago. */
const DAYS = { day: 1, week: 7, month: 30, quarter: 90, all: null } as const;
export type Period = keyof typeof DAYS;

/** How good a success rate is. */
export function rateLevel(rate: number | null): Indicator | undefined {
  return rate === null ? undefined : rate >= 80 ? 'success' : rate >= 50 ? 'warning' : 'error';
}

/** How many ended so; "+" when older runs of the period were not counted. */
export function countOf(past: readonly { status: string }[], status: string, more: boolean): string {
  return `${String(past.filter((e) => e.status === status).length)}${more ? '+' : ''}`;
}

function Runs() {
  const scope = useAccountScope();
  const { accountId } = scope;
  const [params] = useSearchParams();
  const setParams = useSetParams();
  const wanted = params.get('period');
  const period: Period = wanted !== null && wanted in DAYS ? (wanted as Period) : 'month';
  const startedAfter = useMemo(() => {
    const days = DAYS[period];
    return days === null ? undefined : isoBefore(days * 86_400);
  }, [period]);
  const active = useExecutions({ accountId, status: ACTIVE_STATUSES }, 100);
  const ended = useExecutions({ accountId, status: ENDED_STATUSES, ...(startedAfter === undefined ? {} : { startedAfter }) }, 100);
  const broken = [active, ended].filter((q) => q.isError);
  const settled = !active.isPending && !ended.isPending;
  const [rest, setRest] = useState(false);
  useEffect(() => {
    if (!settled) {
      return;
    }
    // what is seen first goes first; the budgets are measured up to here
    performance.mark('first-page');
    const later = setTimeout(() => {
      setRest(true);
    });
    return () => {
      clearTimeout(later);
    };
  }, [settled]);
  const running = active.data?.pages.flatMap((p) => p.items) ?? [];
  const past = ended.data?.pages.flatMap((p) => p.items) ?? [];
  const count = (status: string) => (ended.data === undefined ? '–' : countOf(past, status, ended.hasNextPage));
  const days = DAYS[period];
  const history = (status: string) =>
    `/executions?tab=history${status === '' ? '' : `&status=${status}`}${days === null ? '' : `&from=-${String(days)}d`}`;
  const columns = (more: readonly Column<Execution>[]) =>
    ofAccounts<Execution>(scope, accountsOf, [
      { id: 'plan', header: t('plan'), name: true, cell: (e) => <Link to={`/executions/${e.executionId ?? ''}`}>{e.planName ?? e.executionId}</Link> },
      { id: 'status', header: t('status'), cell: (e) => <Status value={e.status} kind="execution" /> },
      { id: 'type', header: t('type'), cell: (e) => <TypeBadge type={e.executionType} /> },
      ...more,
    ]).map(({ id, header, name, cell }) => ({ id, header, cell, isRowHeader: name === true }));
  const within = ended.isPending ? t('loading') : t(ended.data === undefined ? 'status.unknown' : `within.${period}`);
  const rate = successRate(past.map((e) => e.status));
  const level = rateLevel(rate);
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={t('dashboard.description')}
        actions={
          rest ? (
            <Suspense>
              <Actions
                period={period}
                periods={Object.keys(DAYS) as Period[]}
                choose={(next) => {
                  setParams({ period: next });
                }}
              />
            </Suspense>
          ) : null
        }
      >
        {t('nav.dashboard')}
      </Header>
      {broken[0] === undefined ? null : (
        <Failed what={t('executions.failed')} error={broken[0].error} retry={() => {
          broken.forEach((q) => void q.refetch());
        }} />
      )}
      <ColumnLayout columns={4} minColumnWidth={160}>
        <Tile
          label={t('dashboard.active')}
          value={active.data === undefined ? '–' : running.length}
          {...(running.length > 0 ? { hint: t('execution.RUNNING'), level: 'in-progress' as const } : {})}
          to="/executions?tab=active"
        />
        <Tile
          label={t('dashboard.completed')}
          value={count('COMPLETED')}
          hint={within}
          {...(past.some((e) => e.status === 'COMPLETED') ? { level: 'success' as const } : {})}
          to={history('COMPLETED')}
        />
        <Tile
          label={t('dashboard.failed')}
          value={count('FAILED')}
          hint={within}
          {...(past.some((e) => e.status === 'FAILED') ? { level: 'error' as const } : {})}
          to={history('FAILED')}
        />
        <Tile
          label={t('dashboard.rate')}
          value={rate === null ? '–' : `${String(rate)} %`}
          hint={ended.data !== undefined && rate === null ? t('dashboard.rate.none') : within}
          {...(level === undefined ? {} : { level })}
          to={history('')}
        />
      </ColumnLayout>
      {ended.hasNextPage ? <Box color="text-body-secondary">{t('dashboard.newest', { count: past.length })}</Box> : null}
      <Table
        items={running.slice(0, 5)}
        trackBy={(e) => e.executionId ?? ''}
        loading={active.isPending}
        loadingText={t('loading')}
        ariaLabels={{ tableLabel: t('dashboard.now') }}
        header={
          <Header variant="h2" actions={<Link to="/executions?tab=active">{t('viewall')}</Link>}>
            {t('dashboard.now')}
          </Header>
        }
        empty={<Box textAlign="center">{t(active.isError ? 'status.unknown' : 'executions.active.none')}</Box>}
        columnDefinitions={columns([
          {
            id: 'wave',
            header: t('wave'),
            cell: (e) => t('wave.of', { current: e.currentWave ?? 0, total: e.totalWaves ?? 0 }),
          },
          { id: 'progress', header: t('progress'), cell: (e) => `${String(e.percentComplete ?? 0)} %` },
          { id: 'elapsed', header: t('elapsed'), cell: (e) => <Elapsed from={e.startTime} /> },
        ])}
      />
      <Table
        items={past.slice(0, 5)}
        trackBy={(e) => e.executionId ?? ''}
        loading={ended.isPending}
        loadingText={t('loading')}
        ariaLabels={{ tableLabel: t('dashboard.recent') }}
        header={
          <Header variant="h2" actions={<Link to="/executions?tab=history">{t('viewhistory')}</Link>}>
            {t('dashboard.recent')}
          </Header>
        }
        empty={<Box textAlign="center">{t(ended.isError ? 'status.unknown' : 'dashboard.recent.none')}</Box>}
        columnDefinitions={columns([
          { id: 'started', header: t('started'), cell: (e) => <Time value={e.startTime} /> },
          { id: 'duration', header: t('duration'), cell: (e) => <Elapsed from={e.startTime} to={e.endTime} /> },
        ])}
      />
      {rest ? (
        <Suspense fallback={<Box>{t('loading')}</Box>}>
          <Overview past={ended.data && past} anyRun={running.length + past.length > 0 || (broken.length > 0 ? undefined : false)} history={history} />
        </Suspense>
      ) : null}
    </SpaceBetween>
  );
}

export default function Dashboard() {
  useTitle(t('nav.dashboard'));
  return (
    <AccountGate all>
      <Runs />
    </AccountGate>
  );
}
