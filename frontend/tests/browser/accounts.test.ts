/** All target accounts together: what the lists show of them, live, and the way into one. */
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { launch, Tab } from './browser';
import { World } from './world';

type Made = Awaited<ReturnType<World['plan']>>;

let browser: Browser;
let world: World;
let shop: Made;
let bank: Made;

/** Other tests leave accounts whose role cannot be assumed. */
const FOREIGN = [/403/];

const nameOf = ({ accountId }: Made) => `Account ${accountId.slice(-4)} (${accountId})`;

beforeAll(async () => {
  world = new World();
  browser = await launch();
});

beforeEach(async () => {
  [shop, bank] = [await world.plan([1, 1], 1), await world.plan([1, 1], 1)];
});

afterAll(async () => {
  await browser.close();
});

describe('all accounts', () => {
  it('are shown together, live, with the account of each row and the way into it', async () => {
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    const account = () => new URL(page.url()).searchParams.get('account');
    const section = async (name: string) => {
      await page.getByRole('navigation', { name: 'Sections' }).getByRole('link', { name: new RegExp(`^${name}`) }).click();
      await page.getByRole('heading', { name, level: 1 }).first().waitFor({ timeout: 30_000 });
    };
    await tab.signIn(world.user('DRSRecoveryManager'), `/executions?account=${shop.accountId}`);
    await page.getByRole('button', { name: new RegExp(`^Account: .*${shop.accountId}`) }).first().click();
    await page.getByRole('menuitem', { name: 'All accounts' }).click();
    await expect.poll(account).toBe('all');

    // runs of both, each begun while the list is looked at
    const runs: string[] = [];
    for (const made of [shop, bank]) {
      runs.push(await world.start(made.planId));
      await page.getByRole('link', { name: made.planName }).first().waitFor({ timeout: 30_000 });
      await page.getByText(nameOf(made)).first().waitFor();
    }
    for (const id of runs) {
      await world.until(`/executions/${id}`, (run) => run.status === 'PAUSED');
    }
    await page.getByText('Paused').nth(1).waitFor({ timeout: 30_000 });
    await tab.looks('accounts', 'executions');

    // the way into one of them, and back to all
    await page.getByRole('link', { name: bank.planName }).first().click();
    await page.waitForURL(new RegExp(`/executions/${runs[1] ?? ''}.*account=${bank.accountId}`));
    await page.getByRole('heading', { name: new RegExp(bank.planName), level: 1 }).first().waitFor({ timeout: 30_000 });
    await page.getByRole('button', { name: new RegExp(`^Account: .*${bank.accountId}`) }).first().waitFor();
    await section('Recovery plans');
    await expect.poll(account).toBe('all');
    // other tests have made plans too: the list has pages
    const search = page.getByPlaceholder('Find').first();
    for (const made of [shop, bank]) {
      await search.fill(nameOf(made));
      const row = page.getByRole('row').filter({ has: page.getByRole('link', { name: made.planName, exact: true }) });
      await row.getByText(nameOf(made)).first().waitFor({ timeout: 30_000 });
    }
    await tab.looks('accounts', 'plans');

    await section('Protection groups');
    for (const made of [shop, bank]) {
      await search.fill(nameOf(made));
      await page.getByRole('link', { name: `Tier 1 ${made.accountId}` }).waitFor({ timeout: 30_000 });
      await page.getByRole('link', { name: new RegExp(`^Tier . ${(made === shop ? bank : shop).accountId}`) }).first().waitFor({ state: 'detached' });
    }
    await tab.looks('accounts', 'groups');

    for (const id of runs) {
      await world.api('POST', `/executions/${id}/resume`);
      await world.until(`/executions/${id}`, (run) => run.status === 'COMPLETED', 90);
    }
    await section('Dashboard');
    const ended = page.getByRole('table', { name: 'Ended last' });
    for (const made of [shop, bank]) {
      await ended.getByRole('row').filter({ hasText: made.planName }).getByText(nameOf(made)).waitFor({ timeout: 30_000 });
    }
    await page.getByText('All accounts together. Limits of jobs').waitFor({ timeout: 60_000 });
    await page.getByRole('table', { name: 'Plans: drills and lag' }).getByText(/^Account \d{4} \(\d{12}\)$/).first().waitFor({ timeout: 60_000 });
    // other tests may have left some too
    await page.getByText(/^of (?:[4-9]|\d\d+) recovery instances$/).waitFor({ timeout: 60_000 });
    await tab.looks('accounts', 'dashboard');
    await page.goto(`${world.origin}/executions?account=all&tab=history`);
    await page.getByRole('link', { name: shop.planName }).first().waitFor({ timeout: 30_000 });
    await tab.look('accounts-history');
    await tab.close(FOREIGN);
  });

  it('are shown nowhere where one is needed: it is asked for', async () => {
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSPlanManager'), '/protection-groups?account=all');
    await page.getByRole('button', { name: 'Create group' }).first().click();
    await page.getByText('What is done here belongs to one target account.').waitFor({ timeout: 30_000 });
    await tab.looks('accounts', 'choose');
    await page.getByRole('button', { name: `Account ${bank.accountId.slice(-4)}` }).click();
    await page.getByText(`Account ${bank.accountId}`).first().waitFor({ timeout: 30_000 });
    expect(new URL(page.url()).searchParams.get('account')).toBe(bank.accountId);
    await tab.close(FOREIGN);
  });

  it.each([['phone', { width: 390 }], ['phone-dark', { width: 390, dark: true }]] as const)('fit a %s', async (name, options) => {
    const made = await world.plan([1]);
    const executionId = await world.start(made.planId);
    await world.until(`/executions/${executionId}`, (run) => run.status === 'COMPLETED');
    const tab = await Tab.open(browser, world, options);
    const { page } = tab;
    await tab.signIn(world.user('DRSReadOnly'), `/recovery-plans?account=all&q=${made.accountId}`);
    await page.getByText(nameOf(made)).first().waitFor({ timeout: 30_000 });
    await tab.look(`accounts-plans-${name}`);
    await page.goto(`${world.origin}/executions?account=all&tab=history`);
    await page.getByText(nameOf(made)).first().waitFor({ timeout: 30_000 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
    await tab.look(`accounts-history-${name}`);
    await page.goto(`${world.origin}/?account=all`);
    await page.getByText('All accounts together. Limits of jobs').waitFor({ timeout: 60_000 });
    await tab.look(`accounts-dashboard-${name}`);
    await tab.close(FOREIGN);
  });

  it('are on the wallboard, which says whose each run is', async () => {
    const run = await world.start(bank.planId);
    await world.until(`/executions/${run}`, (answer) => answer.status === 'PAUSED');
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSReadOnly'), '/executions?account=all');
    await page.getByRole('link', { name: 'Wallboard' }).click();
    await page.getByRole('heading', { name: bank.planName, level: 1 }).waitFor({ timeout: 60_000 });
    await page.getByText(nameOf(bank)).waitFor();
    await tab.look('accounts-wallboard');
    await world.api('POST', `/executions/${run}/resume`);
    await tab.close(FOREIGN);
  });
});
