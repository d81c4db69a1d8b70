import Checkbox from '@cloudscape-design/components/checkbox';
import { lazy, Suspense } from 'react';
import '../i18n/more';
import { t } from '../i18n/t';
import { LinkVariant } from './Link';
import { Skeleton } from './Skeleton';
import type { ColumnDefinition, TableProps } from './Table';

// its choice is large, and most tables have none
const OrderChoice = lazy(() => import('./OrderChoice'));

type ListProps<T> = Omit<TableProps<T>, 'wrapLines' | 'contentDensity' | 'resizableColumns' | 'stickyHeader' | 'submitEdit' | 'onColumnWidthsChange'>;

const UNDERLINED = { variant: 'primary' } as const;

interface Selection<T> {
  has: (item: T) => boolean;
  disabled: (item: T) => boolean;
  /** Rows of other pages stay as they are. */
  set: (items: readonly T[], chosen: boolean) => void;
  label: (item: T) => string;
  /** All rows that can be chosen. */
  free: readonly T[];
}

function selectionOf<T>({ items, selectionType, selectedItems = [], isItemDisabled, onSelectionChange, ariaLabels }: ListProps<T>, key: (item: T) => string): Selection<T> | null {
  if (selectionType === undefined) {
    return null;
  }
  const selected = new Set(selectedItems.map(key));
  const disabled = (item: T) => isItemDisabled?.(item) ?? false;
  return {
    has: (item) => selected.has(key(item)),
    disabled,
    set: (some, chosen) => {
      const changed = new Set(some.map(key));
      const others = selectedItems.filter((item) => !changed.has(key(item)));
      onSelectionChange?.(new CustomEvent('selection', { detail: { selectedItems: chosen ? [...others, ...some] : others } }));
    },
    label: (item) => ariaLabels?.itemSelectionLabel?.({ selectedItems }, item) ?? '',
    free: items.filter((item) => !disabled(item)),
  };
}

function SelectAll<T>({ selection: { free, has, set } }: { selection: Selection<T> }) {
  const count = free.filter(has).length;
  return (
    <Checkbox
      checked={count > 0 && count === free.length}
      indeterminate={count > 0 && count < free.length}
      disabled={free.length === 0}
      onChange={({ detail }) => {
        set(free, detail.checked);
      }}
    >
      {t('table.select.all')}
    </Checkbox>
  );
}

/** One row. What names it is the title, without the name of its column; its menu is at the other end. */
function Card<T>({ item, columns, selection }: { item: T; columns: readonly ColumnDefinition<T>[]; selection: Selection<T> | null }) {
  const title = columns.find((c) => c.isRowHeader === true) ?? columns[0];
  const actions = columns.find((c) => c.id === 'actions');
  return (
    <li className={selection?.has(item) === true ? 'card card-selected' : 'card'}>
      <div className="card-head">
        {selection === null ? null : (
          <Checkbox
            ariaLabel={selection.label(item)}
            checked={selection.has(item)}
            disabled={selection.disabled(item)}
            onChange={({ detail }) => {
              selection.set([item], detail.checked);
            }}
          />
        )}
        <div className="card-title">{title?.cell(item)}</div>
        {actions?.cell(item)}
      </div>
      <dl className="card-lines">
        {columns.filter((c) => c !== title && c !== actions).map((c) => (
          <div key={c.id} className="card-line">
            <dt>{c.header}</dt>
            <dd>{c.cell(item)}</dd>
          </div>
        ))}
      </dl>
    </li>
  );
}

/** The rows of a table below each other, for phones: the same columns, search, order, pages and selection. */
export function CardList<T>(props: ListProps<T>) {
  const { items, trackBy, columnDefinitions, columnDisplay, variant, loading = false, loadingText, header, filter, pagination, preferences, empty, footer, ariaLabels, sortingColumn, sortingDescending = false, onSortingChange } = props;
  const columns = columnDisplay?.flatMap(({ id, visible }) => (visible ? columnDefinitions.filter((c) => c.id === id) : [])) ?? columnDefinitions;
  const key = (item: T) => (typeof trackBy === 'function' ? trackBy(item) : String(trackBy === undefined ? items.indexOf(item) : item[trackBy]));
  const selection = selectionOf(props, key);
  const fields = columnDefinitions.flatMap(({ sortingField, header: name }) => (sortingField === undefined ? [] : [{ value: sortingField, label: String(name) }]));
  return (
    <div className="card-list">
      {header}
      {filter}
      {onSortingChange === undefined || fields.length === 0 ? null : (
        <div className="card-tools">
          <Suspense>
            <OrderChoice fields={fields} field={sortingColumn?.sortingField} descending={sortingDescending} change={onSortingChange} />
          </Suspense>
        </div>
      )}
      <div className="card-tools">
        {selection === null || loading || items.length === 0 ? null : <SelectAll selection={selection} />}
        <div className="card-paging">
          {pagination}
          {preferences}
        </div>
      </div>
      {loading || items.length === 0 ? (
        <div className="card">{loading ? <Skeleton text={loadingText} /> : empty}</div>
      ) : (
        <LinkVariant value={UNDERLINED}>
          {/* Safari needs the role where a list has no marks */}
          <ul role="list" className="cards" aria-label={ariaLabels?.tableLabel}>
            {items.map((item) => <Card key={key(item)} item={item} columns={columns} selection={selection} />)}
          </ul>
        </LinkVariant>
      )}
      {footer}
      {variant === 'full-page' ? <div className="card-paging">{pagination}</div> : null}
    </div>
  );
}
