import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, refused, Tab } from './browser';
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

describe('notifications', () => {
  it('are set, with the server naming what is wrong, and seen by who may', async () => {
    const before = await world.api('GET', '/config/notifications');
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSRecoveryManager'), '/settings/notifications');
    const reminders = page.getByRole('textbox', { name: 'Reminders of a pause' });
    await reminders.fill('never');
    await page.getByText('At most 20 whole numbers from 1 to 8760').first().waitFor();
    expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true);
    await reminders.fill('12, 48');
    await page.getByRole('checkbox', { name: 'Wave completed' }).uncheck();
    await tab.look('settings-notifications');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The notification settings were saved').first().waitFor({ timeout: 60_000 });
    const after = await world.api('GET', '/config/notifications');
    expect(after).toMatchObject({ pauseReminderHours: [12, 48], events: { wave_completed: false, pause: true }, version: Number(before.version) + 1 });
    // somebody else saves while something is entered here
    await reminders.fill('1');
    await world.api('PUT', '/config/notifications', { pauseReminderHours: before.pauseReminderHours, events: before.events });
    await page.getByText('Somebody else saved it first').first().waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Reset' }).click();
    expect(await reminders.inputValue()).toBe('24, 168');
    await tab.close();
  });
});

describe('webhooks', () => {
  it('are made with a secret that is shown once, tested, paused and deleted', async () => {
    const name = `Hook ${String(Date.now() % 100_000)}`;
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSOrchestrationAdmin'), '/settings/webhooks');
    await page.getByRole('button', { name: 'Add webhook' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await dialog.getByText('An address that begins with https').first().waitFor();
    await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
    await dialog.getByRole('textbox', { name: 'URL' }).fill('https://127.0.0.2/x');
    await dialog.getByRole('button', { name: 'Save' }).click();
    // which addresses may be called is for the server to say
    await dialog.getByText(/private or local address/).first().waitFor({ timeout: 60_000 });
    await dialog.getByRole('textbox', { name: 'URL' }).fill('https://hooks.example.com/drs');
    await dialog.getByRole('checkbox', { name: 'All events' }).uncheck();
    await dialog.getByRole('button', { name: /^Events/ }).click();
    await page.getByRole('option', { name: 'Run failed' }).click();
    await page.keyboard.press('Escape');
    const secret = await dialog.getByRole('textbox', { name: 'Secret' }).inputValue();
    await tab.look('webhook-add');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Keep the secret now').first().waitFor({ timeout: 60_000 });
    await page.getByText(secret).first().waitFor();
    await tab.look('webhook-secret');
    await page.getByRole('button', { name: 'I have kept it' }).click();
    expect(await page.getByText(secret).count()).toBe(0);
    const { webhooks } = await world.api('GET', '/config/webhooks');
    expect((webhooks as { name: string }[]).find((w) => w.name === name)).toMatchObject({ events: ['fail'], enabled: true, secretSet: true });

    const row = page.getByRole('row', { name: new RegExp(name) });
    await row.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Send a test' }).click();
    await page.getByText('A test message is on its way').first().waitFor({ timeout: 60_000 });
    // no such host: the delivery is tried again, and the page says so by itself
    await row.getByText('Is tried again').first().waitFor({ timeout: 60_000 });
    await tab.look('settings-webhooks');
    await page.getByRole('button', { name: 'Pause' }).click();
    await row.getByText('Paused').first().waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await row.waitFor({ state: 'detached', timeout: 60_000 });
    await tab.close([/400/]);
  });
});

describe('the page about the product', () => {
  it('says how the server is, on a phone and in the dark; what needs more rights says so', async () => {
    const tab = await Tab.open(browser, world, { dark: true, width: 390 });
    const { page } = tab;
    await tab.signIn(world.user('DRSReadOnly'), '/settings/about');
    await page.getByText('Healthy', { exact: true }).first().waitFor({ timeout: 60_000 });
    await page.getByText('Servers in a job').first().waitFor({ timeout: 60_000 });
    await page.getByText('Version of the server').waitFor();
    expect(await page.getByRole('tab', { name: 'Export and import' }).count()).toBe(0);
    await tab.look('settings-about-phone-dark');
    for (const name of ['Notifications', 'Webhooks']) {
      await page.getByRole('tab', { name }).click();
      await page.getByRole('tab', { name, selected: true }).waitFor();
      await page.getByText('Needs the permission export_configuration').waitFor();
    }
    await tab.look('settings-needs-phone-dark');
    await tab.close();
  });
});

describe('the audit trail', () => {
  it('is filtered by its address, saved whole, and beside each thing', async () => {
    const { accountId, planId, planName } = await world.plan([1]);
    await world.api('PUT', `/recovery-plans/${planId}`, { description: 'for the auditor' });
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSAuditor'), `/audit?resourceId=${planId}&period=1&account=${accountId}`);
    await page.getByText('plan.update').first().waitFor({ timeout: 60_000 });
    await tab.look('audit-filtered');
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as CSV' }).click()]);
    expect(file.suggestedFilename()).toBe('audit.csv');
    await page.getByRole('searchbox', { name: 'Action, as plan.update' }).fill('plan.delete');
    await page.getByText('No entry matches').first().waitFor({ timeout: 60_000 });
    expect(new URL(page.url()).searchParams.get('action')).toBe('plan.delete');
    await page.getByRole('button', { name: 'Reset' }).click();
    await page.getByText('plan.update').first().waitFor({ timeout: 60_000 });
    await page.goto(`${world.origin}/recovery-plans/${planId}`);
    await page.getByRole('button', { name: /^Audit trail/ }).click();
    await page.getByRole('table', { name: planName }).getByText('plan.update').first().waitFor({ timeout: 60_000 });
    await tab.look('plan-audit');
    await tab.close();
  });
});

describe('accounts', () => {
  it('BUG 1.12: a role of its own survives a new name, and a role that cannot be assumed is no success', async () => {
    const { accountId, planName } = await world.plan([1]);
    const roleArn = `arn:aws:iam::${accountId}:role/Custom`;
    await world.api('PUT', `/accounts/targets/${accountId}`, { roleArn });
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSOrchestrationAdmin'), '/settings/accounts');
    await page.getByPlaceholder('Find').first().fill(accountId);
    await page.getByRole('checkbox', { name: accountId }).check();
    await page.getByRole('button', { name: 'Edit' }).first().click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('textbox', { name: 'Role' }).inputValue()).toBe(roleArn);
    await dialog.getByRole('textbox', { name: 'Name' }).fill('Renamed');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText(`The account ${accountId} was saved`).first().waitFor({ timeout: 60_000 });
    expect(await world.api('GET', `/accounts/targets/${accountId}`)).toMatchObject({ roleArn, accountName: 'Renamed' });
    await page.getByRole('button', { name: 'Validate' }).first().click();
    const check = page.getByRole('dialog').getByText('The role can be assumed', { exact: true });
    await check.waitFor({ timeout: 60_000 });
    expect(await page.getByRole('dialog').locator('[class*=status-success]').count()).toBe(0);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await page.getByRole('button', { name: 'Audit trail' }).first().click();
    await page.getByText('account.update').first().waitFor({ timeout: 60_000 });
    await page.goBack();
    await page.getByPlaceholder('Find').first().fill(accountId);
    await page.getByRole('checkbox', { name: accountId }).check();
    // what would break is named before it is removed
    await page.getByRole('button', { name: 'Remove', exact: true }).first().click();
    await page.getByRole('dialog').getByRole('link', { name: `Recovery plan ${planName}` }).waitFor({ timeout: 60_000 });
    await tab.look('account-remove');
    await tab.close();
  });

  it('BUG 1.12: settings load nothing on other pages, and the accounts are read once', async () => {
    const { accountId } = await world.plan([1]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSOrchestrationAdmin'), `/executions?account=${accountId}`);
    await page.getByText('Nothing runs now').first().waitFor({ timeout: 60_000 });
    const asked: string[] = [];
    page.on('request', (request) => {
      asked.push(new URL(request.url()).pathname);
    });
    await page.reload();
    await page.getByText('Nothing runs now').first().waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: /^Live/ }).first().waitFor({ timeout: 60_000 });
    // once more when the stream stands, if that was later
    expect(asked.filter((path) => path.endsWith('/accounts/targets')).length).toBeLessThanOrEqual(2);
    expect(asked.filter((path) => path.includes('/config/') || path.endsWith('/accounts/current'))).toEqual([]);
    await tab.close();
  });
});

