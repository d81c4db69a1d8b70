import { describe, expect, it } from 'vitest';
import type { Schemas } from '../../src/api/client';
import { ApiError } from '../../src/api/error';
import { plansUsing } from '../../src/groups/usage';
import { editorTexts } from '../../src/i18n/editor.en';
import { texts } from '../../src/i18n/en';
import { graphTexts } from '../../src/i18n/graph.en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { planTexts } from '../../src/i18n/plan.en';
import { plansTexts } from '../../src/i18n/plans.en';
import { register } from '../../src/i18n/t';
import { setZoneChoice } from '../../src/lib/time';
import { targetMinutes } from '../../src/execution/objectives';
import { comparedParts, copyOfPlan, draftOf } from '../../src/plans/draft';
import { isOverdue } from '../../src/lib/outcome';
import { lastDrills, nextSchedules, protectionOf } from '../../src/plans/overview';
import { bySeverity, remediesOf } from '../../src/plans/readiness';
import { LATEST, overrideFor, overridesOf, pointOf } from '../../src/plans/start';
import { blockedBecause, isRunning, layers } from '../../src/plans/state';
import { keepVerdict, readVerdicts } from '../../src/plans/verdicts';
import { versionsOf } from '../../src/plans/versions';
import type { ServerRow } from '../../src/servers/inventory';

register({ ...texts, ...moreTexts, ...planTexts, ...plansTexts, ...editorTexts, ...graphTexts }, icu);

type Check = Schemas['PrecheckCheck'];

describe('use of groups', () => {
  it('BUG 1.7: sees every group of a wave, not only the first', () => {
    const plan = { planId: 'p', planName: 'P', waves: [{ protectionGroupId: 'a', protectionGroupIds: ['a', 'b'] }] };
    expect(plansUsing([plan], 'b')).toEqual([plan]);
    expect(plansUsing([plan], 'c')).toEqual([]);
  });
});

describe('state of a plan', () => {
  it('is running in every status that is not an end', () => {
    expect(isRunning({ lastExecutionStatus: 'PAUSED' })).toBe(true);
    expect(isRunning({ lastExecutionStatus: 'PARTIAL' })).toBe(false);
    expect(isRunning({ lastExecutionStatus: null })).toBe(false);
  });

  it('tells why it is blocked', () => {
    expect(blockedBecause({ hasServerConflict: false })).toBeNull();
    expect(blockedBecause({ hasServerConflict: true, conflictInfo: { reason: 'in use by Shop' } })).toBe('in use by Shop');
    expect(blockedBecause({ hasServerConflict: true, conflictInfo: null })).toContain('in use');
  });
});

describe('stages of waves', () => {
  const wave = (waveNumber: number, ...dependsOnWaves: number[]) => ({ waveNumber, dependsOnWaves });

  it('are a chain when nothing is declared', () => {
    expect(layers([wave(0), wave(1), wave(2)])).toEqual([[0], [1], [2]]);
  });

  it('follow the dependencies', () => {
    expect(layers([wave(0), wave(1, 0), wave(2, 0), wave(3, 1, 2), wave(4)])).toEqual([[0, 4], [1, 2], [3]]);
  });
});

describe('refused starts', () => {
  it('offer an override only for what a person may decide', () => {
    const error = (code: string) => new ApiError({ kind: 'http', status: 409, code, message: '' });
    expect(overrideFor(error('UNHEALTHY_SERVER_REPLICATION'))).toBe('allowDegraded');
    expect(overrideFor(error('EXISTING_RECOVERY_INSTANCES'))).toBe('confirmReplaceExisting');
    expect(overrideFor(error('SERVER_CONFLICT'))).toBeNull();
  });
});

