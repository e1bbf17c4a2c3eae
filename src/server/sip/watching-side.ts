/** What lives on other servers: presence (`--presence external`) and registrations (`--reg-server`), watched by subscriptions. */
import type { TrustedPeers } from '../../accounts/trusted-peers.ts';
import type { WatchedServer } from '../../config.ts';
import { principalUriOf } from '../../endpoints/sip/principal-address.ts';
import { ExternalPresence } from '../../endpoints/sip/watching/external-presence.ts';
import { CoreRegistrations } from '../../endpoints/sip/watching/core-registrations.ts';
import { TransactionSubscribeSender } from '../../endpoints/sip/watching/subscribe-sender.ts';
import { WatchReasons, type WatchReason } from '../../endpoints/sip/watching/watch-reasons.ts';
import type { Address } from '../../model/address.ts';
import type { PresenceService } from '../../presence/presence-service.ts';
import { DigestClient } from '../../sip/digest/digest-client.ts';
import type { OwnSubscriptionPlan } from '../../sip/event/subscriber/machine/own-subscription-words.ts';
import { Subscriber } from '../../sip/event/subscriber/subscriber.ts';
import type { SubscriberListener, SubscriberPackage } from '../../sip/event/subscriber/subscriber-package.ts';
import type { LocationService } from '../../sip/registrar/location-service.ts';
import type { Flow } from '../../sip/registrar/ports.ts';
import type { TransactionLayer } from '../../sip/transaction/transaction-layer.ts';
import type { ServerParts } from '../server-parts.ts';

/** Accounts that a core is asked about although nothing waits for them; so there is always room for those. */
export const accountsWatchedMax = 90_000;
const accountsPage = 1_000;
const callIdBits = 128;

export interface WatchingNeeds {
  readonly presence: PresenceService;
  readonly location: LocationService;
  readonly contactFor: (flow: Flow, isSecure: boolean) => string;
  readonly transactions: TransactionLayer;
  readonly trusted: TrustedPeers;
}

export class WatchingSide {
  readonly #parts: ServerParts;
  readonly #needs: WatchingNeeds;
  readonly #sides: Watching[] = [];
  #isOpen = false;

  constructor(parts: ServerParts, needs: WatchingNeeds) {
    const { config } = parts;
    this.#parts = parts;
    this.#needs = needs;
    if (config.presenceServer !== undefined) this.#sides.push(this.#watchPresence(config.presenceServer));
    if (config.regServer !== undefined) this.#sides.push(this.#watchRegistrations(config.regServer));
  }

  /** Those who take NOTIFYs; none where everything is here. */
  get subscribers(): readonly Pick<Subscriber<unknown>, 'notify'>[] {
    return this.#sides.map(({ subscriber }) => subscriber);
  }

