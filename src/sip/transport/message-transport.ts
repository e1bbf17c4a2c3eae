/**
 * The border between transport and transactions: messages up, octets and ways down. Transactions know the transport by
 * these interfaces only, so they are tested without one.
 */
import type { SipRequest, SipResponse } from '../message/sip-message.ts';
import type { Via } from '../message/via.ts';
import type { Flow } from '../registrar/ports.ts';
import type { Destination } from './route-finder.ts';

export interface TransportUser {
  /** The topmost Via is complete: `received` and `rport` are what they are (RFC 3261 18.2.1, RFC 3581 4). */
  onRequest(request: SipRequest, flow: Flow): void;
  onResponse(response: SipResponse, flow: Flow): void;
  onConnectionClosed(connection: number): void;
}

/** A way on which a request can leave now. */
export interface OutgoingRoute {
  /** What stands in front of the parameters of the topmost Via: `SIP/2.0/UDP 192.0.2.1:5060`. */
  readonly viaStart: string;
  readonly isReliable: boolean;
  /** The connection that it is, for as long as it lasts. */
  readonly connection: number | undefined;
  /** `onFailure` is called, perhaps at once, when it is known that the octets did not leave. */
  send(bytes: Uint8Array, onFailure: () => void): void;
}

export interface MessageTransport {
  /** The one user, who gets everything that arrives from now on. */
  use(user: TransportUser): void;
  /**
   * `messageBytes` is the length with all of the Via but `viaStart`; it decides between datagram and stream.
   * `done` is called once, perhaps before this returns; without a route when there is none.
   */
  findRoute(destination: Destination, messageBytes: number, done: (route: OutgoingRoute | undefined) => void): void;
  /**
   * Sends a response where its request's topmost Via says (RFC 3261 18.2.2). `sender` hears of streams that cannot be
   * opened; a datagram that the machine refuses is lost like any other.
   */
  sendResponse(bytes: Uint8Array, via: Via, flow: Flow, sender?: ResponseSender): void;
}

/** Keeps some of what arrives back until others have been read. */
export interface ArrivalLine {
  /** True: it keeps the octets, and has them read when their turn comes. */
  holds(bytes: Uint8Array, flow: Flow): boolean;
}

/** An object in place of a closure for each response. */
export interface ResponseSender {
  sendFailed(): void;
}
