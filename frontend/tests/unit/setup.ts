// What React, CloudScape or the console itself complains of is a fault of the test or of the code.
import { format } from 'node:util';
import { afterEach, expect } from 'vitest';

const said: string[] = [];
const complain = (...what: unknown[]) => {
  said.push(format(...what));
};
Object.assign(console, { error: complain, warn: complain });

/** What was complained of so far; a test that takes it expects it. */
export function complaints(): string[] {
  return said.splice(0);
}

afterEach(() => {
  const all = complaints();
  expect(all, `on the console: ${all[0] ?? ''}`).toEqual([]);
});
