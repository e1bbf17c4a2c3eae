/**
 * Something that is read from the server, and changed by what is heard or done meanwhile. An answer that was overtaken by a
 * later question or by a change is not shown: what was asked before a change may not know of it.
 */
import { signal } from '@preact/signals';

export class Reading<T> {
  readonly #value = signal<T | undefined>(undefined);
  #questions = 0;
  #changes = 0;

  /** Undefined until it is known. */
  get value(): T | undefined {
    return this.#value.value;
  }

  /** Asks again where something changed while it was asked. Rejects as `read` does, unless it was asked anew meanwhile. */
  async load(read: () => Promise<T>): Promise<void> {
    this.#questions += 1;
    const mine = this.#questions;
    for (;;) {
      const changes = this.#changes;
      let found: T;
      try {
        found = await read();
      } catch (fault) {
        if (mine !== this.#questions) return;
        throw fault;
      }
      if (mine !== this.#questions) return;
      if (changes !== this.#changes) continue;
      this.#value.value = found;
      return;
    }
  }

  change(to: (known: T | undefined) => T | undefined): void {
    this.#changes += 1;
    this.#value.value = to(this.#value.value);
  }
}
