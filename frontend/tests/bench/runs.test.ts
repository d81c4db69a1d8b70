/** The page of a run: from the commit of the worker to the pixel, with 1,000 servers, and after thousands of events. */
import { execFileSync } from 'node:child_process';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { quantile } from '../../src/execution/forecast';
import { launch, Tab } from '../browser/browser';
import { World } from '../browser/world';
import { Meter, record, say, summary } from './measure';

const EVENTS = Number(process.env.BENCH_EVENTS ?? 100);
const WAVES = 20;
const STATUSES = ['PENDING', 'INITIATED', 'IN_PROGRESS', 'COMPLETED'];
let browser: Browser;
let world: World;

beforeAll(async () => {
  world = new World();
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
});

/** What a wave showed from a moment on (epoch milliseconds): its status and how many servers it launched. */
interface Painted {
  at: number;
  wave: number;
  status: string;
  launched: number;
}

/** Notes each change of a wave's heading once it was painted. */
async function watchWaves(page: Page): Promise<void> {
  await page.evaluate(() => {
    const painted: Painted[] = [];
    const last = new Map<number, string>();
    (window as unknown as { painted: Painted[] }).painted = painted;
    const look = () => {
      const changes: Painted[] = [];
      for (const heading of document.querySelectorAll('h2')) {
        const number = /^(\d+)\. Tier/.exec(heading.textContent)?.[1];
        let head: Element | null = heading;
        while (number !== undefined && head !== null && head.querySelector('span[title]') === null) {
          head = head.parentElement;
        }
        const launched = /\((\d+) of \d+ launched\)/.exec(head?.textContent ?? '')?.[1];
        const status = head?.querySelector('span[title]')?.getAttribute('title') ?? '';
        const wave = Number(number) - 1;
        if (launched !== undefined && last.get(wave) !== `${status} ${launched}`) {
          last.set(wave, `${status} ${launched}`);
          changes.push({ at: 0, wave, status, launched: Number(launched) });
        }
      }
      if (changes.length > 0) {
        // the frame of this callback is drawn before the next task
        const channel = new MessageChannel();
        channel.port1.onmessage = () => {
          const at = performance.timeOrigin + performance.now();
          painted.push(...changes.map((change) => ({ ...change, at })));
        };
        channel.port2.postMessage(null);
      }
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

interface WaveEvent {
  id: string;
  event: string;
  data: { waveNumber: number; status: string; launchedServers: number };
}

/** A run that waits before its first wave, watched by somebody. */
async function watched(sizes: readonly number[], query = ''): Promise<{ executionId: string; tab: Tab }> {
  const { accountId, planId } = await world.plan(sizes, 0);
  const executionId = await world.start(planId);
  await world.until(`/executions/${executionId}`, (run) => run.status === 'PAUSED');
  const tab = await Tab.open(browser, world);
  await tab.signIn(world.user('DRSReadOnly'), `/executions/${executionId}?account=${accountId}${query}`);
  await tab.page.getByRole('button', { name: /^Live/ }).first().waitFor({ timeout: 60_000 });
  await tab.page.getByRole('heading', { name: /^1\. Tier 0/ }).first().waitFor({ timeout: 60_000 });
  return { executionId, tab };
}

const over = (run: Record<string, unknown>) => run.status === 'COMPLETED';

it(`${String(EVENTS)} events: from the commit to the pixel`, { timeout: 300_000 }, async () => {
  const delays: number[] = [];
  while (delays.length < EVENTS) {
    const { executionId, tab } = await watched(Array.from({ length: WAVES }, () => 1));
    await watchWaves(tab.page);
    await world.api('POST', `/executions/${executionId}/resume`, {});
    await world.until(`/executions/${executionId}?view=compact`, over, 120);
    await tab.page.getByText(`COMPLETED: ${String(WAVES)} of ${String(WAVES)} waves`).first().waitFor();
    const painted = await tab.page.evaluate(() => (window as unknown as { painted: Painted[] }).painted);
    const { events } = await world.api('GET', `/executions/${executionId}/events?limit=1000`);
    for (const { id, event, data } of events as WaveEvent[]) {
      if (event !== 'wave.status') {
        continue;
      }
      // ids of events are the store's clock, which is this machine's; what was shown later shows this too
      const seen = painted.find(
        (p) => p.wave === data.waveNumber && p.launched >= data.launchedServers && STATUSES.indexOf(p.status) >= STATUSES.indexOf(data.status),
      );
      expect(seen, `wave ${String(data.waveNumber + 1)} ${data.status} was never painted`).toBeDefined();
      delays.push((seen?.at ?? NaN) - Number(id.split('-')[0]));
    }
    say(`${String(delays.length)} events`);
    await tab.close();
  }
  const figure = summary(delays);
  record('commitToPixelMs', figure);
  expect(figure.p99).toBeLessThan(1000);
});

it('1,000 servers in 20 waves: interaction, scrolling, and the run itself', { timeout: 300_000 }, async () => {
  const open = Array.from({ length: WAVES }, (_, i) => String(i)).join(',');
  const { executionId, tab } = await watched(Array.from({ length: WAVES }, () => 50), `&waves=${open}`);
  const { page } = tab;
  const meter = await Meter.of(page);
  const item = page.getByRole('treeitem', { name: /^tier0--0001/ }).first();
  await page.evaluate(() => {
    const tasks: number[] = [];
    (window as unknown as { tasks: number[] }).tasks = tasks;
    new PerformanceObserver((list) => {
      tasks.push(...list.getEntries().map((entry) => entry.duration));
    }).observe({ type: 'longtask' });
  });
  const [began, before] = [Date.now(), await meter.busy()];
  await world.api('POST', `/executions/${executionId}/resume`, {});
  await world.until(`/executions/${executionId}?view=compact`, over, 240);
  await page.getByText(`COMPLETED: ${String(WAVES)} of ${String(WAVES)} waves`).first().waitFor({ timeout: 30_000 });
  const tasks = await page.evaluate(() => (window as unknown as { tasks: number[] }).tasks);
  record('liveRunOf1000Servers', {
    seconds: Math.round((Date.now() - began) / 1000),
    busyPercent: Math.round(((await meter.busy()) - before) / (Date.now() - began) * 100_000),
    tasksOver50Ms: tasks.length,
    longestTaskMs: Math.round(Math.max(0, ...tasks)),
  });

  await item.waitFor({ timeout: 30_000 });
  const name = (row: string) => page.getByRole('treeitem', { name: new RegExp(`^${row}`) }).first();
  await meter.measure('select a row', () => item.click(), () => page.getByRole('complementary').first().waitFor());
  await meter.measure('close the panel', () => page.keyboard.press('Escape'), () => page.getByRole('complementary').first().waitFor({ state: 'detached' }));
  await item.focus();
  await meter.measure('arrow down', () => page.keyboard.press('ArrowDown'), () => name('tier0--0002').and(page.locator(':focus')).waitFor());
  await meter.measure('last row', () => page.keyboard.press('End'), () => name('tier19--0050').and(page.locator(':focus')).waitFor());
  await meter.measure('first row', () => page.keyboard.press('Home'), () => name('1. Tier 0').and(page.locator(':focus')).waitFor());
  await meter.measure('close a wave', () => page.keyboard.press('ArrowLeft'), () => item.waitFor({ state: 'detached' }));
  await meter.measure('open a wave', () => page.keyboard.press('ArrowRight'), () => item.waitFor());
  await meter.measure('zoom in', () => page.getByRole('button', { name: 'Zoom in' }).click(), () => page.getByRole('button', { name: 'Zoom out' }).and(page.locator(':enabled')).waitFor());
  await meter.measure('zoom out', () => page.getByRole('button', { name: 'Zoom out' }).click(), () => page.getByRole('button', { name: 'Zoom out' }).and(page.locator('[aria-disabled=true], :disabled')).waitFor());
  const rows = await page.getByRole('treeitem').count();
  const before2 = await meter.busy();
  const frames = await page.evaluate(async () => {
    const body = document.querySelector('.timeline-body');
    const times: number[] = [];
    for (let i = 0; body !== null && i < 120; i++) {
      body.scrollTop = i * 200;
      times.push(await new Promise<number>((resolve) => requestAnimationFrame(resolve)));
    }
    return times.slice(1).map((t, i) => t - (times[i] ?? t));
  });
  const mean = frames.reduce((a, b) => a + b, 0) / frames.length;
  record('timelineOf1000Servers', {
    rowsInDocument: rows,
    interactionMs: meter.costs,
    framesPerSecond: Math.round(1000 / mean),
    frameP99Ms: Math.round(quantile(frames, 0.99)),
    busyPerFrameMs: Math.round(((await meter.busy()) - before2) * 1000 / frames.length * 10) / 10,
  });
  expect(rows).toBeLessThan(60);
  expect(Object.entries(meter.costs).filter(([, cost]) => cost.paint > 100)).toEqual([]);
  await tab.close();
});

/** Says that servers of a run have changed, as the worker does. */
function publish(executionId: string, serverIds: readonly string[], count: number): void {
  const prefix = '{drs}';
  const event = JSON.stringify({
    event: 'servers.status', topic: 'executions', resourceType: 'execution', resourceId: executionId, executionId,
    data: { waveNumber: 0, unitId: '0-0', servers: serverIds.map((sourceServerId) => ({ sourceServerId, launchStatus: 'LAUNCHED', phase: null })) },
  });
  const quoted = `'${event}'`;
  execFileSync('redis-cli', ['-u', world.stack.env.DRS_REDIS ?? ''], {
    input: `FCALL drs_note 1 ${prefix} - ${quoted}\n`.repeat(count), stdio: ['pipe', 'ignore', 'inherit'],
  });
}

it('memory after thousands of events', { timeout: 300_000 }, async () => {
  const { planId, accountId, serverIds } = await world.plan([20, 20]);
  const executionId = await world.start(planId);
  await world.until(`/executions/${executionId}?view=compact`, over);
  const tab = await Tab.open(browser, world);
  const { page } = tab;
  await tab.signIn(world.user('DRSReadOnly'), `/executions/${executionId}?account=${accountId}&waves=0,1`);
  await page.getByRole('treeitem', { name: /^tier1--0001/ }).first().waitFor({ timeout: 60_000 });
  const meter = await Meter.of(page);
  let answers = 0;
  page.on('requestfinished', (request) => {
    answers += request.url().includes(`/executions/${executionId}/servers`) ? 1 : 0;
  });
  const round = async (events: number) => {
    for (let sent = 0; sent < events; sent += 50) {
      const [before, end] = [answers, Date.now() + 30_000];
      publish(executionId, serverIds, 50);
      while (answers === before) {
        expect(Date.now()).toBeLessThan(end);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  };
  // what is made once: code that is compiled, caches that fill
  await round(500);
  const before = await meter.heap();
  await round(4000);
  const after = await meter.heap();
  const growth = Math.round((after / before - 1) * 1000) / 10;
  record('memory', { events: 4000, reads: answers, beforeKb: Math.round(before / 1024), afterKb: Math.round(after / 1024), growthPercent: growth });
  expect(growth).toBeLessThan(20);
  await tab.close();
});
