/** For whom something is kept: the counts of everybody with something waiting or held, and who hears when that begins and ends. */
import type { Address } from '../model/address.ts';
import type { KeptCounts } from './mailbox/delivery-surroundings.ts';

export class KeptRecipients {
  readonly #counts = new Map<Address, KeptCounts>();
  #listener: ((recipient: Address, isAnything: boolean) => void) | undefined;

  /** Who hears when another message is kept for somebody, and when nothing is (any more). */
  onChanged(listener: (recipient: Address, isAnything: boolean) => void): void {
    this.#listener = listener;
  }

  *recipients(): IterableIterator<Address> {
    for (const [recipient, { entries }] of this.#counts) if (entries > 0) yield recipient;
  }

  /** Of everybody for whom something is kept. */
  entries(): IterableIterator<[recipient: Address, counts: Readonly<KeptCounts>]> {
    return this.#counts.entries();
  }

  *conditionalRecipients(): IterableIterator<Address> {
    for (const [recipient, { conditional }] of this.#counts) if (conditional > 0) yield recipient;
  }

  load(recipient: Address, counts: KeptCounts): void {
    this.#counts.set(recipient, counts);
  }

  hasConditional(recipient: Address): boolean {
    return (this.#counts.get(recipient)?.conditional ?? 0) > 0;
  }

  /** Kept up to date by the mailbox of this recipient. */
  countsOf(recipient: Address): KeptCounts {
    let counts = this.#counts.get(recipient);
    if (counts === undefined) {
      counts = { entries: 0, waiting: 0, conditional: 0 };
      this.#counts.set(recipient, counts);
    }
    return counts;
  }

  grown(recipient: Address): void {
    this.#listener?.(recipient, true);
  }

  settled(recipient: Address): void {
    if ((this.#counts.get(recipient)?.entries ?? 0) === 0) this.#listener?.(recipient, false);
  }

  dropIfEmpty(recipient: Address): void {
    if (this.#counts.get(recipient)?.entries === 0) this.#counts.delete(recipient);
  }
}
