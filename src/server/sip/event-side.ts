/** Who is told what happens: the event packages, and the notifier that they share. */
import type { AccountsSide } from '../accounts-side.ts';
import { PresencePackage } from '../../endpoints/sip/presence/presence-package.ts';
import { NotifySender } from '../../endpoints/sip/presence/subscribe-endpoint.ts';
import type { Address } from '../../model/address.ts';
import type { PresenceService } from '../../presence/presence-service.ts';
import { Notifier } from '../../sip/event/notifier/notifier.ts';
import type { TransactionLayer } from '../../sip/transaction/transaction-layer.ts';
import type { ServerParts } from '../server-parts.ts';
import type { ServesAccount } from './registration-side.ts';

export interface EventNeeds extends AccountsSide {
  readonly presence: PresenceService;
  readonly serves: ServesAccount;
  /** Somebody asks to watch and was told to wait. */
  readonly onWatcherAsks: (owner: Address, watcher: Address) => void;
}

export function createNotifier(parts: ServerParts, needs: EventNeeds, transactions: TransactionLayer): Notifier {
  const { clock, timers, ids } = parts;
  return new Notifier({
    packages: [createPresencePackage(parts, needs)],
    sender: new NotifySender(transactions),
    clock,
    timers,
    ids,
    onSubscriptionChanged: ({ resource, subscriber, status }, event) => {
      if (status === 'pending' && event === 'subscribe')
        needs.onWatcherAsks(resource as Address, subscriber as Address);
    },
  });
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
