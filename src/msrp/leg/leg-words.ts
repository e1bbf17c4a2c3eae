/** What the users of MSRP say and hear: a session as they see it (a leg), messages that leave and messages that come. */
import type { ByteRange } from '../message/byte-range.ts';
import type { MsrpHeader, MsrpRequestHead } from '../message/msrp-message.ts';
import type { MsrpUri } from '../message/msrp-uri.ts';
import type { MsrpTransport } from '../transport/ports.ts';

export interface LegPlan {
  readonly transport: MsrpTransport;
  /** What stands in the URI where it is not the endpoint's own: the address at which that peer reaches us. IPv6 in brackets. */
  readonly host?: string;
  /** Over WebSockets: whether the scheme is `msrps`. The endpoint's own way where it is left out. */
  readonly isSecure?: boolean;
  /** Octets of one message. */
  readonly sizeMax: number;
  /** Asked again for every message, as is `mayReceive`: a new offer may change both. */
  accepts(contentType: string): boolean;
  /** False while this side only sends (`a=sendonly`): messages are answered 403, reports go on. */
  readonly mayReceive: boolean;
  /** Octets of that message that are here from an earlier session, so that its sender may go on behind them. */
  received?(messageId: string): number;
  readonly listener: LegListener;
}

/** Why a leg is over without having been closed here: the connection is gone, or never came, or the other side has no such session. */
export type LegEnd = 'lost' | 'unreachable' | 'no-session';

export interface LegListener {
  /** The other side is there. */
  connected(): void;
  /**
   * A message begins: take it, answer it and forget its octets, or refuse it with a status such as 403 or 413. Once for each
   * message, with the head of the chunk that came first.
   */
  began(head: MsrpRequestHead): 'take' | 'drop' | number;
  /**
   * A piece of a message that was taken, `offset` counted from 0. Pieces may come in any order and over each other (the later
   * one counts). Nobody writes into the bytes again, so they may be kept; a small piece keeps what it was read with alive.
   */
  octets(messageId: string, offset: number, bytes: Uint8Array): void;
  /** Every octet is there. Whoever asked for it is to be sent a report (`MsrpLeg.report`), now or later. */
  complete(head: MsrpRequestHead, size: number): void;
  /** It will not be whole: given up by its sender, against the rules, or the connection is gone. */
  abandoned(messageId: string, why: string): void;
  ended(why: LegEnd): void;
}

export interface MsrpLeg {
  /** Of this side, for `a=path`. */
  readonly uri: string;
  readonly transport: MsrpTransport;
  /**
   * What the other side said in `a=path`, and whether this side connects (RFC 6135). Again after a new offer. Where the other
   * side has to and does not in time, the leg is over.
   */
  start(side: { readonly path: readonly MsrpUri[]; readonly role: 'active' | 'passive' }): void;
  /** Messages leave one after the other; undefined at `outgoingMessagesMax`, and when the leg is over. */
  send(message: OutgoingMsrp): OutgoingHandle | undefined;
  /** About a message that came, if its sender wants to know: 200 by Success-Report, else by Failure-Report. The whole, or a range. */
  report(report: ReportOnMessage): void;
  /** Nothing more of that message is wanted, and its sender is told so (413, or another status). */
  refuse(messageId: string, status: number): void;
  /**
   * The octets come faster than they go: the connection is not read until `resume`. What was read already still comes. Not for
   * long: after 30 s senders give up what they have written and was not read.
   */
  pause(): void;
  resume(): void;
  /** An empty SEND, which keeps what is between alive. */
  keepAlive(): void;
  /** What is queued still leaves. The listener hears nothing any more, but `onEnd` of what is under way. */
  close(): void;
}

export interface ReportOnMessage {
  /** Of the message that is reported on. */
  readonly head: MsrpRequestHead;
  readonly range: ByteRange;
  readonly status: number;
}

/** Octets that may still be growing. */
export interface OctetSource {
  /**
   * At most `lengthMax` octets from `offset` on, which nobody changes afterwards; at least one, or the end. Waits until there
   * are some. A source that rejects has failed: the message is given up.
   */
  read(offset: number, lengthMax: number): SourceOctets | Promise<SourceOctets>;
}

export interface SourceOctets {
  readonly bytes: Uint8Array;
  /** Nothing follows. */
  readonly isEnd: boolean;
}

export interface OutgoingMsrp {
  readonly messageId: string;
  readonly contentType: string;
  /** MIME headers and extensions. */
  readonly headers?: readonly MsrpHeader[];
  readonly successReport?: boolean;
  /** `yes` where left out. */
  readonly failureReport?: MsrpRequestHead['failureReport'];
  /** Undefined while it is not known. */
  readonly size?: number;
  /** Octets that the other side has already. */
  readonly from?: number;
  readonly source: OctetSource;
  /** Once. */
  onEnd(outcome: OutgoingOutcome): void;
  /** A report of the other side, before or after the end. */
  onReport?(status: number, range: ByteRange | undefined): void;
}

/**
 * `answered`: every chunk with 200. `sent`: it left, and no answer was asked for. `refused`: by the other side, or 408 where it
 * was silent. `stopped`: by the caller. `lost`: the connection is gone, or never came. `failed`: the source did.
 * `answeredBytes`: so many octets, from the first on, were answered with 200.
 */
export type OutgoingOutcome = { readonly answeredBytes: number } & (
  | { readonly kind: 'answered' | 'sent' | 'stopped' | 'lost' }
  | { readonly kind: 'refused'; readonly status: number }
  | { readonly kind: 'failed'; readonly why: string }
);

export interface OutgoingHandle {
  /** Gives it up; the other side is told (`#`). */
  stop(): void;
}
