/** Rows of a list in the browser: ordered, and cut into pages. */

export type SortKey = string | number;

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

function compare(a: SortKey, b: SortKey): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
}

/** In the order of `key`; rows with the same key stay as they are. The key is asked for once a row. */
export function sortRows<T>(rows: readonly T[], key: (row: T) => SortKey, descending: boolean): T[] {
  const sign = descending ? -1 : 1;
  return rows
    .map((row) => ({ row, key: key(row) }))
    .sort((a, b) => sign * compare(a.key, b.key))
    .map(({ row }) => row);
}

/** The rows of page `page` (from 1), and the page itself if there are fewer. */
export function pageOf<T>(rows: readonly T[], page: number, size: number): { rows: T[]; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const shown = Math.min(Math.max(1, page), pages);
  return { rows: rows.slice((shown - 1) * size, shown * size), page: shown, pages };
}
