/** Two people edited the same thing: where their versions differ, and one made of both; pure. */

/** A part of a draft that is compared and taken as a whole. */
export interface Part<D> {
  id: string;
  label: string;
  value: (draft: D) => unknown;
  /** The value in words. */
  show: (draft: D) => string;
  take: (from: D, into: D) => D;
}

export type Side = 'mine' | 'theirs';

export interface Difference<D> {
  part: Part<D>;
  changedBy: Side | 'both';
}

export const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** A field of the draft itself. */
export function field<D extends object, K extends keyof D & string>(id: K, label: string, show: (value: D[K]) => string = (v) => String(v)): Part<D> {
  return {
    id,
    label,
    value: (draft) => draft[id],
    show: (draft) => show(draft[id]),
    take: (from, into) => ({ ...into, [id]: from[id] }),
  };
}

export function differences<D>(parts: readonly Part<D>[], base: D, mine: D, theirs: D): Difference<D>[] {
  return parts
    .filter((part) => !same(part.value(mine), part.value(theirs)))
    .map((part) => {
      const byMe = !same(part.value(mine), part.value(base));
      const byThem = !same(part.value(theirs), part.value(base));
      return { part, changedBy: byMe && byThem ? 'both' : byThem ? 'theirs' : 'mine' };
    });
}

/** Mine, with the parts that were chosen of theirs, in the order of the parts. */
export function merged<D>(found: readonly Difference<D>[], choices: Readonly<Record<string, Side | undefined>>, mine: D, theirs: D): D {
  return found.reduce((draft, { part }) => (choices[part.id] === 'theirs' ? part.take(theirs, draft) : draft), mine);
}
