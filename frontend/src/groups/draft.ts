/** A group while it is edited; pure. */
import type { Schemas } from '../api/client';
import { t } from '../i18n/t';
import { field, same as equal, type Part } from '../lib/merge';
import { settingsProblems, type Problems } from './address';
import {
  effective, FIELDS, INHERIT, overrideText, ownOf, read, same, settingName, valueText, type Changes, type Field, type Refusals,
} from './settings';

export type LaunchConfig = Schemas['LaunchConfig'];

export interface TagRow {
  key: string;
  value: string;
}

export interface GroupDraft {
  name: string;
  description: string;
  region: string;
  mode: 'tags' | 'servers';
  tags: TagRow[];
  serverIds: string[];
  launch: LaunchConfig;
  /** Settings of single servers, also of those that are none of the group now. */
  own: Changes;
}

export function emptyGroup(): GroupDraft {
  return {
    name: '', description: '', region: 'us-east-1', mode: 'tags', tags: [{ key: '', value: '' }], serverIds: [],
    launch: { copyTags: true, launchDisposition: 'STARTED', licensing: { osByol: false } },
    own: {},
  };
}

/** The group in another Region: its servers, subnets and security groups are those of the Region. */
export function inRegion(draft: GroupDraft, region: string): GroupDraft {
  if (region === draft.region) {
    return draft;
  }
  const launch = { ...draft.launch };
  delete launch.subnetId;
  delete launch.securityGroupIds;
  return { ...draft, region, serverIds: [], launch, own: {} };
}

/** A new group of the servers that a page has handed over; an empty one when it has not. */
export function groupOfSelection(handed: unknown): GroupDraft {
  const { region, serverIds } = (handed ?? {}) as { region?: unknown; serverIds?: unknown };
  return typeof region === 'string' && Array.isArray(serverIds) && serverIds.every((id) => typeof id === 'string')
    ? { ...emptyGroup(), region, mode: 'servers', serverIds }
    : emptyGroup();
}

export function draftOfGroup(group: Schemas['ProtectionGroup']): GroupDraft {
  const tags = Object.entries(group.serverSelectionTags).map(([key, value]) => ({ key, value }));
  return {
    name: group.groupName,
    description: group.description,
    region: group.region,
    mode: tags.length > 0 ? 'tags' : 'servers',
    tags: tags.length > 0 ? tags : [{ key: '', value: '' }],
    serverIds: [...group.sourceServerIds],
    launch: { ...group.launchConfig },
    own: ownOf(group, {}),
  };
}

/** A new group like another one; servers and what they have of their own stay in theirs, since a server has one group. */
export function copyOfGroup(group: Schemas['ProtectionGroup']): GroupDraft {
  return { ...draftOfGroup(group), name: t('group.copy', { name: group.groupName }).slice(0, 64), serverIds: [], own: {} };
}

/** Complete rows as a map; null when a key is named twice. */
export function tagMap(rows: readonly TagRow[]): Record<string, string> | null {
  const out: Record<string, string> = {};
  for (const row of rows) {
    const key = row.key.trim();
    if (key === '') {
      continue;
    }
    if (Object.hasOwn(out, key)) {
      return null;
    }
    out[key] = row.value.trim();
  }
  return out;
}

/** Texts of what is wrong, by field. */
export function groupProblems(draft: GroupDraft): Partial<Record<'name' | 'region' | 'tags' | 'servers', string>> {
  const problems: ReturnType<typeof groupProblems> = {};
  const name = draft.name.trim();
  if (name === '' || [...name].length > 64) {
    problems.name = t('editor.problem.name');
  }
  if (draft.region === '') {
    problems.region = t('group.problem.region');
  }
  if (draft.mode === 'tags') {
    const map = tagMap(draft.tags);
    if (map === null) {
      problems.tags = t('group.problem.twice');
    } else if (Object.keys(map).length === 0) {
      problems.tags = t('group.problem.tags');
    } else if (Object.keys(map).length > 50 || Object.keys(map).some((k) => [...k].length > 128)) {
      problems.tags = t('group.problem.limits');
    }
  } else if (draft.serverIds.length === 0) {
    problems.servers = t('group.problem.servers');
  }
  return problems;
}

/** The body: either tags or servers; what is empty in the launch settings is left out. */
export function groupBody(draft: GroupDraft) {
  const launch = Object.fromEntries(
    Object.entries(draft.launch).filter(([, v]) => v !== '' && v !== undefined && !(Array.isArray(v) && v.length === 0)),
  ) as LaunchConfig;
  return {
    groupName: draft.name.trim(),
    description: draft.description,
    ...(draft.mode === 'tags' ? { serverSelectionTags: tagMap(draft.tags) ?? {} } : { sourceServerIds: draft.serverIds }),
    launchConfig: launch,
  };
}

/**
 * The settings of single servers that are saved, and the servers whose are
 * left behind: they are none of the group. What nobody touched stays as it is
 * stored; null members are not known, and the server decides.
 */
