/**
 * Whom each principal blocks (contract section 5), by name or because they grant others alone: the lists that were asked for
 * lately, in front of the store. Knows not what a block does to a message or to presence.
 */
import { LRUCache } from 'lru-cache';
import type { Address } from '../model/address.ts';
import type { BlockStore, KeptLists, ListChange } from './ports.ts';

/** Owners whose list is kept in memory. Most lists are empty and share one value. */
export const cachedBlockListsMax = 200_000;
/** Addresses that one owner may block. */
export const blocksPerOwnerMax = 1_000;
/** Addresses that one owner may grant. */
export const grantsPerOwnerMax = 1_000;

/** Beside whether anything changed, those who are not on a list that they were put on. */
export interface ListsEdited {
  readonly isChanged: boolean;
  readonly unblocked: readonly Address[];
  readonly ungranted: readonly Address[];
}

/** `full`: the owner blocks `blocksPerOwnerMax` already; `already`: nothing changed. */
export type BlockOutcome = 'done' | 'already' | 'full';

/** What is said of one list: it is changed in this order. Absent `isInUse`: it stays as it was. */
export interface ListEdit {
  /** In place of everybody who was on it. */
  readonly replaced?: readonly Address[];
  readonly added?: readonly Address[];
  readonly removed?: readonly Address[];
  readonly isInUse?: boolean;
}

export interface ListsEdit {
  readonly blocks?: ListEdit;
  readonly grants?: ListEdit;
}

export interface AccessLists {
  readonly blocked: ReadonlySet<Address>;
  readonly granted: ReadonlySet<Address>;
  readonly isBlocking: boolean;
  readonly isGranting: boolean;
}

interface KnownList extends AccessLists {
  /** False from a change until it is read again. */
  readonly isCurrent: boolean;
}

const nobody: ReadonlySet<Address> = new Set();
const nobodyBlocked: KnownList = {
  blocked: nobody,
  granted: nobody,
  isBlocking: true,
  isGranting: false,
  isCurrent: true,
};

export class BlockLists {
  readonly #store: BlockStore;
  readonly #lists: LRUCache<Address, KnownList>;
  readonly #reads = new Map<Address, Promise<AccessLists>>();
  /** Writes are rare and follow one another, so that no two pass the limit together. */
  #lastWrite: Promise<unknown> = Promise.resolve();

  constructor(store: BlockStore, listsMax = cachedBlockListsMax) {
    this.#store = store;
    this.#lists = new LRUCache({ max: listsMax });
  }

  /** A promise only where the store must be asked; rejects as the store. */
  hasBlocked(owner: Address, other: Address): boolean | Promise<boolean> {
    const lists = this.listsOf(owner);
    return lists instanceof Promise
      ? lists.then((read) => keepsOut(read, owner, other))
      : keepsOut(lists, owner, other);
  }

  listsOf(owner: Address): AccessLists | Promise<AccessLists> {
    const list = this.#lists.get(owner);
    if (list?.isCurrent === true) return list;
    return this.#reads.get(owner) ?? this.#read(owner);
  }

  /** For whoever cannot wait: what was read last, also while it cannot be read again. */
  isKnownToBlock(owner: Address, other: Address): boolean {
    const list = this.#lists.get(owner);
    if (list?.isCurrent !== true && !this.#reads.has(owner)) this.#readUnasked(owner);
    return list !== undefined && keepsOut(list, owner, other);
  }

  /** Resolves when durable. */
  async add(owner: Address, other: Address): Promise<BlockOutcome> {
    return this.#write(owner, async () => {
      const { blocked, isBlocking } = await this.listsOf(owner);
      if (blocked.has(other) && isBlocking) return 'already';
      if (!blocked.has(other) && blocked.size >= blocksPerOwnerMax) return 'full';
      return (await this.#store.addBlock(owner, other)) ? 'done' : 'already';
    });
  }

  /** Resolves when durable. */
  async remove(owner: Address, other: Address): Promise<BlockOutcome> {
    return this.#write(owner, async () => ((await this.#store.removeBlock(owner, other)) ? 'done' : 'already'));
  }

  /** All at once; resolves, when durable, with those for whom there was no room. */
  async edit(owner: Address, { blocks, grants }: ListsEdit): Promise<ListsEdited> {
    return this.#write(owner, async () => {
      const { blocked, granted, isBlocking, isGranting } = await this.listsOf(owner);
      const blocking = changeOf(blocked, blocks, blocksPerOwnerMax);
      const granting = changeOf(granted, grants, grantsPerOwnerMax);
      const isChanged = isAnother(blocking.change, isBlocking) || isAnother(granting.change, isGranting);
      if (isChanged) await this.#store.changeLists(owner, { blocks: blocking.change, grants: granting.change });
      return { isChanged, unblocked: blocking.left, ungranted: granting.left };
    });
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

  #write<T>(owner: Address, write: () => Promise<T>): Promise<T> {
    const outcome = this.#lastWrite.then(write).finally(() => this.forget(owner));
    this.#lastWrite = outcome.catch(() => undefined);
    return outcome;
  }

  #read(owner: Address): Promise<AccessLists> {
    const read = this.#store.listsOf(owner).then(
      (kept) => {
        const list = knownList(kept);
        if (this.#endRead(owner, read)) this.#lists.set(owner, list);
        return list;
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
  #endRead(owner: Address, read: Promise<AccessLists>): boolean {
    if (this.#reads.get(owner) !== read) return false;
    return this.#reads.delete(owner);
  }
}

/** An owner is never kept out. */
function keepsOut(lists: AccessLists, owner: Address, other: Address): boolean {
  const { blocked, granted, isBlocking, isGranting } = lists;
  if (other === owner) return false;
  return (isBlocking && blocked.has(other)) || (isGranting && !granted.has(other));
}

function knownList({ blocked, isBlocking, isGranting, granted }: KeptLists): KnownList {
  if (blocked.length === 0 && granted.length === 0 && isBlocking && !isGranting) return nobodyBlocked;
  return { blocked: new Set(blocked), granted: new Set(granted), isBlocking, isGranting, isCurrent: true };
}

/** Whoever is on the list already needs no room; of the others the first come in. */
function changeOf(
  before: ReadonlySet<Address>,
  { replaced, added = [], removed = [], isInUse }: ListEdit = {},
  countMax: number,
): { readonly change: ListChange; readonly left: readonly Address[] } {
  const after = new Set(replaced === undefined ? before : replaced.filter((address) => before.has(address)));
  const left = new Set<Address>();
  for (const address of [...(replaced ?? []), ...added]) {
    if (after.has(address) || after.size < countMax) after.add(address);
    else left.add(address);
  }
  for (const address of removed) after.delete(address);
  const change: ListChange = {
    removed: [...before].filter((address) => !after.has(address)),
    added: [...after].filter((address) => !before.has(address)),
    ...(isInUse === undefined ? {} : { isInUse }),
  };
  return { change, left: [...left] };
}

function isAnother({ removed, added, isInUse }: ListChange, wasInUse: boolean): boolean {
  return removed.length > 0 || added.length > 0 || (isInUse !== undefined && isInUse !== wasInUse);
}
