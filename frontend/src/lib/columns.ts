/** How the user wants to see one table; kept in the browser. */
import { readStored, writeStored } from './stored';

export const PAGE_SIZES = [10, 25, 50, 100] as const;

export interface TablePreferences {
  pageSize: number;
  /** All columns in order; the ones that are not named come after them. */
  columns: readonly { id: string; visible: boolean }[];
  /** Null: as the contents need it. */
  widths: Readonly<Record<string, number>> | null;
  wrap: boolean;
  compact: boolean;
  sort: { id: string; descending: boolean } | null;
}

interface ColumnLike {
  id: string;
  optional?: boolean;
  name?: boolean;
}

export function isTablePreferences(value: unknown): value is TablePreferences {
  const p = value as Partial<TablePreferences> | null;
  return (
    typeof p === 'object' && p !== null &&
    isPageSize(p.pageSize) &&
    Array.isArray(p.columns) && p.columns.every((c: unknown) => typeof (c as ColumnLike | null)?.id === 'string') &&
    typeof p.widths === 'object' && Object.values(p.widths ?? {}).every((w) => typeof w === 'number') &&
    typeof p.wrap === 'boolean' && typeof p.compact === 'boolean' &&
    (p.sort === null || (typeof p.sort === 'object' && typeof p.sort.id === 'string'))
  );
}

const isPageSize = (value: unknown): value is number => PAGE_SIZES.some((size) => size === value);

/** Rows per page of tables that have no number of their own. */
export const pageSize = (): number => readStored('pagesize', isPageSize, 25);

export function setPageSize(size: number): void {
  writeStored('pagesize', size);
}

export function defaultPreferences(sort: TablePreferences['sort'] = null): TablePreferences {
  return { pageSize: pageSize(), columns: [], widths: null, wrap: false, compact: false, sort };
}

/**
 * Every column that there is, in the order of the user. Columns that the
 * user has not seen yet are at the end, columns that are gone are left out.
 */
export function columnDisplay(columns: readonly ColumnLike[], stored: TablePreferences['columns']): { id: string; visible: boolean }[] {
  const known = stored.flatMap(({ id, visible }) => columns.filter((c) => c.id === id).map((c) => ({ column: c, visible })));
  const others = columns.filter((c) => !known.some((k) => k.column === c)).map((c) => ({ column: c, visible: c.optional !== true }));
  return [...known, ...others].map(({ column, visible }) => ({ id: column.id, visible: column.name === true || visible }));
}
