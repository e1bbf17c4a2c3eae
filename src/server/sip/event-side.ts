/** Who is told what happens: the event packages, and the notifier that they share. */
import type { AccountsSide } from '../accounts-side.ts';
import { PresencePackage, presencePackageName } from '../../endpoints/sip/presence/presence-package.ts';
import { WatcherInfoPackage } from '../../endpoints/sip/presence/watcher-info-package.ts';
import { isOfClient } from '../../endpoints/sip/registration/contact-destination.ts';
import { WaitingNotices } from '../../endpoints/sip/summary/waiting-notices.ts';
import { SummaryPackage, summaryPackageName } from '../../endpoints/sip/summary/summary-package.ts';
import { NotifySender } from '../../endpoints/sip/presence/subscribe-endpoint.ts';
import type { DeliveryService } from '../../delivery/delivery-service.ts';
import type { Address } from '../../model/address.ts';
import type { PresenceService } from '../../presence/presence-service.ts';
import type { WatcherBook } from '../../presence/watchers/watcher-book.ts';
import type { Watcher } from '../../presence/watchers/watcher.ts';
import type { SubscriptionSummary } from '../../sip/event/event-package.ts';
import { Notifier } from '../../sip/event/notifier/notifier.ts';
import type { TransactionLayer } from '../../sip/transaction/transaction-layer.ts';
import type { Binding } from '../../sip/registrar/ports.ts';
import type { ServerParts } from '../server-parts.ts';
import type { ServesAccount } from './registration-side.ts';
import type { RegistrationWatch } from './registration-watch.ts';

export interface EventNeeds extends AccountsSide {
  readonly delivery: DeliveryService;
  readonly presence: PresenceService;
  readonly watchers: WatcherBook;
  readonly serves: ServesAccount;
  readonly registrations: RegistrationWatch;
  /** Somebody asks to watch and was told to wait. */
  readonly onWatcherAsks: (owner: Address, watcher: Address) => void;
}

export function createNotifier(parts: ServerParts, needs: EventNeeds, transactions: TransactionLayer): Notifier {
  const { config, stores, clock, timers, ids, log } = parts;
  const { delivery, serves, watchers } = needs;
  const { inbox } = delivery;
  const notifier = new Notifier({
    packages: [
      // Presence that lives elsewhere is told from there, and so is who watches.
      ...(config.presenceServer === undefined
        ? [
            createPresencePackage(parts, needs),
            new WatcherInfoPackage({ book: watchers, clock, paceMs: config.notifyPaceMs, serves }),
          ]
        : []),
      new SummaryPackage({ inbox, paceMs: config.notifyPaceMs, serves }),
      needs.registrations.eventPackage,
    ],
    sender: new NotifySender(transactions),
    store: stores.subscriptions,
    log,
    clock,
    timers,
    ids,
    onSubscriptionChanged: (subscription, event) => {
      if (subscription.packageName !== presencePackageName) return;
      const [owner, watcher] = [subscription.resource as Address, subscription.subscriber as Address];
      const hasAsked = watchers.hasAsked(owner, watcher);
      watchers.changed(owner, watcherOf(subscription, event));
      // Whoever only asks, and again and again, is in the way but once.
      const isAsking = subscription.isQuestion ? !hasAsked : event === 'subscribe';
      if (subscription.isUndecided && isAsking) needs.onWatcherAsks(owner, watcher);
    },
  });
  watchers.addSource({
    watchersOf: (owner) =>
      notifier.subscriptionsTo(presencePackageName, owner).flatMap((subscription) => {
        const event = subscription.wasPending && !subscription.isUndecided ? 'approved' : 'subscribe';
        return subscription.isQuestion ? [] : [watcherOf(subscription, event)];
      }),
  });
  inbox.onChanged((owner) => notifier.resourceChanged(summaryPackageName, owner));
  return notifier;
}

function watcherOf(subscription: SubscriptionSummary, event: Watcher['event']): Watcher {
  const { id, subscriber, displayName, status, isUndecided, subscribedAt, expiresAt } = subscription;
  const watcher = { id, address: subscriber as Address, displayName, status, event, isUndecided };
  return { ...watcher, since: subscribedAt, endsAt: expiresAt };
}

function createPresencePackage({ config }: ServerParts, { presence, blocks, serves }: EventNeeds): PresencePackage {
  return new PresencePackage({
    presence,
    paceMs: config.notifyPaceMs,
    serves,
    hasBlocked: (owner, watcher) => blocks.hasBlocked(owner, watcher),
    blockedAnswer: config.blockedAnswer,
  });
}

/** `notifier` is asked for when something is to be told, since it is made later. */
export function createNotices(parts: ServerParts, delivery: DeliveryService, notifier: () => Notifier): WaitingNotices {
  const { clock, timers, log } = parts;
  const { inbox, handOuts } = delivery;
  const isSubscribed = (binding: Binding): boolean =>
    notifier()
      .subscriptionsTo(summaryPackageName, binding.addressOfRecord)
      .some(({ remoteTarget, flow }) => isOfClient(binding, remoteTarget, flow));
  const notices = new WaitingNotices({ clock, timers, log, inbox, handOuts, isSubscribed });
  inbox.onChanged((owner, isMore) => {
    if (isMore) notices.news(owner);
  });
  return notices;
}
