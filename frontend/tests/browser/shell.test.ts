import { request } from 'node:https';
import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
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

function head(path: string): Promise<{ status: number; headers: IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const req = request(
      `${world.origin}${path}`,
      { ca: readFileSync(world.stack.env.DRS_CA ?? ''), headers: { 'Accept-Encoding': 'gzip' } },
      (answer) => {
        answer.resume();
        answer.on('end', () => {
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers });
        });
      },
    );
    req.on('error', reject);
    req.end();
  });
}

describe('tabs of one browser', () => {
  it('share the session, and end together', async () => {
    const { accountId } = await world.plan([1]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSReadOnly'), `/executions?account=${accountId}`);
    const second = await page.context().newPage();
    await second.goto(`${world.origin}/capacity?account=${accountId}`);
    await second.getByRole('heading', { name: 'Capacity' }).first().waitFor();
    // both go on after a reload, in any order
    await page.reload();
    await page.getByRole('heading', { name: 'Executions' }).first().waitFor();
    await second.reload();
    await second.getByRole('heading', { name: 'Capacity' }).first().waitFor();
    await second.getByRole('button', { name: /^u[0-9a-f]{8}/ }).click();
    await second.getByRole('menuitem', { name: 'Sign out' }).click();
    await second.getByText('You are signed out.').first().waitFor();
    await page.getByText('You are signed out.').first().waitFor();
    await tab.close();
  });
});

describe('config.json', () => {
  it('switches parts off: no way leads there, and their addresses say so', async () => {
    const { accountId, planId, planName } = await world.plan([1]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await page.route(/\/config\.json$/, (route) => route.fulfill({
      json: { apiBase: 'api', auth: { adapter: 'local' }, features: { recovery: false, schedules: false, reports: false, wallboard: false } },
    }));
    await tab.signIn(world.user('DRSOrchestrationAdmin'), `/recovery-plans/${planId}?account=${accountId}&start=RECOVERY`);
    await page.getByRole('heading', { level: 1, name: planName }).waitFor();
    await page.getByRole('button', { name: 'Start drill' }).waitFor();
    // neither the button nor the address starts a recovery
    expect(await page.getByRole('button', { name: /^Start recovery/ }).getAttribute('aria-disabled')).toBe('true');
    expect(await page.getByRole('dialog').count()).toBe(0);
    const nav = page.getByRole('navigation', { name: 'Sections' });
    await nav.getByRole('link', { name: 'Capacity' }).waitFor();
    expect(await nav.getByRole('link', { name: /Reports|Schedules/ }).count()).toBe(0);
    await page.goto(`${world.origin}/reports?account=${accountId}`);
    await page.getByRole('heading', { level: 1, name: 'Switched off' }).waitFor();
    await page.goto(`${world.origin}/executions?account=${accountId}&wallboard=1`);
    await page.getByRole('heading', { level: 1, name: 'Executions' }).waitFor();
    expect(await page.getByRole('link', { name: /wallboard/i }).count()).toBe(0);
    await tab.close();
  });
});

describe('the command palette', () => {
  it('finds things by name and id, and remembers what was seen', async () => {
    const { accountId, planId, planName, serverIds } = await world.plan([2]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSOperator'), `/?account=${accountId}`);
    await page.keyboard.press('Control+k');
    const field = page.getByRole('dialog').getByRole('combobox');
    // ready for typing, with nothing to click first
    await expect.poll(() => field.evaluate((e) => e === document.activeElement)).toBe(true);
    await page.keyboard.type(planName);
    await page.getByRole('option', { name: planName }).filter({ hasNotText: 'Start drill' }).first().waitFor();
    await tab.look('palette');
    await field.fill(planId);
    await page.getByRole('option', { name: planName }).filter({ hasNotText: 'Start drill' }).first().click();
    await page.getByRole('heading', { name: planName }).first().waitFor();
    await page.keyboard.press('Control+k');
    await field.fill(serverIds[0] ?? '');
    await page.getByRole('option', { name: /tier0-/ }).first().click();
    await page.getByText(serverIds[0] ?? '').first().waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('option', { name: planName }).first().waitFor();
    // an operator does not create plans
    expect(await page.getByRole('option', { name: 'Create a recovery plan' }).count()).toBe(0);
    await field.fill(`start ${planName}`);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('dialog').getByText('Start drill').first().waitFor();
    await tab.close();
  });

  it('is beside single keys, which can be switched off', async () => {
    const { accountId, planName } = await world.plan([1]);
    const tab = await Tab.open(browser, world, { width: 1360 });
    const { page } = tab;
    await tab.signIn(world.user('DRSPlanManager'), `/?account=${accountId}`);
    await page.getByRole('heading', { name: 'Dashboard' }).first().waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('p');
    // the dashboard has a link to the plan too
    await page.getByRole('heading', { name: 'Recovery plans', level: 1 }).first().waitFor();
    await page.getByRole('link', { name: planName }).first().waitFor();
    await page.keyboard.press('/');
    await page.keyboard.type('zzz');
    await page.getByText('Nothing matches').first().waitFor();
    await page.keyboard.press('Escape');
    await page.locator('h1').first().click();
    await page.keyboard.press('n');
    await page.getByRole('heading', { name: 'New recovery plan' }).first().waitFor();
    await page.locator('h1').first().click();
    await page.keyboard.press('?');
    await page.getByRole('dialog').getByText('Ctrl+K', { exact: true }).first().waitFor();
    await tab.look('shortcuts');
    await page.getByRole('checkbox', { name: 'Single keys are shortcuts' }).uncheck();
    await page.keyboard.press('Escape');
    await page.locator('h1').first().click();
    await page.keyboard.press('g');
    await page.keyboard.press('d');
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').getByRole('combobox').waitFor();
    expect(new URL(page.url()).pathname).toBe('/recovery-plans/new');
    await tab.close();
  });
});

describe('the frame', () => {
  it('BUG 1.1: no button of the top bar is without a function', async () => {
    const { accountId } = await world.plan([1]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    const name = world.user('DRSReadOnly');
    await tab.signIn(name, `/executions?account=${accountId}`);
    const top = page.locator('#top');
    await top.getByRole('button', { name: /^Live/ }).first().click();
    await page.getByRole('heading', { name: 'Connection' }).first().waitFor();
    await top.getByRole('button', { name: /^Search and commands/ }).first().click();
    await page.getByRole('dialog').getByRole('combobox').waitFor();
    // the first one closes what the field offers
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').first().waitFor({ state: 'hidden' });
    await page.getByRole('button', { name: /^Notifications/ }).first().click();
    await page.getByText('Nothing to report').first().waitFor();
    await top.getByRole('link', { name: 'DRS Orchestrator' }).first().click();
    await page.getByRole('heading', { name: 'Dashboard', level: 1 }).first().waitFor();
    await top.getByRole('button', { name }).first().click();
    await page.getByRole('menuitem', { name: 'Preferences' }).click();
    await page.getByText('audit_read').or(page.getByText('view_executions')).first().waitFor();
    await top.getByRole('button', { name }).first().click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').first().waitFor();
    await tab.close();
  });

  it('offers a newer console when a part of this one is gone from the server', async () => {
    const { accountId } = await world.plan([1]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSReadOnly'), `/executions?account=${accountId}`);
    // as after an upgrade: the page names other files, and the old ones are not there any more
    await page.route(/assets\/Capacity-[\w-]+\.js/, (route) => route.fulfill({ status: 404, body: '' }));
    await page.route(/\/index\.html$/, (route) => route.fulfill({ contentType: 'text/html', body: '<script type="module" src="./assets/index-Newer123.js"></script>' }));
    await page.getByRole('link', { name: 'Capacity' }).first().click();
    await page.getByText('This page failed').first().waitFor();
    await page.getByText('A new version of the console is there').first().waitFor();
    await tab.look('new-version');
    await page.unroute(/assets\/Capacity-[\w-]+\.js/);
    await page.getByRole('button', { name: 'Load it now' }).first().click();
    await page.getByText('1 of 300').first().waitFor({ timeout: 60_000 });
    await tab.close([/Failed to load resource/, /dynamically imported module/, /Capacity-/]);
  });

  it('shows the requests and the stream to who looks for a fault', async () => {
    const { accountId } = await world.plan([1]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSReadOnly'), `/protection-groups?account=${accountId}&debug=1`);
    const panel = page.getByRole('complementary').filter({ hasText: 'Last requests' });
    await panel.getByText(/200 GET \/protection-groups\?accountId=/).first().waitFor({ timeout: 60_000 });
    await panel.getByText('Live', { exact: true }).first().waitFor();
    await tab.looks('connection', 'panel');
    // a request that is refused is there with the id under which the server's log has it
    const refused = page.waitForResponse((answer) => answer.status() === 404 && answer.url().includes('/recovery-plans/'));
    await page.goto(`${world.origin}/recovery-plans/00000000-0000-4000-8000-000000000000?account=${accountId}&debug=1`);
    const id = (await refused).headers()['x-request-id'] ?? 'none';
    await panel.getByText(/404 GET \/recovery-plans\//).first().waitFor();
    await panel.getByText(id).first().waitFor();
    await page.setViewportSize({ width: 390, height: 844 });
    await tab.look('connection-phone');
    await tab.close([/Failed to load resource/]);
  });

  it('moves the focus to the heading of a page that is read first', async () => {
    const { accountId, planId, planName } = await world.plan([1]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSReadOnly'), `/recovery-plans?account=${accountId}`);
    const link = page.locator(`main a[href*="/recovery-plans/${planId}"]`).first();
    await link.waitFor();
    // neither its code nor its data are there before
    await page.route(new RegExp(`/recovery-plans/${planId}(\\?|$)`), async (route) => {
      await new Promise((later) => setTimeout(later, 1_000));
      await route.continue();
    });
    await link.evaluate((e) => {
      (e as HTMLElement).click();
    });
    await page.getByRole('heading', { name: planName, level: 1 }).first().waitFor();
    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent)).toBe(planName);
    await tab.close();
  });

  it('keeps the account in the address from page to page', async () => {
    const first = await world.plan([1]);
    const second = await world.plan([1]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSPlanManager'), `/?account=${first.accountId}`);
    const inAddress = () => new URL(page.url()).searchParams.get('account');
    for (const [link, heading] of [['Recovery plans', 'Recovery plans'], ['Executions', 'Executions'], ['Servers', 'Servers']] as const) {
      await page.getByRole('link', { name: link }).first().click();
      await page.getByRole('heading', { name: heading, level: 1 }).first().waitFor();
      await expect.poll(inAddress).toBe(first.accountId);
    }
    await page.goto(`${world.origin}/protection-groups/new?account=${first.accountId}`);
    await page.getByRole('textbox').first().fill('Not saved yet');
    const choose = async () => {
      await page.getByRole('button', { name: /^Account:/ }).first().click();
      await page.getByRole('menuitem', { name: new RegExp(second.accountId) }).click();
      await page.getByRole('dialog').first().waitFor();
    };
    await choose();
    await tab.look('account-leave');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    expect(inAddress()).toBe(first.accountId);
    await choose();
    await page.getByRole('dialog').getByRole('button', { name: 'Leave and discard it' }).click();
    await expect.poll(inAddress).toBe(second.accountId);
    await tab.close();
  });
});

describe('delivery', () => {
  it.each(['/', '/dr/'])('is the same under %s', async (prefix) => {
    const { accountId, planId, planName } = await world.plan([1]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    const name = world.user('DRSReadOnly');
    await tab.signIn(name, `${prefix}recovery-plans/${planId}?account=${accountId}`);
    await page.getByRole('heading', { name: planName }).first().waitFor();
    expect(new URL(page.url()).pathname).toBe(`${prefix}recovery-plans/${planId}`);
    await page.getByRole('link', { name: 'Executions' }).first().click();
    await page.getByRole('heading', { name: 'Executions' }).first().waitFor();
    expect(new URL(page.url()).pathname).toBe(`${prefix}executions`);
    await page.reload();
    await page.getByRole('heading', { name: 'Executions' }).first().waitFor();
    await page.getByRole('button', { name: 'Live' }).first().waitFor();
    await tab.close();
  });

  it.each(['/', '/dr/'])('keeps what never changes and asks for the rest, under %s', async (prefix) => {
    const page = await head(`${prefix}recovery-plans`);
    expect(page.status).toBe(200);
    expect(page.headers['cache-control']).toBe('no-cache');
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self'/);
    expect(page.headers['content-security-policy']).not.toContain('unsafe');
    expect(page.headers).toMatchObject({
      'x-frame-options': 'DENY', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer',
      'strict-transport-security': 'max-age=63072000; includeSubDomains',
    });
    const config = await head(`${prefix}config.json`);
    expect([config.status, config.headers['cache-control'], config.headers['content-type']]).toEqual([200, 'no-cache', 'application/json']);
    const built = readFileSync(`${process.env.DRS_BUILD ?? ''}/console/index.html`, 'utf8');
    const script = /src="\.\/(assets\/[^"]+\.js)"/.exec(built)?.[1] ?? '';
    const asset = await head(prefix + script);
    expect([asset.status, asset.headers['cache-control'], asset.headers['content-encoding']])
      .toEqual([200, 'public, max-age=31536000, immutable', 'gzip']);
    // a missing file is missing, not the page
    for (const missing of ['assets/none.js', 'none.json', 'aws-config.json']) {
      expect([missing, (await head(prefix + missing)).status]).toEqual([missing, 404]);
    }
  });
});
