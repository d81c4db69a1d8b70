import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Cards from '@cloudscape-design/components/cards';
import Header from '@cloudscape-design/components/header';
import ProgressBar from '@cloudscape-design/components/progress-bar';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import Tabs from '@cloudscape-design/components/tabs';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useDeferredValue, useMemo } from 'react';
import { useSearchParams } from 'react-router';
import type { Schemas } from '../api/client';
import { ACTIVE_STATUSES, ENDED_STATUSES, useExecutions, type ExecutionFilter } from '../api/queries';
import { useAccount } from '../app/account';
import { AccountGate } from '../app/AccountGate';
import { useTitle } from '../app/page';
import { Failed } from '../components/Failed';
import { Link } from '../components/Link';
import { Status } from '../components/Status';
import { Elapsed, Time } from '../components/Time';
import { TypeBadge } from '../components/TypeBadge';
import { t, type MessageId } from '../i18n/t';
import { humanize } from '../lib/status';
import { isoBefore } from '../lib/time';

type Execution = Schemas['Execution'];

function waveOf(execution: Execution): string {
  return t('wave.of', { current: execution.currentWave ?? 0, total: execution.totalWaves ?? 0 });
}

function Active() {
  const account = useAccount();
  const query = useExecutions({ accountId: account.accountId, status: ACTIVE_STATUSES }, 100);
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  if (query.isError && query.data === undefined) {
    return <Failed what={t('executions.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  return (
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
        </Box>
      }
      cardDefinition={{
        header: (e) => (
          <SpaceBetween size="xs" direction="horizontal" alignItems="center">
            <Link to={`/executions/${e.executionId ?? ''}`} fontSize="heading-m">
              {e.planName ?? e.executionId}
            </Link>
            <TypeBadge type={e.executionType} />
          </SpaceBetween>
        ),
        sections: [
          { id: 'status', header: t('status'), content: (e) => <Status value={e.status} kind="execution" />, width: 34 },
          { id: 'wave', header: t('wave'), content: waveOf, width: 33 },
          { id: 'elapsed', header: t('elapsed'), content: (e) => <Elapsed from={e.startTime} />, width: 33 },
          {
            id: 'progress',
            content: (e) => (
              <ProgressBar value={e.percentComplete ?? 0} ariaLabel={t('progress.of', { plan: e.planName ?? '' })} />
            ),
          },
        ],
      }}
    />
  );
}

const PERIODS = { hour: 3600, day: 86400, week: 7 * 86400, month: 30 * 86400 } as const;

function History() {
  const account = useAccount();
  const [params, setParams] = useSearchParams();
  const text = params.get('q') ?? '';
  const type = params.get('type') ?? '';
  const period = params.get('period') ?? '';
  const status = params.get('status') ?? '';
  const q = useDeferredValue(text.trim());
  const startedAfter = useMemo(() => {
    const seconds = PERIODS[period as keyof typeof PERIODS] as number | undefined;
    return seconds === undefined ? undefined : isoBefore(seconds);
  }, [period]);
  const filter: ExecutionFilter = {
    accountId: account.accountId,
    status: status === '' ? ENDED_STATUSES : status,
    ...(q === '' ? {} : { q }),
    ...(type === 'DRILL' || type === 'RECOVERY' ? { executionType: type } : {}),
    ...(startedAfter === undefined ? {} : { startedAfter }),
  };
  const query = useExecutions(filter);
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const set = (name: string, value: string) => {
    setParams(
      (old) => {
        const next = new URLSearchParams(old);
        if (value === '') {
          next.delete(name);
        } else {
          next.set(name, value);
        }
        return next;
      },
      { replace: true },
    );
  };
  const select = (name: string, value: string, options: readonly [string, MessageId | null][], label: MessageId) => {
    const choices = options.map(([id, text_]) => ({ value: id, label: text_ === null ? humanize(id) : t(text_) }));
    return (
      <Select
        selectedOption={choices.find((c) => c.value === value) ?? choices[0] ?? null}
        options={choices}
        ariaLabel={t(label)}
        onChange={({ detail }) => {
          set(name, detail.selectedOption.value ?? '');
        }}
      />
    );
  };
  if (query.isError && query.data === undefined) {
    return <Failed what={t('executions.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  return (
    <Table
      items={items}
      trackBy={(e) => e.executionId ?? ''}
      variant="full-page"
      stickyHeader
      wrapLines={false}
      loading={query.isPending}
      loadingText={t('loading')}
      ariaLabels={{ tableLabel: t('executions.history') }}
      filter={
        <SpaceBetween size="xs" direction="horizontal">
          <TextFilter
            filteringText={text}
            filteringPlaceholder={t('executions.find')}
            filteringAriaLabel={t('executions.find')}
            onChange={({ detail }) => {
              set('q', detail.filteringText);
            }}
          />
          {select('status', status, [['', 'filter.status.all'], ...ENDED_STATUSES.split(',').map((s): [string, null] => [s, null])], 'status')}
          {select('type', type, [['', 'filter.type.all'], ['DRILL', 'type.DRILL'], ['RECOVERY', 'type.RECOVERY']], 'type')}
          {select('period', period, [['', 'period.all'], ['hour', 'period.hour'], ['day', 'period.day'], ['week', 'period.week'], ['month', 'period.month']], 'period')}
        </SpaceBetween>
      }
      empty={<Box textAlign="center">{t('executions.history.none')}</Box>}
      columnDefinitions={[
        {
          id: 'plan',
          header: t('plan'),
          isRowHeader: true,
          cell: (e) => <Link to={`/executions/${e.executionId ?? ''}`}>{e.planName ?? e.executionId}</Link>,
        },
        { id: 'status', header: t('status'), cell: (e) => <Status value={e.status} kind="execution" /> },
        { id: 'type', header: t('type'), cell: (e) => <TypeBadge type={e.executionType} /> },
        { id: 'waves', header: t('waves'), cell: (e) => e.totalWaves ?? '–' },
        { id: 'started', header: t('started'), cell: (e) => <Time value={e.startTime} /> },
        { id: 'duration', header: t('duration'), cell: (e) => <Elapsed from={e.startTime} to={e.endTime} /> },
        { id: 'by', header: t('initiatedBy'), cell: (e) => e.initiatedBy ?? '–' },
        { id: 'source', header: t('source'), cell: (e) => e.invocationSource ?? '–' },
      ]}
      footer={
        query.hasNextPage ? (
          <Box textAlign="center">
            <Button loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
              {t('more')}
            </Button>
          </Box>
        ) : undefined
      }
    />
  );
}

export default function Executions() {
  useTitle(t('nav.executions'));
  const [params, setParams] = useSearchParams();
  const tab = params.get('tab') === 'history' ? 'history' : 'active';
  return (
    <AccountGate>
      <SpaceBetween size="m">
        <Header variant="h1" description={t('executions.description')}>
          {t('nav.executions')}
        </Header>
        <Tabs
          activeTabId={tab}
          ariaLabel={t('nav.executions')}
          onChange={({ detail }) => {
            setParams(
              (old) => {
                const next = new URLSearchParams(old);
                next.set('tab', detail.activeTabId);
                return next;
              },
              { replace: true },
            );
          }}
          tabs={[
            { id: 'active', label: t('executions.active'), content: tab === 'active' ? <Active /> : null },
            { id: 'history', label: t('executions.history'), content: tab === 'history' ? <History /> : null },
          ]}
        />
      </SpaceBetween>
    </AccountGate>
  );
}
