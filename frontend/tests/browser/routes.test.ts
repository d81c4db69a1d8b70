/**
 * Every route of the console, in light, in dark and on a phone: a picture, no
 * serious finding of axe, nothing beside the page, no complaint of the
 * browser. A route that has no line in PAGES fails.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { launch, Tab } from './browser';
import { World } from './world';

const SRC = join(import.meta.dirname, '../../src');

/** Paths of the route table, settings with each of their tabs. */
function routes(): string[] {
  const table = [...readFileSync(join(SRC, 'app/App.tsx'), 'utf8').matchAll(/path: '([^']+)'/g)].map((m) => m[1] ?? '');
  const tabs = /const TABS = \[([^\]]+)\]/.exec(readFileSync(join(SRC, 'screens/Settings.tsx'), 'utf8'))?.[1] ?? '';
  return table.flatMap((path) =>
    path.includes(':tab?') ? [...tabs.matchAll(/'([^']+)'/g)].map((m) => path.replace(':tab?', m[1] ?? '')) : [path],
  );
}

interface Made {
  accountId: string;
  planId: string;
  groupId: string;
  executionId: string;
  serverId: string;
  scheduleId: string;
}

/** How to reach each route, and what is there once it is loaded. */
const PAGES: Record<string, { at: (made: Made) => string; text: string | RegExp }> = {
  '/login': { at: () => '/login', text: 'Show the password' },
  '/': { at: () => '/', text: 'Ended last' },
  '/protection-groups': { at: () => '/protection-groups', text: 'Tier 0' },
  '/protection-groups/new': { at: () => '/protection-groups/new', text: 'New protection group' },
  '/protection-groups/:groupId/edit': { at: (m) => `/protection-groups/${m.groupId}/edit`, text: 'Edit Tier 0' },
  '/protection-groups/:groupId': { at: (m) => `/protection-groups/${m.groupId}`, text: 'tier0-' },
  '/recovery-plans': { at: () => '/recovery-plans', text: 'Shop' },
  '/recovery-plans/new': { at: () => '/recovery-plans/new', text: 'New recovery plan' },
  '/recovery-plans/compare': { at: (m) => `/recovery-plans/compare?left=${m.planId}&right=${m.planId}`, text: 'They are the same.' },
  '/recovery-plans/:planId/edit': { at: (m) => `/recovery-plans/${m.planId}/edit`, text: 'Edit Shop' },
  '/recovery-plans/:planId': { at: (m) => `/recovery-plans/${m.planId}`, text: 'Shop' },
  '/recovery-plans/:planId/readiness': { at: (m) => `/recovery-plans/${m.planId}/readiness`, text: 'Groups have servers' },
  '/recovery-plans/:planId/versions': { at: (m) => `/recovery-plans/${m.planId}/versions`, text: 'Saved by' },
  '/recovery-plans/:planId/schedules/:scheduleId': { at: (m) => `/recovery-plans/${m.planId}/schedules/${m.scheduleId}`, text: 'Sunday drill' },
  '/recovery-plans/:planId/schedules/:scheduleId/edit': { at: (m) => `/recovery-plans/${m.planId}/schedules/${m.scheduleId}/edit`, text: 'Edit schedule' },
  '/schedules': { at: () => '/schedules', text: 'Sunday drill' },
  '/schedules/new': { at: () => '/schedules/new', text: 'New schedule' },
  '/executions': { at: () => '/executions?tab=history', text: 'Shop' },
  '/executions/:executionId': { at: (m) => `/executions/${m.executionId}`, text: 'COMPLETED' },
  '/executions/:executionId/report': { at: (m) => `/executions/${m.executionId}/report`, text: 'Report of a recovery drill' },
  '/servers': { at: () => '/servers', text: 'tier0-' },
  '/servers/:serverId': { at: (m) => `/servers/${m.serverId}?owner=${m.accountId}&region=us-east-1`, text: 'tier0-' },
  '/capacity': { at: () => '/capacity', text: '3 of 300' },
  '/audit': { at: () => '/audit', text: 'auth.login' },
  '/settings/preferences': { at: () => '/settings/preferences', text: 'Dark' },
  '/settings/accounts': { at: () => '/settings/accounts', text: 'Add account' },
  '/settings/accounts/new': { at: () => '/settings/accounts/new', text: 'Add a target account' },
  '/settings/tag-sync': { at: () => '/settings/tag-sync', text: 'Synchronise now' },
  '/settings/notifications': { at: () => '/settings/notifications', text: 'Mails and messages' },
  '/settings/webhooks': { at: () => '/settings/webhooks', text: 'Add webhook' },
  '/settings/about': { at: () => '/settings/about', text: 'State of the server' },
  '/settings/transfer': { at: () => '/settings/transfer', text: 'Download' },
  '*': { at: () => '/nowhere', text: 'Page not found' },
};

