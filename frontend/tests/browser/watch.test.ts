/** What a run leaves behind for whoever watches it: its log, its picture, its comparison, and the wallboard. */
import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, Tab } from './browser';
import { World } from './world';

let browser: Browser;
let world: World;

beforeAll(async () => {
  world = new World();
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
});

const VIEWS = [['', {}], ['-dark', { dark: true }], ['-phone', { width: 390 }]] as const;

it('log, decisions, picture and comparison of two runs', async () => {
  const { accountId, planId, serverIds } = await world.plan([3, 2], 1, { failurePolicy: 'CONTINUE' });
  const ids: string[] = [];
  for (let i = 0; i < 2; i++) {
    if (i === 1) {
      await world.sim('POST', `/_sim/servers/${serverIds[0] ?? ''}`, { failNextLaunch: { rawError: 'no capacity', phase: 'LAUNCH' } });
    }
    const id = await world.start(planId);
    await world.until(`/executions/${id}`, (run) => run.status === 'PAUSED');
    await world.api('POST', `/executions/${id}/resume`, { notes: 'looked at the data base' });
    await world.until(`/executions/${id}`, (run) => run.status === 'COMPLETED' || run.status === 'PARTIAL');
    ids.push(id);
  }
  const [first = '', second = ''] = ids;
  for (const [name, options] of VIEWS) {
    const tab = await Tab.open(browser, world, options);
    const { page } = tab;
    await tab.signIn(world.user('DRSReadOnly'), `/executions/${second}?account=${accountId}&log=open&compare=${first}`);
    await page.getByText('looked at the data base').first().waitFor({ timeout: 60_000 });
    // on a phone the tables are lists of cards
    const log = page.getByRole(name === '-phone' ? 'list' : 'table', { name: 'Events of the run and of its DRS jobs' });
    await log.getByText('Snapshot start').first().waitFor({ timeout: 30_000 });
    await page.getByText('Earlier run').first().waitFor({ timeout: 30_000 });
    await tab.look(`run-log${name}`);

    if (name === '') {
      await page.getByRole('button', { name: /Which events/ }).click();
      await page.getByRole('option', { name: 'Problems' }).click();
      await log.getByText('no capacity').first().waitFor();
      await log.getByText('Snapshot start').first().waitFor({ state: 'detached' });
      await log.getByText('Launch failed').nth(1).waitFor({ state: 'detached' });
      expect(new URL(page.url()).searchParams.get('events')).toBe('problem');
      const save = async (kind: string) => {
        await page.getByRole('button', { name: 'Save picture' }).click();
        const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('menuitem', { name: kind }).click()]);
        return readFileSync(await file.path());
      };
      const svg = (await save('SVG')).toString();
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
      expect(svg).toContain('1. Tier 0');
      expect(svg).toContain('Earlier run');
      expect(svg).not.toMatch(/var\(|undefined|NaN/);
      const picture = await save('PNG');
      expect(picture.subarray(1, 4).toString()).toBe('PNG');
      expect(picture.readUInt32BE(16)).toBe(2800);
    }

    await page.getByRole('link', { name: 'Compare the two runs in full' }).click();
    for (const [title, text] of [['Waves', '1. Tier 0'], [/^Servers, launched after/, 'tier0--0001']] as const) {
      await page.getByRole('heading', { name: title }).first().waitFor({ timeout: 30_000 });
      await page.locator('#content').getByText(text).filter({ visible: true }).first().waitFor({ timeout: 30_000 });
    }
    await tab.look(`compare${name}`);
    await tab.close();
  }
});

it('two runs of the history are compared', async () => {
  const { accountId, planId, planName } = await world.plan([1]);
  for (let i = 0; i < 2; i++) {
    const id = await world.start(planId);
    await world.until(`/executions/${id}`, (run) => run.status === 'COMPLETED');
  }
  const tab = await Tab.open(browser, world);
  const { page } = tab;
  await tab.signIn(world.user('DRSReadOnly'), `/executions?account=${accountId}&tab=history`);
  const boxes = page.getByRole('checkbox', { name: new RegExp(`^${planName},`) });
  await boxes.first().check();
  await boxes.nth(1).check();
  await page.getByRole('button', { name: 'Compare', exact: true }).click();
  await page.getByRole('heading', { name: 'Comparison of two runs' }).waitFor();
  await page.getByRole('table', { name: 'The two runs' }).getByText('Completed').nth(1).waitFor({ timeout: 30_000 });
  await tab.close();
});

it('the wallboard goes round the runs that are active, and stays signed in for who can only look', async () => {
  const plans = [await world.plan([2, 2], 1), await world.plan([1, 1], 1)];
  const runs: string[] = [];
  for (const { planId } of plans) {
    const id = await world.start(planId);
    await world.until(`/executions/${id}`, (run) => run.status === 'PAUSED');
    runs.push(id);
  }
  for (const [name, options] of VIEWS) {
    const tab = await Tab.open(browser, world, options);
    const { page } = tab;
    await tab.signIn(world.user(name === '' ? 'DRSReadOnly' : 'DRSOperator'), `/executions/${runs[0] ?? ''}?wallboard=1`);
    await page.getByRole('heading', { level: 1, name: plans[0]?.planName ?? '' }).waitFor({ timeout: 60_000 });
    await page.getByText('Paused as planned').first().waitFor();
    await page.getByText('2 of 2 launched').first().waitFor();
    expect(await page.getByText(/Signed out after/).count()).toBe(name === '' ? 0 : 1);
    await tab.look(`wallboard${name}`);
    // no control changes anything
    expect(await page.getByRole('button', { name: /Resume|Cancel|Terminate|Pause$/ }).count()).toBe(0);
    await tab.close();
  }
  const tab = await Tab.open(browser, world);
  const { page } = tab;
  await tab.signIn(world.user('DRSReadOnly'), '/executions?wallboard=1');
  const heading = page.locator('h1').first();
  await page.getByText(/^Run \d+ of \d+$/).waitFor({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Stay at this run' }).click();
  const one = await heading.textContent();
  await page.keyboard.press('ArrowRight');
  await page.waitForFunction((before) => document.querySelector('h1')?.textContent !== before, one);
  await page.keyboard.press('ArrowLeft');
  await page.waitForFunction((before) => document.querySelector('h1')?.textContent === before, one);
  // it turns by itself
  await page.getByRole('button', { name: 'Go from run to run' }).click();
  await page.waitForFunction((before) => document.querySelector('h1')?.textContent !== before, one, { timeout: 30_000 });
  await page.keyboard.press('Escape');
  await page.getByRole('heading', { level: 1, name: 'Choose an account' }).waitFor();
  expect(new URL(page.url()).search).toBe('');
  await tab.close();
  for (const id of runs) {
    await world.api('POST', `/executions/${id}/cancel`, {});
    // what launched before the cancel stays
    await world.until(`/executions/${id}`, (run) => run.status === 'PARTIAL');
  }
});
