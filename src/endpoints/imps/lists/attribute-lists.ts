/**
 * Attribute lists: which attributes a user, the members of a contact list, or everybody may see. Each is an allow rule of the
 * owner's watcher rules, so it holds for every protocol, and what several of them allow unites.
 */
import type { PresenceAttribute } from '../../../imps/primitives/presence-attributes.ts';
import type { Primitive, PrimitiveValue } from '../../../imps/primitives/primitive.ts';
import { makeResult, makeStatus } from '../../../imps/primitives/results.ts';
import type { Address } from '../../../model/address.ts';
import type { AttributeName } from '../../../model/presence-state.ts';
import { isPlainRule, type WatcherRule } from '../../../model/watcher-rule.ts';
import type { PresenceService } from '../../../presence/presence-service.ts';
import type { Handlers } from '../services/service.ts';
import { attributeOf, namesOfAttributes } from '../words/presence-words.ts';
import { addressOf, userIdOf } from '../words/user-ids.ts';
import { type ContactBook, type ContactList, formatListName, type ListChanged } from './contact-book.ts';
import { ImpsRefusal, orStatus } from './refusal.ts';

/** Users and lists that one request names. */
export const attributeListSubjectsMax = 200;

type Attributes = WatcherRule['attributes'];

/** Of whom an attribute list is: one user, everybody, or a contact list by its name. */
type Subject =
  | { readonly kind: 'user'; readonly address: Address }
  | { readonly kind: 'default' }
  | { readonly kind: 'list'; readonly list: ContactList };

export class AttributeLists {
  readonly #presence: PresenceService;
  readonly #book: ContactBook;
  readonly #domains: readonly string[];

  constructor(presence: PresenceService, book: ContactBook, domains: readonly string[]) {
    this.#presence = presence;
    this.#book = book;
    this.#domains = domains;
    book.onChanged((owner, change) => this.#listChanged(owner, change));
  }

  get handlers(): Handlers {
    return {
      'CreateAttributeList-Request': ({ session, value }) => orStatus(() => this.#create(session.owner, value)),
      'DeleteAttributeList-Request': ({ session, value }) => orStatus(() => this.#delete(session.owner, value)),
      'GetAttributeList-Request': ({ session, value }) => orStatus(() => this.#get(session.owner, value)),
    };
  }

  async #create(owner: Address, value: PrimitiveValue<'CreateAttributeList-Request'>): Promise<Primitive> {
    const attributes = attributesOf(value.subList);
    const subjects = await this.#subjectsOf(owner, value);
    await this.#set(owner, subjects, attributes);
    return makeStatus(200);
  }

  async #delete(owner: Address, value: PrimitiveValue<'DeleteAttributeList-Request'>): Promise<Primitive> {
    const subjects = await this.#subjectsOf(owner, value);
    await this.#set(owner, subjects, []);
    return makeStatus(200);
  }

  /** A list without members has no rule, since a rule is for somebody. */
  async #set(owner: Address, subjects: readonly Subject[], attributes: readonly AttributeName[]): Promise<void> {
    const isEmpty = (subject: Subject): boolean => subject.kind === 'list' && subject.list.contacts.length === 0;
    const filled = attributes.length === 0 ? [] : subjects.filter((subject) => !isEmpty(subject));
    await this.#change(owner, (rules) => {
      const others = rules.filter((rule) => !subjects.some((subject) => isOf(rule, subject)));
      return [...others, ...filled.map((subject) => ruleOf(subject, attributes))];
    });
    for (const subject of subjects) {
      if (subject.kind !== 'list') continue;
      await this.#remember(
        owner,
        subject.list.name,
        isEmpty(subject) && attributes.length > 0 ? attributes : undefined,
      );
    }
  }

  async #remember(owner: Address, name: string, shown: Attributes | undefined): Promise<void> {
    await this.#book.change(owner, name, (list) => {
      if (list === undefined || list.shown === shown) return list;
      const { shown: _before, ...rest } = list;
      return shown === undefined ? rest : { ...rest, shown };
    });
  }

  /** Without any name all of them. */
  async #get(owner: Address, value: PrimitiveValue<'GetAttributeList-Request'>): Promise<Primitive> {
    const userIds = [...value.userIds, ...value.users.map(({ userId }) => userId)];
    const isAll = !value.defaultList && userIds.length === 0 && value.contactLists.length === 0;
    const rules = this.#presence.rulesOf(owner);
    const subjects = isAll ? await this.#allOf(owner, rules) : await this.#subjectsOf(owner, { ...value, userIds });
    const presence: PrimitiveValue<'GetAttributeList-Response'>['presence'][number][] = [];
    let shown: readonly PresenceAttribute[] | undefined;
    for (const subject of subjects) {
      const attributes = rules.find((each) => isOf(each, subject))?.attributes ?? rememberedIn(subject);
      const subLists = attributes === undefined ? [] : [namesOf(attributes)];
      if (subject.kind === 'default') shown = subLists[0];
      else if (subject.kind === 'user') presence.push({ userId: userIdOf(subject.address), subLists });
      else presence.push({ contactList: formatListName(owner, subject.list.name), subLists });
    }
    return {
      name: 'GetAttributeList-Response',
      value: {
        result: makeResult(200),
        ...(shown === undefined ? {} : { defaultAttributeList: { subLists: [shown] } }),
        presence,
      },
    };
  }

  async #allOf(owner: Address, rules: readonly WatcherRule[]): Promise<readonly Subject[]> {
    const lists = (await this.#book.of(owner)).map((list): Subject => ({ kind: 'list', list }));
    const users = rules.flatMap((rule): Subject[] => {
      const [address] = rule.watchers === '*' ? [] : rule.watchers;
      return address !== undefined && isOf(rule, { kind: 'user', address }) ? [{ kind: 'user', address }] : [];
    });
    const kept = lists.filter(
      (subject) => rememberedIn(subject) !== undefined || rules.some((rule) => isOf(rule, subject)),
    );
    return [{ kind: 'default' }, ...users, ...kept];
  }

  async #subjectsOf(
    owner: Address,
    { userIds, contactLists, defaultList }: Omit<PrimitiveValue<'DeleteAttributeList-Request'>, never>,
  ): Promise<readonly Subject[]> {
    if (userIds.length + contactLists.length > attributeListSubjectsMax) {
      throw new ImpsRefusal(402, `There are more than ${attributeListSubjectsMax} users and lists`);
    }
    const subjects: Subject[] = userIds.map((userId) => {
      const address = addressOf(userId, this.#domains);
      if (!address.ok) throw new ImpsRefusal(531, `Unknown user: ${userId.slice(0, 50)}`);
      return { kind: 'user', address: address.value };
    });
    for (const text of contactLists) subjects.push({ kind: 'list', list: await this.#book.find(owner, text) });
    if (defaultList) subjects.push({ kind: 'default' });
    if (subjects.length === 0) throw new ImpsRefusal(402, 'Nobody is named');
    return subjects;
  }

  /** Who joins sees what the members may, from that moment on. */
  async #listChanged(owner: Address, { name, isGone, joined, left }: ListChanged): Promise<void> {
    if (joined.length === 0 && left.length === 0 && !isGone) return;
    const rule = this.#presence.rulesOf(owner).find(({ id }) => id === ruleIdOf(name));
    if (rule === undefined) return this.#filled(owner, name, joined);
    // A person made something else of it.
    if (!isGone && (rule.action !== 'allow' || rule.watchers === '*')) return;
    const isEmpty = membersAfter(rule, joined, left).length === 0 && isPlainRule(rule);
    if (isEmpty && !isGone) await this.#remember(owner, name, rule.attributes);
    await this.#change(owner, (rules) =>
      rules.flatMap((each) => {
        if (each.id !== ruleIdOf(name)) return [each];
        return isEmpty || isGone ? [] : [{ ...each, watchers: membersAfter(each, joined, left) }];
      }),
    );
  }

  /** Somebody joins a list that had no members. */
  async #filled(owner: Address, name: string, joined: readonly Address[]): Promise<void> {
    if (joined.length === 0) return;
    const list = (await this.#book.of(owner)).find((each) => each.name === name);
    if (list?.shown === undefined) return;
    const rule = ruleOf({ kind: 'list', list }, list.shown);
    await this.#change(owner, (rules) => [...rules.filter(({ id }) => id !== rule.id), rule]);
    await this.#remember(owner, name, undefined);
  }

  async #change(owner: Address, edit: (rules: readonly WatcherRule[]) => readonly WatcherRule[]): Promise<void> {
    const { outcome } = await this.#presence.changeRules(owner, edit);
    if (outcome.kind === 'too-many') throw new ImpsRefusal(755);
    if (outcome.kind !== 'changed' && outcome.kind !== 'unchanged') throw new ImpsRefusal(503);
  }
}

