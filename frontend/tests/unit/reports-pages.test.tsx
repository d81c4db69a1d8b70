// Reports over many runs: they are read by pages, and can be stopped.
import createWrapper from '@cloudscape-design/components/test-utils/dom';
import { act, cleanup, screen, waitFor } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { moreTexts } from '../../src/i18n/more.en';
import { reportsTexts } from '../../src/i18n/reports.en';
import { runsTexts } from '../../src/i18n/runs.en';
import { register } from '../../src/i18n/t';
import Reports from '../../src/screens/Reports';
import { answer, show } from './page';

register({ ...texts, ...moreTexts, ...runsTexts, ...reportsTexts }, icu);

// style sheets of a printed page, which the simulated browser does not have
vi.mock('../../src/components/Paper', async (original) => ({ ...(await original<typeof import('../../src/components/Paper')>()), usePaper: () => undefined }));
// thousands of points take the simulated browser seconds
vi.mock('../../src/reports/Figures', async (original) => ({ ...(await original<typeof import('../../src/reports/Figures')>()), Figures: () => null }));

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

// thousands of rows in a simulated browser
vi.setConfig({ testTimeout: 180_000 });
const SLOW = { timeout: 80_000 };
const TOTAL = 1150;
const NOW = Math.floor(Date.now() / 1000);
const run = (n: number) => ({
  executionId: `e${String(n)}`, planId: 'p', planName: 'Shop', executionType: 'DRILL', status: 'COMPLETED', initiatedBy: 'ann', startTime: NOW - 600 - n, endTime: NOW - n,
  waves: [], accountId: '1',
});
const PLANS = { plans: [{ planId: 'p', planName: 'Shop', rto: 30, waves: [] }], count: 1 };

/** Answers that are given when they are asked for; the list of runs has pages, `fail` of them fails. */
function many(hold?: number, fail?: number) {
  const calls = answer({ 'GET /recovery-plans': PLANS });
  const rest = globalThis.fetch;
  const pages: number[] = [];
  const measured: string[] = [];
  let failing = fail;
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const { pathname, searchParams } = new URL(url, 'https://console');
    const json = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status });
    if (pathname === '/api/executions' && searchParams.get('executionType') === 'DRILL' && searchParams.get('status') === 'COMPLETED') {
      return json({ items: [run(0)], count: 1, nextToken: null });
    }
    if (pathname === '/api/executions') {
      const from = Number(searchParams.get('nextToken') ?? '0');
      if (from === hold) {
        await held;
      }
      if (from === failing) {
        failing = undefined;
        return json({ error: 'X', message: 'the store is away' }, 400);
      }
      pages.push(from);
      const items = Array.from({ length: Math.min(100, TOTAL - from) }, (_, i) => run(from + i));
      return json({ items, count: items.length, nextToken: from + 100 < TOTAL ? String(from + 100) : null });
    }
    const part = /^\/api\/executions\/(\w+)\/(servers|events)$/.exec(pathname);
    if (part !== null) {
      measured.push(`${part[1] ?? ''} ${part[2] ?? ''}`);
      return json({
        servers: [{ sourceServerId: 's-1', serverId: 's-1', serverName: 'db', status: 'LAUNCHED', launchStatus: 'LAUNCHED', launchedAt: NOW - 100, lagAtStart: 'PT1M' }],
        events: [{ time: new Date().toISOString(), event: 'execution.created', data: {} }], count: 1, total: 1, nextToken: null,
      });
    }
    return rest(url, init);
  });
  return { calls, pages, measured, release };
}

const button = (text: string) => screen.getByText(text).closest('button');
const press = (text: string) => {
  act(() => {
    button(text)?.click();
  });
};

describe('reports', () => {
  it('read every run by pages, and the servers of the newest', async () => {
    const { pages, measured } = many();
    show(<Reports />);
    await screen.findByText('1,150 of 1,150 completed', undefined, SLOW);
    expect(pages).toEqual(Array.from({ length: 12 }, (_, i) => i * 100));
    await screen.findByText(/^Servers and pauses of 50 of 1,150 runs were read\./, undefined, SLOW);
    expect(measured).toHaveLength(100);
    expect(screen.getAllByText('1,150 met, 0 missed, 0 not known').length).toBeGreaterThan(0);
    expect(screen.getAllByText('50 met, 0 missed, 1,100 not known').length).toBeGreaterThan(0);
  });

  it('can be stopped and go on', async () => {
    const { pages, release } = many(300);
    show(<Reports />);
    await screen.findByText('Reading the runs: 300 so far');
    press('Stop');
    release();
    await screen.findByText(/^Only the newest \d+ runs were read/);
    await waitFor(() => {
      expect(button('Export')?.disabled).toBe(false);
    });
    const stopped = pages.length;
    expect(stopped).toBeLessThan(6);
    press('Read on');
    await screen.findByText('1,150 of 1,150 completed', undefined, SLOW);
    expect(new Set(pages).size).toBe(12);
  });

  it('keep what was read when a page fails, and read on from there', async () => {
    const { pages } = many(undefined, 500);
    show(<Reports />);
    await screen.findByText('The runs cannot be read');
    expect(screen.getByText('500 of 500 completed')).toBeDefined();
    press('Try again');
    await screen.findByText('1,150 of 1,150 completed', undefined, SLOW);
    expect(pages.filter((p) => p === 0)).toHaveLength(1);
  });

  it('are asked for as the address says, of all accounts too', async () => {
    const asked: string[] = [];
    answer({ 'GET /accounts/targets': ['123456789012', '210987654321'].map((accountId) => ({ accountId, isCurrentAccount: false })), 'GET /recovery-plans': PLANS, 'GET /executions': { items: [], count: 0, nextToken: null } });
    const rest = globalThis.fetch;
    vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
      asked.push(url);
      return rest(url, init);
    });
    const { container, router } = show(<Reports />, '/?account=all&plan=p&type=RECOVERY&from=all');
    await screen.findByText(/^(No drill is overdue|Never)$/);
    const list = asked.map((url) => new URL(url, 'https://console')).find((u) => u.pathname === '/api/executions' && u.searchParams.get('planId') === 'p');
    expect(Object.fromEntries(list?.searchParams ?? [])).toMatchObject({ planId: 'p', executionType: 'RECOVERY', view: 'compact' });
    expect(list?.searchParams.has('accountId')).toBe(false);
    expect(list?.searchParams.has('startedAfter')).toBe(false);
    // figures lead to the same runs, and to the plans without a drill
    const links = [...container.querySelectorAll('a')].map((a) => a.getAttribute('href') ?? '');
    const history = links.filter((href) => href.startsWith('/executions?tab=history'));
    expect(history.length).toBeGreaterThan(0);
    expect(history.filter((href) => !href.includes('&plan=p&type=RECOVERY'))).toEqual([]);
    expect(links).toContain('/recovery-plans?drill=overdue');
    const select = createWrapper(container).findAllSelects().at(-1);
    act(() => {
      select?.openDropdown();
    });
    act(() => {
      select?.selectOptionByValue('DRILL');
    });
    expect(new URLSearchParams(router.state.location.search).get('type')).toBe('DRILL');
  });
});
