/** What the waves of a plan amount to now: servers, jobs, time, and what is wrong with them; pure. */
import type { Schemas } from '../api/client';
import { t } from '../i18n/t';
import type { WaveDraft } from './draft';
import { forecast, jobsOf, waveSeconds, type Forecast } from './forecast';

export type Server = Pick<Schemas['Server'], 'sourceServerID' | 'hostname' | 'nameTag' | 'replicationState'>;
export type Group = Pick<Schemas['ProtectionGroup'], 'groupId' | 'groupName' | 'accountId' | 'region' | 'serverSelectionTags'>;

/** Servers of a group as they are now; null while they are read or when they cannot be. */
export type ServersOf<S extends Server = Server> = (groupId: string) => readonly S[] | null;

export interface WaveFacts {
  /** Null: not all are known. */
  servers: number | null;
  jobs: number | null;
  seconds: number | null;
  notReady: number;
  warnings: string[];
}

export interface PlanFacts {
  waves: WaveFacts[];
  servers: number | null;
  jobs: number | null;
  /** Null while servers of a wave are not known. */
  time: Forecast | null;
}

/** States from which DRS launches without an override (engine.md 3.2). */
const READY = new Set(['CONTINUOUS', 'CONTINUOUS_REPLICATION', 'READY_FOR_RECOVERY', 'RESCAN', 'BACKLOG', 'CREATING_SNAPSHOT']);

export const isTagBased = (group: Pick<Group, 'serverSelectionTags'>) => Object.keys(group.serverSelectionTags).length > 0;

type Wave = Pick<WaveDraft, 'key' | 'groupIds' | 'serverIds' | 'needs'>;

/** Members of a wave by group: what was chosen narrows lists, never tags. */
export function membersOf<S extends Server>(wave: Pick<Wave, 'groupIds' | 'serverIds'>, groups: readonly Group[], serversOf: ServersOf<S>) {
  return wave.groupIds.map((id) => {
    const group = groups.find((g) => g.groupId === id);
    const all = group === undefined ? [] : serversOf(id);
    const narrowed = wave.serverIds.length > 0 && group !== undefined && !isTagBased(group);
    return { id, group, servers: all === null || !narrowed ? all : all.filter((s) => wave.serverIds.includes(s.sourceServerID)) };
  });
}

function factsOf(wave: Wave, before: ReadonlyMap<string, number>, groups: readonly Group[], serversOf: ServersOf, serverDelay: number): WaveFacts {
  const members = membersOf(wave, groups, serversOf);
  const known = members.every((m) => m.servers !== null);
  const servers = members.flatMap((m) => m.servers ?? []);
  const places = new Map<string, number>();
  for (const { group, servers: list } of members) {
    if (group !== undefined) {
      const place = `${group.accountId} ${group.region}`;
      places.set(place, (places.get(place) ?? 0) + (list?.length ?? 0));
    }
  }
  const sizes = [...places.values()];
  const jobs = sizes.reduce((sum, n) => sum + jobsOf(n, serverDelay), 0);
  const notReady = servers.filter((s) => !READY.has(s.replicationState)).length;
  const twice = servers.filter((s) => before.has(s.sourceServerID));
  const warnings = [
    ...members.flatMap((m) => (m.group === undefined ? [t('graph.missing', { name: m.id })] : [])),
    ...(wave.groupIds.length === 0 ? [t('graph.groups.none')] : known && servers.length === 0 ? [t('graph.noservers')] : []),
    ...(twice.length > 0 ? [t('facts.twice', { count: twice.length, wave: (before.get(twice[0]?.sourceServerID ?? '') ?? 0) + 1 })] : []),
    ...(notReady > 0 ? [t('facts.notready', { count: notReady })] : []),
    ...(sizes.some((n) => n > 100) ? [t('facts.many', { jobs })] : []),
  ];
  return {
    servers: known ? servers.length : null,
    jobs: known ? jobs : null,
    seconds: known ? waveSeconds(sizes, serverDelay) : null,
    notReady,
    warnings,
  };
}

export interface Pace {
  maxParallelWaves: number;
  waveDelay: number;
  serverDelay: number;
}

export function planFacts(waves: readonly Wave[], groups: readonly Group[], serversOf: ServersOf, pace: Pace): PlanFacts {
  const seen = new Map<string, number>();
  const facts = waves.map((wave, i) => {
    const found = factsOf(wave, seen, groups, serversOf, pace.serverDelay);
    for (const server of membersOf(wave, groups, serversOf).flatMap((m) => m.servers ?? [])) {
      if (!seen.has(server.sourceServerID)) {
        seen.set(server.sourceServerID, i);
      }
    }
    return found;
  });
  const total = (values: readonly (number | null)[]) =>
    values.reduce<number | null>((sum, value) => (sum === null || value === null ? null : sum + value), 0);
  const number = new Map(waves.map((w, i) => [w.key, i]));
  const seconds = facts.flatMap((f) => f.seconds ?? []);
  return {
    waves: facts,
    servers: total(facts.map((f) => f.servers)),
    jobs: total(facts.map((f) => f.jobs)),
    time:
      seconds.length < facts.length
        ? null
        : forecast(
            waves.map((w, i) => ({ needs: w.needs.flatMap((key) => number.get(key) ?? []), seconds: seconds[i] ?? 0 })),
            pace.maxParallelWaves,
            pace.waveDelay,
          ),
  };
}