  /** A reason to watch somebody has come or gone. */
  changed(principal: Address, reason: WatchReason, isSo: boolean): void {
    for (const { reasons, counts } of this.#sides) {
      if (!counts.includes(reason)) continue;
      if (isSo) reasons.add(principal, reason, this.#isOpen);
      else reasons.remove(principal, reason);
    }
  }

  removed(principal: Address): void {
    for (const { reasons } of this.#sides) reasons.forget(principal);
  }

  /** The sockets are open, and everybody for whom something is kept or a client is here is known. */
  async open(): Promise<void> {
    this.#isOpen = true;
    const { accounts } = this.#parts.stores;
    if (!this.#sides.some(({ counts }) => counts.includes('account'))) return;
    let after: Address | undefined;
    let count = 0;
    do {
      const page = await accounts.list(after, accountsPage);
      for (const { address } of page) if ((count += 1) <= accountsWatchedMax) this.#accountFound(address);
      after = page.at(-1)?.address;
    } while (after !== undefined && count < accountsWatchedMax);
    if (after !== undefined) {
      const text = 'more accounts than are asked about at the core; of the others those for whom something waits';
      this.#parts.log.warn({ accounts: accountsWatchedMax }, text);
    }
  }

  stop(): void {
    for (const side of this.#sides) {
      side.reasons.stop();
      side.subscriber.stop();
      side.stop();
    }
  }

  /** A start is no news: these stand in line behind those for whom something waits. */
  #accountFound(address: Address): void {
    for (const { reasons, counts } of this.#sides) {
      if (counts.includes('account')) reasons.add(address, 'account', false);
    }
  }

  #watchPresence(server: WatchedServer): Watching {
    const external = new ExternalPresence({ ...this.#parts, presence: this.#needs.presence });
    const subscriber = this.#subscriberTo(server, external.eventPackage, external);
    return this.#watching(subscriber, 'presence', ['present', 'kept'], () => external.stop());
  }

  #watchRegistrations(server: WatchedServer): Watching {
    const { host, port, transport, uri } = server.server;
    const watch: CoreRegistrations = new CoreRegistrations({
      ...this.#parts,
      location: this.#needs.location,
      coreUri: uri,
      callId: this.#parts.ids.randomToken(callIdBits),
      wayOf: (principal) => subscriber.wayOf(principal) ?? { transport, remoteAddress: host, remotePort: port },
      askForWholeState: (principal) => subscriber.askForWholeState(principal),
    });
    const subscriber = this.#subscriberTo(server, watch.eventPackage, watch);
    return this.#watching(subscriber, 'reg', ['kept', 'account'], () => watch.stop());
  }

  #watching<Document>(
    subscriber: Subscriber<Document>,
    name: string,
    counts: readonly WatchReason[],
    stop: () => void,
  ): Watching {
    const { counters, log } = this.#parts;
    let isFull = false;
    const reasons = new WatchReasons({
      ...this.#parts,
      want: (principal, isUrgent) => subscriber.want(principal, isUrgent),
      unwant: (principal) => subscriber.unwant(principal),
      onFull: (principal) => {
        counters.add(`external_unwatched{package="${name}"}`);
        if (!isFull) log.error({ package: name, principal }, 'no more can be watched on the other server');
        isFull = true;
      },
    });
    const label = `package="${name}"`;
    counters.gauge(`external_server_up{${label}}`, () => Number(subscriber.serverState === 'up'));
    counters.gauge(`external_subscriptions{${label},state="active"}`, () => subscriber.counts.active);
    counters.gauge(`external_subscriptions{${label},state="pending"}`, () => subscriber.counts.pending);
    counters.gauge(`external_subscriptions{${label},state="other"}`, () => {
      const { active, pending } = subscriber.counts;
      return subscriber.size - active - pending;
    });
    return { subscriber, reasons, counts, stop };
  }

  #subscriberTo<Document>(
    { server, credentials }: WatchedServer,
    eventPackage: SubscriberPackage<Document>,
    listener: SubscriberListener<Document>,
  ): Subscriber<Document> {
    const { config, hashes, ids } = this.#parts;
    const { host, port, transport, uri } = server;
    const subscriberUri = principalUriOf(config.watchAs);
    const client = credentials === undefined ? undefined : new DigestClient({ ...credentials, hashes, ids });
    const identity = this.#needs.trusted.has(host) ? [['P-Asserted-Identity', `<${subscriberUri}>`] as const] : [];
    const planFor = (resource: string): OwnSubscriptionPlan<Document> => ({
      eventPackage,
      resource,
      resourceUri: principalUriOf(resource as Address),
      subscriberUri,
      serverUri: uri,
      contact: this.#needs.contactFor({ transport, remoteAddress: host, remotePort: port }, false),
      credentials: client,
      identity,
      ids,
    });
    const sender = new TransactionSubscribeSender(this.#needs.transactions);
    return new Subscriber({ ...this.#parts, sender, listener, planFor, name: eventPackage.name });
  }
}

interface Watching {
  readonly subscriber: Pick<Subscriber<unknown>, 'notify' | 'stop'>;
  readonly reasons: WatchReasons;
  /** The reasons that count. */
  readonly counts: readonly WatchReason[];
  stop(): void;
}
