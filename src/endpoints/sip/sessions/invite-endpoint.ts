/**
 * INVITE: what it means, and who takes it: a large message, a file, a conversation, or a client that fetches what is kept.
 * Whatever has no MSRP in it is refused with 488 (contract section 6).
 */
import type { Assistant } from '../../../assistant/assistant.ts';
import { mediaTypeOf } from '../../../formats/content-type.ts';
import { parseMultipart } from '../../../formats/multipart.ts';
import type { Address } from '../../../model/address.ts';
import { userOf } from '../../../model/address.ts';
import { sdpContentType } from '../../../sessions/media/described.ts';
import { type DescriptionFault, readDescription, type RemoteDescription } from '../../../sessions/media/description.ts';
import { transportFault, transportOf } from '../../../sessions/media/session-leg.ts';
import type { IncomingInvite } from '../../../sip/invite/incoming-invite.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { Inflate } from '../../../formats/content-encoding.ts';
import type { Identity } from '../identity.ts';
import { principalAddressOf } from '../principal-address.ts';
import { ConversationEndpoint } from './conversation-endpoint.ts';
import { LargeMessageEndpoint } from './large/large-message-endpoint.ts';
import { RetrievalEndpoint } from './retrieval-endpoint.ts';
import { asksInCpm, ownFeatures } from './words/session-devices.ts';
import { sessionKindOf } from './words/session-kind.ts';
import type { SessionRoom } from './session-room.ts';

export interface InviteEndpointPlan {
  readonly room: SessionRoom;
  readonly assistant: Pick<Assistant, 'isMeant'>;
  readonly inflate: Inflate;
}

/** Whom clients call for what is kept for them. */
const deferredUser = 'deferred';

/** Clients call it; nobody has that address. */
export function isDeferredFunction(address: Address): boolean {
  return userOf(address) === deferredUser;
}

/** Seconds after which somebody with too many sessions may try again. */
const retryAfterSeconds = 30;

export class InviteEndpoint {
  readonly #plan: InviteEndpointPlan;
  readonly #large: LargeMessageEndpoint;
  readonly conversations: ConversationEndpoint;
  readonly #retrieval: RetrievalEndpoint;

  constructor(plan: InviteEndpointPlan) {
    this.#plan = plan;
    this.#large = new LargeMessageEndpoint(plan.room);
    this.conversations = new ConversationEndpoint(plan.room);
    this.#retrieval = new RetrievalEndpoint(plan.room, plan.inflate);
  }

  /** Its sender is known. */
  async take(invite: IncomingInvite, identity: Identity): Promise<void> {
    const { room, assistant } = this.#plan;
    const { request } = invite;
    const recipient = principalAddressOf(request.uri);
    if (recipient === undefined) return invite.reject(404, { warning: 'no such recipient' });
    if (assistant.isMeant(recipient)) return invite.reject(488, { warning: 'the assistant takes pager messages only' });
    const read = this.#readOffer(invite);
    const kind = sessionKindOf(request.headers, read.ok ? read.value?.media : undefined);
    const isRetrieval = isDeferredFunction(recipient);
    if (request.headers.has('Deliver-When') && (isRetrieval || kind === 'conversation')) {
      return invite.reject(400, { warning: 'Deliver-When has no meaning in a conversation' });
    }
    if (!read.ok) return invite.reject(488, { warning: read.error.words, warningCode: read.error.warningCode });
    const offered = read.value;
    const ended = room.counts.take(identity.principal);
    if (ended === undefined) {
      const headers = [['Retry-After', String(retryAfterSeconds)] as const];
      return invite.reject(480, { warning: 'too many sessions', headers });
    }
    invite.addToContact(ownFeatures(kind, asksInCpm(request.headers)));
    try {
      if (isRetrieval) await this.#retrieval.take({ invite, owner: identity.principal, offered, ended });
      else if (kind === 'conversation') await this.conversations.take({ invite, identity, recipient, offered, ended });
      else await this.#large.take({ invite, identity, recipient, kind, offered, ended });
    } catch (fault) {
      ended();
      throw fault;
    }
  }

  stop(): Promise<void> {
    return this.conversations.stop();
  }

  endOf(address: Address): void {
    this.conversations.endOf(address);
  }

  #readOffer({ offer }: IncomingInvite): Result<RemoteDescription | undefined, DescriptionFault> {
    if (offer === undefined) return ok(undefined);
    const body = descriptionIn(offer);
    if (body === undefined) return err({ words: 'there is no session description', warningCode: 399 });
    const read = readDescription(body);
    if (!read.ok) return read;
    const { media } = read.value;
    const fault = transportFault({ legs: this.#plan.room.legs, transport: transportOf(media) }, media);
    return fault === undefined ? read : err(fault);
  }
}

/** Alone or as a part (RFC 5621 8.4). */
function descriptionIn({ contentType, body }: { contentType: string; body: Uint8Array }): Uint8Array | undefined {
  if (mediaTypeOf(contentType) === sdpContentType) return body;
  const parts = parseMultipart(contentType, body) ?? [];
  return parts.find((part) => mediaTypeOf(part.contentType) === sdpContentType)?.content;
}
