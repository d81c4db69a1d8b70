import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { evidence, evidenceCsv, evidenceText, sha256, type Sources } from '../../src/execution/evidence';
import { durations, forecast, quantile, type ForecastRun, type ForecastWave } from '../../src/execution/forecast';
import { grossVerdict, objectives, serverRpo, serverRto, targetsOf, type MeasuredServer } from '../../src/execution/objectives';
import type { Schemas } from '../../src/api/client';
import { checkNote, lastEnded } from '../../src/execution/PausePanel';
import { reportMarkdown, sections } from '../../src/execution/report';
import { byPlace, terminationState } from '../../src/execution/Termination';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { register } from '../../src/i18n/t';
import {
  logEntries, pausedWithin, pausesOf, serverSegments, ticks, visibleRows, waveSegments, windowAround, zoomTo, type Bar, type LogEntry,
} from '../../src/execution/timeline';

register(texts, icu);

const T0 = 1_795_933_000;
const at = (s: number) => (T0 + s) * 1000;
const iso = (s: number) => new Date(at(s)).toISOString();

describe('phases of a server', () => {
  const events = (list: readonly [number, string][]): LogEntry[] =>
    logEntries([{ waveNumber: 0, jobId: 'drsjob-1', events: list.map(([s, event]) => ({ event, logDateTime: iso(s), eventData: { sourceServerID: 's-1' } })) }]);
  const full = events([
    [10, 'JOB_START'], [20, 'SNAPSHOT_START'], [60, 'SNAPSHOT_END'], [61, 'CONVERSION_START'], [200, 'CONVERSION_END'], [205, 'LAUNCH_START'],
  ]);

  it('follow the events of its job', () => {
    const parts = serverSegments({ launchStatus: 'LAUNCHED', launchedAt: T0 + 260 }, full, at(0), at(999));
    expect(parts.map((p) => [p.kind, (p.start - at(0)) / 1000, (p.end - at(0)) / 1000])).toEqual([
      ['queue', 0, 20], ['snapshot', 20, 60], ['conversion', 60, 200], ['launch', 200, 260],
    ]);
  });

  it('go on to now while it is launched', () => {
    const parts = serverSegments({ launchStatus: 'IN_PROGRESS', phase: 'CONVERSION' }, full.slice(0, 4), at(0), at(100));
    expect(parts.at(-1)).toEqual({ kind: 'conversion', start: at(60), end: at(100) });
  });

  it('end as failed', () => {
    const parts = serverSegments({ launchStatus: 'FAILED', phaseSince: T0 + 90 }, full.slice(0, 4), at(0), at(999));
    expect(parts.at(-1)).toEqual({ kind: 'failed', start: at(60), end: at(90) });
  });

  it('are out of the row without any event', () => {
    expect(serverSegments({ launchStatus: 'IN_PROGRESS', phase: 'LAUNCH', phaseSince: T0 + 30 }, [], at(0), at(50))).toEqual([
      { kind: 'queue', start: at(0), end: at(30) }, { kind: 'launch', start: at(30), end: at(50) },
    ]);
    expect(serverSegments({ launchStatus: 'LAUNCHED', launchedAt: T0 + 40 }, [], at(0), at(50))).toEqual([
      { kind: 'done', start: at(0), end: at(40) },
    ]);
    expect(serverSegments({ launchStatus: 'PENDING' }, [], null, at(50))).toEqual([]);
  });

  it('never run backwards, whatever the order of the events', () => {
    const odd = events([[50, 'LAUNCH_START'], [40, 'CONVERSION_END'], [500, 'SNAPSHOT_START'], [-5, 'CLEANUP_START']]);
    const parts = serverSegments({ launchStatus: 'LAUNCHED', launchedAt: T0 + 60 }, odd, at(0), at(999));
    let before = at(0);
    for (const part of parts) {
      expect(part.start).toBe(before);
      expect(part.end).toBeGreaterThanOrEqual(part.start);
      before = part.end;
    }
    expect(before).toBe(at(60));
  });

  it('of a wave are the least advanced ones', () => {
    const bar: Bar = { waveNumber: 0, label: 'w', kind: 'done', start: at(0), end: at(300) };
    expect(waveSegments(bar, full).map((p) => [p.kind, (p.end - at(0)) / 1000])).toEqual([
      ['queue', 20], ['snapshot', 60], ['conversion', 200], ['launch', 300],
    ]);
    expect(waveSegments({ ...bar, kind: 'failed' }, full)).toEqual([{ kind: 'failed', start: at(0), end: at(300) }]);
    expect(waveSegments({ ...bar, start: null, end: null }, full)).toEqual([]);
  });
});

