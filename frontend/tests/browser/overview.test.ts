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

describe('the dashboard', () => {
  it('leads through the first steps, tells of drills and lag, and of what is left', async () => {
    const { accountId, planId, planName, serverIds } = await world.plan([2, 1]);
    await world.sim('POST', `/_sim/servers/${serverIds[0] ?? ''}`, { replicationState: 'STALLED', lagDuration: 'PT2H' });
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSRecoveryManager'), `/?account=${accountId}`);
    await page.getByRole('link', { name: 'Check the readiness of the plan' }).first().waitFor({ timeout: 60_000 });
    await page.getByText('2 h').first().waitFor({ timeout: 60_000 });
    await page.getByText('1 of 3 not ready').first().waitFor({ timeout: 60_000 });
    await page.getByText('Overdue').first().waitFor();
    await page.getByText('2 of 300').first().waitFor({ timeout: 60_000 });
    await tab.look('dashboard-first-steps');
    await page.getByRole('link', { name: 'Check the readiness of the plan' }).click();
    await page.getByText('Groups have servers').first().waitFor({ timeout: 60_000 });
    await page.goBack();
    await page.getByRole('link', { name: 'Run the first drill' }).first().waitFor({ timeout: 60_000 });

    await world.sim('POST', `/_sim/servers/${serverIds[0] ?? ''}`, { replicationState: 'CONTINUOUS', lagDuration: 'PT0S' });
    // the scan that a start goes by may still know the old state
    await world.api('POST', '/executions', { planId, executionType: 'DRILL', initiatedBy: 'browser tests', allowDegraded: true, overrideReason: 'the state has just changed' });
    await page.getByText('In time').first().waitFor({ timeout: 90_000 });
    expect(await page.getByText('Getting started').count()).toBe(0);
    await page.getByText('1 (100 %)').first().waitFor({ state: 'attached', timeout: 60_000 });
    await page.getByRole('button', { name: 'Refresh' }).first().click();
    await page.getByText('of 3 recovery instances').first().waitFor({ timeout: 90_000 });
    await page.getByRole('img', { name: 'Chart: RTO of one run over time' }).waitFor({ timeout: 60_000 });
    await page.getByRole('img', { name: /^Runs by week/ }).waitFor();
    await page.getByRole('button', { name: 'Region us-east-1' }).waitFor();
    await page.getByText('0 of 20').first().waitFor({ timeout: 60_000 });
    await tab.look('dashboard');
    // figures lead to the runs of the same period
    await page.locator('a[href*="status=COMPLETED"]').first().click();
    await page.getByText('Still there', { exact: true }).first().waitFor({ timeout: 60_000 });
    expect(new URL(page.url()).searchParams.get('from')).toBe('-30d');
    await page.goBack();
    await page.getByRole('table', { name: 'Plans: drills and lag' }).getByRole('link', { name: planName }).click();
    await page.getByRole('heading', { name: planName }).first().waitFor();
    await tab.close();
  });

  it('BUG 1.4: feedback is seen; help is at hand', async () => {
    const { accountId } = await world.plan([1]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSOperator'), `/?account=${accountId}`);
    await page.getByRole('button', { name: 'Synchronise tags' }).first().click();
    await page.getByText(/^(Tags are being synchronised|The synchronisation of tags has ended)/).first().waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Help' }).first().click();
    await page.getByText('The dashboard shows what runs now').first().waitFor();
    await tab.look('help');
    await page.getByRole('link', { name: 'Servers', exact: true }).first().click();
    await page.getByText('Every source server that DRS replicates').first().waitFor();
    await tab.close();
  });

  it('does not call it nothing when something cannot be read; leads to the plans without a drill; begins with the first account', async () => {
    const { accountId, planName } = await world.plan([1]);
    for (const [name, dark, width] of [['light', false, 1360], ['phone', true, 390]] as const) {
      const tab = await Tab.open(browser, world, { dark, width });
      const { page } = tab;
      const failing = { status: 500, contentType: 'application/json', body: '{"error":"INTERNAL_ERROR","message":"The store is away."}' };
      await page.route(/\/api\/(executions\?|drs\/service)/, (route) => route.fulfill(failing));
      await tab.signIn(world.user('DRSReadOnly'), `/?account=${accountId}`);
      await page.getByText('The last drills of the plans cannot be loaded').first().waitFor({ timeout: 60_000 });
      await page.getByText('The Regions cannot be loaded').first().waitFor();
      expect(await page.getByText(/^(Nothing runs now|Overdue|No Region has source servers)$/).count()).toBe(0);
      await tab.look(`dashboard-failed-${name}`);
      await page.unroute(/\/api\/(executions\?|drs\/service)/);
      // each section by itself
      for (const what of ['The executions cannot be loaded', 'The Regions cannot be loaded', 'The last drills of the plans cannot be loaded']) {
        await page.getByText(what).first().waitFor();
        await page.getByRole('button', { name: 'Try again' }).first().click();
        await page.getByText(what).first().waitFor({ state: 'detached', timeout: 60_000 });
      }
      await page.locator('a[href*="drill=overdue"]').first().click();
      await page.getByRole('heading', { level: 1, name: 'Recovery plans' }).waitFor({ timeout: 60_000 });
      await page.getByRole('link', { name: planName }).first().waitFor({ timeout: 60_000 });
      await page.getByText('Without a drill for 90 days', { exact: true }).first().waitFor();
      await tab.look(`plans-overdue-${name}`);
      await page.route(/\/api\/accounts\/targets$/, (route) => route.fulfill({ status: 200, contentType: 'application/json', body: '[]' }));
      await page.goto(`${world.origin}/`);
      await page.getByRole('heading', { name: 'Getting started' }).waitFor({ timeout: 60_000 });
      await tab.look(`no-accounts-${name}`);
      await tab.close([/500/]);
    }
  });

  it('fits a phone, in the dark', async () => {
    const { accountId } = await world.plan([1]);
    const tab = await Tab.open(browser, world, { dark: true, width: 390 });
    await tab.signIn(world.user('DRSReadOnly'), `/?account=${accountId}`);
    await tab.page.getByText('Plans: drills and lag').first().waitFor({ timeout: 60_000 });
    await tab.page.getByText('1 of 300').first().waitFor({ timeout: 60_000 });
    await tab.look('dashboard-phone-dark');
    await tab.close();
  });
});