describe('staging accounts', () => {
  it('are tried in a Region, added with the capacity they bring, and removed knowing what they still replicate', async () => {
    const { accountId } = await world.plan([3]);
    const stagingId = await world.account();
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSRecoveryManager'), '/settings/accounts');
    await page.getByPlaceholder('Find').first().fill(accountId);
    await page.getByRole('checkbox', { name: accountId }).check();
    await page.getByText('No staging account').first().waitFor();
    await page.getByRole('button', { name: 'Add staging account' }).click();
    const dialog = page.getByRole('dialog');
    const check = dialog.getByRole('button', { name: 'Validate access' });
    const add = dialog.getByRole('button', { name: 'Add', exact: true });
    expect([await check.isDisabled(), await add.isDisabled()]).toEqual([true, true]);
    await dialog.getByRole('textbox', { name: 'Account ID' }).fill(stagingId);
    await dialog.getByRole('textbox', { name: 'Role' }).fill('arn:aws:iam::999999999999:role/Other');
    await dialog.getByText('The role belongs to another account.').first().waitFor();
    expect(await check.isDisabled()).toBe(true);
    await dialog.getByRole('textbox', { name: 'Role' }).fill('');
    // where DRS is not initialised it is no use
    await dialog.getByRole('button', { name: /^Region/ }).click();
    await page.getByRole('option', { name: /eu-west-3/ }).first().click();
    await check.click();
    await dialog.getByText(/eu-west-3/).nth(1).waitFor({ timeout: 60_000 });
    expect(await add.isDisabled()).toBe(true);
    await tab.look('staging-refused');
    await dialog.getByRole('button', { name: /^Region/ }).click();
    await page.getByRole('option', { name: /us-east-1/ }).first().click();
    await check.click();
    await dialog.getByText('Access works.').first().waitFor({ timeout: 60_000 });
    await dialog.getByText('3 of 300').first().waitFor({ timeout: 60_000 });
    await dialog.getByText('4 of 600').first().waitFor();
    await dialog.getByText('The account has 1 source server of its own.').first().waitFor();
    await tab.look('staging-add');
    // what was tried is what is added: any change asks for another trial
    await dialog.getByRole('textbox', { name: 'External ID' }).fill('another');
    expect(await add.isDisabled()).toBe(true);
    await dialog.getByRole('textbox', { name: 'External ID' }).fill('drs-orchestration-cross-account');
    await check.click();
    await dialog.getByText('Access works.').first().waitFor({ timeout: 60_000 });
    await add.click();
    await page.getByText(`The staging account ${stagingId} was added`).first().waitFor({ timeout: 60_000 });
    expect((await world.api('GET', `/accounts/targets/${accountId}`)).stagingAccounts).toMatchObject([{ accountId: stagingId }]);
    await page.goto(`${world.origin}/capacity?account=${accountId}`);
    await page.getByText('4 of 600').first().waitFor({ timeout: 60_000 });

    await page.goto(`${world.origin}/settings/accounts`);
    await page.getByPlaceholder('Find').first().fill(accountId);
    await page.getByRole('checkbox', { name: accountId }).check();
    await page.getByRole('checkbox', { name: stagingId }).check();
    await tab.look('staging');
    await page.getByRole('button', { name: 'Remove', exact: true }).nth(1).click();
    await dialog.getByText('It still has 1 source server (1 replicating)').first().waitFor({ timeout: 60_000 });
    await tab.look('staging-remove');
    await dialog.getByRole('button', { name: 'Remove', exact: true }).click();
    await page.getByText('No staging account').first().waitFor({ timeout: 60_000 });
    expect((await world.api('GET', `/accounts/targets/${accountId}`)).stagingAccounts).toEqual([]);

    // what DRS itself uses is found
    const used = await world.account();
    await world.sim('POST', '/_sim/fleet', {
      accounts: [{ accountId, regions: [{ region: 'us-east-1', servers: [{ count: 2, namePrefix: 'ext', stagingAccountId: used }] }] }],
    });
    await page.getByRole('button', { name: 'Look for staging accounts' }).click();
    await page.getByText('DRS was asked which staging accounts it uses').first().waitFor({ timeout: 60_000 });
    await page.getByRole('checkbox', { name: used }).waitFor({ timeout: 60_000 });
    expect((await world.api('GET', `/accounts/targets/${accountId}`)).stagingAccounts).toMatchObject([{ accountId: used, source: 'discovered' }]);
    await tab.look('staging-found');
    await tab.close();
  });
});

