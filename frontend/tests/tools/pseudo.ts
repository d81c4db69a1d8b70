/**
 * Texts in a language that nobody speaks: each letter has an accent and each
 * text is 40 % longer. What is not written like that on the screen is data or
 * does not come from the catalogue; what does not fit is a fault of the layout.
 */
import type { Plugin } from 'vite';

const FROM = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';
const TO = 'áƀćďéƒǵĥíĵķĺɱńóṕqŕšťúṽŵẋýžÁƁĆĎÉƑǴĤÍĴĶĹṀŃÓṔQŔŠŤÚṼŴẊÝŽ';

/** Literal parts of an ICU message are at even depths of braces. */
export function pseudo(text: string): string {
  let depth = 0;
  let letters = 0;
  let out = '';
  for (const char of text) {
    depth += char === '{' ? 1 : 0;
    const at = depth % 2 === 0 ? FROM.indexOf(char) : -1;
    letters += at < 0 ? 0 : 1;
    out += at < 0 ? char : ([...TO][at] ?? char);
    depth -= char === '}' ? 1 : 0;
  }
  return out + ' ~'.repeat(Math.ceil((letters * 0.4) / 2));
}

export function pseudoTexts(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).map(([id, text]) => [id, pseudo(text)]));
}

/** Puts every catalogue of src/i18n through pseudoTexts(). */
export function pseudoLocale(): Plugin {
  return {
    name: 'pseudo-locale',
    enforce: 'pre',
    transform(code, id) {
      const name = /\/i18n\/[\w.]*en\.ts$/.test(id) ? /export const (\w+) = \{/.exec(code)?.[1] : undefined;
      return name === undefined
        ? null
        : `import { pseudoTexts } from '${import.meta.dirname}/pseudo.ts';\n${code.replace(`export const ${name} =`, 'const source =').replace(/\} as const;/, '};')}\nexport const ${name} = pseudoTexts(source);\n`;
    },
  };
}
