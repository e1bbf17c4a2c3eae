/**
 * Large messages and conversations, joined: INVITE on the one side, MSRP on the other, delivery behind them. What comes is taken
 * by the endpoint, what was kept is played by the player.
 */
import type { TrustedPeers } from '../accounts/trusted-peers.ts';
import type { Assistant } from '../assistant/assistant.ts';
import { systemInflate } from '../base/system-inflate.ts';
import type { DeliveryService } from '../delivery/delivery-service.ts';
import { InviteEndpoint } from '../endpoints/sip/sessions/invite-endpoint.ts';
import { LargePlayer } from '../endpoints/sip/sessions/large/play-large.ts';
import { ResumePlaces } from '../endpoints/sip/sessions/large/resume-places.ts';
import { SessionCounts } from '../endpoints/sip/sessions/session-counts.ts';
import type { SessionRoom } from '../endpoints/sip/sessions/session-room.ts';
import type { MsrpEndpoint } from '../msrp/msrp-endpoint.ts';
import type { MsrpTransport } from '../msrp/transport/ports.ts';
import { SpoolPool } from '../sessions/spool/spool-pool.ts';
import type { InviteLayer } from '../sip/invite/invite-layer.ts';
import { parseNameAddr } from '../sip/message/name-addr.ts';
import type { LocationService } from '../sip/registrar/location-service.ts';
import type { Flow } from '../sip/registrar/ports.ts';
import type { AccountsSide } from './accounts-side.ts';
import type { ServerParts } from './server-parts.ts';

export interface SessionsNeeds extends Pick<AccountsSide, 'blocks'> {
  readonly delivery: DeliveryService;
  readonly assistant: Assistant;
  readonly msrp: MsrpEndpoint;
  readonly invites: InviteLayer;
  readonly location: LocationService;
  readonly trusted: TrustedPeers;
  readonly contactFor: (flow: Flow, isSecure: boolean) => string;
}

export interface SessionsSide {
  readonly endpoint: InviteEndpoint;
  readonly player: LargePlayer;
}

export function createSessionsSide(parts: ServerParts, needs: SessionsNeeds): SessionsSide {
  const { stores, counters } = parts;
  const pool = new SpoolPool(stores.blobs);
  counters.gauge('restante_spool_bytes', () => pool.bytes);
  counters.gauge('restante_spool_files', () => pool.files);
  const room = roomOf(parts, needs, pool);
  return {
    endpoint: new InviteEndpoint({ room, assistant: needs.assistant, inflate: systemInflate }),
    player: new LargePlayer(room, new ResumePlaces()),
  };
}

function roomOf(parts: ServerParts, needs: SessionsNeeds, pool: SpoolPool): SessionRoom {
  const { config, stores, clock, timers, ids, log, counters } = parts;
  const { delivery, invites, msrp, location, trusted, blocks, contactFor } = needs;
  return {
    delivery,
    invites,
    legs: msrp,
    pool,
    blobs: stores.blobs,
    counts: new SessionCounts(),
    clock,
    timers,
    ids,
    log,
    counters,
    largeBytesMax: config.largeBytesMax,
    pagerBytesMax: config.bodyBytesMax,
    isStoreOffline: config.isStoreOffline,
    conversationOffline: config.conversationOffline,
    transcripts: config.hasTranscripts ? stores.transcripts : undefined,
    bindingsOf: (principal) => location.bindingsOf(principal),
    hasBlocked: (owner, other) => blocks.hasBlocked(owner, other),
    isTrusted: (address) => trusted.has(address),
    hostFor: (flow, transport) => hostFor(config.msrp.host, transport, contactFor(flow, false)),
  };
}

/** Whoever listens everywhere is reached where SIP is; anything else is the endpoint's own affair. */
function hostFor(listening: string, transport: MsrpTransport, contact: string): string | undefined {
  if (transport !== 'tcp' || (listening !== '0.0.0.0' && listening !== '::')) return undefined;
  const own = parseNameAddr(contact);
  return own.ok ? own.value.uri.host : undefined;
}
