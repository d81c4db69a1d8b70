/** What a run proves, as one document: the report, its JSON and its CSV files come from it. Pure. */
import type { Schemas } from '../api/client';
import { csv } from '../lib/csv';
import { serverName } from './names';
import { objectives, serverRpo, serverRto, wasLaunched, type Targets, type Verdict } from './objectives';
import { knownPauses, ms, type HistoryEvent } from './timeline';

type Execution = Schemas['Execution'];

/** Null: not known. */
type Known<T> = T | null;

/** Whose target it is: of the plan as it is today, or of the console. */
type TargetOf = 'plan' | 'console';

export interface EvidenceServer {
  sourceServerId: string;
  name: string;
  wave: Known<number>;
  accountId: Known<string>;
  region: Known<string>;
  result: string;
  instanceId: Known<string>;
  instanceType: Known<string>;
  privateIp: Known<string>;
  launchedAt: Known<string>;
  secondsToLaunch: Known<number>;
  recoveryPoint: Known<string>;
  lagAtStart: Known<string>;
  rpoSeconds: Known<number>;
  attempt: Known<number>;
  error: Known<string>;
}

export interface EvidenceEvent {
  time: string;
  event: string;
  actor: Known<string>;
  text: string;
}

export interface Evidence {
  schema: 'drs-orchestrator/run-report/1';
  generatedAt: string;
  environment: Known<string>;
  execution: {
    executionId: string;
    planId: string;
    planName: string;
    planVersion: Known<number>;
    executionType: string;
    status: string;
    outcome: Known<string>;
    reason: Known<string>;
    startedBy: string;
    source: Known<string>;
    accounts: string[];
    regions: string[];
    startTime: Known<string>;
    endTime: Known<string>;
    seconds: Known<number>;
  };
  objectives: {
    rto: { verdict: Verdict; targetSeconds: number; targetOf: TargetOf; netSeconds: Known<number>; grossSeconds: Known<number>; pausedSeconds: Known<number> };
    rpo: { verdict: Verdict; targetSeconds: number; targetOf: TargetOf; worstSeconds: Known<number>; worstServer: Known<string>; serversUnknown: number };
  };
  scope: {
    groups: { groupId: string; name: Known<string>; tags: Known<Record<string, string>> }[];
    servers: Known<number>;
  };
  waves: {
    waveNumber: number;
    name: string;
    status: string;
    startTime: Known<string>;
    endTime: Known<string>;
    seconds: Known<number>;
    servers: Known<number>;
    launched: Known<number>;
    failed: Known<number>;
    jobs: string[];
    error: Known<string>;
  }[];
  servers: Known<EvidenceServer[]>;
  pauses: Known<{ from: string; to: Known<string>; by: Known<string>; reason: Known<string> }[]>;
  notes: { time: Known<string>; user: Known<string>; text: string }[];
  events: Known<EvidenceEvent[]>;
  termination: Known<{
    requestedAt: string;
    finishedAt: Known<string>;
    state: 'RUNNING' | 'DONE' | 'FAILED';
    instances: { instanceId: string; accountId: Known<string>; region: Known<string>; jobId: Known<string>; state: string; error: Known<string> }[];
  }>;
  deviations: string[];
  remarks: string;
}

export interface Sources {
  execution: Execution;
  /** Null: could not be read. */
  servers: readonly Schemas['ServerExecution'][] | null;
  events: readonly HistoryEvent[] | null;
  termination: Schemas['TerminationStatus'] | null;
  groups: readonly Pick<Schemas['ProtectionGroup'], 'groupId' | 'groupName' | 'serverSelectionTags'>[];
  targets: Targets;
  environment: string | null;
  remarks: string;
  now: number;
}

const known = <T>(value: T | null | undefined): T | null => value ?? null;
const iso = (value: unknown): string | null => {
  const at = ms(value);
  return at === null ? null : new Date(at).toISOString().replace('.000Z', 'Z');
};
const word = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** The events a reader of the report looks for; each server's steps are in its row. */
const TOLD = new Set(['execution.created', 'execution.status', 'execution.command', 'wave.status', 'terminate.status']);

