import { describe, expect, it } from 'vitest';
import { StoreFault } from '../base/store-fault.ts';
import type { Address } from '../model/address.ts';
import { blocksPerOwnerMax, BlockLists, grantsPerOwnerMax } from './block-lists.ts';
import {
  type BlockStore,
  changedListsUse,
  type KeptLists,
  type ListsChange,
  type ListsUse,
  usualListsUse,
} from './ports.ts';

const mary = 'mary@example.com' as Address;
const tom = 'tom@example.com' as Address;

class CountingBlocks implements BlockStore {
  readonly blocks = new Map<Address, Set<Address>>();
  readonly uses = new Map<Address, ListsUse>();
  reads = 0;
  changes = 0;
  fault: StoreFault | undefined;

  async listsOf(owner: Address): Promise<KeptLists> {
    this.reads += 1;
    if (this.fault !== undefined) throw this.fault;
    return { ...(this.uses.get(owner) ?? usualListsUse), blocked: [...(this.blocks.get(owner) ?? [])] };
  }

  async addBlock(owner: Address, blocked: Address): Promise<boolean> {
    const list = this.blocks.get(owner) ?? new Set();
    this.blocks.set(owner, list);
    if (list.has(blocked) && this.uses.get(owner)?.isBlocking !== false) return false;
    list.add(blocked);
    const use = this.uses.get(owner);
    if (use !== undefined) this.uses.set(owner, { ...use, isBlocking: true });
    return true;
  }

  async removeBlock(owner: Address, blocked: Address): Promise<boolean> {
    return this.blocks.get(owner)?.delete(blocked) ?? false;
  }

  async changeLists(owner: Address, change: ListsChange): Promise<void> {
    this.changes += 1;
    const list = this.blocks.get(owner) ?? new Set();
    for (const address of change.blocks.removed) list.delete(address);
    for (const address of change.blocks.added) list.add(address);
    this.blocks.set(owner, list);
    this.uses.set(owner, changedListsUse(this.uses.get(owner) ?? usualListsUse, change));
  }
}

describe('BlockLists', () => {
  it('answers with a value once the list was read', async () => {
    const store = new CountingBlocks();
    const lists = new BlockLists(store);
    expect(await lists.hasBlocked(mary, tom)).toBe(false);
    expect(lists.hasBlocked(mary, tom)).toBe(false);
    expect(lists.hasBlocked(mary, mary)).toBe(false);
    expect(store.reads).toBe(1);
  });

  it('sees its own changes at once and those of others when it is told to forget', async () => {
    const store = new CountingBlocks();
    const lists = new BlockLists(store);
    expect(await lists.hasBlocked(mary, tom)).toBe(false);
    expect(await lists.add(mary, tom)).toBe('done');
    expect(await lists.hasBlocked(mary, tom)).toBe(true);
    expect(await lists.add(mary, tom)).toBe('already');
    expect(await lists.remove(mary, tom)).toBe('done');
    expect(await lists.remove(mary, tom)).toBe('already');
    expect(await lists.hasBlocked(mary, tom)).toBe(false);
    await store.addBlock(mary, tom);
    expect(lists.hasBlocked(mary, tom)).toBe(false);
    lists.forget(mary);
    expect(await lists.hasBlocked(mary, tom)).toBe(true);
  });

  it('reads a list that it knew again by itself, and no other', async () => {
    const store = new CountingBlocks();
    const lists = new BlockLists(store);
    await lists.hasBlocked(mary, tom);
    await store.addBlock(mary, tom);
    lists.forget(mary);
    lists.forget(tom);
    await Promise.resolve();
    await Promise.resolve();
    expect(lists.hasBlocked(mary, tom)).toBe(true);
    expect(store.reads).toBe(2);
    store.fault = new StoreFault('locked', true);
    lists.forget(mary);
    await expect(lists.hasBlocked(mary, tom)).rejects.toBe(store.fault);
  });

  it('goes by what it knew, for whoever cannot wait, as long as a list that changed cannot be read', async () => {
    const store = new CountingBlocks();
    const lists = new BlockLists(store);
    await store.addBlock(mary, tom);
    store.fault = new StoreFault('locked', true);
    expect(lists.isKnownToBlock(mary, tom)).toBe(false);
    await expect(lists.hasBlocked(mary, tom)).rejects.toBe(store.fault);
    store.fault = undefined;
    expect(lists.isKnownToBlock(mary, tom)).toBe(false);
    await expect(lists.hasBlocked(mary, tom)).resolves.toBe(true);
    store.fault = new StoreFault('locked', true);
    lists.forget(mary);
    expect(lists.isKnownToBlock(mary, tom)).toBe(true);
    await expect(lists.hasBlocked(mary, tom)).rejects.toBe(store.fault);
    expect(lists.isKnownToBlock(mary, tom)).toBe(true);
    store.fault = undefined;
    await store.removeBlock(mary, tom);
    await expect(lists.hasBlocked(mary, tom)).resolves.toBe(false);
    expect(lists.isKnownToBlock(mary, tom)).toBe(false);
  });

  it('keeps no list that was read before a change', async () => {
    const store = new CountingBlocks();
    const lists = new BlockLists(store);
    const before = lists.hasBlocked(mary, tom);
    await store.addBlock(mary, tom);
    lists.forget(mary);
    expect(await before).toBe(false);
    expect(await lists.hasBlocked(mary, tom)).toBe(true);
  });

  it('takes blocks up to the limit and refuses the next, also when many come at once', async () => {
    const store = new CountingBlocks();
    const lists = new BlockLists(store);
    const adds = Array.from({ length: blocksPerOwnerMax + 8 }, (_, n) =>
      lists.add(mary, `u${n}@example.com` as Address),
    );
    const outcomes = await Promise.all(adds);
    expect(outcomes.filter((outcome) => outcome === 'done')).toHaveLength(blocksPerOwnerMax);
    expect(outcomes.slice(blocksPerOwnerMax)).toEqual(Array.from({ length: 8 }, () => 'full'));
    expect(store.blocks.get(mary)?.size).toBe(blocksPerOwnerMax);
  });

  it('passes a fault of the store on, keeps nothing of it, and goes on writing', async () => {
    const store = new CountingBlocks();
    const lists = new BlockLists(store);
    store.fault = new StoreFault('locked', true);
    await expect(lists.hasBlocked(mary, tom)).rejects.toBe(store.fault);
    await expect(lists.add(mary, tom)).rejects.toBe(store.fault);
    store.fault = undefined;
    expect(await lists.add(mary, tom)).toBe('done');
  });
});

