/**
 * Every route of the console, in light, in dark and on a phone: a picture, no
 * serious finding of axe, nothing beside the page, no complaint of the
 * browser. A route that has no line in PAGES fails.
 */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launch, Tab } from './browser';
import { addressOf, make, PAGES, routes, type Made } from './pages';
import { World } from './world';

const nameOf = (route: string) =>
  route === '/' ? 'dashboard' : route === '*' ? 'not-found' : route.replace(/[^a-z]+/gi, '-').replace(/^-/, '');

const SIGNED_IN = Object.keys(PAGES).filter((route) => route !== '/login');

let browser: Browser;
let world: World;
let made: Made;
let bare: string;
let tab: Tab;
let page: Page;

beforeAll(async () => {
  world = new World();
  browser = await launch();
  made = await make(world);
  bare = await world.account();
  await world.register(bare);
  tab = await Tab.open(browser, world);
  page = tab.page;
  await page.goto(`${world.origin}/login`);
  await page.getByText(PAGES['/login']?.text ?? '').first().waitFor();
  await tab.looks('route', 'login');
  await page.setViewportSize({ width: 390, height: 844 });
  await tab.look('route-phone-login');
  await tab.signIn(world.user('DRSOrchestrationAdmin'), `/?account=${made.accountId}`);
});

afterAll(async () => {
  await tab.close();
  await browser.close();
});

/** Lists, and what they say when there is nothing. */
const EMPTY = [
  ['/protection-groups', 'No protection group'], ['/recovery-plans', 'No recovery plan'], ['/executions', 'Nothing runs now'], ['/executions?tab=history', 'No run has ended yet'],
] as const;

const sticksOut = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);

/** Loads a route anew, until all of it is there. */
async function open(route: string): Promise<void> {
  await page.goto(world.origin + addressOf(route, made));
  await page.locator('main, #content').getByText(PAGES[route]?.text ?? '').filter({ visible: true }).first().waitFor({ timeout: 60_000 });
  await page.locator('#content').getByText(/^Loading/).filter({ visible: true }).first().waitFor({ state: 'hidden', timeout: 60_000 });
  expect(await page.locator('h1:visible').count(), 'headings of level 1').toBe(1);
  expect(await page.title(), 'title of the document').toMatch(/.+ · DRS Orchestrator/);
  expect(await sticksOut(), 'what sticks out').toBeLessThanOrEqual(0);
}

describe('routes', () => {
  it('have a line in this test each', () => {
    expect(routes().length).toBeGreaterThan(15);
    expect(routes().filter((path) => !(path in PAGES))).toEqual([]);
    expect(Object.keys(PAGES).filter((path) => !routes().includes(path))).toEqual([]);
  });

  it.each(SIGNED_IN)('are looked at in light and dark: %s', async (route) => {
    await page.setViewportSize({ width: 1360, height: 900 });
    await open(route);
    await tab.looks('route', nameOf(route));
    tab.calm();
  });

  it.each(SIGNED_IN)('are looked at on a phone: %s', async (route) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await open(route);
    await tab.look(`route-phone-${nameOf(route)}`);
    // as small as WCAG 1.4.10 asks for
    await page.setViewportSize({ width: 320, height: 700 });
    expect(await sticksOut(), 'what sticks out at 320 px').toBeLessThanOrEqual(0);
    tab.calm();
  });

  it.each(EMPTY)('are looked at in an account without anything: %s', async (route, text) => {
    await page.setViewportSize({ width: 1360, height: 900 });
    await page.goto(`${world.origin}${route}${route.includes('?') ? '&' : '?'}account=${bare}`);
    await page.locator('#content').getByText(text).filter({ visible: true }).first().waitFor({ timeout: 60_000 });
    await tab.looks('empty', nameOf(route));
    tab.calm();
  });
});
