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

describe('the editor of plans', () => {
  it('makes a plan, refuses what is wrong, and changes it', async () => {
    const { accountId } = await world.plan([1, 1]);
    const name = `Made ${accountId.slice(-5)}`;
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSPlanManager'), `/recovery-plans?account=${accountId}`);
    await page.getByRole('button', { name: 'Create plan' }).click();
    await page.getByRole('heading', { name: 'New recovery plan' }).first().waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('1 to 64 characters.').first().waitFor();
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
    await page.getByRole('textbox', { name: /RTO/ }).fill('10');
    await page.getByRole('button', { name: 'Add wave' }).click();
    for (const index of [0, 1]) {
      await page.getByRole('button', { name: /Protection groups/ }).nth(index).click();
      await page.getByRole('option', { name: new RegExp(`Tier ${String(index)}`) }).first().click();
      await page.keyboard.press('Escape');
    }
    await page.getByRole('checkbox', { name: 'Pause before this wave' }).check();
    // two jobs of 15 minutes each
    await page.getByText('20 min more than the target of 10 min').first().waitFor({ timeout: 60_000 });
    await tab.look('plan-editor');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: `Readiness of ${name}` }).first().waitFor({ timeout: 60_000 });
    const { plans } = await world.api('GET', `/recovery-plans?accountId=${accountId}&nameExact=${encodeURIComponent(name)}`);
    expect(plans).toMatchObject([{ planName: name, rto: 10, waves: [{ pauseBeforeWave: false }, { pauseBeforeWave: true }] }]);
    await tab.close();
  });
});

describe('the list of plans', () => {
  it.each([['light', false, 1360], ['dark', true, 1360], ['phone', false, 390]] as const)('says what there is to know before a start, %s', async (name, dark, width) => {
    const { accountId, planId, planName, serverIds } = await world.plan([2, 1], 1);
    await world.sim('POST', `/_sim/servers/${serverIds[0] ?? ''}`, { replicationState: 'STALLED' });
    await world.api('POST', `/recovery-plans/${planId}/schedules`, { name: 'Sunday drill', cron: '0 4 * * 0', timeZone: 'Europe/Berlin' });
    const tab = await Tab.open(browser, world, { dark, width });
    const { page } = tab;
    await tab.signIn(world.user('DRSOperator'), `/recovery-plans?account=${accountId}`);
    // on a phone a row is a card
    const row = width < 600 ? page.locator('#content li').filter({ hasText: planName }) : page.getByRole('row', { name: new RegExp(planName) });
    await row.getByText('3 servers, 1 not ready').first().waitFor({ timeout: 60_000 });
    await row.getByText('Drill overdue').first().waitFor();
    await row.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Check readiness' }).click();
    await row.getByRole('link', { name: 'Not ready' }).first().waitFor({ timeout: 60_000 });
    await tab.look(`plans-${name}`);
    const scrolls = () => [...document.querySelectorAll('#content table')].filter(({ parentElement: box }) => box !== null && box.scrollWidth > box.clientWidth).length;
    expect(await page.evaluate(scrolls), 'tables that scroll sideways').toBe(0);
    await page.getByRole('button', { name: `Actions for ${planName}` }).click();
    await page.getByRole('menuitem', { name: 'Start recovery' }).waitFor();
    // the role of this user may not
    await page.getByRole('menuitem', { name: 'Delete' }).hover();
    await page.getByText('Needs the permission delete_recovery_plans').filter({ visible: true }).first().waitFor();
    await tab.look(`plans-menu-${name}`);
    await tab.close();
  });

  it('follows a run wave by wave', async () => {
    const { accountId, planId, planName } = await world.plan([1, 1], 1);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSOperator'), `/recovery-plans?account=${accountId}`);
    const row = page.getByRole('row', { name: new RegExp(planName) });
    await row.getByText('Idle').first().waitFor({ timeout: 60_000 });
    const id = await world.start(planId);
    await row.getByRole('link', { name: /^Paused, wave \d of 2/ }).first().waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: `Actions for ${planName}` }).click();
    await refused(page.getByRole('menuitem', { name: 'Start drill' }));
    await world.api('POST', `/executions/${id}/cancel`, {});
    await row.getByText('Idle').first().waitFor({ timeout: 60_000 });
    await tab.close();
  });
});

