/**
 * The session of this tab: token in memory, renewal before its end, idle
 * sign-out, sign-out told to the other tabs.
 */
import type { TokenSource } from '../api/client';
import type { AuthAdapter, Session } from './adapter';

export type SessionState =
  | { phase: 'restoring' }
  | { phase: 'signed-out'; reason: 'none' | 'expired' | 'idle' | 'signed-out' }
  | { phase: 'signed-in'; session: Session; idleWarning: boolean };

/** Renew when less than this is left; covers a clock that is 60 s off. */
const MARGIN_MS = 90_000;
const WARN_MS = 120_000;
const TICK_MS = 5_000;
const INPUT = ['pointerdown', 'keydown', 'wheel', 'touchstart'] as const;

type Listener = () => void;

export class SessionStore implements TokenSource {
  private state: SessionState = { phase: 'restoring' };
  private readonly listeners = new Set<Listener>();
  private renewing: Promise<boolean> | null = null;
  private lastInput = Date.now();
  private readonly channel: BroadcastChannel | null;

  constructor(
    readonly adapter: AuthAdapter,
    private readonly idleMs: number,
    private readonly now: () => number = Date.now,
  ) {
    this.lastInput = now();
    this.channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('drs-console:session');
    this.channel?.addEventListener('message', (event: MessageEvent<unknown>) => {
      if (event.data === 'signed-out' && this.state.phase === 'signed-in') {
        void this.end('signed-out', false);
      }
    });
  }

  readonly subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): SessionState => this.state;

  /** Finds out whether there is a session, and watches for input. */
  async start(): Promise<void> {
    for (const name of INPUT) {
      window.addEventListener(name, this.input, { passive: true, capture: true });
    }
    setInterval(() => {
      this.tick();
    }, TICK_MS);
    try {
      const session = await this.adapter.restore();
      this.set(
        session === null
          ? { phase: 'signed-out', reason: 'none' }
          : { phase: 'signed-in', session, idleWarning: false },
      );
    } catch {
      this.set({ phase: 'signed-out', reason: 'none' });
    }
  }

  accept(session: Session): void {
    this.lastInput = this.now();
    this.set({ phase: 'signed-in', session, idleWarning: false });
  }

  async token(): Promise<string | null> {
    if (this.state.phase !== 'signed-in') {
      return null;
    }
    if (this.state.session.expiresAt - this.now() < MARGIN_MS) {
      await this.refresh();
    }
    const { state } = this;
    return state.phase === 'signed-in' ? state.session.token : null;
  }

  refresh(): Promise<boolean> {
    this.renewing ??= this.renew().finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  expired(): void {
    if (this.state.phase === 'signed-in') {
      void this.end('expired', false);
    }
  }

  signOut(): Promise<void> {
    return this.end('signed-out', true);
  }

  stay(): void {
    this.lastInput = this.now();
    if (this.state.phase === 'signed-in') {
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
      void this.end('idle', true);
    } else if (idle >= this.idleMs - WARN_MS && !this.state.idleWarning) {
      this.set({ ...this.state, idleWarning: true });
    }
  }

  private readonly input = () => {
    // while the warning is shown only its button counts
    if (this.state.phase === 'signed-in' && !this.state.idleWarning) {
      this.lastInput = this.now();
    }
  };

  private async renew(): Promise<boolean> {
    try {
      const session = await this.adapter.refresh();
      if (session === null) {
        return false;
      }
      if (this.state.phase === 'signed-in') {
        this.set({ ...this.state, session });
      }
      return true;
    } catch {
      // the server is away; the old token may still be good
      return false;
    }
  }

  private async end(reason: 'expired' | 'idle' | 'signed-out', tell: boolean): Promise<void> {
    const session = this.state.phase === 'signed-in' ? this.state.session : null;
    this.set({ phase: 'signed-out', reason });
    if (tell) {
      this.channel?.postMessage('signed-out');
    }
    try {
      await this.adapter.signOut(session);
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
