/** What answers IMPS clients, joined with the rooms behind it. */
import type { OwnBlocks } from '../accounts/own-blocks.ts';
import type { Assistant } from '../assistant/assistant.ts';
import { systemInflate } from '../base/system-inflate.ts';
import type { DeliveryService } from '../delivery/delivery-service.ts';
import { ImpsEndpoint } from '../endpoints/imps/imps-endpoint.ts';
import type { PresenceService } from '../presence/presence-service.ts';
import type { WatcherBook } from '../presence/watchers/watcher-book.ts';
import type { Address } from '../model/address.ts';
import type { AccountsSide } from './accounts-side.ts';
import { contentUrlOf } from './own-contact.ts';
import type { ServerParts } from './server-parts.ts';

export interface ImpsNeeds extends AccountsSide {
  readonly delivery: DeliveryService;
  readonly presence: PresenceService;
  readonly ownBlocks: OwnBlocks;
  readonly assistant: Assistant;
  readonly watchers: WatcherBook;
  /** Somebody asks to watch and was told to wait. */
  readonly onWatcherAsks: (owner: Address, watcher: Address) => void;
}

/** Seconds between two polls that clients without a channel of their own are asked to leave. */
const pollMinS = 5;

export function createImpsEndpoint(parts: ServerParts, needs: ImpsNeeds): ImpsEndpoint {
  const { config, clock, timers, ids, log, counters, hashes } = parts;
  const { delivery, presence, directory, blocks, guesses, ownBlocks, assistant, watchers } = needs;
  const endpoint = new ImpsEndpoint({
    clock,
    timers,
    ids,
    log,
    counters,
    delivery,
    presence,
    directory,
    blocks,
    ownBlocks,
    guesses,
    hasher: hashes,
    inflate: systemInflate,
    sessions: parts.stores.impsSessions,
    documents: parts.stores.documents,
    watchers: {
      watchersOf: (owner) => watchers.watchersOf(owner),
      pendingFor: (owner) => watchers.pendingFor(owner),
      changed: (owner, watcher) => watchers.changed(owner, watcher),
      asks: (owner, watcher) => needs.onWatcherAsks(owner, watcher),
    },
    contentUrlOf: (id) => contentUrlOf(parts, id),
    submit: (submission, clients) =>
      assistant.isMeant(submission.message.recipient)
        ? assistant.hear(submission, clients)
        : delivery.submit(submission),
    settings: {
      domains: config.domains,
      offlineAnswer: config.impsOfflineAnswer,
      blockedAnswer: config.blockedAnswer,
      isStoreOffline: config.isStoreOffline,
      visibleByDefault: config.visibleByDefault === 'none' ? [] : config.visibleByDefault,
      paceMs: config.notifyPaceMs,
      pollMinS,
    },
  });
  watchers.addSource(endpoint.watchers);
  return endpoint;
}
