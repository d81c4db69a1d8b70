/** Pages of single things that were seen last in this browser, by user. */
import { readStored, writeStored } from '../lib/stored';

export interface Recent {
  path: string;
  title: string;
}

const KEPT = 8;

function isRecent(value: unknown): value is Recent[] {
  return (
    Array.isArray(value) &&
    value.every((v: unknown) => {
      const item = v as Partial<Recent> | null;
      return typeof item?.path === 'string' && typeof item.title === 'string';
    })
  );
}

export function recent(user: string): Recent[] {
  return readStored(`recent:${user}`, isRecent, []);
}

/** One entry for a page, whatever part of it was looked at. */
const pageOf = ({ path }: Recent) => path.split('?')[0];

export function remember(user: string, item: Recent): void {
  writeStored(`recent:${user}`, [item, ...recent(user).filter((r) => pageOf(r) !== pageOf(item))].slice(0, KEPT));
}
