/** Presence of oneself and of others, as it is now and as it changes. */
import type { Primitive, PrimitiveValue } from '../../../imps/primitives/primitive.ts';
import type { PresenceAttribute } from '../../../imps/primitives/presence-attributes.ts';
import { type CspResult, makeStatus } from '../../../imps/primitives/results.ts';
import type { StatusCode } from '../../../imps/status-codes.ts';
import type { Address } from '../../../model/address.ts';
import { standingMsDefault } from '../../../presence/publication/standing-words.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import { type ContactBook, type ContactList, type ListChanged, parseListName } from '../lists/contact-book.ts';
import { ImpsRefusal, orStatus } from '../lists/refusal.ts';
import type { LiveSession } from '../session/live-session.ts';
import { attributesOfState, wordsOfAttributes } from '../words/presence-words.ts';
import { addressOf, userIdOf } from '../words/user-ids.ts';
import { type Failed, partialResult } from './partial-result.ts';
import type { Handlers, ServiceRequest } from './service.ts';
import type { Watching } from './watching.ts';

/** Users that are named in one request, with the members of lists. */
export const usersMax = 1_000;

/** Somebody who may be looked at, or has to be confirmed first (521), or why not. */
interface Standing {
  readonly userId: string;
  readonly address?: Address;
  readonly code?: StatusCode;
}

export class People {
  readonly #surroundings: ImpsSurroundings;
  readonly #watching: Watching;
  readonly #contacts: ContactBook;

  constructor(surroundings: ImpsSurroundings, watching: Watching, contacts: ContactBook) {
    this.#surroundings = surroundings;
    this.#watching = watching;
    this.#contacts = contacts;
  }

