/** Users of the server itself: /auth/login and its rotating refresh token. */
import { errorOf } from '../api/error';
import type { Schemas } from '../api/client';
import type { AuthAdapter, Session } from './adapter';

const KEY = 'drs-console:refresh';

/** Only in this tab; a reload keeps it, closing the tab ends it. */
function stored(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export class LocalAdapter implements AuthAdapter {
  readonly kind = 'local';
  private refreshToken: string | null = stored();

  constructor(private readonly base: string) {}

  restore(): Promise<Session | null> {
    return this.refresh();
  }

  returnTo(): string | null {
    return null;
  }

  async signIn(username: string, password: string): Promise<Session> {
    return this.accept(await this.post('/auth/login', { username, password }));
  }

  async changePassword(session: Session, currentPassword: string, newPassword: string): Promise<Session> {
    return this.accept(await this.post('/auth/password', { currentPassword, newPassword }, session.token));
  }

  async refresh(): Promise<Session | null> {
    const refreshToken = this.refreshToken;
    if (refreshToken === null) {
      return null;
    }
    try {
      return this.accept(await this.post('/auth/refresh', { refreshToken }));
    } catch (cause) {
      const status = typeof cause === 'object' && cause !== null && 'status' in cause ? cause.status : 0;
      if (status === 401 || status === 404) {
        this.keep(null);
        return null;
      }
      throw cause;
    }
  }

  async signOut(session: Session | null): Promise<void> {
    const refreshToken = this.refreshToken;
    await this.forget();
    if (session !== null) {
      await this.post('/auth/logout', refreshToken === null ? {} : { refreshToken }, session.token);
    }
  }

  forget(): Promise<void> {
    this.keep(null);
    return Promise.resolve();
  }

  returning(): boolean {
    return false;
  }

  carry(): string | null {
    return this.refreshToken;
  }

  adopt(carried: string): Promise<void> {
    this.keep(carried);
    return Promise.resolve();
  }

  private keep(refreshToken: string | null): void {
    this.refreshToken = refreshToken;
    try {
      if (refreshToken === null) {
        sessionStorage.removeItem(KEY);
      } else {
        sessionStorage.setItem(KEY, refreshToken);
      }
    } catch {
      // blocked storage: the session ends with the next reload
    }
  }

  private accept(answer: Schemas['LocalSession']): Session {
    this.keep(answer.refreshToken ?? null);
    return {
      token: answer.token ?? '',
      expiresAt: Date.now() + (answer.expiresIn ?? 0) * 1000,
      name: answer.user?.username ?? answer.user?.email ?? '',
      mustChangePassword: answer.mustChangePassword === true,
    };
  }

  private async post(path: string, body: object, token?: string): Promise<Schemas['LocalSession']> {
    const headers: Record<string, string> = { 'Content-Type': 'application/json', Accept: 'application/json' };
    if (token !== undefined) {
      headers.Authorization = `Bearer ${token}`;
    }
    const answer = await fetch(this.base + path, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
      credentials: 'omit',
      cache: 'no-store',
      redirect: 'error',
      signal: AbortSignal.timeout(30_000),
    });
    if (!answer.ok) {
      throw await errorOf(answer);
    }
    return (await answer.json()) as Schemas['LocalSession'];
  }
}