describe('a plan', () => {
  it('is duplicated, compared with its copy, has versions, and is deleted', async () => {
    const { accountId, planId, planName } = await world.plan([1, 1], 1);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSOrchestrationAdmin'), `/recovery-plans?account=${accountId}`);
    await page.getByRole('button', { name: `Actions for ${planName}` }).click();
    await page.getByRole('menuitem', { name: 'Duplicate' }).click();
    const copy = `Copy of ${planName}`;
    await page.getByRole('textbox', { name: 'Name', exact: true }).waitFor();
    expect(await page.getByRole('textbox', { name: 'Name', exact: true }).inputValue()).toBe(copy);
    await page.getByRole('textbox', { name: /RTO/ }).fill('45');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: `Readiness of ${copy}` }).first().waitFor({ timeout: 60_000 });
    const { plans } = await world.api('GET', `/recovery-plans?accountId=${accountId}`);
    const copied = (plans as { planId: string; planName: string }[]).find((p) => p.planName === copy);
    const [stored, original] = [await world.api('GET', `/recovery-plans/${copied?.planId ?? ''}`), await world.api('GET', `/recovery-plans/${planId}`)];
    expect(stored).toMatchObject({ rto: 45, waves: original.waves });

    await page.getByRole('link', { name: 'Recovery plans' }).first().click();
    await page.getByRole('checkbox', { name: copy, exact: true }).check();
    await page.getByRole('checkbox', { name: planName, exact: true }).check();
    await page.getByRole('button', { name: 'Compare', exact: true }).click();
    const table = page.getByRole('table', { name: 'Comparison' });
    await table.getByRole('row', { name: /^Target for the recovery time/ }).first().waitFor({ timeout: 60_000 });
    expect(await table.getByRole('row').count()).toBe(3);
    await tab.look('plans-compare');

    await world.api('PUT', `/recovery-plans/${planId}`, { description: 'Second', version: original.version });
    await world.api('PUT', `/recovery-plans/${planId}`, {
      priority: 2, waves: (original.waves as object[]).map((w) => ({ ...w, pauseBeforeWave: false })), version: Number(original.version) + 1,
    });
    await world.until(`/audit?resourceId=${planId}`, (answer) => (answer.entries as { action: string }[]).filter((e) => e.action === 'plan.update').length === 2);
    await page.goto(`${world.origin}/recovery-plans/${planId}/versions?account=${accountId}&left=1&right=3`);
    const versions = page.getByRole('table', { name: 'Versions', exact: true });
    await versions.getByRole('row', { name: /Version 1.*Created/ }).first().waitFor({ timeout: 60_000 });
    await versions.getByRole('row', { name: /Version 3, now.*(Waves, Priority|Priority, Waves)/ }).first().waitFor();
    await table.getByRole('row', { name: /^Description.*Second/ }).first().waitFor();
    await table.getByRole('row', { name: /^Tier 1: Pause before this wave Yes No/ }).first().waitFor();
    await table.getByRole('row', { name: /^Priority 5 2/ }).first().waitFor();
    await tab.look('plan-versions');

    await page.goto(`${world.origin}/recovery-plans/${copied?.planId ?? ''}?account=${accountId}`);
    await page.getByRole('button', { name: `Actions for ${copy}` }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
    await page.getByText('The plan was deleted').first().waitFor({ timeout: 20_000 });
    await page.getByRole('button', { name: `Actions for ${planName}` }).waitFor({ timeout: 60_000 });
    expect(await page.getByRole('link', { name: copy, exact: true }).count()).toBe(0);
    // the page of the plan may have been told of its end before it was left
    await tab.close([/404/]);
  });
});

