/**
 * One connection on node:net or node:tls as MSRP sees it: writes gathered by turn, reading that can wait, an end that hears the
 * peer out. Framing, limits and times are not its business.
 */
import type { Server, Socket } from 'node:net';
import type { MsrpSocketAddress, MsrpStream, MsrpStreamListener, MsrpTransport } from './ports.ts';

/** A peer that vanished is noticed by the system's own probes after about this long without traffic. */
export const keepAliveDelayMs = 120_000;
/** What is queued at `close` has this long to leave, and the peer to close its side; then the socket goes. */
const closingMsMax = 5_000;
/** Connections that wait to be accepted while the process does something else. */
const backlog = 4_096;

/** Listens; port 0 takes a free one. Rejects with the fault of the system. */
export async function listenForStreams(server: Server, host: string, port: number): Promise<MsrpSocketAddress> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host, port, backlog, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  // Out of file descriptors: the connection that waits is taken when one is free again.
  server.on('error', () => undefined);
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('not an IP socket');
  return { address: plainAddress(bound.address), port: bound.port };
}

/** An IPv4 address that arrived in its IPv6 form as IPv4; without a zone. */
export function plainAddress(address = ''): string {
  const zone = address.indexOf('%');
  const bare = zone === -1 ? address : address.slice(0, zone);
  return bare.startsWith('::ffff:') && bare.includes('.') ? bare.slice(7) : bare;
}

export class SocketStream implements MsrpStream {
  readonly transport: MsrpTransport;
  readonly remote: MsrpSocketAddress;
  readonly #socket: Socket;
  #listener: MsrpStreamListener | undefined;
  #isCorked = false;

  constructor(socket: Socket, transport: MsrpTransport) {
    this.transport = transport;
    this.#socket = socket;
    this.remote = { address: plainAddress(socket.remoteAddress), port: socket.remotePort ?? 0 };
    socket.on('error', () => undefined);
    socket.on('close', () => this.#end());
  }

  /** Undefined refuses the connection. */
  listen(listener: MsrpStreamListener | undefined): void {
    if (listener === undefined) {
      this.abort();
      return;
    }
    this.#listener = listener;
    this.#socket.on('data', (bytes: Uint8Array) => this.#listener?.onBytes(bytes));
    this.#socket.on('drain', () => this.#listener?.onDrained());
  }

  get queuedBytes(): number {
    return this.#socket.writableLength;
  }

  write(parts: readonly Uint8Array[]): void {
    if (!this.#socket.writable) return;
    // What is written within one turn leaves in one system call.
    if (!this.#isCorked) {
      this.#isCorked = true;
      this.#socket.cork();
      setImmediate(() => this.#uncork());
    }
    for (const part of parts) this.#socket.write(part);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  close(): void {
    this.#listener = undefined;
    this.#uncork();
    // What the peer still sends is read and forgotten: closing over unread octets is a reset, which may reach the peer
    // before our last answer does.
    this.#socket.resume();
    this.#socket.end();
    const end = setTimeout(() => this.#socket.destroy(), closingMsMax).unref();
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
