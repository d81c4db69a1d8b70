/** Pages of runs: timeline, server panel, pause, cancel, termination, report, history. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Evidence } from '../../src/execution/evidence';
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

describe('the page of a run', () => {
  it('shows timeline, check list of a pause, servers, objectives and the termination', async () => {
    const { accountId, planId } = await world.plan([3, 2], 1);
    const executionId = await world.start(planId);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSRecoveryManager'), `/executions/${executionId}?account=${accountId}`);
    await page.getByText('Check list: 1. Tier 0').first().waitFor({ timeout: 60_000 });
    await page.getByRole('checkbox', { name: /^Looked at tier0--0001/ }).check();
    await page.getByText('1 of 3 looked at').first().waitFor();
    await page.getByRole('treeitem', { name: /^1\. Tier 0/ }).click();
    await page.getByRole('treeitem', { name: /^tier0--0002/ }).first().waitFor();
    // all servers at a glance, by the keyboard too
    const cell = page.getByRole('gridcell', { name: 'tier0--0001: Launched' });
    await cell.focus();
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    const glance = page.getByRole('complementary', { name: 'Server tier0--0002' });
    await glance.waitFor();
    await page.keyboard.press('Escape');
    await glance.waitFor({ state: 'detached' });
    expect(await page.evaluate(() => document.activeElement?.getAttribute('aria-label'))).toBe('tier0--0002: Launched');
    await page.getByText('2 servers wait').first().waitFor();
    await tab.look('run-paused');
    await page.getByRole('treeitem', { name: /^tier0--0002/ }).click();
    const panel = page.getByRole('complementary', { name: 'Server tier0--0002' });
    await panel.getByText('Conversion end').first().waitFor({ timeout: 30_000 });
    await tab.look('run-server');
    expect(new URL(page.url()).searchParams.get('server')).toMatch(/^s-/);
    await page.keyboard.press('Escape');
    await panel.waitFor({ state: 'detached' });
    await page.getByRole('radio', { name: 'Table' }).or(page.getByRole('button', { name: 'Table', exact: true })).first().click();
    await page.getByRole('columnheader', { name: 'Predicted end' }).first().waitFor();
    await page.getByRole('button', { name: 'Resume' }).first().click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('textbox').inputValue()).toMatch(/^Looked at 1 of 3 instances of 1\. Tier 0: tier0--0001[^,]*\.$/);
    await dialog.getByRole('button', { name: 'Resume' }).click();
    await page.getByText('COMPLETED: 2 of 2 waves').first().waitFor({ timeout: 60_000 });
    await page.getByText(/^Met with/).first().waitFor({ timeout: 30_000 });
    await tab.look('run-completed');
    await page.getByRole('button', { name: 'Terminate instances' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Terminate 5 instances' }).click();
    await page.getByText('Instances terminated').first().waitFor({ timeout: 60_000 });
    await page.getByText('5 of 5').first().waitFor({ timeout: 30_000 });
    await tab.look('run-terminated');
    await tab.close();
  });
});

/** A drill with a pause, resumed with a note, and its instances terminated. */
async function finishedDrill(): Promise<{ accountId: string; executionId: string; planName: string }> {
  const { accountId, planId, planName, serverIds } = await world.plan([3, 2], 1, { failurePolicy: 'CONTINUE' });
  await world.sim('POST', `/_sim/servers/${serverIds[0] ?? ''}`, { failNextLaunch: { rawError: 'no capacity', phase: 'LAUNCH' } });
  const executionId = await world.start(planId);
  await world.until(`/executions/${executionId}`, (run) => run.status === 'PAUSED');
  await world.api('POST', `/executions/${executionId}/resume`, { notes: 'looked at the data base' });
  await world.until(`/executions/${executionId}`, (run) => run.status === 'PARTIAL');
  await world.api('POST', `/executions/${executionId}/terminate-instances`, {});
  await world.until(`/executions/${executionId}`, (run) => run.instancesTerminated === true);
  return { accountId, executionId, planName };
}

