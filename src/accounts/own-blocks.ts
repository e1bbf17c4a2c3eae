/** What somebody does with the list of those whom they block: in effect at once, and for whoever is shown anything. */
import type { Address } from '../model/address.ts';
import type { BlockLists, BlockOutcome } from './block-lists.ts';

export class OwnBlocks {
  readonly #lists: BlockLists;
  readonly #changed: (owner: Address) => void;

  /** `changed` is told when the list is in effect: everybody is judged anew by it. */
  constructor(lists: BlockLists, changed: (owner: Address) => void) {
    this.#lists = lists;
    this.#changed = changed;
  }

  /** Rejects as the store, like the others. */
  async list(owner: Address): Promise<readonly Address[]> {
    return [...(await this.#lists.blocksOf(owner))];
  }

  /** Resolves when durable. */
  async add(owner: Address, other: Address): Promise<BlockOutcome> {
    return this.#heeded(owner, await this.#lists.add(owner, other));
  }

  async remove(owner: Address, other: Address): Promise<BlockOutcome> {
    return this.#heeded(owner, await this.#lists.remove(owner, other));
  }

  async #heeded(owner: Address, outcome: BlockOutcome): Promise<BlockOutcome> {
    if (outcome !== 'done') return outcome;
    // Who asks for a list that is being read learns of no block, so it is read before anybody is shown anything.
    await this.#lists.blocksOf(owner);
    this.#changed(owner);
    return outcome;
  }
}
