/**
 * A stream port on node:tls (RFC 3261 26.3.1, RFC 5922). A connection is counted from the moment it is opened, so that one
 * that never finishes its handshake is a silent one like any other. Where certificates come from is not its business.
 */
import { createServer, isIP } from 'node:net';
import type { Server, Socket } from 'node:net';
import { connect, TLSSocket } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { err, ok } from '../../../base/result.ts';
import type { AcceptStream, ConnectDone, PeerAddress, SocketAddress, StreamPort } from '../ports.ts';
import { boundAddress, keepAliveDelayMs, listenForStreams, SocketConnection, sourceFor } from './stream-socket.ts';

/** How long a peer may take for its handshake. */
export const tlsHandshakeMsMax = 10_000;

/** Asked for each connection anew, so that certificates can change while it listens. */
export interface TlsContexts {
  /** For connections that peers open. */
  accepting(): SecureContext;
  /** For connections that we open. */
  opening(): SecureContext;
  /** Whether a peer that we connect to must prove its name (RFC 5922 7.3). */
  readonly verifiesPeers: boolean;
}

export interface TlsSocketPlan {
  readonly accept: AcceptStream;
  readonly contexts: TlsContexts;
  readonly handshakeMsMax?: number;
}

/** Listens; port 0 takes a free one. Throws `ListenFault`. */
export async function openTlsSocket(host: string, port: number, plan: TlsSocketPlan): Promise<StreamPort> {
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveDelayMs });
  server.on('connection', (raw) => acceptRaw(raw, plan));
  await listenForStreams(server, host, port, 'tls');
  return new TlsPort(server, plan.contexts);
}

function acceptRaw(raw: Socket, { accept, contexts, handshakeMsMax = tlsHandshakeMsMax }: TlsSocketPlan): void {
  raw.on('error', () => undefined);
  const socket = new TLSSocket(raw, { isServer: true, secureContext: contexts.accepting() });
  const connection = new SocketConnection(socket, 'tls');
  const late = setTimeout(() => socket.destroy(), handshakeMsMax);
  const end = (): void => clearTimeout(late);
  socket.once('secure', end);
  socket.once('close', end);
  connection.listen(accept(connection));
}

class TlsPort implements StreamPort {
  readonly transport = 'tls';
  readonly local: SocketAddress;
  readonly #server: Server;
  readonly #contexts: TlsContexts;

  constructor(server: Server, contexts: TlsContexts) {
    this.#server = server;
    this.#contexts = contexts;
    this.local = boundAddress(server, 'tls');
  }

  connect(to: PeerAddress, timeoutMs: number, done: ConnectDone): void {
    const { name = to.address } = to;
    const socket = connect({
      host: to.address,
      port: to.port,
      ...sourceFor(this.local.address, to.address),
      // What the certificate must be for: the name that was asked for, never what the resolver made of it (RFC 5922 7.1).
      servername: isIP(name) === 0 ? name : '',
      secureContext: this.#contexts.opening(),
      rejectUnauthorized: this.#contexts.verifiesPeers,
    });
    const fail = (reason: string): void => {
      socket.removeAllListeners();
      socket.on('error', () => undefined);
      socket.destroy();
      done(err(reason));
    };
    socket.setTimeout(timeoutMs, () => fail('connecting takes too long'));
    socket.once('error', (fault: Error) => fail(fault.message));
    socket.once('close', () => fail('closed during the handshake'));
    socket.once('secureConnect', () => {
      socket.removeAllListeners();
      socket.setTimeout(0);
      socket.setNoDelay(true);
      socket.setKeepAlive(true, keepAliveDelayMs);
      const connection = new SocketConnection(socket, 'tls');
      connection.listen(done(ok(connection)));
    });
  }

  close(): void {
    this.#server.close();
  }
}
