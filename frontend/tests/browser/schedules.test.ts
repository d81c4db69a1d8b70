import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
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

const worker = join(process.env.DRS_BUILD ?? join(import.meta.dirname, '../../../build'), 'drs-worker');

describe('a schedule', () => {
  it('is made, run by hand, disabled, changed and deleted', async () => {
    const { accountId, planId, planName } = await world.plan([1]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSPlanManager'), `/schedules?account=${accountId}`);
    await page.getByText('No schedule').first().waitFor();
    await tab.look('schedules-empty');
    await page.getByRole('button', { name: 'Create schedule' }).first().click();
    await page.getByRole('heading', { name: 'New schedule' }).first().waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Choose a plan.').first().waitFor();
    await page.getByText('1 to 64 characters.').first().waitFor();
    await page.getByRole('button', { name: /^Plan/ }).click();
    await page.getByRole('option', { name: planName }).click();
    await page.getByRole('textbox', { name: 'Name' }).fill('Quarterly');
    await page.getByRole('radio', { name: 'By a cron expression' }).check();
    const cron = page.getByRole('textbox', { name: 'Cron expression' });
    await cron.fill('0 6 31 2 *');
    await page.getByText('No such day ever comes.').first().waitFor();
    await cron.fill('30 2 1 JAN,APR,JUL,OCT *');
    await page.getByText('At 02:30 on day 1 of the month in January, April, July, and October').first().waitFor();
    await page.getByRole('button', { name: /^Time zone/ }).click();
    await page.getByRole('combobox').last().fill('Berlin');
    await page.getByRole('option', { name: 'Europe/Berlin' }).click();
    // the page and the worker agree on when it comes
    const shown = await page.locator('ol time').evaluateAll((all) => all.map((one) => one.getAttribute('datetime')?.replace('.000', '')));
    const printed = execFileSync(worker, ['schedule', 'next', '30 2 1 JAN,APR,JUL,OCT *', 'Europe/Berlin'], { encoding: 'utf8' })
      .trim().split('\n').map((line) => line.split('  ')[0]);
    expect(shown).toEqual(printed);
    await tab.look('schedule-editor');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Quarterly' }).first().waitFor({ timeout: 60_000 });
    await page.getByText('Never due yet').first().waitFor();

    await page.getByRole('button', { name: 'Run now' }).click();
    const dialog = page.getByRole('dialog');
    await tab.look('schedule-run');
    await dialog.getByRole('button', { name: 'Run now' }).click();
    // no reload: the event stream brings it
    await page.getByRole('table', { name: 'Drills it started' }).getByText('Completed').first().waitFor({ timeout: 60_000 });
    await page.getByRole('link', { name: 'Started' }).first().waitFor();
    const { items } = await world.api('GET', `/executions?planId=${planId}`);
    expect(items).toMatchObject([{ initiatedBy: 'schedule:Quarterly', executionType: 'DRILL' }]);
    await tab.look('schedule');

    await page.getByRole('button', { name: 'Disable' }).click();
    await page.getByText('None: the schedule is disabled.').first().waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Edit' }).click();
    await page.getByRole('radio', { name: 'Every week' }).check();
    await page.getByRole('checkbox', { name: 'Enabled' }).check();
    await page.getByRole('checkbox', { name: 'Launch servers whose replication is behind' }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('1 to 1000 characters.').first().waitFor();
    await page.getByRole('textbox', { name: 'Why it is started all the same' }).fill('lag of the archive is known');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('on Saturday').first().waitFor({ timeout: 60_000 });
    await page.getByText('Yes: lag of the archive is known').first().waitFor();

    await page.getByRole('link', { name: `Drills of ${planName}` }).click();
    await page.getByRole('heading', { name: planName }).first().waitFor();
    await page.getByRole('link', { name: 'Quarterly' }).first().waitFor();
    await page.getByRole('link', { name: 'Schedules' }).first().click();
    await page.getByRole('table', { name: 'Schedules' }).getByRole('checkbox').nth(1).check();
    await tab.look('schedules');
    await page.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('No schedule').first().waitFor({ timeout: 60_000 });
    await tab.close();
  });

  it('is not saved over what somebody else saved', async () => {
    const { planId } = await world.plan([1]);
    const made = await world.api('POST', `/recovery-plans/${planId}/schedules`, { name: 'Shared', cron: '0 6 1 1 *' });
    const path = `/recovery-plans/${planId}/schedules/${String(made.scheduleId)}`;
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSOperator'), `${path}/edit`);
    await page.getByRole('heading', { name: 'Edit Shared' }).first().waitFor({ timeout: 60_000 });
    await page.getByRole('textbox', { name: 'Name' }).fill('Mine');
    await world.api('PUT', path, { name: 'Theirs' });
    await page.getByText('Somebody else changed it').first().waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Save' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Theirs').first().waitFor({ timeout: 60_000 });
    await tab.look('schedule-conflict');
    await dialog.getByRole('radio', { name: 'Theirs' }).check();
    await dialog.getByRole('button', { name: 'Use this' }).click();
    expect(await page.getByRole('textbox', { name: 'Name' }).inputValue()).toBe('Theirs');
    await page.getByRole('textbox', { name: 'Name' }).fill('Ours');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: 'Ours' }).first().waitFor({ timeout: 60_000 });
    expect(await world.api('GET', path)).toMatchObject({ name: 'Ours', version: 3 });
    await tab.close([/409/]);
  });

  it('can be looked at by who may not change it, on a phone and in the dark', async () => {
    const { accountId, planId } = await world.plan([1]);
    const made = await world.api('POST', `/recovery-plans/${planId}/schedules`, { name: 'Nightly', cron: '0 3 * * *', timeZone: 'America/New_York' });
    const tab = await Tab.open(browser, world, { dark: true, width: 390 });
    const { page } = tab;
    await tab.signIn(world.user('DRSReadOnly'), `/schedules?account=${accountId}`);
    await page.getByRole('link', { name: 'Nightly' }).first().waitFor();
    await refused(page.getByRole('button', { name: 'Create schedule' }));
    await tab.look('schedules-phone-dark');
    await page.getByRole('link', { name: 'Nightly' }).first().click();
    await page.getByText('At 03:00 every day').first().waitFor();
    for (const name of ['Run now', 'Edit', 'Disable', 'Delete']) {
      await refused(page.getByRole('button', { name }).first());
    }
    await tab.look('schedule-phone-dark');
    await page.goto(`${world.origin}/recovery-plans/${planId}/schedules/${String(made.scheduleId).replace(/^./, 'x')}`);
    await page.getByText('Page not found').first().waitFor({ timeout: 60_000 });
    await tab.close([/404/]);
  });
});

