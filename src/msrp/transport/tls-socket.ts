/**
 * A port for MSRP on node:tls (RFC 4975 14.1, `msrps`). A connection is counted from the moment it is opened, so that one that
 * never finishes its handshake is without a session like any other. Where certificates come from is not its business.
 */
import { createServer, isIP, type Server, type Socket } from 'node:net';
import { connect, TLSSocket, type SecureContext } from 'node:tls';
import type { AcceptMsrpStream, MsrpConnectDone, MsrpPort, MsrpSocketAddress } from './ports.ts';
import { keepAliveDelayMs, listenForStreams, SocketStream } from './stream-socket.ts';
import { awaitOpening } from './tcp-socket.ts';

/** How long a peer may take for its handshake. */
const tlsHandshakeMsMax = 10_000;

/** Asked for each connection anew, so that certificates can change while it listens. */
export interface MsrpTlsContexts {
  accepting(): SecureContext;
  opening(): SecureContext;
  /** Whether a peer that we connect to must prove its name. */
  readonly verifiesPeers: boolean;
}

export interface MsrpTlsPlan {
  readonly accept: AcceptMsrpStream;
  readonly contexts: MsrpTlsContexts;
  readonly handshakeMsMax?: number;
}

/** Listens; port 0 takes a free one. Rejects with the fault of the system. */
export async function openMsrpTlsSocket(host: string, port: number, plan: MsrpTlsPlan): Promise<MsrpPort> {
  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAliveDelayMs });
  server.on('connection', (raw) => acceptRaw(raw, plan));
  return new TlsPort(server, await listenForStreams(server, host, port), plan.contexts);
}

function acceptRaw(raw: Socket, { accept, contexts, handshakeMsMax = tlsHandshakeMsMax }: MsrpTlsPlan): void {
  raw.on('error', () => undefined);
  const socket = new TLSSocket(raw, { isServer: true, secureContext: contexts.accepting() });
  const stream = new SocketStream(socket, 'tls');
  const late = setTimeout(() => socket.destroy(), handshakeMsMax);
  const end = (): void => clearTimeout(late);
  socket.once('secure', end);
  socket.once('close', end);
  stream.listen(accept(stream));
}

class TlsPort implements MsrpPort {
  readonly transport = 'tls';
  readonly local: MsrpSocketAddress;
  readonly #server: Server;
  readonly #contexts: MsrpTlsContexts;

  constructor(server: Server, local: MsrpSocketAddress, contexts: MsrpTlsContexts) {
    this.#server = server;
    this.local = local;
    this.#contexts = contexts;
  }

  connect(to: MsrpSocketAddress & { readonly name?: string }, timeoutMs: number, done: MsrpConnectDone): void {
    const { name = to.address } = to;
    const socket = connect({
      host: to.address,
      port: to.port,
      // What the certificate must be for: the host of the URI (RFC 4975 14.1).
      servername: isIP(name) === 0 ? name : '',
      secureContext: this.#contexts.opening(),
      rejectUnauthorized: this.#contexts.verifiesPeers,
    });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, keepAliveDelayMs);
    awaitOpening(socket, 'secureConnect', timeoutMs, done);
  }

  close(): void {
    this.#server.close();
  }
}
