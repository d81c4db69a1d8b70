import { useIsFetching, useQueryClient } from '@tanstack/react-query';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Cards from '@cloudscape-design/components/cards';
import Header from '@cloudscape-design/components/header';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { lazy, Suspense } from 'react';
import { useSearchParams } from 'react-router';
import type { Schemas } from '../api/client';
import { ACTIVE_STATUSES, useExecutions } from '../api/queries';
import { accountsOf, LinkAccount, useAccountScope } from '../app/account';
import { AccountGate } from '../app/AccountGate';
import { useFeatures } from '../app/features';
import { useTitle } from '../app/page';
import { useSetParams } from '../app/params';
import { Failed } from '../components/Failed';
import { Link } from '../components/Link';
import { Skeleton } from '../components/Skeleton';
import { Status } from '../components/Status';
import { Elapsed, Time } from '../components/Time';
import { TypeBadge } from '../components/TypeBadge';
import { t } from '../i18n/t';

type Execution = Schemas['Execution'];

function waveOf(execution: Execution): string {
  return t('wave.of', { current: execution.currentWave ?? 0, total: execution.totalWaves ?? 0 });
}

/** Runs that go on; the badge of the navigation counts the same. */
const useActive = (accountId: string) => useExecutions({ accountId, status: ACTIVE_STATUSES }, 100);

function Active() {
  const scope = useAccountScope();
  const query = useActive(scope.accountId);
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  if (query.isError && query.data === undefined) {
    return <Failed what={t('executions.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  return (
    <div className="active-runs">
      <Cards
        items={items}
        trackBy={(e) => e.executionId ?? ''}
        loading={query.isPending}
        loadingText={t('loading')}
        ariaLabels={{ itemSelectionLabel: (_, e) => e.planName ?? '', selectionGroupLabel: t('executions.active') }}
        empty={
          <Box textAlign="center" padding="l">
            <b>{t('executions.active.none')}</b>
            <Box variant="p" color="text-body-secondary">
              {t('executions.active.hint')}
            </Box>
            <Link to="/recovery-plans">{t('executions.active.plans')}</Link>
          </Box>
        }
        cardDefinition={{
          header: (e) => (
            <SpaceBetween size="xs" direction="horizontal" alignItems="center">
              <LinkAccount value={scope.all ? e.accountId : ''}>
                <Link to={`/executions/${e.executionId ?? ''}`} fontSize="heading-m">
                  {e.planName ?? e.executionId}
                </Link>
              </LinkAccount>
              <TypeBadge type={e.executionType} />
            </SpaceBetween>
          ),
          sections: [
            ...(scope.all ? [{ id: 'account', header: t('account'), content: (e: Execution) => scope.text(accountsOf(e)) }] : []),
            { id: 'status', header: t('status'), content: (e) => <Status value={e.status} kind="execution" />, width: 50 },
            { id: 'wave', header: t('wave'), content: waveOf, width: 50 },
            { id: 'started', header: t('started'), content: (e) => <Time value={e.startTime} />, width: 50 },
            { id: 'elapsed', header: t('elapsed'), content: (e) => <Elapsed from={e.startTime} />, width: 50 },
            {
              id: 'progress',
              content: (e) => (
                <ProgressBar value={e.percentComplete ?? 0} ariaLabel={t('progress.of', { plan: e.planName ?? '' })} />
              ),
            },
          ],
        }}
      />
    </div>
  );
}

const History = lazy(() => import('../execution/History'));

function Runs() {
  const { accountId } = useAccountScope();
  const client = useQueryClient();
  const [params] = useSearchParams();
  const setParams = useSetParams();
  const active = useActive(accountId);
  const features = useFeatures();
  const fetching = useIsFetching({ queryKey: ['executions'] }) > 0;
  const tab = params.get('tab') === 'history' ? 'history' : 'active';
  const count = active.data?.pages.reduce((sum, page) => sum + page.items.length, 0);
  return (
    <SpaceBetween size="m">
      <Header
        variant="h1"
        description={t('executions.description')}
        actions={
          <SpaceBetween size="s" direction="horizontal" alignItems="center">
            {features.has('wallboard') ? <Link to="/executions?wallboard=1">{t('wall.open')}</Link> : null}
            <Button iconName="refresh" ariaLabel={t('refresh')} loading={fetching} onClick={() => void client.invalidateQueries({ queryKey: ['executions'] })} />
          </SpaceBetween>
        }
      >
        {t('nav.executions')}
      </Header>
      <Tabs
        activeTabId={tab}
        ariaLabel={t('nav.executions')}
        onChange={({ detail }) => {
          setParams({ tab: detail.activeTabId });
        }}
        tabs={[
          { id: 'active', label: count === undefined ? t('executions.active') : t('executions.active.count', { count }), content: tab === 'active' ? <Active /> : null },
          { id: 'history', label: t('executions.history'), content: tab === 'history' ? (
            <Suspense fallback={<Skeleton />}>
              <History />
            </Suspense>
          ) : null },
        ]}
      />
    </SpaceBetween>
  );
}

export default function Executions() {
  useTitle(t('nav.executions'));
  return (
    <AccountGate all>
      <Runs />
    </AccountGate>
  );
}
