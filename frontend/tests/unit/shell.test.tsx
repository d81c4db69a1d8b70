import { cleanup, render, screen } from '@testing-library/react';
import userEvent, { type UserEvent } from '@testing-library/user-event';
import { createMemoryRouter, RouterProvider } from 'react-router';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AuthAdapter, Session } from '../../src/auth/adapter';
import { SessionStore } from '../../src/auth/session';
import { BaseContext } from '../../src/app/context';
import { crumbsOf, sectionOf } from '../../src/app/navigation';
import { explain } from '../../src/api/explain';
import { ApiError } from '../../src/api/error';
import { texts } from '../../src/i18n/en';
import { icu } from '../../src/i18n/icu';
import { register } from '../../src/i18n/t';
import { parseConfig } from '../../src/lib/config';
import { LiveConnection } from '../../src/live/connection';
// loaded before it is needed: the form is lazy
import '../../src/screens/ChangePassword';
import SignIn from '../../src/screens/SignIn';

register(texts, icu);

const session = (over: Partial<Session> = {}): Session => ({
  token: 'x', expiresAt: Date.now() + 900_000, name: 'ann', mustChangePassword: false, ...over,
});

const stores: SessionStore[] = [];

async function fill(user: UserEvent, field: HTMLElement, text: string): Promise<void> {
  await user.click(field);
  await user.paste(text);
}

/** The page of sign-in with an adapter that notes what it is asked. */
async function signInPage(at: string, first: Session) {
  const signIn = vi.fn(() => Promise.resolve(first));
  const changePassword = vi.fn(() => Promise.resolve(session()));
  const adapter: AuthAdapter = {
    kind: 'local', restore: () => Promise.resolve(null), returnTo: () => null, signIn, changePassword,
    refresh: () => Promise.resolve(null), signOut: () => Promise.resolve(), forget: () => Promise.resolve(),
    returning: () => false, carry: () => null, adopt: () => Promise.resolve(),
  };
  const store = new SessionStore(adapter, 3600_000);
  stores.push(store);
  await store.start();
  const router = createMemoryRouter(
    [{ path: '/login', element: <SignIn /> }, { path: '*', element: <p>inside</p> }],
    { initialEntries: [at] },
  );
  render(
    <BaseContext value={{ config: parseConfig({}, 'https://drs.example/'), session: store }}>
      <RouterProvider router={router} />
    </BaseContext>,
  );
  const user = userEvent.setup();
  await fill(user, screen.getByLabelText('User name or e-mail address'), 'ann');
  await fill(user, screen.getByLabelText('Password'), 'secret');
  await user.click(screen.getByRole('button', { name: 'Sign in' }));
  return { router, signIn, changePassword, user };
}

afterEach(() => {
  cleanup();
  for (const store of stores.splice(0)) {
    store.close();
  }
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('sign-in', () => {
  it('BUG 1.2: takes plain user names and goes on to the page that was asked for', async () => {
    const { router, signIn } = await signInPage('/login?returnTo=%2Fexecutions%2F7%3Ftab%3Dx', session());
    await screen.findByText('inside', {}, { timeout: 30_000 });
    expect(signIn).toHaveBeenCalledWith('ann', 'secret');
    expect(router.state.location.pathname + router.state.location.search).toBe('/executions/7?tab=x');
  }, 120_000);

  it('BUG 1.2: sends a new password once, and Cancel goes back to sign-in', async () => {
    const { changePassword, user } = await signInPage('/login', session({ mustChangePassword: true }));
    await fill(user, await screen.findByLabelText('Current password', {}, { timeout: 30_000 }), 'secret');
    await fill(user, screen.getByLabelText('New password'), 'Correct-Horse-42');
    await fill(user, screen.getByLabelText('New password again'), 'Correct-Horse-42');
    await user.click(screen.getByRole('button', { name: 'Change password' }));
    await screen.findByText('inside', {}, { timeout: 30_000 });
    expect(changePassword).toHaveBeenCalledOnce();
    cleanup();
    const second = await signInPage('/login', session({ mustChangePassword: true }));
    await second.user.click(await screen.findByRole('button', { name: 'Cancel' }, { timeout: 30_000 }));
    const name = await screen.findByLabelText('User name or e-mail address', {}, { timeout: 30_000 });
    expect(name.getAttribute('type')).toBe('text');
    expect(screen.queryByLabelText('New password')).toBeNull();
  }, 120_000);
});

describe('the frame', () => {
  it('BUG 1.1: a page below a section highlights it, and has a way back', () => {
    expect(sectionOf('/executions/4711/report')).toBe('/executions');
    expect(sectionOf('/recovery-plans/x/readiness')).toBe('/recovery-plans');
    expect(crumbsOf('/recovery-plans/x', 'Shop').map((c) => c.text)).toEqual(['Dashboard', 'Recovery plans', 'Shop']);
  });

  it('BUG 2.5: texts of the server are shown as they are, not escaped again', () => {
    const message = 'Group "A&B" is used by plan <C>';
    expect(explain(new ApiError({ kind: 'http', status: 409, code: 'UNHEARD_OF', message }))).toBe(message);
  });

  it('BUG 2.12: a setting that is missing or wrong is named', () => {
    expect(() => parseConfig({ auth: { adapter: 'oidc', clientId: 'x' } }, 'https://drs.example/')).toThrow('"authority"');
    expect(() => parseConfig({ auth: { adapter: 'cognito' } }, 'https://drs.example/')).toThrow('"adapter" must be one of local, oidc');
    expect(() => parseConfig([], 'https://drs.example/')).toThrow('an object is expected');
  });
});

describe('the event stream', () => {
  it('leaves no listener behind, however often it reconnects', async () => {
    vi.stubGlobal('fetch', vi.fn(() => Promise.resolve(new Response('', { status: 503 }))));
    vi.spyOn(Math, 'random').mockReturnValue(0);
    vi.useFakeTimers();
    const signals = new Map<EventTarget, number>();
    const add = AbortSignal.prototype.addEventListener;
    const remove = AbortSignal.prototype.removeEventListener;
    vi.spyOn(AbortSignal.prototype, 'addEventListener').mockImplementation(function (this: AbortSignal, ...args: unknown[]) {
      signals.set(this, (signals.get(this) ?? 0) + 1);
      Reflect.apply(add, this, args);
    });
    vi.spyOn(AbortSignal.prototype, 'removeEventListener').mockImplementation(function (this: AbortSignal, ...args: unknown[]) {
      signals.set(this, (signals.get(this) ?? 0) - 1);
      Reflect.apply(remove, this, args);
    });
    const source = { token: () => Promise.resolve('x'), refresh: () => Promise.resolve(true), expired: () => undefined };
    const live = new LiveConnection('/api/events', source, { event: () => undefined, opened: () => undefined, reset: () => undefined }, true);
    live.start();
    await vi.advanceTimersByTimeAsync(8 * 3600_000);
    expect(vi.mocked(fetch).mock.calls.length).toBeGreaterThan(1000);
    // one of the connection or of the pause between two
    expect(Math.max(...signals.values())).toBeLessThanOrEqual(1);
    live.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  }, 120_000);
});