describe('pauses', () => {
  const status = (s: number, word: string, more = {}) => ({ time: iso(s), event: 'execution.status', data: { status: word, ...more } });

  it('are found in the history, also one that goes on', () => {
    const list = pausesOf([
      status(0, 'RUNNING'), status(10, 'PAUSE_PENDING'), status(20, 'PAUSED', { pauseReason: 'REQUESTED' }), status(50, 'RUNNING'),
      status(80, 'PAUSED', { pauseReason: 'PLANNED' }), { time: iso(85), event: 'execution.command', data: { command: 'resume' } },
    ]);
    expect(list).toEqual([
      { start: at(20), end: at(50), by: '', reason: 'REQUESTED' }, { start: at(80), end: null, by: '', reason: 'PLANNED' },
    ]);
    expect(pausedWithin(list, { start: at(0), end: at(100) })).toBe(50_000);
    expect(pausedWithin(list, { start: at(40), end: at(45) })).toBe(5_000);
    expect(pausedWithin(list, { start: at(200), end: at(100) })).toBe(0);
  });
});

describe('the part that is shown', () => {
  const whole = { start: at(0), end: at(7200) };
  it('stays inside of the whole', () => {
    expect(zoomTo(whole, 'fit', at(100))).toEqual(whole);
    expect(zoomTo(whole, 'hour', at(7100))).toEqual({ start: at(3600), end: at(7200) });
    expect(zoomTo(whole, 'minute', at(0))).toEqual({ start: at(0), end: at(60) });
    expect(windowAround(whole, at(-500), 99_999_999)).toEqual(whole);
  });

  it('has ticks at round distances from the start', () => {
    expect(ticks({ start: at(95), end: at(125) }, 6, at(0)).map((t) => (t - at(0)) / 1000)).toEqual([95, 100, 105, 110, 115, 120, 125]);
  });

  it.each([[0, [0, 24]], [3200, [94, 124]], [31_900, [990, 1000]]] as const)('scrolled to %s has few of 1,000 rows', (top, rows) => {
    expect(visibleRows(1000, 32, top, 560)).toEqual(rows);
  });
});

describe('the prediction', () => {
  const wave = (waveNumber: number, status: string, startTime?: number, endTime?: number, more = {}): ForecastWave => ({
    waveNumber, status, ...(startTime === undefined ? {} : { startTime: T0 + startTime }), ...(endTime === undefined ? {} : { endTime: T0 + endTime }), ...more,
  });
  const past = (...seconds: number[]): ForecastRun[] =>
    seconds.map((s, i) => ({ executionId: `p${String(i)}`, status: 'COMPLETED', waves: [wave(0, 'COMPLETED', 0, s), wave(1, 'COMPLETED', 1000, 1000 + 2 * s)] }));

  it('takes the median of completed runs, wave after wave', () => {
    const run = { executionId: 'x', status: 'RUNNING', waves: [wave(0, 'IN_PROGRESS', 0), wave(1, 'PENDING')] };
    const f = forecast(run, past(100, 200, 300, 400, 500), 1, at(50));
    expect(f).toMatchObject({ end: at(300 + 600), early: at(600), late: at(1200), runs: 5, guessed: 0, pauses: 0 });
    expect(f?.waves.get(1)).toEqual({ start: at(300), end: at(900) });
  });

  it('takes ten minutes for each round of 500 servers of a new wave', () => {
    const run = { status: 'RUNNING', waves: [wave(0, 'PENDING', undefined, undefined, { totalServers: 501, pauseBeforeWave: true })] };
    expect(forecast(run, [], 1, at(0))).toMatchObject({ end: at(1200), runs: 0, guessed: 1, pauses: 1 });
  });

  it('keeps waves apart that need each other, and others together', () => {
    const waves = [wave(0, 'PENDING'), wave(1, 'PENDING'), wave(2, 'PENDING', undefined, undefined, { dependsOnWaves: [0, 1] })];
    expect(forecast({ status: 'PENDING', waves }, [], 2, at(0))?.end).toBe(at(1200));
    expect(forecast({ status: 'PENDING', waves }, [], 1, at(0))?.end).toBe(at(1800));
  });

  it('never lies in the past, and ends with the run', () => {
    const run = { status: 'RUNNING', waves: [wave(0, 'IN_PROGRESS', 0)] };
    expect(forecast(run, past(100), 1, at(5000))?.end).toBe(at(5000));
    expect(forecast({ ...run, status: 'FAILED' }, past(100), 1, at(5000))).toBeNull();
  });

  it('learns nothing from failed runs and skipped waves', () => {
    expect(durations([{ status: 'PARTIAL', waves: [wave(0, 'COMPLETED', 0, 9)] }, { status: 'COMPLETED', waves: [wave(0, 'COMPLETED', 0, 9, { skipped: true })] }]).size).toBe(0);
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
  });
});

