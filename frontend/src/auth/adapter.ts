/** One interface over the ways of getting a token. */

export interface Session {
  /** Bearer token of the API. */
  token: string;
  /** Epoch milliseconds at which it ends. */
  expiresAt: number;
  /** Shown before /user/profile has answered. */
  name: string;
  /** A temporary password: only the password form is usable. */
  mustChangePassword: boolean;
}

export interface AuthAdapter {
  readonly kind: 'local' | 'oidc';
  /** The session that survived a reload, or the end of a redirect. */
  restore(): Promise<Session | null>;
  /** Where a redirect sign-in began, once after restore(). */
  returnTo(): string | null;
  /** Name and password; rejects with ApiError. Only `local`. */
  signIn?(username: string, password: string): Promise<Session>;
  /** Leaves the page for the provider. Only `oidc`. */
  redirect?(returnTo: string): Promise<void>;
  /** Only `local`. */
  changePassword?(session: Session, current: string, next: string): Promise<Session>;
  /** A new token, or null when the session is over. */
  refresh(): Promise<Session | null>;
  /** Ends the session at its source too. `leave`: the page may go to the provider for that. */
  signOut(session: Session | null, leave: boolean): Promise<void>;
  /** Drops what this tab knows; nobody else is asked. */
  forget(): Promise<void>;
  /** The page is the end of a redirect sign-in. */
  returning(): boolean;
  /** What another tab needs to go on with this session. */
  carry(): string | null;
  /** Goes on with the session of another tab. */
  adopt(carried: string): Promise<void>;
}

/** Claims of a JWT for display; the server alone verifies it. */
export function claimsOf(token: string): Record<string, unknown> {
  const part = token.split('.')[1] ?? '';
  try {
    const text = atob(part.replace(/-/g, '+').replace(/_/g, '/'));
    const bytes = Uint8Array.from(text, (c) => c.charCodeAt(0));
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

/** Rules of the server for new passwords (security.md), for the checklist. */
export const PASSWORD_RULES: readonly { id: string; ok: (next: string, current: string) => boolean }[] = [
  { id: 'length', ok: (p) => [...p].length >= 12 },
  { id: 'lower', ok: (p) => /\p{Ll}/u.test(p) },
  { id: 'upper', ok: (p) => /\p{Lu}/u.test(p) },
  { id: 'digit', ok: (p) => /\d/.test(p) },
  { id: 'symbol', ok: (p) => /[^\p{L}\d\s]/u.test(p) },
  { id: 'new', ok: (p, current) => p !== '' && p !== current },
];

/** Only paths of this console; anything else becomes the start page. */
export function safeReturnTo(value: string | null): string {
  if (value === null || !value.startsWith('/') || value.startsWith('//') || value.includes('\\')) {
    return '/';
  }
  return value.startsWith('/login') ? '/' : value;
}
