import CloudscapeTable, { type TableProps as Cloudscape } from '@cloudscape-design/components/table';
import { useMemo, type ReactNode } from 'react';
import { useNarrow } from '../lib/narrow';
import { CardList } from './CardList';
import { Skeleton } from './Skeleton';
import './table.css';

/** What of CloudScape's table is used: all but changes of single cells is there on cards, or of no use. */
export interface TableProps<T = unknown>
  extends Pick<
    Cloudscape<T>,
    | 'columnDisplay' | 'loading' | 'loadingText' | 'header' | 'filter' | 'pagination' | 'preferences' | 'empty' | 'footer'
    | 'selectedItems' | 'isItemDisabled' | 'onSelectionChange' | 'ariaLabels'
    | 'sortingColumn' | 'sortingDescending' | 'onSortingChange'
    | 'wrapLines' | 'contentDensity' | 'resizableColumns' | 'stickyHeader' | 'submitEdit' | 'onColumnWidthsChange'
  > {
  items: readonly T[];
  trackBy?: (keyof T & string) | ((item: T) => string);
  columnDefinitions: readonly ColumnDefinition<T>[];
  variant?: 'full-page' | 'container' | 'embedded';
  selectionType?: 'multi';
}

export interface ColumnDefinition<T> extends Cloudscape.ColumnDefinition<T> {
  id: string;
  /** From so many pixels on its texts, also the one of its head, go on below themselves. */
  textWidth?: number;
}

export type EditConfig<T, V> = Cloudscape.EditConfig<T, V>;
export type CellContext<V> = Cloudscape.CellContext<V>;

function Text({ width, children }: { width: number | undefined; children: ReactNode }) {
  return <div className="cell" style={{ maxInlineSize: width }}>{children}</div>;
}

/** CloudScape's table. Texts of cells are as wide as they need, up to a limit, and go on below it. */
function Rows<T>({ columnDefinitions, ...props }: TableProps<T>) {
  const { items, loading = false, loadingText, empty, wrapLines = false, resizableColumns = false } = props;
  const columns = useMemo(
    () => (wrapLines || resizableColumns ? columnDefinitions : columnDefinitions.map(({ textWidth, ...column }) => ({
      ...column,
      header: column.id === 'actions' ? <span className="visually-hidden">{column.header}</span> : textWidth === undefined ? column.header : <Text width={textWidth}>{column.header}</Text>,
      cell: (item: T) => <Text width={textWidth}>{column.cell(item)}</Text>,
    }))),
    [columnDefinitions, wrapLines, resizableColumns],
  );
  return (
    <CloudscapeTable
      {...props}
      loading={false}
      items={loading ? [] : items}
      empty={loading ? <Skeleton text={loadingText} /> : empty}
      columnDefinitions={columns}
    />
  );
}

/** A table; in a narrow window each row is a card. */
export default function Table<T>(props: TableProps<T>) {
  return useNarrow() ? <CardList {...props} /> : <Rows {...props} />;
}
