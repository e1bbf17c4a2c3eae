/** What every listener of the HTTP port bounds, and how it is opened for that. */
import type { ServerOptions } from 'node:http';

/** Connections that are open at once, WebSockets not counted; at the limit new ones are closed unanswered. */
export const httpConnectionsMax = 10_000;
/** Of a request, without its body. */
export const httpHeaderBytesMax = 16_384;
/** Of a body, where a route does not say otherwise. */
export const httpBodyBytesMax = 262_144;
/** From the first byte of a request to its last; of one whose body is taken as a stream, from one look at it to the next. */
export const httpRequestMsMax = 30_000;
/** Octets that such a body has between two looks, at least; a slower one holds its connection for nothing. */
export const httpStreamedBytesMin = 16_384;
/** How long a stop waits for requests that are being sent or answered; then their connections are cut. */
export const httpDrainMsMax = 1000;
/** Characters of one part of a path. */
export const httpPathPartMax = 1_200;

/** A peer that vanished is noticed by the system's own probes after about this long without traffic. */
const keepAliveDelayMs = 120_000;

export const httpListenerOptions: ServerOptions = {
  maxHeaderSize: httpHeaderBytesMax,
  headersTimeout: httpRequestMsMax,
  // Of bodies `limitRequestTime` sees to it, since some of them may take longer.
  requestTimeout: 0,
  keepAlive: true,
  keepAliveInitialDelay: keepAliveDelayMs,
  // Any other upgrade that a client offers, such as to HTTP/2, is not taken, and the request answered as it stands.
  shouldUpgradeCallback: ({ headers }) => headers.upgrade?.toLowerCase() === 'websocket',
};
