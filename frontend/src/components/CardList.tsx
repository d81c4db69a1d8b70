import Cards, { type CardsProps } from '@cloudscape-design/components/cards';
import Button from '@cloudscape-design/components/button';
import Select from '@cloudscape-design/components/select';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import '../i18n/more';
import { t } from '../i18n/t';
import type { TablePreferences } from '../lib/columns';
import type { Column } from './DataTable';
import './table.css';

type Order = NonNullable<TablePreferences['sort']>;

/** What a click on the head of a column does in a table. */
function OrderChoice<T>({ columns, order, change }: { columns: readonly Column<T>[]; order: Order | null; change: (next: Order) => void }) {
  const options = columns.filter((c) => c.sort !== undefined).map((c) => ({ value: c.id, label: c.header }));
  const descending = order?.descending ?? false;
  return (
    <SpaceBetween size="xs" direction="horizontal">
      <Select
        ariaLabel={t('table.order')}
        placeholder={t('table.order')}
        options={options}
        selectedOption={options.find((o) => o.value === order?.id) ?? null}
        onChange={({ detail }) => {
          change({ id: detail.selectedOption.value ?? '', descending });
        }}
      />
      <Button
        iconName={descending ? 'caret-down' : 'caret-up'}
        ariaLabel={t(descending ? 'table.order.up' : 'table.order.down')}
        disabled={order === null}
        onClick={() => {
          if (order !== null) {
            change({ ...order, descending: !descending });
          }
        }}
      />
    </SpaceBetween>
  );
}

/** The rows of a table below each other, for phones: the same columns, search, pages and selection. */
export function CardList<T>({
  columns, display, order, setOrder, filter, ...rest
}: Omit<CardsProps<T>, 'cardDefinition'> & {
  columns: readonly Column<T>[];
  display: readonly { id: string; visible: boolean }[];
  order?: Order | null;
  /** Null: the order is not the user's. */
  setOrder: ((next: Order) => void) | null;
  filter?: ReactNode;
}) {
  const shown = display.flatMap(({ id, visible }) => (visible ? columns.filter((c) => c.id === id) : []));
  const name = shown.find((c) => c.name === true) ?? shown[0];
  const actions = shown.find((c) => c.id === 'actions');
  return (
    <div className="card-list">
      <Cards
        {...rest}
        cardsPerRow={[{ cards: 1 }]}
        filter={
          <SpaceBetween size="xs">
            {filter}
            {setOrder === null ? null : <OrderChoice columns={columns} order={order ?? null} change={setOrder} />}
          </SpaceBetween>
        }
        cardDefinition={{
          header: (item) => (
            <div className="card-head">
              <div className="card-title">{name?.cell(item)}</div>
              {actions?.cell(item)}
            </div>
          ),
          sections: shown.filter((c) => c !== name && c !== actions).map((c) => ({
            id: c.id,
            content: (item: T) => (
              <div className="card-line">
                <div className="card-label">{c.header}</div>
                <div className="card-value">{c.cell(item)}</div>
              </div>
            ),
          })),
        }}
      />
    </div>
  );
}
