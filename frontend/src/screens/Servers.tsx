import Button from '@cloudscape-design/components/button';
import Popover from '@cloudscape-design/components/popover';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useCallback, useMemo, useState } from 'react';
import { useNavigate, useSearchParams } from 'react-router';
import { usePlans } from '../api/queries';
import { useAccountScope } from '../app/account';
import { AccountGate } from '../app/AccountGate';
import { useTitle } from '../app/page';
import { useSetParams } from '../app/params';
import { ofAccounts } from '../components/accounts';
import { DataTable, type Column } from '../components/DataTable';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import { Link } from '../components/Link';
import { NamedViews } from '../components/NamedViews';
import { Status } from '../components/Status';
import { TagCount } from '../components/Tags';
import { Term } from '../components/Term';
import '../i18n/inventory';
import { t } from '../i18n/t';
import { predicateOf, readQuery, writeQuery, type Query } from '../lib/filter';
import { tagTexts } from '../lib/tags';
import { serverColumns } from '../servers/columns';
import {
  choices, groupProblem, isReady, isShown, nameOf, PROPERTIES, serverHref, showOf, stagingOf, withPlans, type InventoryRow,
} from '../servers/facts';
import { useInventory } from '../servers/inventory';
import { ServerFilter } from '../servers/ServerFilter';

function columns(): Column<InventoryRow>[] {
  const of = serverColumns();
  return [
    { id: 'name', header: t('server'), name: true, sort: nameOf, cell: (s) => <Link to={serverHref(s.sourceServerID, s.accountId, s.region)}>{nameOf(s)}</Link> },
    of.id,
    of.state,
    of.lag,
    of.seen,
    {
      id: 'group',
      header: t('inventory.group'),
      sort: (s) => s.assignedToProtectionGroup?.protectionGroupName ?? '',
      cell: ({ assignedToProtectionGroup: group }) =>
        group === null ? '–' : <Link to={`/protection-groups/${group.protectionGroupId}`}>{group.protectionGroupName}</Link>,
    },
    {
      id: 'plans',
      header: t('inventory.plans'),
      sort: (s) => s.plans.map((p) => p.planName).join(', '),
      cell: (s) => (s.plans.length === 0 ? '–' : <Plans plans={s.plans} />),
    },
    { id: 'region', header: t('region'), sort: (s) => s.region, cell: (s) => s.region, optional: true },
    {
      id: 'tags',
      header: t('inventory.tags'),
      sort: (s) => Object.keys(s.tags).length,
      csv: (s) => tagTexts(s.tags).join(' '),
      cell: (s) => <TagCount title={t('inventory.tags')} tags={s.tags} />,
    },
    {
      id: 'sourcetags',
      header: t('inventory.sourcetags'),
      sort: (s) => Object.keys(s.sourceTags ?? {}).length,
      csv: (s) => tagTexts(s.sourceTags).join(' '),
      cell: (s) => <TagCount title={t('inventory.sourcetags')} tags={s.sourceTags ?? {}} />,
      optional: true,
    },
    { id: 'vpc', header: t('inventory.vpc'), sort: (s) => s.ec2NetworkConfig?.vpcId ?? '', cell: (s) => s.ec2NetworkConfig?.vpcId || '–', optional: true },
    { id: 'subnet', header: t('inventory.subnet'), sort: (s) => s.ec2NetworkConfig?.subnetId ?? '', cell: (s) => s.ec2NetworkConfig?.subnetId || '–', optional: true },
    { id: 'agent', header: t('inventory.agent'), sort: (s) => s.agentVersion ?? '', cell: (s) => s.agentVersion || '–', optional: true },
    {
      id: 'extension',
      header: t('inventory.extension'),
      sort: (s) => s.extensionStatus ?? '',
      cell: (s) => (s.extensionStatus ? <Status value={s.extensionStatus} kind="extension" /> : '–'),
      optional: true,
    },
    of.fqdn,
    of.ip,
    of.os,
    of.cores,
    of.ram,
    of.disk,
    of.launch,
    { id: 'staging', header: t('inventory.staging'), sort: (s) => stagingOf(s) ?? '', cell: (s) => stagingOf(s) ?? '–', optional: true },
  ];
}

