/**
 * Who may see what, as clients say it: attribute lists given beforehand, answers to those who ask, and who watches. All of it
 * is the list of rules that every other protocol changes too.
 */
import { err, ok, type Result } from '../../../base/result.ts';
import type { PresenceAttribute } from '../../../imps/primitives/presence-attributes.ts';
import type { Primitive, PrimitiveValue } from '../../../imps/primitives/primitive.ts';
import { makeResult, makeStatus } from '../../../imps/primitives/results.ts';
import type { Address } from '../../../model/address.ts';
import type { AttributeName } from '../../../model/presence-state.ts';
import type { WatcherRule } from '../../../model/watcher-rule.ts';
import { allowAttributes, decideWatcher, disallowAttributes, usualAttributes } from '../../../presence/rule-edits.ts';
import type { ImpsSurroundings } from '../imps-surroundings.ts';
import { attributeOf, namesOfAttributes } from '../words/presence-words.ts';
import { addressOf, userIdOf } from '../words/user-ids.ts';
import { usersMax } from './people.ts';
import type { Handlers, ServiceRequest } from './service.ts';

type Edit = (rules: readonly WatcherRule[]) => readonly WatcherRule[];

export class Authorisation {
  readonly #surroundings: ImpsSurroundings;

  constructor(surroundings: ImpsSurroundings) {
    this.#surroundings = surroundings;
  }

  get handlers(): Handlers {
    return {
      'CreateAttributeList-Request': (request) => this.#create(request),
      'DeleteAttributeList-Request': (request) => this.#delete(request),
      'GetAttributeList-Request': (request) => this.#list(request),
      'PresenceAuth-User': (request) => this.#decide(request),
      'CancelAuth-Request': (request) => this.#cancel(request),
      'GetReactiveAuthStatus-Request': (request) => this.#statuses(request),
      'GetWatcherList-Request': (request) => this.#watchers(request),
    };
  }

