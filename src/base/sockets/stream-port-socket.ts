/** Listening and connecting, whatever the transport; `tcp-socket` and `tls-socket` say how one connection of theirs begins. */
import { createServer, isIPv6, type Server, type Socket } from 'node:net';
import { err, ok, type Result } from '../result.ts';
import { ListenFault } from './listen-fault.ts';
import { formatSocketAddress, plainAddress, type SocketAddress } from './socket-address.ts';
import { StreamSocket, type StreamSocketListener } from './stream-socket.ts';

/** A peer that vanished is noticed by the system's own probes after about this long without traffic. */
const keepAliveDelayMs = 120_000;
/** Connections that wait to be accepted while the process does something else. */
const backlog = 4_096;

/** Decides about a connection that a peer has opened; undefined refuses it. */
export type AcceptStreamSocket = (socket: StreamSocket<'tcp' | 'tls'>) => StreamSocketListener | undefined;

/** Undefined refuses what was opened. */
export type StreamSocketOpened = (
  opened: Result<StreamSocket<'tcp' | 'tls'>, string>,
) => StreamSocketListener | undefined;

/** Where a connection goes, and by which name it was asked for: over TLS the peer must prove to be that. */
export interface NamedSocketAddress extends SocketAddress {
  readonly name?: string;
}

export interface StreamPortPlan {
  /** What the port is for, in the words of an operator; without one its transport. */
  readonly name?: string;
  readonly accept: AcceptStreamSocket;
  /** Connections that are opened come from the address that is listened on. */
  readonly comesFromHere?: boolean;
  readonly closingMs?: number;
}

/** How a transport begins its connections. */
export interface StreamBeginning<Transport extends 'tcp' | 'tls'> {
  readonly transport: Transport;
  /** One that a peer has opened, before it is shown to anybody. */
  accepted(raw: Socket): Socket;
  /** One to a peer; it says `openEvent` when it is open. */
  connect(to: NamedSocketAddress, from: { readonly localAddress?: string }): Socket;
  readonly openEvent: 'connect' | 'secureConnect';
}

/** Listens; port 0 takes a free one. Throws `ListenFault`. */
export async function openStreamPort<Transport extends 'tcp' | 'tls'>(
  at: SocketAddress,
  plan: StreamPortPlan,
  beginning: StreamBeginning<Transport>,
): Promise<StreamSocketPort<Transport>> {
  const { transport } = beginning;
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveDelayMs });
  server.on('connection', (raw) => {
    const connection = new StreamSocket(beginning.accepted(raw), transport, plan.closingMs);
    connection.listen(plan.accept(connection));
  });
  try {
    await listen(server, at);
    return new StreamSocketPort(server, plan.comesFromHere === true, beginning);
  } catch (cause) {
    throw new ListenFault(`${plan.name ?? transport} ${formatSocketAddress(at.address, at.port)}`, cause);
  }
}

async function listen(server: Server, { address, port }: SocketAddress): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: address, port, backlog, exclusive: true }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  // Out of file descriptors: the connection that waits is taken when one is free again.
  server.on('error', () => undefined);
}

export class StreamSocketPort<Transport extends 'tcp' | 'tls'> {
  readonly transport: Transport;
  readonly local: SocketAddress;
  readonly #server: Server;
  readonly #comesFromHere: boolean;
  readonly #beginning: StreamBeginning<Transport>;

  constructor(server: Server, comesFromHere: boolean, beginning: StreamBeginning<Transport>) {
    const bound = server.address();
    if (bound === null || typeof bound === 'string') throw new Error('not an IP socket');
    this.transport = beginning.transport;
    this.local = { address: plainAddress(bound.address), port: bound.port };
    this.#server = server;
    this.#comesFromHere = comesFromHere;
    this.#beginning = beginning;
  }

  /** `done` is called once; after `timeoutMs` at the latest. */
  connect(to: NamedSocketAddress, timeoutMs: number, done: StreamSocketOpened): void {
    const socket = this.#beginning.connect(to, this.#comesFromHere ? sourceFor(this.local.address, to.address) : {});
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveDelayMs);
    const fail = (reason: string): void => {
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.destroy();
      done(err(reason));
    };
    socket.setTimeout(timeoutMs, () => fail('connecting takes too long'));
    socket.once('error', (fault: Error) => fail(fault.message));
    socket.once('close', () => fail('closed before it was open'));
    socket.once(this.#beginning.openEvent, () => {
      socket.removeAllListeners();
      socket.setTimeout(0);
      const connection = new StreamSocket(socket, this.transport);
      connection.listen(done(ok(connection)));
    });
  }

  /** Stops listening; open connections stay. */
  close(): void {
    this.#server.close();
  }
}

/**
 * Where one address is listened on, a peer may tell by it who comes. Not from loopback to elsewhere, which leads nowhere.
 */
function sourceFor(local: string, to: string): { localAddress?: string } {
  const isAny = local === '0.0.0.0' || local === '::';
  if (isAny || isIPv6(local) !== isIPv6(to) || (isLoopback(local) && !isLoopback(to))) return {};
  return { localAddress: local };
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}
