/** Runs that are over: found by the server, measured, exported, deleted. */
import { useQueries, useQueryClient } from '@tanstack/react-query';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import ButtonDropdown from '@cloudscape-design/components/button-dropdown';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useDeferredValue, useMemo, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import '../i18n/live';
import '../i18n/more';
import '../i18n/runs';
import type { Schemas } from '../api/client';
import { ENDED_STATUSES, executionQuery, planQuery, useExecutions, usePlans } from '../api/queries';
import { accountsOf, useAccountScope } from '../app/account';
import { useApi, useConfig, useServices } from '../app/context';
import { useSetParams } from '../app/params';
import { ofAccounts } from '../components/accounts';
import { tableCsv, type Column } from '../components/DataTable';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import { Link } from '../components/Link';
import { ListTable } from '../components/ListTable';
import { NamedViews } from '../components/NamedViews';
import { PeriodPicker } from '../components/PeriodPicker';
import { Status } from '../components/Status';
import { useTablePreferences } from '../components/TableSettings';
import { Elapsed, Time } from '../components/Time';
import { TypeBadge } from '../components/TypeBadge';
import { more } from '../components/more';
import { t, type MessageId } from '../i18n/t';
import { download } from '../lib/csv';
import { humanize } from '../lib/status';
import { formatSeconds, toDate } from '../lib/time';
import { DeleteRuns } from './DeleteRuns';
import { HISTORY_PARAMS, historyFilter, PERIODS, SOURCES, type HistoryParams } from './history';
import { grossVerdict, targetsOf } from './objectives';
import { allExecutions } from './queries';
import { Source, sourceText } from './Source';
import { VERDICT_TYPE } from './verdict';

type Execution = Schemas['Execution'];

/** RTO targets of the plans that are shown, in seconds. */
function useTargets(planIds: readonly string[]): (planId: string) => number {
  const api = useApi();
  const config = useConfig();
  const plans = useQueries({
    queries: planIds.map((id) => ({
      ...planQuery(api, id),
      staleTime: 5 * 60_000,
    })),
    combine: (results) => new Map(results.flatMap((r) => (r.data === undefined ? [] : [[r.data.planId, r.data] as const]))),
  });
  return (planId) => targetsOf(plans.get(planId), config).rtoSeconds;
}

const seconds = (e: Execution) => (e.endTime === undefined ? null : e.endTime - e.startTime);
const iso = (value: unknown) => toDate(value)?.toISOString() ?? '';

