import { describe, expect, it } from 'vitest';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { reportsTexts } from '../../src/i18n/reports.en';
import { runsTexts } from '../../src/i18n/runs.en';
import { register } from '../../src/i18n/t';
import type { ApiClient } from '../../src/api/client';
import { lastDrills } from '../../src/dashboard/queries';
import { targetsOf } from '../../src/execution/objectives';
import {
  byPlan, distribution, measureOf, overduePlans, reportCsv, reportFilter, reportRun, rowOf, slowestServers, slowestWaves, success, summary, trend,
  type Execution, type Measure, type ReportDocument,
} from '../../src/reports/facts';
import { rpoText, rtoText } from '../../src/reports/words';

register({ ...texts, ...moreTexts, ...runsTexts, ...reportsTexts }, icu);

const T0 = 1_795_933_000;
const iso = (s: number) => new Date((T0 + s) * 1000).toISOString();
const TARGETS = targetsOf({ rto: 10, rpo: 5 }, { rtoTargetMinutes: 240, rpoTargetMinutes: 30 });

function run(id: string, seconds: number, over: Partial<Execution> = {}): Execution {
  return {
    executionId: id, planId: 'p', recoveryPlanId: 'p', planName: 'Shop', recoveryPlanName: 'Shop', executionType: 'DRILL', status: 'COMPLETED', initiatedBy: 'ann',
    executedBy: 'ann', startTime: T0, endTime: T0 + seconds, currentWave: 1, totalWaves: 1, waves: [], accountContext: { accountId: '1', assumeRoleName: '', isCurrentAccount: true },
    accountId: '1', selectionMode: 'PLAN', hasActiveDrsJobs: false, terminationMetadata: { canTerminate: false, reason: null, hasRecoveryInstances: false }, ...over,
  };
}

const created = { time: iso(0), event: 'execution.created', data: {} };
const paused = (from: number, to: number) => [
  { time: iso(from), event: 'execution.status', data: { status: 'PAUSED' } }, { time: iso(to), event: 'execution.status', data: { status: 'RUNNING' } },
];
const measure = (over: Partial<Measure> = {}): Measure => ({ pauses: [], loss: { worst: 60, worstServer: { serverName: 'db' }, unknown: 0 }, slowest: [], ...over });

describe('what is asked for', () => {
  it('is a period, an account, a plan and a type, of runs that are over', () => {
    const now = Date.UTC(2026, 10, 29, 10, 30, 45);
    expect(reportFilter({ from: '-30d', to: '', plan: 'p', type: 'DRILL' }, '1', now)).toEqual({
      accountId: '1', planId: 'p', executionType: 'DRILL', startedAfter: '2026-10-30T10:30:00.000Z',
      status: 'COMPLETED,PARTIAL,FAILED,CANCELLED,ROLLED_BACK,TIMEOUT,TERMINATED',
    });
    expect(reportFilter({ from: '', to: '', plan: '', type: '' }, '', now)).toEqual({ status: 'COMPLETED,PARTIAL,FAILED,CANCELLED,ROLLED_BACK,TIMEOUT,TERMINATED' });
  });
});

describe('a run', () => {
  it('is measured without its pauses, and by its worst server', () => {
    const servers = [
      { sourceServerId: 's-1', serverName: 'db', launchStatus: 'LAUNCHED' as const, launchedAt: T0 + 500, lagAtStart: 'PT2M' },
      { sourceServerId: 's-2', serverName: 'web', launchStatus: 'LAUNCHED' as const, launchedAt: T0 + 900, lagAtStart: 'PT9M' },
      { sourceServerId: 's-3', launchStatus: 'FAILED' as const, lagAtStart: 'PT9H' },
    ];
    const row = rowOf(run('a', 900), measureOf({ startTime: T0 }, servers, [created, ...paused(100, 500)]), TARGETS);
    expect(row).toMatchObject({ rto: 500, withPauses: false, rtoVerdict: 'met', rpo: 540, rpoServer: 'web', rpoVerdict: 'missed', measured: true });
    expect(rtoText(row)).toBe('8 min 20 s, Met');
    expect(rpoText(row)).toBe('9 min, Missed');
  });

  it('has an RTO with pauses and an unknown RPO until it is measured', () => {
    const row = rowOf(run('a', 900), null, TARGETS);
    expect(row).toMatchObject({ rto: 900, withPauses: true, rtoVerdict: 'unknown', rpo: null, rpoVerdict: 'unknown', measured: false });
    expect(rtoText(row)).toBe('15 min with pauses, over with pauses');
    expect(rpoText(row)).toBe('Not read');
    expect(rowOf(run('a', 600), null, TARGETS).rtoVerdict).toBe('met');
  });

  it('is not without pauses because its history is gone', () => {
    const row = rowOf(run('a', 900), measureOf({ startTime: T0 }, [], []), TARGETS);
    expect(row).toMatchObject({ rto: 900, withPauses: true, rtoVerdict: 'unknown' });
  });

  it.each([['PARTIAL', 'missed'], ['FAILED', 'missed'], ['TIMEOUT', 'missed'], ['CANCELLED', 'excluded']] as const)('that is %s recovered nothing in time: %s', (status, verdict) => {
    expect(rowOf(run('a', 60, { status }), measure(), TARGETS)).toMatchObject({ rto: null, rtoVerdict: verdict });
  });
});

