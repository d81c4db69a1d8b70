/** The account whose groups, plans and runs are shown, or all of them; it is in the URL. */
import { createContext, useContext, useEffect, useMemo, useRef, type ReactNode } from 'react';
import { useLocation, useSearchParams } from 'react-router';
import type { Schemas } from '../api/client';
import { useAccounts, useProfile } from '../api/queries';
import { useSetParams } from './params';
import { sectionOf } from './navigation';

export type Account = Schemas['TargetAccount'];

/** In the address, and as an entry of the menu: all accounts. */
export const ALL = 'all';

export interface AccountChoice {
  accounts: readonly Account[];
  /** Null: none configured, all of them, or several and none chosen yet. */
  selected: Account | null;
  /** All accounts together, of which there are several. */
  all: boolean;
  /** One account, or ALL, from here on. */
  select(accountId: string): void;
  /** One account, or ALL, on this page. Who works with all accounts has all of them again after a page of one thing. */
  show(accountId: string): void;
  status: 'loading' | 'error' | 'ready';
  error: unknown;
  retry(): void;
}

const AccountContext = createContext<AccountChoice | null>(null);

const storageKey = (user: string) => `drs-console:account:${user}`;

/** What this tab showed last, whatever others show; a new one begins with what was chosen last anywhere. */
function remembered(user: string): string | null {
  try {
    return sessionStorage.getItem(storageKey(user)) ?? localStorage.getItem(storageKey(user));
  } catch {
    return null;
  }
}

function remember(user: string, accountId: string): void {
  try {
    sessionStorage.setItem(storageKey(user), accountId);
    localStorage.setItem(storageKey(user), accountId);
  } catch {
    // asked again after the reload
  }
}

export function AccountProvider({ children }: { children: ReactNode }) {
  const query = useAccounts();
  const user = useProfile().data?.userId ?? '';
  const [params] = useSearchParams();
  const setParams = useSetParams();
  const accounts = useMemo(() => query.data ?? [], [query.data]);
  const address = params.get('account');
  const wanted = address ?? remembered(user);
  const all = wanted === ALL && accounts.length > 1;
  const selected = accounts.find((a) => a.accountId === wanted) ?? (accounts.length === 1 ? (accounts[0] ?? null) : null);
  const shown = all ? ALL : (selected?.accountId ?? null);

  // a link to one thing does not end the view of all accounts; a list of one account does, and who chooses it in the menu
  const { pathname } = useLocation();
  const aside = pathname !== sectionOf(pathname);
  const chosen = useRef<string | null>(null);
  useEffect(() => {
    if (shown !== null && user !== '' && (!aside || remembered(user) !== ALL || chosen.current === shown)) {
      remember(user, shown);
    }
  }, [shown, user, aside]);

  // of several the address names what is shown, so that it can be passed on
  const missing = accounts.length > 1 && shown !== null && address !== shown ? shown : null;
  useEffect(() => {
    if (missing !== null) {
      setParams({ account: missing });
    }
  }, [missing, setParams]);

  const show = (accountId: string) => {
    setParams({ account: accountId });
  };
  const value: AccountChoice = {
    accounts,
    selected,
    all,
    select: (accountId) => {
      // kept when it is shown: a form with changes may not be left
      chosen.current = accountId;
      if (accountId === shown) {
        remember(user, accountId);
      } else {
        show(accountId);
      }
    },
    show,
    status: query.isPending ? 'loading' : query.isError && query.data === undefined ? 'error' : 'ready',
    error: query.error,
    retry: () => void query.refetch(),
  };
  return <AccountContext value={value}>{children}</AccountContext>;
}

export function useAccountChoice(): AccountChoice {
  const choice = useContext(AccountContext);
  if (choice === null) {
    throw new Error('outside of AccountProvider');
  }
  return choice;
}

const SelectedContext = createContext<Account | null>(null);
export const SelectedAccount = SelectedContext;

/** The chosen account, inside of <AccountGate>. */
export function useAccount(): Account {
  const account = useContext(SelectedContext);
  if (account === null) {
    throw new Error('outside of AccountGate');
  }
  return account;
}

/** An account in words; its ID alone when it has no name, or is not registered any more. */
export function accountText(accounts: readonly Pick<Account, 'accountId' | 'accountName'>[], accountId: string): string {
  const name = accounts.find((a) => a.accountId === accountId)?.accountName ?? '';
  return name === '' || name === accountId ? accountId : `${name} (${accountId})`;
}

/** A path that is opened in an account; an empty ID: in the one that is shown anyway. */
const inAccount = (path: string, accountId: string) => (accountId === '' ? path : `${path}${path.includes('?') ? '&' : '?'}account=${accountId}`);

/** The account that links lead into where rows of several are shown. */
export const LinkAccount = createContext('');

export function useLinkPath(): (path: string) => string {
  const accountId = useContext(LinkAccount);
  return (path) => inAccount(path, accountId);
}

/** Whose something is: of one account, or of several. */
export type Owners = string | readonly string[] | undefined;

/** The accounts that a run launches in. */
export function accountsOf({ accountId, accountContexts = [] }: Pick<Schemas['Execution'], 'accountId' | 'accountContexts'>): readonly string[] {
  return accountContexts.length === 0 ? [accountId] : accountContexts.map((context) => context.accountId);
}

/** What a list shows: one account, or all of them with the account beside each row. */
export interface AccountScope {
  all: boolean;
  /** Empty: all accounts. */
  accountId: string;
  /** All that are shown. */
  accountIds: readonly string[];
  /** The accounts of a row; of one account nothing, since it is said once. */
  text: (owners: Owners) => string;
  /** Where something of a row is done: of all accounts, in that of the row. */
  href: (path: string, accountId: string | undefined) => string;
}

/** Inside of <AccountGate all>. */
export function useAccountScope(): AccountScope {
  const { accounts, selected, all } = useAccountChoice();
  const one = selected?.accountId ?? '';
  if (one === '' && !all) {
    throw new Error('outside of AccountGate');
  }
  return useMemo(
    () => ({
      all,
      accountId: one,
      accountIds: all ? accounts.map((a) => a.accountId) : [one],
      text: (owners = []) => (all ? [owners].flat().map((id) => accountText(accounts, id)).join(', ') : ''),
      href: (path, accountId = '') => inAccount(path, all ? accountId : ''),
    }),
    [accounts, all, one],
  );
}
