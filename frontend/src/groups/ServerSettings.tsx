import { useMutation, useQueryClient } from '@tanstack/react-query';
import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Container from '@cloudscape-design/components/container';
import Header from '@cloudscape-design/components/header';
import KeyValuePairs from '@cloudscape-design/components/key-value-pairs';
import SpaceBetween from '@cloudscape-design/components/space-between';
import { useState } from 'react';
import type { Schemas } from '../api/client';
import { toApiError, type ApiError } from '../api/error';
import { explain } from '../api/explain';
import { keys } from '../api/queries';
import { useServices } from '../app/context';
import { useParam } from '../app/params';
import { Confirm } from '../components/Confirm';
import { GatedButton } from '../components/GatedButton';
import { Link } from '../components/Link';
import { t } from '../i18n/t';
import { settingsProblems } from './address';
import { isApplying } from './apply';
import { Differences } from './Differences';
import { LaunchState } from './LaunchState';
import { Overridden, PicksProblem } from './LaunchSettings';
import { shown, usePicks, type Picks } from './picks';
import { bulkBody, differences, FIELDS, ownOf, read, settingName, type Changes, type Refusals } from './settings';
import { SettingsTable } from './SettingsTable';

type Group = Schemas['ProtectionGroup'];

/** What the server refused, by server and setting; `*` belongs to no setting. */
export function refusedBy(error: ApiError): Refusals {
  const list = Array.isArray(error.body.validationErrors) ? (error.body.validationErrors as Record<string, unknown>[]) : [];
  const out: Record<string, Record<string, string>> = {};
  for (const item of list) {
    const server = String(item.sourceServerId ?? '');
    const path = String(item.field ?? '');
    const name = path.slice(path.lastIndexOf('.') + 1);
    const field = FIELDS.some((f) => f.id === name) ? name : '*';
    (out[server] ??= {})[field] = String(item.message ?? item.error ?? '');
  }
  return out;
}

/** The group's own settings, read only; the editor changes them. */
function GroupSettings({ group, picks }: { group: Group; picks: Picks }) {
  const settings = group.launchConfig ?? {};
  const set = FIELDS.filter((f) => f.group && read(settings, f.id) !== '');
  return (
    <Container
      header={
        <Header variant="h2" description={t('setting.group.what')} actions={<Link to={`/protection-groups/${group.groupId}/edit`}>{t('setting.group.edit')}</Link>}>
          {t('setting.group')}
        </Header>
      }
    >
      <SpaceBetween size="m">
        <Overridden count={Object.keys(ownOf(group, {})).length} />
        {set.length === 0 ? (
          <Box color="text-body-secondary">{t('setting.group.none')}</Box>
        ) : (
          <KeyValuePairs columns={4} items={set.map((f) => ({ label: settingName(f.id), value: shown(f, read(settings, f.id), picks) }))} />
        )}
      </SpaceBetween>
    </Container>
  );
}

/** What saving changes, before it does. */
function Review({
  group, changes, names, busy, problem, save, close, picks,
}: {
  group: Group;
  changes: Changes;
  names: ReadonlyMap<string, string>;
  busy: boolean;
  problem: string | null;
  save: () => void;
  close: () => void;
  picks: Picks;
}) {
  const list = differences(group, changes);
  return (
    <Confirm
      title={t('setting.review', { count: Object.keys(changes).length })}
      action={t('save')}
      busy={busy}
      destroys={false}
      problem={problem}
      onConfirm={save}
      onClose={close}
    >
      <Differences list={list} names={names} picks={picks} max={100} />
      <Box>{t('setting.review.what')}</Box>
    </Confirm>
  );
}

