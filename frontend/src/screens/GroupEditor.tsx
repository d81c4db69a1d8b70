import { useMutation, useQueryClient } from '@tanstack/react-query';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Form from '@cloudscape-design/components/form';
import FormField from '@cloudscape-design/components/form-field';
import Header from '@cloudscape-design/components/header';
import Input from '@cloudscape-design/components/input';
import SegmentedControl from '@cloudscape-design/components/segmented-control';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import Textarea from '@cloudscape-design/components/textarea';
import { useState } from 'react';
import { useNavigate, useParams } from 'react-router';
import type { Schemas } from '../api/client';
import { toApiError } from '../api/error';
import { explain } from '../api/explain';
import { keys, useGroup, useServiceLimits } from '../api/queries';
import { useAccount } from '../app/account';
import { AccountGate } from '../app/AccountGate';
import { useServices } from '../app/context';
import { usePermissions } from '../app/permissions';
import { useTitle } from '../app/page';
import { Failed } from '../components/Failed';
import { LeaveGuard } from '../components/LeaveGuard';
import { draftOfGroup, emptyGroup, groupBody, groupProblems, type GroupDraft } from '../groups/draft';
import { LaunchSettings } from '../groups/LaunchSettings';
import { ByServers, ByTags } from '../groups/Members';
import '../i18n/more';
import { t } from '../i18n/t';

type Group = Schemas['ProtectionGroup'];
function Editor({ group }: { group: Group | null }) {
  const account = useAccount();
  const accountId = group?.accountId ?? account.accountId;
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const navigate = useNavigate();
  const gate = usePermissions();
  const regions = useServiceLimits().data?.regions ?? [];
  const [initial] = useState<GroupDraft>(() => (group === null ? emptyGroup() : draftOfGroup(group)));
  const [draft, setDraft] = useState(initial);
  const [tried, setTried] = useState(false);
  const [done, setDone] = useState(false);
  const problems = groupProblems(draft);
  const shown = tried ? problems : {};
  const permission = group === null ? 'create_protection_groups' : 'modify_protection_groups';
  const save = useMutation({
    mutationFn: () =>
      group === null
        ? api.post('/protection-groups', { body: { ...groupBody(draft), region: draft.region, accountId }, idempotencyKey: crypto.randomUUID() })
        : api.put('/protection-groups/{id}', { path: { id: group.groupId }, body: { ...groupBody(draft), version: group.version } }),
    onSuccess: (saved) => {
      setDone(true);
      flashes.add({ type: 'success', header: t('editor.saved', { name: saved.groupName }) });
      void client.invalidateQueries({ queryKey: ['groups'] });
      void client.invalidateQueries({ queryKey: keys.group(saved.groupId) });
      void navigate(`/protection-groups/${saved.groupId}`);
    },
  });
  const failure = save.isError ? toApiError(save.error) : null;
  const regionOptions = [...new Set([draft.region, ...regions])].sort().map((value) => ({ value, label: value }));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (Object.keys(problems).length === 0 && gate.can(permission)) {
          save.mutate();
        }
      }}
    >
      <LeaveGuard dirty={!done && !save.isPending && JSON.stringify(draft) !== JSON.stringify(initial)} />
      <Form
        header={
          <Header variant="h1" description={t('editor.plan.description', { account: accountId })}>
            {group === null ? t('editor.group.new') : t('editor.plan.edit', { name: group.groupName })}
          </Header>
        }
        actions={
          <SpaceBetween size="xs" direction="horizontal">
            <Button variant="link" formAction="none" onClick={() => void navigate(group === null ? '/protection-groups' : `/protection-groups/${group.groupId}`)}>
              {t('cancel')}
            </Button>
            <Button variant="primary" formAction="submit" loading={save.isPending} disabled={!gate.can(permission)} disabledReason={gate.reason(permission)}>
              {t('save')}
            </Button>
          </SpaceBetween>
        }
        errorText={failure === null ? undefined : failure.code === 'VERSION_CONFLICT' ? t('editor.conflict') : explain(failure)}
      >
        <SpaceBetween size="l">
          <Container header={<Header variant="h2">{t('editor.basics')}</Header>}>
            <SpaceBetween size="m">
              <FormField label={t('name')} errorText={shown.name}>
                <Input value={draft.name} onChange={({ detail }) => {
                  setDraft({ ...draft, name: detail.value });
                }} />
              </FormField>
              <FormField label={t('description')}>
                <Textarea rows={2} value={draft.description} onChange={({ detail }) => {
                  setDraft({ ...draft, description: detail.value.slice(0, 1000) });
                }} />
              </FormField>
              <FormField label={t('region')} description={group === null ? undefined : t('group.region.fixed')} errorText={shown.region}>
                <Select
                  disabled={group !== null}
                  filteringType="auto"
                  options={regionOptions}
                  selectedOption={regionOptions.find((o) => o.value === draft.region) ?? null}
                  onChange={({ detail }) => {
                    // servers belong to their Region
                    setDraft({ ...draft, region: detail.selectedOption.value ?? '', serverIds: [] });
                  }}
                />
              </FormField>
            </SpaceBetween>
          </Container>
          <Container
            header={
              <Header
                variant="h2"
                actions={
                  <SegmentedControl
                    selectedId={draft.mode}
                    label={t('group.selection')}
                    options={[{ id: 'tags', text: t('group.mode.tags') }, { id: 'servers', text: t('group.mode.servers') }]}
                    onChange={({ detail }) => {
                      setDraft({ ...draft, mode: detail.selectedId === 'servers' ? 'servers' : 'tags' });
                    }}
                  />
                }
              >
                {t('servers')}
              </Header>
            }
          >
            <SpaceBetween size="m">
              {draft.mode === 'tags' ? (
                <ByTags draft={draft} change={setDraft} accountId={accountId} groupId={group?.groupId ?? null} />
              ) : (
                <ByServers draft={draft} change={setDraft} accountId={accountId} groupId={group?.groupId ?? null} />
              )}
              {(shown.tags ?? shown.servers) === undefined ? null : (
                <StatusIndicator type="error">{shown.tags ?? shown.servers}</StatusIndicator>
              )}
            </SpaceBetween>
          </Container>
          <Container header={<Header variant="h2" description={t('launch.what')}>{t('group.launch')}</Header>}>
            <LaunchSettings accountId={accountId} region={draft.region} value={draft.launch} change={(launch) => {
              setDraft({ ...draft, launch });
            }} />
          </Container>
        </SpaceBetween>
      </Form>
    </form>
  );
}

function Existing({ groupId }: { groupId: string }) {
  const query = useGroup(groupId);
  if (query.data === undefined) {
    return query.isPending ? (
      <StatusIndicator type="loading">{t('loading')}</StatusIndicator>
    ) : (
      <Failed what={t('group.failed')} error={query.error} retry={() => void query.refetch()} />
    );
  }
  return <Editor group={query.data} />;
}

export default function GroupEditor() {
  const { groupId } = useParams();
  useTitle(groupId === undefined ? t('editor.group.new') : t('edit'));
  return <AccountGate>{groupId === undefined ? <Editor group={null} /> : <Existing groupId={groupId} />}</AccountGate>;
}