describe('edits of two people', () => {
  it('are kept as drafts, told of each other, and merged by field', async () => {
    const { accountId, planId, planName } = await world.plan([1, 1]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSPlanManager'), `/recovery-plans/${planId}/edit?account=${accountId}`);
    const description = page.getByRole('textbox', { name: 'Description', exact: true }).first();
    await description.fill('Mine');
    await page.reload();
    await page.getByText('An unsaved draft was restored').first().waitFor();
    expect(await description.inputValue()).toBe('Mine');
    await page.getByRole('link', { name: 'Dashboard' }).first().click();
    await page.getByText('Leave without saving?').first().waitFor();
    await tab.look('plan-editor-leave');
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();

    const { version } = await world.api('GET', `/recovery-plans/${planId}`);
    await world.api('PUT', `/recovery-plans/${planId}`, { description: 'Theirs', notificationEmail: 'theirs@example.com', version });
    await page.getByText('Somebody else changed it').first().waitFor({ timeout: 20_000 });
    await tab.look('plan-editor-changed');
    await page.getByRole('button', { name: 'Save' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('1 choice is left').first().waitFor({ timeout: 20_000 });
    await tab.look('plan-editor-conflict');
    await dialog.getByRole('radiogroup').first().getByRole('radio', { name: /Yours/ }).check();
    await dialog.getByRole('button', { name: 'Use this' }).click();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: `Readiness of ${planName}` }).first().waitFor({ timeout: 60_000 });
    expect(await world.api('GET', `/recovery-plans/${planId}`)).toMatchObject({
      description: 'Mine', notificationEmail: 'theirs@example.com', version: Number(version) + 2,
    });
    await tab.close([/409/]);
  });
});

describe('the graph of waves', () => {
  it.each([['light', false, 1360], ['dark', true, 1360], ['phone', false, 390]] as const)('is shown with a plan, %s', async (name, dark, width) => {
    const { accountId, planId } = await world.plan([2, 1, 1]);
    await world.reshape(planId, [[], [0], [0]]);
    const tab = await Tab.open(browser, world, { dark, width });
    const { page } = tab;
    await tab.signIn(world.user('DRSReadOnly'), `/recovery-plans/${planId}?account=${accountId}`);
    const graph = page.getByRole('application');
    await graph.getByText('2 servers').first().waitFor({ timeout: 60_000 });
    expect(await graph.getByRole('group', { name: /^1\. Tier 0, 2 servers/ }).count()).toBe(1);
    expect(await graph.locator('.react-flow__edge').count()).toBe(2);
    await tab.look(`plan-graph-${name}`);
    // another width: the whole graph is shown again
    const { height } = page.viewportSize() ?? { height: 900 };
    await page.setViewportSize({ width: 640, height });
    await expect.poll(async () => {
      const frame = await graph.boundingBox();
      const nodes = await Promise.all((await graph.locator('.react-flow__node').all()).map((node) => node.boundingBox()));
      return frame !== null && nodes.every((node) => node !== null && node.x >= frame.x && node.x + node.width <= frame.x + frame.width);
    }, { timeout: 10_000 }).toBe(true);
    await tab.close();
  });

  it('shows in a run what each wave is doing', async () => {
    const { accountId, planId } = await world.plan([1, 1], 1);
    const executionId = await world.start(planId);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSReadOnly'), `/executions/${executionId}?account=${accountId}`);
    const graph = page.getByRole('application');
    await graph.getByText('Completed').first().waitFor({ timeout: 60_000 });
    await graph.getByText('Waiting').first().waitFor();
    await tab.look('execution-graph');
    await world.api('POST', `/executions/${executionId}/cancel`, {});
    await graph.getByText('Cancelled').first().waitFor({ timeout: 60_000 });
    await tab.close();
  });
});

describe('the graph in the editor', () => {
  it('draws, refuses and removes dependencies, by mouse and by keyboard', async () => {
    const { accountId, planId, planName } = await world.plan([1, 1, 1]);
    await world.reshape(planId, [[], [], [0]]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSPlanManager'), `/recovery-plans/${planId}/edit?account=${accountId}`);
    const graph = page.getByRole('application');
    const edges = graph.locator('.react-flow__edge');
    await graph.getByText('1 server').first().waitFor({ timeout: 60_000 });
    expect(await edges.count()).toBe(1);

    // mouse: from the right side of wave 2 to the left side of wave 3
    await graph.scrollIntoViewIfNeeded();
    const from = await graph.locator('.react-flow__node[data-id="1"] .react-flow__handle-right').boundingBox();
    const to = await graph.locator('.react-flow__node[data-id="2"] .react-flow__handle-left').boundingBox();
    if (from === null || to === null) {
      throw new Error('the waves have no handles');
    }
    await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
    await page.mouse.down();
    await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 8 });
    await page.mouse.up();
    await graph.getByRole('group', { name: '3. Tier 2 needs 2. Tier 1' }).first().waitFor({ state: 'attached' });

    // keyboard: a wave that comes later, and a circle
    const press = async (name: RegExp) => {
      await graph.getByRole('button', { name }).first().focus();
      await page.keyboard.press('Enter');
    };
    await press(/^Choose a wave that needs 2\. Tier 1$/);
    await press(/^1\. Tier 0 needs wave 2$/);
    await page.getByText('which comes later in the plan').first().waitFor();
    await press(/^Choose a wave that needs 3\. Tier 2$/);
    await page.getByText('Now choose the wave that needs 3. Tier 2').first().waitFor();
    await press(/^1\. Tier 0 needs wave 3$/);
    await page.getByText('that would be a circle').first().waitFor();
    await tab.look('plan-editor-graph-refused');
    await press(/^Choose a wave that needs 1\. Tier 0$/);
    await press(/^2\. Tier 1 needs wave 1$/);
    await graph.getByRole('group', { name: '2. Tier 1 needs 1. Tier 0' }).first().waitFor({ state: 'attached' });
    expect(await edges.count()).toBe(3);

    await graph.getByRole('group', { name: '3. Tier 2 needs 1. Tier 0' }).first().focus();
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Remove this dependency' }).first().waitFor();
    await page.keyboard.press('Delete');
    await graph.getByRole('group', { name: '3. Tier 2 needs 1. Tier 0' }).first().waitFor({ state: 'detached' });

    // the list has the same, and changes the order by keyboard
    await page.getByRole('button', { name: 'List', exact: true }).click();
    await page.getByText('3. Tier 2 needs 2. Tier 1').first().waitFor();
    await tab.look('plan-editor-list');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name: `Readiness of ${planName}` }).first().waitFor({ timeout: 60_000 });
    expect(await world.api('GET', `/recovery-plans/${planId}`)).toMatchObject({
      waves: [{ dependsOnWaves: [] }, { dependsOnWaves: [0] }, { dependsOnWaves: [1] }],
    });
    await tab.close();
  });

  it.each([['dark', true, 1360], ['phone', false, 390]] as const)('is usable, %s', async (name, dark, width) => {
    const { accountId, planId } = await world.plan([1, 2]);
    const tab = await Tab.open(browser, world, { dark, width });
    const { page } = tab;
    await tab.signIn(world.user('DRSPlanManager'), `/recovery-plans/${planId}/edit?account=${accountId}`);
    await page.getByRole('application').getByText('2 servers').first().waitFor({ timeout: 60_000 });
    await tab.look(`plan-editor-${name}`);
    await tab.close();
  });
});

