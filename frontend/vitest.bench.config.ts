import { defineConfig } from 'vitest/config';

// Measurements of the console in a real browser against a real stack.
export default defineConfig({
  test: {
    environment: 'node',
    include: ['tests/bench/**/*.test.ts'],
    globalSetup: ['tests/browser/stack.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
});
