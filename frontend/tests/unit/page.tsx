// What a page of the console needs around it in a unit test: an API of fixed answers, a session, a router.
import I18nProvider from '@cloudscape-design/components/i18n';
import messages from '@cloudscape-design/components/i18n/messages/all.en';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { configure, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { vi } from 'vitest';
import { ApiClient } from '../../src/api/client';
import { AccountProvider } from '../../src/app/account';
import { BaseContext, ServicesContext, type Services } from '../../src/app/context';
import { Flashes } from '../../src/app/flashes';
import { Notices } from '../../src/app/notices';
import type { SessionStore } from '../../src/auth/session';
import { parseConfig } from '../../src/lib/config';
import type { LiveConnection, LiveStatus } from '../../src/live/connection';

// pages are large, and machines are busy
configure({ asyncUtilTimeout: 20_000 });
vi.setConfig({ testTimeout: 60_000 });

export interface Call {
  method: string;
  path: string;
  query: URLSearchParams;
  body: unknown;
  /** The Idempotency-Key. */
  key?: string;
}

export const ACCOUNT = '123456789012';

/** Answers by `METHOD /path`; a number is a refusal with that status, a function is told the query, and may answer later. */
export type Answers = Record<string, unknown>;

/** A refusal as the server words it. */
export class Refused {
  constructor(
    readonly status: number,
    readonly body: Readonly<Record<string, unknown>>,
  ) {}
}

const EVERYWHERE: Answers = {
  'GET /user/profile': { userId: 'u', username: 'ann', email: '' },
  'GET /accounts/targets': [{ accountId: ACCOUNT, accountName: 'Shop', isCurrentAccount: true }],
  'GET /user/permissions': {
    roles: [],
    permissions: ['view_recovery_plans', 'create_recovery_plans', 'modify_recovery_plans', 'delete_recovery_plans', 'start_recovery', 'terminate_instances'],
  },
};

/** jsdom lays nothing out; what watches sizes finds none. */
export function withoutSizes(): void {
  vi.stubGlobal('ResizeObserver', class {
    observe() { /* nothing has a size */ }
    unobserve() { /* nothing has a size */ }
    disconnect() { /* nothing has a size */ }
  });
}

export interface Place {
  live: LiveStatus;
  pollSeconds: number;
  /** More of config.json. */
  config?: Record<string, unknown>;
}

export function services({ live: status, pollSeconds, config }: Place = { live: 'live', pollSeconds: 5 }): Services {
  const signedIn = { phase: 'signed-in', session: { token: 't', expiresAt: 1, name: 'ann', mustChangePassword: false }, idleWarning: false } as const;
  const session = { adapter: {}, subscribe: () => () => undefined, snapshot: () => signedIn, token: () => Promise.resolve('t'), refresh: () => Promise.resolve(false), expired: () => undefined };
  const state = { status, lastByte: null };
  const live = { subscribe: () => () => undefined, snapshot: () => state, start: () => undefined, close: () => undefined, detail: () => ({ lastId: '7-0', failures: 0 }) };
  return {
    config: { ...parseConfig(config ?? {}, 'https://drs.example/'), pollSeconds },
    session: session as unknown as SessionStore,
    api: new ApiClient('/api', session),
    live: live as unknown as LiveConnection,
    notices: new Notices('ann'),
    flashes: new Flashes(),
  };
}

/** Answers every request of the page; returns what was asked. */
export function answer(answers: Answers): Call[] {
  const calls: Call[] = [];
  const all = { ...EVERYWHERE, ...answers };
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    const { pathname, searchParams: query } = new URL(url, 'http://test');
    const path = pathname.replace(/^\/api/, '');
    const method = init.method ?? 'GET';
    const key = (init.headers as Record<string, string> | undefined)?.['Idempotency-Key'];
    calls.push({ method, path, query, body: typeof init.body === 'string' ? JSON.parse(init.body) : null, ...(key === undefined ? {} : { key }) });
    const given = all[`${method} ${path}`] ?? 404;
    const found: unknown = typeof given === 'function' ? await (given as (query: URLSearchParams) => unknown)(query) : given;
    if (found instanceof Refused) {
      return new Response(JSON.stringify(found.body), { status: found.status });
    }
    return typeof found === 'number'
      ? new Response(JSON.stringify({ error: 'X', message: `refused with ${String(found)}` }), { status: found })
      : new Response(JSON.stringify(found), { status: 200 });
  });
  return calls;
}

export function show(element: ReactNode, path = '/', pattern = '/', place?: Place) {
  const all = services(place);
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const router = createMemoryRouter(
    [{ path: pattern, element: <AccountProvider>{element}</AccountProvider> }, { path: '*', element: <h1>Elsewhere</h1> }],
    { initialEntries: [path] },
  );
  const shown = render(
    <I18nProvider locale="en" messages={[messages]}>
      <BaseContext value={all}>
        <ServicesContext value={all}>
          <QueryClientProvider client={client}>
            <RouterProvider router={router} />
          </QueryClientProvider>
        </ServicesContext>
      </BaseContext>
    </I18nProvider>,
  );
  return { ...shown, client, router, services: all };
}
