/**
 * Launch settings of a group and of its servers; pure. Each setting has a
 * text form, in which it is edited, compared, shown and kept in files.
 */
import type { Schemas } from '../api/client';
import { hasMessage, t, type MessageId } from '../i18n/t';

type Group = Schemas['ProtectionGroup'];
/** What settings of servers lie over, and those that are stored: a group, or one that is being made. */
export type Base = Pick<Group, 'launchConfig' | 'servers'>;
/** Settings of a server; those of a group are a subset. */
export type Settings = Schemas['LaunchTemplate'];

export interface Override {
  /** False: nothing of the group's settings is in force. */
  useGroupDefaults: boolean;
  launchTemplate: Settings;
}

/** Overrides that are not saved yet, by server. */
export type Changes = Readonly<Record<string, Override>>;

/** What the server refused, by server and setting; `*` belongs to no setting. */
export type Refusals = Readonly<Record<string, Readonly<Record<string, string>>>>;

export type FieldId =
  | 'staticPrivateIp' | 'subnetId' | 'securityGroupIds' | 'instanceType' | 'instanceProfileName'
  | 'targetInstanceTypeRightSizingMethod' | 'launchDisposition' | 'copyPrivateIp' | 'copyTags' | 'licensing'
  | 'postLaunchEnabled' | 'associatePublicIp' | 'monitoring' | 'ebsOptimized' | 'disableApiTermination' | 'creditSpecification';

export interface Field {
  id: FieldId;
  kind: 'address' | 'pick' | 'list' | 'choice';
  /** What a choice may be. */
  values: readonly string[];
  /** Whether groups have it too. */
  group: boolean;
  /** Rarely used: shown on request. */
  more: boolean;
}

const FLAG = ['true', 'false'];
const field = (id: FieldId, kind: Field['kind'], values: readonly string[] = [], over: Partial<Field> = {}): Field => ({
  id, kind, values, group: true, more: false, ...over,
});

export const FIELDS: readonly Field[] = [
  field('staticPrivateIp', 'address', [], { group: false }),
  field('subnetId', 'pick'),
  field('securityGroupIds', 'list'),
  field('instanceType', 'pick'),
  field('instanceProfileName', 'pick'),
  field('targetInstanceTypeRightSizingMethod', 'choice', ['NONE', 'BASIC', 'IN_AWS']),
  field('launchDisposition', 'choice', ['STARTED', 'STOPPED']),
  field('copyPrivateIp', 'choice', FLAG),
  field('copyTags', 'choice', FLAG),
  field('licensing', 'choice', FLAG),
  field('postLaunchEnabled', 'choice', FLAG, { more: true }),
  field('associatePublicIp', 'choice', FLAG, { group: false, more: true }),
  field('monitoring', 'choice', FLAG, { group: false, more: true }),
  field('ebsOptimized', 'choice', FLAG, { group: false, more: true }),
  field('disableApiTermination', 'choice', FLAG, { group: false, more: true }),
  field('creditSpecification', 'choice', ['standard', 'unlimited'], { group: false, more: true }),
];

/** The text form of a setting; empty when it is not set. */
export function read(settings: Settings, id: FieldId): string {
  if (id === 'licensing') {
    const byol = settings.licensing?.osByol;
    return byol === undefined ? '' : String(byol);
  }
  if (id === 'securityGroupIds') {
    return (settings.securityGroupIds ?? []).join(' ');
  }
  const value = settings[id];
  return value === undefined || value === null ? '' : String(value);
}

/** The settings with one of them set, or taken away by an empty text. */
export function write<S extends Settings>(settings: S, { id, values }: Field, text: string): S {
  const { [id]: _, ...rest } = settings;
  if (text === '') {
    return rest as S;
  }
  const value =
    id === 'licensing' ? { osByol: text === 'true' }
    : id === 'securityGroupIds' ? text.split(/[\s,;]+/).filter((s) => s !== '')
    : values === FLAG ? text === 'true'
    : text;
  return { ...rest, [id]: value } as unknown as S;
}

/** The name of a setting for people. */
export function settingName(id: string): string {
  const text = `setting.${id}`;
  return hasMessage(text) ? t(text) : id;
}

/** The text of one value of a choice. */
export function valueText({ id, values }: Field, value: string): string {
  return t((values === FLAG ? `setting.flag.${value}` : `setting.${id}.${value}`) as MessageId);
}

/** Nothing of its own. */
export const INHERIT: Override = { useGroupDefaults: true, launchTemplate: {} };

/** Without what is null or empty: that is not set. */
export function compact(settings: Settings): Settings {
  return Object.fromEntries(
    Object.entries(settings).filter(([, v]) => v !== null && v !== undefined && v !== '' && !(Array.isArray(v) && v.length === 0)),
  ) as Settings;
}