describe('a start', () => {
  const at = Date.UTC(2026, 10, 29, 12);

  it('takes a recovery point before a time of the past', () => {
    setZoneChoice('utc');
    const point = { ...LATEST, kind: 'BEFORE' as const, date: '2026-11-29', time: '08:30' };
    expect(pointOf(point, at)).toEqual({ options: { recoveryPoint: 'BEFORE:2026-11-29T08:30:00.000Z' } });
    expect(pointOf({ ...point, date: '2026-11-30' }, at)).toHaveProperty('problem');
    expect(pointOf({ ...point, time: '' }, at)).toHaveProperty('problem');
    expect(pointOf(LATEST, at)).toEqual({ options: {} });
  });

  it('takes snapshots by server and names the line that is none', () => {
    const [server, snapshot] = ['s-0123456789abcdef0', 'pit-0123456789abcdef0'];
    const point = { ...LATEST, kind: 'SNAPSHOTS' as const, list: ` ${server} ${snapshot}\n\n` };
    expect(pointOf(point, at)).toEqual({ options: { recoveryPoint: 'SNAPSHOTS', recoverySnapshots: { [server]: snapshot } } });
    expect(pointOf({ ...point, list: `${server} ${snapshot}\nweb latest` }, at)).toEqual({ problem: expect.stringContaining('Line 2') as string });
    expect(pointOf({ ...point, list: '' }, at)).toHaveProperty('problem');
  });

  it('offers overrides for the failed checks that one can override', () => {
    const check = (id: 'REPLICATION' | 'JOB_LIMITS' | 'SERVER_CONFLICT', result: 'FAIL' | 'WARN', overridable: boolean) => ({ id, result, overridable, message: '' });
    expect(overridesOf({ checks: [check('REPLICATION', 'FAIL', true), check('REPLICATION', 'FAIL', true), check('JOB_LIMITS', 'WARN', true), check('SERVER_CONFLICT', 'FAIL', false)] })).toEqual(['allowDegraded']);
    expect(overridesOf(undefined)).toEqual([]);
  });
});

describe('readiness', () => {
  it('puts first what hinders a start', () => {
    const checks = (['OK', 'WARN', 'FAIL', 'UNKNOWN', 'OK'] as const).map((result, i) => ({ result, i }));
    expect(bySeverity(checks).map((c) => c.i)).toEqual([2, 3, 1, 0, 4]);
  });

  const about = { planId: 'p', conflicts: [{ serverId: 's-1', conflictingExecutionId: 'e1' }, { serverId: 's-2', conflictingExecutionId: 'e1' }], existingInstances: [{ sourceExecutionId: 'e2' }, { sourceExecutionId: null }] };
  const check = (id: Check['id'], more: Partial<Check> = {}): Check => ({ id, result: 'FAIL', message: '', overridable: false, ...more });

  it.each<[Check, string[]]>([
    [check('GROUPS_RESOLVE', { details: { protectionGroupId: 'g' } }), ['/protection-groups/g', '/recovery-plans/p/edit']],
    [check('GROUP_COUNT_CHANGED'), ['/recovery-plans/p/edit']],
    [check('REPLICATION', { serverIds: ['s-1'] }), ['/servers/s-1']],
    [check('LAG', { serverIds: ['s-1', 's-2'] }), ['/servers?show=notready']],
    [check('LAST_SEEN', { serverIds: ['s-1'] }), ['/servers/s-1']],
    [check('WAVE_SIZE'), ['/recovery-plans/p/edit']],
    [check('JOB_LIMITS', { accountId: '123456789012' }), ['/capacity?account=123456789012']],
    [check('RECOVERY_CAPACITY'), ['/capacity']],
    [check('SERVER_CONFLICT', { serverIds: ['s-1'] }), ['/executions/e1']],
    [check('PLAN_EXECUTING', { details: { activeExecutions: ['e3'] } }), ['/executions/e3']],
    [check('DUPLICATE_SERVER'), ['/recovery-plans/p/edit']],
    [check('LAUNCH_SETTINGS', { details: { groupId: 'g' } }), ['/protection-groups/g?tab=launch']],
    [check('ACCOUNT_ACCESS'), ['/settings/accounts']],
    [check('EXISTING_INSTANCES', { serverIds: ['s-1'] }), ['/executions/e2']],
    [check('RECOVERY_POINT', { serverIds: ['s-1'] }), ['/servers/s-1']],
    [check('PLAN_AGE', { result: 'WARN' }), ['/recovery-plans/p?start=DRILL']],
    [check('WAVE_SIZE', { result: 'OK' }), []],
  ])('leads from $id to where it is mended', (found, pages) => {
    expect(remediesOf(found, about).map((r) => r.href)).toEqual(pages);
  });
});

