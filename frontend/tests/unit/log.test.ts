/** The log of a run, what was decided in it, and two runs beside each other. */
import { describe, expect, it } from 'vitest';
import { compareServers, compareWaves, shifted } from '../../src/execution/compare';
import { decisionsOf, invocationOf } from '../../src/execution/decided';
import { logRows, passes } from '../../src/execution/log';
import { escapeXml, timelineSvg, type Palette } from '../../src/execution/picture';
import { timeline } from '../../src/execution/timeline';
import { onlyLooks, sumsOf, turn } from '../../src/execution/wall';

const T = Date.UTC(2026, 10, 29, 10);
const iso = (s: number) => new Date(T + s * 1000).toISOString();

describe('the log', () => {
  const job = (event: string, at: number, server: string, more: object = {}) => ({ event, logDateTime: iso(at), sourceServerId: server, eventData: {}, ...more });
  const logs = [{ waveNumber: 1, jobId: 'j', events: [
    job('LAUNCH_FAILED', 30.004, 's-2', { error: 'no capacity' }), job('LAUNCH_FAILED', 30, 's-2', { error: 'no capacity' }), job('SNAPSHOT_START', 18, 's-3'), job('CONVERSION_START', 13, 's-1', { conversionServerId: 'i-9' }),
    job('SNAPSHOT_START', 12, 's-2'), job('SNAPSHOT_START', 10.003, 's-1'), job('SNAPSHOT_START', 10, 's-1'),
  ] }];
  const events = [
    { time: iso(0), event: 'execution.created', actor: 'ann', data: { status: 'PENDING' } },
    { time: iso(20), event: 'execution.command', actor: 'bob', data: { command: 'cancel', accepted: false, reason: 'too late' } },
    { time: iso(21), event: 'servers.status', data: {} },
  ];
  const rows = logRows(events, logs, [{ launchUnits: [{ jobId: 'j', accountId: '123456789012' }] } as never]);

  it('puts events of one kind within five seconds together, across others, and each once', () => {
    expect(rows.map((r) => [r.event, r.servers])).toEqual([
      ['LAUNCH_FAILED', ['s-2']], ['execution.command', []], ['SNAPSHOT_START', ['s-3']], ['CONVERSION_START', ['s-1']], ['SNAPSHOT_START', ['s-1', 's-2']], ['execution.created', []],
    ]);
    expect(rows[3]).toMatchObject({ accountId: '123456789012', conversionServerId: 'i-9', wave: 1 });
    expect(new Set(rows.map((r) => r.key)).size).toBe(rows.length);
  });

  it('tells problems, of the run and of jobs, from the rest', () => {
    expect(rows.filter((r) => passes(r, 'problem')).map((r) => r.text)).toEqual(['no capacity', 'cancel, refused, too late']);
    expect(rows.filter((r) => passes(r, 'run'))).toHaveLength(2);
    expect(rows.filter((r) => passes(r, 'job'))).toHaveLength(4);
    expect(rows.filter((r) => passes(r, 'all'))).toHaveLength(6);
  });
});

describe('decisions', () => {
  it('keep the overrides of start, resume and retry apart', () => {
    expect(decisionsOf({
      overrides: {
        allowDegraded: true, confirmReplaceExisting: true, overrideReason: 'b',
        resume: { allowDegraded: true, overrideReason: 'a' }, retry: { allowDegraded: true, overrideReason: 'b' },
      },
    }).map((d) => [d.kind, d.what, d.reason])).toEqual([
      ['override', ['confirmReplaceExisting'], ''], ['override.resume', ['allowDegraded'], 'a'], ['override.retry', ['allowDegraded'], 'b'],
    ]);
    expect(decisionsOf({ overrides: { allowUnknownLimits: true, overrideReason: 'c' } })).toMatchObject([{ kind: 'override', what: ['allowUnknownLimits'], reason: 'c' }]);
    expect(decisionsOf({})).toEqual([]);
  });

  it('name what started the run', () => {
    expect(invocationOf({ rule: 'monthly', user: null, correlationId: 7 })).toEqual([['rule', 'monthly'], ['correlationId', '7']]);
  });
});

