/** Presence of oneself and of others, and whom one blocks. */
import type { Primitive, PrimitiveValue } from '../../../imps/primitives/primitive.ts';
import type { PresenceAttribute } from '../../../imps/primitives/presence-attributes.ts';
import { type CspResult, makeResult, makeStatus } from '../../../imps/primitives/results.ts';
import { type StatusCode, statusWords } from '../../../imps/status-codes.ts';
import type { Address } from '../../../model/address.ts';
import { standingMsDefault } from '../../../presence/publication/standing-words.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import { attributesOfState, wordsOfAttributes } from '../words/presence-words.ts';
import { addressOf, userIdOf } from '../words/user-ids.ts';
import type { Handlers, ServiceRequest } from './service.ts';
import type { Watching } from './watching.ts';

/** Users that are named in one request. */
export const usersMax = 200;

/** Somebody who may be looked at, or why not. */
type Standing =
  | { readonly userId: string; readonly address: Address }
  | { readonly userId: string; readonly code: StatusCode };

export class People {
  readonly #surroundings: ImpsSurroundings;
  readonly #watching: Watching;

  constructor(surroundings: ImpsSurroundings, watching: Watching) {
    this.#surroundings = surroundings;
    this.#watching = watching;
  }

  get handlers(): Handlers {
    return {
      'UpdatePresence-Request': (request) => this.#update(request),
      'GetPresence-Request': (request) => this.#get(request),
      'SubscribePresence-Request': (request) => this.#subscribe(request),
      'UnsubscribePresence-Request': (request) => this.#unsubscribe(request),
      'GetBlockedList-Request': (request) => this.#blocked(request),
      'BlockEntity-Request': (request) => this.#block(request),
    };
  }

  async #update({ session, value }: ServiceRequest<'UpdatePresence-Request'>): Promise<Primitive> {
    const words = wordsOfAttributes(value.subList);
    if (!words.ok) return makeStatus(words.error.code, words.error.words);
    if (words.value.size === 0) return makeStatus(200);
    const { presence, clock } = this.#surroundings;
    const expiresAt = clock.wall() + standingMsDefault;
    const outcome = await presence.revise({ presentity: session.owner, words: words.value, expiresAt });
    return makeStatus(outcome.kind === 'published' ? 200 : 503);
  }

  async #get({ session, value }: ServiceRequest<'GetPresence-Request'>): Promise<Primitive> {
    const refusal = refusalOf(value);
    if (refusal !== undefined) return refusal;
    const standings = await this.#standingsOf(session.owner, value.users);
    const presence = standings.flatMap((standing) => {
      if ('code' in standing) return [];
      return [{ userId: standing.userId, subLists: [this.#shown(session.owner, standing.address, value.subList)] }];
    });
    return { name: 'GetPresence-Response', value: { result: resultOf(standings), presence } };
  }

  #shown(
    watcher: Address,
    presentity: Address,
    asked: readonly PresenceAttribute[] = [],
  ): readonly PresenceAttribute[] {
    const { presence } = this.#surroundings;
    const visible = presence.visiblePresence(presentity, watcher, presence.current(presentity));
    return attributesOfState(visible.state, namesOf(asked));
  }

  async #subscribe({ session, value }: ServiceRequest<'SubscribePresence-Request'>): Promise<Primitive> {
    if (value.contactLists.length > 0 && value.autoSubscribe === true) return makeStatus(760);
    const refusal = refusalOf(value);
    if (refusal !== undefined) return refusal;
    const standings = await this.#standingsOf(session.owner, value.users);
    let isFull = false;
    for (const standing of standings) {
      if ('code' in standing) continue;
      isFull ||= !this.#watching.add(session, standing.address, namesOf(value.subList ?? []));
    }
    if (isFull) return makeStatus(503, 'You watch too many already');
    return { name: 'Status', value: { result: resultOf(standings) } };
  }

  #unsubscribe({ session, value }: ServiceRequest<'UnsubscribePresence-Request'>): Primitive {
    const refusal = refusalOf(value);
    if (refusal !== undefined) return refusal;
    for (const { userId } of value.users) {
      const address = addressOf(userId, this.#surroundings.settings.domains);
      if (address.ok) this.#watching.remove(session, address.value);
    }
    return makeStatus(200);
  }

  async #standingsOf(watcher: Address, users: readonly { readonly userId: string }[]): Promise<readonly Standing[]> {
    const standings: Standing[] = [];
    for (const { userId } of users) standings.push(await this.#standingOf(watcher, userId));
    return standings;
  }

  /** Somebody who has blocked the watcher refuses; whoever is deceived politely is shown something. */
  async #standingOf(watcher: Address, userId: string): Promise<Standing> {
    const { directory, blocks, presence, settings } = this.#surroundings;
    const address = addressOf(userId, settings.domains);
    if (!address.ok) return { userId, code: 531 };
    const presentity = address.value;
    const standing = await directory.lookUp(presentity);
    if (standing !== 'known') return { userId, code: standing === 'unknown' ? 531 : 516 };
    if (presentity === watcher) return { userId, address: presentity };
    const isBlocked = (await blocks.hasBlocked(presentity, watcher)) && settings.blockedAnswer === 'refuse';
    if (isBlocked || presence.visibility(presentity, watcher).handling === 'block') return { userId, code: 532 };
    return { userId, address: presentity };
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
    if (changes.length > usersMax) return makeStatus(402, `There are more than ${usersMax} users`);
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

type Named = Pick<PrimitiveValue<'GetPresence-Request'>, 'users' | 'contactLists'>;

function refusalOf({ users, contactLists }: Named): Primitive | undefined {
  if (contactLists.length > 0) return makeStatus(700);
  if (users.length === 0) return makeStatus(402, 'No user is named');
  return users.length > usersMax ? makeStatus(402, `There are more than ${usersMax} users`) : undefined;
}

function namesOf(asked: readonly PresenceAttribute[]): readonly string[] | 'all' {
  return asked.length === 0 ? 'all' : asked.map(({ name }) => name);
}

/** 200 when all could be done, one code when all failed alike, else what failed in details. */
function resultOf(standings: readonly Standing[]): CspResult {
  const failed = new Map<StatusCode, string[]>();
  for (const standing of standings) {
    if (!('code' in standing)) continue;
    failed.set(standing.code, [...(failed.get(standing.code) ?? []), standing.userId]);
  }
  const codes = [...failed.keys()];
  const isAnyDone = standings.some((standing) => 'address' in standing);
  if (codes[0] === undefined) return makeResult(200);
  if (codes.length === 1 && !isAnyDone) return makeResult(codes[0]);
  const names = { groupIds: [], screenNames: [], messageIds: [], contactLists: [], domains: [] };
  const details = codes.map((code) => ({
    ...names,
    code,
    description: statusWords[code],
    userIds: failed.get(code) ?? [],
  }));
  return { ...makeResult(isAnyDone ? 201 : 900), details };
}
