/** Parts of the stack that die under a run that is watched. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, Tab } from './browser';
import { World } from './world';

const TOP = join(import.meta.dirname, '../../..');
let browser: Browser;
let world: World;

beforeAll(async () => {
  world = new World();
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
});

/** The process is gone, without a chance to say goodbye. */
function crash(name: 'nginx' | 'worker'): void {
  process.kill(Number(readFileSync(join(world.stack.dir, `${name}.pid`), 'utf8')), name === 'worker' ? 'SIGKILL' : 'SIGTERM');
}

/** What died is started again. */
function mend(): void {
  const { DRS_SIM_SPEED = '300', ...env } = process.env;
  execFileSync('/usr/bin/python3', [join(TOP, 'scripts/stack.py'), 'up'], {
    env: { ...env, DRS_SIM_SPEED, DRS_RUN_DIR: world.stack.dir }, stdio: ['ignore', 'ignore', 'inherit'],
  });
}

it('a run is watched through a restart of nginx and a death of the worker', { timeout: 300_000 }, async () => {
  const { accountId, planId } = await world.plan([4, 4, 4], 2);
  const tab = await Tab.open(browser, world);
  const { page } = tab;
  await tab.signIn(world.user('DRSRecoveryManager'), `/executions?account=${accountId}`);
  await page.getByRole('button', { name: /^Live/ }).first().waitFor();
  const executionId = await world.start(planId);
  await page.getByRole('link', { name: /^Shop/ }).first().click();
  await page.getByText('Overall progress').first().waitFor({ timeout: 60_000 });

  crash('nginx');
  // the page says that it is not live, and keeps what it knew
  await page.getByRole('button', { name: /^(Connecting|Polling|Offline)/ }).first().waitFor({ timeout: 60_000 });
  await page.getByText('Overall progress').first().waitFor();
  await page.getByText('The server cannot be reached').first().waitFor({ timeout: 60_000 });
  await tab.look('outage-offline');
  crash('worker');
  mend();

  await page.getByRole('button', { name: /^Live/ }).first().waitFor({ timeout: 60_000 });
  await page.getByText('The server cannot be reached').first().waitFor({ state: 'hidden' });
  await page.getByText('Check list: 2. Tier 1').first().waitFor({ timeout: 90_000 });
  await tab.look('outage-paused');
  await page.getByRole('button', { name: 'Resume' }).first().click();
  await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
  await world.until(`/executions/${executionId}`, (run) => run.status === 'PAUSED' || run.status === 'POLLING' || run.status === 'COMPLETED');

  // the worker dies in the middle of a wave; nginx stays and nothing is made up meanwhile
  crash('worker');
  const frozen = await world.api('GET', `/executions/${executionId}?view=compact`);
  if (frozen.status !== 'COMPLETED') {
    expect(await page.getByText(/^COMPLETED/).count()).toBe(0);
  }
  mend();
  await page.getByText('COMPLETED: 3 of 3 waves').first().waitFor({ timeout: 90_000 });
  const run = await world.api('GET', `/executions/${executionId}?view=compact`);
  expect(run.status).toBe('COMPLETED');
  const waves = run.waves as { waveNumber: number; waveName: string; launchedServers: number; totalServers: number }[];
  for (const wave of waves) {
    await page.getByText(`(${String(wave.launchedServers)} of ${String(wave.totalServers)} launched)`).nth(wave.waveNumber).waitFor({ timeout: 30_000 });
  }
  await tab.close([/Failed to load resource/, /ERR_CONNECTION/, /ERR_NETWORK/, /50[234]/]);
});
