/** Joins the assistant with the rooms that it asks, and with the settings that an account has of its own. */
import type { OwnBlocks } from '../accounts/own-blocks.ts';
import { Assistant } from '../assistant/assistant.ts';
import type { OwnSettings, PendingWatchers, ReadText } from '../assistant/ports.ts';
import type { ClientDelivery } from '../accounts/ports.ts';
import { createWordReporter } from '../assistant/word-reports.ts';
import type { ReportTeller } from '../delivery/desks/report-teller.ts';
import type { DeliveryService } from '../delivery/delivery-service.ts';
import { decodeContent } from '../formats/content-encoding.ts';
import { decodePlainText, plainTextOf } from '../formats/plain-text.ts';
import type { Address } from '../model/address.ts';
import type { PresenceService } from '../presence/presence-service.ts';
import type { AccountsSide } from './accounts-side.ts';
import type { ServerParts } from './server-parts.ts';
import { inflationOf } from './sip/transport-side.ts';

export interface AssistantNeeds extends AccountsSide {
  readonly delivery: DeliveryService;
  readonly presence: PresenceService;
  readonly ownBlocks: OwnBlocks;
  readonly watchers: PendingWatchers;
  /** The clients of an account that listen over HTTP are to be served otherwise. */
  readonly onDeliveryChanged: (owner: Address, method: ClientDelivery) => void;
}

export function createAssistant(parts: ServerParts, needs: AssistantNeeds): Assistant {
  const { config, clock, timers, ids, log, counters } = parts;
  const { delivery, presence, directory, ownBlocks: blocks, watchers } = needs;
  return new Assistant({
    clock,
    timers,
    ids,
    log,
    counters,
    delivery,
    presence,
    directory,
    blocks,
    watchers,
    readText: textReader(parts),
    accountSettings: createOwnSettings(parts, needs),
    settings: {
      isConditional: config.isConditional,
      bodyBytesMax: config.bodyBytesMax,
      visibleByDefault: config.visibleByDefault === 'none' ? [] : config.visibleByDefault,
    },
  });
}

/** Reports in plain words, from now on told as they are made. */
export function joinWordReporter(parts: ServerParts, { reports: desk, handOuts, sent }: DeliveryService): ReportTeller {
  const { clock, timers, counters, log } = parts;
  const reporter = createWordReporter({ desk, handOuts, sent, clock, timers, counters, log });
  desk.use('words', reporter);
  return reporter;
}

function createOwnSettings({ stores }: ServerParts, { directory, onDeliveryChanged }: AssistantNeeds): OwnSettings {
  return {
    wantsReports: async (owner) => (await directory.find(owner))?.wantsReportsInWords === true,
    async setReports(owner, isOn) {
      await stores.accounts.setReportsInWords(owner, isOn);
      directory.forget(owner);
    },
    async setDelivery(owner, method) {
      await stores.accounts.setHttpDelivery(owner, method);
      directory.forget(owner);
      onDeliveryChanged(owner, method);
    },
  };
}

function textReader(parts: ServerParts): ReadText {
  const { inflate, bytesMax } = inflationOf(parts);
  return (message) => {
    const plain = plainTextOf(decodeContent(message, inflate, bytesMax));
    return plain === undefined ? undefined : decodePlainText(plain);
  };
}