describe('figures of runs', () => {
  const rows = [
    rowOf(run('a', 300), measure(), TARGETS),
    rowOf(run('b', 500), measure({ loss: { worst: 400, worstServer: null, unknown: 0 } }), TARGETS),
    rowOf(run('c', 900), null, TARGETS),
    rowOf(run('d', 100, { status: 'FAILED' }), measure(), TARGETS),
    rowOf(run('e', 9, { status: 'CANCELLED' }), null, TARGETS),
    rowOf(run('f', 200, { planId: 'q', planName: 'Bank' }), measure(), TARGETS),
  ];

  it('count finished runs; cancelled ones apart; what is not known as such', () => {
    expect(summary(rows)).toEqual({
      finished: 5, completed: 4, cancelled: 1, measured: 4, successRate: 80,
      rto: { met: 3, missed: 1, unknown: 1, median: 400, longest: 900 },
      rpo: { met: 3, missed: 1, unknown: 1, worst: 400 },
    });
    expect(summary([])).toMatchObject({ finished: 0, successRate: null, rto: { median: null, longest: null }, rpo: { worst: null } });
  });

  it('are the same for each plan', () => {
    expect(byPlan(rows).map((p) => [p.planName, p.finished, p.cancelled, p.successRate, p.rto.median])).toEqual([['Bank', 1, 0, 100, 200], ['Shop', 4, 1, 75, 500]]);
  });

  it('are drawn for completed runs, oldest first, in classes of a round width', () => {
    const points = trend([rowOf(run('late', 700, { startTime: T0 + 5000, endTime: T0 + 5700 }), null, TARGETS), ...rows]);
    expect(points.at(-1)?.executionId).toBe('late');
    expect(points.map((p) => p.executionId)).not.toContain('d');
    const buckets = distribution(points);
    expect(buckets.reduce((sum, b) => sum + b.met + b.missed + b.unknown, 0)).toBe(points.length);
    expect(new Set(buckets.map((b) => b.to - b.from)).size).toBe(1);
    expect(buckets.at(-1)?.unknown).toBe(1);
    expect(distribution([])).toEqual([]);
    expect(distribution(trend([rowOf(run('z', 0), null, TARGETS)]))).toEqual([{ from: 0, to: 1, met: 1, missed: 0, unknown: 0 }]);
  });

  it('go by weeks from Monday, and by months over long times', () => {
    const at = (day: string) => Date.parse(`${day}T12:00:00Z`) / 1000;
    const by = success([
      { status: 'COMPLETED', startTime: at('2026-11-29') }, { status: 'PARTIAL', startTime: at('2026-11-23') }, { status: 'TIMEOUT', startTime: at('2026-11-09') },
      { status: 'CANCELLED', startTime: at('2026-01-01') },
    ]);
    expect(by.unit).toBe('week');
    expect(by.intervals.map((i) => [new Date(i.start).toISOString().slice(0, 10), i.completed, i.partial, i.failed])).toEqual([
      ['2026-11-09', 0, 0, 1], ['2026-11-16', 0, 0, 0], ['2026-11-23', 1, 1, 0],
    ]);
    const year = success([{ status: 'COMPLETED', startTime: at('2026-01-31') }, { status: 'COMPLETED', startTime: at('2026-12-01') }]);
    expect([year.unit, year.intervals.length, year.intervals[11]?.completed]).toEqual(['month', 12, 1]);
    expect(success([]).intervals).toEqual([]);
  });

  it('name the waves and servers that took longest', () => {
    const wave = (waveNumber: number, from: number, to: number, over: object = {}) => ({ waveNumber, waveName: `W${String(waveNumber)}`, status: 'COMPLETED' as const, startTime: T0 + from, endTime: T0 + to, ...over });
    const waved = [
      rowOf(run('a', 300, { waves: [wave(0, 0, 100), wave(1, 100, 300)] }), null, TARGETS),
      rowOf(run('b', 300, { waves: [wave(0, 0, 150), wave(1, 150, 160, { status: 'FAILED' })] }), null, TARGETS),
      rowOf(run('c', 300, { status: 'CANCELLED', waves: [wave(0, 0, 9999)] }), null, TARGETS),
      rowOf(run('d', 300, { waves: [wave(0, 0, 8888, { skipped: true })] }), null, TARGETS),
    ];
    expect(slowestWaves(waved, 10).map((w) => [w.waveNumber, w.longest, w.median, w.runs, w.executionId])).toEqual([[2, 200, 200, 1, 'a'], [1, 150, 125, 2, 'b']]);
    const known = new Map([
      ['a', measure({ slowest: [{ sourceServerId: 's-1', name: 'db', seconds: 90 }, { sourceServerId: 's-2', name: 'web', seconds: 10 }] })],
      ['b', measure({ slowest: [{ sourceServerId: 's-1', name: 'db', seconds: 120 }] })],
      ['c', measure({ slowest: [{ sourceServerId: 's-9', name: 'no', seconds: 999 }] })],
    ]);
    expect(slowestServers(waved, known, 10).map((s) => [s.name, s.seconds, s.executionId])).toEqual([['db', 120, 'b'], ['web', 10, 'a']]);
    expect(slowestServers(waved, known, 1)).toHaveLength(1);
  });

  it('become files that say the same, without formulas', () => {
    const doc: ReportDocument = {
      schema: 'drs-orchestrator/runs-report/1', generatedAt: iso(0), environment: null, filter: {}, complete: true, drillMaxAgeDays: 90, summary: summary(rows), plans: byPlan(rows),
      runs: [...rows, rowOf(run('x', 1, { planName: '=cmd()' }), null, TARGETS)].map(reportRun), slowestWaves: [], slowestServers: [],
      overdue: [{ planId: 'p', planName: 'Shop', executionId: null, at: null, days: null }],
    };
    const lines = reportCsv(doc, 'runs').trim().split('\r\n');
    expect(lines).toHaveLength(8);
    expect(lines[1]?.split(',').slice(0, 2)).toEqual(['a', 'Shop']);
    expect(lines[7]).toContain(`'=cmd()`);
    expect(reportCsv(doc, 'plans').trim().split('\r\n')[1]).toMatch(/^Bank,q,1,1,0,1,100,/);
    expect(reportCsv(doc, 'overdue').trim().split('\r\n')[1]).toBe('Shop,p,,,');
    expect(doc.runs[2]).toMatchObject({ rtoSeconds: 900, rtoWithPauses: true, rtoVerdict: 'unknown', rpoSeconds: null, measured: false });
  });
});

