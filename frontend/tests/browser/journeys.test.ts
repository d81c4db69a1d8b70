import { readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, refused, Tab } from './browser';
import { PASSWORD, World } from './world';

let browser: Browser;
let world: World;

beforeAll(async () => {
  world = new World();
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
});

describe('sign-in', () => {
  it('returns to the page that was asked for, and ends with sign-out', async () => {
    const { accountId } = await world.plan([1]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSReadOnly'), `/executions?account=${accountId}&tab=history`);
    await page.getByRole('heading', { name: 'Executions' }).first().waitFor();
    expect(new URL(page.url()).search).toContain('tab=history');
    await page.reload();
    await page.getByRole('heading', { name: 'Executions' }).first().waitFor();
    await page.getByRole('button', { name: /^u[0-9a-f]{8}/ }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByText('You are signed out.').first().waitFor();
    await tab.look('signed-out');
    await page.goto(`${world.origin}/executions`);
    await page.locator('input[name=username]').waitFor();
    await tab.close();
  });

  it('says one thing for a wrong name and a wrong password', async () => {
    const name = world.user('DRSReadOnly');
    const tab = await Tab.open(browser, world);
    await tab.page.goto(world.origin);
    for (const [username, password] of [[name, `${PASSWORD}x`], ['nobody-knows', PASSWORD]]) {
      await tab.page.fill('input[name=username]', username ?? '');
      await tab.page.fill('input[name=password]', password ?? '');
      await tab.page.click('button[type=submit]');
      await tab.page.getByText('User name and password do not match').first().waitFor();
      await tab.page.fill('input[name=password]', '');
    }
    await tab.close([/401/]);
  });

  it('loads little before it is usable', async () => {
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    const client = await page.context().newCDPSession(page);
    await client.send('Network.enable');
    const sent = new Map<string, number>();
    const fonts = new Set<string>();
    const loaded: { at: number; bytes: number }[] = [];
    client.on('Network.requestWillBeSent', (event) => {
      sent.set(event.requestId, event.wallTime * 1000);
    });
    client.on('Network.responseReceived', (event) => {
      if (event.type === 'Font') {
        fonts.add(event.requestId);
      }
    });
    client.on('Network.loadingFinished', (event) => {
      if (!fonts.has(event.requestId)) {
        loaded.push({ at: sent.get(event.requestId) ?? 0, bytes: event.encodedDataLength });
      }
    });
    const until = (time: number) => loaded.reduce((sum, l) => sum + (l.at < time ? l.bytes : 0), 0);
    const { accountId } = await world.plan([1]);
    const name = world.user('DRSReadOnly');
    await page.goto(`${world.origin}/?account=${accountId}`, { waitUntil: 'networkidle' });
    const signIn = until(Infinity);
    // all of it is named by the page itself: nothing is found only by code that runs already
    const late = await page.evaluate(() => {
      // the code is a module: it runs when the page is parsed
      const [page] = performance.getEntriesByType('navigation') as PerformanceNavigationTiming[];
      const after = performance.getEntriesByType('resource').filter((e) => e.startTime >= (page?.domInteractive ?? 0)).map((e) => new URL(e.name).pathname);
      return after.filter((path) => /\.(js|css|json)$/.test(path));
    });
    expect(late).toEqual([]);
    await tab.signIn(name, `/?account=${accountId}`);
    // this part of the dashboard is loaded after the first page, and does not count
    await page.getByText('Plans: drills and lag').first().waitFor({ timeout: 60_000 });
    const first = until(await page.evaluate(() => performance.timeOrigin + (performance.getEntriesByName('first-page')[0]?.startTime ?? 0)));
    // the reload of signIn() comes out of the cache but for page and settings
    process.stdout.write(`console: ${String(signIn)} bytes until sign-in, ${String(first)} until the first page\n`);
    expect(signIn).toBeLessThan(250_000);
    expect(first).toBeLessThan(550_000);
    expect(first).toBeGreaterThan(signIn);
    await tab.close();
  });
});

describe('a drill', () => {
  it('is watched live, resumed, and cleaned up', async () => {
    const { accountId, planId, planName } = await world.plan([2, 3], 1);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSRecoveryManager'), `/?account=${accountId}`);
    await page.getByText('Nothing runs now').first().waitFor();
    const executionId = await world.start(planId);
    // no reload: the event stream brings it; the table of plans has a link of the same name
    await page.getByRole('table', { name: 'Running now' }).getByRole('link', { name: planName }).click();
    await page.getByText('Paused as planned').first().waitFor({ timeout: 60_000 });
    await tab.look('execution-paused');
    await page.getByRole('button', { name: 'Resume' }).first().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
    await page.getByText('COMPLETED: 2 of 2 waves').first().waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: /Tier 1/ }).click();
    await page.getByRole('link', { name: /^i-/ }).first().waitFor();
    await tab.look('execution-completed');
    await page.getByRole('button', { name: 'Terminate instances' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('5 instances are terminated for good').first().waitFor({ timeout: 60_000 });
    await tab.look('terminate');
    await dialog.getByRole('button', { name: 'Terminate 5 instances' }).click();
    await page.getByText('Instances terminated').first().waitFor({ timeout: 60_000 });
    const run = await world.api('GET', `/executions/${executionId}`);
    expect(run.status).toBe('COMPLETED');
    expect(run.instancesTerminated).toBe(true);
    await tab.close();
  });

  it('is only watched by who may not steer it', async () => {
    const { accountId, planId } = await world.plan([1, 1], 1);
    const executionId = await world.start(planId);
    const tab = await Tab.open(browser, world, { dark: true, width: 390 });
    const { page } = tab;
    await tab.signIn(world.user('DRSReadOnly'), `/executions/${executionId}?account=${accountId}`);
    await page.getByText('Paused as planned').first().waitFor({ timeout: 60_000 });
    await refused(page.getByRole('button', { name: 'Resume' }).first());
    await tab.look('execution-phone-dark');
    await world.api('POST', `/executions/${executionId}/cancel`, {});
    await page.getByText('PARTIAL: 1 of 2 waves completed').first().waitFor({ timeout: 60_000 });
    await tab.close();
  });
});

describe('a wave with failed servers', () => {
  it('is launched again by the operator', async () => {
    const { accountId, planId, serverIds } = await world.plan([2, 1], null, { failurePolicy: 'PAUSE' });
    await world.sim('POST', `/_sim/servers/${serverIds[0] ?? ''}`, { failNextLaunch: { rawError: 'no capacity', phase: 'LAUNCH' } });
    const executionId = await world.start(planId);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSOperator'), `/executions/${executionId}?account=${accountId}`);
    await page.getByText('Paused because a wave failed').first().waitFor({ timeout: 60_000 });
    await tab.look('execution-failed-wave');
    await page.getByRole('button', { name: 'Retry failed servers' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Retry failed servers' }).click();
    await page.getByText('COMPLETED: 2 of 2 waves').first().waitFor({ timeout: 60_000 });
    await tab.close();
  });
});

describe('the editor of groups', () => {
  it('makes a group by tags with launch settings, and changes it', async () => {
    const accountId = await world.account();
    await world.register(accountId);
    const name = `Made ${accountId.slice(-5)}`;
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSPlanManager'), `/protection-groups?account=${accountId}`);
    await page.getByRole('button', { name: 'Create group' }).first().click();
    const next = page.getByRole('button', { name: 'Next', exact: true });
    await next.click();
    await page.getByText('1 to 64 characters').first().waitFor();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
    await tab.look('group-editor-basics');
    await next.click();
    await page.getByRole('combobox', { name: 'Key of tag 1' }).fill('Tier');
    await page.getByRole('combobox', { name: 'Value of tag 1' }).fill('one');
    await page.getByText('Servers that match now (1)').first().waitFor({ timeout: 60_000 });
    await tab.look('group-editor');
    await next.click();
    await page.getByRole('button', { name: /^Subnet/ }).click();
    await page.getByRole('option', { name: /subnet-/ }).first().click();
    await tab.look('group-editor-launch');
    await next.click();
    await page.getByText('As the group').first().waitFor();
    await next.click();
    await page.getByText('1 server, ready').first().waitFor({ timeout: 60_000 });
    await page.getByText('Tier=one').first().waitFor();
    await tab.look('group-editor-review');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name }).first().waitFor({ timeout: 60_000 });
    const { groups } = await world.api('GET', `/protection-groups?accountId=${accountId}`);
    expect(groups).toMatchObject([{ groupName: name, serverSelectionTags: { Tier: 'one' } }]);
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByText(`Edit ${name}`).first().waitFor();
    await next.click();
    await page.getByRole('button', { name: 'By name' }).click();
    await page.getByText('1 chosen').first().waitFor({ timeout: 60_000 });
    // what the tags matched is chosen already
    const box = page.getByRole('table').getByRole('checkbox').nth(1);
    await box.waitFor();
    expect(await box.isChecked()).toBe(true);
    await box.uncheck();
    await next.click();
    await page.getByText('Choose at least one server.').first().waitFor();
    await box.check();
    await page.getByRole('button', { name: 'Review', exact: true }).click();
    await page.getByRole('table', { name: 'What changes' }).getByText('By name').first().waitFor({ timeout: 60_000 });
    await tab.look('group-editor-review-changes');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name }).first().waitFor({ timeout: 60_000 });
    expect((await world.api('GET', `/protection-groups?accountId=${accountId}`)).groups).toMatchObject([{ serverSelectionTags: {} }]);
    await tab.close();
  });
});