describe('objectives', () => {
  const targets = targetsOf({ rto: 10, rpo: '5' }, { rtoTargetMinutes: 240, rpoTargetMinutes: 30 });
  const run = { status: 'COMPLETED', startTime: T0, endTime: T0 + 900 };
  const server = (more: MeasuredServer): MeasuredServer => ({ sourceServerId: 's-1', launchStatus: 'LAUNCHED', ...more });
  const pause = { start: at(100), end: at(500), by: '', reason: '' };

  it('have targets of the plan, else of the console', () => {
    expect(targets).toEqual({ rtoSeconds: 600, rpoSeconds: 300, ownRto: true, ownRpo: true });
    expect(targetsOf({ rto: false, rpo: '' }, { rtoTargetMinutes: 240, rpoTargetMinutes: 30 })).toEqual({
      rtoSeconds: 14_400, rpoSeconds: 1800, ownRto: false, ownRpo: false,
    });
  });

  it('do not count pauses', () => {
    expect(objectives(run, [], [pause], targets).rto).toEqual({ verdict: 'met', gross: 900, paused: 400, net: 500, target: 600, margin: 100 });
    expect(objectives(run, [], [], targets).rto).toMatchObject({ verdict: 'missed', margin: -300 });
  });

  it('are unknown rather than guessed', () => {
    expect(objectives(run, null, null, targets)).toMatchObject({ rto: { verdict: 'unknown', net: null }, rpo: { verdict: 'unknown', worst: null } });
    const half = [server({ lagAtStart: 'PT10S' }), server({})];
    expect(objectives(run, half, [], targets).rpo).toMatchObject({ verdict: 'unknown', worst: 10, unknown: 1 });
  });

  it('take the worst server, by its recovery point, else its lag', () => {
    const list = [
      server({ recoveryPoint: { time: iso(-200) }, lagAtStart: 'PT1H' }), server({ lagAtStart: 'PT30S' }),
      server({ launchStatus: 'FAILED', lagAtStart: 'PT9H' }),
    ];
    expect(objectives(run, list, [pause], targets).rpo).toMatchObject({ verdict: 'met', worst: 200, margin: 100, unknown: 0 });
    expect(serverRpo({ recoveryPoint: { time: iso(60) } }, T0)).toBe(0);
    expect(serverRto({ launchedAt: T0 + 42 }, T0)).toBe(42);
    expect(serverRto({}, T0)).toBeNull();
  });

  it.each([
    ['PARTIAL', 'missed'], ['FAILED', 'missed'], ['TIMEOUT', 'missed'], ['CANCELLED', 'excluded'], ['RUNNING', 'running'], ['PAUSED', 'running'],
  ])('of a run that is %s are %s', (status, verdict) => {
    expect(objectives({ ...run, status }, [server({ lagAtStart: 'PT1S' })], [pause], targets).rto.verdict).toBe(verdict);
    expect(grossVerdict({ ...run, status }, 600)).toBe(verdict);
  });

  it('may still be met when only the time with pauses is over the target', () => {
    expect(grossVerdict(run, 600)).toBe('unknown');
    expect(grossVerdict(run, 900)).toBe('met');
  });
});

