/**
 * Texts of the console. Every text a person reads is in en.ts (or, when it
 * is needed before sign-in, in start.en.ts) under an id, in ICU
 * MessageFormat; another language is another pair of the same shape.
 */
import { IntlMessageFormat } from 'intl-messageformat';
import type { texts } from './en';
import { startTexts } from './start.en';

export type MessageId = keyof typeof startTexts | keyof typeof texts;
export type Values = Record<string, string | number | Date | null | undefined>;

const locale = 'en';
const catalogue: Record<string, string> = { ...startTexts };

/** Adds the texts of the pages, which are loaded with them. */
export function register(more: Readonly<Record<string, string>>): void {
  Object.assign(catalogue, more);
}

const cache = new Map<string, IntlMessageFormat>();

/** The text with values filled in. */
export function t(id: MessageId, values?: Values): string {
  const source = catalogue[id] ?? id;
  if (values === undefined && !source.includes('{')) {
    return source;
  }
  let format = cache.get(id);
  if (format === undefined) {
    format = new IntlMessageFormat(source, locale, undefined, { ignoreTag: true });
    cache.set(id, format);
  }
  const text: unknown = format.format(values);
  return typeof text === 'string' ? text : String(text);
}

/** Whether the catalogue has a text of this id; for ids made of data. */
export function hasMessage(id: string): id is MessageId {
  return Object.hasOwn(catalogue, id);
}
