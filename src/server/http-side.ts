/** What answers HTTP calls: the rooms behind them, tokens, and everybody's event streams. */
import type { OwnBlocks } from '../accounts/own-blocks.ts';
import type { Assistant } from '../assistant/assistant.ts';
import type { DeliveryService } from '../delivery/delivery-service.ts';
import type { ApiSurroundings, WatcherRequests } from '../endpoints/http/api/api-surroundings.ts';
import { EventHub } from '../endpoints/http/events/event-hub.ts';
import type { Address } from '../model/address.ts';
import type { WatcherBook } from '../presence/watchers/watcher-book.ts';
import type { Watcher } from '../presence/watchers/watcher.ts';
import type { PresenceService } from '../presence/presence-service.ts';
import { type AccountsSide, demoAccountsOf } from './accounts-side.ts';
import { createInsight } from './server-insight.ts';
import type { ServerParts } from './server-parts.ts';
import type { SipSide } from './sip/sip-side.ts';

export interface HttpNeeds extends AccountsSide {
  readonly delivery: DeliveryService;
  readonly presence: PresenceService;
  readonly watchers: WatcherBook;
  readonly ownBlocks: OwnBlocks;
  readonly assistant: Assistant;
  readonly sip: Pick<SipSide, 'location' | 'transport'>;
  /** Somebody asks to watch over HTTP and was told to wait. */
  readonly onWatcherAsks: (owner: Address, watcher: Address) => void;
}

export interface HttpSide {
  readonly api: ApiSurroundings;
  readonly events: EventHub;
}

export function createHttpSide(parts: ServerParts, needs: HttpNeeds): HttpSide {
  const { config, stores, clock, timers, ids, log, counters, hashes } = parts;
  const { delivery, presence, directory, blocks, guesses, tokens } = needs;
  const { reports } = delivery;
  const shared = { clock, timers, ids, log, counters, delivery, presence };
  const { watchers } = needs;
  const onWatcherChanged = (owner: Address, watcher: Watcher): void => {
    watchers.changed(owner, watcher);
    if (watcher.status === 'pending') needs.onWatcherAsks(owner, watcher.address);
  };
  const events = new EventHub({ ...shared, reports, paceMs: config.notifyPaceMs, onWatcherChanged });
  watchers.addSource(events);
  reports.use('http', { made: (owner) => events.reportsMade(owner) });
  const requests: WatcherRequests = {
    pendingFor: (owner) => watchers.pendingFor(owner),
  };
  const api: ApiSurroundings = {
    ...shared,
    documents: stores.documents,
    transcripts: stores.transcripts,
    assistant: needs.assistant,
    directory,
    blocks,
    ownBlocks: needs.ownBlocks,
    guesses,
    tokens,
    events,
    requests,
    hasher: hashes,
    administration: {
      async setHttpDelivery(address, method) {
        const isKept = await stores.accounts.setHttpDelivery(address, method);
        directory.forget(address);
        return isKept;
      },
    },
    insight: createInsight(parts, { ...needs, events }),
    settings: settingsOf(parts),
  };
  return { api, events };
}

function settingsOf({ config, version }: ServerParts): ApiSurroundings['settings'] {
  const { domains, bodyBytesMax, largeBytesMax, validityDefaultMs, validityMaxMs, isConditional, isStoreOffline } =
    config;
  return {
    version,
    domains,
    ...(config.isDemo ? { demoAccounts: demoAccountsOf(config) } : {}),
    bodyBytesMax,
    largeBytesMax,
    validityDefaultMs,
    validityMaxMs,
    isConditional,
    isStoreOffline,
    hasTranscripts: config.hasTranscripts,
    blockedAnswer: config.blockedAnswer,
    visibleByDefault: config.visibleByDefault === 'none' ? [] : config.visibleByDefault,
    quotas: {
      recipientMessages: config.quotaRecipient.messages,
      recipientBytes: config.quotaRecipient.bytes,
      recipientLargeBytes: config.quotaLargeBytes,
      pairMessages: config.quotaPair,
      senderMessages: config.quotaSender,
    },
    callRate: config.callRate,
    corsOrigins: config.corsOrigins,
  };
}
