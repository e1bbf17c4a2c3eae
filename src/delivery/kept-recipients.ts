/** For whom something is kept: the counts of everybody with something waiting or held, and who hears when that begins and ends. */
import type { Address } from '../model/address.ts';

/** How much is kept for one recipient; what is zero need not be read. */
export interface KeptCounts {
  entries: number;
  waiting: number;
  conditional: number;
}

const nothing: Readonly<KeptCounts> = { entries: 0, waiting: 0, conditional: 0 };

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

  countsOf(recipient: Address): Readonly<KeptCounts> {
    return this.#counts.get(recipient) ?? nothing;
  }

  /** So many more or fewer; told by the mailbox of this recipient. */
  count(recipient: Address, { entries = 0, waiting = 0, conditional = 0 }: Partial<KeptCounts>): void {
    let counts = this.#counts.get(recipient);
    if (counts === undefined) {
      counts = { ...nothing };
      this.#counts.set(recipient, counts);
    }
    counts.entries += entries;
    counts.waiting += waiting;
    counts.conditional += conditional;
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
