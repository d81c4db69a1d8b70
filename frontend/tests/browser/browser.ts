/** Chromium, watched: no console error, no other host, no CSP violation. */
import axe from 'axe-core';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Browser, type Locator, type Page } from 'playwright-core';
import { expect } from 'vitest';
import { PASSWORD, type World } from './world';

/** Parts of CloudScape with a fault of their own (aria-orientation on nav). */
const THEIRS = ['nav[class*="mobile-toolbar-nav"]'];

const SHOTS = process.env.DRS_SHOTS ?? join(import.meta.dirname, '../../../build/console-shots');

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
}

/** Waits until a control is refused to this user; before the permissions are known it is disabled without a reason. */
export async function refused(control: Locator): Promise<void> {
  await control.and(control.page().locator('[aria-disabled="true"]')).waitFor({ timeout: 30_000 });
}

export class Tab {
  private readonly faults: string[] = [];

  private constructor(
    readonly page: Page,
    readonly world: World,
  ) {}

  static async open(browser: Browser, world: World, options: { dark?: boolean; width?: number } = {}): Promise<Tab> {
    const context = await browser.newContext({
      ignoreHTTPSErrors: true,
      viewport: { width: options.width ?? 1360, height: 900 },
      colorScheme: options.dark === true ? 'dark' : 'light',
      // pictures and contrasts of what is there, not of what fades in
      reducedMotion: 'reduce',
      timezoneId: 'UTC',
      locale: 'en-US',
    });
    const tab = new Tab(await context.newPage(), world);
    tab.watch();
    return tab;
  }

  private watch(): void {
    this.page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') {
        this.faults.push(`console: ${message.text()}`);
      }
    });
    this.page.on('pageerror', (error) => {
      this.faults.push(`page: ${error.message}`);
    });
    this.page.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(this.world.origin) && !url.startsWith('data:') && !url.startsWith('blob:')) {
        this.faults.push(`other host: ${url}`);
      }
    });
  }

  async signIn(username: string, path = '/'): Promise<void> {
    await this.page.goto(this.world.origin + path);
    await this.page.fill('input[name=username]', username);
    await this.page.fill('input[name=password]', PASSWORD);
    await this.page.click('button[type=submit]');
    // the page of sign-in has a heading too
    await this.page.locator('#content h1').first().waitFor({ timeout: 60_000 });
  }

  /** Picture for people, and the rules of WCAG that a machine can check. */
  async look(name: string): Promise<void> {
    mkdirSync(SHOTS, { recursive: true });
    // not `fullPage`: it narrows the window for a moment, and the page closes its navigation for good
    const size = this.page.viewportSize() ?? { width: 1360, height: 900 };
    const height = await this.page.evaluate(() => document.documentElement.scrollHeight);
    if (height > size.height) {
      await this.page.setViewportSize({ width: size.width, height });
    }
    await this.page.screenshot({ path: join(SHOTS, `${name}.png`) });
    if (height > size.height) {
      await this.page.setViewportSize(size);
    }
    // through CDP: the page's own policy forbids inline scripts
    const client = await this.page.context().newCDPSession(this.page);
    const { result: there } = await client.send('Runtime.evaluate', { expression: 'typeof axe' });
    if (there.value === 'undefined') {
      await client.send('Runtime.evaluate', { expression: axe.source });
    }
    const { result } = await client.send('Runtime.evaluate', {
      expression: `axe.run({ exclude: ${JSON.stringify(THEIRS)} }, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'], resultTypes: ['violations'] }).then((r) =>
        JSON.stringify(r.violations.filter((v) => v.impact === 'serious' || v.impact === 'critical')
          .map((v) => [v.id, v.nodes.map((n) => n.html.slice(0, 160))])))`,
      awaitPromise: true,
      returnByValue: true,
    });
    await client.detach();
    expect([name, JSON.parse(String(result.value))]).toEqual([name, []]);
  }

  /** The same page in light and in dark. */
  async looks(prefix: string, name: string): Promise<void> {
    for (const mode of ['dark', 'light'] as const) {
      await this.page.emulateMedia({ colorScheme: mode });
      await this.page.waitForFunction((wanted) => document.documentElement.dataset.theme === wanted, mode);
      await this.look(`${prefix}-${mode}-${name}`);
    }
  }

  /** Fails when the page has complained, and names that; begins anew. */
  calm(expected: RegExp[] = []): void {
    const faults = this.faults.splice(0).filter((fault) => !expected.some((pattern) => pattern.test(fault)));
    expect(faults).toEqual([]);
  }

  /** Closes the tab; fails when the page had complained. */
  async close(expected: RegExp[] = []): Promise<void> {
    await this.page.context().close();
    this.calm(expected);
  }
}
