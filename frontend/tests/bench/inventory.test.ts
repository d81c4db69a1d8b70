/** 5,000 servers in the inventory: what an interaction costs. */
import { randomInt } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { launch, Tab } from '../browser/browser';
import { World } from '../browser/world';
import { Meter, record, say } from './measure';

let browser: Browser;
let world: World;

beforeAll(async () => {
  world = new World();
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
});

it('5,000 servers stay smooth to page, sort, filter and select', { timeout: 300_000 }, async () => {
  const accountId = String(randomInt(100_000_000_000, 999_999_999_999));
  const roles = [{ roleName: 'DRSOrchestrationRole', externalId: 'drs-orchestration-cross-account' }];
  const regions = ['us-east-1', 'us-west-2'].map((region, i) => ({
    region, servers: [{ count: 2500, namePrefix: `big${String(i)}-`, tags: { Tier: `t${String(i)}`, Env: 'prod' } }],
  }));
  await world.sim('POST', '/_sim/fleet', { accounts: [{ accountId, roles, regions }] });
  await world.register(accountId);
  // the first scan is not what is measured; on a busy machine it is refused at first
  const end = Date.now() + 120_000;
  const known = async (): Promise<number> => {
    const { regions } = await world.api('GET', `/drs/service?accountId=${accountId}`);
    return (regions as { serverCount: number }[]).reduce((sum, r) => sum + r.serverCount, 0);
  };
  while ((await known().catch(() => 0)) < 5000) {
    expect(Date.now(), 'the servers were not found').toBeLessThan(end);
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  say('5,000 servers are there');
  const tab = await Tab.open(browser, world);
  const { page } = tab;
  await tab.signIn(world.user('DRSPlanManager'), `/servers?account=${accountId}`);
  await page.getByText('(5,000)').first().waitFor({ timeout: 120_000 });
  const meter = await Meter.of(page);
  const find = page.getByRole('combobox', { name: 'Find servers' });
  await meter.measure('next page', () => page.getByRole('button', { name: 'Next page' }).first().click(), () => page.getByText('big0--0026').first().waitFor());
  await meter.measure('order', () => page.getByRole('button', { name: 'Server', exact: true }).first().press('Enter'), () => page.getByText('big1--2475').first().waitFor());
  await meter.measure('select', () => page.getByRole('checkbox', { name: /^s-/ }).first().check(), () => page.getByText('Create group of 1 server').first().waitFor());
  await meter.measure('without group', () => page.getByRole('button', { name: /^Without group/ }).click(), () => page.waitForURL(/show=unassigned/));
  await find.click();
  await meter.measure('a letter', () => page.keyboard.type('b'), () => page.getByText('Use: "b"').first().waitFor());
  await page.keyboard.type('ig1--2500');
  await meter.measure('filter', () => page.keyboard.press('Enter'), () => page.getByText('(1/5,000)').first().waitFor());
  record('inventoryOf5000Servers', { interactionMs: meter.costs });
  expect(Object.entries(meter.costs).filter(([, cost]) => cost.paint > 100)).toEqual([]);
  await tab.close();
});
