/** Many runs against their targets: what an auditor takes away. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ReportDocument } from '../../src/reports/facts';
import { launch, Tab } from './browser';
import { World } from './world';

let browser: Browser;
let world: World;
let made: { accountId: string; planId: string; planName: string; done: string; partial: string; cancelled: string };

beforeAll(async () => {
  world = new World();
  browser = await launch();
  const { accountId, planId, planName, serverIds } = await world.plan([2, 1], 1, { failurePolicy: 'CONTINUE' });
  const ended = async (status: string, command: 'resume' | 'cancel') => {
    const id = await world.start(planId);
    await world.until(`/executions/${id}`, (run) => run.status === 'PAUSED');
    await world.api('POST', `/executions/${id}/${command}`, {});
    await world.until(`/executions/${id}`, (run) => run.status === status);
    return id;
  };
  const done = await ended('COMPLETED', 'resume');
  await world.sim('POST', `/_sim/servers/${serverIds[0] ?? ''}`, { failNextLaunch: { rawError: 'no capacity', phase: 'LAUNCH' } });
  const partial = await ended('PARTIAL', 'resume');
  // before its first wave is over a cancelled run has launched nothing
  const cancelled = await world.start(planId);
  await world.api('POST', `/executions/${cancelled}/cancel`, {});
  await world.until(`/executions/${cancelled}`, (run) => ['CANCELLED', 'PARTIAL', 'COMPLETED'].includes(String(run.status)));
  made = { accountId, planId, planName, done, partial, cancelled };
}, 240_000);

afterAll(async () => {
  await browser.close();
});

describe('the reports', () => {
  it('say how the runs of a period did, on the screen, on paper and as files', async () => {
    const { accountId, planId, planName, done, partial, cancelled } = made;
    const outcome = String((await world.api('GET', `/executions/${cancelled}`)).status);
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user('DRSAuditor'), `/executions?account=${accountId}&tab=history`);
    await page.getByRole('link', { name: 'Reports', exact: true }).first().click();
    await page.getByRole('heading', { name: 'Reports', level: 1 }).waitFor();
    await page.getByText('1 met, ').first().waitFor({ timeout: 60_000 });
    await page.getByText(/^tier0-/).first().waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Export' }).and(page.locator(':not([disabled])')).waitFor({ timeout: 60_000 });
    await tab.look('reports');

    const saved = async (item: string) => {
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        (async () => {
          await page.getByRole('button', { name: 'Export' }).click();
          await page.getByRole('menuitem', { name: item }).click();
        })(),
      ]);
      return readFileSync(await file.path(), 'utf8');
    };
    const doc = JSON.parse(await saved('JSON')) as ReportDocument;
    const apart = outcome === 'CANCELLED' ? 1 : 0;
    expect(doc).toMatchObject({
      schema: 'drs-orchestrator/runs-report/1', complete: true, filter: { accountId }, overdue: [],
      summary: { finished: 3 - apart, cancelled: apart, measured: 3 - apart },
    });
    const by = new Map(doc.runs.map((r) => [r.executionId, r]));
    expect([...by.keys()].sort()).toEqual([done, partial, cancelled].sort());
    const run = await world.api('GET', `/executions/${done}`);
    const first = by.get(done);
    expect(first).toMatchObject({ status: 'COMPLETED', rtoVerdict: 'met', rpoVerdict: 'met', serversLaunched: 3, measured: true, rtoWithPauses: false });
    // the pause is not in it
    expect(first?.rtoSeconds).toBeLessThanOrEqual(Number(run.endTime) - Number(run.startTime));
    expect(by.get(partial)).toMatchObject({ status: 'PARTIAL', rtoVerdict: 'missed', rtoSeconds: null, serversFailed: 1 });
    expect(doc.slowestWaves.map((w) => w.name).sort()).toEqual(['Tier 0', 'Tier 1']);
    expect(doc.slowestServers.length).toBe(3);
    const sheet = await saved('CSV: runs');
    expect(sheet.trim().split('\r\n')).toHaveLength(4);
    expect(sheet).toContain(planName);

    const pdf = await page.pdf({ format: 'A4' });
    const path = join(tmpdir(), `drs-reports-${accountId}.pdf`);
    writeFileSync(path, pdf);
    const pages = execFileSync('pdftotext', ['-layout', path, '-'], { encoding: 'utf8' }).split('\f').filter((p) => p.trim() !== '');
    rmSync(path);
    for (const [i, text] of pages.entries()) {
      expect([i, /SHA-256 of the JSON: [0-9a-f]{64}/.test(text), new RegExp(`\\b${String(i + 1)} ?/ ?${String(pages.length)}`).test(text)]).toEqual([i, true, true]);
    }
    const all = pages.join('\n');
    expect(all).toContain('Report of recovery runs');
    expect(all).not.toContain('Export');
    await page.getByRole('button', { name: 'Export' }).waitFor();

    await page.getByRole('button', { name: /^Type Drills/ }).click();
    await page.getByRole('option', { name: 'Recovery' }).click();
    await page.getByText('No run was completed.').or(page.getByText('No run matches')).first().waitFor({ timeout: 60_000 });
    expect(new URL(page.url()).searchParams.get('type')).toBe('RECOVERY');
    await page.goto(`${world.origin}/reports?account=${accountId}&plan=${planId}&from=-7d&type=DRILL`);
    await page.getByText('1 met, ').first().waitFor({ timeout: 60_000 });
    await page.getByRole('button', { name: 'Numbers of the chart: RTO of each run' }).click();
    await page.getByRole('table', { name: 'RTO of each run' }).getByRole('link', { name: planName }).click();
    await page.waitForURL(new RegExp(`/executions/${done}`));
    await tab.close();
  });

  it.each([['reports-dark', { dark: true }], ['reports-phone', { width: 390 }]] as const)('can be read at night and on a phone: %s', async (name, options) => {
    const tab = await Tab.open(browser, world, options);
    const { page } = tab;
    await tab.signIn(world.user('DRSReadOnly'), `/reports?account=${made.accountId}&from=-30d`);
    await page.getByText(/^tier0-/).first().waitFor({ timeout: 60_000 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)).toBeLessThanOrEqual(0);
    await tab.look(name);
    await tab.close();
  });
});
