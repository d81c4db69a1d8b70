import { useQueries, useQueryClient } from '@tanstack/react-query';
import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useMemo, useState, type ReactNode } from 'react';
import { useNavigate } from 'react-router';
import type { Schemas } from '../api/client';
import { useDelete } from '../api/optimistic';
import { ACTIVE_STATUSES, ENDED_STATUSES, groupQuery, sourceServersQuery, useExecutions, useGroups, usePlans } from '../api/queries';
import { useAccountScope } from '../app/account';
import { AccountGate } from '../app/AccountGate';
import { useApi } from '../app/context';
import { useTitle } from '../app/page';
import { ofAccounts } from '../components/accounts';
import { Confirm } from '../components/Confirm';
import { CopyText } from '../components/CopyText';
import { DataTable, type Column } from '../components/DataTable';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import { Link } from '../components/Link';
import { NextStep } from '../components/NextStep';
import { PageFailed } from '../components/PageFailed';
import { Status } from '../components/Status';
import { TagCount } from '../components/Tags';
import { Term } from '../components/Term';
import { Time } from '../components/Time';
import { GroupMenu } from '../groups/GroupMenu';
import { Lag, LastRun, Ready } from '../groups/Overview';
import { lastRun, protectionByGroup, type Protection } from '../groups/protection';
import { blockingRun, plansUsing } from '../groups/usage';
import '../i18n/groups';
import '../i18n/more';
import { t } from '../i18n/t';
import { useSame } from '../lib/same';
import { tagTexts } from '../lib/tags';
import { isoTime } from '../lib/time';

type Group = Schemas['ProtectionGroup'];

function Selection({ group }: { group: Group }) {
  return Object.keys(group.serverSelectionTags).length === 0 ? (
    <>{t('group.selection.servers', { count: group.sourceServerIds.length })}</>
  ) : (
    <TagCount title={t('group.tags')} tags={group.serverSelectionTags} />
  );
}

/** Tags, or ids of servers, of a group in one text. */
function selectionText(group: Group): string {
  const tags = tagTexts(group.serverSelectionTags);
  return (tags.length > 0 ? tags : group.sourceServerIds).join(' ');
}

const placeOf = (g: Group) => `${g.accountId} ${g.region}`;

/** Servers and runs of the groups, as far as they are known; an empty `accountId`: of all accounts. */
function useOverview(accountId: string, groups: readonly Group[], plans: readonly Schemas['PlanListItem'][]) {
  const api = useApi();
  const places = [...new Set(groups.map(placeOf))].sort();
  const reads = useQueries({
    queries: places.map((place) => {
      const [account = '', region = ''] = place.split(' ');
      return sourceServersQuery(api, { accountId: account, region, groupId: null });
    }),
  });
  const found = useSame(reads.map((r) => r.data?.servers));
  const byGroup = useMemo(() => protectionByGroup(found.flatMap((servers) => servers ?? [])), [found]);
  const ended = useExecutions({ accountId, status: ENDED_STATUSES }, 100);
  const runs = ended.data?.pages.flatMap((page) => page.items) ?? [];
  const active = useExecutions({ accountId, status: ACTIVE_STATUSES }, 100).data?.pages.flatMap((page) => page.items) ?? [];
  const planIds = (g: Group) => new Set(plansUsing(plans, g.groupId).map((p) => p.planId));
  const unread = reads.filter((r) => r.isError && r.data === undefined);
  return {
    serversError: unread[0]?.error ?? null,
    retryServers: () => {
      unread.forEach((r) => void r.refetch());
    },
    loading: ended.isPending,
    runsError: ended.data === undefined ? ended.error : null,
    retryRuns: () => void ended.refetch(),
    /** Older runs are not looked at. */
    older: ended.hasNextPage,
    protection: (g: Group): Protection | undefined =>
      found[places.indexOf(placeOf(g))] === undefined ? undefined : (byGroup.get(g.groupId) ?? { total: 0, ready: 0, worstLag: null }),
    last: (g: Group, type: 'DRILL' | 'RECOVERY') => lastRun(runs, planIds(g), type),
    blocked: (g: Group) => blockingRun(active, plans, g.groupId) !== undefined,
  };
}

