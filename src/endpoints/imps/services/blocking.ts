/** Whom the owner blocks, and whom alone they let through: the lists of the account, whichever protocol changes them. */
import type { ListEdit } from '../../../accounts/block-lists.ts';
import type { Primitive, PrimitiveValue } from '../../../imps/primitives/primitive.ts';
import { makeStatus } from '../../../imps/primitives/results.ts';
import type { Address } from '../../../model/address.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import { addressOf, userIdOf } from '../words/user-ids.ts';
import { type Failed, partialResult } from './partial-result.ts';
import type { Handlers, ServiceRequest } from './service.ts';

/** Users that are named in one request, in both lists together. */
export const blockedUsersMax = 1_000;

type ListWords = PrimitiveValue<'BlockEntity-Request'>['blockList'];
type Entities = NonNullable<ListWords>['addList'];

/** The changes of one list, as addresses with the words that the client has for them. */
interface ReadList {
  readonly edit: ListEdit;
  readonly userIds: ReadonlyMap<Address, string>;
}

export class Blocking {
  readonly #surroundings: ImpsSurroundings;

  constructor(surroundings: ImpsSurroundings) {
    this.#surroundings = surroundings;
  }

  get handlers(): Handlers {
    return {
      'GetBlockedList-Request': (request) => this.#blocked(request),
      'BlockEntity-Request': (request) => this.#block(request),
    };
  }

  async #blocked({ session }: ServiceRequest<'GetBlockedList-Request'>): Promise<Primitive> {
    const { blocked, granted, isBlocking, isGranting } = await this.#surroundings.ownBlocks.lists(session.owner);
    return {
      name: 'GetBlockedList-Response',
      value: {
        blockList: { inUse: isBlocking, entityList: entitiesOf(blocked) },
        grantList: { inUse: isGranting, entityList: entitiesOf(granted) },
        blockListInUse: isBlocking,
        grantListInUse: isGranting,
      },
    };
  }

  /** What can be done is done, in one commit; who could not be put on a list is named. */
  async #block({ session, value }: ServiceRequest<'BlockEntity-Request'>): Promise<Primitive> {
    const { blockList, grantList } = value;
    const count = [blockList, grantList].flatMap((list) => partsOf(list).flatMap((part) => part?.userIds ?? [])).length;
    if (count > blockedUsersMax) return makeStatus(402, `There are more than ${blockedUsersMax} users`);
    const failed: Failed[] = [];
    const blocks = this.#read(blockList, value.blockListInUse, failed);
    const grants = this.#read(grantList, value.grantListInUse, failed);
    const edited = await this.#surroundings.ownBlocks.edit(session.owner, { blocks: blocks.edit, grants: grants.edit });
    for (const address of edited.unblocked) failed.push({ code: 754, userId: blocks.userIds.get(address) ?? '' });
    for (const address of edited.ungranted) failed.push({ code: 754, userId: grants.userIds.get(address) ?? '' });
    const left = edited.unblocked.length + edited.ungranted.length;
    const isUse = blocks.edit.isInUse !== undefined || grants.edit.isInUse !== undefined;
    const isAnyDone = isUse || blocks.userIds.size + grants.userIds.size > left;
    return { name: 'Status', value: { result: partialResult(failed, isAnyDone) } };
  }

  /** There are no groups, so nobody of one can be on a list. */
  #read(list: ListWords, inUseBeside: boolean | undefined, failed: Failed[]): ReadList {
    const userIds = new Map<Address, string>();
    const read = (part: Entities): readonly Address[] | undefined => {
      for (const groupId of part?.groupIds ?? []) failed.push({ code: 405, groupId });
      for (const screenName of part?.screenNames ?? []) failed.push({ code: 405, screenName });
      return part?.userIds.flatMap((userId) => {
        const address = addressOf(userId, this.#surroundings.settings.domains);
        if (address.ok) userIds.set(address.value, userId);
        else failed.push({ code: 531, userId });
        return address.ok ? [address.value] : [];
      });
    };
    const [replaced, added, removed] = partsOf(list).map(read);
    const isInUse = list?.inUse ?? inUseBeside;
    const edit: ListEdit = {
      ...(replaced === undefined ? {} : { replaced }),
      added: added ?? [],
      removed: removed ?? [],
      ...(isInUse === undefined ? {} : { isInUse }),
    };
    return { edit, userIds };
  }
}

/** In the order in which they count. */
function partsOf(list: ListWords): readonly Entities[] {
  return [list?.entityList, list?.addList, list?.removeList];
}

function entitiesOf(addresses: ReadonlySet<Address>): NonNullable<Entities> {
  return { userIds: [...addresses].map(userIdOf), screenNames: [], groupIds: [] };
}
