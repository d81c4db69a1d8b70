import { describe, expect, it } from 'vitest';
import { cancelEffect } from '../../src/execution/actions';
import { heldEvidence, canRetry, canSkip } from '../../src/execution/decisions';
import { barKind, percent, ticks, timeline, type TimedRun, type TimedWave } from '../../src/execution/timeline';
import { successRate } from '../../src/lib/outcome';

const wave = (waveNumber: number, status: TimedWave['status'], startTime?: number, endTime?: number): TimedWave => ({
  waveNumber, waveName: `w${String(waveNumber)}`, status,
  ...(startTime === undefined ? {} : { startTime }), ...(endTime === undefined ? {} : { endTime }),
});

describe('timeline', () => {
  const start = 1_795_933_000;
  const execution: TimedRun = {
    status: 'RUNNING', startTime: start,
    waves: [wave(0, 'COMPLETED', start, start + 60), wave(1, 'IN_PROGRESS', start + 60), wave(2, 'PENDING')],
  };

  it('ends now while the run goes on', () => {
    const line = timeline(execution, (start + 120) * 1000);
    expect(line.end).toBe((start + 120) * 1000);
    expect(line.bars.map((b) => [b.kind, b.end])).toEqual([
      ['done', (start + 60) * 1000], ['running', (start + 120) * 1000], ['waiting', null],
    ]);
    expect(percent(line, (start + 60) * 1000)).toBe(50);
  });

  it('stands still when the run is over', () => {
    const over = { ...execution, status: 'FAILED' as const, endTime: start + 90 };
    expect(timeline(over, (start + 5000) * 1000).end).toBe((start + 90) * 1000);
  });

  it('has a length even for a run of no time', () => {
    const line = timeline({ status: 'FAILED', startTime: start, endTime: start, waves: [] }, start * 1000);
    expect(line.end).toBeGreaterThan(line.start);
    expect(percent(line, start * 1000)).toBe(0);
  });

  it.each([5_000, 65_000, 3_600_000, 40 * 86_400_000])('has few round ticks for %s ms', (span) => {
    const at = ticks({ start: 1_795_933_000_000, end: 1_795_933_000_000 + span });
    expect(at.length).toBeGreaterThan(0);
    expect(at.length).toBeLessThanOrEqual(7);
  });

  it('shows a partly completed wave as such', () => {
    expect(barKind('PARTIAL')).toBe('partial');
    expect(barKind('TIMEOUT')).toBe('failed');
  });
});

describe('cancel', () => {
  it('tells what stops and what goes on', () => {
    const effect = cancelEffect([wave(0, 'COMPLETED'), wave(1, 'IN_PROGRESS'), wave(2, 'PENDING')]);
    expect(effect.stops.map((w) => w.waveNumber)).toEqual([2]);
    expect(effect.goesOn.map((w) => w.waveNumber)).toEqual([1]);
  });
});

describe('success rate', () => {
  it('is unknown before anything ended, and counts partial runs', () => {
    expect(successRate([])).toBeNull();
    expect(successRate(['RUNNING', 'CANCELLED'])).toBeNull();
    expect(successRate(['COMPLETED', 'PARTIAL', 'FAILED', 'COMPLETED'])).toBe(50);
  });
});

describe('decisions of the operator', () => {
  const failed = { status: 'PARTIAL', failedServers: 1, startTime: 1 };

  it('retry only failed servers of a wave that is over in a run that is not', () => {
    expect(canRetry({ status: 'RUNNING' }, failed)).toBe(true);
    expect(canRetry({ status: 'RUNNING' }, { ...failed, failedServers: 0 })).toBe(false);
    expect(canRetry({ status: 'RUNNING' }, { status: 'IN_PROGRESS', failedServers: 1 })).toBe(false);
    expect(canRetry({ status: 'PARTIAL' }, failed)).toBe(false);
  });

  it('skip a wave that waits, and the failed one a run is paused for', () => {
    expect(canSkip({ status: 'RUNNING' }, { status: 'PENDING' })).toBe(true);
    expect(canSkip({ status: 'RUNNING' }, failed)).toBe(false);
    expect(canSkip({ status: 'PAUSED', pauseReason: 'WAVE_FAILED' }, failed)).toBe(true);
    expect(canSkip({ status: 'PAUSED', pauseReason: 'REQUESTED' }, failed)).toBe(false);
  });

  it('take only well-formed evidence', () => {
    expect(heldEvidence({})).toEqual({ since: null, candidates: [], servers: [] });
    expect(
      heldEvidence({
        held: {
          since: 1790000000,
          candidates: [null, {}, { jobId: 'drsjob-1', status: 'STARTED', serverIds: ['s-1', 7, 's-2'] }],
          servers: [{}, null, { sourceServerId: 's-1', lastLaunchJobId: 'drsjob-0', lastLaunchTime: '2026-11-29T10:00:00Z' }, { sourceServerId: 's-2' }],
        },
      }, ['s-1', 's-2', 's-3']),
    ).toEqual({
      since: 1790000000,
      candidates: [{ jobId: 'drsjob-1', status: 'STARTED', time: null, serverIds: ['s-1', 's-2'] }],
      servers: [
        { sourceServerId: 's-1', last: { jobId: 'drsjob-0', time: '2026-11-29T10:00:00Z' } },
        { sourceServerId: 's-2', last: { jobId: null, time: null } },
        { sourceServerId: 's-3', last: null },
      ],
    });
  });
});