function columnsOf(target: (planId: string) => number): readonly Column<Execution>[] {
  return [
    {
      id: 'plan', header: t('plan'), name: true, csv: (e) => e.planName,
      cell: (e) => <Link to={`/executions/${e.executionId}`}>{e.planName}</Link>,
    },
    { id: 'status', header: t('status'), csv: (e) => e.status, cell: (e) => <Status value={e.status} kind="execution" /> },
    { id: 'type', header: t('type'), csv: (e) => e.executionType, cell: (e) => <TypeBadge type={e.executionType} /> },
    { id: 'started', header: t('started'), csv: (e) => iso(e.startTime), cell: (e) => <Time value={e.startTime} /> },
    { id: 'ended', header: t('ended'), csv: (e) => iso(e.endTime), cell: (e) => <Time value={e.endTime} />, optional: true },
    { id: 'duration', header: t('duration'), csv: seconds, cell: (e) => <Elapsed from={e.startTime} to={e.endTime} /> },
    {
      id: 'rto',
      header: t('history.rto'),
      csv: (e) => grossVerdict(e, target(e.planId)),
      cell: (e) => {
        const verdict = grossVerdict(e, target(e.planId));
        return (
          <StatusIndicator type={VERDICT_TYPE[verdict]}>
            <span title={t('history.target', { time: formatSeconds(target(e.planId)) })}>{t(verdict === 'unknown' ? 'history.rto.over' : verdict === 'excluded' ? 'history.rto.excluded' : `objective.${verdict}`)}</span>
          </StatusIndicator>
        );
      },
    },
    {
      id: 'servers',
      header: t('servers'),
      csv: (e) => e.outcomeDetails?.serversLaunched,
      cell: ({ outcomeDetails: o }) =>
        o === undefined ? '–' : t('timeline.servers', { launched: o.serversLaunched ?? 0, failed: o.serversFailed ?? 0, total: o.totalServers ?? 0 }),
    },
    {
      id: 'instances',
      header: t('history.instances'),
      csv: (e) => e.terminationMetadata.canTerminate,
      cell: (e) =>
        e.instancesTerminated === true ? (
          <StatusIndicator type="success">{t('termination.badge.done')}</StatusIndicator>
        ) : e.terminationMetadata.canTerminate && (e.outcomeDetails?.serversLaunched ?? 0) > 0 ? (
          <StatusIndicator type="warning">{t('history.instances.there')}</StatusIndicator>
        ) : (
          '–'
        ),
    },
    { id: 'waves', header: t('waves'), csv: (e) => e.totalWaves, cell: (e) => e.totalWaves, optional: true },
    { id: 'by', header: t('initiatedBy'), csv: (e) => e.initiatedBy, cell: (e) => e.initiatedBy },
    {
      id: 'source',
      header: t('source'),
      csv: (e) => e.invocationSource,
      cell: (e) => <Source run={e} />,
    },
    {
      id: 'selection', header: t('history.selection'), optional: true, csv: (e) => e.selectionMode,
      cell: (e) => t(e.selectionMode === 'TAGS' ? 'history.selection.TAGS' : 'history.selection.PLAN'),
    },
    { id: 'id', header: t('executionId'), csv: (e) => e.executionId, cell: (e) => e.executionId, optional: true },
  ];
}

function Filters({ params, plans, set }: {
  params: HistoryParams;
  plans: readonly Pick<Schemas['PlanListItem'], 'planId' | 'planName'>[];
  set: (changes: Record<string, string>) => void;
}) {
  const names = new Map(plans.map((p) => [p.planId, p.planName]));
  // a plan that was deleted has left its runs behind
  const planIds = [...new Set([...names.keys(), ...(params.plan === '' ? [] : [params.plan])])];
  const choice = (name: 'status' | 'type' | 'source' | 'plan', label: MessageId, all: MessageId, values: readonly string[], text: (value: string) => string) => {
    const options = [{ value: '', label: t(all) }, ...values.map((value) => ({ value, label: text(value) }))];
    return (
      <Select
        ariaLabel={t(label)}
        options={options}
        selectedOption={options.find((o) => o.value === params[name]) ?? options[0] ?? null}
        {...(options.length > 10 ? { filteringType: 'auto' as const, filteringPlaceholder: t('table.find') } : {})}
        onChange={({ detail }) => {
          set({ [name]: detail.selectedOption.value ?? '' });
        }}
      />
    );
  };
  return (
    <SpaceBetween size="xs" direction="horizontal">
      <TextFilter
        filteringText={params.q}
        filteringPlaceholder={t('executions.find')}
        filteringAriaLabel={t('executions.find')}
        onChange={({ detail }) => {
          set({ q: detail.filteringText });
        }}
      />
      {choice('plan', 'plan', 'history.plan.all', planIds, (id) => names.get(id) ?? id)}
      {choice('status', 'status', 'filter.status.all', ENDED_STATUSES.split(','), humanize)}
      {choice('type', 'type', 'filter.type.all', ['DRILL', 'RECOVERY'], (v) => t(v === 'DRILL' ? 'type.DRILL' : 'type.RECOVERY'))}
      {choice('source', 'source', 'history.source.all', SOURCES, sourceText)}
      <Input
        value={params.by}
        ariaLabel={t('history.by')}
        placeholder={t('history.by')}
        onChange={({ detail }) => {
          set({ by: detail.value });
        }}
      />
      <PeriodPicker from={params.from} to={params.to} periods={PERIODS} set={set} />
      <NamedViews list="history" params={HISTORY_PARAMS} />
    </SpaceBetween>
  );
}

