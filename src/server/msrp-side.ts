/** MSRP: its endpoint with the limits of this process, its sockets, and its door for WebSockets (RFC 7977). */
import { numericAddress } from '../base/sockets/resolver-socket.ts';
import { isIpv6Address, type SocketAddress } from '../base/sockets/socket-address.ts';
import { openTcpSocket } from '../base/sockets/tcp-socket.ts';
import { openTlsSocket, type TlsContexts, type TlsPortPlan } from '../base/sockets/tls-socket.ts';
import type { Config } from '../config.ts';
import type { WebSocketConnection, WebSocketDoor } from '../endpoints/http/web-sockets/web-socket-door.ts';
import { defaultMsrpLimits } from '../msrp/leg/msrp-limits.ts';
import { MsrpEndpoint } from '../msrp/msrp-endpoint.ts';
import type { MsrpPort, MsrpStream } from '../msrp/transport/ports.ts';
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
  readonly msrp: SocketAddress;
  readonly msrps?: SocketAddress;
}

interface Surroundings {
  readonly certificate: TlsContexts | undefined;
  readonly http: { readonly host: string; readonly port: number };
  readonly https: SocketAddress | undefined;
}

/** All or none. Throws `ListenFault`. */
export async function openMsrp(config: Config, endpoint: MsrpEndpoint, around: Surroundings): Promise<OpenMsrp> {
  const { certificate, http, https } = around;
  const accept = (stream: MsrpStream) => endpoint.accept(stream);
  const { host, port } = config.msrp;
  const plain = await openTcpSocket(await numericAddress(host, port), port, { name: 'msrp', accept });
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
    const secure = await openMsrps(config.msrps, { accept, contexts: certificate });
    endpoint.offer('tls', reached(secure.local.address, secure.local.port, true), secure);
    return { ports: [plain, secure], msrp: plain.local, msrps: secure.local };
  } catch (fault) {
    plain.close();
    throw fault;
  }
}

async function openMsrps({ host, port }: Config['msrp'], plan: Omit<TlsPortPlan, 'name'>): Promise<MsrpPort> {
  return openTlsSocket(await numericAddress(host, port), port, { ...plan, name: 'msrps' });
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

  get remote(): SocketAddress {
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
