/**
 * Who watches, who asks to, and what the owner decides: the reactive authorisation of the CSP over the watcher rules and the
 * watchers of every protocol.
 */
import type { PresenceAttribute } from '../../../imps/primitives/presence-attributes.ts';
import type { Primitive, PrimitiveValue } from '../../../imps/primitives/primitive.ts';
import { makeStatus } from '../../../imps/primitives/results.ts';
import type { Address } from '../../../model/address.ts';
import { isPlainRule, type WatcherRule } from '../../../model/watcher-rule.ts';
import { decideWatcher, usualAttributes } from '../../../presence/rule-edits.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import type { Handlers } from '../services/service.ts';
import type { LiveSession } from '../session/live-session.ts';
import { hasAgreed, type ShownRequest } from '../session/session-details.ts';
import { attributeOf } from '../words/presence-words.ts';
import { addressOf, userIdOf } from '../words/user-ids.ts';
import { attributesOf, namesOf } from './attribute-lists.ts';
import { ImpsRefusal, orStatus } from './refusal.ts';

/** Of one answer. */
export const watchersShownMax = 1_000;
/** Lists that owners were shown and have not decided about; the oldest goes. */
export const askedListsMax = 10_000;

/** Requests that one session remembers to have been shown; the oldest may be shown again. */
export const shownRequestsMax = 1_000;

type Rooms = Pick<ImpsSurroundings, 'presence' | 'watchers' | 'settings'>;

/** The sessions of owners, and a way to make what one of them remembers durable. */
export interface OpenSessions {
  of(owner: Address): readonly LiveSession[];
  keep(session: LiveSession): Promise<void>;
}

export class Authorisation {
  readonly #rooms: Rooms;
  readonly #sessions: OpenSessions;
  /** By owner and watcher: what whoever answers without a list agrees to. */
  readonly #asked = new Map<string, readonly PresenceAttribute[]>();
  /** Requests that a client has not answered. */
  readonly #open = new WeakMap<LiveSession, Set<Address>>();

  constructor(rooms: Rooms, sessions: OpenSessions) {
    this.#rooms = rooms;
    this.#sessions = sessions;
  }

