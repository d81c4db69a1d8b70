/** Pages of runs: timeline, server panel, pause, cancel, termination, report, history. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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

describe('the page of a run', () => {
  it('shows timeline, check list of a pause, servers, objectives and the termination', async () => {
    const { accountId, planId } = await world.plan([3, 2], 1);
    const executionId = await world.start(planId);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSRecoveryManager'), `/executions/${executionId}?account=${accountId}`);
    await page.getByText('Check list: 1. Tier 0').first().waitFor({ timeout: 60_000 });
    await page.getByRole('checkbox', { name: /^Looked at tier0--0001/ }).check();
    await page.getByText('1 of 3 looked at').first().waitFor();
    await page.getByRole('treeitem', { name: /^1\. Tier 0/ }).click();
    await page.getByRole('treeitem', { name: /^tier0--0002/ }).first().waitFor();
    await tab.look('run-paused');
    await page.getByRole('treeitem', { name: /^tier0--0002/ }).click();
    const panel = page.getByRole('complementary', { name: 'Server tier0--0002' });
    await panel.getByText('Conversion end').first().waitFor({ timeout: 30_000 });
    await tab.look('run-server');
    expect(new URL(page.url()).searchParams.get('server')).toMatch(/^s-/);
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await page.getByRole('radio', { name: 'Table' }).or(page.getByRole('button', { name: 'Table', exact: true })).first().click();
    await page.getByRole('columnheader', { name: 'Predicted end' }).first().waitFor();
    await page.getByRole('button', { name: 'Resume' }).first().click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('textbox').inputValue()).toBe('Looked at 1 of 3 instances of 1. Tier 0.');
    await dialog.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('COMPLETED: 2 of 2 waves').first().waitFor({ timeout: 60_000 });
    await page.getByText(/^Met with/).first().waitFor({ timeout: 30_000 });
    await tab.look('run-completed');
    await page.getByRole('button', { name: 'Terminate instances' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Terminate 5 instances' }).click();
    await page.getByText('Instances terminated').first().waitFor({ timeout: 60_000 });
    await page.getByText('5 of 5').first().waitFor({ timeout: 30_000 });
    await tab.look('run-terminated');
    await tab.close();
  });
});
