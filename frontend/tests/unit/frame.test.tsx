// The frame around the pages: navigation, messages, panels (ui.md 1.1, 2.4, 2.5, 2.12, 2.15).
import { disableMotion } from '@cloudscape-design/global-styles';
import { act, cleanup, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { createMemoryRouter, RouterProvider, type RouteObject } from 'react-router';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError } from '../../src/api/error';
import { explain } from '../../src/api/explain';
import { AccountProvider, type Account } from '../../src/app/account';
import { accountMenu, accountShown, ADD_ACCOUNT, clip, FIND_ACCOUNT, RETRY } from '../../src/app/account-menu';
import { BaseContext, ServicesContext, type Services } from '../../src/app/context';
import { NAVIGATION } from '../../src/app/navigation';
import { Shell } from '../../src/app/Shell';
import { scriptOf } from '../../src/app/version';
import { Confirm } from '../../src/components/Confirm';
import { LeaveGuard } from '../../src/components/LeaveGuard';
import { texts } from '../../src/i18n/en';
import '../../src/i18n/errors';
import { icu } from '../../src/i18n/icu';
import { register } from '../../src/i18n/t';
import { parseConfig } from '../../src/lib/config';
import { setTheme } from '../../src/lib/theme';
import { formatTime } from '../../src/lib/time';
import type { LiveState } from '../../src/live/connection';
import ConnectionPanel from '../../src/connection/Panel';
import { answer, services, show } from './page';

register(texts, icu);
disableMotion(true);
// jsdom has none
Object.assign(globalThis, { CSS: { escape: (text: string) => text } });

beforeEach(() => {
  localStorage.clear();
  sessionStorage.clear();
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  document.head.querySelectorAll('script').forEach((s) => {
    s.remove();
  });
});

function frame(over: Partial<Services> = {}, pages: RouteObject[] = []) {
  const all = { ...services(), ...over };
  const router = createMemoryRouter([
    { element: <AccountProvider><Shell /></AccountProvider>, children: [...pages, { path: '*', element: <h1>A page</h1> }] },
  ]);
  render(
    <BaseContext value={all}>
      <ServicesContext value={all}>
        <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </ServicesContext>
    </BaseContext>,
  );
  return { all, router, user: userEvent.setup() };
}

const RUNS = { 'GET /executions': { items: [], count: 0 } };

