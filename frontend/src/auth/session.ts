/**
 * The session of this browser: token in memory, renewal before its end, idle
 * sign-out. All tabs share one session: a new tab takes it over from another
 * one, one tab at a time renews it, input and sign-out count for all.
 */
import type { TokenSource } from '../api/client';
import type { AuthAdapter, Session } from './adapter';
import { basename } from '../lib/config';
import { Tabs, type Offer, type TabMessage } from './tabs';

export type SignOutReason = 'none' | 'expired' | 'refused' | 'idle' | 'signed-out' | 'failed';

export type SessionState =
  | { phase: 'restoring' }
  | { phase: 'signed-out'; reason: SignOutReason; detail?: string }
  | { phase: 'signed-in'; session: Session; idleWarning: boolean };

/** Renew when less than this is left; covers a clock that is 60 s off. */
const MARGIN_MS = 90_000;
/** Of short lives only this part is kept in reserve. */
const MARGIN_PART = 0.25;
/** A token that is refused at this age or younger was never good. */
const YOUNG_MS = 60_000;
const WARN_MS = 120_000;
const TICK_MS = 5_000;
/** Other tabs hear of input at most this often. */
const TELL_MS = 15_000;
const INPUT = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;
const FAREWELL = 'drs-console:farewell';

type Listener = () => void;

interface Farewell {
  reason: SignOutReason;
  returnTo: string | null;
}

/** Why the page was left for the provider's sign-out, read once after it. */
function takeFarewell(): Farewell | null {
  try {
    const text = sessionStorage.getItem(FAREWELL);
    sessionStorage.removeItem(FAREWELL);
    return text === null ? null : (JSON.parse(text) as Farewell);
  } catch {
    return null;
  }
}

function leaveFarewell(farewell: Farewell): void {
  try {
    sessionStorage.setItem(FAREWELL, JSON.stringify(farewell));
  } catch {
    // the page comes back without a reason
  }
}

/** What the adapters keep in session storage is theirs to end. */
const OF_ADAPTERS = /^drs-console:(refresh$|oidc\.)/;

/** Drafts, ticks and notices of this tab: the next user sees nothing of them. */
function forgetPages(): void {
  try {
    for (const key of Object.keys(sessionStorage)) {
      if (key.startsWith('drs-console:') && !OF_ADAPTERS.test(key)) {
        sessionStorage.removeItem(key);
      }
    }
  } catch {
    // nothing was kept either
  }
}

/** The page that is shown, as the router names it. */
function here(): string {
  const { pathname, search } = window.location;
  const base = basename();
  return (base === '/' ? pathname : pathname.slice(base.length)) + search;
}

export class SessionStore implements TokenSource {
  private state: SessionState = { phase: 'restoring' };
  private readonly listeners = new Set<Listener>();
  private renewing: Promise<boolean> | null = null;
  private lastInput: number;
  private lastTold = 0;
  private acceptedAt = 0;
  private margin = MARGIN_MS;
  private timer: ReturnType<typeof setInterval> | null = null;
  private target: string | null = null;
  private readonly tabs: Tabs;

  constructor(
    readonly adapter: AuthAdapter,
    private readonly idleMs: number,
    private readonly now: () => number = Date.now,
    tabs?: Tabs,
  ) {
    this.lastInput = now();
    this.tabs = tabs ?? new Tabs();
    this.tabs.onMessage = (message) => {
      this.hear(message);
    };
  }