  /** What was allowed to them before makes way for it. */
  async #create({ session, value }: ServiceRequest<'CreateAttributeList-Request'>): Promise<Primitive> {
    const attributes = modelNames(value.subList);
    if (!attributes.ok) return makeStatus(750, attributes.error);
    const named = this.#watchersIn(value);
    if (!named.ok) return named.error;
    return this.#change(session.owner, (rules) =>
      named.value.reduce<readonly WatcherRule[]>((before, watcher) => {
        const emptied = takenFrom(before, watcher);
        return attributes.value.length === 0 ? emptied : allowAttributes(emptied, watcher, attributes.value);
      }, rules),
    );
  }

  async #delete({ session, value }: ServiceRequest<'DeleteAttributeList-Request'>): Promise<Primitive> {
    const named = this.#watchersIn(value);
    if (!named.ok) return named.error;
    return this.#change(session.owner, (rules) => named.value.reduce(takenFrom, rules));
  }

  /** Of those who are named, or of everybody who has one. */
  #list({ session, value }: ServiceRequest<'GetAttributeList-Request'>): Primitive {
    const rules = this.#surroundings.presence.rulesOf(session.owner).filter(({ action }) => action === 'allow');
    const userIds = [...value.userIds, ...value.users.map(({ userId }) => userId)];
    const named = this.#watchersIn({ userIds, contactLists: value.contactLists, defaultList: false, mayBeNone: true });
    if (!named.ok) return named.error;
    const everybody = rules.flatMap(({ watchers }) => (watchers === '*' ? [] : watchers));
    const isAll = named.value.length === 0 && !value.defaultList;
    const shown = isAll
      ? [...new Set(everybody)].slice(0, usersMax)
      : named.value.flatMap((one) => (one === '*' ? [] : one));
    const presence = shown.map((watcher) => ({
      userId: userIdOf(watcher),
      subLists: [listFor(rules, watcher)],
    }));
    const isDefaultShown = value.defaultList || isAll;
    const general = isDefaultShown ? { defaultAttributeList: { subLists: [listFor(rules, '*')] } } : {};
    return { name: 'GetAttributeList-Response', value: { result: makeResult(200), ...general, presence } };
  }

  async #decide({ session, value }: ServiceRequest<'PresenceAuth-User'>): Promise<Primitive> {
    const { settings } = this.#surroundings;
    const watcher = addressOf(value.userId, settings.domains);
    if (!watcher.ok) return makeStatus(531);
    const asked = modelNames(value.subList ?? []);
    if (!asked.ok) return makeStatus(750, asked.error);
    const granted = asked.value.length > 0 ? asked.value : usualAttributes(settings.visibleByDefault);
    const allowed = value.acceptance ? granted : 'nothing';
    return this.#change(session.owner, (rules) => decideWatcher(rules, watcher.value, allowed));
  }

  async #cancel({ session, value }: ServiceRequest<'CancelAuth-Request'>): Promise<Primitive> {
    const watcher = addressOf(value.userId, this.#surroundings.settings.domains);
    if (!watcher.ok) return makeStatus(531);
    return this.#change(session.owner, (rules) => takenFrom(rules, watcher.value));
  }

  #statuses({ session, value }: ServiceRequest<'GetReactiveAuthStatus-Request'>): Primitive {
    const { presence, watchers, settings } = this.#surroundings;
    const states = new Map<Address, 'GRANTED' | 'DENIED' | 'PENDING'>();
    for (const rule of presence.rulesOf(session.owner)) {
      if (rule.watchers === '*') continue;
      for (const watcher of rule.watchers) {
        if (rule.action === 'allow' && !states.has(watcher)) states.set(watcher, 'GRANTED');
        if (rule.action.endsWith('block')) states.set(watcher, 'DENIED');
      }
    }
    for (const watcher of watchers.pendingFor(session.owner)) states.set(watcher, 'PENDING');
    const wanted = value.userIds.flatMap((userId) => {
      const address = addressOf(userId, settings.domains);
      return address.ok ? [address.value] : [];
    });
    const shown = value.userIds.length === 0 ? [...states.keys()].slice(0, usersMax) : wanted;
    const statuses = shown.flatMap((watcher) => {
      const state = states.get(watcher);
      return state === undefined ? [] : [{ userId: userIdOf(watcher), state }];
    });
    return { name: 'GetReactiveAuthStatus-Response', value: { list: { statuses } } };
  }

  #watchers({ session, value }: ServiceRequest<'GetWatcherList-Request'>): Primitive {
    const active = this.#surroundings.watchers.watchersOf(session.owner).filter(({ status }) => status === 'active');
    const limit = Math.min(value.maxWatcherList ?? usersMax, usersMax);
    const users = [...new Set(active.map(({ address }) => address))].slice(0, limit);
    const named = users.map((address) => ({ userId: userIdOf(address) }));
    const watchers = named.map((user) => ({ user, status: 'CURRENT_SUBSCRIBER' as const }));
    return { name: 'GetWatcherList-Response', value: { users: named, watchers } };
  }

  #watchersIn(request: Named): Result<readonly (Address | '*')[], Primitive> {
    const { userIds, contactLists, defaultList, mayBeNone = false } = request;
    if (contactLists.length > 0) return err(makeStatus(700));
    if (userIds.length > usersMax) return err(makeStatus(402, `There are more than ${usersMax} users`));
    const watchers: (Address | '*')[] = defaultList ? ['*'] : [];
    for (const userId of userIds) {
      const address = addressOf(userId, this.#surroundings.settings.domains);
      if (!address.ok) return err(makeStatus(531, `${userId.slice(0, 60)} is no user`));
      watchers.push(address.value);
    }
    return watchers.length === 0 && !mayBeNone ? err(makeStatus(402, 'Nobody is named')) : ok(watchers);
  }

  async #change(owner: Address, edit: Edit): Promise<Primitive> {
    const { outcome } = await this.#surroundings.presence.changeRules(owner, edit);
    if (outcome.kind === 'too-many') return makeStatus(755);
    return makeStatus(outcome.kind === 'changed' || outcome.kind === 'unchanged' ? 200 : 503);
  }
}

type Named = Pick<PrimitiveValue<'DeleteAttributeList-Request'>, 'userIds' | 'contactLists' | 'defaultList'> & {
  readonly mayBeNone?: boolean;
};

function modelNames(list: readonly PresenceAttribute[]): Result<readonly AttributeName[], string> {
  const names: AttributeName[] = [];
  for (const { name } of list) {
    const attribute = attributeOf(name);
    if (attribute === undefined) return err(`${name.slice(0, 40)} is no presence attribute`);
    names.push(attribute);
  }
  return ok(names);
}

/** All of it, which is always possible. */
function takenFrom(rules: readonly WatcherRule[], watcher: Address | '*'): readonly WatcherRule[] {
  const rest = disallowAttributes(rules, watcher, '*');
  return rest.ok ? rest.value : rules;
}

/** Without values: names alone. */
function listFor(rules: readonly WatcherRule[], watcher: Address | '*'): readonly PresenceAttribute[] {
  const own = rules.filter(({ watchers }) =>
    watchers === '*' ? watcher === '*' : watcher !== '*' && watchers.includes(watcher),
  );
  const isAll = own.some(({ attributes }) => attributes === '*');
  const names = own.flatMap(({ attributes }) => (attributes === '*' ? [] : attributes));
  return namesOfAttributes(isAll ? '*' : names).map((name) => ({ name }));
}
