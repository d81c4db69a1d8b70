/** Turns for requests that come in crowds: some at once, the others at a steady rate. */
export class Pace {
  private last = -Infinity;

  constructor(
    private readonly burst: number,
    private readonly perSecond: number,
  ) {}

  /** Milliseconds until it is one's turn. */
  wait(now = performance.now()): number {
    const gap = 1000 / this.perSecond;
    this.last = Math.max(this.last, now - this.burst * gap) + gap;
    return Math.max(0, this.last - now);
  }
}
