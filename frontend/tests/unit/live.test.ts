import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { addToLog, Invalidator, keys, pollDelay, staleKeys } from '../../src/api/queries';
import { LiveConnection, nextDelay } from '../../src/live/connection';
import { SseParser } from '../../src/live/sse';

const STREAM = 'retry: 3000\n: hb\n\nid: 1-0\nevent: wave.status\ndata: {"a":\ndata: 1}\n\nid: 2-0\ndata: x\n\n';

describe('event stream', () => {
  it('is the same however it is cut', () => {
    const whole = new SseParser().push(STREAM);
    expect(whole).toEqual([
      { id: '1-0', event: 'wave.status', data: '{"a":\n1}' },
      { id: '2-0', event: 'message', data: 'x' },
    ]);
    for (let size = 1; size < STREAM.length; size++) {
      const parser = new SseParser();
      const out = [];
      for (let at = 0; at < STREAM.length; at += size) {
        out.push(...parser.push(STREAM.slice(at, at + size)));
      }
      expect(out).toEqual(whole);
      expect(parser.retry).toBe(3000);
    }
  });

  it('takes every kind of line end', () => {
    expect(new SseParser().push('data: a\r\n\r\ndata: b\n\n')).toHaveLength(2);
  });

  it('says nothing for comments and empty blocks', () => {
    expect(new SseParser().push(': hb\n\n: hb\n\n\n')).toEqual([]);
  });

  it('backs off to 30 s with jitter', () => {
    const at = (failures: number, random: number) => nextDelay(failures, null, () => random);
    expect(at(1, 1)).toBe(1000);
    expect(at(1, 0)).toBe(500);
    expect(at(3, 1)).toBe(4000);
    expect(at(30, 1)).toBe(30_000);
    expect(nextDelay(1, 3000, () => 1)).toBe(3000);
  });
});

describe('the connection', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it('says once that it stands, and that events may be lost when it has no place to go on from', async () => {
    const heard: string[] = [];
    const streams = [': hb\n\n', 'id: 5-0\nevent: plan.changed\ndata: {}\n\n', ': hb\n\n'];
    const asked: (string | undefined)[] = [];
    let finish: () => void = () => undefined;
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    vi.spyOn(Math, 'random').mockReturnValue(0);
    vi.stubGlobal('fetch', (_: string, init: { headers: Record<string, string> }) => {
      asked.push(init.headers['Last-Event-ID']);
      const text = streams.shift();
      if (text === undefined) {
        finish();
        return new Promise(() => undefined);
      }
      return Promise.resolve(new Response(text));
    });
    const live = new LiveConnection(
      '/events',
      { token: () => Promise.resolve('t'), refresh: () => Promise.resolve(true), expired: () => undefined },
      {
        event: (event) => heard.push(`event ${JSON.stringify(event)}`),
        opened: () => heard.push('opened'),
        reset: () => heard.push('reset'),
      },
      true,
    );
    live.start();
    await done;
    live.close();
    expect(heard).toEqual(['opened', 'reset', 'event {}']);
    expect(asked).toEqual([undefined, undefined, '5-0', '5-0']);
  });
});

describe('a server that is away', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.useRealTimers();
  });

  /** States that a connection goes through while `fetch` behaves like that. */
  async function states(answer: () => Promise<Response>, ms: number): Promise<string[]> {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(0);
    vi.stubGlobal('fetch', answer);
    const source = { token: () => Promise.resolve('t'), refresh: () => Promise.resolve(true), expired: () => undefined };
    const live = new LiveConnection('/events', source, { event: () => undefined, opened: () => undefined, reset: () => undefined }, true);
    const seen: string[] = [];
    live.subscribe(() => seen.push(live.snapshot().status));
    live.start();
    await vi.advanceTimersByTimeAsync(ms);
    live.close();
    return seen;
  }

  it('is told from a proxy that holds the stream back: only the first is offline', async () => {
    expect((await states(() => Promise.reject(new TypeError('refused')), 10_000)).at(-1)).toBe('offline');
    const silent = (_: string, init: { signal: AbortSignal }) =>
      new Promise<Response>((_resolve, reject) => {
        init.signal.addEventListener('abort', () => {
          reject(new DOMException('given up', 'AbortError'));
        });
      });
    expect((await states(silent as unknown as () => Promise<Response>, 90_000)).at(-1)).toBe('polling');
    expect((await states(() => Promise.resolve(new Response('', { status: 503 })), 30_000)).at(-1)).toBe('polling');
  });

  it('is live again with its first byte', async () => {
    let tries = 0;
    const seen = await states(() => {
      tries += 1;
      return tries < 4 ? Promise.reject(new TypeError('refused')) : tries === 4 ? Promise.resolve(new Response(': hb\n\n')) : new Promise(() => undefined);
    }, 30_000);
    expect(seen).toContain('offline');
    expect(seen).toContain('live');
  });
});

