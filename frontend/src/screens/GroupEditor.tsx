import { useQueryClient } from '@tanstack/react-query';
import Container from '@cloudscape-design/components/container';
import FormField from '@cloudscape-design/components/form-field';
import Input from '@cloudscape-design/components/input';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Textarea from '@cloudscape-design/components/textarea';
import { lazy, Suspense, useState } from 'react';
import { useLocation, useParams } from 'react-router';
import type { Schemas } from '../api/client';
import { toApiError } from '../api/error';
import { keys, useGroup } from '../api/queries';
import { useAccount } from '../app/account';
import { AccountGate } from '../app/AccountGate';
import { useServices } from '../app/context';
import { useTitle } from '../app/page';
import { useParam } from '../app/params';
import { EditorForm, type EditorStep } from '../components/EditorForm';
import { PageFailed } from '../components/PageFailed';
import { RegionSelect } from '../components/RegionSelect';
import {
  copyOfGroup, draftOfGroup, groupBody, groupField, groupOfSelection, groupParts, groupProblems, inRegion, ownBody, splitOwn, type GroupDraft,
} from '../groups/draft';
import { LaunchSettings } from '../groups/LaunchSettings';
import { ByServers, ByTags } from '../groups/Members';
import { membersSeen, useOwnProblems } from '../groups/membership';
import { GroupReview } from '../groups/Review';
import '../i18n/more';
import { t } from '../i18n/t';
import { same } from '../lib/merge';
import { useRegionStates } from '../servers/inventory';

const SingleServers = lazy(() => import('../groups/SingleServers'));

type Group = Schemas['ProtectionGroup'];

