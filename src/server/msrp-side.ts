/** MSRP: its endpoint with the limits of this process, its sockets, and its door for WebSockets (RFC 7977). */
import type { Config } from '../config.ts';
import type { WebSocketConnection, WebSocketDoor } from '../endpoints/http/web-sockets/web-socket-door.ts';
import { defaultMsrpLimits } from '../msrp/leg/msrp-limits.ts';
import { MsrpEndpoint } from '../msrp/msrp-endpoint.ts';
import type { MsrpPort, MsrpSocketAddress, MsrpStream } from '../msrp/transport/ports.ts';
import { numericAddress } from '../sip/transport/sockets/listen-socket.ts';
import { ListenFault } from '../sip/transport/sockets/listen-fault.ts';
import { formatSocketAddress, isIpv6Address } from '../sip/transport/sockets/socket-address.ts';
import { openMsrpTcpSocket } from '../msrp/transport/tcp-socket.ts';
import { type MsrpTlsContexts, openMsrpTlsSocket } from '../msrp/transport/tls-socket.ts';
import type { ServerParts } from './server-parts.ts';

/** Octets of one chunk over a WebSocket, where it is one message of HTTP's; a larger one ends its connection with 1009. */
export const webSocketChunkBytesMax = 1_114_112;
/** Of the files that this process may have open, one in so many may be a connection of MSRP. */
const filesPerConnection = 4;

export function createMsrpEndpoint(parts: ServerParts): MsrpEndpoint {
  const { clock, timers, ids, counters, resolver, openFilesMax = Infinity } = parts;
  const { connectionsMax } = defaultMsrpLimits;
  const limits = {
    ...defaultMsrpLimits,
    connectionsMax: Math.min(connectionsMax, Math.floor(openFilesMax / filesPerConnection)),
  };
  const around = { clock, timers, ids, counters, limits };
  return new MsrpEndpoint({ ...around, ...(resolver === undefined ? {} : { resolver }) });
}

export interface OpenMsrp {
  readonly ports: readonly MsrpPort[];
  readonly msrp: MsrpSocketAddress;
  readonly msrps?: MsrpSocketAddress;
}

interface Surroundings {
  readonly certificate: MsrpTlsContexts | undefined;
  readonly http: { readonly host: string; readonly port: number };
  readonly https: MsrpSocketAddress | undefined;
}

/** All or none. Throws `ListenFault`. */
export async function openMsrp(config: Config, endpoint: MsrpEndpoint, around: Surroundings): Promise<OpenMsrp> {
  const { certificate, http, https } = around;
  const accept = (stream: MsrpStream) => endpoint.accept(stream);
  const plain = await listen('msrp', config.msrp, (host, port) => openMsrpTcpSocket(host, port, accept));
  const reached = (address: string, port: number, isSecure: boolean) => ({
    isSecure,
    host: reachedHost(config, address),
    port,
  });
  endpoint.offer('tcp', reached(plain.local.address, plain.local.port, false), plain);
  endpoint.offer(
    'ws',
    https === undefined ? reached(http.host, http.port, false) : reached(https.address, https.port, true),
  );
  if (config.msrps === undefined || certificate === undefined) return { ports: [plain], msrp: plain.local };
  try {
    const secure = await listen('msrps', config.msrps, (host, port) =>
      openMsrpTlsSocket(host, port, { accept, contexts: certificate }),
    );
    endpoint.offer('tls', reached(secure.local.address, secure.local.port, true), secure);
    return { ports: [plain, secure], msrp: plain.local, msrps: secure.local };
  } catch (fault) {
    plain.close();
    throw fault;
  }
}

async function listen(
  name: string,
  { host, port }: Config['msrp'],
  open: (address: string, port: number) => Promise<MsrpPort>,
): Promise<MsrpPort> {
  const address = await numericAddress(host, port);
  try {
    return await open(address, port);
  } catch (cause) {
    throw new ListenFault(`${name} ${formatSocketAddress(address, port)}`, cause);
  }
}

/** What stands in our URIs: a certificate names the domain, and a wildcard is no address. */
function reachedHost({ domains }: Config, address: string): string {
  if (address === '0.0.0.0' || address === '::') return domains[0] ?? 'localhost';
  return isIpv6Address(address) ? `[${address}]` : address;
}

/** MSRP over WebSockets (RFC 7977) as HTTP offers it. */
export function msrpDoor(endpoint: MsrpEndpoint): WebSocketDoor {
  return {
    path: '/msrp',
    subprotocol: 'msrp',
    messageBytesMax: webSocketChunkBytesMax,
    accept: (connection) => endpoint.accept(new WebSocketStream(connection)),
  };
}

/** One WebSocket as a stream of MSRP: one message there is one chunk here. */
class WebSocketStream implements MsrpStream {
  readonly transport = 'ws';
  readonly #connection: WebSocketConnection;

  constructor(connection: WebSocketConnection) {
    this.#connection = connection;
  }

  get remote(): MsrpSocketAddress {
    return this.#connection.remote;
  }

  get queuedBytes(): number {
    return this.#connection.queuedBytes;
  }

  write(parts: readonly Uint8Array[]): void {
    this.#connection.write(Buffer.concat(parts));
  }

  pause(): void {
    this.#connection.pause();
  }

  resume(): void {
    this.#connection.resume();
  }

  close(): void {
    this.#connection.close();
  }

  abort(): void {
    this.#connection.abort();
  }
}