describe('what events made stale', () => {
  const log = { time: '', event: 'job.log', topic: 'executions', resourceType: 'execution', resourceId: 'x', executionId: 'x', data: {} };
  const asked: { queryKey: unknown; refetchType: unknown }[] = [];
  const answers: (() => void)[] = [];
  const make = () =>
    new Invalidator(
      {
        getQueryState: () => undefined,
        setQueryData: () => undefined,
        invalidateQueries: (filter) => {
          asked.push({ queryKey: filter?.queryKey, refetchType: filter?.refetchType });
          return new Promise((resolve) => {
            answers.push(resolve);
          });
        },
      },
      100,
    );
  const answer = () => answers.shift()?.();

  beforeEach(() => {
    vi.useFakeTimers();
    asked.length = 0;
    answers.length = 0;
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  it('is fetched at once, then a few times a second, and again after a fetch that was under way', async () => {
    const invalidator = make();
    invalidator.event(log);
    invalidator.event(log);
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toEqual([{ queryKey: ['job-logs', 'x'], refetchType: 'active' }]);
    invalidator.event(log);
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toHaveLength(1);
    answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toHaveLength(2);
    answer();
    invalidator.event(log);
    await vi.advanceTimersByTimeAsync(99);
    expect(asked).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    expect(asked).toHaveLength(3);
    answer();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toHaveLength(3);
  });

  it('takes new entries of a log out of the event, once, and only into a log that is whole', async () => {
    vi.useRealTimers();
    const client = new QueryClient();
    const entry = (event: string) => ({ event, logDateTime: '2026-11-29T10:00:00Z', sourceServerId: 's-1' });
    const told = (...events: string[]) => addToLog(client, { ...log, data: { jobId: 'j', waveNumber: 2, items: events.map(entry) } });
    expect(told('SNAPSHOT_START')).toBe(false);
    client.setQueryData(keys.jobLogs('x'), { executionId: 'x', jobLogs: [{ jobId: 'i', waveNumber: 0, events: [] }] });
    expect(told('SNAPSHOT_START', 'SNAPSHOT_END')).toBe(true);
    expect(told('SNAPSHOT_END', 'LAUNCH_START')).toBe(true);
    expect(client.getQueryData<{ jobLogs: { jobId: string; waveNumber: number; events: { event: string }[] }[] }>(keys.jobLogs('x'))?.jobLogs.map((l) => [l.jobId, l.waveNumber, l.events.map((e) => e.event)])).toEqual([
      ['i', 0, []], ['j', 2, ['LAUNCH_START', 'SNAPSHOT_END', 'SNAPSHOT_START']],
    ]);
    await client.invalidateQueries({ queryKey: keys.jobLogs('x') });
    expect(told('LAUNCH_END')).toBe(false);
  });

  it('of one wave leaves the servers of the others alone', async () => {
    vi.useRealTimers();
    const client = new QueryClient();
    const lists = { one: keys.executionServers('x', { wave: 1, q: 'db' }), other: keys.executionServers('x', { wave: 2 }), all: [...keys.executionServers('x', {}), 'all'] };
    const stale = async (data: Record<string, unknown>) => {
      for (const queryKey of Object.values(lists)) {
        client.setQueryData(queryKey, []);
      }
      for (const queryKey of staleKeys({ ...log, event: 'servers.status', data })) {
        await client.invalidateQueries({ queryKey });
      }
      return Object.entries(lists).filter(([, queryKey]) => client.getQueryState(queryKey)?.isInvalidated).map(([name]) => name);
    };
    expect(await stale({ waveNumber: 1 })).toEqual(['one', 'all']);
    expect(await stale({})).toEqual(['one', 'other', 'all']);
  });

  it('is only marked on a page that nobody sees', async () => {
    vi.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    make().event(log);
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toEqual([{ queryKey: ['job-logs', 'x'], refetchType: 'none' }]);
  });
});

describe('polling', () => {
  it('backs off by failures in a row, up to a minute, and comes back at once', () => {
    const query = { queryHash: 'a', state: { dataUpdateCount: 0, errorUpdateCount: 0 } };
    const at = (data: number, errors: number) => {
      query.state = { dataUpdateCount: data, errorUpdateCount: errors };
      return pollDelay(5000, query);
    };
    expect(at(0, 0)).toBe(5000);
    expect(at(1, 0)).toBe(5000);
    for (const [errors, full] of [[1, 10_000], [2, 20_000], [3, 40_000], [4, 60_000], [9, 60_000]] as const) {
      const delay = at(1, errors);
      expect(delay).toBeGreaterThanOrEqual(full * 0.75);
      expect(delay).toBeLessThanOrEqual(full);
      expect(at(1, errors)).toBe(delay);
    }
    expect(at(2, 9)).toBe(5000);
    expect(at(2, 10)).toBeGreaterThan(5000);
    // not all at the same moment
    expect(new Set(['a', 'b', 'c', 'd'].map((queryHash) => pollDelay(5000, { queryHash, state: { dataUpdateCount: 0, errorUpdateCount: 3 } }))).size).toBe(4);
  });
});
