import Alert from '@cloudscape-design/components/alert';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Tabs from '@cloudscape-design/components/tabs';
import { useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import type { Schemas } from '../api/client';
import { toApiError } from '../api/error';
import { useGroup, useGroupServers, usePlans } from '../api/queries';
import { useServices } from '../app/context';
import { useTitle } from '../app/page';
import { useParam, useSetParams } from '../app/params';
import { CopyText } from '../components/CopyText';
import { DataTable } from '../components/DataTable';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import { LeaveGuard } from '../components/LeaveGuard';
import { Link } from '../components/Link';
import { PageFailed } from '../components/PageFailed';
import { Skeleton } from '../components/Skeleton';
import { Status } from '../components/Status';
import { TagCount, TagList } from '../components/Tags';
import { Time } from '../components/Time';
import { isApplying, progressText } from '../groups/apply';
import { Lag, LastRun, Ready } from '../groups/Overview';
import { isReady, lastRun, protection } from '../groups/protection';
import { useRunsOf } from '../groups/runs-of';
import { rebase, type Changes } from '../groups/settings';
import { blockingRun, plansUsing } from '../groups/usage';
import { stopWatching, watchLaunch } from '../groups/watch';
import '../i18n/groups';
import '../i18n/more';
import { t } from '../i18n/t';
import { tagTexts } from '../lib/tags';
import { serverColumns } from '../servers/columns';
import { nameOf, serverHref } from '../servers/facts';
import NotFound from './NotFound';

type Group = Schemas['ProtectionGroup'];

const ServerSettings = lazy(() => import('../groups/ServerSettings'));
const SettingsHistory = lazy(() => import('../groups/SettingsHistory'));
const ResourceAudit = lazy(() => import('../audit/ResourceAudit'));
const Runs = lazy(() => import('../groups/Runs'));

const TABS = ['servers', 'launch', 'plans', 'history'] as const;
type Tab = (typeof TABS)[number];

function Servers({ group, query }: { group: Group; query: ReturnType<typeof useGroupServers> }) {
  const servers = query.data ?? [];
  const of = serverColumns();
  return (
    <DataTable
      id="group-servers"
      variant="container"
      title={t('servers')}
      items={servers}
      rowKey={(s) => s.sourceServerID}
      text={(s) => [s.sourceServerID, s.hostname, s.nameTag, s.sourceIp].join(' ')}
      loading={query.isPending}
      empty={t('group.servers.none')}
      actions={
        <Button iconName="refresh" loading={query.isFetching && !query.isPending} onClick={() => void query.refetch()}>
          {t('refresh')}
        </Button>
      }
      columns={[
        { id: 'name', header: t('server'), name: true, sort: nameOf, cell: (s) => <Link to={serverHref(s.sourceServerID, group.accountId, group.region)}>{nameOf(s)}</Link> },
        { ...of.id, optional: false },
        of.state,
        of.lag,
        of.seen,
        of.fqdn,
        { ...of.ip, optional: false },
        of.os,
        { id: 'tags', header: t('group.column.tags'), csv: (s) => tagTexts(s.tags).join(' '), cell: (s) => <TagCount title={t('group.column.tags')} tags={s.tags} />, optional: true },
      ]}
    />
  );
}

/** Tells on other pages how a job ends that was begun here. */
function useWatch(group: Group | undefined) {
  const services = useServices();
  const client = useQueryClient();
  const latest = useRef(group);
  useEffect(() => {
    latest.current = group;
  });
  const groupId = group?.groupId;
  useEffect(() => {
    if (groupId === undefined) {
      return;
    }
    stopWatching(groupId, services.flashes);
    return () => {
      if (latest.current?.groupId === groupId && isApplying(latest.current.launchConfigStatus)) {
        watchLaunch(services, client, latest.current);
      }
    };
  }, [groupId, services, client]);
}

function Page({ group }: { group: Group }) {
  const navigate = useNavigate();
  const [tabParam, setTab] = useParam('tab');
  const setParams = useSetParams();
  const [stored, setChanges] = useState<Changes>({});
  const tab: Tab = TABS.find((id) => id === tabParam) ?? 'servers';
  const servers = useGroupServers(group);
  const plans = usePlans(group.accountId).data?.plans ?? [];
  const users = plansUsing(plans, group.groupId);
  const runs = useRunsOf(users.map((p) => p.planId));
  const blocking = blockingRun(runs.runs, users, group.groupId);
  const found = servers.data ?? [];
  const members = new Set([...found.map((s) => s.sourceServerID), ...group.sourceServerIds, ...(group.servers ?? []).map((s) => s.sourceServerId)]);
  const changes = rebase(group, stored, members);
  const state = group.launchConfigStatus;
  const ids = new Set(users.map((p) => p.planId));
  const notReady = found.filter((s) => !isReady(s));
  const content: Record<Tab, () => React.ReactNode> = {
    servers: () =>
      servers.isError && servers.data === undefined ? (
        <Failed what={t('group.servers.failed')} error={servers.error} retry={() => void servers.refetch()} />
      ) : (
        <Servers group={group} query={servers} />
      ),
    launch: () => (
      <SpaceBetween size="l">
        {servers.isError ? <Failed what={t('group.servers.failed')} error={servers.error} retry={() => void servers.refetch()} /> : null}
        <ServerSettings group={group} servers={found} loading={servers.isPending} changes={changes} setChanges={setChanges} />
      </SpaceBetween>
    ),
    plans: () => <Runs group={group} plans={users} runs={runs} />,
    history: () => <SettingsHistory group={group} servers={found} />,
  };
  const unsaved = Object.keys(changes).length;
  return (
    <SpaceBetween size="l">
      <LeaveGuard dirty={unsaved > 0} discard={() => {
        setChanges({});
      }} />
      <Header
        variant="h1"
        description={group.description}
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <GatedButton permission="create_protection_groups" onClick={() => void navigate(`/protection-groups/new?from=${group.groupId}`)}>
              {t('group.duplicate')}
            </GatedButton>
            <GatedButton
              permission="modify_protection_groups"
              disabledReason={blocking === undefined ? undefined : t('group.blocked')}
              onClick={() => void navigate(`/protection-groups/${group.groupId}/edit`)}
            >
              {t('edit')}
            </GatedButton>
          </SpaceBetween>
        }
      >
        {group.groupName}
      </Header>
      {state.status === 'drifted' || state.status === 'failed' || state.status === 'partial' ? (
        tab === 'launch' ? null : (
          <Alert
            type={state.status === 'failed' ? 'error' : 'warning'}
            header={t(state.status === 'drifted' ? 'apply.drifted' : 'group.launch.problems')}
            action={
              <Button onClick={() => {
                setParams({ tab: 'launch', settings: 'problems' });
              }}>
                {t('group.launch.look')}
              </Button>
            }
          >
            {state.error ?? t('apply.counts', { done: state.appliedServers ?? 0, total: state.totalServers ?? 0, failed: state.failedServers ?? 0 })}
          </Alert>
        )
      ) : null}
      {runs.error === null || tab === 'plans' ? null : <Failed what={t('executions.failed')} error={runs.error} retry={runs.retry} />}
      {notReady.length > 0 && tab !== 'servers' ? <Alert type="warning">{t('group.notready', { count: notReady.length })}</Alert> : null}
      <Container>
        <KeyValuePairs
          columns={4}
          items={[
            {
              label: t('servers'),
              value: servers.data === undefined ? (servers.isError ? t('status.unknown') : t('loading')) : <Ready of={protection(found)} />,
            },
            { label: t('overview.lag'), value: servers.data === undefined ? '–' : <Lag of={protection(found)} /> },
            { label: t('overview.drill'), value: <LastRun run={lastRun(runs.runs, ids, 'DRILL')} loading={runs.pending} failed={runs.error !== null} /> },
            { label: t('overview.recovery'), value: <LastRun run={lastRun(runs.runs, ids, 'RECOVERY')} loading={runs.pending} failed={runs.error !== null} /> },
            {
              label: t('group.launch'),
              value: (
                <>
                  <Status value={state.status} kind="launch" />
                  {isApplying(state) ? <div>{progressText(state)}</div> : null}
                </>
              ),
            },
            {
              label: t('group.selection'),
              value:
                Object.keys(group.serverSelectionTags).length > 0 ? (
                  <TagList tags={group.serverSelectionTags} />
                ) : (
                  t('group.selection.servers', { count: group.sourceServerIds.length })
                ),
            },
            {
              label: t('group.plans'),
              value:
                users.length === 0 ? (
                  t('group.plans.none')
                ) : (
                  <ul className="plain-list">
                    {users.map((plan) => (
                      <li key={plan.planId}>
                        <Link to={`/recovery-plans/${plan.planId}`}>{plan.planName}</Link>
                      </li>
                    ))}
                  </ul>
                ),
            },
            { label: t('account'), value: `${group.accountId}, ${group.region}` },
            { label: t('modified'), value: <Time value={group.lastModifiedDate} /> },
            { label: t('created'), value: <Time value={group.createdDate} /> },
            { label: t('version'), value: group.version },
            { label: t('id'), value: <CopyText value={group.groupId} of={group.groupName} /> },
          ]}
        />
      </Container>
      <Tabs
        activeTabId={tab}
        ariaLabel={group.groupName}
        onChange={({ detail }) => {
          setTab(detail.activeTabId === 'servers' ? '' : detail.activeTabId);
        }}
        tabs={TABS.map((id) => ({
          id,
          label: id === 'launch' && unsaved > 0 ? t('group.tab.launch.unsaved', { count: unsaved }) : t(`group.tab.${id}`),
          content: id === tab ? <Suspense fallback={<Skeleton />}>{content[id]()}</Suspense> : null,
        }))}
      />
    </SpaceBetween>
  );
}

export default function GroupPage() {
  const { groupId = '' } = useParams();
  const query = useGroup(groupId);
  const group = query.data;
  useTitle(group?.groupName ?? '');
  useWatch(group);
  if (group === undefined) {
    if (query.isPending) {
      return <Skeleton page />;
    }
    return toApiError(query.error).status === 404 ? (
      <NotFound />
    ) : (
      <PageFailed what={t('group.failed')} error={query.error} retry={() => void query.refetch()} />
    );
  }
  return (
    <SpaceBetween size="l">
      {query.isError ? <Failed what={t('stale')} error={query.error} retry={() => void query.refetch()} /> : null}
      <Page key={groupId} group={group} />
      <Suspense>
        <ResourceAudit resourceId={groupId} name={group.groupName} />
      </Suspense>
    </SpaceBetween>
  );
}