describe('the report of a run', () => {
  it('has what an auditor asks for, on the screen, on paper and as files', async () => {
    const { accountId, executionId, planName } = await finishedDrill();
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSAuditor'), `/executions/${executionId}/report?account=${accountId}`);
    const report = page.getByRole('article');
    await report.getByText(/SHA-256 of the JSON: [0-9a-f]{64}/).waitFor({ timeout: 60_000 });
    for (const text of ['looked at the data base', 'All instances are terminated', 'Sign-off', 'Missed', 'no capacity']) {
      await report.getByText(text).first().waitFor();
    }
    await page.getByRole('textbox', { name: 'Remarks' }).fill('The network team was late.');
    await report.getByText('The network team was late.').waitFor();
    await report.getByText(/SHA-256 of the JSON: [0-9a-f]{64}/).waitFor();
    await tab.look('report');
    const saved = async (press: () => Promise<void>) => {
      const [file] = await Promise.all([page.waitForEvent('download'), press()]);
      return readFileSync(await file.path(), 'utf8');
    };
    const json = await saved(() => page.getByRole('button', { name: 'Download JSON' }).click());
    expect(await report.getByText(/SHA-256/).textContent()).toContain(createHash('sha256').update(json).digest('hex'));
    const doc = JSON.parse(json) as Evidence;
    expect(doc).toMatchObject({
      schema: 'drs-orchestrator/run-report/1', remarks: 'The network team was late.', termination: { state: 'DONE' },
      execution: { executionId, status: 'PARTIAL', executionType: 'DRILL' }, objectives: { rto: { verdict: 'missed' } },
    });
    expect(doc.servers).toHaveLength(5);
    expect(doc.termination?.instances).toHaveLength(4);
    expect(doc.pauses).toHaveLength(1);
    const sheet = await saved(async () => {
      await page.getByRole('button', { name: 'Download CSV' }).click();
      await page.getByRole('menuitem', { name: 'Servers' }).click();
    });
    expect(sheet.trim().split('\r\n')).toHaveLength(6);
    const markdown = await saved(() => page.getByRole('button', { name: 'Download Markdown' }).click());
    expect(markdown).toContain(`# Report of a recovery drill: ${planName}\n`);
    expect(markdown).toContain(createHash('sha256').update(json).digest('hex'));
    for (const format of ['A4', 'Letter'] as const) {
      const pdf = await page.pdf({ format, preferCSSPageSize: false });
      const path = join(tmpdir(), `drs-report-${executionId}.pdf`);
      writeFileSync(path, pdf);
      const pages = execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' }).split('\f').filter((p) => p.trim() !== '');
      rmSync(path);
      expect(pages.length).toBeGreaterThan(1);
      for (const [i, text] of pages.entries()) {
        expect([i, /SHA-256 of the JSON: [0-9a-f]{64}/.test(text), new RegExp(`\\b${String(i + 1)} ?/ ?${String(pages.length)}`).test(text)]).toEqual([i, true, true]);
      }
      const all = pages.join('\n');
      expect(all).toContain(`Report of a recovery drill: ${planName}`);
      expect(all).not.toContain('Download JSON');
    }
    await tab.close();
  });

  it('can be read at night and on a phone', async () => {
    const { accountId, executionId } = await finishedDrill();
    for (const [name, options] of [['report-dark', { dark: true }], ['report-phone', { width: 390 }]] as const) {
      const tab = await Tab.open(browser, world, options);
      await tab.signIn(world.user('DRSReadOnly'), `/executions/${executionId}/report?account=${accountId}`);
      await tab.page.getByText(/SHA-256 of the JSON: [0-9a-f]{64}/).waitFor({ timeout: 60_000 });
      await tab.look(name);
      await tab.close();
    }
  });
});

