import { useCollection } from '@cloudscape-design/collection-hooks';
import Box from '@cloudscape-design/components/box';
import CollectionPreferences from '@cloudscape-design/components/collection-preferences';
import Header, { type HeaderProps } from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import Table from '@cloudscape-design/components/table';
import TextFilter from '@cloudscape-design/components/text-filter';
import type { ReactNode } from 'react';
import { t } from '../i18n/t';
import { useStored } from '../lib/stored';

export interface Column<T> {
  id: string;
  header: string;
  cell: (item: T) => ReactNode;
  /** What rows are ordered by; without it the column cannot be sorted. */
  sort?: (item: T) => string | number;
  /** Hidden until the user asks for it. */
  optional?: boolean;
  /** The column that names the row. */
  name?: boolean;
}

interface Preferences {
  pageSize: number;
  visible: string[];
  wrap: boolean;
}

const SIZES = [10, 25, 50, 100];

function isPreferences(value: unknown): value is Preferences {
  const p = value as Preferences | null;
  return typeof p === 'object' && p !== null && SIZES.includes(p.pageSize) && Array.isArray(p.visible) && typeof p.wrap === 'boolean';
}

/** A list that is all there: found, ordered and paged in the browser. */
export function DataTable<T>({
  id, items, columns, rowKey, text, title, description, variant = 'full-page', loading, actions, empty, emptyHint, filters, predicate, selection,
}: {
  /** Under which the user's settings of this table are kept. */
  id: string;
  items: readonly T[];
  columns: readonly Column<T>[];
  rowKey: (item: T) => string;
  /** Words of a row that the search looks at. */
  text: (item: T) => string;
  title: string;
  description?: string;
  variant?: 'full-page' | 'container';
  loading: boolean;
  actions?: ReactNode;
  empty: string;
  emptyHint?: ReactNode;
  /** Controls beside the search, and what they let through. */
  filters?: ReactNode;
  predicate?: (item: T) => boolean;
  selection?: { selected: readonly T[]; set: (items: T[]) => void };
}) {
  const [preferences, setPreferences] = useStored<Preferences>(`table:${id}`, isPreferences, {
    pageSize: 25, visible: columns.filter((c) => c.optional !== true).map((c) => c.id), wrap: false,
  });
  const shown = predicate === undefined ? items : items.filter(predicate);
  const collection = useCollection(shown, {
    filtering: {
      filteringFunction: (item, needle) => text(item).toLowerCase().includes(needle.toLowerCase()),
    },
    pagination: { pageSize: preferences.pageSize },
    sorting: {},
  });
  const counter = items.length === shown.length ? `(${items.length.toLocaleString()})` : `(${shown.length.toLocaleString()}/${items.length.toLocaleString()})`;
  const header: HeaderProps = {
    variant: variant === 'full-page' ? 'h1' : 'h2',
    counter: loading ? undefined : counter,
    actions,
    description,
  };
  return (
    <Table
      {...collection.collectionProps}
      items={[...collection.items]}
      trackBy={rowKey}
      variant={variant}
      stickyHeader
      wrapLines={preferences.wrap}
      loading={loading}
      loadingText={t('loading')}
      columnDefinitions={columns.map((column) => ({
        id: column.id,
        header: column.header,
        cell: column.cell,
        isRowHeader: column.name === true,
        ...(column.sort === undefined ? {} : { sortingField: column.id, sortingComparator: comparator(column.sort) }),
      }))}
      columnDisplay={columns.map((column) => ({
        id: column.id,
        visible: column.name === true || preferences.visible.includes(column.id),
      }))}
      header={<Header {...header}>{title}</Header>}
      filter={
        <SpaceBetween size="xs" direction="horizontal">
          <TextFilter
            {...collection.filterProps}
            filteringPlaceholder={t('table.find')}
            filteringAriaLabel={t('table.find.in', { title })}
            countText={t('matches', { count: collection.filteredItemsCount ?? 0 })}
          />
          {filters}
        </SpaceBetween>
      }
      pagination={<Pagination {...collection.paginationProps} />}
      preferences={
        <CollectionPreferences
          title={t('table.preferences')}
          confirmLabel={t('table.preferences.save')}
          cancelLabel={t('cancel')}
          preferences={{ pageSize: preferences.pageSize, visibleContent: preferences.visible, wrapLines: preferences.wrap }}
          pageSizePreference={{
            title: t('table.pagesize'),
            options: SIZES.map((value) => ({ value, label: t('table.rows', { count: value }) })),
          }}
          wrapLinesPreference={{ label: t('table.wrap'), description: t('table.wrap.hint') }}
          visibleContentPreference={{
            title: t('table.columns'),
            options: [{ label: title, options: columns.map((c) => ({ id: c.id, label: c.header, editable: c.name !== true })) }],
          }}
          onConfirm={({ detail }) => {
            setPreferences({
              pageSize: detail.pageSize ?? 25,
              visible: [...(detail.visibleContent ?? preferences.visible)],
              wrap: detail.wrapLines ?? false,
            });
          }}
        />
      }
      ariaLabels={{
        tableLabel: title,
        selectionGroupLabel: t('table.selection', { title }),
        itemSelectionLabel: (_, item) => rowKey(item),
        allItemsSelectionLabel: () => t('table.selection', { title }),
      }}
      {...(selection === undefined
        ? {}
        : {
            selectionType: 'multi' as const,
            selectedItems: [...selection.selected],
            onSelectionChange: ({ detail }: { detail: { selectedItems: T[] } }) => {
              selection.set(detail.selectedItems);
            },
          })}
      empty={
        <Box textAlign="center" padding="l">
          <b>{items.length === 0 ? empty : t('table.nomatch')}</b>
          {items.length === 0 && emptyHint !== undefined ? (
            <Box variant="div" padding={{ top: 'xs' }}>
              {emptyHint}
            </Box>
          ) : null}
        </Box>
      }
    />
  );
}

function comparator<T>(key: (item: T) => string | number) {
  return (a: T, b: T): number => {
    const [x, y] = [key(a), key(b)];
    return typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y), undefined, { numeric: true });
  };
}