describe('preferences', () => {
  it('of zone, dates, page size and refresh are kept and in force, also on a phone', async () => {
    const { accountId } = await world.plan([12]);
    const user = world.user('DRSReadOnly');
    const tab = await Tab.open(browser, world, { width: 390 });
    const { page } = tab;
    await tab.signIn(user, `/settings/preferences?account=${accountId}`);
    await page.getByRole('button', { name: /^Times/ }).click();
    await page.getByPlaceholder('Find').fill('Tokyo');
    await page.getByRole('option', { name: 'Asia/Tokyo' }).click();
    await page.getByRole('radio', { name: '2026-11-29 13:05:00' }).check();
    await page.getByText(/^Now: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d (GMT\+9|JST)$/).first().waitFor();
    await page.getByRole('button', { name: /^Rows per page/ }).click();
    await page.getByRole('option', { name: '10 rows' }).click();
    await page.getByRole('radio', { name: /^Looked for every 5 seconds/ }).check();
    await page.getByText('4 h').first().waitFor();
    await tab.look('settings-preferences-phone');
    await page.goto(`${world.origin}/servers?account=${accountId}`);
    await page.getByRole('link', { name: /^tier0/ }).nth(9).waitFor({ timeout: 60_000 });
    expect(await page.getByRole('link', { name: /^tier0/ }).count()).toBe(10);
    await page.getByRole('button', { name: 'Polling' }).first().waitFor({ timeout: 60_000 });
    await tab.close();
  });
});