describe('a termination', () => {
  it('is over when the server says so, failed ones too', () => {
    expect(terminationState({}, undefined)).toBe('none');
    expect(terminationState({ terminationInitiatedAt: T0 }, undefined)).toBe('running');
    expect(terminationState({ terminationInitiatedAt: T0 }, { state: 'RUNNING' })).toBe('running');
    expect(terminationState({ terminationInitiatedAt: T0 }, { state: 'FAILED' })).toBe('failed');
    expect(terminationState({ terminationInitiatedAt: T0, instancesTerminated: true }, { state: 'FAILED' })).toBe('done');
  });

  it('is counted by account and Region', () => {
    expect(
      byPlace([
        { accountId: '2', region: 'b', state: 'FAILED' }, { accountId: '1', region: 'a', state: 'TERMINATED' }, { accountId: '1', region: 'a', state: 'PENDING' },
      ]),
    ).toEqual([
      { key: '1 a', accountId: '1', region: 'a', total: 2, done: 1, failed: 0 }, { key: '2 b', accountId: '2', region: 'b', total: 1, done: 0, failed: 1 },
    ]);
  });
});

describe('the check list of a pause', () => {
  it('is in the note of the resume by name, and cut where a note would be too long', () => {
    const wave = { waveNumber: 0, waveName: 'Tier 0' } as Schemas['ExecWave'];
    expect(checkNote(wave, [], 3)).toBe('');
    expect(checkNote(wave, ['web-1', 'web-2'], 3)).toBe('Looked at 2 of 3 instances of 1. Tier 0: web-1, web-2.');
    // the server takes 1,000 characters, names may be long
    const long = checkNote(wave, Array.from({ length: 100 }, (_, i) => `${'web-'.repeat(20)}${String(i)}`), 100);
    expect(long).toMatch(/-6 and 93 more\.$/);
    expect(long.length).toBeLessThan(1000);
  });

  it('is of the wave that ended last', () => {
    const wave = (waveNumber: number, status: 'COMPLETED' | 'PENDING' | 'PARTIAL', endTime?: number) => ({
      waveNumber, waveName: '', status, ...(endTime === undefined ? {} : { endTime }),
    });
    expect(lastEnded([wave(0, 'COMPLETED', 5), wave(1, 'PARTIAL', 9), wave(2, 'COMPLETED', 7), wave(3, 'PENDING')])?.waveNumber).toBe(1);
    expect(lastEnded([wave(0, 'PENDING')])).toBeNull();
  });
});