describe('the list of runs', () => {
  it('finds, measures, exports and deletes what is over', async () => {
    const { accountId, planId, planName } = await world.plan([1]);
    const ids: string[] = [];
    for (let i = 0; i < 2; i++) {
      const id = await world.start(planId);
      await world.until(`/executions/${id}`, (run) => run.status === 'COMPLETED');
      ids.push(id);
    }
    const [kept, gone] = ids;
    await world.api('POST', `/executions/${gone ?? ''}/terminate-instances`, {});
    await world.until(`/executions/${gone ?? ''}`, (run) => run.instancesTerminated === true);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSOperator'), `/executions?account=${accountId}&tab=history&from=-1h&type=DRILL`);
    await page.getByText('Still there', { exact: true }).first().waitFor({ timeout: 60_000 });
    await page.getByText('Instances terminated', { exact: true }).first().waitFor();
    expect(await page.getByText('Met', { exact: true }).count()).toBe(2);
    await tab.look('history');
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      (async () => {
        await page.getByRole('button', { name: 'Export' }).click();
        await page.getByRole('menuitem', { name: 'CSV' }).click();
      })(),
    ]);
    const sheet = readFileSync(await file.path(), 'utf8');
    expect(sheet.trim().split('\r\n')).toHaveLength(3);
    for (const text of [...ids, planName, 'met']) {
      expect(sheet).toContain(text);
    }
    for (const id of ids) {
      await page.getByRole('checkbox', { name: `${planName}, ${id}` }).check();
    }
    await page.getByRole('button', { name: 'Delete (2)' }).click();
    await page.getByRole('dialog').getByText('Instances of one of them').waitFor();
    await tab.look('history-delete');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click();
    // the message about the deleted one goes by itself; the warning stays
    await page.getByText('One run was kept: the instances are not terminated').first().waitFor({ timeout: 60_000 });
    await world.until(`/executions?accountId=${accountId}`, (answer) => (answer.items as unknown[]).length === 1);
    const { items } = await world.api('GET', `/executions?accountId=${accountId}`);
    expect(items).toMatchObject([{ executionId: kept }]);
    await tab.close();
  });

  it('may only be looked at by who may not steer', async () => {
    const { accountId, planId } = await world.plan([1]);
    const id = await world.start(planId);
    await world.until(`/executions/${id}`, (run) => run.status === 'COMPLETED');
    const tab = await Tab.open(browser, world, { dark: true, width: 390 });
    await tab.signIn(world.user('DRSReadOnly'), `/executions?account=${accountId}&tab=history`);
    await tab.page.getByText('Still there', { exact: true }).first().waitFor({ timeout: 60_000 });
    await refused(tab.page.getByRole('button', { name: 'Delete' }).first());
    await tab.look('history-phone-dark');
    await tab.close();
  });
});

describe('cancel', () => {
  it('says which waves stop and which go on, and terminates what was launched when asked to', async () => {
    const { accountId, planId } = await world.plan([2, 1], 1);
    const executionId = await world.start(planId);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSRecoveryManager'), `/executions/${executionId}?account=${accountId}`);
    await page.getByText('Check list: 1. Tier 0').first().waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Cancel run' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('listitem').filter({ hasText: '2. Tier 1' }).waitFor();
    await dialog.getByRole('checkbox', { name: 'Terminate what was launched' }).check();
    await dialog.getByText('2 instances, and what the running waves still launch').waitFor();
    await tab.look('run-cancel');
    await dialog.getByRole('button', { name: 'Cancel the run' }).click();
    await page.getByText('Instances terminated').first().waitFor({ timeout: 60_000 });
    await page.getByText('2 of 2').first().waitFor({ timeout: 30_000 });
    await tab.close();
  });

  it('asks afterwards whether what was launched shall go', async () => {
    const { accountId, planId } = await world.plan([2, 1], 1);
    const executionId = await world.start(planId);
    await world.until(`/executions/${executionId}`, (run) => run.status === 'PAUSED');
    await world.api('POST', `/executions/${executionId}/cancel`, {});
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSRecoveryManager'), `/executions/${executionId}?account=${accountId}`);
    await page.getByText('What it launched is still there and charged').waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Terminate instances' }).last().click();
    await page.getByRole('dialog').getByRole('button', { name: 'Terminate 2 instances' }).waitFor();
    await tab.looks('run', 'cancelled-terminate');
    await tab.close();
  });
});

describe('a termination that fails', () => {
  it('names the instance and is done again', async () => {
    const { accountId, planId } = await world.plan([2]);
    const executionId = await world.start(planId);
    await world.until(`/executions/${executionId}`, (run) => run.status === 'COMPLETED');
    await world.sim('POST', '/_sim/faults', { faults: [{ service: 'drs', operation: 'TerminateRecoveryInstances', kind: 'access_denied', account: accountId }] });
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSRecoveryManager'), `/executions/${executionId}?account=${accountId}`);
    await page.getByRole('button', { name: 'Terminate instances' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Terminate 2 instances' }).click();
    await page.getByText('2 instances were not terminated').first().waitFor({ timeout: 60_000 });
    await tab.look('run-termination-failed');
    await world.sim('DELETE', '/_sim/faults');
    if (await page.getByRole('dialog').isVisible()) {
      await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    }
    await page.getByRole('button', { name: 'Terminate the rest' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Terminate 2 instances' }).click();
    await page.getByText('Instances terminated').first().waitFor({ timeout: 60_000 });
    await tab.close();
  });
});
