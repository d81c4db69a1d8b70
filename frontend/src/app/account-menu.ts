/** The menu that chooses the account. */
import type { ButtonDropdownProps } from '@cloudscape-design/components/button-dropdown';
import { t } from '../i18n/t';
import { accountText, ALL, type Account } from './account';

/** The entry that leads to the search, not an account. */
export const FIND_ACCOUNT = 'find';
/** More are found faster by name than in a menu. */
const MANY = 8;

export function accountMenu(accounts: readonly Pick<Account, 'accountId' | 'accountName' | 'isCurrentAccount'>[]): ButtonDropdownProps.Items {
  return [
    ...(accounts.length > MANY ? [{ id: FIND_ACCOUNT, text: t('accounts.find'), iconName: 'search' as const }] : []),
    ...(accounts.length > 1 ? [{ id: ALL, text: t('accounts.all') }] : []),
    ...accounts.map((account) => ({
      id: account.accountId,
      text: accountText(accounts, account.accountId),
      ...(account.isCurrentAccount ? { description: t('accounts.own') } : {}),
    })),
  ];
}
