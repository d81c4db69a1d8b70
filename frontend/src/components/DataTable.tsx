import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Header, { type HeaderProps } from '@cloudscape-design/components/header';
import Pagination from '@cloudscape-design/components/pagination';
import SpaceBetween from '@cloudscape-design/components/space-between';
import TextFilter from '@cloudscape-design/components/text-filter';
import { useDeferredValue, useMemo, useState, type ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import { useSetParams } from '../app/params';
import { t } from '../i18n/t';
import { csv, download } from '../lib/csv';
import { byRank, pageOf, ranksOf, type SortKey } from '../lib/rows';
import { ListTable, type Selection } from './ListTable';
import { useTablePreferences } from './TableSettings';

export interface Column<T> {
  id: string;
  header: string;
  cell: (item: T) => ReactNode;
  /** What rows are ordered by; without it the column cannot be sorted. */
  sort?: (item: T) => SortKey;
  /** What the file for spreadsheets has; without it what rows are ordered by. */
  csv?: (item: T) => unknown;
  /** From so many pixels on its texts go on below themselves. */
  textWidth?: number;
  /** Hidden until the user asks for it. */
  optional?: boolean;
  /** The column that names the row. */
  name?: boolean;
  /** Lets the cell be changed in the table; values are texts. */
  edit?: {
    value: (item: T) => string;
    control: (item: T, value: string, set: (value: string) => void) => ReactNode;
    problem: (item: T, value: string) => string | undefined;
    submit: (item: T, value: string) => void;
    /** Why it cannot be changed; without it, it can. */
    locked?: string | undefined;
  };
}

/** The rows as a file; columns that have neither value nor order are left out. */
export function tableCsv<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const written = columns.flatMap(({ header, csv: value, sort }) => {
    const of = value ?? sort;
    return of === undefined ? [] : [{ header, of }];
  });
  return csv(written.map((c) => c.header), rows.map((row) => written.map((c) => c.of(row))));
}

interface Place {
  text: string;
  page: number;
}

/** Search text and page of a table; those of a whole page are in its address. */
function usePlace(inAddress: boolean): [Place, (next: Place) => void] {
  const [params] = useSearchParams();
  const setParams = useSetParams();
  const [own, setOwn] = useState<Place>({ text: '', page: 1 });
  return inAddress
    ? [
        { text: params.get('q') ?? '', page: Math.trunc(Number(params.get('page'))) || 1 },
        ({ text, page }) => {
          setParams({ q: text, page: page === 1 ? '' : String(page) });
        },
      ]
    : [own, setOwn];
}

/** A list that is all there: found, ordered and paged in the browser. */
export function DataTable<T extends object>({
  id, items, columns, rowKey, rowName = rowKey, text, title, description, variant = 'full-page', loading, actions, empty, emptyHint, filters, predicate, search,
  selection, sort, file = true, prefetch, info,
}: {
  /** Under which the user's settings of this table are kept; also the name of its file. */
  id: string;
  items: readonly T[];
  columns: readonly Column<T>[];
  rowKey: (item: T) => string;
  /** What a row is called where it is selected; its key when not given. */
  rowName?: (item: T) => string;
  /** Words of a row that the search looks at. */
  text: (item: T) => string;
  title: string;
  description?: string;
  variant?: 'full-page' | 'container' | 'embedded';
  loading: boolean;
  actions?: ReactNode;
  empty: string;
  emptyHint?: ReactNode;
  /** Controls beside the search, and what they let through. */
  filters?: ReactNode;
  predicate?: (item: T) => boolean;
  /** Instead of the search by words; told how many rows `predicate` lets through. */
  search?: (matches: number) => ReactNode;
  selection?: Selection<T>;
  /** The order until the user chooses one. */
  sort?: { id: string; descending: boolean };
  /** False: the page has a file of its own instead. */
  file?: boolean;
  /** Beside the title. */
  info?: ReactNode;
  /** Reads ahead what a row leads to. */
  prefetch?: (item: T) => void;
}) {
  const [preferences, setPreferences] = useTablePreferences(id, sort ?? null);
  const [place, setPlace] = usePlace(variant === 'full-page');
  const shown = useMemo(() => (predicate === undefined ? items : items.filter(predicate)), [items, predicate]);
  const needle = place.text.trim().toLowerCase();
  const found = useMemo(
    () => (needle === '' ? shown : shown.filter((item) => text(item).toLowerCase().includes(needle))),
    [shown, needle, text],
  );
  // the head of the table answers at once, its rows follow
  const order = useDeferredValue(preferences.sort);
  const sorted = columns.find((c) => c.id === order?.id)?.sort;
  const descending = order?.descending ?? false;
  // to compare texts takes long; to turn the order round need not
  const ranks = useMemo(() => (sorted === undefined ? null : ranksOf(found, sorted)), [found, sorted]);
  const ordered = useMemo(() => (ranks === null ? found : byRank(found, ranks, descending)), [found, ranks, descending]);
  const page = useMemo(() => pageOf(ordered, place.page, preferences.pageSize), [ordered, place.page, preferences.pageSize]);
  const counter = items.length === shown.length ? `(${items.length.toLocaleString()})` : `(${shown.length.toLocaleString()}/${items.length.toLocaleString()})`;
  const header: HeaderProps = {
    variant: variant === 'full-page' ? 'h1' : variant === 'container' ? 'h2' : 'h3',
    counter: loading ? undefined : counter,
    ...(info === undefined ? {} : { info }),
    description,
    actions: (
      <SpaceBetween size="xs" direction="horizontal">
        {file ? (
          <Button
            iconName="download"
            variant="icon"
            ariaLabel={t('table.csv', { title })}
            disabled={ordered.length === 0}
            onClick={() => {
              download(`${id}.csv`, 'text/csv', tableCsv(columns, ordered));
            }}
          />
        ) : null}
        {actions}
      </SpaceBetween>
    ),
  };
  const filter = (
    <SpaceBetween size="xs" direction="horizontal">
      {search === undefined ? (
        <TextFilter
          filteringText={place.text}
          filteringPlaceholder={t('table.find')}
          filteringAriaLabel={t('table.find.in', { title })}
          countText={t('matches', { count: ordered.length })}
          onChange={({ detail }) => {
            setPlace({ text: detail.filteringText, page: 1 });
          }}
        />
      ) : (
        search(shown.length)
      )}
      {filters}
    </SpaceBetween>
  );
  return (
    <ListTable
      items={page.rows}
      columns={columns}
      rowKey={rowKey}
      rowName={rowName}
      title={title}
      variant={variant}
      loading={loading}
      preferences={preferences}
      change={setPreferences}
      selection={selection}
      prefetch={prefetch}
      header={<Header {...header}>{title}</Header>}
      filter={filter}
      pagination={
        <Pagination
          currentPageIndex={page.page}
          pagesCount={page.pages}
          onChange={({ detail }) => {
            setPlace({ ...place, page: detail.currentPageIndex });
          }}
        />
      }
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