/** Settings of the servers of a group that exists: changes are collected, looked at, and sent together. */
export default function ServerSettings({
  group, servers, loading, changes, setChanges,
}: {
  group: Group;
  servers: readonly Schemas['Server'][];
  loading: boolean;
  changes: Changes;
  setChanges: (next: Changes) => void;
}) {
  const { api, flashes } = useServices();
  const client = useQueryClient();
  const picks = usePicks(group.accountId, group.region);
  const [, setFilter] = useParam('settings');
  const [reviewing, setReviewing] = useState(false);
  const [refused, setRefused] = useState<Refusals>({});
  const found = new Map(servers.map((s) => [s.sourceServerID, s.nameTag ?? s.hostname]));
  const states = new Map((group.launchConfigStatus.servers ?? []).map((s) => [s.sourceServerId, s]));
  // members that AWS does not list now have settings too
  const ids = [...new Set([...found.keys(), ...group.sourceServerIds, ...(group.servers ?? []).map((s) => s.sourceServerId)])];
  const names = new Map(ids.map((id) => [id, found.get(id) ?? states.get(id)?.hostname ?? id]));
  const problems = settingsProblems(group, changes, picks);
  const count = Object.keys(changes).length;
  const change = (next: Changes) => {
    // what was refused is looked at again when it is sent again
    setRefused(Object.fromEntries(Object.entries(refused).filter(([id]) => next[id] === changes[id])));
    setChanges(next);
  };
  const save = useMutation({
    mutationFn: () =>
      api.post('/protection-groups/{id}/servers/bulk-launch-config', { path: { id: group.groupId }, body: bulkBody(changes, group.version) }),
    onSuccess: (answer) => {
      setChanges({});
      setRefused({});
      setReviewing(false);
      const bad = answer.results.filter((r) => !r.success);
      for (const text of answer.warnings ?? []) {
        flashes.add({ type: 'warning', header: text });
      }
      if (bad.length === 0) {
        flashes.add({ type: 'success', header: t('setting.saved', { count: answer.totalRequested }) });
      } else {
        flashes.add({
          type: 'warning',
          header: t('setting.saved.partly', { count: bad.length }),
          content: bad.slice(0, 5).map((r) => `${names.get(r.sourceServerId) ?? r.sourceServerId}: ${r.message ?? r.error ?? ''}`).join(' '),
        });
      }
    },
    onError: (cause) => {
      const error = toApiError(cause);
      const list = refusedBy(error);
      if (Object.keys(list).length > 0) {
        setRefused(list);
        setFilter('problems');
        setReviewing(false);
      }
    },
    onSettled: () => client.invalidateQueries({ queryKey: keys.group(group.groupId) }),
  });
  const failure = save.isError ? toApiError(save.error) : null;
  const refusal = failure === null ? null : failure.code === 'VERSION_CONFLICT' ? t('setting.conflict') : explain(failure);
  const busy = isApplying(group.launchConfigStatus);
  return (
    <SpaceBetween size="l">
      <LaunchState group={group} showFailed={() => {
        setFilter('problems');
      }} />
      <GroupSettings group={group} picks={picks} />
      <PicksProblem picks={picks} />
      {count === 0 ? null : (
        <Alert
          type={problems.size > 0 || refusal !== null ? 'warning' : 'info'}
          header={t('setting.unsaved.header', { count })}
          action={
            <SpaceBetween size="xs" direction="horizontal">
              <Button onClick={() => {
                save.reset();
                change({});
              }}>
                {t('setting.discard')}
              </Button>
              <GatedButton
                permission="modify_protection_groups"
                variant="primary"
                disabledReason={problems.size > 0 ? t('setting.correct') : busy ? t('apply.busy') : undefined}
                onClick={() => {
                  save.reset();
                  setReviewing(true);
                }}
              >
                {t('setting.review.do')}
              </GatedButton>
            </SpaceBetween>
          }
        >
          {refusal ?? t('setting.unsaved.text')}
        </Alert>
      )}
      <SettingsTable
        group={group}
        name={group.groupName}
        members={ids.map((id) => ({ id, name: names.get(id) ?? id }))}
        picks={picks}
        loading={loading}
        changes={changes}
        change={change}
        problems={problems}
        refused={refused}
        states={states}
        groupIdOf={() => group.groupId}
        permission="modify_protection_groups"
        description={t('setting.servers.what')}
        empty={t('group.servers.none')}
      />
      {reviewing ? (
        <Review group={group} changes={changes} names={names} picks={picks} busy={save.isPending} problem={refusal} save={() => {
          save.mutate();
        }} close={() => {
          setReviewing(false);
        }} />
      ) : null}
    </SpaceBetween>
  );
}