export function told(events: readonly HistoryEvent[]): EvidenceEvent[] {
  return events
    .filter(({ event, data }) => TOLD.has(event) && !(event === 'wave.status' && data.status === data.previousStatus))
    .map(({ time, event, actor, data }) => ({
      time: iso(time) ?? time,
      event,
      actor: word(actor),
      text: [
        word(data.command),
        data.accepted === false ? 'refused' : null,
        typeof data.waveNumber === 'number' ? `wave ${String(data.waveNumber + 1)}` : null,
        word(data.waveName),
        word(data.errorMessage)?.startsWith(String(data.status)) === true ? null : word(data.status),
        word(data.pauseReason),
        word(data.reason),
        word(data.errorMessage),
        event === 'terminate.status' ? `${String(data.completedServers)} of ${String(data.totalServers)} instances terminated` : null,
      ].filter((part) => part !== null).join(', '),
    }));
}

function deviationsOf(execution: Execution, servers: readonly Schemas['ServerExecution'][]): string[] {
  const out: string[] = [];
  for (const warning of execution.warnings ?? []) {
    out.push(word(warning.message) ?? word(warning.code) ?? JSON.stringify(warning));
  }
  const overrides = execution.overrides ?? {};
  for (const [name, value] of Object.entries(overrides)) {
    if (value === true) {
      out.push(`${name}: ${word(overrides.overrideReason) ?? ''}`);
    }
  }
  for (const wave of execution.waves ?? []) {
    if (wave.skipped === true) {
      out.push(`wave ${String(wave.waveNumber + 1)} (${wave.waveName}) was skipped`);
    }
    if ((wave.attempt ?? 1) > 1) {
      out.push(`wave ${String(wave.waveNumber + 1)} (${wave.waveName}) took ${String(wave.attempt)} attempts`);
    }
  }
  for (const server of servers) {
    if (server.launchStatus === 'FAILED' || server.launchStatus === 'CANCELLED') {
      out.push(`${serverName(server)}: ${server.launchStatus}${server.error === undefined ? '' : `, ${server.error.message}`}`);
    }
    if (server.recoveryPoint?.usedPrevious === true) {
      out.push(`${serverName(server)}: an earlier snapshot was used`);
    }
  }
  return out;
}

function serverRow(server: Schemas['ServerExecution'], execution: Execution): EvidenceServer {
  return {
    sourceServerId: server.sourceServerId,
    name: serverName(server),
    wave: server.waveNumber === undefined ? null : server.waveNumber + 1,
    accountId: known(server.accountId),
    region: known(server.region),
    result: server.launchStatus,
    instanceId: known(server.instanceId ?? server.recoveredInstanceId),
    instanceType: known(server.instanceType),
    privateIp: known(server.privateIp),
    launchedAt: iso(server.launchedAt),
    secondsToLaunch: serverRto(server, execution.startTime),
    recoveryPoint: iso(server.recoveryPoint?.time),
    lagAtStart: known(server.lagAtStart),
    rpoSeconds: wasLaunched(server) ? serverRpo(server, execution.startTime) : null,
    attempt: known(server.attempt),
    error: known(server.error?.message),
  };
}