describe('the notification centre', () => {
  it('tells of what happened elsewhere, and leads there', async () => {
    const { accountId, planId } = await world.plan([1, 1], 1);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSOperator'), `/capacity?account=${accountId}`);
    const bell = page.getByRole('button', { name: /^Notifications, / });
    await bell.first().click();
    await page.getByText('Nothing to report since this tab was opened.').first().waitFor();
    await tab.look('notices-empty');
    await page.getByRole('button', { name: 'Close', exact: true }).first().click();
    const executionId = await world.start(planId);
    await page.getByRole('button', { name: /^Notifications, [1-9]/ }).first().waitFor({ timeout: 60_000 });
    await page.reload();
    await page.getByRole('button', { name: /^Notifications, [1-9]/ }).first().click();
    await page.getByRole('link', { name: 'Run is paused and waits' }).first().waitFor();
    await tab.look('notices');
    await page.getByRole('link', { name: 'Run is paused and waits' }).first().click();
    await page.getByText('Paused as planned').first().waitFor({ timeout: 60_000 });
    expect(page.url()).toContain(executionId);
    await page.getByRole('button', { name: 'Notifications, 0 unread' }).first().waitFor();
    await tab.close();
  });

  it('is usable on a phone in the dark', async () => {
    const { accountId } = await world.plan([1]);
    const tab = await Tab.open(browser, world, { dark: true, width: 390 });
    await tab.signIn(world.user('DRSReadOnly'), `/?account=${accountId}`);
    await tab.page.getByRole('button', { name: /^Notifications, / }).first().click();
    await tab.page.getByText('Notify me outside of this page').first().waitFor();
    await tab.look('notices-phone-dark');
    await tab.close();
  });
});
