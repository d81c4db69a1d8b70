import { readFileSync } from 'node:fs';
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

describe('the server inventory', () => {
  it('is filtered, kept as a view, saved as CSV, and leads to a group of the selection', async () => {
    const { accountId, serverIds } = await world.plan([3, 2]);
    const [first = ''] = serverIds;
    await world.sim('POST', `/_sim/servers/${first}`, { replicationState: 'STALLED' });
    await world.sim('POST', '/_sim/fleet', {
      accounts: [{ accountId, regions: [{ region: 'us-east-1', servers: [{ count: 2, namePrefix: 'free', tags: { Tier: 'none' } }] }] }],
    });
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSPlanManager'), `/servers?account=${accountId}`);
    await page.getByText('All (7)').first().waitFor({ timeout: 60_000 });
    await page.getByText(/Not ready \(1\)/).first().waitFor({ timeout: 60_000 });
    await tab.look('servers');
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export as CSV: Servers' }).click()]);
    const rows = readFileSync(await file.path(), 'utf8').trim().split('\r\n');
    expect(rows).toHaveLength(8);
    expect(rows[0]).toContain('Server,ID,Replication,Lag');
    expect(rows.some((row) => row.includes(first) && row.includes('STALLED'))).toBe(true);

    await page.getByRole('button', { name: /^Not ready/ }).click();
    expect(new URL(page.url()).searchParams.get('show')).toBe('notready');
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name: 'Keep this view' }).click();
    await page.getByRole('dialog').getByRole('textbox').fill('Broken');
    await page.getByRole('dialog').getByRole('button', { name: 'Keep', exact: true }).click();
    await page.getByRole('button', { name: /^All \(/ }).click();
    await page.reload();
    await page.getByText('All (7)').first().waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Views' }).click();
    await page.getByRole('menuitem', { name: 'Your views' }).click();
    await page.getByRole('menuitem', { name: 'Broken' }).click();
    await page.getByText('(1/7)').first().waitFor();

    await page.getByRole('button', { name: /^Without group/ }).click();
    await page.getByText('(2/7)').first().waitFor();
    for (const index of [0, 1]) {
      await page.getByRole('checkbox', { name: /^s-/ }).nth(index).check();
    }
    await page.getByRole('button', { name: 'Create group of 2 servers' }).click();
    await page.getByText('New protection group').first().waitFor();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(`Free ${accountId}`);
    const next = page.getByRole('button', { name: 'Next', exact: true });
    await next.click();
    await page.getByText(/^free/).first().waitFor({ timeout: 60_000 });
    await next.click();
    await next.click();
    await next.click();
    await page.getByText('2 servers, all ready').first().waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: `Free ${accountId}` }).first().waitFor({ timeout: 60_000 });
    const { groups } = await world.api('GET', `/protection-groups?accountId=${accountId}&name=Free`);
    expect((groups as { sourceServerIds: string[] }[])[0]?.sourceServerIds).toHaveLength(2);
    await tab.close();
  });

  it('shows one server with its replication, hardware, settings and history', async () => {
    const { accountId, planId, planName, serverIds } = await world.plan([1]);
    const executionId = await world.start(planId);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSReadOnly'), `/servers/${serverIds[0] ?? ''}?account=${accountId}`);
    // found without being told where it is
    await page.getByRole('heading', { name: /^tier0/ }).first().waitFor({ timeout: 60_000 });
    expect(new URL(page.url()).searchParams.get('region')).toBe('us-east-1');
    await page.getByText('Waiting to be sent').first().waitFor({ timeout: 60_000 });
    await tab.look('server');
    await page.getByRole('tab', { name: 'Hardware and network' }).click();
    await page.getByText('MAC address').first().waitFor();
    await tab.look('server-hardware');
    await page.getByRole('tab', { name: 'Source instance' }).click();
    await page.getByText('The agent does not run on an EC2 instance.').first().waitFor();
    await tab.look('server-source');
    await page.getByRole('tab', { name: 'Launch settings' }).click();
    await page.getByText('Settings of the group').first().waitFor({ timeout: 60_000 });
    await tab.look('server-launch');
    await page.getByRole('tab', { name: 'History' }).click();
    await page.getByRole('table', { name: 'Runs with this server' }).getByRole('link', { name: planName }).waitFor({ timeout: 60_000 });
    await page.getByRole('table', { name: 'DRS jobs of the last 30 days' }).locator(`a[href$="/executions/${executionId}"]`).first().waitFor({ timeout: 60_000 });
    await tab.look('server-history');
    // it is looked for in all accounts; other tests leave some whose role cannot be assumed
    await tab.close([/403/]);
  });

  it('tells of all accounts what it tells of one', async () => {
    const { planName, serverIds } = await world.plan([1]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    const filter = encodeURIComponent(JSON.stringify(['and', ['id', '=', serverIds[0] ?? '']]));
    await tab.signIn(world.user('DRSReadOnly'), `/servers?account=all&filter=${filter}`);
    await page.getByRole('link', { name: planName }).first().waitFor({ timeout: 60_000 });
    await tab.look('servers-all-accounts');
    // other tests leave accounts whose role cannot be assumed
    await tab.close([/403/]);
  });

  it('fits a phone, in the dark', async () => {
    const { accountId } = await world.plan([2]);
    const tab = await Tab.open(browser, world, { dark: true, width: 390 });
    await tab.signIn(world.user('DRSReadOnly'), `/servers?account=${accountId}`);
    await tab.page.getByRole('link', { name: /^tier0/ }).first().waitFor({ timeout: 60_000 });
    await tab.look('servers-phone-dark');
    await tab.page.getByRole('link', { name: /^tier0/ }).first().click();
    await tab.page.getByText('Waiting to be sent').first().waitFor({ timeout: 60_000 });
    await tab.look('server-phone-dark');
    await tab.close();
  });
});
