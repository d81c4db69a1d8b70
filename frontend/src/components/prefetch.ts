import { useEffect, useRef, type SyntheticEvent } from 'react';

/** A pointer on its way elsewhere asks for nothing. */
const REST_MS = 120;

/**
 * Reads what a row of a table leads to while the pointer rests on the row or
 * the focus is in it; handlers for an element around the table.
 */
export function useRowPrefetch<T>(rows: readonly T[], prefetch: ((item: T) => void) | undefined) {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const last = useRef<Element | null>(null);
  useEffect(() => () => {
    clearTimeout(timer.current);
  }, []);
  const rest = (event: SyntheticEvent) => {
    const row = event.target instanceof Element ? event.target.closest('tbody > tr') : null;
    if (row === last.current) {
      return;
    }
    last.current = row;
    clearTimeout(timer.current);
    const item = row instanceof HTMLTableRowElement ? rows[row.sectionRowIndex] : undefined;
    if (item !== undefined) {
      timer.current = setTimeout(() => {
        prefetch?.(item);
      }, REST_MS);
    }
  };
  return prefetch === undefined ? {} : { onPointerOver: rest, onFocus: rest };
}
