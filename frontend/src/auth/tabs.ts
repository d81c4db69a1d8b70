/** The other tabs of this browser: messages between them, and who is signed in. */
import { basename } from '../lib/config';
import type { Session } from './adapter';
import type { SignOutReason } from './session';

export interface Offer {
  session: Session;
  /** What an adapter needs to go on with it (AuthAdapter.carry). */
  carried: string;
}

export type TabMessage =
  | { kind: 'input' }
  | { kind: 'ask' }
  | ({ kind: 'session' } & Offer)
  | { kind: 'signed-out'; reason: SignOutReason; carried: string | null };

/** Longest wait for answers of other tabs; a frozen one does not answer. */
const ASK_MS = 500;

const locks = (): LockManager | undefined => (typeof navigator === 'undefined' ? undefined : (navigator.locks as LockManager | undefined));

export class Tabs {
  onMessage: (message: TabMessage) => void = () => undefined;
  private readonly channel: BroadcastChannel | null;
  private readonly signedIn: string;
  private readonly renewal: string;
  private release: (() => void) | null = null;
  private hearOffer: ((offer: Offer) => void) | null = null;

  constructor() {
    // two consoles of one host do not share their sessions
    const name = `drs-console:session:${basename()}`;
    this.signedIn = `${name}:signed-in`;
    this.renewal = `${name}:renewal`;
    this.channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(name);
    this.channel?.addEventListener('message', this.receive);
  }

  post(message: TabMessage): void {
    this.channel?.postMessage(message);
  }

  /** Others see from now on that this tab has a session. */
  enter(): void {
    if (this.release !== null) {
      return;
    }
    const held = new Promise<void>((resolve) => {
      this.release = resolve;
    });
    void locks()?.request(this.signedIn, { mode: 'shared' }, () => held);
  }

  leave(): void {
    this.release?.();
    this.release = null;
  }

  /** Runs `work` while no other tab runs its own. */
  alone<T>(work: () => Promise<T>): Promise<T> {
    const manager = locks();
    return manager === undefined ? work() : (manager.request(this.renewal, work) as Promise<T>);
  }

  /** The newest session of the other tabs, null when none has one. */
  async ask(): Promise<Offer | null> {
    let missing = await this.others();
    if (missing === 0) {
      return null;
    }
    return new Promise((resolve) => {
      let best: Offer | null = null;
      const done = () => {
        clearTimeout(timer);
        this.hearOffer = null;
        resolve(best);
      };
      const timer = setTimeout(done, ASK_MS);
      this.hearOffer = (offer) => {
        best = best === null || offer.session.expiresAt > best.session.expiresAt ? offer : best;
        missing -= 1;
        if (missing === 0) {
          done();
        }
      };
      this.post({ kind: 'ask' });
    });
  }

  close(): void {
    this.leave();
    this.channel?.removeEventListener('message', this.receive);
    this.channel?.close();
  }

  private async others(): Promise<number> {
    const manager = locks();
    if (manager === undefined || this.channel === null) {
      return 0;
    }
    const { held = [] } = await manager.query();
    const count = held.filter((lock) => lock.name === this.signedIn).length;
    return Math.max(0, this.release === null ? count : count - 1);
  }

  private readonly receive = (event: MessageEvent<TabMessage>) => {
    if (event.data.kind === 'session' && this.hearOffer !== null) {
      this.hearOffer(event.data);
    } else {
      this.onMessage(event.data);
    }
  };
}