export function splitOwn(draft: GroupDraft, before: GroupDraft | null, members: ReadonlySet<string> | null): { kept: Changes; left: string[] } {
  const what = ({ mode, tags, serverIds, launch, own }: GroupDraft) => [mode, tags, serverIds, launch, own];
  if (members === null || (before !== null && equal(what(draft), what(before)))) {
    return { kept: draft.own, left: [] };
  }
  const entries = Object.entries(draft.own);
  return { kept: Object.fromEntries(entries.filter(([id]) => members.has(id))), left: entries.map(([id]) => id).filter((id) => !members.has(id)) };
}

/** What is wrong with the settings of single servers, as far as it comes from what is edited. */
export function ownProblems(
  { launch }: GroupDraft, kept: Changes, before: GroupDraft | null, picks: Parameters<typeof settingsProblems>[2],
): Map<string, Problems> {
  const found = settingsProblems({ launchConfig: launch }, kept, picks);
  if (before !== null) {
    for (const id of found.keys()) {
      const old = before.own[id];
      if (old !== undefined && same(effective({ launchConfig: before.launch }, old), effective({ launchConfig: launch }, kept[id] ?? INHERIT))) {
        found.delete(id);
      }
    }
  }
  return found;
}

/** The settings of single servers as the API takes them; what else is stored of a server stays. */
export function ownBody(own: Changes, stored: Schemas['ProtectionGroup']['servers']): Schemas['ServerLaunchConfig'][] {
  const known = new Map((stored ?? []).map((s) => [s.sourceServerId, s]));
  return Object.entries(own).map(([sourceServerId, override]) => ({ ...known.get(sourceServerId), sourceServerId, ...override }));
}

/** Key of a problem of a server's settings; without a setting it is of all of them. */
export const ownKey = (serverId: string, setting = '*') => `own.${serverId}.${setting}`;

/** Problems under such keys, by server and setting. */
export function ownRefusals(problems: Readonly<Record<string, string>>): Refusals {
  const out: Record<string, Record<string, string>> = {};
  for (const [key, text] of Object.entries(problems)) {
    const [group, serverId = '', setting] = key.split('.');
    if (group === 'own' && setting !== undefined) {
      (out[serverId] ??= {})[setting] = text;
    }
  }
  return out;
}

const plain = (value: unknown): string =>
  Array.isArray(value) ? value.join(', ') : typeof value === 'object' ? JSON.stringify(value) : String(value);

function launchWords(name: string, value: unknown): string {
  const field = FIELDS.find((f) => f.id === name);
  return value === undefined ? t('setting.unset') : field?.kind === 'choice' ? valueText(field, read({ [name]: value }, field.id)) : plain(value);
}

const settingWords = (field: Field, text: string) => (field.kind === 'choice' && field.values.includes(text) ? valueText(field, text) : text);

/** What is compared when two people edited the same group; a launch setting is a part of its own, and so are the settings of each server. */
export function groupParts(
  base: GroupDraft, mine: GroupDraft, theirs: GroupDraft, nameOf: (serverId: string) => string = (id) => id,
): Part<GroupDraft>[] {
  const servers = new Set([base, mine, theirs].flatMap((d) => Object.keys(d.own)));
  const names = new Set([base, mine, theirs].flatMap((d) => Object.keys(d.launch) as (keyof LaunchConfig)[]));
  return [
    field('name', t('name')),
    field('description', t('description')),
    field('mode', t('group.selection'), (mode) => t(`group.mode.${mode}`)),
    field('tags', t('group.tags'), (tags) => tags.map((row) => `${row.key}=${row.value}`).join(', ')),
    field('serverIds', t('servers'), (ids) => ids.join(', ')),
    ...[...names].map((name): Part<GroupDraft> => {
      return {
        id: `launch.${name}`,
        label: settingName(name),
        value: (d) => d.launch[name],
        show: (d) => launchWords(name, d.launch[name]),
        take: (from, into) => {
          const { [name]: _, ...rest } = into.launch;
          const taken = from.launch[name];
          return { ...into, launch: taken === undefined ? rest : { ...rest, [name]: taken } };
        },
      };
    }),
    ...[...servers].sort().map((id): Part<GroupDraft> => {
      return {
        id: ownKey(id),
        label: t('setting.of', { name: nameOf(id) }),
        value: (d) => d.own[id],
        show: (d) => (d.own[id] === undefined ? t('setting.asgroup') : overrideText(d.own[id], settingWords)),
        take: (from, into) => ({ ...into, own: ownOf({}, { ...into.own, [id]: from.own[id] ?? INHERIT }) }),
      };
    }),
  ];
}

/** Key of the problem for a field that the server names; `sent` are the servers whose settings it was given, in their order. */
export function groupField(name: string, sent: readonly string[] = []): string | null {
  const fields: Record<string, string> = {
    groupName: 'name', region: 'region', serverSelectionTags: 'tags', sourceServerIds: 'servers', servers: 'own',
  };
  const single = /^servers(?:\[(\d+)\]|\.(s-\w+))(?:\..*?)?(\w*)$/.exec(name);
  if (single !== null) {
    const server = single[2] ?? sent[Number(single[1])];
    return server === undefined ? 'own' : ownKey(server, FIELDS.find((f) => f.id === single[3])?.id);
  }
  const launch = /^launchConfig\.(\w+)/.exec(name)?.[1] ?? FIELDS.find((f) => f.id === name)?.id;
  return fields[name] ?? (launch === undefined ? null : `launch.${launch}`);
}