function stored(group: Pick<Group, 'servers'>, serverId: string): Override {
  const entry = group.servers?.find((s) => s.sourceServerId === serverId);
  return entry === undefined
    ? INHERIT
    : { useGroupDefaults: entry.useGroupDefaults ?? true, launchTemplate: compact(entry.launchTemplate ?? {}) };
}

/** The override of each server: the unsaved one, else the stored one. */
export function overridesOf(group: Pick<Group, 'servers'>, changes: Changes): (serverId: string) => Override {
  const known = new Map((group.servers ?? []).map((s) => [s.sourceServerId, stored({ servers: [s] }, s.sourceServerId)]));
  return (serverId) => changes[serverId] ?? known.get(serverId) ?? INHERIT;
}

export function isOwn({ useGroupDefaults, launchTemplate }: Override): boolean {
  return !useGroupDefaults || Object.keys(launchTemplate).length > 0;
}

/** What is in force: the group's settings with the server's laid over them. */
export function effective(group: Pick<Group, 'launchConfig'>, override: Override): Settings {
  return override.useGroupDefaults
    ? { ...compact(group.launchConfig ?? {}), ...override.launchTemplate }
    : override.launchTemplate;
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_, v: unknown) =>
    typeof v === 'object' && v !== null && !Array.isArray(v)
      ? Object.fromEntries(Object.entries(v).sort(([a], [b]) => a.localeCompare(b)))
      : v,
  );
}

/** Whether two overrides, or two settings, say the same. */
export function same<T extends Override | Settings>(a: T, b: T): boolean {
  return canonical(a) === canonical(b);
}

/** The changes with the override of one server, or without it when it is the stored one. */
export function put(group: Pick<Group, 'servers'>, changes: Changes, serverId: string, override: Override): Changes {
  const next = { ...override, launchTemplate: compact(override.launchTemplate) };
  const { [serverId]: _, ...rest } = changes;
  return same(next, stored(group, serverId)) ? rest : { ...rest, [serverId]: next };
}

/** All overrides of the servers that have one. */
export function ownOf(group: Pick<Group, 'servers'>, changes: Changes): Changes {
  const of = overridesOf(group, changes);
  const ids = new Set([...(group.servers ?? []).map((s) => s.sourceServerId), ...Object.keys(changes)]);
  return Object.fromEntries([...ids].sort().map((id) => [id, of(id)] as const).filter(([, override]) => isOwn(override)));
}

/** What of the overrides is not stored. */
export function changesOf(group: Pick<Group, 'servers'>, own: Changes): Changes {
  const ids = new Set([...(group.servers ?? []).map((s) => s.sourceServerId), ...Object.keys(own)]);
  return [...ids].reduce<Changes>((out, id) => put(group, out, id, own[id] ?? INHERIT), {});
}

/** An override in words. */
export function overrideText({ useGroupDefaults, launchTemplate }: Override, show: (field: Field, text: string) => string): string {
  const others = Object.entries(launchTemplate).filter(([id]) => !FIELDS.some((f) => f.id === id));
  return [
    ...(useGroupDefaults ? [] : [t('setting.defaults.false')]),
    ...FIELDS.filter((f) => read(launchTemplate, f.id) !== '').map((f) => `${settingName(f.id)}: ${show(f, read(launchTemplate, f.id))}`),
    ...others.map(([id, value]) => `${settingName(id)}: ${plain(value)}`),
  ].join('; ');
}

export interface Difference {
  serverId: string;
  /** A setting, or `useGroupDefaults`. */
  field: string;
  before: string;
  after: string;
}

const plain = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value);

/** What saving would change. */
export function differences(group: Pick<Group, 'servers'>, changes: Changes): Difference[] {
  return Object.entries(changes).flatMap(([serverId, next]) => {
    const old = stored(group, serverId);
    const out: Difference[] = [];
    const add = (id: string, before: string, after: string) => {
      if (before !== after) {
        out.push({ serverId, field: id, before, after });
      }
    };
    add('useGroupDefaults', String(old.useGroupDefaults), String(next.useGroupDefaults));
    for (const { id } of FIELDS) {
      add(id, read(old.launchTemplate, id), read(next.launchTemplate, id));
    }
    const others = new Set([...Object.keys(old.launchTemplate), ...Object.keys(next.launchTemplate)]);
    for (const id of others) {
      if (!FIELDS.some((f) => f.id === id)) {
        const key = id as keyof Settings;
        add(id, plain(old.launchTemplate[key]), plain(next.launchTemplate[key]));
      }
    }
    return out;
  });
}

/** Changes that still make sense for the group as it is now. */
export function rebase(group: Pick<Group, 'servers'>, changes: Changes, members: ReadonlySet<string>): Changes {
  return Object.entries(changes)
    .filter(([id]) => members.has(id))
    .reduce<Changes>((out, [id, override]) => put(group, out, id, override), {});
}

export function bulkBody(changes: Changes, version: number) {
  return { servers: Object.entries(changes).map(([sourceServerId, override]) => ({ sourceServerId, ...override })), version };
}