export default function History() {
  const scope = useAccountScope();
  const { accountId } = scope;
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const navigate = useNavigate();
  const [search] = useSearchParams();
  const set = useSetParams();
  const get = (name: string) => search.get(name) ?? '';
  const params: HistoryParams = {
    q: get('q'), status: get('status'), type: get('type'), source: get('source'), by: get('by'), plan: get('plan'), from: get('from'), to: get('to'),
  };
  const key = useDeferredValue(JSON.stringify(params));
  const filter = useMemo(() => historyFilter(JSON.parse(key) as HistoryParams, accountId), [key, accountId]);
  const query = useExecutions(filter);
  const plans = usePlans(accountId).data?.plans ?? [];
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  const [selected, setSelected] = useState<Execution[]>([]);
  const [deleting, setDeleting] = useState(false);
  const [saving, setSaving] = useState(false);
  const [preferences, setPreferences] = useTablePreferences('history');
  const target = useTargets([...new Set(items.map((e) => e.planId))]);
  const columns = ofAccounts(scope, accountsOf, columnsOf(target));
  const chosen = items.filter((e) => selected.some((s) => s.executionId === e.executionId));

  const save = async (kind: string) => {
    setSaving(true);
    try {
      const all = await allExecutions(api, filter);
      if (kind === 'csv') {
        download('executions.csv', 'text/csv', tableCsv(columns, all));
      } else {
        download('executions.json', 'application/json', `${JSON.stringify(all, null, 2)}\n`);
      }
    } catch (cause) {
      flashes.error(t('history.save.failed'), cause);
    }
    setSaving(false);
  };

  if (query.isError && query.data === undefined) {
    return <Failed what={t('executions.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  return (
    <>
      <ListTable
        items={items}
        columns={columns}
        rowKey={(e) => e.executionId}
        rowName={(e) => t('history.select', { plan: e.planName, id: e.executionId })}
        title={t('executions.history')}
        variant="full-page"
        loading={query.isPending}
        preferences={preferences}
        change={setPreferences}
        paged={false}
        selection={{ selected: chosen, set: setSelected }}
        prefetch={(e) => {
          void client.prefetchQuery(executionQuery(api, e.executionId));
          void import('../screens/ExecutionPage');
        }}
        header={
          <Header
            variant="h2"
            counter={query.isPending ? undefined : `(${items.length.toLocaleString()}${query.hasNextPage ? '+' : ''})`}
            actions={
              <SpaceBetween size="xs" direction="horizontal">
                <ButtonDropdown
                  loading={saving}
                  disabled={items.length === 0}
                  items={[{ id: 'csv', text: 'CSV' }, { id: 'json', text: 'JSON' }]}
                  onItemClick={({ detail }) => void save(detail.id)}
                >
                  {t('history.save')}
                </ButtonDropdown>
                <Button
                  disabled={chosen.length !== 2}
                  disabledReason={t('compareruns.two.hint')}
                  onClick={() => {
                    // the older one first
                    void navigate(`/executions/compare?runs=${[...chosen].sort((a, b) => a.startTime - b.startTime).map((e) => e.executionId).join(',')}`);
                  }}
                >
                  {t('compareruns.two')}
                </Button>
                <GatedButton permission="stop_recovery" disabled={chosen.length === 0} onClick={() => {
                  setDeleting(true);
                }}>
                  {t('history.delete', { count: chosen.length })}
                </GatedButton>
              </SpaceBetween>
            }
          >
            {t('executions.history')}
          </Header>
        }
        filter={<Filters params={params} plans={plans} set={set} />}
        empty={
          Object.values(params).some((value) => value !== '') ? (
            <Box textAlign="center">{t('executions.history.none')}</Box>
          ) : (
            <Box textAlign="center">
              <b>{t('executions.history.empty')}</b>
              <div>
                <Link to="/recovery-plans">{t('executions.active.plans')}</Link>
              </div>
            </Box>
          )
        }
        footer={more(query)}
      />
      {deleting ? (
        <DeleteRuns
          runs={chosen}
          onClose={(done) => {
            setDeleting(false);
            if (done) {
              setSelected([]);
            }
          }}
        />
      ) : null}
    </>
  );
}
