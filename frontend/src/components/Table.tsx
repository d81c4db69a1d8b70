import CloudscapeTable, { type TableProps } from '@cloudscape-design/components/table';
import { useMemo, type ReactNode } from 'react';
import { useNarrow } from '../lib/narrow';
import './table.css';

export type { TableProps };

/** A value on a card: what names the row is its title, all others have the name of their column beside them. */
function OnCard({ id, header, title, children }: { id: string | undefined; header: ReactNode; title: boolean; children: ReactNode }) {
  if (title || id === 'actions') {
    return <div className={title ? 'card-title' : 'card-actions'}>{children}</div>;
  }
  return (
    <div className="card-line">
      <div className="card-label" aria-hidden="true">{header}</div>
      <div className="card-value">{children}</div>
    </div>
  );
}

/**
 * CloudScape's table. Texts of cells are as wide as they need, up to a limit,
 * and go on below it; in a narrow window each row is a card.
 */
export default function Table<T>(props: TableProps<T>) {
  const narrow = useNarrow();
  const { columnDefinitions, wrapLines = false, resizableColumns = false, stickyHeader = false } = props;
  const columns = useMemo(
    () => columnDefinitions.map((column): TableProps.ColumnDefinition<T> => {
      if (narrow) {
        return {
          ...column,
          cell: (item) => <OnCard id={column.id} header={column.header} title={column.isRowHeader === true}>{column.cell(item)}</OnCard>,
        };
      }
      return wrapLines || resizableColumns ? column : { ...column, cell: (item) => <div className="cell">{column.cell(item)}</div> };
    }),
    [columnDefinitions, narrow, wrapLines, resizableColumns],
  );
  return (
    <div className={narrow ? 'cards' : 'rows'}>
      <CloudscapeTable {...props} columnDefinitions={columns} wrapLines={wrapLines || narrow} resizableColumns={resizableColumns && !narrow} stickyHeader={stickyHeader && !narrow} />
    </div>
  );
}