describe('lists that are in use or not', () => {
  const ann = 'ann@example.com' as Address;

  it('of grants keep everybody out who is not on them, but never the owner', async () => {
    const lists = new BlockLists(new CountingBlocks());
    await lists.edit(mary, { grants: { added: [tom] } });
    expect(await lists.hasBlocked(mary, ann)).toBe(false);
    await lists.edit(mary, { grants: { isInUse: true } });
    expect(await lists.hasBlocked(mary, ann)).toBe(true);
    expect([tom, ann, mary].map((other) => lists.isKnownToBlock(mary, other))).toEqual([false, true, false]);
    await lists.add(mary, tom);
    await lists.add(mary, mary);
    expect(await lists.hasBlocked(mary, tom), 'a block wins over a grant').toBe(true);
    expect(lists.hasBlocked(mary, mary)).toBe(false);
    await lists.edit(mary, { grants: { isInUse: false } });
    expect(await lists.hasBlocked(mary, ann)).toBe(false);
  });

  it('of blocks block nobody while they are not in use, and the next block puts them in use', async () => {
    const lists = new BlockLists(new CountingBlocks());
    await lists.add(mary, tom);
    await lists.edit(mary, { blocks: { added: [ann], isInUse: false } });
    expect(await lists.hasBlocked(mary, tom)).toBe(false);
    expect([...(await lists.listsOf(mary)).blocked].sort()).toEqual([ann, tom]);
    expect(await lists.add(mary, tom)).toBe('done');
  });

  it('are replaced, added to and taken from in one change, and nothing is written for one that changes nothing', async () => {
    const store = new CountingBlocks();
    const lists = new BlockLists(store);
    await lists.edit(mary, { blocks: { replaced: [tom, ann], added: [mary], removed: [ann] } });
    expect([...(await lists.listsOf(mary)).blocked].sort()).toEqual([mary, tom]);
    const again = await lists.edit(mary, { blocks: { replaced: [mary, tom], isInUse: true } });
    expect([again.isChanged, store.changes]).toEqual([false, 1]);
    await lists.edit(mary, { blocks: { replaced: [] } });
    expect((await lists.listsOf(mary)).blocked.size).toBe(0);
  });

  it.each([
    ['blocks', blocksPerOwnerMax],
    ['grants', grantsPerOwnerMax],
  ] as const)('of %s have room for so many, and who is on one already needs none', async (which, countMax) => {
    const lists = new BlockLists(new CountingBlocks());
    const many = Array.from({ length: countMax + 1 }, (_, n) => `u${n}@example.com` as Address);
    const edited = await lists.edit(mary, { [which]: { added: many } });
    expect([...edited.unblocked, ...edited.ungranted]).toEqual([`u${countMax}@example.com`]);
    const anew = await lists.edit(mary, { [which]: { replaced: [tom, ...many.slice(0, countMax)] } });
    expect([...anew.unblocked, ...anew.ungranted]).toEqual([tom]);
  });
});
