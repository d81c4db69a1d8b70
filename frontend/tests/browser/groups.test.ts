/** Groups: launch settings of servers, their application, the overview. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, refused, Tab } from './browser';
import { World, type Json } from './world';

let browser: Browser;
let world: World;

beforeAll(async () => {
  world = new World();
  browser = await launch();
});

afterAll(async () => {
  await browser.close();
});

interface Subnet {
  subnetId: string;
  cidrBlock: string;
}

/** A group of servers by tags, with what its account's network has. */
async function group(servers: number): Promise<{ accountId: string; groupId: string; groupName: string; planId: string; serverIds: string[]; subnets: Subnet[] }> {
  const { accountId, planId, serverIds } = await world.plan([servers]);
  const { groups } = await world.api('GET', `/protection-groups?accountId=${accountId}`);
  const [first] = groups as { groupId: string; groupName: string }[];
  const fleet = await world.sim('GET', '/_sim/fleet');
  const account = (fleet.accounts as { accountId: string; regions: { subnets: Subnet[] }[] }[]).find((a) => a.accountId === accountId);
  return { accountId, planId, groupId: first?.groupId ?? '', groupName: first?.groupName ?? '', serverIds, subnets: account?.regions[0]?.subnets ?? [] };
}

const address = ({ cidrBlock }: Subnet, n: number) => cidrBlock.replace(/\.\d+\/\d+$/, `.${String(n)}`);

