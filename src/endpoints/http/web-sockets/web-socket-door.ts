/** What is behind a path that is spoken to over WebSockets: declared here, implemented by whoever speaks the subprotocol. */
import type { SocketAddress } from '../../../base/sockets/socket-address.ts';

/** One WebSocket as a connection of whole messages. Every call after `close` does nothing. */
export interface WebSocketConnection {
  readonly transport: 'ws' | 'wss';
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** The octets that are written but not yet taken by the machine; grows when the peer does not read. */
  readonly queuedBytes: number;
  /** One message: as text where it is UTF-8, since not every client reads the other kind. */
  write(bytes: Uint8Array): void;
  /** Nothing is read from the peer until `resume`, but for what was read already. */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then closes; `abort` forgets what is queued. Neither calls the listener again. */
  close(): void;
  abort(): void;
}

export interface WebSocketListener {
  /** A whole message, text or binary; no octets at all for a ping or a pong, which is a sign of life. */
  onBytes(bytes: Uint8Array): void;
  /** What was written has been taken by the machine. */
  onDrained?(): void;
  /** The peer or the network has ended it. */
  onClose(): void;
}

export interface WebSocketDoor {
  /** As in the request, without a query. */
  readonly path: string;
  /** Clients must offer it, and hear it back (RFC 6455 1.9). */
  readonly subprotocol: string;
  /** A larger message ends its connection with 1009 (RFC 6455 7.4.1), in however many frames it comes. */
  readonly messageBytesMax: number;
  /** Undefined refuses it. */
  accept(connection: WebSocketConnection): WebSocketListener | undefined;
}
