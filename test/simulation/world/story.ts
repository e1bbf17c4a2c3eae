/** Who did what when, for a reader. Written only when a seed is played again, since most are never read. */
import type { Clock } from '../../../src/base/time/clock.ts';

export class Story {
  readonly lines: string[] = [];
  readonly isTold: boolean;
  readonly #clock: Clock;

  constructor(clock: Clock, isTold: boolean) {
    this.#clock = clock;
    this.isTold = isTold;
  }

  tell(who: string, words: () => string): void {
    if (!this.isTold) return;
    const seconds = (this.#clock.monotonic() / 1000).toFixed(3);
    this.lines.push(`${seconds.padStart(10)}  ${who.padEnd(14)} ${words()}`);
  }
}
