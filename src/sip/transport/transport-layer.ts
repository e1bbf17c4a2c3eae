/**
 * The transport layer (RFC 3261 18): octets to messages and back, over datagrams and streams. It answers keep-alives
 * and what cannot be read, and hands the rest to its user. It knows sockets only as ports.
 */
import { unreachable } from '../../base/assert.ts';
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { Counters } from '../../base/counters.ts';
import type { IdSource } from '../../base/ids.ts';
import type { Timers } from '../../base/time/timers.ts';
import type { MalformedMessage } from '../message/malformed-message.ts';
import { defaultMessageLimits, parseSipMessage } from '../message/parse-message.ts';
import type { MessageLimits } from '../message/parse-message.ts';
import type { SipResponse } from '../message/sip-message.ts';
import type { FramerEvent } from '../message/stream-framer.ts';
import type { Via } from '../message/via.ts';
import type { Flow } from '../registrar/ports.ts';
import { formatMalformedAnswer } from './malformed-answer.ts';
import type { MalformedAnswerer } from './malformed-answer.ts';
import type {
  ArrivalLine,
  MessageTransport,
  OutgoingRoute,
  ResponseSender,
  TransportUser,
} from './message-transport.ts';
import { DatagramRoute, formatViaStart, StreamRoute } from './outgoing-routes.ts';
import type { OwnAddresses } from './own-addresses.ts';
import type { DatagramPort, Resolver, SocketAddress, StreamConnection, StreamPort } from './ports.ts';
import { completeRequest, datagramTarget, reopenTarget } from './response-target.ts';
import { RouteFinder } from './route-finder.ts';
import type { Destination, Route } from './route-finder.ts';
import { StreamTable } from './stream-table.ts';
import type { OpenStream, StreamOwner } from './stream-table.ts';
import { defaultTransportLimits } from './transport-limits.ts';
import type { TransportLimits } from './transport-limits.ts';

export interface TransportLayerOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly counters: Counters;
  readonly limits?: TransportLimits;
  readonly messageLimits?: MessageLimits;
  /** Without one only numeric addresses are reached. */
  readonly resolver?: Resolver;
  /** Of the Server row in answers to what cannot be read; empty for none. */
  readonly server: string;
  /** Of the Warning row in them, which says what is wrong; without it there is none. */
  readonly warningHost?: string;
}

export interface OpenPorts {
  readonly datagrams?: DatagramPort;
  /** One for each transport that can be connected to; accepted connections may be of others. */
  readonly streams: readonly StreamPort[];
  /** With every port on which connections are accepted, those of WebSockets too. */
  readonly addresses: OwnAddresses;
}

export class TransportLayer implements MessageTransport, StreamOwner {
  readonly #messageLimits: MessageLimits;
  readonly #answerer: MalformedAnswerer;
  readonly #table: StreamTable;
  readonly #routes: RouteFinder;
  readonly #received: Readonly<Record<Arrival, { value: number }>>;
  #ports: OpenPorts | undefined;
  #user: TransportUser | undefined;
  #line: ArrivalLine | undefined;
  /** Of datagrams: mostly the same as before. */
  #lastVia = { host: '', start: '' };

