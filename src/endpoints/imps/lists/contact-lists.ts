/** Lists of contacts as clients manage them: get, create, delete, and change one. */
import type { Primitive, PrimitiveValue } from '../../../imps/primitives/primitive.ts';
import type { Contact } from '../../../imps/primitives/presence-primitives.ts';
import { makeResult, makeStatus } from '../../../imps/primitives/results.ts';
import type { Address } from '../../../model/address.ts';
import type { Handlers } from '../services/service.ts';
import { addressOf, userIdOf } from '../words/user-ids.ts';
import {
  type ContactBook,
  type ContactList,
  formatListName,
  type KeptContact,
  listNameCharactersMax,
  parseListName,
} from './contact-book.ts';
import { ImpsRefusal, orStatus } from './refusal.ts';

export class ContactLists {
  readonly #book: ContactBook;
  readonly #domains: readonly string[];

  constructor(book: ContactBook, domains: readonly string[]) {
    this.#book = book;
    this.#domains = domains;
  }

  get handlers(): Handlers {
    return {
      'GetList-Request': ({ session }) => this.#get(session.owner),
      'CreateList-Request': ({ session, value }) => orStatus(() => this.#create(session.owner, value)),
      'DeleteList-Request': ({ session, value }) => orStatus(() => this.#delete(session.owner, value)),
      'ListManage-Request': ({ session, value }) => orStatus(() => this.#manage(session.owner, value)),
    };
  }

  async #get(owner: Address): Promise<Primitive> {
    const lists = await this.#book.of(owner);
    const nameOf = ({ name }: ContactList): string => formatListName(owner, name);
    const chosen = lists.find(({ isDefault }) => isDefault);
    return {
      name: 'GetList-Response',
      value: {
        contactLists: lists.filter((list) => list !== chosen).map(nameOf),
        ...(chosen === undefined ? {} : { defaultContactList: nameOf(chosen) }),
      },
    };
  }

  async #create(owner: Address, value: PrimitiveValue<'CreateList-Request'>): Promise<Primitive> {
    const name = listNameOf(owner, value.contactList);
    const contacts = this.#contactsOf(value.nickList ?? []);
    await this.#book.change(owner, name, (old) => {
      if (old !== undefined) throw new ImpsRefusal(701);
      return withProperties({ name, isDefault: false, contacts }, value.properties);
    });
    return makeStatus(200);
  }

  async #delete(owner: Address, { contactList }: PrimitiveValue<'DeleteList-Request'>): Promise<Primitive> {
    await this.#book.change(owner, listNameOf(owner, contactList), (old) => {
      if (old === undefined) throw new ImpsRefusal(700);
      return undefined;
    });
    return makeStatus(200);
  }

  async #manage(owner: Address, value: PrimitiveValue<'ListManage-Request'>): Promise<Primitive> {
    const { contactList, addNickList, removeNickList, properties, receiveList } = value;
    const name = listNameOf(owner, contactList);
    const isChange = addNickList !== undefined || removeNickList !== undefined || properties !== undefined;
    const added = this.#contactsOf(addNickList ?? []);
    const removed = new Set((removeNickList?.userIds ?? []).map((userId) => this.#addressOf(userId)));
    const list = isChange
      ? await this.#book.change(owner, name, (old) => {
          if (old === undefined) throw new ImpsRefusal(700);
          return withProperties({ ...old, contacts: merge(old.contacts, added, removed) }, properties);
        })
      : await this.#book.find(owner, contactList);
    if (list === undefined || (isChange && receiveList === false)) {
      return { name: 'ListManage-Response', value: { result: makeResult(200) } };
    }
    return {
      name: 'ListManage-Response',
      value: {
        result: makeResult(200),
        nickList: list.contacts.map(({ address, name: nick = '' }) => ({ userId: userIdOf(address), name: nick })),
        properties: { properties: propertiesOf(list) },
      },
    };
  }

  #contactsOf(nickList: readonly Contact[]): readonly KeptContact[] {
    return nickList.map(({ userId, name }) => ({
      address: this.#addressOf(userId),
      ...(name === undefined || name === '' ? {} : { name }),
    }));
  }

  #addressOf(userId: string): Address {
    const address = addressOf(userId, this.#domains);
    if (!address.ok) throw new ImpsRefusal(531, `Unknown user: ${userId.slice(0, listNameCharactersMax)}`);
    return address.value;
  }
}

function listNameOf(owner: Address, text: string): string {
  const name = parseListName(text, owner);
  if (name === undefined) throw new ImpsRefusal(700, 'That is no contact list of yours');
  return name;
}

/** Each contact once, as it was named last; who is removed goes. */
function merge(
  old: readonly KeptContact[],
  added: readonly KeptContact[],
  removed: ReadonlySet<Address>,
): readonly KeptContact[] {
  const contacts = new Map(old.map((contact) => [contact.address, contact]));
  for (const contact of added) contacts.set(contact.address, contact);
  for (const address of removed) contacts.delete(address);
  return [...contacts.values()];
}

type Properties = PrimitiveValue<'CreateList-Request'>['properties'];

function withProperties(list: ContactList, properties: Properties): ContactList {
  let changed = { ...list, contacts: merge(list.contacts, [], new Set()) };
  for (const { name, value = '' } of properties?.properties ?? []) {
    if (name === 'DisplayName') changed = { ...changed, displayName: value };
    // A list stays the default until another one becomes it.
    else if (name === 'Default' && /^[tf]$/i.test(value)) {
      changed = { ...changed, isDefault: changed.isDefault || /^t/i.test(value) };
    } else if (name === 'Default') throw new ImpsRefusal(752, 'Default is T or F');
    else throw new ImpsRefusal(752, `${name} is no property of a contact list`);
  }
  return changed;
}

function propertiesOf({ displayName, name, isDefault }: ContactList) {
  return [
    { name: 'DisplayName', value: displayName ?? name },
    { name: 'Default', value: isDefault ? 'T' : 'F' },
  ];
}