describe('two runs', () => {
  const wave = (waveNumber: number, start: number, end: number) => ({ waveNumber, waveName: `W${String(waveNumber)}`, status: 'COMPLETED' as const, startTime: start, endTime: end });

  it('lie on top of each other from the start', () => {
    const line = timeline({ status: 'COMPLETED', startTime: 1_000_000, endTime: 1_000_100, waves: [wave(0, 1_000_010, 1_000_060)] }, 0);
    const moved = shifted(line, 5_000_000);
    expect([moved.start, moved.end, moved.bars[0]?.start, moved.bars[0]?.end]).toEqual([5_000_000, 5_100_000, 5_010_000, 5_060_000]);
  });

  it('are compared wave by wave and server by server, also where one has none', () => {
    expect(compareWaves([wave(0, 10, 20), wave(1, 20, 30)], [wave(0, 110, 125)]).map((p) => [p.key, p.difference, p.right === null])).toEqual([['0', 5, false], ['1', null, true]]);
    const server = (id: string, launchedAt?: number) => ({ sourceServerId: id, serverId: id, status: 'LAUNCHED' as const, launchStatus: 'LAUNCHED' as const, ...(launchedAt === undefined ? {} : { launchedAt }) });
    expect(compareServers([server('a', 160), server('b')], 100, [server('a', 250), server('c', 300)], 200).map((p) => [p.key, p.left?.seconds ?? null, p.right?.seconds ?? null, p.difference])).toEqual([
      ['a', 60, 50, -10], ['b', null, null, null], ['c', null, 100, null],
    ]);
  });
});

describe('the picture', () => {
  const palette: Palette = { background: 'white', text: 'black', success: 'green', info: 'blue', warning: 'orange', error: 'red', inactive: 'grey', font: '"Sans", serif' };

  it('is a document of its own, whatever names are in it', () => {
    const svg = timelineSvg({
      title: '<b>&"\u0001', subtitle: '', view: { start: 0, end: 60_000 }, start: 0, startText: 'Start', pauses: [{ start: 10_000, end: null, by: '', reason: '' }],
      marks: [{ at: 50_000, text: 'Now', dashed: false }, { at: 90_000, text: 'Later', dashed: true }],
      rows: [
        { name: '1. Tier <0>', status: 'Completed', child: false, segments: [{ kind: 'failed', start: 5_000, end: 20_000 }], before: [{ kind: 'done', start: 0, end: 70_000 }] },
      ],
      legend: [{ kind: 'failed', text: 'Failed' }, { kind: 'pause', text: 'Paused' }, { kind: 'before', text: 'Earlier' }],
    }, palette);
    const document = new DOMParser().parseFromString(svg, 'image/svg+xml');
    expect(document.querySelector('parsererror')).toBeNull();
    expect(document.querySelector('title')?.textContent).toBe('<b>&"');
    const texts = [...document.querySelectorAll('text')].map((e) => e.textContent);
    expect(texts).toEqual(expect.arrayContaining(['1. Tier <0>', '15 s · Completed', 'Now', 'Failed', 'Start']));
    expect(texts).not.toContain('Later');
    expect(svg).not.toMatch(/NaN|undefined|href=/);
  });

  it('has no character that XML does not know', () => {
    expect(escapeXml('a\u0000\u000bb\ufffe\n')).toBe('ab\n');
  });
});

describe('the wallboard', () => {
  it('goes round the runs that are there', () => {
    expect([turn(['a', 'b', 'c'], 'c', 1), turn(['a', 'b'], 'a', -1), turn(['a', 'b'], 'gone', 1), turn(['a'], null, 0), turn([], 'a', 1)]).toEqual(['a', 'b', 'a', 'a', null]);
  });

  it('counts servers and launches that wait for a decision', () => {
    expect(sumsOf([{ totalServers: 3, launchedServers: 1, failedServers: 1, launchUnits: [{ state: 'HELD' } as never] }, { serverCount: 2 }])).toEqual({ total: 5, launched: 1, failed: 1, held: 1 });
  });

  it('keeps only the session of who can change nothing', () => {
    expect(onlyLooks(['view_executions', 'audit_read'])).toBe(true);
    expect(onlyLooks(['view_executions', 'stop_recovery'])).toBe(false);
    expect(onlyLooks([])).toBe(false);
  });
});
