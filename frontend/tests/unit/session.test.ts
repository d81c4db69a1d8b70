import { afterEach, describe, expect, it, vi } from 'vitest';
import { PASSWORD_RULES, claimsOf, safeReturnTo, type AuthAdapter, type Session } from '../../src/auth/adapter';
import { SessionStore } from '../../src/auth/session';

const MINUTE = 60_000;

function setUp(over: Partial<AuthAdapter> = {}) {
  let now = 1_000_000;
  const session = (token: string, life = 15 * MINUTE): Session => ({
    token, expiresAt: now + life, name: 'ann', mustChangePassword: false,
  });
  const signOut = vi.fn(() => Promise.resolve());
  const refresh = vi.fn(() => Promise.resolve<Session | null>(session('second')));
  const adapter: AuthAdapter = {
    kind: 'local', restore: () => Promise.resolve(null), returnTo: () => null, refresh, signOut, ...over,
  };
  const store = new SessionStore(adapter, 45 * MINUTE, () => now);
  return { store, session, signOut, refresh, pass: (ms: number) => { now += ms; } };
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe('session', () => {
  it('gives a token only while signed in', async () => {
    const { store, session } = setUp();
    expect(await store.token()).toBeNull();
    store.accept(session('first'));
    expect(await store.token()).toBe('first');
  });

  it('renews before the end, once for all who ask', async () => {
    const { store, session, refresh, pass } = setUp();
    store.accept(session('first'));
    pass(14 * MINUTE);
    expect(await Promise.all([store.token(), store.token()])).toEqual(['second', 'second']);
    expect(refresh).toHaveBeenCalledOnce();
  });

  it('keeps the old token while the server is away', async () => {
    const { store, session, pass } = setUp({ refresh: () => Promise.reject(new Error('down')) });
    store.accept(session('first'));
    pass(14 * MINUTE);
    expect(await store.token()).toBe('first');
    expect(store.snapshot().phase).toBe('signed-in');
  });

  it('warns two minutes before it signs out, and then does', () => {
    const { store, session, signOut, pass } = setUp();
    store.accept(session('first'));
    pass(42 * MINUTE);
    store.tick();
    expect(store.snapshot()).toMatchObject({ phase: 'signed-in', idleWarning: false });
    pass(MINUTE + 1);
    store.tick();
    expect(store.snapshot()).toMatchObject({ phase: 'signed-in', idleWarning: true });
    pass(2 * MINUTE);
    store.tick();
    expect(store.snapshot()).toEqual({ phase: 'signed-out', reason: 'idle' });
    expect(signOut).toHaveBeenCalledOnce();
  });

  it('does not take its own requests for activity', async () => {
    const { store, session, pass } = setUp();
    store.accept(session('first', 2 * 3600_000));
    for (let i = 0; i < 46; i++) {
      pass(MINUTE);
      await store.token();
      store.tick();
    }
    expect(store.snapshot()).toEqual({ phase: 'signed-out', reason: 'idle' });
  });

  it('stays when the user says so', () => {
    const { store, session, pass } = setUp();
    store.accept(session('first'));
    pass(44 * MINUTE);
    store.tick();
    store.stay();
    pass(2 * MINUTE);
    store.tick();
    expect(store.snapshot()).toMatchObject({ phase: 'signed-in', idleWarning: false });
  });
});

describe('sign-in helpers', () => {
  it.each([
    [null, '/'], ['/executions/1?tab=x', '/executions/1?tab=x'], ['https://evil.example', '/'], ['//evil.example', '/'],
    ['/\\evil.example', '/'], ['/login', '/'], ['javascript:alert(1)', '/'],
  ])('returns from %s to %s', (value, target) => {
    expect(safeReturnTo(value)).toBe(target);
  });

  it('reads claims for display and survives nonsense', () => {
    const body = btoa(JSON.stringify({ email: 'ann@example.com' })).replace(/=+$/, '');
    expect(claimsOf(`x.${body}.y`)).toEqual({ email: 'ann@example.com' });
    expect(claimsOf('nonsense')).toEqual({});
  });

  it('checks passwords as the server does', () => {
    const failed = (next: string) => PASSWORD_RULES.filter((r) => !r.ok(next, 'Old-Password-1!')).map((r) => r.id);
    expect(failed('Correct-Horse-42')).toEqual([]);
    expect(failed('short')).toEqual(['length', 'upper', 'digit', 'symbol']);
    expect(failed('Old-Password-1!')).toEqual(['new']);
  });
});