describe('verdicts that are kept', () => {
  const of = (checkedAt: string, verdict: Schemas['Precheck']['verdict'] = 'READY'): Schemas['Precheck'] => ({
    planId: 'p', executionType: 'DRILL', checkedAt, mode: 'queue', verdict, criticalPath: [], conflicts: [], existingInstances: [], limits: [], launchConfig: [],
    checks: [{ id: 'LAG', result: 'WARN', message: '', overridable: false }, { id: 'WAVE_SIZE', result: 'FAIL', message: '', overridable: false }],
    waves: [{ waveNumber: 0, waveName: 'One', serverCount: 3, units: [] }], worstLag: 'PT2M', replication: { ok: 3, warn: 0, block: 0, servers: [] },
  });

  it('are the newest first, each once, and no more than twenty', () => {
    localStorage.clear();
    keepVerdict(of('2026-11-29T10:00:00Z', 'NOT_READY'));
    keepVerdict(of('2026-11-29T11:00:00Z'));
    keepVerdict(of('2026-11-29T11:00:00Z'));
    expect(readVerdicts('p')).toEqual([
      { at: '2026-11-29T11:00:00Z', type: 'DRILL', verdict: 'READY', hinders: 1, warnings: 1, servers: 3, lag: 120, seconds: null },
      { at: '2026-11-29T10:00:00Z', type: 'DRILL', verdict: 'NOT_READY', hinders: 1, warnings: 1, servers: 3, lag: 120, seconds: null },
    ]);
    for (let day = 1; day <= 25; day++) {
      keepVerdict(of(`2026-12-${String(day).padStart(2, '0')}T10:00:00Z`));
    }
    expect(readVerdicts('p')).toHaveLength(20);
    expect(readVerdicts('p')[0]?.at).toBe('2026-12-25T10:00:00Z');
  });

  it('of another release of the console are forgotten', () => {
    localStorage.setItem('drs-console:verdicts:p', '[{"at":1}]');
    expect(readVerdicts('p')).toEqual([]);
  });
});

describe('the overview of plans', () => {
  const row = (n: number, lagDuration: string, replicationState = 'CONTINUOUS') =>
    ({ sourceServerID: `s-${String(n)}`, hostname: `web-${String(n)}`, replicationState, lagDuration }) as unknown as ServerRow;
  const groups = [{ groupId: 'g', groupName: 'G', accountId: '1', region: 'r', serverSelectionTags: {} }, { groupId: 'h', groupName: 'H', accountId: '2', region: 'r', serverSelectionTags: {} }];
  const wave = (waveNumber: number, group: string, serverIds: string[] = []) => ({
    waveNumber, waveName: `W${String(waveNumber)}`, protectionGroupId: group, protectionGroupIds: [group], serverIds,
    serverSelection: serverIds.length === 0 ? ('ALL' as const) : ('SUBSET' as const), pauseBeforeWave: false, dependsOnWaves: [],
  });
  const plan = { planId: 'p', planName: 'P', name: 'P', description: '', waveCount: 2, version: 1, waves: [wave(0, 'g', ['s-1', 's-2']), wave(1, 'h')] };
  const rows: Record<string, ServerRow[]> = { g: [row(1, 'PT1M'), row(2, 'PT5M', 'STALLED'), row(3, 'PT9H')], h: [row(4, 'PT2M')] };

  it('counts what a run would launch, groups of other accounts too', () => {
    expect(protectionOf(plan, groups, (id) => rows[id] ?? [])).toEqual({ servers: 3, notReady: 1, lag: 300, seconds: 1800 });
  });

  it('does not guess while servers are not known', () => {
    expect(protectionOf(plan, groups, (id) => (id === 'h' ? null : (rows[id] ?? [])))).toMatchObject({ servers: null, seconds: null });
  });

  it('finds the newest successful drill, and tells when it is too long ago', () => {
    const drill = (executionId: string, startTime: number) => ({ executionId, planId: 'p', startTime, endTime: startTime + 60 });
    const last = lastDrills([drill('a', 1_000), drill('b', 5_000), drill('c', 2_000)]).get('p');
    expect(last?.executionId).toBe('b');
    expect(isOverdue(last, 1, 5_060_000 + 86_400_000)).toBe(false);
    expect(isOverdue(last, 1, 5_060_001 + 86_400_000)).toBe(true);
    expect(isOverdue(undefined, 1, 0)).toBe(true);
  });

  it('finds the schedule that comes next', () => {
    const schedule = (scheduleId: string, nextRunAt: string | null, enabled = true) => ({ scheduleId, planId: 'p', name: scheduleId, enabled, nextRunAt });
    expect(nextSchedules([schedule('a', null), schedule('b', '2026-12-02T00:00:00Z'), schedule('c', '2026-12-01T00:00:00Z', false), schedule('d', '2026-12-01T12:00:00Z')]).get('p')?.scheduleId).toBe('d');
  });

  it('reads targets in minutes and as durations', () => {
    expect([60, '60', 'PT1H', '', undefined, 'soon', true].map(targetMinutes)).toEqual([60, 60, 60, null, null, null, null]);
  });
});

