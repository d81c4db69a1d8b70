import Box from '@cloudscape-design/components/box';
import SpaceBetween from '@cloudscape-design/components/space-between';
import StatusIndicator from '@cloudscape-design/components/status-indicator';
import type { Schemas } from '../api/client';
import type { Problems } from '../components/EditorForm';
import { RegionProblem } from '../components/RegionProblem';
import { t } from '../i18n/t';
import { ownProblems, ownRefusals, splitOwn, type GroupDraft } from './draft';
import { PicksProblem } from './LaunchSettings';
import { LeftBehind } from './Members';
import { useMembers } from './membership';
import { usePicks } from './picks';
import { changesOf, ownOf } from './settings';
import { SettingsTable } from './SettingsTable';

/** Settings of single servers in the editor of a group: they are saved with it. */
export default function SingleServers({
  draft, before, group, accountId, change, problems,
}: {
  draft: GroupDraft;
  /** What is stored; null for a new group, as `group`. */
  before: GroupDraft | null;
  group: Schemas['ProtectionGroup'] | null;
  accountId: string;
  change: (next: GroupDraft) => void;
  problems: Problems;
}) {
  const of = { draft, accountId, groupId: group?.groupId ?? null };
  const { query, servers, ids } = useMembers(of);
  const picks = usePicks(accountId, draft.region);
  const { kept, left } = splitOwn(draft, before, ids);
  const names = new Map((servers ?? []).map((s) => [s.sourceServerID, s.nameTag ?? s.hostname]));
  // before it is known what the tags match, those with settings are there already
  const members = [...(ids ?? Object.keys(kept))].map((id) => ({ id, name: names.get(id) ?? id }));
  const here = new Set(members.map((m) => m.id));
  const base = { launchConfig: draft.launch, servers: (group?.servers ?? []).filter((s) => here.has(s.sourceServerId)) };
  const stored = new Set(group?.sourceServerIds);
  const behind = Object.fromEntries(left.map((id) => [id, draft.own[id]]).filter((entry) => entry[1] !== undefined)) as GroupDraft['own'];
  return (
    <SpaceBetween size="l">
      <Box color="text-body-secondary">{t(group === null ? 'group.own.new' : 'group.own.edit')}</Box>
      {query.isError ? (
        <RegionProblem region={draft.region} what={t('group.servers.failed')} error={query.error} retry={() => void query.refetch()} />
      ) : null}
      <PicksProblem picks={picks} />
      <LeftBehind of={of} ids={left} drop={() => {
        change({ ...draft, own: kept });
      }} />
      <SettingsTable
        group={base}
        name={draft.name.trim()}
        members={members}
        picks={picks}
        loading={query.isFetching}
        changes={changesOf(base, kept)}
        change={(next) => {
          change({ ...draft, own: ownOf({}, { ...behind, ...ownOf(base, next) }) });
        }}
        problems={ownProblems(draft, kept, before, picks)}
        refused={ownRefusals(problems)}
        groupIdOf={(id) => (group !== null && stored.has(id) ? group.groupId : null)}
        permission={group === null ? 'create_protection_groups' : 'modify_protection_groups'}
        description={t('setting.servers.what')}
        empty={t('group.servers.none')}
        emptyHint={t('group.own.none')}
      />
      {problems.own === undefined ? null : <StatusIndicator type="error">{problems.own}</StatusIndicator>}
    </SpaceBetween>
  );
}