  get handlers(): Handlers {
    return {
      'PresenceAuth-User': ({ session, value }) => orStatus(() => this.#decide(session.owner, value)),
      'CancelAuth-Request': ({ session, value }) => orStatus(() => this.#cancel(session.owner, value)),
      'GetReactiveAuthStatus-Request': ({ session, value }) => orStatus(() => this.#statuses(session.owner, value)),
      'GetWatcherList-Request': ({ session, value }) => this.#watchers(session.owner, value),
    };
  }

  /**
   * A client is asked once, also by the next run of the server. `names`: what the watcher asks to see. Until it is decided, every
   * client of the owner is shown the same.
   */
  ask(session: LiveSession, watcher: Address, names: readonly string[] = []): void {
    const open = this.#open.get(session) ?? new Set<Address>();
    this.#open.set(session, open);
    const isShown = session.details.shownRequests?.some((shown) => shown.watcher === watcher) === true;
    if (open.has(watcher) || isShown || !this.#isUndecided(session.owner, watcher)) return;
    const subList = this.#subListFor(keyOf(session.owner, watcher), names);
    const value = { userId: userIdOf(watcher), ...(subList.length === 0 ? {} : { subList }) };
    open.add(watcher);
    const isWanted = (): boolean => this.#isUndecided(session.owner, watcher);
    const mayGo = (): boolean => isWanted() && hasAgreed(session.terms, 'REACT');
    const { end } = session.offer({ name: 'PresenceAuth-Request', value }, { mayGo });
    void end.then(({ kind }) => {
      open.delete(watcher);
      if (!isWanted()) this.#asked.delete(keyOf(session.owner, watcher));
      else if (kind === 'answered') this.#noteShown(session, { watcher, names: subList.map(({ name }) => name) });
    });
  }

  /** The session is one of an earlier run. */
  restored({ owner, details }: LiveSession): void {
    for (const { watcher, names = [] } of details.shownRequests ?? []) this.#subListFor(keyOf(owner, watcher), names);
  }

  /** What there is to decide may be decided, over any protocol; whoever asks then asks anew. */
  rulesChanged(owner: Address): void {
    for (const session of this.#sessions.of(owner)) {
      const { shownRequests = [] } = session.details;
      const undecided = shownRequests.filter(({ watcher }) => this.#isUndecided(owner, watcher));
      if (undecided.length === shownRequests.length) continue;
      for (const { watcher } of shownRequests)
        if (!this.#isUndecided(owner, watcher)) this.#asked.delete(keyOf(owner, watcher));
      session.details.shownRequests = undecided;
      void this.#sessions.keep(session);
    }
  }

  #noteShown(session: LiveSession, shown: ShownRequest): void {
    session.details.shownRequests = [...(session.details.shownRequests ?? []), shown].slice(-shownRequestsMax);
    void this.#sessions.keep(session);
  }

  #isUndecided(owner: Address, watcher: Address): boolean {
    return this.#rooms.presence.visibility(owner, watcher).handling === 'confirm';
  }

  #subListFor(key: string, names: readonly string[]): readonly PresenceAttribute[] {
    const known = names.filter((name) => attributeOf(name) !== undefined).map((name) => ({ name }));
    const subList = this.#asked.get(key) ?? known;
    if (subList.length === 0) return [];
    this.#asked.set(key, subList);
    const oldest = this.#asked.size > askedListsMax ? this.#asked.keys().next().value : undefined;
    if (oldest !== undefined) this.#asked.delete(oldest);
    return subList;
  }

  async #decide(owner: Address, value: PrimitiveValue<'PresenceAuth-User'>): Promise<Primitive> {
    const watcher = this.#addressOf(value.userId);
    const { visibleByDefault } = this.#rooms.settings;
    const { acceptance } = value;
    const key = keyOf(owner, watcher);
    const subList = value.subList?.length ? value.subList : (this.#asked.get(key) ?? []);
    const allowed = subList.length === 0 ? usualAttributes(visibleByDefault) : attributesOf(subList);
    const answer = await this.#change(owner, (rules) =>
      decideWatcher(rules, watcher, acceptance ? allowed : 'nothing'),
    );
    this.#asked.delete(key);
    return answer;
  }

  /** It is as if there had been no decision. */
  async #cancel(owner: Address, { userId }: PrimitiveValue<'CancelAuth-Request'>): Promise<Primitive> {
    const watcher = this.#addressOf(userId);
    return this.#change(owner, (rules) => rules.filter((rule) => decidedBy(rule) !== watcher));
  }

  async #statuses(owner: Address, value: PrimitiveValue<'GetReactiveAuthStatus-Request'>): Promise<Primitive> {
    const { presence, watchers } = this.#rooms;
    const asked = value.userIds.map((userId) => this.#addressOf(userId));
    const isAsked = (address: Address): boolean => asked.length === 0 || asked.includes(address);
    type Shown = PrimitiveValue<'GetReactiveAuthStatus-Response'>['list']['statuses'][number];
    const statuses = new Map<Address, Shown>();
    for (const rule of presence.rulesOf(owner)) {
      const watcher = decidedBy(rule);
      if (watcher === undefined || !isAsked(watcher)) continue;
      const isGranted = rule.action === 'allow';
      const subList = isGranted ? { subList: namesOf(rule.attributes) } : {};
      statuses.set(watcher, { userId: userIdOf(watcher), state: isGranted ? 'GRANTED' : 'DENIED', ...subList });
    }
    for (const watcher of watchers.pendingFor(owner)) {
      if (isAsked(watcher)) statuses.set(watcher, { userId: userIdOf(watcher), state: 'PENDING' });
    }
    const list = { statuses: [...statuses.values()].slice(0, watchersShownMax) };
    return { name: 'GetReactiveAuthStatus-Response', value: { list } };
  }

  #watchers(owner: Address, { maxWatcherList }: PrimitiveValue<'GetWatcherList-Request'>): Primitive {
    const active = this.#rooms.watchers.watchersOf(owner).filter(({ status }) => status === 'active');
    const addresses = [...new Set(active.map(({ address }) => address))];
    const shown = addresses.slice(0, Math.min(maxWatcherList ?? watchersShownMax, watchersShownMax));
    const users = shown.map((address) => ({ userId: userIdOf(address) }));
    const watchers = users.map((user) => ({ user, status: 'CURRENT_SUBSCRIBER' as const }));
    return { name: 'GetWatcherList-Response', value: { users, watchers } };
  }

  async #change(owner: Address, edit: (rules: readonly WatcherRule[]) => readonly WatcherRule[]): Promise<Primitive> {
    const { outcome } = await this.#rooms.presence.changeRules(owner, edit);
    if (outcome.kind === 'too-many') throw new ImpsRefusal(755, 'Too many rules');
    return makeStatus(outcome.kind === 'changed' || outcome.kind === 'unchanged' ? 200 : 503);
  }

  #addressOf(userId: string): Address {
    const address = addressOf(userId, this.#rooms.settings.domains);
    if (!address.ok) throw new ImpsRefusal(531);
    return address.value;
  }
}

function keyOf(owner: Address, watcher: Address): string {
  return `${owner} ${watcher}`;
}

/** Whom a rule is about, where it is about one watcher alone and nothing else. */
function decidedBy(rule: WatcherRule): Address | undefined {
  const isDecision = rule.action === 'allow' || rule.action === 'block' || rule.action === 'polite-block';
  if (!isDecision || !isPlainRule(rule) || rule.watchers === '*' || rule.watchers.length !== 1) return undefined;
  return rule.id === undefined ? rule.watchers[0] : undefined;
}
