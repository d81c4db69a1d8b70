/**
 * The one event stream of this tab. Reconnects with the last event id and
 * backs off to 30 s; after `reset` or a gap everything is fetched again.
 */
import type { Schemas, TokenSource } from '../api/client';
import { SseParser } from './sse';

export type LiveEvent = Schemas['Event'];
export type LiveStatus = 'connecting' | 'live' | 'polling' | 'offline';

export interface LiveState {
  status: LiveStatus;
  /** Epoch milliseconds of the last byte of the stream. */
  lastByte: number | null;
}

/** What the stream is at, for people who look for a fault. */
export interface LiveDetail {
  lastId: string | null;
  /** Connections that failed since the last byte. */
  failures: number;
}

export interface LiveHandlers {
  event(event: LiveEvent): void;
  /** The first connection stands: what was fetched before may lack events. */
  opened(): void;
  /** Events may have been lost: fetch everything that is shown. */
  reset(): void;
}

/** A stream without a byte for this long is dead; heartbeats come every 15 s. */
const SILENCE_MS = 20_000;
/** Streams that never begin: a proxy buffers them. Poll meanwhile. */
const POLL_AFTER = 3;
/** A server that refuses connections this often is away, not restarting. */
const OFFLINE_AFTER = 2;

export function nextDelay(failures: number, retry: number | null, random = Math.random): number {
  const base = Math.max(1000, Math.min(retry ?? 1000, 30_000));
  return Math.min(base * 2 ** Math.max(0, failures - 1), 30_000) * (0.5 + random() / 2);
}

export class LiveConnection {
  private state: LiveState = { status: 'connecting', lastByte: null };
  private readonly listeners = new Set<() => void>();
  private stop: AbortController | null = null;
  private lastId: string | null = null;
  private failures = 0;
  private told = false;
  /** The last connection failed before any answer, and not because it took too long. */
  private unreachable = false;

  constructor(
    private readonly url: string,
    private readonly session: TokenSource,
    private readonly handlers: LiveHandlers,
    private readonly enabled: boolean,
  ) {}

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): LiveState => this.state;

  detail(): LiveDetail {
    return { lastId: this.lastId, failures: this.failures };
  }

  start(): void {
    if (!this.enabled) {
      this.set({ status: 'polling' });
      return;
    }
    if (this.stop === null) {
      this.stop = new AbortController();
      window.addEventListener('online', this.hurry);
      void this.run(this.stop.signal);
    }
  }

  close(): void {
    this.stop?.abort();
    this.stop = null;
    this.lastId = null;
    this.told = false;
    window.removeEventListener('online', this.hurry);
  }

  private wake: (() => void) | null = null;
  private readonly hurry = () => {
    this.wake?.();
  };

  private pause(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.wake = null;
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.wake = done;
      signal.addEventListener('abort', done, { once: true });
    });
  }

  private async run(signal: AbortSignal): Promise<void> {
    let retry: number | null = null;
    let lost = false;
    while (!signal.aborted) {
      const parser = new SseParser();
      const began = await this.once(parser, signal, lost);
      retry = parser.retry ?? retry;
      if (signal.aborted) {
        return;
      }
      lost = this.lastId === null;
      this.failures = began ? 1 : this.failures + 1;
      this.set({
        status: !navigator.onLine || (this.unreachable && this.failures >= OFFLINE_AFTER) ? 'offline' : this.failures >= POLL_AFTER ? 'polling' : 'connecting',
      });
      await this.pause(nextDelay(this.failures, retry), signal);
    }
  }

  /** One connection until its end; whether any byte came. */
  private async once(parser: SseParser, outer: AbortSignal, lost: boolean): Promise<boolean> {
    const silence = new AbortController();
    const stop = () => {
      silence.abort();
    };
    outer.addEventListener('abort', stop, { once: true });
    let timer = setTimeout(stop, SILENCE_MS);
    let began = false;
    let answered = false;
    try {
      const token = await this.session.token();
      const headers: Record<string, string> = { Accept: 'text/event-stream' };
      if (token !== null) {
        headers.Authorization = `Bearer ${token}`;
      }
      if (this.lastId !== null) {
        headers['Last-Event-ID'] = this.lastId;
      }
      const answer = await fetch(this.url, {
        headers,
        signal: silence.signal,
        credentials: 'omit',
        cache: 'no-store',
        redirect: 'error',
      });
      answered = true;
      if (answer.status === 401) {
        if (!(await this.session.refresh())) {
          this.session.expired();
        }
        return false;
      }
      if (!answer.ok || answer.body === null) {
        return false;
      }
      const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
      for (;;) {
        const { done, value } = await reader.read();
        if (done) {
          return began;
        }
        clearTimeout(timer);
        timer = setTimeout(stop, SILENCE_MS);
        if (!began) {
          began = true;
          this.failures = 0;
          if (lost) {
            this.handlers.reset();
          } else if (!this.told) {
            this.handlers.opened();
          }
          this.told = true;
        }
        this.set({ status: 'live', lastByte: Date.now() });
        for (const message of parser.push(value)) {
          this.deliver(message.id, message.event, message.data);
        }
      }
    } catch {
      return began;
    } finally {
      this.unreachable = !answered && !silence.signal.aborted;
      clearTimeout(timer);
      outer.removeEventListener('abort', stop);
      silence.abort();
    }
  }

  private deliver(id: string | null, name: string, data: string): void {
    if (id !== null && id !== '') {
      this.lastId = id;
    }
    if (name === 'reset') {
      this.handlers.reset();
      return;
    }
    if (name === 'auth.expired') {
      void this.session.refresh().then((ok) => {
        if (!ok) {
          this.session.expired();
        }
      });
      return;
    }
    try {
      this.handlers.event(JSON.parse(data) as LiveEvent);
    } catch {
      // a message nobody can read: what it was about is fetched again
      this.handlers.reset();
    }
  }

  private set(next: Partial<LiveState>): void {
    const merged = { ...this.state, ...next };
    if (merged.status !== this.state.status || (merged.lastByte ?? 0) - (this.state.lastByte ?? 0) > 5_000) {
      this.state = merged;
      for (const listener of this.listeners) {
        listener();
      }
    } else {
      this.state.lastByte = merged.lastByte;
    }
  }
}
