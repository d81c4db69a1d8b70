import { describe, expect, it } from 'vitest';
import { ApiError } from '../../src/api/error';
import { plansUsing } from '../../src/groups/usage';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { register } from '../../src/i18n/t';
import { overrideFor } from '../../src/plans/StartDialog';
import { bySeverity } from '../../src/plans/readiness';
import { blockedBecause, isRunning, layers } from '../../src/plans/state';

register({ ...texts, ...moreTexts }, icu);

describe('use of groups', () => {
  it('sees every group of a wave, not only the first', () => {
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

describe('readiness', () => {
  it('puts first what hinders a start', () => {
    const checks = (['OK', 'WARN', 'FAIL', 'UNKNOWN', 'OK'] as const).map((result, i) => ({ result, i }));
    expect(bySeverity(checks).map((c) => c.i)).toEqual([2, 3, 1, 0, 4]);
  });
});
