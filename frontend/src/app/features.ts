/** Parts that config.json switches off: no way leads there, and their addresses say so. */
import type { Feature } from '../lib/config';
import { useConfig } from './context';

const PLACES: readonly [RegExp, Feature][] = [
  [/^\/schedules(\/|$)/, 'schedules'],
  [/^\/recovery-plans\/[^/]+\/schedules\//, 'schedules'],
  [/^\/reports$/, 'reports'],
  [/^\/settings\/transfer(\/|$)/, 'transfer'],
  [/^\/settings\/webhooks$/, 'webhooks'],
];

/** The part an address belongs to; null for what cannot be switched off. */
export function featureAt(path: string): Feature | null {
  const [pathname = ''] = path.split('?');
  return PLACES.find(([place]) => place.test(pathname))?.[1] ?? null;
}

export function useFeatures() {
  const { switchedOff } = useConfig();
  const has = (feature: Feature) => !switchedOff.has(feature);
  return {
    has,
    /** Whether there is a page at an address of the console. */
    leads: (path: string) => {
      const feature = featureAt(path);
      return feature === null || has(feature);
    },
  };
}
