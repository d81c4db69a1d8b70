// Graph of waves (ui.md 5.3), forecast and facts of a plan that is edited (ui.md 1.8).
import { describe, expect, it } from 'vitest';
import { graphTexts } from '../../src/i18n/graph.en';
import { icu } from '../../src/i18n/icu';
import { register } from '../../src/i18n/t';
import { emptyWave } from '../../src/plans/draft';
import { planFacts, type Group, type Server } from '../../src/plans/facts';
import { forecast, JOB_SECONDS, waveSeconds } from '../../src/plans/forecast';
import { edgesOf, layout, onPath, refusal } from '../../src/plans/graph';

register(graphTexts, icu);

const wave = (waveNumber: number, ...dependsOnWaves: number[]) => ({ waveNumber, dependsOnWaves });

describe('edges', () => {
  it('are a chain of their own when nobody declared any', () => {
    expect(edgesOf([wave(0), wave(1), wave(2)])).toEqual([
      { from: 0, to: 1, implied: true }, { from: 1, to: 2, implied: true },
    ]);
    expect(edgesOf([wave(0), wave(1), wave(2, 0)])).toEqual([{ from: 0, to: 2, implied: false }]);
  });

  it('are refused with a reason', () => {
    const waves = [wave(0), wave(1, 0), wave(2, 1), wave(3)];
    expect(refusal(waves, 1, 1)).toBe('self');
    expect(refusal(waves, 0, 1)).toBe('there');
    expect(refusal(waves, 2, 0)).toBe('cycle');
    expect(refusal(waves, 3, 1)).toBe('later');
    expect(refusal(waves, 0, 3)).toBeNull();
  });

  it('never make a circle, whatever is drawn', () => {
    // every sequence of accepted edges keeps an order of waves
    let seed = 42;
    const random = (n: number) => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return seed % n;
    };
    for (let round = 0; round < 200; round++) {
      const waves = Array.from({ length: 6 }, (_, i) => wave(i));
      for (let draw = 0; draw < 20; draw++) {
        const [from, to] = [random(6), random(6)];
        if (refusal(waves, from, to) === null) {
          waves[to]?.dependsOnWaves.push(from);
        }
      }
      expect(waves.every((w) => w.dependsOnWaves.every((n) => n < w.waveNumber))).toBe(true);
    }
  });
});

describe('places', () => {
  it('are columns by what is needed, and no two waves share one', () => {
    const places = layout([wave(0), wave(1, 0), wave(2, 0), wave(3, 1, 2), wave(4)]);
    expect([...places].map(([n, p]) => [n, p.column]).sort()).toEqual([[0, 0], [1, 1], [2, 1], [3, 2], [4, 0]]);
    expect(new Set([...places.values()].map((p) => `${String(p.column)}/${String(p.row)}`)).size).toBe(5);
    expect(Math.min(...[...places.values()].map((p) => p.row))).toBe(0);
  });

  it('keep lines straight where waves are parallel', () => {
    const rows = layout([wave(0), wave(1), wave(2, 1), wave(3, 0)]);
    expect([rows.get(0)?.row, rows.get(3)?.row]).toEqual([0, 0]);
    expect([rows.get(1)?.row, rows.get(2)?.row]).toEqual([1, 1]);
  });
});

