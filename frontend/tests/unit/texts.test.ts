import { IntlMessageFormat } from 'intl-messageformat';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { texts } from '../../src/i18n/en';
import { startTexts } from '../../src/i18n/start.en';
import { icu } from '../../src/i18n/icu';
import { register, t } from '../../src/i18n/t';

/** All catalogues: start.en.ts, en.ts, and one for each area. */
const catalogues = Object.entries(
  import.meta.glob<Record<string, Record<string, string>>>('../../src/i18n/*en.ts', { eager: true }),
).flatMap(([file, exported]) => Object.values(exported).map((entries) => ({ file, entries })));
const en: Record<string, string> = Object.assign({}, ...catalogues.map((c) => c.entries)) as Record<string, string>;

register(en, icu);

const root = join(import.meta.dirname, '../../src');
const sources = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('schema.d.ts'))
  .map((name) => [name, readFileSync(join(root, name), 'utf8')] as const);

describe('texts', () => {
  it('are all valid ICU messages', () => {
    for (const source of Object.values(en)) {
      expect(() => new IntlMessageFormat(source, 'en', undefined, { ignoreTag: true })).not.toThrow();
    }
  });

  it('have ids of their own', () => {
    const ids = catalogues.flatMap((c) => Object.keys(c.entries));
    expect(catalogues.length).toBeGreaterThanOrEqual(3);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
  });

  it('are all used', () => {
    const code = sources.map(([, text]) => text).join('\n');
    const families = [...code.matchAll(/[`'"]([a-zA-Z]+(?:\.[a-zA-Z]+)*\.)\$\{/g)].map((m) => m[1] ?? '');
    families.push('execution.', 'wave.', 'server.', 'error.', 'check.', 'launch.', 'replication.', 'reason.', 'lastlaunch.', 'help.', 'region.', 'extension.', 'direction.', 'tagsource.');
    const unused = Object.keys(en).filter(
      (id) => !code.includes(`'${id}'`) && !families.some((family) => id.startsWith(family)),
    );
    expect(unused).toEqual([]);
  });

  it('of pages that are seen first are loaded with them', () => {
    const first = sources.filter(
      ([name]) =>
        /^(app|auth|live|api)\//.test(name) || /^screens\/(Dashboard|Executions|NotFound)\.tsx$/.test(name) ||
        /^components\/(Status|Time|Failed|GatedButton|Link|TypeBadge)\.tsx$/.test(name),
    );
    expect(first.length).toBeGreaterThan(15);
    for (const [name, code] of first) {
      const ids = [...code.matchAll(/\bt\('([\w.-]+)'/g)].map((m) => m[1] ?? '');
      expect([name, ids.filter((id) => !(id in texts) && !(id in startTexts))]).toEqual([name, []]);
    }
  });

  it('fill in numbers with their plural', () => {
    expect(t('matches', { count: 1 })).toBe('1 match');
    expect(t('matches', { count: 1200 })).toBe('1,200 matches');
  });
});

describe('sources', () => {
  it('have no address of another host', () => {
    for (const [name, text] of sources) {
      const hosts = [...text.matchAll(/https?:\/\/([\w.{}-]+)/g)].map((m) => m[1]);
      // the latter is the name of SVG, which nobody asks for
      const allowed = ['{region}.console.aws.amazon.com', 'www.w3.org'];
      expect([name, hosts.filter((h) => h !== undefined && !allowed.includes(h))]).toEqual([name, []]);
    }
  });
});