describe('the evidence of a run', () => {
  const execution = {
    executionId: 'e1', planId: 'p1', planName: 'Shop', executionType: 'DRILL', status: 'PARTIAL', initiatedBy: 'ann', accountId: '1',
    startTime: T0, endTime: T0 + 900, terminationInitiatedAt: T0 + 1000, instancesTerminated: true, instancesTerminatedAt: T0 + 1100,
    overrides: { allowDegraded: true, overrideReason: 'ticket 7' }, warnings: [{ code: 'X', message: 'a group grew' }],
    notes: [{ time: T0 + 5, user: 'ann', text: 'looked' }],
    waves: [
      { waveNumber: 0, waveName: 'DB', status: 'PARTIAL', startTime: T0, endTime: T0 + 60, protectionGroupIds: ['g1', 'g2'], attempt: 2, totalServers: 2, launchedServers: 1, failedServers: 1 },
      { waveNumber: 1, waveName: 'Web', status: 'CANCELLED', skipped: true, protectionGroupIds: ['g1'] },
    ],
  } as unknown as Sources['execution'];
  const sources: Sources = {
    execution,
    servers: [
      { sourceServerId: 's-2', serverId: 's-2', status: 'FAILED', launchStatus: 'FAILED', waveNumber: 0, error: { message: '=cmd()' }, lagAtStart: 'PT0S' },
      { sourceServerId: 's-1', serverId: 's-1', status: 'LAUNCHED', launchStatus: 'LAUNCHED', waveNumber: 0, serverName: 'db', launchedAt: T0 + 50, lagAtStart: 'PT10S' },
    ],
    events: [
      { time: iso(0), event: 'execution.status', data: { status: 'RUNNING' } },
      { time: iso(1), event: 'servers.status', data: {} },
      { time: iso(2), event: 'execution.command', actor: 'ann', data: { command: 'pause', accepted: false, reason: 'too late' } },
      { time: iso(3), event: 'wave.status', data: { waveNumber: 0, status: 'X', previousStatus: 'X' } },
    ],
    termination: {
      executionId: 'e1', jobs: [], totalServers: 1, completedServers: 1, progressPercent: 100, allCompleted: true, anyFailed: false, state: 'DONE',
      instances: [{ recoveryInstanceId: 'i-1', accountId: '1', region: 'r', state: 'TERMINATED' }],
    },
    groups: [{ groupId: 'g1', groupName: 'Tier', serverSelectionTags: { a: 'b' } }],
    targets: { rtoSeconds: 600, rpoSeconds: 60, ownRto: false, ownRpo: false },
    environment: null, remarks: '', now: at(2000),
  };

  it('says what is known, and null for the rest', () => {
    const doc = evidence(sources);
    expect(doc.execution).toMatchObject({ planVersion: null, reason: null, source: null, accounts: ['1'], startTime: iso(0).replace('.000', '') });
    expect(doc.scope.groups).toEqual([{ groupId: 'g1', name: 'Tier', tags: { a: 'b' } }, { groupId: 'g2', name: null, tags: null }]);
    expect(doc.waves.map((w) => [w.waveNumber, w.status, w.seconds])).toEqual([[1, 'PARTIAL', 60], [2, 'SKIPPED', null]]);
    expect(doc.servers?.map((s) => [s.name, s.secondsToLaunch, s.rpoSeconds])).toEqual([['db', 50, 10], ['s-2', null, null]]);
    expect(doc.objectives).toMatchObject({ rto: { verdict: 'missed' }, rpo: { verdict: 'met', worstServer: 'db' } });
    expect(doc.termination).toMatchObject({ state: 'DONE', instances: [{ instanceId: 'i-1', state: 'TERMINATED', error: null }] });
    expect(doc.deviations).toEqual([
      'a group grew', 'allowDegraded: ticket 7', 'wave 1 (DB) took 2 attempts', 'wave 2 (Web) was skipped', 's-2: FAILED, =cmd()',
    ]);
    expect(doc.events?.map((e) => [e.event, e.actor, e.text])).toEqual([
      ['execution.status', null, 'RUNNING'], ['execution.command', 'ann', 'pause, refused, too late'],
    ]);
  });

  it('is made without servers and history too, and marks what is missing', () => {
    const doc = evidence({ ...sources, servers: null, events: null });
    expect(doc).toMatchObject({ servers: null, events: null, pauses: null, scope: { servers: null }, objectives: { rto: { pausedSeconds: null, targetOf: 'console' }, rpo: { verdict: 'unknown' } } });
    // a wave of an old run without counts
    expect(doc.waves[1]).toMatchObject({ servers: null, launched: null, failed: null, startTime: null });
    const text = JSON.stringify(sections(doc));
    expect(text.match(/could not be read, or does not go back/g)).toHaveLength(2);
    expect(text).toContain('The servers of the run could not be read.');
    expect(evidenceCsv(doc, 'servers').trim().split('\r\n')).toHaveLength(1);
  });

  it('is Markdown in which no value changes the form', () => {
    const text = reportMarkdown(evidence({ ...sources, remarks: 'one | two\n# three <b>*x*</b>' }), 'Generated now', 'SHA-256 of the JSON: 00');
    expect(text).toMatch(/^# Report of a recovery drill: Shop\n\n## Run\n\n- Environment: not known\n/);
    expect(text).toContain('one \\| two\n\\# three \\<b\\>\\*x\\*\\</b\\>');
    expect(text).toContain('| 2\\. Web |'.replace('\\.', '.'));
    for (const line of text.split('\n').filter((l) => l.startsWith('|'))) {
      expect(line).toMatch(/^\|.*\|$/);
    }
    expect(text).toContain('SHA-256 of the JSON: 00');
    expect(text.match(/^## /gm)).toHaveLength(10);
  });

  it('has a hash of the very text that is downloaded, and sheets without formulas', async () => {
    const text = evidenceText(evidence(sources));
    expect(await sha256(text)).toBe(createHash('sha256').update(text).digest('hex'));
    expect(await sha256(evidenceText(evidence({ ...sources, remarks: 'x' })))).not.toBe(await sha256(text));
    const sheet = evidenceCsv(evidence(sources), 'servers');
    expect(sheet.split('\r\n')).toHaveLength(4);
    expect(sheet).toContain(`'=cmd()`);
  });
});
