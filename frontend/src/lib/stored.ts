/** Small values kept in the browser, by table or form; never secrets. */
import { useState } from 'react';

export function readStored<T>(key: string, check: (value: unknown) => value is T, fallback: T): T {
  try {
    const text = localStorage.getItem(`drs-console:${key}`);
    const value: unknown = text === null ? null : JSON.parse(text);
    return check(value) ? value : fallback;
  } catch {
    return fallback;
  }
}

export function writeStored(key: string, value: unknown): void {
  try {
    localStorage.setItem(`drs-console:${key}`, JSON.stringify(value));
  } catch {
    // blocked or full: lasts until the reload
  }
}

export type RefreshChoice = 'live' | 'polling';

const isRefresh = (value: unknown): value is RefreshChoice => value === 'live' || value === 'polling';

/** How changes come: by the event stream, or by asking again and again. */
export const refreshChoice = (): RefreshChoice => readStored('refresh', isRefresh, 'live');

export function setRefreshChoice(next: RefreshChoice): void {
  writeStored('refresh', next);
}

/** Something that happened in this browser, such as a page that was read. */
export const happened = (key: string): boolean => readStored(key, (v): v is boolean => typeof v === 'boolean', false);

export function useStored<T>(key: string, check: (value: unknown) => value is T, fallback: T): [T, (next: T) => void] {
  const [held, hold] = useState(() => ({ key, value: readStored(key, check, fallback) }));
  let { value } = held;
  if (held.key !== key) {
    value = readStored(key, check, fallback);
    hold({ key, value });
  }
  return [
    value,
    (next) => {
      hold({ key, value: next });
      writeStored(key, next);
    },
  ];
}
