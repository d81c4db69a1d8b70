/** What each role may do, as its user sees it: ui.md 1.16, written out here once more on purpose. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { launch, Tab } from './browser';
import { World } from './world';

const A = 'DRSOrchestrationAdmin', M = 'DRSRecoveryManager', P = 'DRSPlanManager', O = 'DRSOperator', R = 'DRSReadOnly', U = 'DRSAuditor';
const ROLES = [A, M, P, O, R, U];

interface Made {
  planId: string;
  groupId: string;
  pausedId: string;
  endedId: string;
}

interface Control {
  button: string;
  roles: string[];
}

/** Pages with their controls, and the roles for which they are enabled. */
const PAGES: { path: (made: Made) => string; ready: string; before?: (page: Page) => Promise<void>; controls: Control[] }[] = [
  { path: () => '/protection-groups', ready: 'Tier 0', before: selectAll, controls: [{ button: 'Create group', roles: [A, M, P] }] },
  { path: (m) => `/protection-groups/${m.groupId}`, ready: 'tier0-', controls: [{ button: 'Edit', roles: [A, M, P, O] }] },
  {
    path: () => '/recovery-plans', ready: 'Shop',
    controls: [{ button: 'Create plan', roles: [A, M, P] }],
  },
  {
    path: (m) => `/executions/${m.pausedId}`, ready: 'Paused as planned',
    controls: [{ button: 'Resume', roles: [A, M, P, O] }, { button: 'Cancel run', roles: [A, M, P, O] }],
  },
  { path: (m) => `/executions/${m.endedId}`, ready: 'COMPLETED', controls: [{ button: 'Terminate instances', roles: [A, M] }] },
  { path: (m) => `/recovery-plans/${m.planId}`, ready: 'Tier 0', controls: [
    { button: 'Edit', roles: [A, M, P, O] }, { button: 'Start drill', roles: [A, M, P, O] }, { button: 'Start recovery', roles: [A, M, P, O] },
  ] },
  {
    path: () => '/settings/accounts', ready: 'Account', before: selectAll,
    controls: [{ button: 'Add account', roles: [A, M] }, { button: 'Edit', roles: [A, M] }, { button: 'Remove', roles: [A] }],
  },
  { path: () => '/settings/tag-sync', ready: 'Synchronise now', controls: [{ button: 'Synchronise now', roles: [A, M, P, O] }] },
];

/** Chooses the first row, for what is done to rows. */
async function selectAll(page: Page): Promise<void> {
  await page.locator('#content table').getByRole('checkbox').nth(1).check();
}

async function enabled(page: Page, name: string): Promise<boolean> {
  const button = page.locator('#content').getByRole('button', { name, exact: true }).first();
  // disabled without a reason: the permissions are not known yet
  await button.and(page.locator(':not([disabled])')).waitFor();
  return (await button.isEnabled()) && (await button.getAttribute('aria-disabled')) !== 'true';
}

let browser: Browser;
let world: World;
let made: Made;
let accountId: string;

beforeAll(async () => {
  world = new World();
  browser = await launch();
  const drilled = await world.plan([1]);
  const endedId = await world.start(drilled.planId);
  const steered = await world.plan([1, 1], 1);
  const pausedId = await world.start(steered.planId);
  accountId = drilled.accountId;
  const { groups } = await world.api('GET', `/protection-groups?accountId=${accountId}`);
  made = { planId: drilled.planId, groupId: (groups as { groupId: string }[])[0]?.groupId ?? '', pausedId, endedId };
  await vi.waitFor(async () => {
    expect((await world.api('GET', `/executions/${endedId}`)).status).toBe('COMPLETED');
    expect((await world.api('GET', `/executions/${pausedId}`)).status).toBe('PAUSED');
  }, { timeout: 90_000, interval: 200 });
});

afterAll(async () => {
  await browser.close();
});

describe('roles', () => {
  it.each(ROLES)('BUG 1.16: every control that changes something knows what %s may do', async (role) => {
    const tab = await Tab.open(browser, world);
    const { page } = tab;
    await tab.signIn(world.user(role), `/?account=${accountId}`);
    const seen: Record<string, boolean> = {};
    const expected: Record<string, boolean> = {};
    for (const { path, ready, before, controls } of PAGES) {
      const at = path(made);
      await page.goto(`${world.origin}${at}?account=${accountId}`);
      await page.locator('#content').getByText(ready).filter({ visible: true }).first().waitFor({ timeout: 60_000 });
      await before?.(page);
      for (const { button, roles } of controls) {
        const id = `${at.replace(/[0-9a-f-]{36}/, ':id')} ${button}`;
        expected[id] = roles.includes(role);
        seen[id] = await enabled(page, button);
        if (!roles.includes(role)) {
          // disabled, but with its name, reached by keyboard, and with the reason
          const control = page.locator('#content').getByRole('button', { name: button, exact: true }).first();
          await control.focus();
          await page.getByText(/^Needs the permission/).filter({ visible: true }).first().waitFor();
        }
      }
    }
    expect(seen).toEqual(expected);
    await page.goto(`${world.origin}/settings/preferences`);
    await page.getByRole('tab', { name: 'Preferences' }).waitFor();
    await page.locator('#content').getByText(role).filter({ visible: true }).first().waitFor();
    expect(await page.getByRole('tab', { name: 'Export and import' }).count()).toBe([A, M].includes(role) ? 1 : 0);
    await page.goto(`${world.origin}/audit`);
    await page.getByText([A, U].includes(role) ? 'auth.login' : 'Needs the permission audit_read').first().waitFor({ timeout: 60_000 });
    await tab.close();
  });
});
