import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/api/error';
import { explain } from '../../src/api/explain';
import { plansUsing } from '../../src/groups/usage';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { planTexts } from '../../src/i18n/plan.en';
import { register } from '../../src/i18n/t';
import { setZoneChoice } from '../../src/lib/time';
import { bySeverity } from '../../src/plans/readiness';
import { LATEST, overrideFor, overridesOf, pointOf } from '../../src/plans/start';
import { blockedBecause, isRunning, layers } from '../../src/plans/state';

register({ ...texts, ...moreTexts, ...planTexts }, icu);

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

  it.each([
    ['WAVE_SIZE_LIMIT_EXCEEDED', { limit: 100 }, /at most 100 servers/],
    ['CONCURRENT_JOBS_LIMIT_EXCEEDED', { currentJobs: 19, maxJobs: 20 }, /19 of 20 jobs/],
    ['SERVERS_IN_JOBS_LIMIT_EXCEEDED', { totalAfterNew: 510, maxServers: 500 }, /510 servers/],
    ['UNHEALTHY_SERVER_REPLICATION', {}, /with a reason/],
    ['SERVER_CONFLICT', {}, /Wait for what uses the servers/],
    ['EXISTING_RECOVERY_INSTANCES', {}, /Terminate them first/],
    ['LIMITS_UNKNOWN', {}, /Try again in a moment/],
    ['DUPLICATE_SERVER', {}, /in one wave only/],
  ])('BUG 1.7: explains the refusal %s with its numbers and a way out', (code, body, expected) => {
    const words = explain(new ApiError({ kind: 'http', status: 409, code, message: 'Refused: web-1.', body }));
    expect(words).toMatch(/^Refused: web-1\./);
    expect(words).toMatch(expected);
  });
});

describe('readiness', () => {
  it('puts first what hinders a start', () => {
    const checks = (['OK', 'WARN', 'FAIL', 'UNKNOWN', 'OK'] as const).map((result, i) => ({ result, i }));
    expect(bySeverity(checks).map((c) => c.i)).toEqual([2, 3, 1, 0, 4]);
  });
});