  get handlers(): Handlers {
    return {
      'UpdatePresence-Request': (request) => this.#update(request),
      'GetPresence-Request': (request) => orStatus(() => this.#get(request)),
      'SubscribePresence-Request': (request) => orStatus(() => this.#subscribe(request)),
      'UnsubscribePresence-Request': (request) => orStatus(() => this.#unsubscribe(request)),
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
    const { standings, ...resolved } = await this.#named(session.owner, value);
    const asked = namesOf(value.subList ?? []);
    const presence: PrimitiveValue<'GetPresence-Response'>['presence'][number][] = [];
    for (const { userId, address, code } of standings) {
      if (address === undefined) continue;
      if (code === undefined) presence.push({ userId, subLists: [this.#shown(session.owner, address, value.subList)] });
      else this.#watching.looked(session, address, asked);
    }
    return { name: 'GetPresence-Response', value: { result: resultOf(standings, resolved), presence } };
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
    const { standings, ...resolved } = await this.#named(session.owner, value);
    const asked = namesOf(value.subList ?? []);
    const isAuto = value.autoSubscribe === true;
    const results = standings.map((standing): Standing => {
      const { userId, address } = standing;
      if (address === undefined) return standing;
      const isListed = isAuto && !resolved.alone.has(address);
      return this.#watching.add(session, { address, asked, isListed }) ? standing : { userId, code: 503 };
    });
    if (isAuto) {
      const names = new Set(resolved.lists.map(({ name }) => name));
      const others = session.details.watchedLists.filter(({ name }) => !names.has(name));
      const added = [...names].map((name) => (asked === 'all' ? { name } : { name, asked }));
      session.details.watchedLists = [...others, ...added];
    }
    return { name: 'Status', value: { result: resultOf(results, resolved) } };
  }

  async #unsubscribe({ session, value }: ServiceRequest<'UnsubscribePresence-Request'>): Promise<Primitive> {
    const { users, lists, failed } = await this.#resolve(session.owner, value);
    for (const { address } of users) if (address !== undefined) this.#watching.remove(session, address);
    const names = new Set(lists.map(({ name }) => name));
    session.details.watchedLists = session.details.watchedLists.filter(({ name }) => !names.has(name));
    const unknown = users
      .filter(({ address }) => address === undefined)
      .map(({ userId }) => ({ userId, code: 531 as const }));
    const isAnyDone = users.length > unknown.length || lists.length > 0;
    return { name: 'Status', value: { result: partialResult([...unknown, ...failed], isAnyDone) } };
  }

  /**
   * Who joined a list that a session watches is watched from then on; who left it is not, unless for another reason. False where the
   * list is nothing to the session.
   */
  async listChanged(session: LiveSession, { name, isGone, joined, left }: ListChanged): Promise<boolean> {
    const { details, owner } = session;
    const watched = details.watchedLists.find((list) => list.name === name);
    if (watched === undefined) return false;
    if (isGone) details.watchedLists = details.watchedLists.filter((list) => list !== watched);
    for (const address of joined) {
      const { code } = await this.#standingOf(owner, userIdOf(address), address);
      const isWatched = details.watched.some((each) => each.address === address);
      const isThere = code === undefined || code === 521;
      if (isThere && !isWatched)
        this.#watching.add(session, { address, asked: watched.asked ?? 'all', isListed: true });
    }
    if (left.length === 0) return true;
    const listed = await this.#listedIn(owner, details.watchedLists);
    for (const address of left) {
      if (this.#watching.isWatchedAsListed(session, address) && !listed.has(address)) {
        this.#watching.remove(session, address);
      }
    }
    return true;
  }

  async #listedIn(owner: Address, watched: readonly { readonly name: string }[]): Promise<ReadonlySet<Address>> {
    const lists = (await this.#contacts.of(owner)).filter((list) => watched.some(({ name }) => name === list.name));
    return new Set(lists.flatMap(({ contacts }) => contacts.map(({ address }) => address)));
  }

  async #named(owner: Address, named: Named) {
    const resolved = await this.#resolve(owner, named);
    const standings: Standing[] = [];
    for (const { userId, address } of resolved.users) standings.push(await this.#standingOf(owner, userId, address));
    return { ...resolved, standings };
  }

  /** With the members of lists, each once; `alone`: who is named without a list. Throws `ImpsRefusal`. */
  async #resolve(owner: Address, { users, contactLists }: Named): Promise<Resolved> {
    if (users.length === 0 && contactLists.length === 0) throw new ImpsRefusal(402, 'No user is named');
    const found = new Map<string, { readonly userId: string; readonly address?: Address }>();
    const alone = new Set<Address>();
    for (const { userId } of users) {
      const address = addressOf(userId, this.#surroundings.settings.domains);
      if (address.ok) alone.add(address.value);
      const key = address.ok ? address.value : userId;
      if (!found.has(key)) found.set(key, address.ok ? { userId, address: address.value } : { userId });
    }
    const all = contactLists.length === 0 ? [] : await this.#contacts.of(owner);
    const failed: Failed[] = [];
    const lists: ContactList[] = [];
    for (const text of new Set(contactLists)) {
      const name = parseListName(text, owner);
      const list = all.find((each) => each.name === name);
      if (list === undefined) failed.push({ code: 700, contactList: text });
      else lists.push(list);
      for (const { address } of list?.contacts ?? []) {
        if (!found.has(address)) found.set(address, { userId: userIdOf(address), address });
      }
    }
    if (found.size > usersMax) throw new ImpsRefusal(402, `There are more than ${usersMax} users`);
    return { users: [...found.values()], lists, failed, alone };
  }

  /** Somebody who has blocked the watcher refuses; whoever is deceived politely is shown something. */
  async #standingOf(watcher: Address, userId: string, address: Address | undefined): Promise<Standing> {
    const { directory, blocks, presence, settings } = this.#surroundings;
    if (address === undefined) return { userId, code: 531 };
    const standing = await directory.lookUp(address);
    if (standing !== 'known') return { userId, code: standing === 'unknown' ? 531 : 516 };
    if (address === watcher) return { userId, address };
    const isBlocked = (await blocks.hasBlocked(address, watcher)) && settings.blockedAnswer === 'refuse';
    const { handling } = presence.visibility(address, watcher);
    if (isBlocked || handling === 'block') return { userId, code: 532 };
    return handling === 'confirm' ? { userId, address, code: 521 } : { userId, address };
  }
}

type Named = Pick<PrimitiveValue<'GetPresence-Request'>, 'users' | 'contactLists'>;

function namesOf(asked: readonly PresenceAttribute[]): readonly string[] | 'all' {
  return asked.length === 0 ? 'all' : asked.map(({ name }) => name);
}

interface Resolved {
  readonly users: readonly { readonly userId: string; readonly address?: Address }[];
  readonly lists: readonly ContactList[];
  readonly failed: readonly Failed[];
  readonly alone: ReadonlySet<Address>;
}

/** A list that is there is done, also without members. */
function resultOf(standings: readonly Standing[], { lists, failed }: Pick<Resolved, 'lists' | 'failed'>): CspResult {
  const others = standings.flatMap(({ userId, code }): Failed[] => (code === undefined ? [] : [{ userId, code }]));
  const isAnyDone = others.length < standings.length || lists.some(({ contacts }) => contacts.length === 0);
  return partialResult([...others, ...failed], isAnyDone);
}
