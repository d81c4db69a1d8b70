import Button from '@cloudscape-design/components/button';
import Select from '@cloudscape-design/components/select';
import { t } from '../i18n/t';
import type { TableProps } from './Table';

/** What a click on the head of a column does in a table. */
export default function OrderChoice({ fields, field, descending, change }: {
  fields: readonly { value: string; label: string }[];
  field: string | undefined;
  descending: boolean;
  change: NonNullable<TableProps['onSortingChange']>;
}) {
  const order = (sortingField: string, isDescending: boolean) => {
    change(new CustomEvent('order', { detail: { sortingColumn: { sortingField }, isDescending } }));
  };
  return (
    <>
      <Select
        ariaLabel={t('table.order')}
        placeholder={t('table.order')}
        options={fields}
        selectedOption={fields.find((o) => o.value === field) ?? null}
        onChange={({ detail }) => {
          order(detail.selectedOption.value ?? '', descending);
        }}
      />
      <Button
        iconName={descending ? 'caret-down' : 'caret-up'}
        ariaLabel={t(descending ? 'table.order.up' : 'table.order.down')}
        disabled={field === undefined}
        onClick={() => {
          if (field !== undefined) {
            order(field, !descending);
          }
        }}
      />
    </>
  );
}