describe('drills that are due', () => {
  const plans = ['fresh', 'old', 'never'].map((planId) => ({ planId, planName: planId }));
  const drill = (planId: string, daysAgo: number) => ({ executionId: `${planId}!`, planId, startTime: T0 - daysAgo * 86_400 });

  it('are those of plans without one in time, the longest first', () => {
    expect(overduePlans(plans, [drill('fresh', 89), drill('old', 91)], 90, T0 * 1000).map((p) => [p.planId, p.days, p.executionId])).toEqual([
      ['never', null, null], ['old', 91, 'old!'],
    ]);
  });

  /** A list of successful drills by pages, newest first. */
  function api(list: readonly { planId: string; n: number }[]) {
    const asked: Record<string, unknown>[] = [];
    const get = (_: string, { query }: { query: { planId?: string; nextToken?: string; limit: number } }) => {
      asked.push(query);
      const all = list.filter((d) => query.planId === undefined || d.planId === query.planId);
      const from = Number(query.nextToken ?? '0');
      const items = all.slice(from, from + query.limit).map(({ planId, n }) => ({ executionId: String(n), planId, startTime: n, endTime: n + 1 }));
      return Promise.resolve({ items, nextToken: from + query.limit < all.length ? String(from + query.limit) : null });
    };
    return { client: { get } as unknown as ApiClient, asked };
  }
  const signal = new AbortController().signal;

  it('end with the page on which every plan was found', async () => {
    const { client, asked } = api(Array.from({ length: 900 }, (_, i) => ({ planId: i % 2 === 0 ? 'a' : 'b', n: 900 - i })));
    expect((await lastDrills(client, '1', ['a', 'b'], signal)).map((d) => [d.planId, d.startTime])).toEqual([['a', 900], ['b', 899]]);
    expect(asked).toHaveLength(1);
  });

  it('are found however many drills other plans had since', async () => {
    const { client, asked } = api([...Array.from({ length: 2000 }, (_, i) => ({ planId: 'busy', n: 3000 - i })), { planId: 'rare', n: 7 }]);
    expect((await lastDrills(client, '1', ['busy', 'rare', 'none'], signal)).map((d) => [d.planId, d.startTime])).toEqual([['busy', 3000], ['rare', 7]]);
    expect(asked).toHaveLength(7);
  });
});
