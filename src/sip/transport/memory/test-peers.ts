/** A server with a transport in a memory network and peers around it, for the tests of the transport. */
import { Counters } from '../../../base/counters.ts';
import type { IdSource } from '../../../base/ids.ts';
import { VirtualTime } from '../../../base/time/virtual-time.ts';
import type { SipRequest, SipResponse } from '../../message/sip-message.ts';
import type { Flow } from '../../registrar/ports.ts';
import { MemoryConnection, MemoryNetwork } from './memory-network.ts';
import type { OutgoingRoute } from '../message-transport.ts';
import { OwnAddresses } from '../own-addresses.ts';
import type { Resolver, SocketAddress, StreamConnection } from '../ports.ts';
import type { Destination } from '../route-finder.ts';
import { TransportLayer } from '../transport-layer.ts';
import { defaultTransportLimits } from '../transport-limits.ts';
import type { TransportLimits } from '../transport-limits.ts';

export const serverAddress = { address: '192.0.2.9', port: 5060 };
export const peerAddress = { address: '192.0.2.1', port: 5070 };

export class TestServer {
  readonly time = new VirtualTime();
  readonly network = new MemoryNetwork(this.time, this.time);
  readonly counters = new Counters();
  readonly transport: TransportLayer;
  readonly requests: SipRequest[] = [];
  readonly responses: SipResponse[] = [];
  readonly flows: Flow[] = [];
  readonly closed: number[] = [];

  constructor(limits: Partial<TransportLimits> = {}, resolver?: Resolver, seed = 1) {
    const { time, network, counters } = this;
    this.transport = new TransportLayer({
      clock: time,
      timers: time,
      ids: seededIds(seed),
      counters,
      limits: { ...defaultTransportLimits, ...limits },
      server: 'Restante/1',
      warningHost: 'example.com',
      ...(resolver === undefined ? {} : { resolver }),
    });
    this.transport.use({
      onRequest: (request, flow) => {
        this.requests.push(request);
        this.flows.push(flow);
      },
      onResponse: (response) => this.responses.push(response),
      onConnectionClosed: (connection) => this.closed.push(connection),
    });
    this.transport.start({
      datagrams: network.openDatagrams(serverAddress, this.transport),
      streams: [network.openStreams(serverAddress, (connection) => this.transport.accept(connection))],
      addresses: new OwnAddresses({
        listening: [serverAddress],
        machine: [serverAddress.address],
        names: ['example.com'],
      }),
    });
  }

  /** Sends octets on a way to a destination and answers the way. */
  async sendTo(
    destination: Destination,
    bytes: Uint8Array,
  ): Promise<{ route: OutgoingRoute | undefined; failed: number }> {
    const result: { route: OutgoingRoute | undefined; failed: number } = { route: undefined, failed: 0 };
    this.transport.findRoute(destination, bytes.length, (route) => {
      result.route = route;
      route?.send(bytes, () => result.failed++);
    });
    await this.time.advance(0);
    return result;
  }

  respond(index: number, text: string): void {
    const [request, flow] = [this.requests[index], this.flows[index]];
    if (request === undefined || flow === undefined) throw new Error('no such request');
    this.transport.sendResponse(new TextEncoder().encode(text), request.topVia, flow);
  }

  count(name: string): number {
    return [...this.counters.entries()].find((each) => each.name === name)?.value ?? 0;
  }
}

function seededIds(seed: number): IdSource {
  let drawn = seed;
  return {
    randomToken: () => `token${++drawn}`,
    timeOrderedId: () => `id${++drawn}`,
    fraction: () => (++drawn * 0.618_034) % 1,
  };
}

/** Somebody with datagrams, who notes what arrives. */
export class DatagramPeer {
  readonly got: string[] = [];
  readonly #port;

  constructor(server: TestServer, local: SocketAddress = peerAddress) {
    this.#port = server.network.openDatagrams(local, {
      onDatagram: (bytes) => this.got.push(new TextDecoder().decode(bytes)),
    });
  }

  send(text: string | Uint8Array): void {
    this.#port.send(typeof text === 'string' ? new TextEncoder().encode(text) : text, serverAddress);
  }
}

/** Somebody with streams: connects to the server, or accepts from it, and notes what arrives. */
export class StreamPeer {
  readonly got: string[] = [];
  readonly accepted: StreamConnection[] = [];
  connection: StreamConnection | undefined;
  isClosed = false;
  readonly #server: TestServer;
  readonly #local: SocketAddress;

  constructor(server: TestServer, local: SocketAddress = peerAddress) {
    this.#server = server;
    this.#local = local;
  }

  async connect(): Promise<this> {
    this.#server.network.openStreams(this.#local).connect(serverAddress, 1_000, (opened) => {
      if (!opened.ok) return undefined;
      this.connection = opened.value;
      return this.#listener();
    });
    await this.#server.time.advance(0);
    return this;
  }

  listen(): this {
    this.#server.network.openStreams(this.#local, (connection) => {
      this.accepted.push(connection);
      return this.#listener();
    });
    return this;
  }

  async send(text: string): Promise<void> {
    this.connection?.write(new TextEncoder().encode(text));
    await this.#server.time.advance(0);
  }

  stopReading(): void {
    if (this.connection instanceof MemoryConnection) this.connection.isReading = false;
  }

  #listener(): { onBytes: (bytes: Uint8Array) => void; onClose: () => void } {
    return {
      onBytes: (bytes) => this.got.push(new TextDecoder().decode(bytes)),
      onClose: () => {
        this.isClosed = true;
      },
    };
  }
}

/** A request as text; `via` is what stands behind the name of the row. */
export function messageText(via: string, body = '', callId = 'call1'): string {
  return [
    'MESSAGE sip:mary@example.com SIP/2.0',
    `Via: ${via}`,
    'From: <sip:tom@example.com>;tag=from1',
    'To: <sip:mary@example.com>',
    `Call-ID: ${callId}`,
    'CSeq: 1 MESSAGE',
    `Content-Length: ${new TextEncoder().encode(body).length}`,
    '',
    body,
  ].join('\r\n');
}
