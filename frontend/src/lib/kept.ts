/** What was typed into a form, in session storage: it outlives a reload and an expired session, but not the tab. */

export interface Kept<D> {
  /** Version of what was edited; null for something new. */
  version: number | null;
  base: D;
  draft: D;
  /** Epoch milliseconds. */
  at: number;
}

const keyOf = (user: string, id: string) => `drs-console:draft:${user}:${id}`;

/** Whether a value has the fields of the sample: another release of the console may have kept it. */
function alike(value: unknown, sample: object): boolean {
  return (
    typeof value === 'object' && value !== null &&
    Object.entries(sample).every(([key, v]) => {
      const got = (value as Record<string, unknown>)[key];
      return typeof got === typeof v && Array.isArray(got) === Array.isArray(v);
    })
  );
}

export function readKept<D extends object>(user: string, id: string, sample: D): Kept<D> | null {
  try {
    const kept = JSON.parse(sessionStorage.getItem(keyOf(user, id)) ?? 'null') as Kept<D> | null;
    return kept !== null && typeof kept.at === 'number' && alike(kept.base, sample) && alike(kept.draft, sample) ? kept : null;
  } catch {
    return null;
  }
}

export function keep<D>(user: string, id: string, kept: Kept<D>): void {
  try {
    sessionStorage.setItem(keyOf(user, id), JSON.stringify(kept));
  } catch {
    // blocked or full: the question before leaving is left
  }
}

export function dropKept(user: string, id: string): void {
  try {
    sessionStorage.removeItem(keyOf(user, id));
  } catch {
    // there is none either
  }
}
