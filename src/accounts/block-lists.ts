/**
 * Whom each principal blocks (contract section 5): the lists that were asked for lately, in front of the store. Knows not
 * what a block does to a message or to presence.
 */
import { LRUCache } from 'lru-cache';
import type { Address } from '../model/address.ts';
import type { BlockStore } from './ports.ts';

/** Owners whose list is kept in memory. Most lists are empty and share one value. */
export const cachedBlockListsMax = 200_000;
/** Addresses that one owner may block. */
export const blocksPerOwnerMax = 1_000;

/** `full`: the owner blocks `blocksPerOwnerMax` already; `already`: nothing changed. */
export type BlockOutcome = 'done' | 'already' | 'full';

interface KnownList {
  readonly blocked: ReadonlySet<Address>;
  /** False from a change until it is read again. */
  readonly isCurrent: boolean;
}

const nobodyBlocked: KnownList = { blocked: new Set(), isCurrent: true };

export class BlockLists {
  readonly #store: BlockStore;
  readonly #lists: LRUCache<Address, KnownList>;
  readonly #reads = new Map<Address, Promise<ReadonlySet<Address>>>();
  /** Writes are rare and follow one another, so that no two pass the limit together. */
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(store: BlockStore, listsMax = cachedBlockListsMax) {
    this.#store = store;
    this.#lists = new LRUCache({ max: listsMax });
  }

  /** A promise only where the store must be asked; rejects as the store. */
  hasBlocked(owner: Address, other: Address): boolean | Promise<boolean> {
    const blocked = this.blocksOf(owner);
    return blocked instanceof Promise ? blocked.then((list) => list.has(other)) : blocked.has(other);
  }

  blocksOf(owner: Address): ReadonlySet<Address> | Promise<ReadonlySet<Address>> {
    const list = this.#lists.get(owner);
    if (list?.isCurrent === true) return list.blocked;
    return this.#reads.get(owner) ?? this.#read(owner);
  }

  /** For whoever cannot wait: what was read last, also while it cannot be read again. */
  isKnownToBlock(owner: Address, other: Address): boolean {
    const list = this.#lists.get(owner);
    if (list?.isCurrent !== true && !this.#reads.has(owner)) this.#readUnasked(owner);
    return list?.blocked.has(other) === true;
  }

  /** Resolves when durable. */
  async add(owner: Address, other: Address): Promise<BlockOutcome> {
    return this.#write(owner, async () => {
      const blocked = await this.blocksOf(owner);
      if (blocked.has(other)) return 'already';
      if (blocked.size >= blocksPerOwnerMax) return 'full';
      return (await this.#store.addBlock(owner, other)) ? 'done' : 'already';
    });
  }

  /** Resolves when durable. */
  async remove(owner: Address, other: Address): Promise<BlockOutcome> {
    return this.#write(owner, async () => ((await this.#store.removeBlock(owner, other)) ? 'done' : 'already'));
  }

  /** The list changed elsewhere: it is read anew, at once where it was known, since presence looks at it without waiting. */
  forget(owner: Address): void {
    const list = this.#lists.get(owner);
    this.#reads.delete(owner);
    if (list === undefined) return;
    this.#lists.set(owner, { ...list, isCurrent: false });
    this.#readUnasked(owner);
  }

  /** Whoever asks next asks again where it fails, and hears of the fault. */
  #readUnasked(owner: Address): void {
    this.#read(owner).catch(() => undefined);
  }

  #write(owner: Address, write: () => Promise<BlockOutcome>): Promise<BlockOutcome> {
    const outcome = this.#lastWrite.then(write).finally(() => this.forget(owner));
    this.#lastWrite = outcome.catch(() => undefined);
    return outcome;
  }

  #read(owner: Address): Promise<ReadonlySet<Address>> {
    const read = this.#store.blocksOf(owner).then(
      (addresses) => {
        const list = addresses.length === 0 ? nobodyBlocked : { blocked: new Set(addresses), isCurrent: true };
        if (this.#endRead(owner, read)) this.#lists.set(owner, list);
        return list.blocked;
      },
      (fault: unknown) => {
        this.#endRead(owner, read);
        throw fault;
      },
    );
    this.#reads.set(owner, read);
    return read;
  }

  /** False when the list was forgotten while it was read. */
  #endRead(owner: Address, read: Promise<ReadonlySet<Address>>): boolean {
    if (this.#reads.get(owner) !== read) return false;
    return this.#reads.delete(owner);
  }
}
