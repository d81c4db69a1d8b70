/** What this tab was told: its own messages, and notices of the server. */
import type { Flash, FlashType } from './flashes';

export interface Notice {
  id: string;
  type: FlashType;
  header: string;
  content: string;
  /** Where to act, inside of the console. */
  href: string | null;
  time: number;
  /** Counts on the bell until the list is looked at. */
  unread: boolean;
}

const KEPT = 100;
const keyOf = (user: string) => `drs-console:notices:${user}`;

function restored(user: string): readonly Notice[] {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(keyOf(user)) ?? '[]');
    return Array.isArray(value) ? (value as Notice[]) : [];
  } catch {
    return [];
  }
}

export class Notices {
  private list: readonly Notice[];
  /** Ids of messages begin anew with each reload. */
  private readonly since = Date.now();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly user: string) {
    this.list = restored(user);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): readonly Notice[] => this.list;

  /** The newest first; one that is there already moves up. */
  add(notice: Notice): void {
    this.set([notice, ...this.list.filter((n) => n.id !== notice.id)].slice(0, KEPT));
  }

  /** A message that was on top of the page. */
  flash({ id, type, header, content, action, time }: Flash): void {
    this.add({ id: `${String(this.since)}-${id}`, type, header, content, href: action?.href ?? null, time, unread: false });
  }

  readAll(): void {
    if (this.list.some((n) => n.unread)) {
      this.set(this.list.map((n) => ({ ...n, unread: false })));
    }
  }

  clear(): void {
    this.set([]);
  }

  private set(list: readonly Notice[]): void {
    this.list = list;
    try {
      sessionStorage.setItem(keyOf(this.user), JSON.stringify(list));
    } catch {
      // lasts until the reload
    }
    for (const listener of this.listeners) {
      listener();
    }
  }
}
