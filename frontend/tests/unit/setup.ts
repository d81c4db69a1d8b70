// What React, CloudScape or the console itself complains of is a fault of the test or of the code.
import { format } from 'node:util';
import { afterAll, afterEach, expect } from 'vitest';
import { setDateChoice, setZoneChoice } from '../../src/lib/time';

const said: string[] = [];
const complain = (...what: unknown[]) => {
  said.push(format(...what));
};
Object.assign(console, { error: complain, warn: complain });

// modules are shared by files: a choice of one must not be there in the next
afterAll(() => {
  setZoneChoice('local');
  setDateChoice('language');
  localStorage.clear();
});

afterEach(() => {
  const all = said.splice(0);
  expect(all, `on the console: ${all[0] ?? ''}`).toEqual([]);
});
