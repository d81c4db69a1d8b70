/** The account whose groups, plans and runs are shown; it is in the URL. */
import { createContext, useContext, useEffect, useMemo, type ReactNode } from 'react';
import { useSearchParams } from 'react-router';
import type { Schemas } from '../api/client';
import { useAccounts, useProfile } from '../api/queries';

export type Account = Schemas['TargetAccount'];

export interface AccountChoice {
  accounts: readonly Account[];
  /** Null: none configured, or several and none chosen yet. */
  selected: Account | null;
  select(accountId: string): void;
  status: 'loading' | 'error' | 'ready';
  error: unknown;
  retry(): void;
}

const AccountContext = createContext<AccountChoice | null>(null);

const storageKey = (user: string) => `drs-console:account:${user}`;

function remembered(user: string): string | null {
  try {
    return localStorage.getItem(storageKey(user));
  } catch {
    return null;
  }
}

const withAccount = (accountId: string) => (old: URLSearchParams) => {
  const next = new URLSearchParams(old);
  next.set('account', accountId);
  return next;
};

export function AccountProvider({ children }: { children: ReactNode }) {
  const query = useAccounts();
  const user = useProfile().data?.userId ?? '';
  const [params, setParams] = useSearchParams();
  const accounts = useMemo(() => query.data ?? [], [query.data]);
  const wanted = params.get('account') ?? remembered(user);
  const selected = accounts.find((a) => a.accountId === wanted) ?? (accounts.length === 1 ? (accounts[0] ?? null) : null);

  useEffect(() => {
    if (selected !== null && user !== '') {
      try {
        localStorage.setItem(storageKey(user), selected.accountId);
      } catch {
        // asked again after the reload
      }
    }
  }, [selected, user]);

  // of several the address names the one that is shown, so that it can be passed on
  const missing = accounts.length > 1 && selected !== null && params.get('account') !== selected.accountId ? selected.accountId : null;
  useEffect(() => {
    if (missing !== null) {
      setParams(withAccount(missing), { replace: true });
    }
  }, [missing, setParams]);

  const value: AccountChoice = {
    accounts,
    selected,
    select: (accountId) => {
      setParams(withAccount(accountId), { replace: true });
    },
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
