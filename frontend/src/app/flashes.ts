/** Messages on top of the page: one mechanism, merged, at most four. */
import { toApiError, type ApiError } from '../api/error';
import { explain } from '../api/explain';
import { t } from '../i18n/t';

export type FlashType = 'success' | 'info' | 'warning' | 'error' | 'in-progress';

export interface Flash {
  id: string;
  type: FlashType;
  header: string;
  content: string;
  requestId: string | null;
  action: { text: string; href: string } | null;
  count: number;
  time: number;
}

/** With an id of its own a message takes the place of the former one. */
export type FlashInput = Partial<Omit<Flash, 'count' | 'time'>> & { type: FlashType; header: string };

const SHOWN = 4;
const LIFE_MS: Record<FlashType, number | null> = { success: 5_000, info: 8_000, warning: null, error: null, 'in-progress': null };

export class Flashes {
  private shown: readonly Flash[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly timers = new Map<string, ReturnType<typeof setTimeout>>();
  private next = 1;
  /** Messages of progress that the user closed: they come back with the result. */
  private readonly closed = new Set<string>();

  /** `told` hears of each message, also of those that are pushed out. */
  constructor(private readonly told: (flash: Flash) => void = () => undefined) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): readonly Flash[] => this.shown;

  /** Shows a message; the same one again raises its count. */
  add(input: FlashInput): string {
    const same = this.shown.find(
      (f) => f.type === input.type && f.header === input.header && f.content === (input.content ?? ''),
    );
    const flash: Flash = {
      content: '', requestId: null, action: null, ...input,
      id: input.id ?? same?.id ?? `flash-${String(this.next++)}`,
      count: input.id === undefined ? (same?.count ?? 0) + 1 : 1,
      time: Date.now(),
    };
    if (flash.type !== 'in-progress') {
      this.closed.delete(flash.id);
    }
    if (!this.closed.has(flash.id)) {
      this.put(flash);
    }
    this.told(flash);
    return flash.id;
  }

  error(header: string, cause: unknown): ApiError {
    const error = toApiError(cause);
    if (error.kind !== 'aborted') {
      this.add({ type: 'error', header, content: explain(error), requestId: error.requestId });
    }
    return error;
  }

  /** The user has seen it. */
  close(id: string): void {
    if (this.shown.some((f) => f.id === id && f.type === 'in-progress')) {
      this.closed.add(id);
    }
    this.dismiss(id);
  }

  dismiss(id: string): void {
    this.stopTimer(id);
    this.shown = this.shown.filter((f) => f.id !== id);
    this.tell();
  }

  private put(flash: Flash): void {
    const rest = this.shown.filter((f) => f.id !== flash.id);
    // what goes on is not pushed out by what is over
    const going = rest.filter((f) => f.type === 'in-progress').slice(0, SHOWN - 1);
    const room = SHOWN - 1 - going.length;
    const others = rest.filter((f) => f.type !== 'in-progress').slice(0, room);
    this.shown = [flash, ...rest.filter((f) => going.includes(f) || others.includes(f))];
    this.stopTimer(flash.id);
    const life = LIFE_MS[flash.type];
    if (life !== null) {
      this.timers.set(flash.id, setTimeout(() => {
        this.dismiss(flash.id);
      }, life));
    }
    this.tell();
  }

  private stopTimer(id: string): void {
    clearTimeout(this.timers.get(id));
    this.timers.delete(id);
  }

  private tell(): void {
    for (const listener of this.listeners) {
      listener();
    }
  }
}

/** Header of a merged message. */
export function flashHeader(flash: Flash): string {
  return flash.count > 1 ? t('flash.repeated', { text: flash.header, count: flash.count }) : flash.header;
}