function Editor({
  group, copied, gone = false, refetch = () => Promise.resolve(),
}: {
  group: Group | null;
  /** What a new group begins with. */
  copied?: Group;
  gone?: boolean;
  refetch?: () => Promise<unknown>;
}) {
  const account = useAccount();
  const accountId = group?.accountId ?? account.accountId;
  const { api } = useServices();
  const client = useQueryClient();
  const chosen = groupOfSelection(useLocation().state);
  const fresh = copied === undefined ? chosen : copyOfGroup(copied);
  const states = useRegionStates([accountId]).regions;
  const groupId = group?.groupId ?? null;
  const before = group === null ? null : draftOfGroup(group);
  const useProblems = (draft: GroupDraft) => useOwnProblems({ draft, accountId, groupId }, before);
  // whose settings were sent, in their order: the server numbers them
  const [sent, setSent] = useState<readonly string[]>([]);
  const save = async (draft: GroupDraft, version: number | null) => {
    const { kept } = splitOwn(draft, before, membersSeen(client, api, { draft, accountId, groupId }));
    const servers = ownBody(kept, group?.servers);
    const body = { ...groupBody(draft), ...(same(kept, before?.own ?? {}) ? {} : { servers }) };
    setSent(servers.map((s) => s.sourceServerId));
    try {
      return await (group === null || version === null
        ? api.post('/protection-groups', { body: { ...body, region: draft.region, accountId }, idempotencyKey: crypto.randomUUID() })
        : api.put('/protection-groups/{id}', { path: { id: group.groupId }, body: { ...body, version } }));
    } catch (error) {
      // what the tags match may have changed
      void client.invalidateQueries({ queryKey: ['servers', accountId, draft.region, 'tags'] });
      throw error;
    }
  };
  return (
    <EditorForm<GroupDraft, Group>
      id={`group:${group?.groupId ?? ['new', accountId, copied?.groupId ?? '', ...fresh.serverIds].join(':')}`}
      title={group === null ? t('editor.group.new') : t('editor.plan.edit', { name: group.groupName })}
      description={t('editor.plan.description', { account: accountId })}
      permission={group === null ? 'create_protection_groups' : 'modify_protection_groups'}
      entity={group}
      gone={gone}
      refetch={refetch}
      draftOf={(stored) => (stored === null ? fresh : draftOfGroup(stored))}
      problemsOf={groupProblems}
      useProblems={useProblems}
      partsOf={groupParts}
      fieldOf={(name) => groupField(name, sent)}
      back={group === null ? '/protection-groups' : `/protection-groups/${group.groupId}`}
      save={save}
      saved={(stored) => {
        void client.invalidateQueries({ queryKey: ['groups'] });
        void client.invalidateQueries({ queryKey: keys.group(stored.groupId) });
        return { name: stored.groupName, path: `/protection-groups/${stored.groupId}` };
      }}
    >
      {({ draft, change, problems }): readonly EditorStep[] => [
        {
          title: t('editor.basics'),
          has: (key) => key === 'name' || key === 'region' || key === 'description',
          content: (
            <Container>
              <SpaceBetween size="m">
                <FormField label={t('name')} errorText={problems.name}>
                  <Input value={draft.name} onChange={({ detail }) => {
                    change({ ...draft, name: detail.value });
                  }} />
                </FormField>
                <FormField label={t('description')}>
                  <Textarea rows={2} value={draft.description} onChange={({ detail }) => {
                    change({ ...draft, description: detail.value.slice(0, 1000) });
                  }} />
                </FormField>
                <FormField label={t('region')} description={group === null ? undefined : t('group.region.fixed')} errorText={problems.region}>
                  <RegionSelect value={draft.region} states={states} disabled={group !== null} set={(region) => {
                    change(inRegion(draft, region));
                  }} />
                </FormField>
              </SpaceBetween>
            </Container>
          ),
        },
        {
          title: t('servers'),
          has: (key) => key === 'tags' || key === 'servers',
          content: (
            <SpaceBetween size="m">
              <SegmentedControl
                selectedId={draft.mode}
                label={t('group.selection')}
                options={[{ id: 'tags', text: t('group.mode.tags') }, { id: 'servers', text: t('group.mode.servers') }]}
                onChange={({ detail }) => {
                  change({ ...draft, mode: detail.selectedId === 'servers' ? 'servers' : 'tags' });
                }}
              />
              {draft.mode === 'tags' ? (
                <ByTags draft={draft} change={change} accountId={accountId} groupId={groupId} />
              ) : (
                <ByServers draft={draft} change={change} accountId={accountId} groupId={groupId} />
              )}
              {(problems.tags ?? problems.servers) === undefined ? null : (
                <StatusIndicator type="error">{problems.tags ?? problems.servers}</StatusIndicator>
              )}
            </SpaceBetween>
          ),
        },
        {
          title: t('group.launch'),
          description: t('launch.what'),
          has: (key) => key.startsWith('launch.'),
          content: (
            <Container>
              <LaunchSettings accountId={accountId} region={draft.region} value={draft.launch} own={Object.keys(draft.own).length} problems={problems} change={(launch) => {
                change({ ...draft, launch });
              }} />
            </Container>
          ),
        },
        {
          title: t('group.own'),
          description: t('group.own.what'),
          has: (key) => key === 'own' || key.startsWith('own.'),
          content: (
            <Suspense fallback={<StatusIndicator type="loading">{t('loading')}</StatusIndicator>}>
              <SingleServers draft={draft} before={before} group={group} accountId={accountId} change={change} problems={problems} />
            </Suspense>
          ),
        },
        {
          title: t('editor.review'),
          has: () => false,
          content: <GroupReview draft={draft} before={before} accountId={accountId} groupId={groupId} />,
        },
      ]}
    </EditorForm>
  );
}

function Existing({ groupId }: { groupId: string }) {
  const query = useGroup(groupId);
  if (query.data === undefined) {
    return query.isPending ? (
      <StatusIndicator type="loading">{t('loading')}</StatusIndicator>
    ) : (
      <PageFailed what={t('group.failed')} error={query.error} retry={() => void query.refetch()} />
    );
  }
  return (
    <AccountGate of={query.data.accountId}>
      <Editor
        group={query.data}
        gone={query.isError && toApiError(query.error).status === 404}
        refetch={() => query.refetch()}
      />
    </AccountGate>
  );
}

function Copy({ groupId }: { groupId: string }) {
  const query = useGroup(groupId);
  if (query.data === undefined) {
    return query.isPending ? (
      <StatusIndicator type="loading">{t('loading')}</StatusIndicator>
    ) : (
      <PageFailed what={t('group.failed')} error={query.error} retry={() => void query.refetch()} />
    );
  }
  return (
    <AccountGate of={query.data.accountId}>
      <Editor group={null} copied={query.data} />
    </AccountGate>
  );
}

export default function GroupEditor() {
  const { groupId } = useParams();
  const [from] = useParam('from');
  useTitle(groupId === undefined ? t('editor.group.new') : t('edit'));
  return groupId !== undefined ? (
    <Existing groupId={groupId} />
  ) : from !== '' ? (
    <Copy groupId={from} />
  ) : (
    <AccountGate>
      <Editor group={null} />
    </AccountGate>
  );
}
