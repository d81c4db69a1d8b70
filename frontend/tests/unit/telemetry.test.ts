// What the console tells of itself, only where config.json says so (ui.md 2.15).
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiClient } from '../../src/api/client';
import { parseConfig } from '../../src/lib/config';
import { faultText, routeOf, Telemetry, worstShift, type Report } from '../../src/telemetry/telemetry';

const BASE = 'https://drs.example/';
const session = { token: () => Promise.resolve('secret'), refresh: () => Promise.resolve(false), expired: () => undefined };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** Takes what is posted to the address; answers the API. */
function listen() {
  const sent: Report[] = [];
  const headers: Record<string, string>[] = [];
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    if (url === `${BASE}figures`) {
      sent.push(JSON.parse(String(init.body)) as Report);
      return Promise.reject(new Error('nobody is there'));
    }
    headers.push(init.headers as Record<string, string>);
    return Promise.resolve(new Response('{}', { status: url.includes('audit') ? 503 : 200 }));
  });
  return { sent, headers };
}

describe('telemetry', () => {
  it('goes nowhere unless config.json names an address', () => {
    expect(parseConfig({}, BASE).telemetryUrl).toBeNull();
    expect(parseConfig({ telemetryUrl: 'figures' }, BASE).telemetryUrl).toBe(`${BASE}figures`);
    expect(() => parseConfig({ telemetryUrl: 1 }, BASE)).toThrow('"telemetryUrl"');
  });

  it('counts requests and faults by route, sends them once, and stops', async () => {
    const { sent } = listen();
    const api = new ApiClient('/api', session);
    const telemetry = new Telemetry(`${BASE}figures`, () => '/executions/5f0d3a86-8a29-4e6e-9a37-54d0d5f3c8de');
    telemetry.start(api);
    await api.get('/executions/{id}', { path: { id: '5f0d3a86-8a29-4e6e-9a37-54d0d5f3c8de' } });
    await api.post('/executions/{id}/pause', { path: { id: '6f0d3a86-8a29-4e6e-9a37-54d0d5f3c8de' }, body: {} });
    window.dispatchEvent(new ErrorEvent('error', { message: 'x of ann@example.com in 123456789012 failed' }));
    window.dispatchEvent(new CustomEvent('drs-fault', { detail: 'the page' }));
    vi.advanceTimersByTime(60_000);
    expect(sent).toHaveLength(1);
    expect(sent[0]).toMatchObject({
      route: '/executions/:id', vitals: { cls: 0 },
      errors: [{ route: '/executions/:id', message: 'x of :mail in :id failed' }, { message: 'the page' }],
      calls: { 'GET /executions/:id': { count: 1, failed: 0 }, 'POST /executions/:id/pause': { count: 1, failed: 0 } },
    });
    expect(JSON.stringify(sent)).not.toContain('secret');
    vi.advanceTimersByTime(600_000);
    expect(sent).toHaveLength(1);
    telemetry.stop();
    await api.get('/health');
    vi.advanceTimersByTime(60_000);
    expect(sent).toHaveLength(1);
  });

  it('knows no ids, mails or tokens', () => {
    expect(routeOf('/servers/s-0123456789abcdef0?owner=123456789012')).toBe('/servers/:id');
    expect(routeOf('/accounts/targets/123456789012/capacity')).toBe('/accounts/targets/:id/capacity');
    expect(routeOf('/settings/accounts/new')).toBe('/settings/accounts/new');
    expect(faultText('bad token eyJhbGciOi.eyJzdWIi.sig of bob@x.example')).toBe('bad token :token of :mail');
    expect(faultText('x'.repeat(1000))).toHaveLength(300);
  });

  it('takes the worst window of layout shifts, without those that input caused', () => {
    const shift = (startTime: number, value: number, hadRecentInput = false) => ({ startTime, value, hadRecentInput });
    expect(worstShift([])).toBe(0);
    expect(worstShift([shift(0, 0.1), shift(500, 0.1), shift(700, 5, true), shift(3000, 0.05)])).toBeCloseTo(0.2);
    // a window ends after five seconds
    expect(worstShift(Array.from({ length: 10 }, (_, i) => shift(i * 900, 0.1)))).toBeCloseTo(0.6);
  });
});

describe('ids of requests', () => {
  it('are the same up to the request for one action of the user', async () => {
    const { headers } = listen();
    const api = new ApiClient('/api', session);
    await api.get('/health');
    await api.get('/health');
    window.dispatchEvent(new Event('pointerdown'));
    await api.get('/health');
    const ids = headers.map((h) => h['X-Request-Id'] ?? '');
    expect(new Set(ids).size).toBe(3);
    expect(ids.every((id) => /^[A-Za-z0-9._-]{1,64}$/.test(id))).toBe(true);
    const actions = ids.map((id) => id.replace(/-\d+$/, ''));
    expect([actions[0] === actions[1], actions[1] === actions[2]]).toEqual([true, false]);
  });
});
