/** Defects of the reference that must not come back: lists and pages of runs. */
import { describe, expect, it } from 'vitest';
import { ACTIVE_STATUSES, ENDED_STATUSES, staleKeys } from '../../src/api/queries';
import { cancelEffect } from '../../src/execution/actions';
import { deletionMessages } from '../../src/execution/DeleteRuns';
import { historyFilter, PERIODS, rangeOf, rangeParams, type HistoryParams } from '../../src/execution/history';
import { terminationState } from '../../src/execution/Termination';
import { serverSegments, timeline } from '../../src/execution/timeline';
import { canCancel, isTerminal } from '../../src/lib/status';

const none: HistoryParams = { q: '', status: '', type: '', source: '', by: '', plan: '', from: '', to: '' };
const now = Date.UTC(2026, 10, 29, 10, 30, 45);

describe('lists of runs', () => {
  it('BUG 1.9: every status is either active or ended', () => {
    const all: string[] = [...ACTIVE_STATUSES.split(','), ...ENDED_STATUSES.split(',')];
    for (const status of ['CANCELLING', 'PAUSE_PENDING', 'PAUSED', 'PARTIAL', 'TIMEOUT', 'ROLLED_BACK']) {
      expect(all).toContain(status);
      expect(ENDED_STATUSES.split(',').includes(status)).toBe(isTerminal(status));
    }
  });

  it('BUG 1.9: periods are exact, whatever the time of the day', () => {
    for (const { key, amount, unit } of PERIODS) {
      const after = historyFilter({ ...none, from: key }, '1', now).startedAfter ?? '';
      const wanted = amount * (unit === 'hour' ? 3_600_000 : 86_400_000);
      expect(now - Date.parse(after) - wanted).toBeLessThan(60_000);
      expect(now - Date.parse(after)).toBeGreaterThanOrEqual(wanted);
      expect(rangeParams(rangeOf({ from: key, to: '' }))).toEqual({ from: key, to: '' });
    }
  });

  it('BUG 1.9: typed dates filter, both of them, and are shown again', () => {
    const range = { from: '2026-11-01T00:00:00+00:00', to: '2026-11-02T12:00:00+00:00' };
    expect(historyFilter({ ...none, ...range }, '1', now)).toMatchObject({
      startedAfter: '2026-11-01T00:00:00.000Z', startedBefore: '2026-11-02T12:00:00.000Z',
    });
    expect(rangeOf(range)).toEqual({ type: 'absolute', startDate: range.from, endDate: range.to });
    expect(historyFilter({ ...none, from: 'yesterday' }, '1', now).startedAfter).toBeUndefined();
  });

  it('BUG 1.9: pages come from the server, and what is deleted is told apart', () => {
    expect(historyFilter({ ...none, status: 'RUNNING' }, '1', now).status).toBe(ENDED_STATUSES);
    expect(
      deletionMessages({
        deletedCount: 1, notFound: 2, failed: 3, activeExecutionsSkipped: [{ reason: 'INSTANCES_NOT_TERMINATED' }, { reason: 'ACTIVE' }],
      }).map((m) => m.type),
    ).toEqual(['success', 'warning', 'warning', 'info', 'error']);
  });
});

describe('the page of a run', () => {
  it('BUG 1.10: whether a run can be cancelled does not hang on the number of its wave', () => {
    expect(canCancel('RUNNING')).toBe(true);
    expect(cancelEffect([{ waveNumber: 0, waveName: 'only', status: 'IN_PROGRESS' }])).toMatchObject({ stops: [], goesOn: [{ waveNumber: 0 }] });
  });

  it('BUG 1.10: PAUSE_PENDING can be cancelled and its clock ticks', () => {
    expect(canCancel('PAUSE_PENDING')).toBe(true);
    expect(isTerminal('PAUSE_PENDING')).toBe(false);
    const start = now - 60_000;
    expect(timeline({ status: 'PAUSE_PENDING', startTime: start, waves: [] }, now).end).toBe(now);
  });

  it('BUG 1.10: a termination ends on the screen by itself', () => {
    const event = { time: '', event: 'terminate.status', topic: 'executions', resourceType: 'execution', resourceId: 'x', executionId: 'x', data: {} };
    expect(staleKeys(event)).toEqual(expect.arrayContaining([['execution', 'x'], ['termination', 'x']]));
    expect(terminationState({ terminationInitiatedAt: 1, instancesTerminated: true }, undefined)).toBe('done');
  });

  it('BUG 1.10: a completed wave paints no failed server green', () => {
    const failed = serverSegments({ launchStatus: 'FAILED', phaseSince: now - 1000 }, [], now - 5000, now);
    expect(failed.map((s) => s.kind)).toEqual(['failed']);
  });
});
