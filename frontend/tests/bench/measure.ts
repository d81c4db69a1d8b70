/** What the measurements share: their figures in build/bench/console.json, and the cost of an interaction. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import type { CDPSession, Page } from 'playwright-core';
import { quantile } from '../../src/execution/forecast';

const OUT = join(process.env.DRS_BUILD ?? join(import.meta.dirname, '../../../build'), 'bench');
const FILE = join(OUT, 'console.json');

/** Keeps a figure beside those of former runs, with the load of the machine while it was taken. */
export function record(name: string, figure: object): void {
  let all: Record<string, unknown> = {};
  try {
    all = JSON.parse(readFileSync(FILE, 'utf8')) as Record<string, unknown>;
  } catch {
    // the first figure
  }
  const load = Math.round((loadavg()[0] ?? 0) * 10) / 10;
  all[name] = { ...figure, at: new Date().toISOString(), cores: cpus().length, load };
  mkdirSync(OUT, { recursive: true });
  writeFileSync(FILE, `${JSON.stringify(all, null, 2)}\n`);
  say(`${name} ${JSON.stringify(figure)}, load ${String(load)}`);
}

/** Progress for whoever waits. */
export function say(text: string): void {
  process.stdout.write(`console: ${text}\n`);
}

export function summary(values: readonly number[]): { count: number; p50: number; p99: number; max: number } {
  const at = (q: number) => Math.round(quantile(values, q));
  return { count: values.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

export interface Cost {
  /** Milliseconds from the input to the next frame, as the browser counts them for INP. */
  paint: number;
  /** Milliseconds of the main thread's processor until all is there, with what looking for it costs. */
  busy: number;
}

/** Measures interactions with one page. */
export class Meter {
  readonly costs: Record<string, Cost> = {};

  private constructor(
    private readonly page: Page,
    readonly client: CDPSession,
  ) {}

  static async of(page: Page): Promise<Meter> {
    const client = await page.context().newCDPSession(page);
    await client.send('Performance.enable', { timeDomain: 'threadTicks' });
    await page.evaluate(() => {
      const events: number[] = [];
      (window as unknown as { inputs: number[] }).inputs = events;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as (PerformanceEntry & { interactionId: number })[]) {
          if (entry.interactionId > 0) {
            events.push(entry.duration);
          }
        }
      }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
    });
    return new Meter(page, client);
  }

  /** Seconds of the main thread since the page began. */
  async busy(): Promise<number> {
    const { metrics } = await this.client.send('Performance.getMetrics');
    return metrics.find((m) => m.name === 'TaskDuration')?.value ?? NaN;
  }

  /** Bytes of the heap that something still holds. */
  async heap(): Promise<number> {
    await this.client.send('HeapProfiler.collectGarbage');
    return (await this.client.send('Runtime.getHeapUsage')).usedSize;
  }

  /** What `act` costs until `seen` is true and painted. */
  async measure(name: string, act: () => Promise<unknown>, seen: () => Promise<unknown>): Promise<void> {
    await this.page.evaluate(() => {
      (window as unknown as { inputs: number[] }).inputs.length = 0;
    });
    const before = await this.busy();
    await act();
    await seen();
    // entries of a frame are told after it
    const inputs = await this.page.evaluate(async () => {
      for (let i = 0; i < 2; i++) {
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
      await new Promise((resolve) => setTimeout(resolve));
      return [...(window as unknown as { inputs: number[] }).inputs];
    });
    this.costs[name] = { paint: Math.max(16, ...inputs), busy: Math.round(((await this.busy()) - before) * 1000) };
  }
}
