/** For whom something is kept: the counts of everybody with something waiting or held, and who hears when that begins and ends. */
import type { Address } from '../model/address.ts';
import type { PresenceChanged } from '../model/presence-changed.ts';
import { allMentions, bothMentions, type Mentions, mayTurn, noMentions } from './mentions.ts';

/** How much is kept for one recipient; what is zero need not be read. */
export interface KeptCounts {
  entries: number;
  waiting: number;
  conditional: number;
}

/** And what the conditions among it turn on; numbers, since there may be a million of them. */
type Kept = KeptCounts & { -readonly [K in keyof Mentions]: Mentions[K] };

const nothing: Readonly<Kept> = { entries: 0, waiting: 0, conditional: 0, ...noMentions };

export class KeptRecipients {
  readonly #counts = new Map<Address, Kept>();
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

  /** What its conditions turn on is learnt when they are looked at. */
  load(recipient: Address, { entries, waiting, conditional }: KeptCounts): void {
    this.#counts.set(recipient, { entries, waiting, conditional, ...(conditional > 0 ? allMentions : noMentions) });
  }

  hasConditional(recipient: Address): boolean {
    return (this.#counts.get(recipient)?.conditional ?? 0) > 0;
  }

  /** False where no condition that is kept for whoever changed turns on the change. */
  mayTurn(change: PresenceChanged): boolean {
    const counts = this.#counts.get(change.presentity);
    return counts !== undefined && counts.conditional > 0 && mayTurn(counts, change);
  }

  /** A condition with these is kept, or may be. */
  mention(recipient: Address, mentions: Mentions): void {
    this.onlyMention(recipient, bothMentions(this.#counts.get(recipient) ?? nothing, mentions));
  }

  /** All conditions were looked at, and have no others. */
  onlyMention(recipient: Address, { attributes, words }: Mentions): void {
    const counts = this.#counts.get(recipient);
    if (counts === undefined) return;
    counts.attributes = attributes;
    counts.words = words;
  }

  mentionsOf(recipient: Address): Readonly<Mentions> {
    return this.#counts.get(recipient) ?? nothing;
  }

  countsOf(recipient: Address): Readonly<KeptCounts> {
    return this.#counts.get(recipient) ?? nothing;
  }

  /** So many more or fewer, and what the condition among them turns on; told by the mailbox of this recipient. */
  count(recipient: Address, change: Partial<KeptCounts>, mentions = noMentions): void {
    const { entries = 0, waiting = 0, conditional = 0 } = change;
    let counts = this.#counts.get(recipient);
    if (counts === undefined) {
      counts = { ...nothing };
      this.#counts.set(recipient, counts);
    }
    counts.entries += entries;
    counts.waiting += waiting;
    counts.conditional += conditional;
    Object.assign(counts, counts.conditional === 0 ? noMentions : bothMentions(counts, mentions));
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
