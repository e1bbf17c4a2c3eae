/** Where a run is: on a terminal one line that is written over, elsewhere one plain line for each step. */
import type { CliIo } from '../cli-io.ts';

const againMs = 200;
const barWidth = 20;

export class BenchProgress {
  readonly #io: CliIo;
  readonly #startedAt = performance.now();
  #words = '';
  #share: () => number = () => 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(io: CliIo) {
    this.#io = io;
  }

  /** `share` is asked from time to time: how much of the step is done, 0 to 1. */
  step(words: string, share: () => number = () => 0): void {
    this.#share = share;
    if (words === this.#words) return;
    this.#words = words;
    const { stderr } = this.#io;
    if (!stderr.isTerminal) {
      stderr.write(`${words}\n`);
      return;
    }
    this.#timer ??= setInterval(() => this.#draw(), againMs);
    this.#draw();
  }

  /** Takes the line away. */
  end(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#io.stderr.write('\r\u001B[K');
  }

  #draw(): void {
    const seconds = Math.floor((performance.now() - this.#startedAt) / 1000);
    const full = Math.round(this.#share() * barWidth);
    const bar = '='.repeat(full) + ' '.repeat(barWidth - full);
    const line = `[${bar}] ${seconds} s  ${this.#words}`;
    this.#io.stderr.write(`\r${line.slice(0, (this.#io.stderr.columns ?? 80) - 1)}\u001B[K`);
  }
}
