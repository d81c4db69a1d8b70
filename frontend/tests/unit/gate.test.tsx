// The account gate (ui.md 1.3).
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ComponentType, ReactNode } from 'react';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../src/api/error';
import { AccountProvider, useAccount, useAccountChoice, useAccountScope } from '../../src/app/account';
import { AccountGate } from '../../src/app/AccountGate';
import { BaseContext, ServicesContext, type Services } from '../../src/app/context';
import { Flashes } from '../../src/app/flashes';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { register } from '../../src/i18n/t';
import { parseConfig } from '../../src/lib/config';

register(texts, icu);

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});
afterEach(cleanup);
vi.setConfig({ testTimeout: 30_000 });

const account = (accountId: string, isCurrentAccount = false) => ({
  accountId, accountName: `Name ${accountId.slice(0, 2)}`, isCurrentAccount, status: 'active', stagingAccounts: [], createdAt: '', updatedAt: '',
});
const A = account('111111111111');
const B = account('222222222222', true);

/** What can be shown of all accounts too, and the menu of accounts. */
function List() {
  const { accountId, accountIds } = useAccountScope();
  return <p>List of {accountId === '' ? accountIds.join(' and ') : accountId}</p>;
}

function Menu() {
  const choice = useAccountChoice();
  return choice.accounts.map(({ accountId }) => (
    <button key={accountId} onClick={() => {
      choice.select(accountId);
    }}>
      Menu {accountId}
    </button>
  ));
}

function Page() {
  return <p>Page of {useAccount().accountId}</p>;
}

function show(accounts: () => unknown, permissions: string[] = ['register_accounts'], page: ReactNode = <AccountGate><Page /></AccountGate>, path = '/') {
  const get = vi.fn((path: string): Promise<unknown> => {
    switch (path) {
      case '/accounts/targets':
        return Promise.resolve().then(accounts);
      case '/accounts/current':
        return Promise.resolve({ accountId: '222222222222', accountName: 'Hub', isCurrentAccount: true });
      case '/user/permissions':
        return Promise.resolve({ permissions, roles: [] });
      default:
        return Promise.resolve({ userId: 'ann' });
    }
  });
  const post = vi.fn(() => Promise.resolve({}));
  const services = {
    config: parseConfig({}, 'https://drs.example/'),
    session: { subscribe: () => () => undefined, snapshot: () => SIGNED_IN },
    live: { subscribe: () => () => undefined, snapshot: () => LIVE },
    api: { get, post },
    flashes: new Flashes(),
  } as unknown as Services;
  const router = createMemoryRouter(
    [
      { path: '/settings/accounts/new', element: <p>The wizard</p> },
      { path: '*', element: <AccountProvider>{page}</AccountProvider> },
    ],
    { initialEntries: [path] },
  );
  render(
    <BaseContext value={services}>
      <ServicesContext value={services}>
        <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </ServicesContext>
    </BaseContext>,
  );
  return { get, post, router };
}

const SIGNED_IN = { phase: 'signed-in', session: { mustChangePassword: false } };
/** Loaded when it is needed, on a machine that may be busy. */
const LAZY = { timeout: 20_000 };
const LIVE = { status: 'live', lastByte: null };

describe('the account gate', () => {
  it('shows the page when there is one account', async () => {
    show(() => [A]);
    await screen.findByText('Page of 111111111111');
  });

  it('BUG 1.3: with several accounts and none chosen it asks, and each account selects itself', async () => {
    const { router } = show(() => [A, B]);
    await userEvent.click(await screen.findByRole('button', { name: 'Name 22' }));
    await screen.findByText('Page of 222222222222');
    expect(router.state.location.search).toBe('?account=222222222222');
  });

  it('BUG 1.3: a failure is told and can be tried again', async () => {
    let fail = true;
    show(() => {
      if (fail) {
        throw new ApiError({ kind: 'http', status: 503, code: 'SERVICE_UNAVAILABLE', message: 'no worker' });
      }
      return [A];
    });
    await screen.findByText('The accounts cannot be loaded');
    fail = false;
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }));
    await screen.findByText('Page of 111111111111');
  });

  it('an empty system leads to the wizard, or takes the account of the server at once', async () => {
    const { post, router } = show(() => []);
    await userEvent.click(await screen.findByRole('button', { name: 'Add the account of this server (222222222222)' }, LAZY));
    await waitFor(() => {
      expect(post).toHaveBeenCalledWith('/accounts/targets', expect.objectContaining({ body: { accountId: '222222222222' } }));
    });
    // the way to the first drill, with its first step open
    expect(screen.getByRole('heading', { name: 'Getting started' })).toBeTruthy();
    expect(screen.getAllByRole('listitem')).toHaveLength(5);
    expect(screen.getAllByRole('link').map((a) => a.textContent)).toEqual(['Add a target account']);
    await userEvent.click(screen.getByRole('button', { name: 'Add a target account' }));
    expect(router.state.location.pathname).toBe('/settings/accounts/new');
  });

  it('nobody adds an account without the permission', async () => {
    const { post } = show(() => [], []);
    const button = await screen.findByRole('button', { name: 'Add the account of this server (222222222222)' }, LAZY);
    await userEvent.click(button);
    expect(button.getAttribute('aria-disabled') ?? String((button as HTMLButtonElement).disabled)).toBe('true');
    expect(post).not.toHaveBeenCalled();
  });
});

