import { afterEach, describe, expect, it, vi } from 'vitest';
import { Invalidator } from '../../src/api/queries';
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
  it('is fetched once for many events, and again after a fetch that was under way, which is not interrupted', async () => {
    vi.useFakeTimers();
    const asked: string[] = [];
    const answer: (() => void)[] = [];
    const invalidator = new Invalidator(
      {
        invalidateQueries: (filter) => {
          asked.push(JSON.stringify(filter?.queryKey));
          return new Promise((resolve) => {
            answer.push(resolve);
          });
        },
      },
      100,
    );
    const log = { time: '', event: 'job.log', topic: 'executions', resourceType: 'execution', resourceId: 'x', executionId: 'x', data: {} };
    invalidator.event(log);
    invalidator.event(log);
    await vi.advanceTimersByTimeAsync(100);
    expect(asked).toEqual(['["job-logs","x"]']);
    invalidator.event(log);
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toHaveLength(1);
    answer[0]?.();
    await vi.advanceTimersByTimeAsync(100);
    expect(asked).toHaveLength(2);
    answer[1]?.();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toHaveLength(2);
    vi.useRealTimers();
  });
});