describe('the frame', () => {
  it('BUG 1.1: every entry of the navigation leads to its page', async () => {
    answer(RUNS);
    const { router, user } = frame();
    const entries = NAVIGATION.flatMap((entry) => (entry === 'divider' ? [] : [entry]));
    expect(entries.length).toBeGreaterThan(8);
    for (const { path, text } of [...entries, ...entries.slice(0, 1)]) {
      const label = (texts as Record<string, string>)[text] ?? '';
      await user.click((await screen.findAllByRole('link', { name: new RegExp(`^${label}`) }))[0] as HTMLElement);
      expect(router.state.location.pathname).toBe(path);
    }
  });

  it('moves the focus to the heading of a page once it is there, and leaves it to who has gone elsewhere meanwhile', async () => {
    answer(RUNS);
    let show: (() => void) | undefined;
    function Slow({ name }: { name: string }) {
      const [there, setThere] = useState(false);
      useEffect(() => {
        show = () => {
          setThere(true);
        };
      }, []);
      return there ? <h1>{name}</h1> : <p>{`Reading ${name}`}</p>;
    }
    const { router, user } = frame({}, [{ path: '/slow', element: <Slow key="slow" name="Slow" /> }, { path: '/slower', element: <Slow key="slower" name="Slower" /> }]);
    const appear = (name: string) => {
      act(() => show?.());
      return screen.findByRole('heading', { name, level: 1 });
    };
    await screen.findByText('A page');
    expect(document.activeElement).toBe(document.body);
    await act(() => router.navigate('/slow'));
    await screen.findByText('Reading Slow');
    const heading = await appear('Slow');
    await waitFor(() => {
      expect(document.activeElement).toBe(heading);
    });
    await act(() => router.navigate('/slower'));
    await screen.findByText('Reading Slower');
    await user.tab();
    const skip = screen.getByText('Skip to the content');
    expect(document.activeElement).toBe(skip);
    await appear('Slower');
    expect(document.activeElement).toBe(skip);
  });

  it.each([[8, 0], [9, 1]])('the menu of %d accounts has %d entry that leads to the search', (count, entries) => {
    const menu = accountMenu({ accounts: Array.from({ length: count }, (_, i) => ({ accountId: String(100_000_000_000 + i), accountName: `Site ${String(i)}`, isCurrentAccount: i === 0 })), status: 'ready' });
    expect(menu.filter((item) => item.id === FIND_ACCOUNT)).toHaveLength(entries);
    expect(menu.slice(entries)).toHaveLength(count + 1);
    expect(menu[entries + 1]).toEqual({ id: '100000000000', text: 'Site 0 (100000000000)', description: texts['accounts.own'] });
  });

  it('names the account and its ID, and says why there is none', () => {
    const shop = { accountId: '123456789012', accountName: 'Shop', isCurrentAccount: true } as Account;
    const shown = (over: Partial<Parameters<typeof accountShown>[0]>) => accountShown({ accounts: [shop], all: false, selected: shop, status: 'ready', ...over });
    expect(shown({})).toBe('Shop (123456789012)');
    const none = { accounts: [], selected: null };
    expect([
      shown({ ...none, status: 'loading' }), shown({ ...none, status: 'error' }), shown(none), shown({ selected: null }), shown({ all: true }),
    ]).toEqual(['Loading the accounts', 'The accounts cannot be loaded', 'No account', 'Choose an account', 'All accounts']);
    expect((['loading', 'error', 'ready'] as const).map((status) => accountMenu({ accounts: [], status }).map((item) => item.id))).toEqual([[], [RETRY], [ADD_ACCOUNT]]);
    // the top bar has room for so much; its label has all of it
    expect(clip(`${'The account of a very long name '.repeat(2)}(123456789012)`)).toMatch(/^The account of .*… \(123456789012\)$/);
    expect(clip('Shop (123456789012)')).toBe('Shop (123456789012)');
  });

  it('has the other colours one choice away, and says when the last news came', async () => {
    answer(RUNS);
    const at = new Date('2026-11-29T10:00:05Z').getTime();
    const live = { ...services().live, start: () => undefined, close: () => undefined, subscribe: () => () => undefined, snapshot: () => state };
    const state: LiveState = { status: 'live', lastByte: at };
    const { user } = frame({ live: live as unknown as Services['live'] });
    await screen.findAllByText('ann');
    expect((await screen.findAllByRole('button', { name: `Live, last news ${formatTime(at, { seconds: true })}`, hidden: true })).length).toBeGreaterThan(0);
    setTheme('light');
    for (const [entry, theme] of [['Dark colours', 'dark'], ['Light colours', 'light']] as const) {
      await user.click((await screen.findAllByRole('button', { name: 'ann', hidden: true }))[0] as HTMLElement);
      await user.click(await screen.findByText(entry));
      expect(document.documentElement.dataset.theme).toBe(theme);
    }
  });

  it('says that the server is away for as long as it is, and takes nothing else away', async () => {
    answer(RUNS);
    let state: LiveState = { status: 'offline', lastByte: null };
    const listeners = new Set<() => void>();
    const live = {
      ...services().live, detail: () => ({ lastId: null, failures: 3 }), start: () => undefined, close: () => undefined,
      subscribe: (listener: () => void) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      snapshot: () => state,
    };
    frame({ live: live as unknown as Services['live'] });
    await screen.findByText('The server cannot be reached');
    expect(screen.getByText('A page')).toBeDefined();
    state = { status: 'live', lastByte: null };
    listeners.forEach((listener) => {
      listener();
    });
    await waitFor(() => {
      expect(screen.queryByText('The server cannot be reached')).toBeNull();
    });
  });

  it('shows the id of a request that was refused, with a button that copies it', async () => {
    answer(RUNS);
    const { all, user } = frame();
    all.flashes.error('Not saved', new ApiError({ kind: 'http', status: 409, code: 'VERSION_CONFLICT', message: 'It was changed.', requestId: 'req-4711' }));
    await screen.findByText('Not saved');
    expect(screen.getByText(/Look at the newer version/)).toBeDefined();
    await user.click(screen.getByRole('button', { name: 'Copy req-4711' }));
    await expect(navigator.clipboard.readText()).resolves.toBe('req-4711');
  });

  it('has the requests and the state of the stream for who looks for a fault', async () => {
    answer({ 'GET /accounts/targets': 503 });
    show(<ConnectionPanel />);
    await screen.findByText(/200 GET \/user\/profile/);
    await screen.findAllByText(/503 GET \/accounts\/targets/);
    expect(screen.getByText('7-0')).toBeDefined();
  });

  it('marks the environment by name and colour when it has one', async () => {
    answer(RUNS);
    const config = { ...services().config, environment: { name: 'Production', color: 'red' as const } };
    frame({ config });
    expect((await screen.findByText('Production')).className).toContain('environment-red');
    expect(() => parseConfig({ environment: { name: 'x', color: 'pink' } }, 'https://drs.example/')).toThrow('"color" must be one of grey, green, blue, amber, red');
  });
});

