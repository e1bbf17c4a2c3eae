/**
 * The event package `reg` (RFC 3680): the owner, trusted peers and whomever the operator names may watch the registrations
 * of an address; nobody else learns even whether there is such an address.
 */
import { formatReginfo } from '../../../formats/reginfo/format-reginfo.ts';
import { reginfoContentType } from '../../../formats/reginfo/registration-info.ts';
import { type Address, domainOf } from '../../../model/address.ts';
import type { Authorisation, DocumentFor, EventPackage, SubscriptionView } from '../../../sip/event/event-package.ts';
import type { RegistrationBook } from './registration-book.ts';

export interface RegistrationPackagePlan {
  readonly book: RegistrationBook;
  readonly paceMs: number;
  /** Whether there is such a principal. */
  readonly serves: (address: Address) => boolean | Promise<boolean>;
  /** Whom the operator permits to watch everybody. */
  readonly permitted: ReadonlySet<string>;
  /** Whether requests from this address are believed. */
  readonly isTrusted: (address: string) => boolean;
  readonly domains: readonly string[];
}

export class RegistrationPackage implements EventPackage {
  readonly name = 'reg';
  /** RFC 3680 4.4. */
  readonly expiresDefault = 3_761;
  readonly expiresMin = 60;
  readonly expiresMax = 86_400;
  readonly paceMs: number;
  readonly contentTypes = [reginfoContentType];
  readonly #plan: RegistrationPackagePlan;

  constructor(plan: RegistrationPackagePlan) {
    this.#plan = plan;
    this.paceMs = plan.paceMs;
  }

  authorise(subscriber: string, resource: string): Authorisation | Promise<Authorisation> {
    if (subscriber !== resource && !this.#plan.permitted.has(subscriber) && !this.#isPeer(subscriber)) {
      return 'rejected';
    }
    const isServed = this.#plan.serves(resource as Address);
    return typeof isServed === 'boolean' ? standingOf(isServed) : isServed.then(standingOf);
  }

  document({ resource, version, mark }: SubscriptionView): DocumentFor {
    const news = this.#plan.book.news(resource as Address, mark);
    if (news === 'no-news') return news;
    const { state, registrations } = news;
    const body = formatReginfo({ version, state, registrations });
    return { contentType: reginfoContentType, body, mark: news.mark };
  }

  /**
   * A trusted machine that speaks for itself: its name is at its own address. What it says of its users is believed too,
   * but that makes no peers of them; and nobody signs in with an address as their domain unless it is served.
   */
  #isPeer(subscriber: string): boolean {
    const domain = domainOf(subscriber as Address);
    return !this.#plan.domains.includes(domain) && this.#plan.isTrusted(domain);
  }
}

function standingOf(isServed: boolean): Authorisation {
  return isServed ? 'active' : 'no-such-resource';
}
