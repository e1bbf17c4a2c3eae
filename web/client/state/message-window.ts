/** A part of a conversation, however long that is: what is shown and a little around it. */
import { signal } from '@preact/signals';
import type { History } from '../../history/history.ts';
import type { MessageRecord } from '../../history/records.ts';

/** Messages that are read at once. */
const pageSize = 80;
/** Messages that are shown at once. */
export const windowMax = 240;

export class MessageWindow {
  readonly items = signal<readonly MessageRecord[]>([]);
  readonly hasOlder = signal(false);
  readonly hasNewer = signal(false);
  readonly isLoaded = signal(false);
  readonly #history: History;
  readonly #peer: string;
  #line: Promise<void> = Promise.resolve();

  constructor(history: History, peer: string) {
    this.#history = history;
    this.#peer = peer;
  }

  /** The end of the conversation. */
  newest(): Promise<void> {
    return this.#inLine(async () => {
      const page = await this.#history.pageBefore(this.#peer, Infinity, pageSize);
      this.hasOlder.value = page.length === pageSize;
      this.hasNewer.value = false;
      this.items.value = page;
      this.isLoaded.value = true;
    });
  }

  older(): Promise<void> {
    return this.#inLine(async () => {
      const first = this.items.value[0];
      if (first === undefined || !this.hasOlder.value) return;
      const page = await this.#history.pageBefore(this.#peer, first.order, pageSize);
      const items = [...page, ...this.items.value];
      this.hasOlder.value = page.length === pageSize;
      if (items.length > windowMax) this.hasNewer.value = true;
      this.items.value = items.slice(0, windowMax);
    });
  }

  newer(): Promise<void> {
    return this.#inLine(async () => {
      const last = this.items.value.at(-1);
      if (last === undefined || !this.hasNewer.value) return;
      const page = (await this.#history.pageFrom(this.#peer, last.order, pageSize + 1)).slice(1);
      const items = [...this.items.value, ...page];
      this.hasNewer.value = page.length === pageSize;
      if (items.length > windowMax) this.hasOlder.value = true;
      this.items.value = items.slice(-windowMax);
    });
  }

  /** Something of what is shown changed, or something was added. */
  refresh(): Promise<void> {
    return this.#inLine(async () => {
      const [first] = this.items.value;
      const count = this.items.value.length;
      if (first === undefined) {
        this.items.value = await this.#history.pageBefore(this.#peer, Infinity, pageSize);
        return;
      }
      const isAtEnd = !this.hasNewer.value;
      const found = await this.#history.pageFrom(this.#peer, first.order, isAtEnd ? windowMax + pageSize : count);
      if (isAtEnd && found.length > windowMax) this.hasOlder.value = true;
      this.items.value = isAtEnd ? found.slice(-windowMax) : found;
    });
  }

  /** One reading after the other, so that none works on what another has just replaced. */
  #inLine(work: () => Promise<void>): Promise<void> {
    // A page that closes takes its database along; what was being read then is not missed.
    this.#line = this.#line.then(work).catch(() => undefined);
    return this.#line;
  }
}
