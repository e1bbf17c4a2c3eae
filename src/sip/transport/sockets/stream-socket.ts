/**
 * One connection on node:net or node:tls as the transport sees it: writes gathered by turn, an end that hears the peer out.
 * Framing, limits and timeouts are not its business.
 */
import { isIPv6 } from 'node:net';
import type { Server, Socket } from 'node:net';
import type { SocketAddress, StreamConnection, StreamListener, StreamTransport } from '../ports.ts';
import { ListenFault } from './listen-fault.ts';
import { formatSocketAddress, plainAddress } from './socket-address.ts';

/** A peer that vanished is noticed by the system's own probes after about this long without traffic. */
export const keepAliveDelayMs = 120_000;
/** What is queued at `close` has this long to leave, and the peer to close its side; then the socket goes. */
export const closingMsMax = 5_000;
/** Connections that wait to be accepted while the process does something else. */
const backlog = 4_096;

/** Listens; port 0 takes a free one. Throws `ListenFault`, which calls it `tcp` or `tls`. */
export async function listenForStreams(server: Server, host: string, port: number, transport: string): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, backlog, exclusive: true }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (cause) {
    throw new ListenFault(`${transport} ${formatSocketAddress(host, port)}`, cause);
  }
  // Out of file descriptors: the connection that waits is taken when one is free again.
  server.on('error', () => undefined);
}

export function boundAddress(server: Server, transport: string): SocketAddress {
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new ListenFault(transport, 'not an IP socket');
  return { address: plainAddress(bound.address), port: bound.port };
}

/**
 * Where one address is listened on, connections come from it as datagrams do: a core may tell by it who sends. Not from
 * loopback to elsewhere, which leads nowhere.
 */
export function sourceFor(local: string, to: string): { localAddress?: string } {
  const isAny = local === '0.0.0.0' || local === '::';
  if (isAny || isIPv6(local) !== isIPv6(to) || (isLoopback(local) && !isLoopback(to))) return {};
  return { localAddress: local };
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

export class SocketConnection implements StreamConnection {
  readonly transport: StreamTransport;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly #socket: Socket;
  readonly #closingMs: number;
  #listener: StreamListener | undefined;
  #isCorked = false;

  constructor(socket: Socket, transport: StreamTransport, closingMs = closingMsMax) {
    this.transport = transport;
    this.#socket = socket;
    this.#closingMs = closingMs;
    this.local = { address: plainAddress(socket.localAddress ?? ''), port: socket.localPort ?? 0 };
    this.remote = { address: plainAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
    socket.on('error', () => undefined);
    socket.on('close', () => this.#end());
  }

  /** Undefined refuses the connection. */
  listen(listener: StreamListener | undefined): void {
    if (listener === undefined) {
      this.abort();
      return;
    }
    this.#listener = listener;
    this.#socket.on('data', (bytes: Uint8Array) => this.#listener?.onBytes(bytes));
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  write(bytes: Uint8Array): void {
    if (!this.#socket.writable) return;
    // What is written within one turn leaves in one system call, whichever connections it was read from.
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
      setImmediate(() => this.#uncork());
    }
    this.#socket.write(bytes);
  }

  close(): void {
    this.#listener = undefined;
    this.#uncork();
    // What the peer still sends is read and forgotten: closing over unread octets is a reset, which may reach the peer
    // before our last answer does.
    this.#socket.end();
    const end = setTimeout(() => this.#socket.destroy(), this.#closingMs).unref();
    this.#socket.once('close', () => clearTimeout(end));
  }

  abort(): void {
    this.#listener = undefined;
    this.#socket.destroy();
  }

  #uncork(): void {
    if (!this.#isCorked) return;
    this.#isCorked = false;
    this.#socket.uncork();
  }

  #end(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    listener?.onClose();
  }
}