const known = <T,>(value: T | undefined, show: (value: T) => ReactNode): ReactNode => (value === undefined ? '–' : show(value));

function List() {
  const scope = useAccountScope();
  const { accountId } = scope;
  const api = useApi();
  const client = useQueryClient();
  const navigate = useNavigate();
  const groups = useGroups(accountId);
  const plans = usePlans(accountId).data?.plans ?? [];
  const [selected, setSelected] = useState<Group[]>([]);
  const [doomed, setDoomed] = useState<Group[]>([]);
  const remove = useDelete<Group, { groups: readonly Group[] }>({
    queryKey: ['groups'],
    without: (data, gone) => ({ ...data, groups: data.groups.filter((g) => !gone.some((d) => d.groupId === g.groupId)) }),
    remove: ({ groupId }) => api.delete('/protection-groups/{id}', { path: { id: groupId } }),
    done: (count) => t('groups.deleted', { count }),
    failed: (count) => t('groups.delete.failed', { count }),
  });
  const overview = useOverview(accountId, groups.data?.groups ?? [], plans);
  if (groups.isError && groups.data === undefined) {
    return <PageFailed what={t('groups.failed')} error={groups.error} retry={() => void groups.refetch()} />;
  }
  const used = selected.filter((group) => plansUsing(plans, group.groupId).length > 0);
  const one = selected.length === 1 ? selected[0] : undefined;
  const columns: Column<Group>[] = [
    {
      id: 'actions',
      header: t('actions'),
      cell: (g) => (
        <GroupMenu
          group={g}
          blocked={overview.blocked(g)}
          users={plansUsing(plans, g.groupId).map((p) => p.planName)}
          remove={() => {
            setDoomed([g]);
          }}
        />
      ),
    },
    { id: 'name', header: t('name'), name: true, sort: (g) => g.groupName, cell: (g) => <Link to={`/protection-groups/${g.groupId}`}>{g.groupName}</Link> },
    { id: 'description', header: t('description'), sort: (g) => g.description, cell: (g) => g.description || '–', optional: true },
    { id: 'region', header: t('region'), sort: (g) => g.region, cell: (g) => g.region },
    { id: 'selection', header: t('group.selection'), csv: selectionText, cell: (g) => <Selection group={g} /> },
    {
      id: 'servers',
      header: t('servers'),
      sort: (g) => overview.protection(g)?.total ?? -1,
      cell: (g) => known(overview.protection(g), (of) => <Ready of={of} />),
    },
    {
      id: 'lag',
      header: t('overview.lag'),
      sort: (g) => overview.protection(g)?.worstLag ?? -1,
      cell: (g) => known(overview.protection(g), (of) => <Lag of={of} />),
    },
    {
      id: 'drill',
      header: t('overview.drill'),
      sort: (g) => overview.last(g, 'DRILL')?.startTime ?? 0,
      cell: (g) => <LastRun run={overview.last(g, 'DRILL')} loading={overview.loading} failed={overview.runsError !== null} older={overview.older} />,
    },
    {
      id: 'recovery',
      header: t('overview.recovery'),
      optional: true,
      sort: (g) => overview.last(g, 'RECOVERY')?.startTime ?? 0,
      cell: (g) => <LastRun run={overview.last(g, 'RECOVERY')} loading={overview.loading} failed={overview.runsError !== null} older={overview.older} />,
    },
    {
      id: 'plans',
      header: t('group.plans'),
      sort: (g) => plansUsing(plans, g.groupId).length,
      cell: (g) => <Link to={`/protection-groups/${g.groupId}?tab=plans`}>{t('group.plans.count', { count: plansUsing(plans, g.groupId).length })}</Link>,
    },
    { id: 'launch', header: t('group.launch'), sort: (g) => g.launchConfigStatus.status, cell: (g) => <Status value={g.launchConfigStatus.status} kind="launch" /> },
    { id: 'modified', header: t('modified'), sort: (g) => g.lastModifiedDate, csv: (g) => isoTime(g.lastModifiedDate), cell: (g) => <Time value={g.lastModifiedDate} /> },
    { id: 'created', header: t('created'), sort: (g) => g.createdDate, csv: (g) => isoTime(g.createdDate), cell: (g) => <Time value={g.createdDate} />, optional: true },
    { id: 'id', header: t('id'), sort: (g) => g.groupId, cell: (g) => <CopyText value={g.groupId} of={g.groupName} />, optional: true },
  ];
  return (
    <SpaceBetween size="m">
      {overview.serversError === null ? null : <Failed what={t('groups.servers.failed')} error={overview.serversError} retry={overview.retryServers} />}
      {overview.runsError === null ? null : <Failed what={t('executions.failed')} error={overview.runsError} retry={overview.retryRuns} />}
      <DataTable
        id="groups"
        title={t('nav.groups')}
        info={<Term word="group" />}
        description={t('groups.description')}
        items={groups.data?.groups ?? []}
        columns={ofAccounts(scope, (g) => g.accountId, columns)}
        rowKey={(g) => g.groupId}
        text={(g) => [g.groupName, g.description, g.region, g.groupId, scope.text(g.accountId), ...Object.entries(g.serverSelectionTags).flat()].join(' ')}
        loading={groups.isPending}
        empty={t('groups.none')}
        emptyHint={
          <NextStep text={t('groups.none.hint')} steps={[
            { permission: 'create_protection_groups', to: '/protection-groups/new', text: t('editor.group.create') },
            { permission: 'import_configuration', to: '/settings/transfer/import', text: t('transfer.import.start') },
          ]} />
        }
        selection={{ selected, set: setSelected }}
        prefetch={(g) => {
          void client.prefetchQuery(groupQuery(api, g.groupId));
          void import('./Group');
        }}
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <GatedButton
              permission="create_protection_groups"
              disabledReason={one === undefined ? t('groups.one') : undefined}
              onClick={() => void navigate(scope.href(`/protection-groups/new?from=${one?.groupId ?? ''}`, one?.accountId))}
            >
              {t('group.duplicate')}
            </GatedButton>
            <GatedButton
              permission="modify_protection_groups"
              disabledReason={one === undefined ? t('groups.one') : overview.blocked(one) ? t('group.blocked') : undefined}
              onClick={() => void navigate(scope.href(`/protection-groups/${one?.groupId ?? ''}/edit`, one?.accountId))}
            >
              {t('edit')}
            </GatedButton>
            <GatedButton
              permission="delete_protection_groups"
              disabled={selected.length === 0 || used.length > 0}
              disabledReason={used.length > 0 ? t('groups.used', { names: used.map((g) => g.groupName).join(', ') }) : undefined}
              onClick={() => {
                setDoomed(selected);
              }}
            >
              {t('delete')}
            </GatedButton>
            <GatedButton permission="create_protection_groups" variant="primary" onClick={() => void navigate('/protection-groups/new')}>
              {t('editor.group.create')}
            </GatedButton>
          </SpaceBetween>
        }
      />
      {doomed.length > 0 ? (
        <Confirm
          title={t('groups.delete.title', { count: doomed.length })}
          action={t('delete')}
          busy={false}
          onConfirm={() => {
            setDoomed([]);
            setSelected(selected.filter((s) => !doomed.some((d) => d.groupId === s.groupId)));
            remove.mutate(doomed);
          }}
          onClose={() => {
            setDoomed([]);
          }}
        >
          <Box>{t('groups.delete.text')}</Box>
          <ul>
            {doomed.map((g) => (
              <li key={g.groupId}>{g.groupName}</li>
            ))}
          </ul>
        </Confirm>
      ) : null}
    </SpaceBetween>
  );
}

export default function Groups() {
  useTitle(t('nav.groups'));
  return (
    <AccountGate all>
      <List />
    </AccountGate>
  );
}
