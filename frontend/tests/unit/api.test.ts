import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiClient, backoff, buildUrl, type TokenSource } from '../../src/api/client';
import { ApiError } from '../../src/api/error';
import { explain } from '../../src/api/explain';
import { staleKeys } from '../../src/api/queries';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { register } from '../../src/i18n/t';

register({ ...texts, ...moreTexts }, icu);

type Answer = { status: number; body?: unknown; headers?: Record<string, string> } | Error;

function serve(...answers: Answer[]) {
  const calls: { url: string; init: RequestInit }[] = [];
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    calls.push({ url, init });
    const next = answers.length > 1 ? answers.shift() : answers[0];
    if (next === undefined || next instanceof Error) {
      return Promise.reject(next ?? new TypeError('no answer'));
    }
    return Promise.resolve(
      new Response(next.body === undefined ? '' : JSON.stringify(next.body), { status: next.status, headers: next.headers }),
    );
  });
  return calls;
}

function source(over: Partial<TokenSource> = {}): TokenSource {
  return { token: () => Promise.resolve('T1'), refresh: () => Promise.resolve(false), expired: vi.fn(), ...over };
}

beforeEach(() => {
  vi.useFakeTimers({ shouldAdvanceTime: true, advanceTimeDelta: 500 });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('requests', () => {
  it('fills paths, leaves out empty parameters and joins lists', () => {
    expect(buildUrl('/api', '/executions/{id}', { id: 'a/b' }, { view: 'compact', q: '', status: ['A', 'B'] })).toBe(
      '/api/executions/a%2Fb?view=compact&status=A%2CB',
    );
    expect(() => buildUrl('/api', '/executions/{id}', {}, {})).toThrow('{id}');
  });

  it('sends the token and no cookies', async () => {
    const calls = serve({ status: 200, body: { roles: [] } });
    await new ApiClient('/api', source()).get('/user/roles');
    expect((calls[0]?.init.headers as Record<string, string>).Authorization).toBe('Bearer T1');
    expect(calls[0]?.init.credentials).toBe('omit');
  });

  it('keeps code, message, details and request id of an error', async () => {
    serve({
      status: 409,
      body: { error: 'VERSION_CONFLICT', message: 'Changed meanwhile', currentVersion: 3 },
      headers: { 'X-Request-Id': 'r-1' },
    });
    const error: unknown = await new ApiClient('/api', source()).get('/user/roles').catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApiError);
    expect(error).toMatchObject({ status: 409, code: 'VERSION_CONFLICT', message: 'Changed meanwhile', requestId: 'r-1' });
    expect((error as ApiError).body.currentVersion).toBe(3);
  });

  it('repeats reads that failed for a while', async () => {
    const calls = serve({ status: 503, body: {} }, new TypeError('down'), { status: 200, body: { roles: ['a'] } });
    await expect(new ApiClient('/api', source()).get('/user/roles')).resolves.toEqual({ roles: ['a'] });
    expect(calls).toHaveLength(3);
  });

  it('repeats changes only with an idempotency key, under the same key', async () => {
    const path = { id: 'x' };
    let calls = serve({ status: 503, body: {} });
    await expect(new ApiClient('/api', source()).post('/executions/{id}/pause', { path, body: {} })).rejects.toThrow();
    expect(calls).toHaveLength(1);
    calls = serve({ status: 503, body: {} });
    await expect(
      new ApiClient('/api', source()).post('/executions/{id}/pause', { path, body: {}, idempotencyKey: 'k' }),
    ).rejects.toThrow();
    expect(calls.map((c) => (c.init.headers as Record<string, string>)['Idempotency-Key'])).toEqual(['k', 'k', 'k']);
  });

  it('does not repeat what cannot succeed', async () => {
    const calls = serve({ status: 404, body: { error: 'NOT_FOUND', message: 'gone' } });
    await expect(new ApiClient('/api', source()).get('/user/roles')).rejects.toThrow('gone');
    expect(calls).toHaveLength(1);
  });

  it('renews the token once after a 401 and repeats the request', async () => {
    let token = 'old';
    const session = source({
      token: () => Promise.resolve(token),
      refresh: () => {
        token = 'new';
        return Promise.resolve(true);
      },
    });
    const calls = serve({ status: 401, body: {} }, { status: 200, body: { roles: [] } });
    await new ApiClient('/api', session).get('/user/roles');
    expect(calls.map((c) => (c.init.headers as Record<string, string>).Authorization)).toEqual(['Bearer old', 'Bearer new']);
    expect(session.expired).not.toHaveBeenCalled();
  });

  it('ends the session when the renewed token is refused too', async () => {
    vi.useFakeTimers();
    const session = source({ refresh: () => Promise.resolve(true) });
    const calls = serve({ status: 401, body: { error: 'UNAUTHORIZED', message: 'no' } });
    const refused = expect(new ApiClient('/api', session).get('/user/roles')).rejects.toMatchObject({ status: 401 });
    await vi.advanceTimersByTimeAsync(7_000);
    await refused;
    vi.useRealTimers();
    // with the renewed token once, and three looks whether its key is known by now
    expect(calls).toHaveLength(5);
    expect(session.expired).toHaveBeenCalledOnce();
  });

  it('goes on when the server knows the new key a moment later, one request asking for all', async () => {
    vi.useFakeTimers();
    const session = source({ refresh: () => Promise.resolve(true) });
    const no = { status: 401, body: {} };
    const calls = serve(no, no, no, no, no, { status: 200, body: { roles: [] } });
    const api = new ApiClient('/api', session);
    const both = Promise.all([api.get('/user/roles'), api.get('/user/roles')]);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(await both).toEqual([{ roles: [] }, { roles: [] }]);
    vi.useRealTimers();
    expect(calls).toHaveLength(8);
    expect(session.expired).not.toHaveBeenCalled();
  });

  it('waits as long as the server says, at most 30 s', () => {
    const after = (retryAfter: number) => new ApiError({ kind: 'http', status: 429, code: 'x', message: '', retryAfter });
    expect(backoff(0, after(7))).toBe(7000);
    expect(backoff(0, after(900))).toBe(30_000);
    expect(backoff(2, null, () => 1)).toBe(2000);
  });
});

describe('error texts', () => {
  const error = (status: number, code: string, body: Record<string, unknown> = {}) =>
    new ApiError({ kind: 'http', status, code, message: 'from the server', body });

  it('names the missing permission', () => {
    expect(explain(error(403, 'FORBIDDEN', { required_permission: 'start_recovery' }))).toContain('start_recovery');
  });

  it('falls back to the words of the server', () => {
    expect(explain(error(418, 'TEAPOT'))).toBe('from the server');
  });
});

describe('events', () => {
  const event = (name: string, extra: object = {}) => ({
    time: '', event: name, topic: 'executions', resourceType: 'execution', resourceId: 'e1', data: {}, ...extra,
  });

  it('make stale what shows them, and nothing of other runs', () => {
    expect(staleKeys(event('servers.status'))).toContainEqual(['execution', 'e1']);
    expect(staleKeys(event('servers.status'))).not.toContainEqual(['executions']);
    expect(staleKeys(event('execution.status'))).toContainEqual(['executions']);
    expect(staleKeys(event('group.changed', { resourceType: 'group', resourceId: 'g1' }))).toEqual([['groups'], ['group', 'g1']]);
    expect(staleKeys(event('something.new'))).toEqual([]);
  });
});