describe('a newer console on the server', () => {
  function run(html: string) {
    const script = document.createElement('script');
    script.type = 'module';
    script.setAttribute('src', './assets/index-AAAA1111.js');
    // not started: only its address counts
    Object.defineProperty(script, 'async', { value: true });
    document.head.append(script);
    answer(RUNS);
    const api = fetch;
    vi.stubGlobal('fetch', (url: string | URL, init: RequestInit) =>
      String(url).endsWith('index.html') ? Promise.resolve(new Response(html)) : api(url as string, init));
    return frame();
  }

  it('is offered, not forced, once a part of this one is missing', async () => {
    const { user } = run('<script type="module" src="./assets/index-BBBB2222.js"></script>');
    await screen.findByText('A page');
    expect(screen.queryByText('A new version of the console is there')).toBeNull();
    window.dispatchEvent(new Event('vite:preloadError'));
    await screen.findByText('A new version of the console is there');
    expect(screen.getByRole('button', { name: 'Load it now' })).toBeDefined();
    await user.click(screen.getAllByRole('button', { name: 'Dismiss' })[0] as HTMLElement);
    await waitFor(() => {
      expect(screen.queryByText('A new version of the console is there')).toBeNull();
    });
  });

  it('is not seen where there is none', async () => {
    const asked = vi.fn();
    run('<script type="module" src="./assets/index-AAAA1111.js"></script>');
    const before = fetch;
    vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
      asked(String(url));
      return before(url, init);
    });
    await screen.findByText('A page');
    window.dispatchEvent(new Event('vite:preloadError'));
    await waitFor(() => {
      expect(asked.mock.calls.flat().some((url: string) => url.endsWith('index.html'))).toBe(true);
    });
    expect(screen.queryByText('A new version of the console is there')).toBeNull();
  });

  it('is told by the name of the script alone', () => {
    expect(scriptOf('<script type="module" crossorigin src="./assets/index-BC44K6sZ.js"></script>')).toBe('assets/index-BC44K6sZ.js');
    expect(scriptOf('<h1>502 Bad Gateway</h1>')).toBeNull();
  });
});

describe('refusals', () => {
  it.each([
    'MISSING_FIELD', 'INVALID_NAME', 'PG_NAME_EXISTS', 'PG_IN_USE', 'PG_IN_ACTIVE_EXECUTION', 'RECOVERY_PLAN_NOT_FOUND',
    'INVALID_SELECTION_MODE', 'QUOTA_EXCEEDED', 'VERSION_CONFLICT',
  ])('%s comes with what to do about it', (code) => {
    const message = 'What the server says.';
    const text = explain(new ApiError({ kind: 'http', status: 409, code, message }));
    expect(text).not.toBe(message);
    expect(text.length).toBeGreaterThan(message.length);
  });
});

describe('a question before something is done', () => {
  it('has the focus on Cancel, and gives it back', async () => {
    answer({});
    const confirmed = vi.fn();
    function Page() {
      const [open, setOpen] = useState(false);
      return (
        <>
          <button onClick={() => {
            setOpen(true);
          }}>Delete it</button>
          {open ? (
            <Confirm title="Delete?" action="Delete" busy={false} onConfirm={confirmed} onClose={() => {
              setOpen(false);
            }}>
              Gone for ever.
            </Confirm>
          ) : null}
        </>
      );
    }
    show(<Page />);
    const user = userEvent.setup();
    await user.click(await screen.findByRole('button', { name: 'Delete it' }));
    await waitFor(() => {
      expect(document.activeElement?.textContent).toBe('Cancel');
    });
    await user.keyboard('{Enter}');
    expect(confirmed).not.toHaveBeenCalled();
    await waitFor(() => {
      expect(document.activeElement?.textContent).toBe('Delete it');
    });
  });
});

describe('a form with changes', () => {
  it('asks before it is left for another page or another account, not before its own parameters change', async () => {
    answer({});
    const { router } = show(<LeaveGuard dirty discard={() => undefined} />, '/?account=1');
    await router.navigate('/?account=1&tab=x');
    expect(router.state.location.search).toBe('?account=1&tab=x');
    for (const other of ['/?account=2', '/elsewhere?account=1']) {
      await router.navigate(other);
      await userEvent.click(await screen.findByRole('button', { name: 'Cancel' }));
      expect(router.state.location.search).toBe('?account=1&tab=x');
    }
  });
});
