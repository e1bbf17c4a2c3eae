/** What somebody does with the lists of those whom they block and grant: in effect at once, and for whoever is shown anything. */
import type { Address } from '../model/address.ts';
import type { AccessLists, BlockLists, BlockOutcome, ListsEdit, ListsEdited } from './block-lists.ts';

export class OwnBlocks {
  readonly #lists: BlockLists;
  readonly #changed: (owner: Address) => void;

  /** `changed` is told when the list is in effect: everybody is judged anew by it. */
  constructor(lists: BlockLists, changed: (owner: Address) => void) {
    this.#lists = lists;
    this.#changed = changed;
  }

  /** Rejects as the store, like the others. */
  async lists(owner: Address): Promise<AccessLists> {
    return this.#lists.listsOf(owner);
  }

  /** Both lists at once. Resolves when durable. */
  async edit(owner: Address, edit: ListsEdit): Promise<ListsEdited> {
    const edited = await this.#lists.edit(owner, edit);
    if (edited.isChanged) await this.#heed(owner);
    return edited;
  }

  /** Resolves when durable. */
  async add(owner: Address, other: Address): Promise<BlockOutcome> {
    return this.#heeded(owner, await this.#lists.add(owner, other));
  }

  async remove(owner: Address, other: Address): Promise<BlockOutcome> {
    return this.#heeded(owner, await this.#lists.remove(owner, other));
  }

  async #heeded(owner: Address, outcome: BlockOutcome): Promise<BlockOutcome> {
    if (outcome === 'done') await this.#heed(owner);
    return outcome;
  }

  async #heed(owner: Address): Promise<void> {
    // Who asks for a list that is being read learns of no block, so it is read before anybody is shown anything.
    await this.#lists.listsOf(owner);
    this.#changed(owner);
  }
}
