/** What sessions and those who hold them say to each other. Bodies are octets with a type; what they mean is nobody's business here. */
import type { IdSource } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { Counters } from '../../base/counters.ts';
import type { Clock } from '../../base/time/clock.ts';
import type { Timers } from '../../base/time/timers.ts';
import type { HeaderRow } from '../message/sip-headers.ts';
import type { SipResponse } from '../message/sip-message.ts';
import type { Flow } from '../registrar/ports.ts';
import type { TransactionTiming } from '../transaction/machines/transaction-timing.ts';
import type { TransactionLayer } from '../transaction/transaction-layer.ts';
import type { Destination } from '../transport/route-finder.ts';
import type { RespondOptions } from '../user-agent/request-context.ts';

/** An offer or an answer. */
export interface SessionContent {
  readonly contentType: string;
  readonly body: Uint8Array;
}

/** What becomes of an offer of the other side. Without `content` the 2xx has no body: to a request that had none. */
export type OfferReply =
  | { readonly kind: 'accept'; readonly content?: SessionContent; readonly rows?: readonly HeaderRow[] }
  | { readonly kind: 'refuse'; readonly status: number; readonly options?: RespondOptions };

/** `early`: their INVITE has no final answer yet. `ending`: our BYE is under way. */
export type SessionState = 'early' | 'confirmed' | 'ending' | 'over';

export type SessionEnd =
  /** BYE of the other side; `reasons`: the values of its Reason rows. */
  | { readonly kind: 'bye'; readonly reasons: readonly string[] }
  /** Our 2xx was never acknowledged. */
  | { readonly kind: 'unacknowledged' }
  /** This server stops, or whoever took it failed. */
  | { readonly kind: 'stopped' }
  /** The session timer ran out. */
  | { readonly kind: 'expired' }
  /** The other side does not know the session any more (481), or does not answer. */
  | { readonly kind: 'lost'; readonly status: number | undefined };

/** Called in the order of what happened; nothing follows `ended`, nor a `bye` of ours. */
export interface SessionListener {
  /** The ACK to a 2xx of ours has come; its body is the answer where the 2xx had the offer. */
  acknowledged?(answer: SessionContent | undefined): void;
  /**
   * The other side wants to change the session (re-INVITE, UPDATE); without an offer it wants ours. Absent: refused with 488, and
   * the session goes on as it was.
   */
  offered?(offer: SessionContent | undefined): OfferReply | Promise<OfferReply>;
  /** What was offered last is void: it was cancelled before it was answered. */
  offerWithdrawn?(): void;
  ended(end: SessionEnd): void;
  /** The connection that the session runs over is gone. Dialogs outlive that (RFC 3261 12): whoever cannot, ends it. */
  connectionLost?(): void;
}

/** How an offer of ours within a session ended. */
export type OfferOutcome =
  | { readonly kind: 'accepted'; readonly content: SessionContent | undefined; readonly response: SipResponse }
  | { readonly kind: 'refused'; readonly status: number; readonly response: SipResponse | undefined }
  /** The session ended meanwhile, or another offer of ours is still open. */
  | { readonly kind: 'void' };

/** Why an INVITE that was being answered needs no answer any more. */
export type CancelCause = 'cancelled' | 'expired' | 'left' | 'unanswered';

/** How an INVITE of ours failed. */
export type CallFailure =
  | { readonly kind: 'refused'; readonly status: number; readonly response: SipResponse }
  /** Nobody answered; no way; or more than can be open. */
  | { readonly kind: 'timeout' | 'transport' | 'limit' }
  /** It was cancelled and no refusal came. */
  | { readonly kind: 'cancelled' };

export interface InviteLimits {
  /** Sessions and INVITEs of either direction; one more is refused. */
  readonly sessionsMax: number;
  /** INVITEs of others that are not answered yet. */
  readonly openInvitesMax: number;
  /** INVITEs of ours that are not answered yet. */
  readonly openCallsMax: number;
  /** In the Retry-After of a refusal, in seconds. */
  readonly retryAfterSeconds: number;
}

export const defaultInviteLimits: InviteLimits = {
  sessionsMax: 20_000,
  openInvitesMax: 5_000,
  openCallsMax: 10_000,
  retryAfterSeconds: 10,
};

export interface InviteSurroundings {
  readonly transactions: TransactionLayer;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly counters: Counters;
  readonly log: Log;
  readonly timing: TransactionTiming;
  /** Our own Contact towards a flow, with angle brackets. */
  readonly contactFor: (flow: Flow, isSecure: boolean) => string;
  /** The way to a URI, over the flow by which its owner came last. */
  readonly wayTo: (uri: string, flow: Flow | undefined) => Destination;
  /** The Allow row. */
  readonly allow: () => string;
  readonly limits?: InviteLimits;
}
