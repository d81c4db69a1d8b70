/** Any OpenID Connect provider: authorization code with PKCE. */
import { ErrorResponse, User, UserManager, WebStorageStateStore } from 'oidc-client-ts';
import type { AuthConfig } from '../lib/config';
import { claimsOf, type AuthAdapter, type Session } from './adapter';

type OidcConfig = Extract<AuthConfig, { adapter: 'oidc' }>;

export class OidcAdapter implements AuthAdapter {
  readonly kind = 'oidc';
  private readonly manager: UserManager;
  private user: User | null = null;
  private target: string | null = null;

  constructor(private readonly config: OidcConfig) {
    const store = () => new WebStorageStateStore({ store: sessionStorage, prefix: 'drs-console:oidc.' });
    this.manager = new UserManager({
      authority: config.authority,
      client_id: config.clientId,
      scope: config.scope,
      redirect_uri: new URL('login', document.baseURI).href,
      post_logout_redirect_uri: new URL('login', document.baseURI).href,
      response_type: 'code',
      automaticSilentRenew: false,
      requestTimeoutInSeconds: 10,
      userStore: store(),
      stateStore: store(),
    });
  }

  returning(): boolean {
    const query = new URLSearchParams(window.location.search);
    return query.has('state') && (query.has('code') || query.has('error'));
  }

  async restore(): Promise<Session | null> {
    if (this.returning()) {
      const answer = window.location.href;
      // a reload of the page must not present the same code again
      window.history.replaceState(null, '', window.location.pathname);
      this.user = await this.manager.signinRedirectCallback(answer);
      this.target = typeof this.user.state === 'string' ? this.user.state : null;
      return this.session();
    }
    this.user = await this.manager.getUser();
    return this.user?.expired === true ? this.refresh() : this.session();
  }

  returnTo(): string | null {
    const target = this.target;
    this.target = null;
    return target;
  }

  async redirect(returnTo: string): Promise<void> {
    await this.manager.signinRedirect({ state: returnTo });
  }

  async refresh(): Promise<Session | null> {
    if (typeof this.user?.refresh_token !== 'string') {
      return null;
    }
    try {
      this.user = await this.manager.signinSilent();
    } catch (cause) {
      if (cause instanceof ErrorResponse) {
        // the provider has ended the session
        await this.forget();
        return null;
      }
      throw cause;
    }
    return this.session();
  }

  async signOut(_session: Session | null, leave: boolean): Promise<void> {
    const { logoutUrl } = this.config;
    try {
      await this.manager.revokeTokens(['refresh_token']);
    } catch {
      // the provider is away, or cannot revoke
    }
    if (leave && logoutUrl === undefined) {
      try {
        await this.manager.signoutRedirect();
        return;
      } catch {
        // a provider without an end-session endpoint
      }
    }
    await this.forget();
    if (leave && logoutUrl !== undefined) {
      window.location.assign(logoutUrl);
    }
  }

  async forget(): Promise<void> {
    this.user = null;
    await this.manager.removeUser();
  }

  carry(): string | null {
    return this.user?.toStorageString() ?? null;
  }

  async adopt(carried: string): Promise<void> {
    this.user = User.fromStorageString(carried);
    await this.manager.storeUser(this.user);
  }

  private session(): Session | null {
    const { user } = this;
    const token = this.config.token === 'id_token' ? user?.id_token : user?.access_token;
    if (user === null || token === undefined) {
      return null;
    }
    const claims = claimsOf(token);
    const exp = typeof claims.exp === 'number' ? claims.exp : (user.expires_at ?? 0);
    return {
      token,
      expiresAt: exp * 1000,
      name: user.profile.preferred_username ?? user.profile.email ?? user.profile.sub,
      mustChangePassword: false,
    };
  }
}
