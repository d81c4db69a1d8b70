/** The menu that chooses the account. */
import type { ButtonDropdownProps } from '@cloudscape-design/components/button-dropdown';
import { t } from '../i18n/t';
import type { Account } from './account';

/** The entry that leads to the search, not an account. */
export const FIND_ACCOUNT = 'find';
/** More are found faster by name than in a menu. */
const MANY = 8;

export function accountMenu(accounts: readonly Pick<Account, 'accountId' | 'accountName' | 'isCurrentAccount'>[]): ButtonDropdownProps.Items {
  return [
    ...(accounts.length > MANY ? [{ id: FIND_ACCOUNT, text: t('accounts.find'), iconName: 'search' as const }] : []),
    ...accounts.map((account) => ({
      id: account.accountId,
      text: `${account.accountName ?? account.accountId} (${account.accountId})`,
      ...(account.isCurrentAccount ? { description: t('accounts.own') } : {}),
    })),
  ];
}
