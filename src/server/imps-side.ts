/** What answers IMPS clients, joined with the rooms behind it. */
import type { OwnBlocks } from '../accounts/own-blocks.ts';
import type { Assistant } from '../assistant/assistant.ts';
import type { PasswordSeal } from '../accounts/ports.ts';
import { err } from '../base/result.ts';
import { numericAddress } from '../base/sockets/resolver-socket.ts';
import type { SocketAddress } from '../base/sockets/socket-address.ts';
import { systemHashes } from '../base/system-hash.ts';
import { systemInflate } from '../base/system-inflate.ts';
import type { Config } from '../config.ts';
import type { DeliveryService } from '../delivery/delivery-service.ts';
import { type CallPort, openCallTcpSocket } from '../endpoints/imps/calling/call-tcp-socket.ts';
import { ImpsEndpoint } from '../endpoints/imps/imps-endpoint.ts';
import type { PresenceService } from '../presence/presence-service.ts';
import type { WatcherBook } from '../presence/watchers/watcher-book.ts';
import type { Address } from '../model/address.ts';
import type { AccountsSide } from './accounts-side.ts';
import { contentUrlOf, httpBaseOf } from './own-contact.ts';
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

/** Of the files that this process may have open, one in so many may be a connection by which a client is called. */
const filesPerConnection = 4;

/** Where idle clients connect to be called; undefined where that is off. Throws `ListenFault`. */
export async function openCallPort(
  { impsCir, domains }: Config,
  { calls }: ImpsEndpoint,
): Promise<OpenCallPort | undefined> {
  if (impsCir === undefined) return undefined;
  const address = await numericAddress(impsCir.host, impsCir.port);
  const port = await openCallTcpSocket(address, impsCir.port, (stream) => calls.accept(stream));
  const isAny = address === '0.0.0.0' || address === '::';
  const reached = isAny ? (domains[0] ?? 'localhost') : port.local.address;
  return { port, reached: { address: reached, port: port.local.port } };
}

export interface OpenCallPort {
  readonly port: CallPort;
  /** As clients are told. */
  readonly reached: SocketAddress;
}

const noSeal: Pick<PasswordSeal, 'open'> = { open: async () => err('this server keeps no key') };

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
    passwordSeal: parts.passwordSeal ?? noSeal,
    digestOf: (schema, octets) => systemHashes.digest(schema === 'MD5' ? 'md5' : 'sha1', octets),
    inflate: systemInflate,
    sessions: parts.stores.impsSessions,
    documents: parts.stores.documents,
    watchers: {
      watchersOf: (owner) => watchers.watchersOf(owner),
      pendingFor: (owner) => watchers.pendingFor(owner),
      changed: (owner, watcher) => watchers.changed(owner, watcher),
      asks: (owner, watcher) => needs.onWatcherAsks(owner, watcher),
    },
    callAddress: () => parts.ownCallAddress?.(),
    callUrlOf: (name) => `${httpBaseOf(parts)}/imps/cir/${name}`,
    ...(parts.openFilesMax === undefined
      ? {}
      : { callConnectionsMax: Math.floor(parts.openFilesMax / filesPerConnection) }),
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
