import { IntlMessageFormat } from 'intl-messageformat';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { pseudo } from '../tools/pseudo';

const catalogues = Object.values(
  import.meta.glob<Record<string, Record<string, string>>>('../../src/i18n/*en.ts', { eager: true }),
).flatMap((exported) => Object.values(exported));

/** A component may take the id of a message as its label. */
const ids = new Set(catalogues.flatMap((c) => Object.keys(c)));

const root = join(import.meta.dirname, '../../src');
const screens = readdirSync(root, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.tsx'))
  .map((name) => [name, readFileSync(join(root, name), 'utf8')] as const);

/** Words in markup, and in attributes that people read or hear. */
function literals(code: string): string[] {
  const plain = code.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/ .*/g, '');
  const markup = [...plain.matchAll(/<(?:b|p|li|td|th|h[1-6]|span|div|Box|Header|Button|Alert|Link|strong)(?: [^<>]*)?>\s*([A-Za-z][A-Za-z ,.']{2,})</g)];
  const attributes = [...plain.matchAll(/\b(?:label|header|headerText|placeholder|description|ariaLabel|aria-label|title|errorText|constraintText|alt)="([^"]*[A-Za-z]{3}[^"]*)"/g)];
  return [...markup, ...attributes].map((m) => m[1] ?? '').filter((text) => !ids.has(text));
}

describe('the pseudo-locale', () => {
  it('keeps every message valid and makes it longer', () => {
    expect(pseudo('Ended {count, plural, one {# run} other {# runs}}')).toMatch(/^Éńďéď \{count, plural, one \{# ŕúń\} other \{# ŕúńš\}\}( ~)+$/);
    for (const text of catalogues.flatMap((c) => Object.values(c))) {
      expect(() => new IntlMessageFormat(pseudo(text), 'en', undefined, { ignoreTag: true })).not.toThrow();
      expect(pseudo(text).length).toBeGreaterThanOrEqual(text.length);
    }
  });
});

describe('screens', () => {
  it('have no text of their own: all of it is in the catalogue', () => {
    expect(literals('<Box>Hard coded</Box> <Button ariaLabel="Close it">')).toEqual(['Hard coded', 'Close it']);
    expect(screens.length).toBeGreaterThan(30);
    expect(screens.flatMap(([name, code]) => literals(code).map((text) => `${name}: ${text}`))).toEqual([]);
  });
});
