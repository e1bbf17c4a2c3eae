/** Work that nobody waits for: forgetting what ended longer ago than `--history`. */
import type { Millis } from '../base/time/clock.ts';
import { StoreFault } from '../base/store-fault.ts';
import type { TimerHandle } from '../base/time/timers.ts';
import type { ServerParts } from './server-parts.ts';

export const sweepEveryMs: Millis = 60_000;
/** Between two parts of a long sweep, so that messages are not kept waiting. */
export const sweepPauseMs: Millis = 50;

export class Housekeeping {
  readonly #parts: ServerParts;
  #timer: TimerHandle | undefined;
  #isStopped = false;

  constructor(parts: ServerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#arm(sweepEveryMs);
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #arm(ms: Millis): void {
    if (this.#isStopped) return;
    const { clock, timers } = this.#parts;
    this.#timer = timers.at(clock.monotonic() + ms, () => void this.#sweep());
  }

  async #sweep(): Promise<void> {
    const { stores, clock, config, log } = this.#parts;
    const now = clock.wall();
    try {
      const { isDone } = await stores.mailbox.sweep(now, now - config.historyMs);
      this.#arm(isDone ? sweepEveryMs : sweepPauseMs);
    } catch (fault) {
      if (!(fault instanceof StoreFault)) throw fault;
      log.warn({ fault: fault.message }, 'history cannot be swept now');
      this.#arm(sweepEveryMs);
    }
  }
}