  readonly subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): SessionState => this.state;

  /** Where to go after sign-in when the page was left meanwhile; once. */
  returnTo(): string | null {
    const target = this.adapter.returnTo() ?? this.target;
    this.target = null;
    return target;
  }

  /** Finds out whether there is a session, and watches for input. */
  async start(): Promise<void> {
    for (const name of INPUT) {
      window.addEventListener(name, this.input, { passive: true, capture: true });
    }
    this.timer = setInterval(() => {
      this.tick();
    }, TICK_MS);
    const farewell = takeFarewell();
    this.target = farewell?.returnTo ?? null;
    try {
      const session = (await this.taken()) ?? (await this.adapter.restore());
      if (session === null) {
        this.set({ phase: 'signed-out', reason: farewell?.reason ?? 'none' });
      } else {
        this.accept(session);
      }
    } catch (cause) {
      this.set({ phase: 'signed-out', reason: 'failed', detail: cause instanceof Error ? cause.message : String(cause) });
    }
  }

  /** Ends what start() began. */
  close(): void {
    for (const name of INPUT) {
      window.removeEventListener(name, this.input, { capture: true });
    }
    if (this.timer !== null) {
      clearInterval(this.timer);
      this.timer = null;
    }
    this.tabs.close();
  }

  accept(session: Session): void {
    this.lastInput = this.now();
    takeFarewell();
    this.take(session);
    this.tabs.enter();
    this.offer();
  }

  async token(): Promise<string | null> {
    if (this.state.phase !== 'signed-in') {
      return null;
    }
    if (this.state.session.expiresAt - this.now() < this.margin) {
      await this.refresh();
    }
    const { state } = this;
    return state.phase === 'signed-in' ? state.session.token : null;
  }

  refresh(): Promise<boolean> {
    this.renewing ??= this.tabs.alone(() => this.renew()).finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  expired(): void {
    if (this.state.phase === 'signed-in') {
      void this.end(this.now() - this.acceptedAt < YOUNG_MS ? 'refused' : 'expired', 'forget');
    }
  }

  signOut(): Promise<void> {
    return this.end('signed-out', 'tell');
  }

  stay(): void {
    this.lastInput = this.now();
    this.tell();
    if (this.state.phase === 'signed-in' && this.state.idleWarning) {
      this.set({ ...this.state, idleWarning: false });
    }
  }

  /** Called every few seconds; public for the tests. */
  tick(): void {
    if (this.state.phase !== 'signed-in') {
      return;
    }
    const idle = this.now() - this.lastInput;
    if (idle >= this.idleMs) {
      void this.end('idle', 'tell');
    } else if (idle >= this.idleMs - WARN_MS && !this.state.idleWarning) {
      this.set({ ...this.state, idleWarning: true });
    }
  }

  private readonly input = () => {
    // while the warning is shown only its button counts
    if (this.state.phase === 'signed-in' && !this.state.idleWarning) {
      this.lastInput = this.now();
      if (this.lastInput - this.lastTold > TELL_MS) {
        this.tell();
      }
    }
  };

  private tell(): void {
    this.lastTold = this.now();
    this.tabs.post({ kind: 'input' });
  }

  /** What came from another tab. */
  private hear(message: TabMessage): void {
    if (this.state.phase !== 'signed-in') {
      return;
    }
    if (message.kind === 'input') {
      this.lastInput = this.now();
      if (this.state.idleWarning) {
        this.set({ ...this.state, idleWarning: false });
      }
    } else if (message.kind === 'ask') {
      this.offer();
    } else if (message.kind === 'session') {
      this.adopt(message);
    } else {
      // the same session was ended there; one of this tab's own ends too
      const same = message.carried === this.adapter.carry();
      void this.end(message.reason, same ? 'forget' : 'end');
    }
  }

  private offer(): void {
    const carried = this.adapter.carry();
    if (this.state.phase === 'signed-in' && !this.state.session.mustChangePassword && carried !== null) {
      this.tabs.post({ kind: 'session', session: this.state.session, carried });
    }
  }

  /** The same session, renewed by another tab. */
  private adopt({ session, carried }: Offer): boolean {
    if (this.state.phase !== 'signed-in' || session.name !== this.state.session.name || session.expiresAt <= this.state.session.expiresAt) {
      return false;
    }
    void this.adapter.adopt(carried);
    this.take(session);
    return true;
  }

  /** The session of another tab, when there is one. */
  private async taken(): Promise<Session | null> {
    if (this.adapter.returning()) {
      return null;
    }
    const offered = await this.tabs.ask();
    if (offered === null) {
      return null;
    }
    await this.adapter.adopt(offered.carried);
    return offered.session;
  }

  private async renew(): Promise<boolean> {
    try {
      const offered = await this.tabs.ask();
      if (offered !== null && this.adopt(offered)) {
        return true;
      }
      const session = await this.adapter.refresh();
      if (session === null) {
        return false;
      }
      if (this.state.phase === 'signed-in') {
        this.take(session);
        this.offer();
      }
      return true;
    } catch {
      // the server is away; the old token may still be good
      return false;
    }
  }

  private take(session: Session): void {
    this.acceptedAt = this.now();
    this.margin = Math.min(MARGIN_MS, Math.max(0, session.expiresAt - this.acceptedAt) * MARGIN_PART);
    this.set({ phase: 'signed-in', session, idleWarning: this.state.phase === 'signed-in' && this.state.idleWarning });
  }

  /** `tell`: in all tabs, at the server and the provider; `end`: this tab and the server; `forget`: only here. */
  private async end(reason: SignOutReason, how: 'tell' | 'end' | 'forget'): Promise<void> {
    const session = this.state.phase === 'signed-in' ? this.state.session : null;
    const carried = this.adapter.carry();
    this.tabs.leave();
    if (reason === 'signed-out') {
      forgetPages();
    }
    if (how === 'tell') {
      this.tabs.post({ kind: 'signed-out', reason, carried });
      leaveFarewell({ reason, returnTo: reason === 'idle' ? here() : null });
    }
    this.set({ phase: 'signed-out', reason });
    try {
      if (how === 'forget') {
        await this.adapter.forget();
      } else {
        await this.adapter.signOut(session, how === 'tell');
      }
    } catch {
      // the server is away: the token ends by itself within minutes
    }
  }

  private set(next: SessionState): void {
    this.state = next;
    for (const listener of this.listeners) {
      listener();
    }
  }
}
