import { useMemo } from 'react';
import { t } from '../i18n/t';
import { columnDisplay, type TablePreferences } from '../lib/columns';
import type { Column } from './DataTable';
import { useRowPrefetch } from './prefetch';
import Table, { type CellContext, type ColumnDefinition, type EditConfig, type TableProps } from './Table';
import { TableSettings } from './TableSettings';

/**
 * Makes the content of a cell once for each row, so that React passes over
 * it when something else of the table changes.
 */
function kept<T extends object>(cell: Column<T>['cell']): Column<T>['cell'] {
  const made = new WeakMap<T, ReturnType<typeof cell>>();
  return (item) => {
    const known = made.get(item);
    if (known !== undefined) {
      return known;
    }
    const content = cell(item);
    made.set(item, content);
    return content;
  };
}

function editing<T>(header: string, edit: NonNullable<Column<T>['edit']>): EditConfig<T, string> {
  return {
    ariaLabel: header,
    editIconAriaLabel: t('table.edit'),
    errorIconAriaLabel: t('failed'),
    ...(edit.locked === undefined ? {} : { disabledReason: () => edit.locked }),
    validation: (item, value) => (value === undefined ? undefined : edit.problem(item, value)),
    editingCell: (item, { currentValue, setValue }: CellContext<string>) =>
      edit.control(item, currentValue ?? edit.value(item), setValue),
  };
}

export interface Selection<T> {
  selected: readonly T[];
  set: (items: T[]) => void;
  disabled?: (item: T) => boolean;
}

/** Rows that are found, ordered and paged already, in a table as the user wants to see it. */
export function ListTable<T extends object>({
  items, columns, rowKey, rowName, title, preferences, change, paged = true, selection, prefetch, ...rest
}: Pick<TableProps<T>, 'variant' | 'loading' | 'header' | 'filter' | 'pagination' | 'empty' | 'footer'> & {
  items: readonly T[];
  columns: readonly Column<T>[];
  rowKey: (item: T) => string;
  /** What a row is called where it is selected. */
  rowName: (item: T) => string;
  title: string;
  preferences: TablePreferences;
  change: (next: TablePreferences | null) => void;
  /** False where pages, and so the order, are the server's. */
  paged?: boolean;
  selection?: Selection<T> | undefined;
  /** Reads ahead what a row leads to. */
  prefetch?: ((item: T) => void) | undefined;
}) {
  const ahead = useRowPrefetch(items, prefetch);
  const cells = useMemo(() => columns.map((column) => kept(column.cell)), [columns]);
  const definitions = useMemo(
    () => columns.map((column, i): ColumnDefinition<T> => ({
      id: column.id,
      header: column.header,
      cell: cells[i] ?? column.cell,
      isRowHeader: column.name === true,
      ...(column.edit === undefined ? {} : { editConfig: editing(column.header, column.edit) }),
      ...(column.sort === undefined || !paged ? {} : { sortingField: column.id }),
      ...(column.textWidth === undefined ? {} : { textWidth: column.textWidth }),
      ...(preferences.widths?.[column.id] === undefined ? {} : { width: preferences.widths[column.id] }),
    })),
    [columns, cells, paged, preferences.widths],
  );
  const display = useMemo(() => columnDisplay(columns, preferences.columns), [columns, preferences.columns]);
  const { sort } = preferences;
  return (
    <div {...ahead}>
      <Table<T>
        {...rest}
        items={items}
        trackBy={rowKey}
        stickyHeader
        loadingText={t('loading')}
        preferences={<TableSettings preferences={preferences} change={change} columns={columns} paged={paged} />}
        {...(selection === undefined
          ? {}
          : {
              selectionType: 'multi',
              selectedItems: [...selection.selected],
              isItemDisabled: selection.disabled ?? (() => false),
              onSelectionChange: ({ detail }) => {
                selection.set(detail.selectedItems);
              },
            })}
        resizableColumns={preferences.widths !== null}
        wrapLines={preferences.wrap}
        contentDensity={preferences.compact ? 'compact' : 'comfortable'}
        columnDefinitions={definitions}
        columnDisplay={display}
        submitEdit={(item, { id }, value) => {
          if (typeof value === 'string') {
            columns.find((column) => column.id === id)?.edit?.submit(item, value);
          }
        }}
        {...(sort === null || !definitions.some((c) => c.sortingField === sort.id) ? {} : { sortingColumn: { sortingField: sort.id } })}
        sortingDescending={sort?.descending ?? false}
        onSortingChange={({ detail }) => {
          change({ ...preferences, sort: { id: detail.sortingColumn.sortingField ?? '', descending: detail.isDescending ?? false } });
        }}
        onColumnWidthsChange={({ detail }) => {
          const visible = display.filter((c) => c.visible);
          change({
            ...preferences,
            widths: { ...preferences.widths, ...Object.fromEntries(visible.map(({ id }, i) => [id, detail.widths[i] ?? 0])) },
          });
        }}
        ariaLabels={{
          tableLabel: title,
          selectionGroupLabel: t('table.selection', { title }),
          allItemsSelectionLabel: () => t('table.selection', { title }),
          itemSelectionLabel: (_, item) => rowName(item),
          resizerRoleDescription: t('table.resizer'),
          activateEditLabel: ({ id }, item) => t('table.edit.cell', { column: columns.find((c) => c.id === id)?.header ?? '', row: rowKey(item) }),
          cancelEditLabel: () => t('cancel'),
          submitEditLabel: () => t('table.edit.submit'),
        }}
      />
    </div>
  );
}