  constructor(options: TransportLayerOptions) {
    const { clock, timers, ids, counters, limits = defaultTransportLimits, resolver } = options;
    const { messageLimits = defaultMessageLimits } = options;
    this.#messageLimits = messageLimits;
    this.#answerer = { server: options.server, warningHost: options.warningHost ?? '' };
    this.#table = new StreamTable({ clock, timers, ids, counters, limits, messageLimits, owner: this });
    this.#routes = new RouteFinder({
      clock,
      counters,
      limits,
      resolver,
      streams: this.#table,
      portOf: (transport) => this.#portOf(transport),
      isReachable: (address) => this.#isReachable(address),
    });
    this.#received = countersOf(counters);
  }

  use(user: TransportUser): void {
    this.#user = user;
  }

  /** Asked of every message before it is read. */
  pace(line: ArrivalLine): void {
    this.#line = line;
  }

  /** The sockets are open; until now whatever arrived was dropped. */
  start(ports: OpenPorts): void {
    this.#ports = ports;
  }

  /** Stops listening and closes the connections once what is queued has left. */
  close(): void {
    this.#ports?.datagrams?.close();
    for (const port of this.#ports?.streams ?? []) port.close();
    this.#ports = undefined;
    this.#table.closeAll();
  }

  /** Whether host and port of a Route or a Request-URI mean this server. */
  isOurs(host: string, port: number | undefined): boolean {
    return this.#ports?.addresses.isOurs(host, port) ?? false;
  }

  /** Whether a sent-by is one that this server writes. */
  isOurSentBy(host: string, port: number | undefined): boolean {
    return this.#ports?.addresses.isOurSentBy(host, port) ?? false;
  }

  onDatagram(bytes: Uint8Array, from: SocketAddress): void {
    if (this.#ports === undefined) return;
    const [first] = bytes;
    // RFC 5764 5.1.1: the first octet tells STUN from SIP; line ends and zeros only keep a NAT open.
    if (first === undefined || first <= STUN_LAST) this.#received.stun.value++;
    else if (isBlank(bytes)) this.#received.keepalive.value++;
    else this.#receive(bytes, { transport: 'udp', remoteAddress: from.address, remotePort: from.port });
  }

  onStreamBytes(stream: OpenStream, bytes: Uint8Array): void {
    const { transport } = stream.connection;
    if (transport === 'ws' || transport === 'wss') {
      // RFC 7118 4.1: one WebSocket message is one SIP message, and needs no Content-Length. An empty one is a sign of life.
      if (bytes.length > 0) this.#receiveFramed(stream, isBlank(bytes) ? KEEP_ALIVE : { kind: 'message', bytes });
      return;
    }
    for (const event of stream.framer.push(bytes)) {
      if (!stream.isOpen) return;
      this.#receiveFramed(stream, event);
    }
    if (stream.framer.pendingBytes === 0) stream.partialSince = undefined;
    else stream.partialSince ??= stream.lastBytesAt;
  }

  accept(connection: StreamConnection): OpenStream | undefined {
    return this.#ports === undefined ? undefined : this.#table.add(connection);
  }

  /** Of a flow over a stream: whether its connection is open still. */
  isOpen(flow: Flow): boolean {
    return this.#table.find(flow) !== undefined;
  }

  /** A client has promised keep-alives (RFC 5626 4.4.1): its connection is closed when none comes for so long. */
  expectKeepAlives(connection: number, idleMs: Millis): void {
    this.#table.expectKeepAlives(connection, idleMs);
  }

  onStreamClosed(stream: OpenStream): void {
    this.#user?.onConnectionClosed(stream.id);
  }

  findRoute(destination: Destination, messageBytes: number, done: (route: OutgoingRoute | undefined) => void): void {
    const start = this.#datagramViaStart(destination.flow?.remoteAddress ?? destination.host ?? '');
    this.#routes.find(destination, messageBytes + start.length, (route) => {
      done(route === undefined ? undefined : this.#outgoing(route));
    });
  }

  sendResponse(bytes: Uint8Array, via: Via, flow: Flow, sender?: ResponseSender): void {
    if (flow.transport === 'udp') {
      this.#ports?.datagrams?.send(bytes, datagramTarget(via, flow));
      return;
    }
    const stream = this.#table.find(flow);
    if (stream !== undefined) {
      if (!this.#table.write(stream, bytes)) sender?.sendFailed();
      return;
    }
    this.#routes.reopen(flow.transport, reopenTarget(via, flow), (route) => {
      const isSent = route?.kind === 'stream' && this.#table.write(route.stream, bytes);
      if (!isSent) sender?.sendFailed();
    });
  }

  #receiveFramed(stream: OpenStream, event: FramerEvent): void {
    switch (event.kind) {
      case 'message':
        stream.prove();
        stream.partialSince = undefined;
        this.#receive(event.bytes, stream.flow);
        break;
      case 'keepAlive':
        stream.prove();
        this.#received.keepalive.value++;
        this.#table.write(stream, PONG);
        break;
      case 'framingLost':
        this.#receiveMalformed(event.malformed, stream.flow);
        this.#table.close(stream, 'framing');
        break;
      default:
        unreachable(event);
    }
  }

  #receive(bytes: Uint8Array, flow: Flow): void {
    if (this.#line?.holds(bytes, flow) !== true) this.read(bytes, flow);
  }

  /** What was held back. */
  read(bytes: Uint8Array, flow: Flow): void {
    if (this.#ports === undefined) return;
    const parsed = parseSipMessage(bytes, this.#messageLimits);
    switch (parsed.kind) {
      case 'request':
        this.#received.request.value++;
        this.#user?.onRequest(completeRequest(parsed.message, flow), flow);
        break;
      case 'response':
        this.#receiveResponse(parsed.message, flow);
        break;
      case 'malformed-request':
      case 'malformed-response':
      case 'unanswerable':
        this.#receiveMalformed(parsed, flow);
        break;
      default:
        unreachable(parsed);
    }
  }

  #receiveResponse(response: SipResponse, flow: Flow): void {
    const { topVia, vias } = response;
    // RFC 3261 18.1.2 and 8.1.3.3: one Via, and that is ours.
    if (vias.length > 1 || !this.isOurSentBy(topVia.host, topVia.port)) this.#received.foreign.value++;
    else {
      this.#received.response.value++;
      this.#user?.onResponse(response, flow);
    }
  }

  #receiveMalformed(malformed: MalformedMessage, flow: Flow): void {
    this.#received.malformed.value++;
    if (malformed.kind !== 'malformed-request') return;
    const answer = formatMalformedAnswer(malformed, flow, this.#answerer);
    this.sendResponse(answer, malformed.echo.topVia, flow);
  }

  #outgoing(route: Route): OutgoingRoute | undefined {
    if (route.kind === 'datagram') {
      const port = this.#ports?.datagrams;
      if (port === undefined) return undefined;
      return new DatagramRoute(port, route.to, this.#datagramViaStart(route.to.address));
    }
    const { transport, local, remote } = route.stream.connection;
    if (this.#ports === undefined) return undefined;
    // The port is the one listened on: a response whose connection is gone opens one to it (RFC 3261 18.2.2).
    const port = this.#portOf(transport)?.local.port ?? local.port;
    const host = this.#ports.addresses.sentByHost(local.address, remote.address);
    return new StreamRoute(this.#table, route.stream, formatViaStart(transport, host, port));
  }

  #portOf(transport: Flow['transport']): StreamPort | undefined {
    return this.#ports?.streams.find((port) => port.transport === transport);
  }

  /** A socket of one family reaches only that family; one that listens on `::` reaches both. */
  #isReachable(address: string): boolean {
    const local = this.#ports?.datagrams?.local ?? this.#ports?.streams[0]?.local;
    return local?.address === '::' || local?.address.includes(':') === address.includes(':');
  }

  #datagramViaStart(remoteHost: string): string {
    const local = this.#ports?.datagrams?.local;
    if (this.#ports === undefined || local === undefined) return '';
    const host = this.#ports.addresses.sentByHost(local.address, remoteHost);
    if (this.#lastVia.host !== host) this.#lastVia = { host, start: formatViaStart('udp', host, local.port) };
    return this.#lastVia.start;
  }
}

/** RFC 5764 5.1.1. */
const STUN_LAST = 3;
/** RFC 5626 3.5.1. */
const KEEP_ALIVE: FramerEvent = { kind: 'keepAlive' };
const PONG = new Uint8Array([13, 10]);
const LF = 10;
const CR = 13;

function isBlank(bytes: Uint8Array): boolean {
  for (const byte of bytes) if (byte !== CR && byte !== LF) return false;
  return true;
}

type Arrival = 'request' | 'response' | 'foreign' | 'malformed' | 'stun' | 'keepalive';

function countersOf(counters: Counters): Readonly<Record<Arrival, { value: number }>> {
  const cell = (kind: Arrival): { value: number } => counters.counter(`sip_received{kind="${kind}"}`);
  return {
    request: cell('request'),
    response: cell('response'),
    foreign: cell('foreign'),
    malformed: cell('malformed'),
    stun: cell('stun'),
    keepalive: cell('keepalive'),
  };
}