describe('the account in the address', () => {
  it('is there when there are several, also of the one that was chosen last', async () => {
    localStorage.setItem('drs-console:account:ann', B.accountId);
    const { router } = show(() => [A, B]);
    await screen.findByText('Page of 222222222222');
    await waitFor(() => {
      expect(router.state.location.search).toBe('?account=222222222222');
    });
  });

  it('is not needed when there is only one, and one that does not exist is not taken for another', async () => {
    const { router } = show(() => [A]);
    await screen.findByText('Page of 111111111111');
    expect(router.state.location.search).toBe('');
    cleanup();
    localStorage.clear();
    sessionStorage.clear();
    const other = show(() => [A, B]);
    await other.router.navigate('/?account=999999999999');
    await screen.findByRole('heading', { name: /Choose an account/ });
  });

  it('is not that of another tab', async () => {
    localStorage.setItem('drs-console:account:ann', A.accountId);
    const { router } = show(() => [A, B]);
    await screen.findByText('Page of 111111111111');
    localStorage.setItem('drs-console:account:ann', B.accountId);
    await router.navigate('/?tab=other');
    await waitFor(() => {
      expect(router.state.location.search).toBe('?tab=other&account=111111111111');
    });
  });
});

describe('all accounts', () => {
  const KEPT = 'drs-console:account:ann';
  const list = <AccountGate all><List /></AccountGate>;

  it('are offered where a page can show them, and named in the address', async () => {
    const { router } = show(() => [A, B], [], list);
    await screen.findByText(texts['accounts.choose.description']);
    await userEvent.click(screen.getByRole('button', { name: 'All accounts' }));
    await screen.findByText('List of 111111111111 and 222222222222');
    expect(router.state.location.search).toBe('?account=all');
    expect(localStorage.getItem(KEPT)).toBe('all');
  });

  it('are shown again on the next page', async () => {
    localStorage.setItem(KEPT, 'all');
    const { router } = show(() => [A, B], [], list);
    await screen.findByText('List of 111111111111 and 222222222222');
    await waitFor(() => {
      expect(router.state.location.search).toBe('?account=all');
    });
  });

  it('are not what a page shows that needs one: that asks, and the next page has all of them again', async () => {
    localStorage.setItem(KEPT, 'all');
    const { router } = show(() => [A, B], [], undefined, '/recovery-plans/new');
    await screen.findByText(texts['accounts.choose.one']);
    await userEvent.click(screen.getByRole('button', { name: 'Name 22' }));
    await screen.findByText('Page of 222222222222');
    expect(router.state.location.search).toBe('?account=222222222222');
    expect(localStorage.getItem(KEPT)).toBe('all');
  });

  it('stay chosen when a link leads into one of them, until that is chosen in the menu', async () => {
    localStorage.setItem(KEPT, 'all');
    const { router } = show(() => [A, B], [], <><Menu />{list}</>);
    await screen.findByText('List of 111111111111 and 222222222222');
    await router.navigate('/executions/x?account=111111111111');
    await screen.findByText('List of 111111111111');
    expect(localStorage.getItem(KEPT)).toBe('all');
    await userEvent.click(screen.getByRole('button', { name: 'Menu 111111111111' }));
    expect(localStorage.getItem(KEPT)).toBe('111111111111');
    await router.navigate('/?account=all');
    await screen.findByText('List of 111111111111 and 222222222222');
    expect(localStorage.getItem(KEPT)).toBe('all');
    await userEvent.click(screen.getByRole('button', { name: 'Menu 222222222222' }));
    await screen.findByText('List of 222222222222');
    expect(localStorage.getItem(KEPT)).toBe('222222222222');
  });

  it('are not chosen any more when a link leads to a list of one of them', async () => {
    localStorage.setItem(KEPT, 'all');
    const { router } = show(() => [A, B], [], list);
    await screen.findByText('List of 111111111111 and 222222222222');
    await router.navigate('/executions?account=111111111111');
    await screen.findByText('List of 111111111111');
    await router.navigate('/recovery-plans');
    await waitFor(() => {
      expect(router.state.location.search).toBe('?account=111111111111');
    });
  });

  it('are the one when there is only one', async () => {
    const { router } = show(() => [A], [], list);
    await router.navigate('/?account=all');
    await screen.findByText('List of 111111111111');
  });
});

describe('BUG 1.3: pages', () => {
  const screens = import.meta.glob<{ default: ComponentType }>('../../src/screens/*.tsx');

  it.each([
    'Capacity', 'Dashboard', 'Executions', 'GroupEditor', 'Groups', 'PlanEditor', 'Plans', 'ScheduleEditor', 'Schedules', 'Servers',
  ])('BUG 1.3: %s loads nothing before an account is chosen, and does not spin', async (name) => {
    const { default: Screen } = (await screens[`../../src/screens/${name}.tsx`]?.()) ?? { default: Page };
    expect(Screen).not.toBe(Page);
    const { get } = show(() => [A, B], [], <Screen />);
    await screen.findByRole('heading', { name: /Choose an account/ }, LAZY);
    expect(get.mock.calls.map(([path]) => path).filter((path) => !['/accounts/targets', '/user/profile', '/user/permissions'].includes(path))).toEqual([]);
    expect(screen.queryByText('Loading…')).toBeNull();
  });
});
