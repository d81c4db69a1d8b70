/** ICU MessageFormat: plurals and numbers. */
import { IntlMessageFormat } from 'intl-messageformat';
import type { Values } from './t';

const cache = new Map<string, IntlMessageFormat>();

export function icu(id: string, source: string, values: Values): string {
  let message = cache.get(id);
  if (message === undefined) {
    message = new IntlMessageFormat(source, 'en', undefined, { ignoreTag: true });
    cache.set(id, message);
  }
  const text: unknown = message.format(values);
  return typeof text === 'string' ? text : String(text);
}