async function settled(groupId: string, wanted: string): Promise<Json> {
  for (let end = Date.now() + 60_000; Date.now() < end; ) {
    const status = await world.api('GET', `/protection-groups/${groupId}/launch-config-status`);
    if (status.status === wanted) {
      return status;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`the settings of ${groupId} never became ${wanted}`);
}

const tabOf = (page: Page, name: string | RegExp) => page.getByRole('tab', { name });
/** A table whose cells can be edited is a grid. */
const rows = (page: Page) => page.locator('table[aria-label="Settings of servers"] tbody tr');

async function save(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Look at the changes and save' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
}

describe('launch settings of servers', () => {
  it('are checked while they are entered, also against AWS', async () => {
    const { accountId, groupId, subnets } = await group(3);
    const subnet = subnets[0] ?? { subnetId: '', cidrBlock: '' };
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSPlanManager'), `/protection-groups/${groupId}?account=${accountId}`);
    await page.getByText('3 servers, all ready').first().waitFor({ timeout: 60_000 });
    await tab.look('group-servers');
    await tabOf(page, 'Launch settings').click();
    await page.getByRole('button', { name: 'Launch settings of tier0--0001' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('textbox', { name: 'Static private IP' }).fill(address(subnet, 1));
    await dialog.getByText('A static address needs a subnet.').first().waitFor();
    await dialog.getByRole('button', { name: /^Subnet/ }).click();
    await page.getByRole('option', { name: new RegExp(subnet.subnetId) }).first().click();
    await dialog.getByText('Reserved by AWS').first().waitFor();
    expect(await dialog.getByRole('button', { name: 'Take over' }).isDisabled()).toBe(true);
    await dialog.getByRole('textbox', { name: 'Static private IP' }).fill(address(subnet, 60));
    await dialog.getByText(`Free in ${subnet.cidrBlock}`).first().waitFor({ timeout: 60_000 });
    await tab.look('server-settings');
    await dialog.getByRole('button', { name: 'Take over' }).click();
    await page.getByText('Settings of 1 server are not saved').first().waitFor();
    await tab.close();
  });

  it('are edited together and in the table, reviewed, saved, applied and taken back', async () => {
    const { accountId, groupId, serverIds, subnets } = await group(3);
    const subnet = subnets[0] ?? { subnetId: '', cidrBlock: '' };
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSPlanManager'), `/protection-groups/${groupId}?tab=launch&account=${accountId}`);
    const dialog = page.getByRole('dialog');
    await page.getByRole('button', { name: 'Launch settings of tier0--0001' }).first().click();
    await dialog.getByRole('button', { name: /^Subnet/ }).click();
    await page.getByRole('option', { name: new RegExp(subnet.subnetId) }).first().click();
    await dialog.getByRole('textbox', { name: 'Static private IP' }).fill(address(subnet, 60));
    await dialog.getByText(`Free in ${subnet.cidrBlock}`).first().waitFor({ timeout: 60_000 });
    await dialog.getByRole('button', { name: 'Take over' }).click();

    // several at once
    for (const id of serverIds) {
      await page.getByRole('checkbox', { name: id }).check();
    }
    await page.getByRole('button', { name: 'Change settings' }).click();
    await dialog.getByRole('button', { name: /^Settings to change/ }).click();
    await page.getByRole('option', { name: 'Instance type' }).click();
    await page.getByRole('option', { name: 'Copy tags to the instance' }).click();
    await page.keyboard.press('Escape');
    await dialog.getByRole('button', { name: /^Instance type/ }).click();
    await page.keyboard.type('m5.large');
    await page.getByRole('option', { name: /m5\.large/ }).first().click();
    await dialog.getByRole('button', { name: /^Copy tags to the instance/ }).click();
    await page.getByRole('option', { name: 'No', exact: true }).first().click();
    await tab.look('server-settings-bulk');
    await dialog.getByRole('button', { name: 'Take over' }).click();

    // one cell
    await page.getByRole('button', { name: new RegExp(`Edit Instance type of ${serverIds[1] ?? ''}`) }).click();
    await page.getByRole('button', { name: /Instance type of tier0--0002/ }).click();
    await page.keyboard.type('m5.xlarge');
    await page.getByRole('option', { name: /m5\.xlarge/ }).first().click();
    await page.getByRole('button', { name: 'Take the value over' }).click();
    await page.getByText('Settings of 3 servers are not saved').first().waitFor();
    await tab.look('group-launch-unsaved');
    // kept while other tabs are looked at
    await tabOf(page, 'Servers').click();
    await tabOf(page, 'Launch settings (3 not saved)').click();
    await page.getByRole('button', { name: 'Look at the changes and save' }).click();
    await dialog.getByText(/Instance type: As the group → m5\.xlarge/).first().waitFor();
    await tab.look('group-launch-review');
    await dialog.getByRole('button', { name: 'Save' }).click();
    await page.getByText('Settings of 3 servers were saved').first().waitFor({ timeout: 60_000 });
    await page.getByText('3 of 3 applied, 0 failed').first().waitFor({ timeout: 60_000 });
    await tab.look('group-launch');
    const stored = await world.api('GET', `/protection-groups/${groupId}`);
    const templates = Object.fromEntries(
      (stored.servers as { sourceServerId: string; launchTemplate: Json }[]).map((s) => [s.sourceServerId, s.launchTemplate]),
    );
    expect(templates).toEqual({
      [serverIds[0] ?? '']: { staticPrivateIp: address(subnet, 60), subnetId: subnet.subnetId, instanceType: 'm5.large', copyTags: false },
      [serverIds[1] ?? '']: { instanceType: 'm5.xlarge', copyTags: false },
      [serverIds[2] ?? '']: { instanceType: 'm5.large', copyTags: false },
    });

    // back to the group's, and the history of it
    await page.getByRole('checkbox', { name: serverIds[2] ?? '' }).check();
    await page.getByRole('button', { name: 'Back to the group’s settings' }).click();
    await save(page);
    await page.getByText('Settings of 1 server were saved').first().waitFor({ timeout: 60_000 });
    await tabOf(page, 'History').click();
    await page.getByRole('button', { name: /^Server tier0-/ }).click();
    await page.getByRole('option', { name: /tier0--0003/ }).first().click();
    await page.getByText('m5.large').first().waitFor({ timeout: 60_000 });
    await tab.look('group-history');
    await page.reload();
    await page.getByRole('button', { name: /^Server tier0--0003/ }).waitFor({ timeout: 60_000 });
    await tab.close();
  });

  it('go out into a file and come back from it, or are refused with the line', async () => {
    const { accountId, groupId, serverIds } = await group(2);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSPlanManager'), `/protection-groups/${groupId}?tab=launch&account=${accountId}`);
    await page.getByRole('button', { name: 'Launch settings of tier0--0001' }).first().waitFor({ timeout: 60_000 });
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save as CSV' }).click()]);
    const text = readFileSync(await file.path(), 'utf8');
    const [head = '', ...lines] = text.trim().split('\r\n');
    expect(lines.map((line) => line.split(',')[0]).sort()).toEqual([...serverIds].sort());
    const at = head.split(',').indexOf('instanceType');
    const with_ = (value: string, id = (line: string) => line) => [head, ...lines.map((line) => {
      const cells = id(line).split(',');
      cells[at] = value;
      return cells.join(';');
    })].join('\n').replace(head, head.replaceAll(',', ';'));
    const choose = (content: string) =>
      page.locator('input[type=file]').setInputFiles({ name: 's.csv', mimeType: 'text/csv', buffer: Buffer.from(content) });
    await page.getByRole('button', { name: 'Read CSV' }).click();
    const dialog = page.getByRole('dialog');
    await choose(with_('m5.large', (line) => line.replace(/^s-./, 's-z')));
    await dialog.getByText(/Line 2: s-z\w+ is no server of this group/).first().waitFor();
    await tab.look('settings-csv-problems');
    await choose(with_('q9.huge'));
    await dialog.getByText('2 servers change').first().waitFor();
    await dialog.getByRole('button', { name: 'Take over' }).click();
    await save(page);
    // AWS has no such type: nothing is saved, and the cells say why
    await rows(page).getByText(/q9\.huge is not offered/).first().waitFor({ timeout: 60_000 });
    await tab.look('group-launch-refused');
    expect((await world.api('GET', `/protection-groups/${groupId}`)).version).toBe(1);
    await page.getByRole('button', { name: 'Read CSV' }).click();
    await choose(with_('m5.large'));
    await dialog.getByRole('button', { name: 'Take over' }).click();
    await page.getByRole('button', { name: /With problems/ }).click();
    await page.getByRole('option', { name: 'All servers' }).click();
    await save(page);
    await page.getByText('Settings of 2 servers were saved').first().waitFor({ timeout: 60_000 });
    expect(await rows(page).count()).toBe(2);
    await tab.close([/400/]);
  });

  it('that could not be applied, or differ in AWS, are named and applied again', async () => {
    const { accountId, groupId, serverIds } = await group(3);
    await world.sim('POST', '/_sim/faults', {
      faults: [{ service: 'drs', kind: 'access_denied', times: 1, operation: 'UpdateLaunchConfiguration', account: accountId }],
    });
    await world.api('PUT', `/protection-groups/${groupId}`, { launchConfig: { copyTags: false } });
    await settled(groupId, 'partial');
    const tab = await Tab.open(browser, world, { dark: true });
    const { page } = tab;
    await tab.signIn(world.user('DRSOperator'), `/protection-groups/${groupId}?account=${accountId}`);
    await page.getByRole('button', { name: 'Show the servers' }).click();
    await page.getByText('1 server was not configured').first().waitFor({ timeout: 60_000 });
    await page.getByText(/UpdateLaunchConfiguration/).first().waitFor();
    expect(await rows(page).count()).toBe(1);
    await tab.look('group-launch-partial-dark');
    await page.getByRole('button', { name: 'Apply again' }).click();
    await page.getByText('3 of 3 applied, 0 failed').first().waitFor({ timeout: 60_000 });

    // what the group wants is not what AWS has; the hourly look is due now
    const redis = (...args: string[]) => execFileSync('redis-cli', ['-u', world.stack.env.DRS_REDIS ?? '', ...args], { encoding: 'utf8' }).trim();
    const doc = JSON.parse(redis('GET', `{drs}:pg:${groupId}`)) as Json;
    doc.servers = [{ sourceServerId: serverIds[0], useGroupDefaults: true, launchTemplate: { copyTags: true } }];
    redis('SET', `{drs}:pg:${groupId}`, JSON.stringify(doc));
    const job = JSON.parse(redis('HGET', `{drs}:pg:launch:${groupId}`, 'job')) as Json;
    redis('HSET', `{drs}:pg:launch:${groupId}`, 'job', JSON.stringify({ ...job, lookedAt: 1 }));
    redis('FCALL', 'drs_task_due', '1', '{drs}', `launch:${groupId}`, '0');
    await page.getByText('AWS has other settings').first().waitFor({ timeout: 60_000 });
    await page.getByText(/^1 server differs/).first().waitFor();
    await tab.look('group-launch-drifted-dark');
    await page.getByRole('button', { name: 'Apply again' }).click();
    await page.getByText('3 of 3 applied, 0 failed').first().waitFor({ timeout: 60_000 });
    await tab.close();
  });

  it('BUG 1.6: their application is followed on every page', async () => {
    const { accountId, groupId, groupName } = await group(2);
    await world.sim('POST', '/_sim/faults', {
      faults: [{ service: 'drs', kind: 'hold', operation: 'GetLaunchConfiguration', account: accountId }],
    });
    try {
      await world.api('PUT', `/protection-groups/${groupId}`, { launchConfig: { copyTags: false } });
      const tab = await Tab.open(browser, world);
      const { page } = tab;
      await tab.signIn(world.user('DRSOperator'), `/protection-groups/${groupId}?tab=launch&account=${accountId}`);
      await page.getByRole('progressbar').first().waitFor({ timeout: 60_000 });
      await tab.look('group-launch-applying');
      await page.getByRole('link', { name: 'Dashboard' }).first().click();
      await page.getByText(`Launch settings of ${groupName} are being applied`).first().waitFor();
      await tab.look('group-launch-applying-elsewhere');
      await world.sim('DELETE', '/_sim/faults');
      await world.sim('POST', '/_sim/release');
      await page.getByText(`Launch settings of ${groupName} were applied`).first().waitFor({ timeout: 60_000 });
      await tab.close();
    } finally {
      await world.sim('DELETE', '/_sim/faults');
      await world.sim('POST', '/_sim/release');
    }
  });

  it('are only shown to who may not change them, also on a phone', async () => {
    const { accountId, groupId } = await group(2);
    await world.api('PUT', `/protection-groups/${groupId}`, { launchConfig: { copyTags: false, instanceType: 'm5.large' } });
    await settled(groupId, 'ready');
    const tab = await Tab.open(browser, world, { width: 390 });
    const { page } = tab;
    await tab.signIn(world.user('DRSReadOnly'), `/protection-groups/${groupId}?tab=launch&account=${accountId}`);
    await page.getByText('tier0--0001').first().waitFor({ timeout: 60_000 });
    for (const name of ['Apply again', 'Read CSV', 'Change settings', 'Edit', 'Duplicate']) {
      await refused(page.getByRole('button', { name, exact: true }).first());
    }
    expect(await page.getByRole('button', { name: /^Edit Instance type/ }).count()).toBe(0);
    await tab.look('group-launch-phone');
    await tabOf(page, 'Plans and runs').click();
    await page.getByRole('link', { name: /^Shop/ }).first().waitFor();
    await tab.look('group-plans-phone');
    await tab.close();
  });
});

describe('the list of groups', () => {
  it('tells how ready groups are and when they were last tried', async () => {
    const { accountId, planId, groupName } = await group(2);
    const executionId = await world.start(planId);
    const sick = await group(2);
    await world.sim('POST', `/_sim/servers/${sick.serverIds[0] ?? ''}`, { replicationState: 'STALLED', lagDuration: 'PT2H5M' });
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSPlanManager'), `/protection-groups?account=${accountId}`);
    await page.getByRole('link', { name: groupName }).waitFor({ timeout: 60_000 });
    await page.getByText('2 servers, all ready').first().waitFor({ timeout: 60_000 });
    // the end of the run appears by itself
    await page.locator(`a[href$="/executions/${executionId}"]`).first().waitFor({ timeout: 60_000 });
    await tab.look('groups-drilled');
    await page.goto(`${world.origin}/protection-groups?account=${sick.accountId}`);
    await page.getByText('2 servers, 1 not ready').first().waitFor({ timeout: 60_000 });
    await page.getByText('2 h 5 min').first().waitFor();
    await page.getByText('Never').first().waitFor();
    await tab.look('groups-overview');
    await tab.close();
  });
});

describe('the editor of groups', () => {
  const next = (page: Page) => page.getByRole('button', { name: 'Next', exact: true });

  it('suggests tags, counts what matches, and warns before it is saved', async () => {
    const { accountId, serverIds, groupName } = await group(3);
    await world.sim('POST', `/_sim/servers/${serverIds[0] ?? ''}`, { replicationState: 'STALLED' });
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSPlanManager'), `/protection-groups/new?account=${accountId}`);
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(groupName);
    await next(page).click();
    await page.getByRole('combobox', { name: 'Key of tag 1' }).click();
    await page.getByRole('option', { name: /Tier/ }).first().click();
    await page.getByRole('combobox', { name: 'Value of tag 1' }).click();
    await page.getByRole('option', { name: /t0/ }).first().click();
    await page.getByText('3 servers match').first().waitFor({ timeout: 60_000 });
    await page.getByText('3 servers belong to another group').first().waitFor();
    await page.getByText(`tier0--0002: ${groupName}`).first().waitFor();
    await page.getByText('1 server is not ready for recovery').first().waitFor();
    await tab.look('group-editor-warnings');
    await next(page).click();
    await next(page).click();
    await next(page).click();
    await page.getByText('3 servers belong to another group').first().waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Save' }).click();
    // the server names the field: the step that has it
    await page.getByRole('heading', { name: 'Servers', exact: true }).first().waitFor({ timeout: 60_000 });
    await page.getByText('Another protection group selects by the same tags.').first().waitFor();
    await tab.look('group-editor-refused');
    await tab.close([/409/, /400/]);
  });

  it('previews 250 servers within six seconds', async () => {
    const { accountId } = await world.plan([250]);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSPlanManager'), `/protection-groups/new?account=${accountId}`);
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Many');
    await next(page).click();
    await page.getByRole('combobox', { name: 'Key of tag 1' }).fill('Tier');
    const begun = Date.now();
    await page.getByRole('combobox', { name: 'Value of tag 1' }).fill('t0');
    await page.getByText('250 servers match').first().waitFor({ timeout: 60_000 });
    expect(Date.now() - begun).toBeLessThan(6_000);
    await tab.look('group-editor-250');
    await tab.close();
  });

  it('explains a Region that cannot be used, and what to do', async () => {
    const { accountId } = await group(1);
    const tab = await Tab.open(browser, world, { dark: true, width: 390 });
    const { page } = tab;
    await tab.signIn(world.user('DRSPlanManager'), `/protection-groups/new?account=${accountId}`);
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Elsewhere');
    await page.getByRole('button', { name: /^Region/ }).click();
    await page.getByRole('option', { name: /eu-west-3/ }).first().click();
    await next(page).click();
    await page.getByRole('combobox', { name: 'Key of tag 1' }).fill('Tier');
    await page.getByRole('combobox', { name: 'Value of tag 1' }).fill('t0');
    await page.getByText('DRS is not initialised in eu-west-3').first().waitFor({ timeout: 60_000 });
    await page.getByText(/Open the DRS console of the account/).first().waitFor();
    await tab.look('group-editor-region-phone-dark');
    await tab.close([/400/]);
  });

  /** An account with two servers for the web and one for data, none in a group. */
  async function place(): Promise<{ accountId: string; subnets: Subnet[]; web: string[]; db: string }> {
    const accountId = await world.account([{ count: 2, namePrefix: 'web-', tags: { Tier: 'web' } }, { count: 1, namePrefix: 'db-', tags: { Tier: 'db' } }]);
    await world.register(accountId);
    const region = ((await world.sim('GET', '/_sim/fleet')).accounts as { accountId: string; regions: { subnets: Subnet[]; servers: { sourceServerId: string }[] }[] }[])
      .find((a) => a.accountId === accountId)?.regions[0];
    const [one = '', two = '', db = ''] = (region?.servers ?? []).map((s) => s.sourceServerId);
    return { accountId, subnets: region?.subnets ?? [], web: [one, two], db };
  }

  const previous = (page: Page) => page.getByRole('button', { name: 'Back', exact: true });
  const singleServers = (page: Page) => page.getByRole('heading', { name: 'Settings of single servers' }).first();

  async function chooseSubnet(page: Page, { subnetId }: Subnet): Promise<void> {
    await page.getByRole('button', { name: /^Subnet/ }).click();
    await page.getByRole('option', { name: new RegExp(subnetId) }).first().click();
  }

  it('takes settings of single servers with a new group, and applies them', async () => {
    const { accountId, subnets, web } = await place();
    const name = `Web ${accountId}`;
    const [first = { subnetId: '', cidrBlock: '' }, second = first] = subnets;
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    const dialog = page.getByRole('dialog');
    const settingsOf = (server: string) => page.getByRole('button', { name: `Launch settings of ${server}` }).first();
    const ip = dialog.getByRole('textbox', { name: 'Static private IP' });
    const take = dialog.getByRole('button', { name: 'Take over' });
    await tab.signIn(world.user('DRSPlanManager'), `/protection-groups/new?account=${accountId}`);
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
    await next(page).click();
    await page.getByRole('combobox', { name: 'Key of tag 1' }).fill('Tier');
    await page.getByRole('combobox', { name: 'Value of tag 1' }).fill('web');
    await page.getByText('2 servers match').first().waitFor({ timeout: 60_000 });
    await next(page).click();
    await chooseSubnet(page, first);
    await next(page).click();
    await singleServers(page).waitFor();
    await page.getByText(/AWS can be asked about them only once the group exists/).waitFor();

    // what can be seen here is checked here
    await settingsOf('web--0001').click();
    await ip.fill(address(first, 3));
    await dialog.getByText('Reserved by AWS').first().waitFor();
    expect(await take.isDisabled()).toBe(true);
    await ip.fill(address(first, 60));
    await dialog.getByText('AWS checks it when the settings are applied').waitFor();
    await dialog.getByRole('button', { name: /^Instance type/ }).click();
    await page.keyboard.type('m5.large');
    await page.getByRole('option', { name: /m5\.large/ }).first().click();
    await tab.look('group-editor-single-form');
    await take.click();
    await settingsOf('web--0002').click();
    await ip.fill(address(first, 60));
    await dialog.getByText(`The server ${web[0] ?? ''} has this address too.`).first().waitFor();
    expect(await take.isDisabled()).toBe(true);
    await ip.fill(address(first, 61));
    await take.click();
    await page.getByRole('button', { name: new RegExp(`Edit Instance type of ${web[1] ?? ''}`) }).click();
    await page.getByRole('button', { name: /Instance type of web--0002/ }).click();
    await page.keyboard.type('m5.xlarge');
    await page.getByRole('option', { name: /m5\.xlarge/ }).first().click();
    await page.getByRole('button', { name: 'Take the value over' }).click();
    await rows(page).getByText('m5.xlarge').waitFor();
    await tab.look('group-editor-single');

    // another subnet of the group has other addresses
    await previous(page).click();
    await chooseSubnet(page, second);
    await next(page).click();
    await rows(page).getByText(/Outside of the subnet/).first().waitFor();
    await next(page).click();
    await page.getByText('2 entries have to be corrected.').first().waitFor();
    await tab.look('group-editor-single-subnet');
    await previous(page).click();
    await chooseSubnet(page, first);

    // the draft has them too
    await page.reload();
    await page.getByText('An unsaved draft was restored').first().waitFor({ timeout: 60_000 });
    await next(page).click();

    // servers that do not match take nothing along unseen
    await page.getByRole('combobox', { name: 'Value of tag 1' }).fill('db');
    await page.getByText('1 server matches').first().waitFor({ timeout: 60_000 });
    await next(page).click();
    await next(page).click();
    await page.getByText('Settings of 2 servers are not saved').first().waitFor({ timeout: 60_000 });
    await page.getByRole('listitem').getByText('web--0001').first().waitFor({ timeout: 60_000 });
    await tab.look('group-editor-single-left');
    await next(page).click();
    await page.getByText('Settings of 2 servers are not saved').first().waitFor();
    await page.getByText('No server has settings of its own').first().waitFor();
    for (let step = 0; step < 3; step++) {
      await previous(page).click();
    }
    await page.getByRole('combobox', { name: 'Value of tag 1' }).fill('web');
    await page.getByText('2 servers match').first().waitFor({ timeout: 60_000 });
    for (let step = 0; step < 3; step++) {
      await next(page).click();
    }
    await page.getByText('2 servers have settings of their own').first().waitFor({ timeout: 60_000 });
    await page.getByText(`Static private IP: ${address(first, 60)}; Instance type: m5.large`).first().waitFor();
    await tab.look('group-editor-single-review');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name }).first().waitFor({ timeout: 60_000 });

    await tabOf(page, 'Launch settings').click();
    await page.getByText('2 of 2 applied, 0 failed').first().waitFor({ timeout: 60_000 });
    await rows(page).getByText(address(first, 60)).first().waitFor();
    await rows(page).getByText('m5.large').first().waitFor();
    await tab.look('group-made-with-single');
    const { groups } = await world.api('GET', `/protection-groups?accountId=${accountId}`);
    const groupId = (groups as { groupId: string }[])[0]?.groupId ?? '';
    const templates = async () => {
      const { servers } = await world.api('GET', `/protection-groups/${groupId}`);
      return Object.fromEntries((servers as { sourceServerId: string; launchTemplate: Json }[]).map((s) => [s.sourceServerId, s.launchTemplate]));
    };
    expect(await templates()).toEqual({
      [web[0] ?? '']: { staticPrivateIp: address(first, 60), instanceType: 'm5.large' },
      [web[1] ?? '']: { staticPrivateIp: address(first, 61), instanceType: 'm5.xlarge' },
    });
    expect((await world.api('GET', `/protection-groups/${groupId}/servers/${web[0] ?? ''}/launch-config`)).effectiveConfig)
      .toMatchObject({ subnetId: first.subnetId, staticPrivateIp: address(first, 60), instanceType: 'm5.large' });

    // the same step when it is edited: subnet and addresses change together
    await page.getByRole('button', { name: 'Edit', exact: true }).click();
    await page.getByText(`Edit ${name}`).first().waitFor();
    await next(page).click();
    await next(page).click();
    await chooseSubnet(page, second);
    await next(page).click();
    for (const [server, n] of [['web--0001', 70], ['web--0002', 71]] as const) {
      await settingsOf(server).click();
      await ip.fill(address(second, n));
      await dialog.getByText(`Free in ${second.cidrBlock}`).first().waitFor({ timeout: 60_000 });
      await take.click();
    }
    await tab.look('group-editor-single-edit');
    await next(page).click();
    await page.getByRole('table', { name: 'What changes' }).getByText(new RegExp(`Static private IP: ${address(second, 70)}`)).first().waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name }).first().waitFor({ timeout: 60_000 });
    expect((await world.api('GET', `/protection-groups/${groupId}`)).launchConfig).toMatchObject({ subnetId: second.subnetId });
    expect(await templates()).toEqual({
      [web[0] ?? '']: { staticPrivateIp: address(second, 70), instanceType: 'm5.large' },
      [web[1] ?? '']: { staticPrivateIp: address(second, 71), instanceType: 'm5.xlarge' },
    });
    await tab.close();
  });

  it('leaves the settings of servers behind that are not chosen any more, and shows what the server refuses where it was entered', async () => {
    const { accountId, web, db } = await place();
    const name = `Mixed ${accountId}`;
    const tab = await Tab.open(browser, world, { dark: true, width: 390 });
    const { page } = tab;
    await tab.signIn(world.user('DRSPlanManager'), `/protection-groups/new?account=${accountId}`);
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(name);
    await next(page).click();
    // a list on phones
    await page.getByRole('button', { name: /^By tags|By tags$/ }).click();
    await page.getByRole('option', { name: 'By name' }).click();
    await page.getByRole('button', { name: 'Choose all 3 found' }).click({ timeout: 60_000 });
    await next(page).click();
    await next(page).click();
    await singleServers(page).waitFor();
    await page.getByRole('button', { name: 'Read CSV' }).click();
    await page.locator('input[type=file]').setInputFiles({
      name: 's.csv', mimeType: 'text/csv',
      buffer: Buffer.from(['sourceServerId,instanceType', `${web[0] ?? ''},m5.large`, `${web[1] ?? ''},huge`, `${db},r5.large`].join('\n')),
    });
    await page.getByRole('dialog').getByRole('button', { name: 'Take over' }).click();
    await tab.look('group-editor-single-phone-dark');
    await previous(page).click();
    await previous(page).click();
    await page.getByRole('checkbox', { name: web[0] ?? '' }).uncheck();
    for (let step = 0; step < 3; step++) {
      await next(page).click();
    }
    await page.getByText('Settings of 1 server are not saved').first().waitFor({ timeout: 60_000 });
    await tab.look('group-editor-single-review-phone-dark');
    await page.getByRole('button', { name: 'Save' }).click();
    // no such type: the step and the server that have it
    await singleServers(page).waitFor({ timeout: 60_000 });
    await page.getByText(/^Must be an instance type such as m5\.large/).first().waitFor();
    await tab.look('group-editor-single-refused-phone-dark');
    await page.getByRole('button', { name: 'Launch settings of web--0002' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Back to the group’s settings' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Take over' }).click();
    await page.getByRole('button', { name: 'Discard these settings' }).click();
    await next(page).click();
    await page.getByText('1 server has settings of its own').first().waitFor();
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByRole('heading', { name }).first().waitFor({ timeout: 60_000 });
    const { groups } = await world.api('GET', `/protection-groups?accountId=${accountId}`);
    expect(groups).toMatchObject([{ servers: [{ sourceServerId: db, launchTemplate: { instanceType: 'r5.large' } }] }]);
    await tab.close([/400/]);
  });
});
