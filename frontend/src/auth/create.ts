import type { ConsoleConfig } from '../lib/config';
import type { AuthAdapter, Session } from './adapter';
import { LocalAdapter } from './local';

/**
 * An identity provider with the server's own users beside it, for the day
 * on which the provider is what is down.
 */
class BreakGlassAdapter implements AuthAdapter {
  readonly kind = 'oidc';
  private active: AuthAdapter;

  constructor(
    private readonly oidc: AuthAdapter,
    private readonly local: LocalAdapter,
  ) {
    this.active = oidc;
  }

  async restore(): Promise<Session | null> {
    const session = this.oidc.returning() ? null : await this.local.restore();
    if (session !== null) {
      this.active = this.local;
      return session;
    }
    return this.oidc.restore();
  }

  returnTo(): string | null {
    return this.oidc.returnTo();
  }

  async signIn(username: string, password: string): Promise<Session> {
    const session = await this.local.signIn(username, password);
    this.active = this.local;
    return session;
  }

  async redirect(returnTo: string): Promise<void> {
    this.active = this.oidc;
    await this.oidc.redirect?.(returnTo);
  }

  changePassword(session: Session, current: string, next: string): Promise<Session> {
    return this.local.changePassword(session, current, next);
  }

  refresh(): Promise<Session | null> {
    return this.active.refresh();
  }

  signOut(session: Session | null, leave: boolean): Promise<void> {
    return this.active.signOut(session, leave);
  }

  forget(): Promise<void> {
    return this.active.forget();
  }

  returning(): boolean {
    return this.oidc.returning();
  }

  carry(): string | null {
    const carried = this.active.carry();
    return carried === null ? null : `${this.active.kind} ${carried}`;
  }

  adopt(carried: string): Promise<void> {
    const [kind = '', rest = ''] = carried.split(/ (.*)/s);
    this.active = kind === 'local' ? this.local : this.oidc;
    return this.active.adopt(rest);
  }
}

/** The adapter that config.json names; OIDC code is loaded only then. */
export async function createAdapter(config: ConsoleConfig): Promise<AuthAdapter> {
  const local = new LocalAdapter(config.apiBase);
  if (config.auth.adapter === 'local') {
    return local;
  }
  const { OidcAdapter } = await import('./oidc');
  const oidc = new OidcAdapter(config.auth);
  return config.auth.allowLocal ? new BreakGlassAdapter(oidc, local) : oidc;
}
