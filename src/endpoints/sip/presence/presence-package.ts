/**
 * The event package `presence` (RFC 3856): who may watch whom, and the document that each watcher gets. Everything is
 * decided by the presence service; this turns its words into PIDF.
 */
import { formatPidf, pidfContentType } from '../../../formats/pidf.ts';
import type { Address } from '../../../model/address.ts';
import type { PresenceState } from '../../../model/presence-state.ts';
import type { PresenceService } from '../../../presence/presence-service.ts';
import type {
  Authorisation,
  EventPackage,
  NotifyDocument,
  SubscriptionView,
} from '../../../sip/event/event-package.ts';

export const presencePackageName = 'presence';
/** Seconds (RFC 3856 6.4; contract section 6). */
const expiresDefault = 3600;
const expiresMin = 60;
const expiresMax = 86_400;

export interface PresencePackagePlan {
  readonly presence: PresenceService;
  readonly paceMs: number;
  /** Whether there is such a principal. */
  readonly serves: (address: Address) => boolean | Promise<boolean>;
  /** Whom an account blocks; with `accept` the presence service shows them what is not true (contract section 5). */
  readonly hasBlocked: (owner: Address, watcher: Address) => boolean | Promise<boolean>;
  readonly blockedAnswer: 'refuse' | 'accept';
}

export class PresencePackage implements EventPackage {
  readonly name = presencePackageName;
  readonly expiresDefault = expiresDefault;
  readonly expiresMin = expiresMin;
  readonly expiresMax = expiresMax;
  readonly paceMs: number;
  readonly contentTypes = [pidfContentType];
  readonly #plan: PresencePackagePlan;

  constructor(plan: PresencePackagePlan) {
    this.#plan = plan;
    this.paceMs = plan.paceMs;
  }

  authorise(subscriber: string, resource: string): Authorisation | Promise<Authorisation> {
    const isServed = this.#plan.serves(resource as Address);
    // Asked in either case: the presence service can only act on a list of blocks that has been read.
    const isBlocked = this.#plan.hasBlocked(resource as Address, subscriber as Address);
    if (typeof isServed === 'boolean' && typeof isBlocked === 'boolean') {
      return this.#judge(isServed, isBlocked, { subscriber, resource });
    }
    return Promise.all([isServed, isBlocked]).then(([served, blocked]) =>
      this.#judge(served, blocked, { subscriber, resource }),
    );
  }

  document(view: SubscriptionView): NotifyDocument | undefined | Promise<NotifyDocument | undefined> {
    // While nobody has decided the watcher learns nothing, not even that there is something (RFC 3856 6.6.2).
    if (view.isPending) return undefined;
    // After a start the list of blocks has been read for nobody yet, and what it says may not be shown before.
    const isBlocked = this.#plan.hasBlocked(view.resource as Address, view.subscriber as Address);
    return typeof isBlocked === 'boolean'
      ? this.#show(view, isBlocked)
      : isBlocked.then((blocked) => this.#show(view, blocked));
  }

  /** Whoever is blocked and refused is about to be told that their subscription is over, and nothing else. */
  #show({ resource, subscriber }: SubscriptionView, isBlocked: boolean): NotifyDocument | undefined {
    const { presence, blockedAnswer } = this.#plan;
    if (isBlocked && subscriber !== resource && blockedAnswer === 'refuse') return undefined;
    const presentity = resource as Address;
    const watcher = subscriber as Address;
    const { state } = presence.visiblePresence(presentity, watcher, presence.current(presentity));
    const seesAll = presence.visibility(presentity, watcher).attributes === '*';
    const documents = seesAll ? presence.publicationsOf(presentity).map(({ document }) => document) : [];
    return { contentType: pidfContentType, body: formatPidf(presentity, state satisfies PresenceState, documents) };
  }

  #judge(isServed: boolean, isBlocked: boolean, { subscriber, resource }: Watching): Authorisation {
    if (!isServed) return 'no-such-resource';
    if (isBlocked && subscriber !== resource && this.#plan.blockedAnswer === 'refuse') return 'rejected';
    switch (this.#plan.presence.visibility(resource as Address, subscriber as Address).handling) {
      case 'block':
        return 'rejected';
      case 'confirm':
        return 'pending';
      // A politely blocked watcher is shown a document that is not true.
      default:
        return 'active';
    }
  }
}

interface Watching {
  readonly subscriber: string;
  readonly resource: string;
}
