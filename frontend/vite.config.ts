import { gzipAsync } from '@gfx/zopfli';
import react from '@vitejs/plugin-react';
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { pseudoLocale } from './tests/tools/pseudo.ts';
import { leanCloudscape, noFormatterInErrors } from './vite.cloudscape.ts';

/** CloudScape's style sheet has its fonts inside; they become files. */
function fontsAsFiles(): Plugin {
  return {
    name: 'fonts-as-files',
    generateBundle(_, bundle) {
      for (const file of Object.values(bundle)) {
        if (file.type !== 'asset' || !file.fileName.endsWith('.css')) {
          continue;
        }
        file.source = file.source
          .toString()
          .replace(/url\(["']?data:[\w/+-]*font[\w/+-]*;[^,]*base64,([^"')]+)["']?\)/g, (_whole, data: string) => {
            const source = Buffer.from(data, 'base64');
            const name = `font-${createHash('sha256').update(source).digest('hex').slice(0, 10)}.woff2`;
            this.emitFile({ type: 'asset', fileName: `assets/${name}`, source });
            return `url(./${name})`;
          });
      }
    },
  };
}

/**
 * What sign-in consists of is fetched with the first code, not after it ran.
 * Other pages have nearly all of it too.
 */
function signInAtOnce(): Plugin {
  return {
    name: 'sign-in-at-once',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler(html, { bundle = {} }) {
        const files = new Set<string>();
        const add = (name: string): void => {
          const chunk = bundle[name];
          if (files.has(name) || chunk?.type !== 'chunk') {
            return;
          }
          files.add(name);
          for (const css of chunk.viteMetadata?.importedCss ?? []) {
            files.add(css);
          }
          chunk.imports.forEach(add);
        };
        const page = Object.values(bundle).find((file) => file.type === 'chunk' && file.facadeModuleId?.endsWith('/screens/SignIn.tsx') === true);
        if (page === undefined) {
          throw new Error('there is no page of sign-in');
        }
        add(page.fileName);
        return [...files].filter((file) => !html.includes(file)).map((file) => ({
          tag: 'link',
          attrs: { rel: file.endsWith('.css') ? 'stylesheet' : 'modulepreload', crossorigin: true, href: `./${file}` },
          injectTo: 'head' as const,
        }));
      },
    },
  };
}

/** From this size on Zopfli is worth its time: 3 to 4 percent smaller. */
const LARGE = 24 * 1024;

/** A packed copy beside each asset, for gzip_static of nginx. */
function packedCopies(): Plugin {
  return {
    name: 'packed-copies',
    async writeBundle({ dir }, bundle) {
      for (const name of Object.keys(bundle)) {
        if (dir !== undefined && /^assets\/.*\.(js|css)$/.test(name)) {
          const path = join(dir, name);
          const content = readFileSync(path);
          writeFileSync(`${path}.gz`, content.length < LARGE ? gzipSync(content, { level: 9 }) : await gzipAsync(content, { numiterations: 1 }));
        }
      }
    },
  };
}

// Addresses in the built files are relative to <base href> of index.html, so
// one build serves any path prefix.
export default defineConfig({
  base: './',
  // CloudScape and the console use the same formatter
  resolve: { dedupe: ['intl-messageformat'] },
  plugins: [react(), leanCloudscape(), noFormatterInErrors(), fontsAsFiles(), signInAtOnce(), process.env.DRS_CONSOLE_PSEUDO === undefined ? packedCopies() : pseudoLocale()],
  build: {
    outDir: process.env.DRS_CONSOLE_OUT ?? '../build/console',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    target: 'es2022',
    sourcemap: false,
    reportCompressedSize: false,
    modulePreload: { polyfill: false },
  },
  test: {
    environment: 'jsdom',
    include: ['tests/unit/**/*.test.{ts,tsx}'],
    setupFiles: ['tests/unit/setup.ts'],
    // forms are slow on a busy machine
    testTimeout: 30_000,
    css: false,
    // CloudScape is loaded once for all files, not once for each
    isolate: false,
  },
});
