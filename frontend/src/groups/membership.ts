/** The servers that a group would have as it is entered now. */
import type { QueryClient } from '@tanstack/react-query';
import type { ApiClient, Schemas } from '../api/client';
import { tagMatchesQuery, useSourceServers, useTagMatches } from '../api/queries';
import type { Problems } from '../components/EditorForm';
import { ownKey, ownProblems, splitOwn, tagMap, type GroupDraft } from './draft';
import { usePicks } from './picks';

type Found = Pick<Schemas['Server'], 'sourceServerID'>;

export interface MembersOf {
  draft: GroupDraft;
  accountId: string;
  groupId: string | null;
}

/** Null while it is not known what the tags match. */
function idsOf({ mode, serverIds }: GroupDraft, matched: readonly Found[] | undefined): ReadonlySet<string> | null {
  return mode === 'servers' ? new Set(serverIds) : matched === undefined ? null : new Set(matched.map((s) => s.sourceServerID));
}

export function useMembers({ draft, accountId, groupId }: MembersOf, wanted = true) {
  const place = { accountId, region: wanted ? draft.region : '', groupId };
  const byTags = draft.mode === 'tags';
  const matches = useTagMatches({ ...place, tags: byTags ? (tagMap(draft.tags) ?? {}) : {} });
  const all = useSourceServers({ ...place, region: byTags ? '' : place.region });
  // not what other tags have matched
  const matched = matches.isPlaceholderData ? undefined : matches.data?.resolvedServers;
  const chosen = new Set(draft.serverIds);
  return {
    query: byTags ? matches : all,
    servers: byTags ? matched : all.data?.servers.filter((s) => chosen.has(s.sourceServerID)),
    ids: idsOf(draft, matched),
  };
}

/** Its members as the review has shown them. */
export function membersSeen(client: QueryClient, api: ApiClient, { draft, accountId, groupId }: MembersOf): ReadonlySet<string> | null {
  const { queryKey } = tagMatchesQuery(api, { accountId, region: draft.region, groupId, tags: tagMap(draft.tags) ?? {} });
  return idsOf(draft, client.getQueryData(queryKey)?.resolvedServers);
}

/** What is wrong with the settings of single servers: the ranges of subnets are known by AWS only. */
export function useOwnProblems(of: MembersOf, before: GroupDraft | null): Problems {
  const none = Object.keys(of.draft.own).length === 0;
  const { ids } = useMembers(of, !none);
  const picks = usePicks(of.accountId, none ? '' : of.draft.region);
  const found = ownProblems(of.draft, splitOwn(of.draft, before, ids).kept, before, picks);
  return Object.fromEntries([...found].flatMap(([id, byField]) => Object.entries(byField).map(([setting, text]) => [ownKey(id, setting), text])));
}
