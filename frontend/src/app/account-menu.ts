/** The menu that chooses the account. */
import type { ButtonDropdownProps } from '@cloudscape-design/components/button-dropdown';
import { t } from '../i18n/t';
import { accountText, ALL, type AccountChoice } from './account';

/** Entries that are no account. */
export const FIND_ACCOUNT = 'find';
export const RETRY = 'retry';
export const ADD_ACCOUNT = 'add';
/** More are found faster by name than in a menu. */
const MANY = 8;
/** What the top bar has room for, with an account ID. */
const WIDTH = 36;

type Menu = Pick<AccountChoice, 'all' | 'selected' | 'status'> & {
  accounts: readonly Pick<AccountChoice['accounts'][number], 'accountId' | 'accountName' | 'isCurrentAccount'>[];
};

/** What is chosen, or why there is nothing to choose. */
export function accountShown({ accounts, all, selected, status }: Menu): string {
  if (status !== 'ready') {
    return t(status === 'loading' ? 'accounts.loading' : 'accounts.failed');
  }
  if (all) {
    return t('accounts.all');
  }
  return selected === null ? t(accounts.length === 0 ? 'accounts.none' : 'accounts.choose') : accountText(accounts, selected.accountId);
}

/** A long name loses its middle: what is behind it is the account ID. */
export const clip = (text: string) => (text.length <= WIDTH ? text : `${text.slice(0, WIDTH - 16)}…${text.slice(-15)}`);

export function accountMenu({ accounts, status }: Pick<Menu, 'accounts' | 'status'>): ButtonDropdownProps.Items {
  if (accounts.length === 0) {
    return status === 'error' ? [{ id: RETRY, text: t('retry') }] : status === 'ready' ? [{ id: ADD_ACCOUNT, text: t('accounts') }] : [];
  }
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