describe('versions of a plan', () => {
  const stored = { planId: 'p', planName: 'Shop', name: 'Shop', description: 'now', waves: [], waveCount: 0, version: 3, priority: 2, lastModifiedDate: 30 };
  const entry = (version: number, before: object | undefined, after: object) => ({
    id: String(version), time: '2026-11-29T10:00:00Z', actor: { type: 'user' as const, userId: `user-${String(version)}`, roles: [] }, action: before === undefined ? 'plan.create' : 'plan.update', outcome: 'succeeded' as const,
    ...(before === undefined ? {} : { before: { ...before, version: version - 1, lastModifiedDate: (version - 1) * 10 } }), after: { ...after, version, lastModifiedDate: version * 10 },
  });
  const trail = [
    entry(3, { description: 'then' }, { description: 'now', priority: 2 }),
    entry(2, { description: 'first', rto: 60 }, { description: 'then' }),
    entry(1, undefined, { description: 'first', rto: 60 }),
  ];

  it('are made of what is stored and the changes, back to the first', () => {
    expect(versionsOf(stored, trail).map(({ version, plan, changed }) => [version, plan.description, plan.priority, plan.rto, changed])).toEqual([
      [3, 'now', 2, undefined, ['description', 'priority']],
      [2, 'then', undefined, undefined, ['description', 'rto']],
      [1, 'first', undefined, 60, []],
    ]);
  });

  it('end where the trail has a gap, and leave out what was refused', () => {
    const [newest, , oldest] = trail;
    const refused = { ...trail[1], outcome: 'failed' as const };
    expect(versionsOf(stored, [newest, refused, oldest].flatMap((e) => (e === undefined ? [] : [e as Parameters<typeof versionsOf>[1][number]]))).map((v) => [v.version, v.entry?.id ?? null])).toEqual([[3, '3'], [2, null]]);
  });

  it('are compared field by field, waves of one side too', () => {
    const wave = (waveNumber: number, waveName: string, more: object = {}) => ({
      waveNumber, waveName, protectionGroupId: 'g', protectionGroupIds: ['g'], serverIds: [], serverSelection: 'ALL' as const, pauseBeforeWave: false, dependsOnWaves: [], ...more,
    });
    const left = draftOf({ ...stored, waves: [wave(0, 'Databases'), wave(1, 'Web', { pauseBeforeWave: true })] });
    const right = draftOf({ ...stored, description: 'other', waves: [wave(0, 'Web'), wave(1, 'Databases', { dependsOnWaves: [0] }), wave(2, 'Mail')] }, left);
    const shown = comparedParts(left, right, (id) => `group ${id}`).filter((p) => JSON.stringify(p.value(left)) !== JSON.stringify(p.value(right))).map((p) => [p.label, p.show(left), p.show(right)]);
    expect(shown).toContainEqual(['Description', 'now', 'other']);
    expect(shown).toContainEqual(['Waves', 'Databases, Web', 'Web, Databases, Mail']);
    expect(shown).toContainEqual(['Databases: Needs waves', '', 'Web']);
    expect(shown).toContainEqual(['Web: Pause before this wave', 'Yes', 'No']);
    expect(shown).toContainEqual(['Mail: Protection groups', '', 'group g']);
    // a wave that was renamed has on each side its name there
    const renamed = draftOf({ ...stored, waves: [wave(0, 'Storage'), wave(1, 'Web', { dependsOnWaves: [0] })] }, left);
    const needs = comparedParts(left, renamed, (id) => id).find((p) => p.label === 'Web: Needs waves');
    const waves = comparedParts(left, renamed, (id) => id).find((p) => p.label === 'Waves');
    expect([waves?.show(left), waves?.show(renamed), needs?.show(renamed)]).toEqual(['Databases, Web', 'Storage, Web', 'Storage']);
  });

  it('are copied under a name that still fits', () => {
    expect(copyOfPlan({ ...stored, planName: 'x'.repeat(64) })).toMatchObject({ name: `Copy of ${'x'.repeat(56)}`, description: 'now', priority: 2 });
  });
});
