/**
 * What happened to the contacts of addresses that somebody watches, numbered, so that each subscriber can be told what they
 * have not been told (RFC 3680 4.7, 5.2). Keeps nothing of an address that nobody watches, and decides nothing about who may.
 */
import type { Clock } from '../../../base/time/clock.ts';
import type {
  ContactEvent,
  RegistrationInfo,
  RegistrationRecord,
  RegistrationState,
} from '../../../formats/reginfo/registration-info.ts';
import { type Address, domainOf, userOf } from '../../../model/address.ts';
import { USER } from '../../../sip/message/grammar/characters.ts';
import { escapeUriText } from '../../../sip/message/uri/uri-escapes.ts';
import type { BindingsChange } from '../../../sip/registrar/location-service.ts';
import type { Binding } from '../../../sip/registrar/ports.ts';
import { fieldsOf, recordOf, type WatchedContact } from './contact-record.ts';

/** Contacts of one address that are gone and remembered; whoever was not told of an older one gets the whole state. */
export const goneContactsMax = 64;

export interface RegistrationBookPlan {
  readonly clock: Clock;
  readonly bindingsOf: (address: Address) => readonly Binding[];
}

/** A document, but for its version, and the mark to be shown for the next one. */
export interface RegistrationNews extends Omit<RegistrationInfo, 'version'> {
  readonly mark: number;
}

interface Page {
  /** Marks below this one, and above `last`, are of another process, or too old to add to. */
  first: number;
  last: number;
  readonly contacts: Map<string, WatchedContact>;
}

export class RegistrationBook {
  readonly #plan: RegistrationBookPlan;
  readonly #pages = new Map<Address, Page>();
  /** Above every number of the process before, so that no mark of then is taken for one of now. */
  #number: number;
  #ids = 0;

  constructor(plan: RegistrationBookPlan) {
    this.#plan = plan;
    this.#number = plan.clock.wall();
  }

  /** How many addresses it keeps. */
  get size(): number {
    return this.#pages.size;
  }

  /** Whether somebody was told of this address, and so must hear of its changes. */
  has(address: Address): boolean {
    return this.#pages.has(address);
  }

  forget(address: Address): void {
    this.#pages.delete(address);
  }

  changed({ addressOfRecord, after, cause, keys }: BindingsChange): void {
    const page = this.#pages.get(addressOfRecord as Address);
    if (page === undefined) return;
    page.last = ++this.#number;
    const now = this.#plan.clock.wall();
    for (const key of keys) {
      const binding = after.find((each) => each.key === key);
      const known = page.contacts.get(key);
      if (binding !== undefined) page.contacts.set(key, this.#present(binding, known, page.last));
      else if (known !== undefined && known.endedAt === undefined) {
        page.contacts.set(key, { ...known, event: endOf(cause), changed: page.last, endedAt: now });
      }
    }
    forgetOldest(page);
  }

  /** `mark`: of the last document that the subscriber has; undefined for the whole state, which is what cannot be added to. */
  news(address: Address, mark: number | undefined): RegistrationNews | 'no-news' {
    const page = this.#pages.get(address) ?? this.#open(address);
    const now = this.#plan.clock.wall();
    const contacts = [...page.contacts.values()];
    const isWhole = mark === undefined || mark < page.first || mark > page.last;
    const told = contacts.filter(({ changed, endedAt }) => (isWhole ? endedAt === undefined : changed > mark));
    if (!isWhole && told.length === 0) return 'no-news';
    const isActive = contacts.some(({ endedAt }) => endedAt === undefined);
    const registration: RegistrationRecord = {
      aor: `sip:${escapeUriText(userOf(address), USER)}@${domainOf(address)}`,
      id: address,
      state: stateOf(isActive, isWhole),
      contacts: told.map((contact) => recordOf(contact, now)),
    };
    return { state: isWhole ? 'full' : 'partial', registrations: [registration], mark: page.last };
  }

  #open(address: Address): Page {
    const number = ++this.#number;
    const page: Page = { first: number, last: number, contacts: new Map() };
    for (const binding of this.#plan.bindingsOf(address)) {
      page.contacts.set(binding.key, { ...this.#present(binding, undefined, number), registeredAt: undefined });
    }
    this.#pages.set(address, page);
    return page;
  }

  #present(binding: Binding, known: WatchedContact | undefined, changed: number): WatchedContact {
    const { expiresAt } = binding;
    const wasThere = known !== undefined && known.endedAt === undefined;
    return {
      id: known?.id ?? String(++this.#ids),
      event: wasThere ? renewalOf(binding, known) : beginningOf(binding),
      registeredAt: wasThere ? known.registeredAt : this.#plan.clock.wall(),
      expiresAt,
      changed,
      endedAt: undefined,
      fields: fieldsOf(binding),
    };
  }
}

/** RFC 3680 3.2: `created` is somebody else's act, as when a core registers its user. */
function beginningOf({ isRoute }: Binding): ContactEvent {
  return isRoute === true ? 'created' : 'registered';
}

/** `shortened` likewise: a phone that asks for less has only refreshed. */
function renewalOf({ isRoute, expiresAt }: Binding, known: WatchedContact): ContactEvent {
  return isRoute === true && expiresAt < known.expiresAt ? 'shortened' : 'refreshed';
}

function endOf(cause: BindingsChange['cause']): ContactEvent {
  if (cause === 'expired' || cause === 'deactivated') return cause;
  return 'unregistered';
}

/** `terminated` is told once, with the contacts that ended; whoever asks then finds what was never there. */
function stateOf(isActive: boolean, isWhole: boolean): RegistrationState {
  if (isActive) return 'active';
  return isWhole ? 'init' : 'terminated';
}

function forgetOldest(page: Page): void {
  let excess = -goneContactsMax;
  for (const { endedAt } of page.contacts.values()) if (endedAt !== undefined) excess += 1;
  while (excess-- > 0) {
    let oldest: readonly [string, WatchedContact] | undefined;
    for (const entry of page.contacts) {
      if (entry[1].endedAt !== undefined && entry[1].changed < (oldest?.[1].changed ?? Infinity)) oldest = entry;
    }
    if (oldest === undefined) return;
    page.contacts.delete(oldest[0]);
    page.first = Math.max(page.first, oldest[1].changed);
  }
}
