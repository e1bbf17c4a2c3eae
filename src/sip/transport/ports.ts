/**
 * What the transport layer needs from the machine: datagrams, streams, names. The `*-socket.ts` files implement these
 * with Node; tests implement them in memory.
 */
import type { Result } from '../../base/result.ts';
import type { SocketAddress } from '../../base/sockets/socket-address.ts';
import type { Flow } from '../registrar/ports.ts';

export type { SocketAddress };

/** One bound socket for datagrams. */
export interface DatagramPort {
  readonly local: SocketAddress;
  /**
   * Sends within this turn or never, in the order of the calls; the octets must not change before. `onFailure` is called
   * when the machine refuses it; silence proves nothing.
   */
  send(bytes: Uint8Array, to: SocketAddress, onFailure?: () => void): void;
  close(): void;
}

export interface DatagramListener {
  onDatagram(bytes: Uint8Array, from: SocketAddress): void;
}

export type StreamTransport = Exclude<Flow['transport'], 'udp'>;

/** One connection. Every call after `close` does nothing. */
export interface StreamConnection {
  readonly transport: StreamTransport;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  /** The octets that are written but not yet taken by the machine; grows when the peer does not read. */
  readonly queuedBytes: number;
  write(bytes: Uint8Array): void;
  /** Sends what is queued, then closes; `abort` forgets what is queued. Neither calls the listener again. */
  close(): void;
  abort(): void;
}

export interface StreamListener {
  /** Octets as they arrive; over WebSocket one whole message, or a keep-alive, at a time. */
  onBytes(bytes: Uint8Array): void;
  /** The peer or the network has ended it. */
  onClose(): void;
}

/** Decides about a connection that a peer has opened; undefined refuses it. */
export type AcceptStream = (connection: StreamConnection) => StreamListener | undefined;

/** Where a connection goes, and by which name it was asked for: over TLS the peer must prove to be that. */
export interface PeerAddress extends SocketAddress {
  readonly name?: string;
}

/** Undefined refuses what was opened. */
export type ConnectDone = (opened: Result<StreamConnection, string>) => StreamListener | undefined;

/** Opens connections of one transport. `done` is called once; after `timeoutMs` at the latest. */
export interface StreamPort {
  readonly transport: StreamTransport;
  readonly local: SocketAddress;
  connect(to: PeerAddress, timeoutMs: number, done: ConnectDone): void;
  /** Stops listening; open connections stay. */
  close(): void;
}

/** Host names to numeric addresses (RFC 3263 4.2, A and AAAA only); an empty list when there is none. */
export interface Resolver {
  resolve(host: string, done: (addresses: readonly string[]) => void): void;
}
