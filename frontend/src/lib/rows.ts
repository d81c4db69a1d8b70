/** Rows of a list in the browser: ordered, and cut into pages. */

export type SortKey = string | number;

const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });

function compare(a: SortKey, b: SortKey): number {
  return typeof a === 'number' && typeof b === 'number' ? a - b : collator.compare(String(a), String(b));
}

/** The place of each row in the order of `key`; rows with the same key have the same one. The key is asked for once a row. */
export function ranksOf<T>(rows: readonly T[], key: (row: T) => SortKey): number[] {
  const ranks = rows.map(() => 0);
  let rank = 0;
  let before: SortKey | undefined;
  for (const { index, key: own } of rows.map((row, index) => ({ index, key: key(row) })).sort((a, b) => compare(a.key, b.key))) {
    rank += before === undefined || compare(before, own) === 0 ? 0 : 1;
    before = own;
    ranks[index] = rank;
  }
  return ranks;
}

/** Rows by their ranks; those with the same one stay as they are. */
export function byRank<T>(rows: readonly T[], ranks: readonly number[], descending: boolean): T[] {
  const sign = descending ? -1 : 1;
  return rows
    .map((row, index) => ({ row, rank: ranks[index] ?? 0 }))
    .sort((a, b) => sign * (a.rank - b.rank))
    .map(({ row }) => row);
}

/** The rows of page `page` (from 1), and the page itself if there are fewer. */
export function pageOf<T>(rows: readonly T[], page: number, size: number): { rows: T[]; page: number; pages: number } {
  const pages = Math.max(1, Math.ceil(rows.length / size));
  const shown = Math.min(Math.max(1, page), pages);
  return { rows: rows.slice((shown - 1) * size, shown * size), page: shown, pages };
}
