/**
 * Lists of contacts, which their owner keeps on the server: one document of each owner, changed only over what was read. Who
 * may see what because of a list is not said here.
 */
import { type Address, domainOf, userOf } from '../../../model/address.ts';
import type { AttributeName } from '../../../model/presence-state.ts';
import type { ListDocuments } from '../ports.ts';
import { ImpsRefusal } from './refusal.ts';

/** Of one owner. */
export const contactListsMax = 32;
/** In all lists of one owner. */
export const contactsMax = 1_000;
/** Of a name of a list, and of what is shown of it or of a contact. */
export const listNameCharactersMax = 50;
/** How often a change is made anew because the document is another by then. */
const triesMax = 100;

export interface KeptContact {
  readonly address: Address;
  /** As the owner calls them. */
  readonly name?: string;
}

export interface ContactList {
  /** Without user and domain, in lower case; no two of an owner have the same. */
  readonly name: string;
  readonly displayName?: string;
  /** One of them, where there are any. */
  readonly isDefault: boolean;
  readonly contacts: readonly KeptContact[];
  /** What its members may see, for as long as it has none; otherwise a rule says so. */
  readonly shown?: readonly AttributeName[] | '*';
}

/** What became of a list. */
export interface ListChanged {
  readonly name: string;
  readonly isGone: boolean;
  readonly joined: readonly Address[];
  readonly left: readonly Address[];
}

export type ListListener = (owner: Address, change: ListChanged) => void | Promise<void>;

export class ContactBook {
  readonly #documents: ListDocuments;
  readonly #listeners: ListListener[] = [];

  constructor(documents: ListDocuments) {
    this.#documents = documents;
  }

  onChanged(listener: ListListener): void {
    this.#listeners.push(listener);
  }

  /** Rejects with `StoreFault`, like the others. */
  async of(owner: Address): Promise<readonly ContactList[]> {
    return parseLists(await this.#documents.read(placeOf(owner)));
  }

  /** By the name that a client writes, `wv:tom/friends@example.com`. Throws `ImpsRefusal`. */
  async find(owner: Address, text: string): Promise<ContactList> {
    const name = parseListName(text, owner);
    const list = (await this.of(owner)).find((each) => each.name === name);
    if (list === undefined) throw new ImpsRefusal(700);
    return list;
  }

  /** Durable when it resolves, with the list that `edit` made, if any. What `edit` throws is thrown. */
  async change(
    owner: Address,
    name: string,
    edit: (list: ContactList | undefined) => ContactList | undefined,
  ): Promise<ContactList | undefined> {
    const place = placeOf(owner);
    for (let tries = 1; tries <= triesMax; tries += 1) {
      const before = await this.#documents.read(place);
      const lists = parseLists(before);
      const old = lists.find((each) => each.name === name);
      const edited = edit(old);
      const next = withDefault(replaceList(lists, old, edited), edited);
      if (next.length > contactListsMax) throw new ImpsRefusal(753);
      if (countOf(next) > contactsMax && countOf(next) > countOf(lists)) throw new ImpsRefusal(754);
      const after = next.length === 0 ? undefined : JSON.stringify(next);
      const outcome = after === before ? 'written' : await this.#documents.write(place, { before, after });
      if (outcome === 'full') throw new ImpsRefusal(753);
      if (outcome === 'outdated') continue;
      await this.#tell(owner, changeOf(name, old, edited));
      return next.find((each) => each.name === name);
    }
    throw new ImpsRefusal(503);
  }

  async #tell(owner: Address, change: ListChanged): Promise<void> {
    for (const listener of this.#listeners) await listener(owner, change);
  }
}

/** Undefined for what is no list of this owner. */
export function parseListName(text: string, owner: Address): string | undefined {
  const bare = text.trim().replace(/^wv:/i, '');
  const [, user = '', name = '', domain] = /^([^/@]*)\/([^/@]+)(?:@(.*))?$/.exec(bare) ?? [];
  if (name === '' || name.length > listNameCharactersMax) return undefined;
  if (user !== '' && user.toLowerCase() !== userOf(owner)) return undefined;
  if (domain !== undefined && domain.toLowerCase() !== domainOf(owner)) return undefined;
  return name.toLowerCase();
}

export function formatListName(owner: Address, name: string): string {
  return `wv:${userOf(owner)}/${name}@${domainOf(owner)}`;
}

function changeOf(name: string, old: ContactList | undefined, edited: ContactList | undefined): ListChanged {
  const before = new Set(old?.contacts.map(({ address }) => address));
  const after = new Set(edited?.contacts.map(({ address }) => address));
  return {
    name,
    isGone: edited === undefined,
    joined: [...after].filter((address) => !before.has(address)),
    left: [...before].filter((address) => !after.has(address)),
  };
}

function placeOf(owner: Address) {
  return { owner, application: 'imps-lists', name: 'index' };
}

function parseLists(text: string | undefined): readonly ContactList[] {
  return text === undefined ? [] : (JSON.parse(text) as ContactList[]);
}

function replaceList(
  lists: readonly ContactList[],
  old: ContactList | undefined,
  edited: ContactList | undefined,
): ContactList[] {
  if (edited === undefined) return lists.filter((each) => each !== old);
  return old === undefined ? [...lists, edited] : lists.map((each) => (each === old ? edited : each));
}

/** One of them is the default: the one that was made so last, else the one that was, else the first. */
function withDefault(lists: readonly ContactList[], edited: ContactList | undefined): ContactList[] {
  const chosen = edited?.isDefault === true ? edited : (lists.find(({ isDefault }) => isDefault) ?? lists[0]);
  return lists.map((each) => (each.isDefault === (each === chosen) ? each : { ...each, isDefault: each === chosen }));
}

function countOf(lists: readonly ContactList[]): number {
  return lists.reduce((sum, { contacts }) => sum + contacts.length, 0);
}
