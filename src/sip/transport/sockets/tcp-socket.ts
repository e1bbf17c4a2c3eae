/** A stream port on node:net: accepts and opens connections. Framing, limits and timeouts are not its business. */
import { connect, createServer, isIPv6 } from 'node:net';
import type { Server, Socket } from 'node:net';
import { err, ok } from '../../../base/result.ts';
import type { Result } from '../../../base/result.ts';
import type { AcceptStream, SocketAddress, StreamConnection, StreamListener, StreamPort } from '../ports.ts';
import { ListenFault } from './listen-fault.ts';
import { formatSocketAddress, plainAddress } from './socket-address.ts';

/** A peer that vanished is noticed by the system's own probes after about this long without traffic. */
const keepAliveDelayMs = 120_000;
/** Connections that wait to be accepted while the process does something else. */
const backlog = 4_096;
/** What is queued at `close` has this long to leave, and the peer to close its side; then the socket goes. */
export const closingMsMax = 5_000;

/** Listens; port 0 takes a free one. Throws `ListenFault`. */
export async function openTcpSocket(
  host: string,
  port: number,
  accept: AcceptStream,
  closingMs = closingMsMax,
): Promise<StreamPort> {
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveDelayMs });
  server.on('connection', (socket) => {
    const connection = new TcpConnection(socket, closingMs);
    const listener = accept(connection);
    if (listener === undefined) connection.abort();
    else connection.listen(listener);
  });
  await listen(server, host, port);
  // Out of file descriptors: the connection that waits is taken when one is free again.
  server.on('error', () => undefined);
  return new TcpPort(server);
}

async function listen(server: Server, host: string, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, backlog, exclusive: true }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (cause) {
    throw new ListenFault(`tcp ${formatSocketAddress(host, port)}`, cause);
  }
}

class TcpPort implements StreamPort {
  readonly transport = 'tcp';
  readonly local: SocketAddress;
  readonly #server: Server;

  constructor(server: Server) {
    this.#server = server;
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new ListenFault('tcp', 'not an IP socket');
    this.local = { address: plainAddress(bound.address), port: bound.port };
  }

  connect(
    to: SocketAddress,
    timeoutMs: number,
    done: (opened: Result<StreamConnection, string>) => StreamListener | undefined,
  ): void {
    const socket = connect({
      host: to.address,
      port: to.port,
      ...sourceFor(this.local.address, to.address),
      noDelay: true,
      keepAlive: true,
      keepAliveInitialDelay: keepAliveDelayMs,
    });
    const fail = (reason: string): void => {
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.destroy();
      done(err(reason));
    };
    socket.setTimeout(timeoutMs, () => fail('connecting takes too long'));
    socket.once('error', (fault) => fail(fault.message));
    socket.once('connect', () => {
      socket.removeAllListeners();
      socket.setTimeout(0);
      const connection = new TcpConnection(socket, closingMsMax);
      const listener = done(ok(connection));
      if (listener === undefined) connection.abort();
      else connection.listen(listener);
    });
  }

  close(): void {
    this.#server.close();
  }
}

/**
 * Where one address is listened on, connections come from it as datagrams do: a core may tell by it who sends. Not from
 * loopback to elsewhere, which leads nowhere.
 */
function sourceFor(local: string, to: string): { localAddress?: string } {
  const isAny = local === '0.0.0.0' || local === '::';
  if (isAny || isIPv6(local) !== isIPv6(to) || (isLoopback(local) && !isLoopback(to))) return {};
  return { localAddress: local };
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

class TcpConnection implements StreamConnection {
  readonly transport = 'tcp';
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  readonly #socket: Socket;
  readonly #closingMs: number;
  #listener: StreamListener | undefined;
  #isCorked = false;

  constructor(socket: Socket, closingMs: number) {
    this.#socket = socket;
    this.#closingMs = closingMs;
    this.local = { address: plainAddress(socket.localAddress ?? ''), port: socket.localPort ?? 0 };
    this.remote = { address: plainAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
    socket.on('error', () => undefined);
    socket.on('close', () => this.#end());
  }

  listen(listener: StreamListener): void {
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