describe('a plan', () => {
  it('is found, looked at and started as a drill', async () => {
    const { accountId, planName } = await world.plan([2]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSOperator'), `/recovery-plans?account=${accountId}`);
    await page.getByRole('link', { name: planName }).click();
    await page.getByRole('heading', { name: planName }).first().waitFor();
    await tab.look('plan');
    await page.getByRole('link', { name: 'Readiness' }).click();
    await page.getByText('Groups have servers').first().waitFor({ timeout: 60_000 });
    await tab.look('readiness');
    await page.goBack();
    await page.getByRole('heading', { name: planName }).first().waitFor();
    await page.getByRole('button', { name: 'Start drill' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('No instance of a former run exists.').first().waitFor({ timeout: 60_000 });
    await dialog.getByText('Check again').first().waitFor({ timeout: 60_000 });
    await dialog.getByRole('textbox').fill('CHG-42');
    await tab.look('start-drill');
    await dialog.getByRole('button', { name: 'Start drill' }).click();
    await page.getByText('COMPLETED: 1 of 1 waves').first().waitFor({ timeout: 60_000 });
    const id = new URL(page.url()).pathname.split('/').pop() ?? '';
    const run = await world.api('GET', `/executions/${id}`);
    expect(run).toMatchObject({ executionType: 'DRILL', invocationSource: 'UI', reason: 'CHG-42' });
    await tab.close();
  });

  it('is started as a recovery only after its name was typed', async () => {
    const { accountId, planId, planName } = await world.plan([1]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSRecoveryManager'), `/recovery-plans/${planId}?account=${accountId}`);
    await page.getByRole('button', { name: 'Start recovery' }).click();
    const dialog = page.getByRole('dialog');
    const start = dialog.getByRole('button', { name: 'Start recovery' });
    expect(await start.isDisabled()).toBe(true);
    await dialog.getByLabel(`Type the name to go on: ${planName}`).fill(planName);
    expect(await start.isDisabled()).toBe(true);
    await dialog.getByRole('checkbox').check();
    await tab.look('start-recovery');
    await start.click();
    await page.getByText('COMPLETED: 1 of 1 waves').first().waitFor({ timeout: 60_000 });
    await tab.close();
  });

  it('tells of the group it uses, and the group of the plan', async () => {
    const { accountId, planName } = await world.plan([3]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSPlanManager'), `/protection-groups?account=${accountId}`);
    await page.getByRole('link', { name: /^Tier 0/ }).click();
    await page.getByText('tier0-').first().waitFor({ timeout: 60_000 });
    await page.getByRole('link', { name: planName }).first().waitFor();
    await tab.look('group');
    await page.goBack();
    await page.getByRole('checkbox').nth(1).check();
    await refused(page.getByRole('button', { name: 'Delete' }));
    await tab.look('groups');
    await tab.close();
  });
});

describe('settings', () => {
  it('add, validate and remove a target account', async () => {
    const accountId = await world.account();
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSOrchestrationAdmin'), '/settings/accounts');
    await page.getByRole('button', { name: 'Add account' }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('An account ID has 12 digits.').first().waitFor();
    await page.getByRole('textbox', { name: 'Account ID' }).fill(accountId);
    await page.getByRole('textbox', { name: 'Name' }).fill('Shop of the tests');
    await tab.look('account-wizard-1');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('textbox', { name: 'Role', exact: true }).fill('arn:aws:iam::999999999999:role/Other');
    await page.getByRole('button', { name: 'Register and check' }).click();
    await page.getByText('The role belongs to another account.').first().waitFor();
    await page.getByRole('textbox', { name: 'Role', exact: true }).fill('');
    const secret = await page.getByRole('textbox', { name: 'External ID' }).inputValue();
    expect(secret).toMatch(/^[0-9a-f]{32}$/);
    await page.getByText(`"sts:ExternalId": "${secret}"`).first().waitFor();
    await tab.look('account-wizard-2');
    // a role that asks for another external ID
    await page.getByRole('button', { name: 'Register and check' }).click();
    await page.getByText('The account is registered but cannot be used yet.').first().waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Back' }).click();
    await page.getByRole('textbox', { name: 'External ID' }).fill('drs-orchestration-cross-account');
    await page.getByRole('button', { name: 'Register and check' }).click();
    await page.getByText('The role can be assumed', { exact: true }).first().waitFor({ timeout: 60_000 });
    expect(await page.getByText('cannot be used yet').count()).toBe(0);
    await tab.look('account-wizard-3');
    await page.getByRole('button', { name: 'Select this account now' }).click();
    await page.getByText('Nothing runs now').first().waitFor({ timeout: 60_000 });
    expect(new URL(page.url()).searchParams.get('account')).toBe(accountId);
    await page.goto(`${world.origin}/settings/accounts`);
    await page.getByPlaceholder('Find').first().fill(accountId);
    await page.getByRole('checkbox', { name: accountId }).check();
    await page.getByRole('button', { name: 'Validate', exact: true }).click();
    await page.getByText('The role can be assumed', { exact: true }).first().waitFor({ timeout: 60_000 });
    await tab.look('account-validated');
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Remove', exact: true }).first().click();
    await page.getByRole('dialog').getByRole('textbox').fill(accountId);
    await page.getByRole('dialog').getByRole('button', { name: 'Remove' }).click();
    await page.getByText('Nothing matches').first().waitFor();
    await tab.close();
  });

  it('carry a configuration from one file into the other', async () => {
    const { planName } = await world.plan([1]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSOrchestrationAdmin'), '/settings/transfer');
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Download' }).click()]);
    const path = await file.path();
    const config = JSON.parse(readFileSync(path, 'utf8')) as { recoveryPlans: { planName: string }[] };
    const plan = config.recoveryPlans.find((p) => p.planName === planName);
    expect(plan).toBeDefined();
    const copy = { ...config, protectionGroups: [], recoveryPlans: [{ ...plan, planName: `${planName} copy` }, { ...plan, description: 'changed in the file' }] };
    await page.getByRole('button', { name: 'Import a configuration' }).click();
    await page.locator('input[type=file]').setInputFiles({
      name: 'copy.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(copy)),
    });
    await page.getByText('Schema version').first().waitFor();
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('Tried: 1 would be created, 1 skipped, 0 would fail').first().waitFor({ timeout: 60_000 });
    await tab.look('import-tried');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: `Recovery plan: ${planName}`, exact: true }).click();
    await page.getByText('"changed in the file"').first().waitFor();
    await tab.look('import-differences');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Import 1 item' }).click();
    await page.getByText('1 created, 1 skipped, 0 failed').first().waitFor({ timeout: 60_000 });
    await tab.look('import-done');
    await page.getByRole('link', { name: `${planName} copy` }).first().waitFor();
    await page.getByRole('button', { name: 'Import another file' }).click();
    await page.locator('input[type=file]').setInputFiles({
      name: 'bad.json', mimeType: 'application/json', buffer: Buffer.from('{"a": 1}'),
    });
    await page.getByText('The file has no metadata.schemaVersion.').first().waitFor();
    await tab.close();
  });

  it('keep the look that was chosen', async () => {
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSReadOnly'), '/settings/preferences');
    await page.getByRole('radio', { name: 'Dark' }).check();
    await page.reload();
    await page.getByRole('radio', { name: 'Dark' }).first().waitFor();
    expect(await page.evaluate(() => document.documentElement.dataset.theme)).toBe('dark');
    await tab.look('preferences');
    await page.getByRole('tab', { name: 'Tag sync' }).click();
    await page.getByRole('button', { name: 'Synchronise now' }).first().waitFor();
    expect(await page.getByRole('tab', { name: 'Export and import' }).count()).toBe(0);
    await tab.look('tag-sync');
    await tab.close();
  });
});

describe('capacity and audit', () => {
  it('are shown', async () => {
    const { accountId } = await world.plan([4]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSAuditor'), `/capacity?account=${accountId}`);
    await page.getByText('4 of 300').first().waitFor({ timeout: 60_000 });
    await page.getByRole('spinbutton', { name: 'More servers' }).fill('400');
    await page.getByText('104 of 400 servers would find no place in this Region.').first().waitFor();
    await page.getByRole('spinbutton', { name: 'More staging accounts' }).fill('1');
    await page.getByText('All 400 servers fit.').waitFor();
    await tab.look('capacity');
    await page.getByRole('link', { name: 'Audit trail' }).click();
    await page.getByText('auth.login').first().waitFor({ timeout: 60_000 });
    await tab.look('audit');
    await tab.close();
  });

  it('are not for everybody', async () => {
    const tab = await Tab.open(browser, world);
    await tab.signIn(world.user('DRSOperator'), '/audit');
    await tab.page.getByText('Needs the permission audit_read').first().waitFor();
    await tab.close();
  });
});

describe('pages', () => {
  it.each(['light', 'dark'])('are readable in %s', async (mode) => {
    const { accountId } = await world.plan([1]);
    const tab = await Tab.open(browser, world, { dark: mode === 'dark' });
    await tab.page.goto(world.origin);
    await tab.page.locator('input[name=username]').waitFor();
    await tab.look(`sign-in-${mode}`);
    await tab.signIn(world.user('DRSReadOnly'), `/?account=${accountId}`);
    await tab.page.getByText('Nothing runs now').first().waitFor();
    await tab.look(`dashboard-${mode}`);
    for (const [path, text] of [
      [`/executions?account=${accountId}`, 'Nothing runs now'],
      [`/executions?account=${accountId}&tab=history`, 'No run has ended yet'],
      ['/nowhere', 'Page not found'],
    ] as const) {
      await tab.page.goto(world.origin + path);
      await tab.page.getByText(text).first().waitFor();
      await tab.look(`${path.replace(/\W+/g, '-').replace(/\d+/, 'n')}-${mode}`);
    }
    await tab.close();
  });
});
