import { LinkAccount, type AccountScope, type Owners } from '../app/account';
import { t } from '../i18n/t';
import type { Column } from './DataTable';

/** Columns of a list. Of all accounts they say whose each row is, and the links of a row lead into its account. */
export function ofAccounts<T>(scope: AccountScope, ownersOf: (row: T) => Owners, columns: readonly Column<T>[]): readonly Column<T>[] {
  if (!scope.all) {
    return columns;
  }
  const text = (row: T) => scope.text(ownersOf(row));
  const own = columns.map((column): Column<T> => ({
    ...column,
    cell: (row) => <LinkAccount value={[ownersOf(row)].flat()[0] ?? ''}>{column.cell(row)}</LinkAccount>,
  }));
  const after = own.findIndex((column) => column.name === true) + 1;
  return [...own.slice(0, after), { id: 'account', header: t('account'), sort: text, cell: text }, ...own.slice(after)];
}