export function evidence({ execution, servers, events, termination, groups, targets, environment, remarks, now }: Sources): Evidence {
  const pauses = knownPauses(events);
  const { rto, rpo } = objectives(execution, servers, pauses, targets);
  const waves = execution.waves ?? [];
  const groupIds = [...new Set(waves.flatMap((w) => w.protectionGroupIds ?? []))];
  const contexts = execution.accountContexts ?? [];
  return {
    schema: 'drs-orchestrator/run-report/1',
    generatedAt: new Date(now).toISOString(),
    environment,
    execution: {
      executionId: execution.executionId,
      planId: execution.planId,
      planName: execution.planName,
      planVersion: known(execution.planVersion),
      executionType: execution.executionType,
      status: execution.status,
      outcome: word(execution.outcomeSummary),
      reason: word(execution.reason),
      startedBy: execution.initiatedBy,
      source: word(execution.invocationSource),
      accounts: contexts.length === 0 ? [execution.accountId] : contexts.map((a) => a.accountId),
      regions: [...new Set([...(servers ?? []).flatMap((s) => s.region ?? []), ...waves.flatMap((w) => (w.launchUnits ?? []).flatMap((u) => u.region ?? []))])].sort(),
      startTime: iso(execution.startTime),
      endTime: iso(execution.endTime),
      seconds: rto.gross,
    },
    objectives: {
      rto: { verdict: rto.verdict, targetSeconds: rto.target, targetOf: targets.ownRto ? 'plan' : 'console', netSeconds: rto.net, grossSeconds: rto.gross, pausedSeconds: rto.paused },
      rpo: {
        verdict: rpo.verdict, targetSeconds: rpo.target, targetOf: targets.ownRpo ? 'plan' : 'console', worstSeconds: rpo.worst,
        worstServer: rpo.worstServer === null ? null : serverName(rpo.worstServer), serversUnknown: rpo.unknown,
      },
    },
    scope: {
      groups: groupIds.map((groupId) => {
        const group = groups.find((g) => g.groupId === groupId);
        return { groupId, name: known(group?.groupName), tags: known(group?.serverSelectionTags) };
      }),
      servers: servers?.length ?? null,
    },
    waves: waves.map((w) => ({
      waveNumber: w.waveNumber + 1,
      name: w.waveName,
      status: w.skipped === true ? 'SKIPPED' : w.status,
      startTime: iso(w.startTime),
      endTime: iso(w.endTime),
      seconds: w.startTime === undefined || w.endTime === undefined ? null : w.endTime - w.startTime,
      servers: known(w.totalServers ?? w.serverCount),
      launched: known(w.launchedServers),
      failed: known(w.failedServers),
      jobs: [...new Set((w.launchUnits ?? []).flatMap((u) => (u.jobId === undefined ? [] : [u.jobId])))],
      error: known(w.error?.message),
    })),
    servers:
      servers
        ?.map((s) => serverRow(s, execution))
        .sort((a, b) => (a.wave ?? 0) - (b.wave ?? 0) || a.name.localeCompare(b.name, undefined, { numeric: true })) ?? null,
    pauses: pauses?.map((p) => ({ from: iso(p.start) ?? '', to: iso(p.end), by: word(p.by), reason: word(p.reason) })) ?? null,
    notes: (execution.notes ?? []).map((n) => ({ time: iso(n.time), user: word(n.user), text: word(n.text) ?? '' })),
    events: events === null ? null : told(events),
    termination:
      execution.terminationInitiatedAt === undefined
        ? null
        : {
            requestedAt: iso(execution.terminationInitiatedAt) ?? '',
            finishedAt: iso(execution.instancesTerminatedAt),
            state: execution.instancesTerminated === true ? 'DONE' : (termination?.state ?? 'RUNNING'),
            instances: (termination?.instances ?? []).map((i) => ({
              instanceId: i.recoveryInstanceId ?? '', accountId: known(i.accountId), region: known(i.region), jobId: known(i.jobId),
              state: i.state ?? 'PENDING', error: known(i.error),
            })),
          },
    deviations: deviationsOf(execution, servers ?? []),
    remarks,
  };
}

/** The text that is hashed and downloaded. */
export function evidenceText(document: Evidence): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

/** SHA-256 of a text as `sha256sum` prints it; null where the browser has none. */
export async function sha256(text: string): Promise<string | null> {
  // only in secure contexts
  const subtle = globalThis.crypto.subtle as SubtleCrypto | undefined;
  if (subtle === undefined) {
    return null;
  }
  const hash = await subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(hash)].map((b) => b.toString(16).padStart(2, '0')).join('');
}

type Rows = readonly Readonly<Record<string, unknown>>[];

function table(rows: Rows, columns: readonly string[]): string {
  return csv(columns, rows.map((row) => columns.map((c) => (Array.isArray(row[c]) ? (row[c] as unknown[]).join(' ') : row[c]))));
}

export type Sheet = 'servers' | 'waves' | 'events' | 'termination';

export function evidenceCsv(document: Evidence, sheet: Sheet): string {
  switch (sheet) {
    case 'servers':
      return table((document.servers ?? []) as unknown as Rows, [
        'sourceServerId', 'name', 'wave', 'accountId', 'region', 'result', 'instanceId', 'instanceType', 'privateIp', 'launchedAt',
        'secondsToLaunch', 'recoveryPoint', 'lagAtStart', 'rpoSeconds', 'attempt', 'error',
      ]);
    case 'waves':
      return table(document.waves, ['waveNumber', 'name', 'status', 'startTime', 'endTime', 'seconds', 'servers', 'launched', 'failed', 'jobs', 'error']);
    case 'events':
      return table((document.events ?? []) as unknown as Rows, ['time', 'event', 'actor', 'text']);
    case 'termination':
      return table(document.termination?.instances ?? [], ['instanceId', 'accountId', 'region', 'jobId', 'state', 'error']);
  }
}
