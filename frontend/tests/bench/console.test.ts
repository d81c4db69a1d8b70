/** How fast the page of a run is: from the commit of the worker to the pixel, and with 1,000 servers. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { quantile } from '../../src/execution/forecast';
import { launch, Tab } from '../browser/browser';
import { World } from '../browser/world';

const OUT = join(process.env.DRS_BUILD ?? join(import.meta.dirname, '../../../build'), 'bench');
const EVENTS = Number(process.env.BENCH_EVENTS ?? 100);
const SERVERS = Number(process.env.BENCH_SERVERS ?? 1000);
const figures: Record<string, unknown> = {};
let browser: Browser;
let world: World;

beforeAll(async () => {
  world = new World();
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
  mkdirSync(OUT, { recursive: true });
  const path = join(OUT, 'console.json');
  let before: object = {};
  try {
    before = JSON.parse(readFileSync(path, 'utf8')) as object;
  } catch {
    // the first run
  }
  writeFileSync(path, `${JSON.stringify({ ...before, ...figures, cores: cpus().length, load: loadavg()[0] }, null, 2)}\n`);
});

const summary = (values: readonly number[]) => ({
  count: values.length, p50: Math.round(quantile(values, 0.5)), p99: Math.round(quantile(values, 0.99)), max: Math.round(Math.max(...values)),
});

/** Notes when each "(n of m launched)" of a wave is painted for the first time. */
async function watchCounters(page: Page): Promise<void> {
  await page.evaluate(() => {
    const seen: Record<string, number> = {};
    (window as unknown as { seen: typeof seen }).seen = seen;
    const look = () => {
      for (const [i, node] of [...document.querySelectorAll('h2')].entries()) {
        const match = /\((\d+) of \d+ launched\)/.exec(node.parentElement?.textContent ?? '');
        const name = /^\d+\. Tier (\d+)/.exec(node.textContent.trim());
        if (match !== null && name !== null) {
          seen[`${name[1] ?? String(i)}:${match[1] ?? ''}`] ??= performance.timeOrigin + performance.now();
        }
      }
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
}

interface Event {
  id: string;
  event: string;
  data: { waveNumber: number; launchedServers: number };
}

it(`${String(EVENTS)} events: from the commit to the pixel`, async () => {
  const tab = await Tab.open(browser, world);
  const user = world.user('DRSReadOnly');
  await tab.signIn(user);
  const delays: number[] = [];
  while (delays.length < EVENTS) {
    const { accountId, planId } = await world.plan([1, 1, 1, 1, 1, 1, 1, 1, 1, 1], 0);
    const executionId = await world.start(planId);
    await world.until(`/executions/${executionId}`, (run) => run.status === 'PAUSED');
    await tab.page.goto(`${world.origin}/executions/${executionId}?account=${accountId}`);
    await tab.page.getByRole('button', { name: 'Live', exact: true }).first().waitFor({ timeout: 60_000 });
    await tab.page.getByText('(0 of 1 launched)').first().waitFor({ timeout: 60_000 });
    await watchCounters(tab.page);
    await world.api('POST', `/executions/${executionId}/resume`, {});
    await tab.page.getByText('COMPLETED: 10 of 10 waves').first().waitFor({ timeout: 300_000 });
    const seen = await tab.page.evaluate(() => (window as unknown as { seen: Record<string, number> }).seen);
    const { events } = await world.api('GET', `/executions/${executionId}/events?limit=1000`);
    const told = new Set<string>();
    for (const { id, event, data } of events as Event[]) {
      const key = `${String(data.waveNumber)}:${String(data.launchedServers)}`;
      if (event === 'wave.status' && data.launchedServers > 0 && !told.has(key)) {
        told.add(key);
        const painted = seen[key];
        expect(painted, `wave ${key} was never painted`).toBeDefined();
        // ids of events are the store's clock, which is this machine's
        delays.push((painted ?? NaN) - Number(id.split('-')[0]));
      }
    }
  }
  figures.commitToPixelMs = summary(delays.slice(0, EVENTS));
  process.stdout.write(`console: commit to pixel ${JSON.stringify(figures.commitToPixelMs)} ms\n`);
  await tab.close();
});

it(`${String(SERVERS)} servers in one run`, async () => {
  const { accountId, planId } = await world.plan([SERVERS]);
  const executionId = await world.start(planId);
  await world.until(`/executions/${executionId}`, (run) => run.status === 'COMPLETED', 300);
  const tab = await Tab.open(browser, world);
  const { page } = tab;
  await tab.signIn(world.user('DRSReadOnly'), `/executions/${executionId}?account=${accountId}`);
  await page.getByRole('treeitem', { name: /^1\. Tier 0/ }).first().waitFor({ timeout: 60_000 });
  await page.evaluate(() => {
    const durations: number[] = [];
    (window as unknown as { durations: number[] }).durations = durations;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (['click', 'keydown'].includes(entry.name)) {
          durations.push(entry.duration);
        }
      }
    }).observe({ type: 'event', buffered: true, durationThreshold: 16 } as PerformanceObserverInit);
  });
  await page.getByRole('treeitem', { name: /^1\. Tier 0/ }).first().click();
  await page.getByRole('treeitem', { name: /^tier0-/ }).first().waitFor({ timeout: 60_000 });
  await page.getByRole('treeitem', { name: /^1\. Tier 0/ }).first().focus();
  for (let i = 0; i < 20; i++) {
    await page.keyboard.press('ArrowDown');
  }
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.getByRole('complementary').first().waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'Zoom in' }).click();
  await page.getByRole('button', { name: 'Zoom out' }).click();
  const rows = await page.getByRole('treeitem').count();
  const frames = await page.evaluate(async () => {
    const body = document.querySelector('.timeline-body');
    const times: number[] = [];
    if (body !== null) {
      body.scrollTop = 0;
      for (let i = 0; i < 120; i++) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
        times.push(performance.now());
        body.scrollTop += 200;
      }
    }
    return times.slice(1).map((t, i) => t - (times[i] ?? t));
  });
  const interactions = await page.evaluate(() => (window as unknown as { durations: number[] }).durations);
  figures.servers = SERVERS;
  figures.rowsInDocument = rows;
  figures.interactionMs = summary(interactions.length === 0 ? [16] : interactions);
  figures.scroll = { framesPerSecond: Math.round(1000 / (frames.reduce((a, b) => a + b, 0) / frames.length)), p99FrameMs: Math.round(quantile(frames, 0.99)) };
  process.stdout.write(`console: ${String(SERVERS)} servers ${JSON.stringify(figures)}\n`);
  expect(rows).toBeLessThan(60);
  await tab.close();
});
