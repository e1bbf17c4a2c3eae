/** Presence of oneself and of others, as it is now and as it changes. */
import type { Primitive, PrimitiveValue } from '../../../imps/primitives/primitive.ts';
import type { PresenceAttribute } from '../../../imps/primitives/presence-attributes.ts';
import { type CspResult, makeStatus } from '../../../imps/primitives/results.ts';
import type { StatusCode } from '../../../imps/status-codes.ts';
import type { Address } from '../../../model/address.ts';
import { standingMsDefault } from '../../../presence/publication/standing-words.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import { type ContactBook, type ContactList, parseListName } from '../lists/contact-book.ts';
import { ImpsRefusal, orStatus } from '../lists/refusal.ts';
import type { LiveSession } from '../session/live-session.ts';
import { attributesOfState, wordsOfAttributes } from '../words/presence-words.ts';
import { addressOf, userIdOf } from '../words/user-ids.ts';
import { type Failed, partialResult } from './partial-result.ts';
import type { Handlers, ServiceRequest } from './service.ts';
import type { Watching } from './watching.ts';

/** Users that are named in one request, with the members of lists. */
export const usersMax = 1_000;

/** Somebody who may be looked at, or why not. */
export type Standing =
  | { readonly userId: string; readonly address: Address }
  | { readonly userId: string; readonly code: StatusCode };

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
    const standings = await this.#standingsOf(session.owner, await this.#userIdsOf(session.owner, value));
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
    const { owner } = session;
    const standings = await this.#standingsOf(owner, await this.#userIdsOf(owner, value));
    const asked = namesOf(value.subList ?? []);
    let isFull = false;
    for (const standing of standings) {
      if ('code' in standing) continue;
      isFull ||= !this.#watching.add(session, standing.address, asked);
    }
    if (isFull) return makeStatus(503, 'You watch too many already');
    if (value.autoSubscribe === true) {
      const names = value.contactLists.map((text) => parseListName(text, owner) ?? '');
      session.details.watchedLists = [...new Set([...session.details.watchedLists, ...names])];
    }
    return { name: 'Status', value: { result: resultOf(standings) } };
  }

  async #unsubscribe({ session, value }: ServiceRequest<'UnsubscribePresence-Request'>): Promise<Primitive> {
    for (const userId of await this.#userIdsOf(session.owner, value)) {
      const address = addressOf(userId, this.#surroundings.settings.domains);
      if (address.ok) this.#watching.remove(session, address.value);
    }
    const names = new Set(value.contactLists.map((text) => parseListName(text, session.owner)));
    session.details.watchedLists = session.details.watchedLists.filter((name) => !names.has(name));
    return makeStatus(200);
  }

  /** Who joined a list that a session watches is watched from then on, who left it is not. */
  listChanged(session: LiveSession, list: ContactList): void {
    if (!session.details.watchedLists.includes(list.name)) return;
    for (const { address } of list.contacts) {
      if (!session.details.watched.some((watched) => watched.address === address)) {
        this.#watching.add(session, address, 'all');
      }
    }
  }

  /** With the members of lists, each once. Throws `ImpsRefusal`. */
  async #userIdsOf(owner: Address, { users, contactLists }: Named): Promise<readonly string[]> {
    const userIds = new Set(users.map(({ userId }) => userId));
    for (const text of contactLists) {
      const { contacts } = await this.#contacts.find(owner, text);
      for (const { address } of contacts) userIds.add(userIdOf(address));
    }
    if (users.length === 0 && contactLists.length === 0) throw new ImpsRefusal(402, 'No user is named');
    if (userIds.size > usersMax) throw new ImpsRefusal(402, `There are more than ${usersMax} users`);
    return [...userIds];
  }

  async #standingsOf(watcher: Address, userIds: readonly string[]): Promise<readonly Standing[]> {
    const standings: Standing[] = [];
    for (const userId of userIds) standings.push(await this.#standingOf(watcher, userId));
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
}

type Named = Pick<PrimitiveValue<'GetPresence-Request'>, 'users' | 'contactLists'>;

function namesOf(asked: readonly PresenceAttribute[]): readonly string[] | 'all' {
  return asked.length === 0 ? 'all' : asked.map(({ name }) => name);
}

function resultOf(standings: readonly Standing[]): CspResult {
  const failed = standings.flatMap((standing): Failed[] => ('code' in standing ? [standing] : []));
  return partialResult(failed, failed.length < standings.length);
}
