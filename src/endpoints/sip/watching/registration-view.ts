/** What the documents of one `reg` subscription say together (RFC 3680 5.2): which contacts of one user are active. */
import { type Address, parseAddress } from '../../../model/address.ts';
import type { ContactRecord, RegistrationInfo } from '../../../formats/reginfo/registration-info.ts';

export class RegistrationView {
  readonly #principal: Address;
  /** Of the last document that counted; undefined before the first whole one. */
  #version: number | undefined;
  /** By the ids of the registration and of the contact. */
  readonly #contacts = new Map<string, Map<string, ContactRecord>>();

  constructor(principal: Address) {
    this.#principal = principal;
  }

  /** `gap`: a document is missing, so this one cannot be understood; a whole one is needed. */
  apply(document: RegistrationInfo): 'applied' | 'old' | 'gap' {
    const { version, state } = document;
    if (state === 'partial') {
      if (this.#version === undefined || version > this.#version + 1) return 'gap';
      if (version <= this.#version) return 'old';
    } else this.#contacts.clear();
    this.#version = version;
    for (const registration of document.registrations) {
      const address = parseAddress(registration.aor);
      // A core may tell of the other identities of a user as well.
      if (!address.ok || address.value !== this.#principal) continue;
      const contacts = this.#contacts.get(registration.id) ?? new Map<string, ContactRecord>();
      for (const contact of registration.contacts) {
        if (contact.state === 'active') contacts.set(contact.id, contact);
        else contacts.delete(contact.id);
      }
      if (registration.state === 'active') this.#contacts.set(registration.id, contacts);
      else this.#contacts.delete(registration.id);
    }
    return 'applied';
  }

  get activeContacts(): ContactRecord[] {
    return [...this.#contacts.values()].flatMap((contacts) => [...contacts.values()]);
  }
}