describe('the start dialog', () => {
  it('starts some of the waves at a recovery point of the past, with a reason', async () => {
    const { accountId, planId, planName } = await world.plan([1, 1, 1]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSOperator'), `/recovery-plans/${planId}?account=${accountId}&start=DRILL`);
    const dialog = page.getByRole('dialog', { name: `Start a drill of ${planName}?` });
    await dialog.getByText('Nobody gets mails about this plan').first().waitFor({ timeout: 60_000 });
    await dialog.getByRole('button', { name: 'Waves and recovery point' }).click();
    await dialog.getByRole('button', { name: /^Waves/ }).last().click();
    await page.getByRole('option', { name: '1. Tier 0' }).first().click();
    await page.getByRole('option', { name: '3. Tier 2' }).first().click();
    await page.keyboard.press('Escape');
    await dialog.getByRole('radio', { name: /Before a time/ }).check();
    await dialog.getByText('A date and a time in the past.').first().waitFor();
    expect(await dialog.getByRole('button', { name: 'Start drill' }).isDisabled()).toBe(true);
    await tab.look('start-options');
    await dialog.getByRole('radio', { name: /Latest/ }).check();
    await dialog.getByRole('textbox', { name: /Reason/ }).fill('CHG-7');
    await dialog.getByRole('button', { name: 'Start drill' }).click();
    await page.waitForURL(/\/executions\//, { timeout: 60_000 });
    const id = new URL(page.url()).pathname.split('/').pop() ?? '';
    await page.getByText('Completed: 2 of 2 waves').first().waitFor({ timeout: 60_000 });
    const run = await world.api('GET', `/executions/${id}`);
    expect(run).toMatchObject({ reason: 'CHG-7', executionType: 'DRILL' });
    const begun = (run.waves as { waveNumber: number; startTime?: number }[]).filter((w) => w.startTime !== undefined);
    expect(begun.map((w) => w.waveNumber)).toEqual([0, 2]);
    await tab.close();
  });

  it('says which run uses its servers, and starts when that is over', async () => {
    const { accountId, planId } = await world.plan([1, 1], 1);
    const original = await world.api('GET', `/recovery-plans/${planId}`);
    const rival = await world.api('POST', '/recovery-plans', { name: `Rival ${accountId}`, accountId, waves: original.waves });
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSOperator'), `/recovery-plans/${String(rival.planId)}?account=${accountId}&start=DRILL`);
    const dialog = page.getByRole('dialog');
    await dialog.getByText('No instance of a former run exists.').first().waitFor({ timeout: 60_000 });
    const holder = await world.start(planId);
    await world.until(`/executions/${holder}`, (run) => run.status === 'PAUSED');
    await dialog.getByRole('button', { name: 'Start drill' }).click();
    await dialog.getByText('The run was not started').first().waitFor({ timeout: 60_000 });
    const link = dialog.getByRole('link', { name: /^A run uses/ });
    expect(await link.getAttribute('href')).toBe(`/executions/${holder}`);
    // what the checks find now says the same, below it
    await dialog.getByText('Not ready', { exact: true }).first().waitFor({ timeout: 60_000 });
    expect((await link.boundingBox())?.y).toBeLessThan(400);
    await tab.look('start-conflict');
    await world.api('POST', `/executions/${holder}/cancel`, {});
    await world.until(`/executions/${holder}`, (run) => run.status === 'PARTIAL');
    await dialog.getByRole('button', { name: 'Start drill' }).click();
    await page.waitForURL(/\/executions\//, { timeout: 60_000 });
    await tab.close([/409/]);
  });

  it('terminates the instances of a former drill first', async () => {
    const { accountId, planId, planName } = await world.plan([1]);
    const former = await world.start(planId);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSRecoveryManager'), `/executions/${former}?account=${accountId}`);
    await page.getByText('Completed: 1 of 1 waves').first().waitFor({ timeout: 60_000 });
    await page.goto(`${world.origin}/recovery-plans/${planId}?account=${accountId}&start=DRILL`);
    const dialog = page.getByRole('dialog', { name: `Start a drill of ${planName}?` });
    await dialog.getByRole('button', { name: 'Terminate them first' }).click({ timeout: 60_000 });
    await tab.look('start-terminate-first');
    await dialog.getByRole('button', { name: 'Terminate 1 instance' }).click();
    await dialog.getByText('No instance of a former run exists.').first().waitFor({ timeout: 90_000 });
    await dialog.getByRole('button', { name: 'Start drill' }).click();
    await page.waitForURL((url) => url.pathname.startsWith('/executions/') && !url.pathname.endsWith(former), { timeout: 60_000 });
    await tab.close();
  });
});