function Plans({ plans }: { plans: InventoryRow['plans'] }) {
  const [first] = plans;
  return plans.length === 1 && first !== undefined ? (
    <Link to={`/recovery-plans/${first.planId}`}>{first.planName}</Link>
  ) : (
    <Popover
      header={t('inventory.plans')}
      dismissAriaLabel={t('close')}
      content={
        <ul className="plain-list">
          {plans.map((plan) => (
            <li key={plan.planId}>
              <Link to={`/recovery-plans/${plan.planId}`}>{plan.planName}</Link>
            </li>
          ))}
        </ul>
      }
    >
      {t('inventory.plans.count', { count: plans.length })}
    </Popover>
  );
}

/** What of the address a kept view has. */
const VIEW_PARAMS = ['show', 'filter'] as const;

const words = () => '';

function List() {
  const navigate = useNavigate();
  const scope = useAccountScope();
  const [params] = useSearchParams();
  const setParams = useSetParams();
  const inventory = useInventory(scope.accountIds);
  const plans = usePlans(scope.accountId).data?.plans;
  const rows = useMemo(() => withPlans(inventory.rows, plans ?? []), [inventory.rows, plans]);
  const show = showOf(params.get('show'));
  const filter = params.get('filter') ?? '';
  const query = useMemo(() => readQuery(filter), [filter]);
  const predicate = useMemo(() => {
    const matches = predicateOf(query, PROPERTIES);
    return (row: InventoryRow) => isShown(show, row) && (matches === null || matches(row));
  }, [query, show]);
  const options = useMemo(() => choices(rows), [rows]);
  const definitions = useMemo(() => ofAccounts(scope, (s) => s.accountId, columns()), [scope]);
  const counts = useMemo(
    () => ({
      all: rows.length,
      notready: rows.filter((row) => !isReady(row)).length,
      unassigned: rows.filter((row) => row.assignedToProtectionGroup === null).length,
    }),
    [rows],
  );
  const [selected, setSelected] = useState<readonly InventoryRow[]>([]);
  const current = useMemo(() => {
    const keys = new Set(selected.map((row) => row.sourceServerID));
    return keys.size === 0 ? [] : rows.filter((row) => keys.has(row.sourceServerID));
  }, [rows, selected]);
  const filterBy = useCallback((next: Query) => {
    setParams({ filter: writeQuery(next), page: '' });
  }, [setParams]);
  const problem = groupProblem(current);
  return (
    <SpaceBetween size="m">
      {inventory.error === null ? null : <Failed what={t('inventory.failed.some')} error={inventory.error} retry={inventory.retry} />}
      <DataTable
        id="servers"
        title={t('nav.servers')}
        info={<Term word="drs" />}
        description={t('inventory.description')}
        items={rows}
        columns={definitions}
        rowKey={(s) => s.sourceServerID}
        text={words}
        loading={inventory.pending}
        empty={t('inventory.none')}
        emptyHint={t('inventory.none.hint')}
        predicate={predicate}
        sort={{ id: 'name', descending: false }}
        selection={{ selected: current, set: setSelected }}
        search={(matches) => <ServerFilter query={query} options={options} matches={matches} change={filterBy} />}
        filters={
          <SpaceBetween size="xs" direction="horizontal">
            <SegmentedControl
              selectedId={show}
              label={t('inventory.show')}
              options={(['all', 'notready', 'unassigned'] as const).map((id) => ({ id, text: t(`inventory.show.${id}`, { count: counts[id] }) }))}
              onChange={({ detail }) => {
                setParams({ show: detail.selectedId === 'all' ? '' : detail.selectedId, page: '' });
              }}
            />
            <NamedViews list="servers" params={VIEW_PARAMS} />
          </SpaceBetween>
        }
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <Button iconName="refresh" ariaLabel={t('refresh')} loading={inventory.incomplete} onClick={inventory.retry} />
            <GatedButton
              permission="create_protection_groups"
              variant="primary"
              disabled={problem !== null}
              disabledReason={problem ?? undefined}
              onClick={() => {
                const [first] = current;
                if (first !== undefined) {
                  void navigate(`/protection-groups/new?account=${first.accountId}`, {
                    state: { region: first.region, serverIds: current.map((s) => s.sourceServerID) },
                  });
                }
              }}
            >
              {current.length === 0 ? t('inventory.group.create') : t('inventory.group.create.count', { count: current.length })}
            </GatedButton>
          </SpaceBetween>
        }
      />
    </SpaceBetween>
  );
}

export default function Servers() {
  useTitle(t('nav.servers'));
  return (
    <AccountGate all>
      <List />
    </AccountGate>
  );
}