const nameOf = (route: string) =>
  route === '/' ? 'dashboard' : route === '*' ? 'not-found' : route.replace(/[^a-z]+/gi, '-').replace(/^-/, '');

const SIZES = [
  { mode: 'light', dark: false, width: 1360 },
  { mode: 'dark', dark: true, width: 1360 },
  { mode: 'phone', dark: false, width: 390 },
];

let browser: Browser;
let world: World;
let made: Made;
let admin: string;

beforeAll(async () => {
  world = new World();
  browser = await launch();
  const { accountId, planId, serverIds } = await world.plan([2, 1]);
  const { groups } = await world.api('GET', `/protection-groups?accountId=${accountId}`);
  const group = (groups as { groupId: string; groupName: string }[]).find((g) => g.groupName.startsWith('Tier 0'));
  const schedule = await world.api('POST', `/recovery-plans/${planId}/schedules`, {
    name: 'Sunday drill', cron: '0 4 * * 0', timeZone: 'Europe/Berlin', executionType: 'DRILL',
  });
  const executionId = await world.start(planId);
  await vi.waitFor(async () => {
    expect((await world.api('GET', `/executions/${executionId}`)).status).toBe('COMPLETED');
  }, { timeout: 90_000, interval: 200 });
  made = { accountId, planId, groupId: group?.groupId ?? '', executionId, serverId: serverIds[0] ?? '', scheduleId: String(schedule.scheduleId) };
  admin = world.user('DRSOrchestrationAdmin');
});

afterAll(async () => {
  await browser.close();
});

describe('routes', () => {
  it('have a line in this test each', () => {
    expect(routes().length).toBeGreaterThan(15);
    expect(routes().filter((path) => !(path in PAGES))).toEqual([]);
    expect(Object.keys(PAGES).filter((path) => !routes().includes(path))).toEqual([]);
  });

  it.each(SIZES)('are looked at: $mode', async ({ mode, dark, width }) => {
    const tab = await Tab.open(browser, world, { dark, width });
    const { page } = tab;
    await tab.signIn(admin, `/?account=${made.accountId}`);
    const problems: string[] = [];
    for (const [route, { at, text }] of Object.entries(PAGES)) {
      if (route === '/login') {
        continue;
      }
      const path = at(made);
      try {
        await page.goto(`${world.origin}${path}${path.includes('?') ? '&' : '?'}account=${made.accountId}`);
        await page.locator('main, #content').getByText(text).filter({ visible: true }).first().waitFor({ timeout: 60_000 });
        expect(await page.locator('h1:visible').count(), 'headings of level 1').toBe(1);
        expect(await page.title(), 'title of the document').toMatch(/.+ · DRS Orchestrator/);
        expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), 'what sticks out').toBeLessThanOrEqual(0);
        await tab.look(`route-${mode}-${nameOf(route)}`);
      } catch (cause) {
        problems.push(`${route}: ${cause instanceof Error ? cause.message : String(cause)}`);
      }
    }
    await page.evaluate(() => {
      sessionStorage.clear();
    });
    await page.goto(`${world.origin}/login`);
    await page.getByText(PAGES['/login']?.text ?? '').first().waitFor();
    await tab.look(`route-${mode}-login`);
    expect(problems).toEqual([]);
    await tab.close();
  }, 400_000);
});
