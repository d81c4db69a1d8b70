import { defineConfig } from 'vitest/config';

// The real console in a real browser against a real stack; see tests/browser.
export default defineConfig({
  test: {
    environment: 'node',
    include: ['tests/browser/**/*.test.ts'],
    globalSetup: ['tests/browser/stack.ts'],
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // as the system tests: once more, and named
    retry: 1,
  },
});
