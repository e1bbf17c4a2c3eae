/** Whom the owner blocks: the blocks of the account, always in use. There are no grant lists. */
import type { Primitive } from '../../../imps/primitives/primitive.ts';
import { makeStatus } from '../../../imps/primitives/results.ts';
import type { Address } from '../../../model/address.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import { addressOf, userIdOf } from '../words/user-ids.ts';
import { resultOf, type Standing } from './people.ts';
import type { Handlers, ServiceRequest } from './service.ts';

/** Users that are blocked or not in one request. */
export const blockedUsersMax = 200;

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
    const owners = await this.#surroundings.ownBlocks.list(session.owner);
    const userIds = owners.map(userIdOf);
    const blockList = { inUse: true, entityList: { userIds, screenNames: [], groupIds: [] } };
    const grantList = { inUse: false, entityList: { userIds: [], screenNames: [], groupIds: [] } };
    const inUse = { blockListInUse: true, grantListInUse: false };
    return { name: 'GetBlockedList-Response', value: { blockList, grantList, ...inUse } };
  }

  async #block({ session, value }: ServiceRequest<'BlockEntity-Request'>): Promise<Primitive> {
    const { blockList, grantList } = value;
    const isGranting = grantList?.inUse === true || value.grantListInUse === true;
    if (isGranting || (grantList?.addList?.userIds.length ?? 0) > 0)
      return makeStatus(405, 'Grant lists are not offered');
    if (blockList?.inUse === false || value.blockListInUse === false) {
      return makeStatus(402, 'The block list is always in use');
    }
    const changes = [
      ...(blockList?.addList?.userIds ?? []).map((userId) => ({ userId, isAdded: true })),
      ...(blockList?.removeList?.userIds ?? []).map((userId) => ({ userId, isAdded: false })),
    ];
    if (changes.length > blockedUsersMax) return makeStatus(402, `There are more than ${blockedUsersMax} users`);
    const standings: Standing[] = [];
    for (const change of changes) standings.push(await this.#blockOne(session.owner, change));
    return { name: 'Status', value: { result: resultOf(standings) } };
  }

  async #blockOne(owner: Address, { userId, isAdded }: { userId: string; isAdded: boolean }): Promise<Standing> {
    const { ownBlocks, settings } = this.#surroundings;
    const address = addressOf(userId, settings.domains);
    if (!address.ok) return { userId, code: 531 };
    const outcome = await (isAdded ? ownBlocks.add(owner, address.value) : ownBlocks.remove(owner, address.value));
    return outcome === 'full' ? { userId, code: 754 } : { userId, address: address.value };
  }
}
