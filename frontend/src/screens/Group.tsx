import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import { useNavigate, useParams } from 'react-router';
import type { Schemas } from '../api/client';
import '../i18n/more';
import { toApiError } from '../api/error';
import { useGroup, useGroupServers, usePlans } from '../api/queries';
import { useTitle } from '../app/page';
import { DataTable } from '../components/DataTable';
import { Failed } from '../components/Failed';
import { GatedButton } from '../components/GatedButton';
import { Link } from '../components/Link';
import { Status } from '../components/Status';
import { Ago, Time } from '../components/Time';
import { plansUsing } from '../groups/usage';
import { t } from '../i18n/t';
import { formatSeconds, isoDuration } from '../lib/time';
import { TagList } from './Groups';
import NotFound from './NotFound';

type Group = Schemas['ProtectionGroup'];

function Servers({ group }: { group: Group }) {
  const query = useGroupServers(group);
  if (query.isError && query.data === undefined) {
    return <Failed what={t('group.servers.failed')} error={query.error} retry={() => void query.refetch()} />;
  }
  const servers = query.data ?? [];
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
      columns={[
        { id: 'name', header: t('server'), name: true, sort: (s) => s.nameTag ?? s.hostname, cell: (s) => s.nameTag ?? s.hostname },
        { id: 'id', header: t('id'), sort: (s) => s.sourceServerID, cell: (s) => <Box variant="code">{s.sourceServerID}</Box> },
        { id: 'state', header: t('replication'), sort: (s) => s.replicationState, cell: (s) => <Status value={s.replicationState} kind="replication" /> },
        {
          id: 'lag',
          header: t('lag'),
          sort: (s) => isoDuration(s.lagDuration) ?? -1,
          csv: (s) => isoDuration(s.lagDuration),
          cell: (s) => formatSeconds(isoDuration(s.lagDuration)),
        },
        { id: 'seen', header: t('lastSeen'), sort: (s) => s.lastSeen, cell: (s) => <Ago value={s.lastSeen} /> },
        { id: 'ip', header: t('sourceIp'), sort: (s) => s.sourceIp ?? '', cell: (s) => s.sourceIp ?? '–' },
        { id: 'os', header: t('os'), sort: (s) => s.os ?? '', cell: (s) => s.os ?? '–', optional: true },
      ]}
    />
  );
}

export default function GroupPage() {
  const { groupId = '' } = useParams();
  const navigate = useNavigate();
  const query = useGroup(groupId);
  const group = query.data;
  const plans = usePlans(group?.accountId ?? '', group !== undefined).data?.plans ?? [];
  useTitle(group?.groupName ?? '');
  if (group === undefined) {
    if (query.isPending) {
      return <StatusIndicator type="loading">{t('loading')}</StatusIndicator>;
    }
    return toApiError(query.error).status === 404 ? (
      <NotFound />
    ) : (
      <Failed what={t('group.failed')} error={query.error} retry={() => void query.refetch()} />
    );
  }
  const launch = group.launchConfigStatus;
  const users = plansUsing(plans, group.groupId);
  return (
    <SpaceBetween size="l">
      <Header
        variant="h1"
        description={group.description}
        actions={
          <GatedButton permission="modify_protection_groups" onClick={() => void navigate(`/protection-groups/${group.groupId}/edit`)}>
            {t('edit')}
          </GatedButton>
        }
      >
        {group.groupName}
      </Header>
      {query.isError ? <Failed what={t('stale')} error={query.error} retry={() => void query.refetch()} /> : null}
      {(launch.errors ?? []).length > 0 ? (
        <Alert type="warning" header={t('group.launch.problems')}>
          <ul>
            {(launch.errors ?? []).slice(0, 5).map((text) => (
              <li key={text}>{text}</li>
            ))}
          </ul>
        </Alert>
      ) : null}
      <Container>
        <KeyValuePairs
          columns={4}
          items={[
            { label: t('account'), value: group.accountId },
            { label: t('region'), value: group.region },
            {
              label: t('group.selection'),
              value:
                Object.keys(group.serverSelectionTags).length > 0 ? (
                  <TagList tags={group.serverSelectionTags} />
                ) : (
                  t('group.selection.servers', { count: group.sourceServerIds.length })
                ),
            },
            { label: t('group.launch'), value: <Status value={launch.status} kind="launch" /> },
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
            { label: t('modified'), value: <Time value={group.lastModifiedDate} /> },
            { label: t('created'), value: <Time value={group.createdDate} /> },
            { label: t('id'), value: <Box variant="code">{group.groupId}</Box> },
          ]}
        />
      </Container>
      <Servers group={group} />
    </SpaceBetween>
  );
}
