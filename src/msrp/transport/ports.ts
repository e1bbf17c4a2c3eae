/**
 * What MSRP needs from the machine: connections that can be told to wait, and names. The sockets of `base/sockets` answer it,
 * HTTP's WebSockets, and in tests memory.
 */
import type { Result } from '../../base/result.ts';
import type { SocketAddress } from '../../base/sockets/socket-address.ts';

/** As in a URI: `ws` also stands for WebSockets over TLS (RFC 7977 5.2). */
export type MsrpTransport = 'tcp' | 'tls' | 'ws';

/** One connection. Every call after `close` does nothing. */
export interface MsrpStream {
  readonly transport: MsrpTransport;
  readonly remote: SocketAddress;
  /** Octets that are written but not yet taken by the machine; grows when the peer does not read. */
  readonly queuedBytes: number;
  /** One whole MSRP message, in parts that nobody changes afterwards. */
  write(parts: readonly Uint8Array[]): void;
  /** Nothing is read from the peer until `resume`, but for what was read already. */
  pause(): void;
  resume(): void;
  /** Sends what is queued, then closes; `abort` forgets what is queued. Neither calls the listener again. */
  close(): void;
  abort(): void;
}

export interface MsrpStreamListener {
  /** Octets as they arrive, never written into again; over WebSocket one whole message. */
  onBytes(bytes: Uint8Array): void;
  /** What was queued has left. */
  onDrained(): void;
  /** The peer or the network has ended it. */
  onClose(): void;
}

/** Decides about a connection that a peer has opened; undefined refuses it. */
export type AcceptMsrpStream = (stream: MsrpStream) => MsrpStreamListener | undefined;

/** Undefined refuses what was opened. */
export type MsrpConnectDone = (opened: Result<MsrpStream, string>) => MsrpStreamListener | undefined;

/** Opens connections of one transport. `done` is called once; after `timeoutMs` at the latest. */
export interface MsrpPort {
  readonly transport: MsrpTransport;
  readonly local: SocketAddress;
  /** `name`: what the peer must prove to be over TLS. */
  connect(to: SocketAddress & { readonly name?: string }, timeoutMs: number, done: MsrpConnectDone): void;
  /** Stops listening; open connections stay. */
  close(): void;
}

/** Host names to numeric addresses; an empty list when there is none. */
export interface MsrpResolver {
  resolve(host: string, done: (addresses: readonly string[]) => void): void;
}
