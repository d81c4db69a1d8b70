/**
 * What operators of the console may want to know of it: how fast pages are
 * and what failed in them. Only when config.json names an address for it. No
 * names, texts, tokens or addresses of things: ids in paths become ":id".
 */
import { version } from '../../package.json';
import type { ApiClient, Trace } from '../api/client';

const SEND_MS = 60_000;
const ERRORS = 20;
const WORDS = 300;

export interface Calls {
  count: number;
  failed: number;
  totalMs: number;
  maxMs: number;
}

export interface Report {
  version: string;
  /** Page that was shown when it was sent. */
  route: string;
  /** Milliseconds; CLS has no unit. Null: not measured. */
  vitals: { lcp: number | null; inp: number | null; cls: number };
  errors: { at: number; route: string; message: string }[];
  /** By method and path. */
  calls: Record<string, Calls>;
}

const ID = /^([0-9a-f]{8}-[0-9a-f-]{27,}|\d{12}|(s|i|drsjob)-[0-9a-z]+|[0-9a-f]{12,})$/i;

/** A path without what it is about. */
export function routeOf(path: string): string {
  return path.replace(/[?#].*$/, '').split('/').map((part) => (ID.test(part) ? ':id' : part)).join('/');
}

/** The message of a fault without what looks like data. */
export function faultText(message: string): string {
  return message.replace(/[\w.+-]+@[\w-]+(\.[\w-]+)+/g, ':mail').replace(/[0-9a-f]{8}-[0-9a-f-]{27,}|\b\d{12}\b/gi, ':id').replace(/eyJ[\w.-]+/g, ':token').slice(0, WORDS);
}

interface Shift {
  value: number;
  startTime: number;
  hadRecentInput: boolean;
}

/** The worst window of layout shifts: five seconds at most, ended by one without. */
export function worstShift(shifts: readonly Shift[]): number {
  let worst = 0;
  let sum = 0;
  let first = 0;
  let last = -Infinity;
  for (const { value, startTime, hadRecentInput } of shifts) {
    if (hadRecentInput) {
      continue;
    }
    if (startTime - last > 1000 || startTime - first > 5000) {
      sum = 0;
      first = startTime;
    }
    sum += value;
    last = startTime;
    worst = Math.max(worst, sum);
  }
  return worst;
}

export class Telemetry {
  private lcp: number | null = null;
  private inp: number | null = null;
  private readonly shifts: Shift[] = [];
  private errors: Report['errors'] = [];
  private calls: Report['calls'] = {};
  private readonly stops: (() => void)[] = [];

  constructor(
    private readonly url: string,
    private readonly route: () => string,
  ) {}

  start(api: Pick<ApiClient, 'traced'>): void {
    this.observe('largest-contentful-paint', (entry) => {
      this.lcp = entry.startTime;
    });
    this.observe('layout-shift', (entry) => {
      this.shifts.push(entry as unknown as Shift);
    });
    this.observe('event', (entry) => {
      if ((entry as PerformanceEventTiming & { interactionId?: number }).interactionId) {
        this.inp = Math.max(this.inp ?? 0, entry.duration);
      }
    });
    this.listen(window, 'error', (event) => {
      this.fault((event as ErrorEvent).message);
    });
    this.listen(window, 'unhandledrejection', (event) => {
      const { reason } = event as PromiseRejectionEvent;
      this.fault(reason instanceof Error ? reason.message : String(reason));
    });
    this.listen(window, 'drs-fault', (event) => {
      this.fault(String((event as CustomEvent).detail));
    });
    this.listen(document, 'visibilitychange', () => {
      if (document.hidden) {
        this.send();
      }
    });
    api.traced = (trace) => {
      this.call(trace);
    };
    const timer = setInterval(() => {
      this.send();
    }, SEND_MS);
    this.stops.push(() => {
      clearInterval(timer);
      api.traced = null;
    });
  }

  stop(): void {
    this.send();
    for (const stop of this.stops.splice(0)) {
      stop();
    }
  }

  fault(message: string): void {
    if (this.errors.length < ERRORS) {
      this.errors.push({ at: Date.now(), route: routeOf(this.route()), message: faultText(message) });
    }
  }

  call({ method, path, status, ms }: Pick<Trace, 'method' | 'path' | 'status' | 'ms'>): void {
    const key = `${method} ${routeOf(path)}`;
    const before = this.calls[key] ?? { count: 0, failed: 0, totalMs: 0, maxMs: 0 };
    this.calls[key] = {
      count: before.count + 1, failed: before.failed + (status === 0 || status >= 500 ? 1 : 0), totalMs: before.totalMs + ms, maxMs: Math.max(before.maxMs, ms),
    };
  }

  /** Sends what came since the last time; nothing when nothing did. */
  send(): void {
    if (this.errors.length === 0 && Object.keys(this.calls).length === 0) {
      return;
    }
    const report: Report = {
      version, route: routeOf(this.route()), vitals: { lcp: this.lcp, inp: this.inp, cls: worstShift(this.shifts) }, errors: this.errors, calls: this.calls,
    };
    this.errors = [];
    this.calls = {};
    // it outlives the page; whether it arrives is nobody's concern
    void fetch(this.url, {
      method: 'POST', body: JSON.stringify(report), headers: { 'Content-Type': 'application/json' }, keepalive: true, credentials: 'omit',
    }).catch(() => undefined);
  }

  private observe(type: string, take: (entry: PerformanceEntry) => void): void {
    if (typeof PerformanceObserver === 'undefined' || !PerformanceObserver.supportedEntryTypes.includes(type)) {
      return;
    }
    const observer = new PerformanceObserver((list) => {
      list.getEntries().forEach(take);
    });
    observer.observe({ type, buffered: true });
    this.stops.push(() => {
      observer.disconnect();
    });
  }

  private listen(target: EventTarget, name: string, listener: (event: Event) => void): void {
    target.addEventListener(name, listener);
    this.stops.push(() => {
      target.removeEventListener(name, listener);
    });
  }
}
