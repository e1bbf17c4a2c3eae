/** In which order calls take effect: writes one after the other as they were issued, reads at once on what is durable. */
import { StoreFault } from '../../base/store-fault.ts';

export type BeforeCall = (name: string) => void | Promise<void>;

export class MemoryCalls {
  readonly #before: BeforeCall | undefined;
  #lastWrite: Promise<unknown> = Promise.resolve();
  #life: 'open' | 'closed' | 'crashed' = 'open';

  constructor(before: BeforeCall | undefined) {
    this.#before = before;
  }

  /** `apply` runs when every earlier write is done; what it changed is durable from then on. */
  write<T>(name: string, apply: () => T): Promise<T> {
    if (this.#life === 'closed') return Promise.reject(closedFault());
    const done = this.#lastWrite.then(() => this.#run(name, apply));
    this.#lastWrite = done.catch(() => undefined);
    return done;
  }

  async read<T>(name: string, read: () => T): Promise<T> {
    if (this.#life === 'closed') throw closedFault();
    return this.#run(name, read);
  }

  async close(): Promise<void> {
    this.#life = 'closed';
    await this.#lastWrite;
  }

  crash(): void {
    this.#life = 'crashed';
  }

  async #run<T>(name: string, act: () => T): Promise<T> {
    if (this.#before !== undefined) await this.#before(name);
    if (this.#life === 'crashed') return new Promise<T>(() => {});
    return act();
  }
}

function closedFault(): StoreFault {
  return new StoreFault('the store is closed', false);
}