describe('the forecast', () => {
  const timed = (seconds: number, ...needs: number[]) => ({ seconds, needs });

  it('adds up a chain that nobody declared', () => {
    expect(forecast([timed(10), timed(20), timed(30)], 5, 0)).toEqual({ seconds: 60, critical: [0, 1, 2] });
  });

  it('follows dependencies and the number of waves at once', () => {
    const waves = [timed(100), timed(10, 0), timed(50, 0), timed(10, 1)];
    expect(forecast(waves, 2, 0)).toEqual({ seconds: 150, critical: [0, 2] });
    expect(forecast(waves, 1, 0).seconds).toBe(170);
  });

  it('waits between waves, but not before the first', () => {
    expect(forecast([timed(10), timed(10, 0)], 1, 30).seconds).toBe(50);
  });

  it('goes over waves of no servers at once', () => {
    expect(forecast([timed(0), timed(0, 0), timed(5, 1)], 1, 0)).toMatchObject({ seconds: 5 });
    expect(forecast([], 1, 0)).toEqual({ seconds: 0, critical: [] });
  });

  it('takes more rounds when the limits of DRS are reached', () => {
    expect(waveSeconds([100], 0)).toBe(JOB_SECONDS);
    expect(waveSeconds([500], 0)).toBe(JOB_SECONDS);
    expect(waveSeconds([501], 0)).toBe(2 * JOB_SECONDS);
    expect(waveSeconds([300, 300], 0)).toBe(JOB_SECONDS);
    expect(waveSeconds([20], 15)).toBe(2 * JOB_SECONDS + 19 * 15);
    expect(waveSeconds([0], 0)).toBe(0);
  });

  it('marks the edges of its path only', () => {
    expect(onPath([0, 2, 5], 2, 5)).toBe(true);
    expect(onPath([0, 2, 5], 0, 5)).toBe(false);
  });
});

describe('facts of a plan', () => {
  const group = (groupId: string, tags: Record<string, string> = {}): Group => ({
    groupId, groupName: groupId.toUpperCase(), accountId: '1', region: 'us-east-1', serverSelectionTags: tags,
  });
  const server = (sourceServerID: string, replicationState = 'CONTINUOUS'): Server => ({ sourceServerID, hostname: sourceServerID, replicationState });
  const many = (n: number) => Array.from({ length: n }, (_, i) => server(`s-${String(i)}`));
  const made = (key: string, groupIds: string[], serverIds: string[] = []) => ({ ...emptyWave(1), key, groupIds, serverIds });
  const pace = { maxParallelWaves: 1, waveDelay: 0, serverDelay: 0 };

  it('BUG 1.8: count the servers of tags too, whatever their number', () => {
    const facts = planFacts([made('a', ['g'])], [group('g', { Tier: 'web' })], () => many(250), pace);
    expect(facts.waves[0]).toMatchObject({ servers: 250, jobs: 3, warnings: ['More than 100 servers: 3 jobs'] });
  });

  it('are unknown while servers are', () => {
    const facts = planFacts([made('a', ['g']), made('b', ['h'])], [group('g'), group('h')], (id) => (id === 'g' ? many(2) : null), pace);
    expect(facts).toMatchObject({ servers: null, jobs: null, time: null });
    expect(facts.waves[0]).toMatchObject({ servers: 2 });
  });

  it('warn of missing groups, waves of nothing, servers that are not ready and servers in two waves', () => {
    const servers: Record<string, Server[]> = { g: [server('x'), server('y', 'STALLED')], h: [server('x')], n: [] };
    const facts = planFacts(
      [made('a', ['g']), made('b', ['h']), made('c', ['n']), made('d', ['gone']), made('e', [])],
      [group('g'), group('h'), group('n')], (id) => servers[id] ?? null, pace,
    );
    expect(facts.waves.map((w) => w.warnings)).toEqual([
      ['1 server is not ready'], ['1 server is in wave 1 already'], ['No servers'], ['Group is missing: gone', 'No servers'], ['No group'],
    ]);
  });

  it('narrow lists by what was chosen, never tags', () => {
    const waves = [made('a', ['g', 'h'], ['s-1'])];
    const facts = planFacts(waves, [group('g'), group('h', { A: 'b' })], () => many(3), pace);
    expect(facts.servers).toBe(4);
  });

  it('estimate the whole plan', () => {
    const facts = planFacts([made('a', ['g']), made('b', ['h'])], [group('g'), group('h')], (id) => (id === 'g' ? many(3) : [server('z')]), pace);
    expect(facts.time).toEqual({ seconds: 2 * JOB_SECONDS, critical: [0, 1] });
  });
});
