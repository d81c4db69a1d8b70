/** Any OpenID Connect provider: authorization code with PKCE. */
import { UserManager, WebStorageStateStore, type User } from 'oidc-client-ts';
import type { AuthConfig } from '../lib/config';
import { claimsOf, type AuthAdapter, type Session } from './adapter';

type OidcConfig = Extract<AuthConfig, { adapter: 'oidc' }>;

export class OidcAdapter implements AuthAdapter {
  readonly kind = 'oidc';
  private readonly manager: UserManager;
  private target: string | null = null;

  constructor(private readonly config: OidcConfig) {
    this.manager = new UserManager({
      authority: config.authority,
      client_id: config.clientId,
      scope: config.scope,
      redirect_uri: new URL('login', document.baseURI).href,
      post_logout_redirect_uri: new URL('login', document.baseURI).href,
      response_type: 'code',
      automaticSilentRenew: false,
      userStore: new WebStorageStateStore({ store: sessionStorage, prefix: 'drs-console:oidc.' }),
      stateStore: new WebStorageStateStore({ store: sessionStorage, prefix: 'drs-console:oidc.' }),
    });
  }

  async restore(): Promise<Session | null> {
    const query = new URLSearchParams(window.location.search);
    if (query.has('state') && (query.has('code') || query.has('error'))) {
      const user = await this.manager.signinRedirectCallback();
      this.target = typeof user.state === 'string' ? user.state : null;
      return this.session(user);
    }
    const user = await this.manager.getUser();
    if (user === null) {
      return null;
    }
    return user.expired === true ? this.refresh() : this.session(user);
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
    const user = await this.manager.getUser();
    if (user?.refresh_token === undefined) {
      return null;
    }
    const renewed = await this.manager.signinSilent();
    return renewed === null ? null : this.session(renewed);
  }

  async signOut(): Promise<void> {
    const { logoutUrl } = this.config;
    if (logoutUrl !== undefined) {
      await this.manager.removeUser();
      window.location.assign(logoutUrl);
      return;
    }
    try {
      await this.manager.signoutRedirect();
    } catch {
      // a provider without an end-session endpoint
      await this.manager.removeUser();
    }
  }

  private session(user: User): Session | null {
    const token = this.config.token === 'id_token' ? user.id_token : user.access_token;
    if (token === undefined) {
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
