/**
 * The console in the pseudo-locale (tests/tools/pseudo.ts): on every route
 * each visible word is data of the API, a date, or comes from the catalogue;
 * and texts that are 40 % longer still fit.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pseudo } from '../tools/pseudo';
import { launch, Tab } from './browser';
import { addressOf, make, PAGES, type Made } from './pages';
import { World } from './world';

const PREFIX = '/pseudo';

/** What Intl and the units of SI write. */
const WRITTEN = [
  /\b(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\b/g, /\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*\b/g, /\b(AM|PM|UTC|GMT)\b/g,
  /\b(in|now|ago|second|minute|hour|day)s?\b/g, /\byesterday|tomorrow\b/g, /\bmin\b/g, /\b[KMG]i?B\b/g,
];
/** Of the report. */
const HASH = /^[0-9a-f]{40,}$/;
/** Names that are the same in every language. */
const NAMES = ['AWS', 'DRS', 'EC2', 'CSV', 'JSON', 'UTC', 'ISO'];

let browser: Browser;
let world: World;
let made: Made;
let tab: Tab;
let page: Page;
/** Every text that the API has answered or the test has entered, in lower case. */
const data = new Set<string>();

function learn(value: unknown): void {
  if (typeof value === 'string') {
    data.add(value.toLowerCase());
    data.add(value.toLowerCase().replace(/[_.]/g, ' '));
  } else if (Array.isArray(value)) {
    value.forEach(learn);
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, one] of Object.entries(value)) {
      // tags, details and permissions show their keys too
      learn(key);
      learn(key.replace(/[A-Z]/g, ' $&'));
      learn(one);
    }
  }
}

/** Words of a text that nobody has translated and that are not data. */
function foreign(text: string): string[] {
  const plain = WRITTEN.reduce((rest, pattern) => rest.replace(pattern, ' '), text);
  const lower = [...data];
  return (plain.match(/[A-Za-z][\w.:/@-]*(?: [A-Za-z][\w.:/@-]*)*/g) ?? []).filter((run) => {
    const words = run.toLowerCase().replace(/[.:-]+$/, '');
    return words.length >= 3 && !HASH.test(words) && !NAMES.includes(run) && !lower.some((known) => known.includes(words)) &&
      !words.split(' ').every((word) => data.has(word));
  });
}

beforeAll(async () => {
  world = new World();
  browser = await launch();
  made = await make(world);
  // names of controls that CloudScape has translated itself
  learn(JSON.parse(readFileSync(join(import.meta.dirname, '../../node_modules/@cloudscape-design/components/i18n/messages/all.en.json'), 'utf8')));
  learn([world.origin, 'config.json', PREFIX, addressOf('*', made)]);
  tab = await Tab.open(browser, world);
  page = tab.page;
  page.on('response', (answer) => {
    if (answer.url().includes('/api/') && (answer.headers()['content-type'] ?? '').includes('json')) {
      void answer.json().then(learn, () => undefined);
    }
  });
  const name = world.user('DRSOrchestrationAdmin');
  learn(name);
  await tab.signIn(name, `${PREFIX}/?account=${made.accountId}`);
});

afterAll(async () => {
  await tab.close();
  await browser.close();
});

/** The longest word of what a page shows once it is loaded: data, or in the pseudo-locale. */
function ofPage(text: string): RegExp {
  const word = text.split(' ').sort((a, b) => b.length - a.length)[0] ?? '';
  return new RegExp(`${word}|${pseudo(word).replace(/( ~)+$/, '')}`);
}

/** Texts that a person sees, each once. */
function seen(): Promise<string[]> {
  return page.evaluate(() => {
    const found = new Set<string>();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const { parentElement, textContent } = walker.currentNode;
      // code is data: JSON, ids, addresses
      if (parentElement?.checkVisibility({ visibilityProperty: true }) === true && parentElement.closest('code, pre, script, style') === null) {
        found.add(textContent?.trim() ?? '');
      }
    }
    for (const field of document.querySelectorAll('input[placeholder], [aria-label]')) {
      if (field.checkVisibility({ visibilityProperty: true })) {
        found.add(field.getAttribute('placeholder') ?? field.getAttribute('aria-label') ?? '');
      }
    }
    return [...found].filter((text) => text !== '');
  });
}

describe('in the pseudo-locale', () => {
  it('a text that is not in the catalogue is found', () => {
    learn({ name: 'Tier 0 of the shop', status: 'IN_PROGRESS' });
    expect(foreign(pseudo('Recovery plans'))).toEqual([]);
    expect(foreign('Tier 0 of the shop')).toEqual([]);
    expect(foreign(`${pseudo('Started')} Nov 29, 2026, 11:38:08 AM UTC`)).toEqual([]);
    expect(foreign('Hard coded')).toEqual(['Hard coded']);
  });

  it.each(Object.keys(PAGES).filter((route) => route !== '/login'))('every text of %s is from the catalogue', async (route) => {
    await page.goto(`${world.origin}${PREFIX}${addressOf(route, made)}`);
    await page.locator('h1').filter({ visible: true }).first().waitFor({ timeout: 60_000 });
    const { text } = PAGES[route] ?? { text: '' };
    await page.locator('#content').getByText(typeof text === 'string' ? ofPage(text) : text).filter({ visible: true }).first().waitFor({ timeout: 60_000 });
    await page.locator('#content').getByText(pseudo('Loading…').slice(0, 8)).filter({ visible: true }).first().waitFor({ state: 'hidden', timeout: 60_000 });
    // what an answer brings is known a moment after it is shown
    await expect.poll(async () => (await seen()).flatMap(foreign).join(' | '), { timeout: 10_000 }).toBe('');
    expect(await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth), 'what sticks out').toBeLessThanOrEqual(0);
    tab.calm();
  });
});
