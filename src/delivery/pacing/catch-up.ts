/** Recipients whose conditions are to be evaluated anew, in the background: a few at once, so that they share commits. */
import type { Clock } from '../../base/time/clock.ts';
import type { Timers } from '../../base/time/timers.ts';
import type { Address } from '../../model/address.ts';
import { nextTurn } from './next-turn.ts';

/** Recipients that are worked through side by side: a page of rows of each is in memory. */
const catchUpsAtOnce = 4;

export class CatchUp {
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #evaluate: (recipient: Address) => Promise<void>;
  readonly #behind = new Set<Address>();
  #running: Promise<unknown> | undefined;

  constructor(
    { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
    evaluate: (recipient: Address) => Promise<void>,
  ) {
    this.#clock = clock;
    this.#timers = timers;
    this.#evaluate = evaluate;
  }

  add(recipient: Address): void {
    this.#behind.add(recipient);
  }

  /** False when they were not behind. Whoever takes them evaluates everything. */
  take(recipient: Address): boolean {
    return this.#behind.delete(recipient);
  }

  clear(): void {
    this.#behind.clear();
  }

  /** Resolves when nobody is behind. Whoever is added meanwhile is worked through too. */
  async run(): Promise<void> {
    this.#running ??= this.#runAll().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  async #runAll(): Promise<void> {
    // One iterator for all: whoever was caught up with meanwhile, since they came or changed, is passed over.
    const recipients = this.#behind.values();
    const work = async (): Promise<void> => {
      for (const recipient of recipients) {
        // In a turn of its own, so that packets go before it.
        await nextTurn(this.#timers, this.#clock);
        if (this.#behind.has(recipient)) await this.#evaluate(recipient);
      }
    };
    await Promise.all(Array.from({ length: catchUpsAtOnce }, work));
  }
}