function isOf(rule: WatcherRule, subject: Subject): boolean {
  // Of one owner's rules no two have the same id, whatever else was made of this one elsewhere.
  if (subject.kind === 'list') return rule.id === ruleIdOf(subject.list.name);
  if (rule.action !== 'allow' || !isPlainRule(rule)) return false;
  if (subject.kind === 'default') return rule.watchers === '*';
  return !isListRule(rule) && rule.watchers.length === 1 && rule.watchers[0] === subject.address;
}

function ruleOf(subject: Subject, attributes: Attributes): WatcherRule {
  switch (subject.kind) {
    case 'user':
      return { watchers: [subject.address], attributes, action: 'allow' };
    case 'default':
      return { watchers: '*', attributes, action: 'allow' };
    default: {
      const watchers = subject.list.contacts.map(({ address }) => address);
      return { watchers, attributes, action: 'allow', id: ruleIdOf(subject.list.name) };
    }
  }
}

/** Whoever was taken out of the rule by other means stays out. */
function membersAfter(
  { watchers }: WatcherRule,
  joined: readonly Address[],
  left: readonly Address[],
): readonly Address[] {
  const before = watchers === '*' ? [] : watchers;
  return [...new Set([...before, ...joined])].filter((address) => !left.includes(address));
}

function rememberedIn(subject: Subject): Attributes | undefined {
  return subject.kind === 'list' ? subject.list.shown : undefined;
}

const listRulePrefix = 'imps-list-';

/** A name in documents too: of what such a name cannot have, and of `_` itself, the octets in hexadecimal behind a `_`. */
function ruleIdOf(listName: string): string {
  const escaped = encodeURIComponent(listName).replaceAll(
    /[!~*'()_]/g,
    (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return listRulePrefix + escaped.replaceAll('%', '_');
}

function isListRule({ id }: WatcherRule): boolean {
  return id?.startsWith(listRulePrefix) === true;
}

/** Throws `ImpsRefusal` for what is no attribute. */
export function attributesOf(subList: readonly PresenceAttribute[]): readonly AttributeName[] {
  const attributes = subList.flatMap(({ name }) => {
    const attribute = attributeOf(name);
    if (attribute === undefined) throw new ImpsRefusal(750, `${name.slice(0, 40)} is no presence attribute`);
    return name === 'ClientInfo' ? [attribute, 'client-type'] : [attribute];
  });
  return [...new Set(attributes)];
}

/** As a list of names. */
export function namesOf(attributes: Attributes): readonly PresenceAttribute[] {
  return namesOfAttributes(attributes).map((name) => ({ name }));
}