describe('tag synchronisation', () => {
  it('BUG 1.12: is gated, says that it began and not that it is done, and shows what came of it', async () => {
    const { accountId } = await world.plan([1]);
    const reader = await Tab.open(browser, world);
    await reader.signIn(world.user('DRSReadOnly'), `/settings/tag-sync?account=${accountId}`);
    const now = reader.page.getByRole('button', { name: 'Synchronise now' }).first();
    await now.waitFor({ timeout: 60_000 });
    await refused(now);
    await reader.close();
    const tab = await Tab.open(browser, world);
    await tab.signIn(world.user('DRSRecoveryManager'), `/settings/tag-sync?account=${accountId}`);
    await tab.page.getByRole('button', { name: 'Synchronise now' }).first().click();
    await tab.page.getByText(/^(Tags are being synchronised|The synchronisation of tags has ended)/).first().waitFor({ timeout: 60_000 });
    expect(await tab.page.getByText(/completed/i).count()).toBe(0);
    await tab.page.getByText('By hand').first().waitFor({ timeout: 60_000 });
    // the schedule tells when it goes on
    const before = await world.api('GET', '/config/tag-sync');
    await tab.page.getByRole('checkbox', { name: 'Synchronise regularly' }).setChecked(true);
    try {
      await tab.page.getByRole('button', { name: 'Save' }).click();
      await tab.page.getByText('The schedule was saved').first().waitFor({ timeout: 60_000 });
      await tab.page.getByText('Change of the settings').first().waitFor({ timeout: 60_000 });
      await tab.page.getByText('Next run, at the latest').first().waitFor();
      expect(await tab.page.getByText('None: the schedule is off').count()).toBe(0);
      await tab.look('settings-tag-sync');
    } finally {
      await world.api('PUT', '/config/tag-sync', { enabled: before.enabled, intervalHours: before.intervalHours });
    }
    await tab.close();
  });
});
