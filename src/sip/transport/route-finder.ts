/**
 * Which way a request of ours goes (RFC 3261 18.1.1, RFC 3263 4.2 and 5): over the flow it is meant for, an open or a
 * new connection, or as a datagram. Ways that are open are found at once, others when they are. It formats nothing.
 */
import { LRUCache } from 'lru-cache';
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { Counters } from '../../base/counters.ts';
import type { Flow } from '../registrar/ports.ts';
import { bareHost, defaultPortOf, isNumericAddress } from './own-addresses.ts';
import type { PeerAddress, Resolver, SocketAddress, StreamListener, StreamPort } from './ports.ts';
import { peerKey } from './stream-table.ts';
import type { OpenStream, StreamTable } from './stream-table.ts';
import type { TransportLimits } from './transport-limits.ts';

export interface Destination {
  /** The way back to a client: tried first as long as it is open. */
  readonly flow?: Flow;
  /** Where else it goes: a name, or an address with or without brackets. Without it only the flow is tried. */
  readonly host?: string;
  /** The way back to a client whose host may be a name that only it knows: tried when the name has no address. */
  readonly unnamed?: SocketAddress;
  /** Default 5060, for TLS 5061. */
  readonly port?: number;
  /** Of host and port. */
  readonly transport: Flow['transport'];
}

/** A way that is open: a connection, or the address for a datagram. */
export type Route =
  | { readonly kind: 'stream'; readonly stream: OpenStream }
  | { readonly kind: 'datagram'; readonly to: SocketAddress };

export type RouteDone = (route: Route | undefined) => void;

export interface RouteFinderOptions {
  readonly clock: Clock;
  readonly counters: Counters;
  readonly limits: TransportLimits;
  readonly streams: StreamTable;
  readonly resolver: Resolver | undefined;
  /** Whether an address is of a family that we have a socket for. */
  readonly isReachable: (address: string) => boolean;
  readonly portOf: (transport: Flow['transport']) => StreamPort | undefined;
}

export class RouteFinder {
  readonly #options: RouteFinderOptions;
  readonly #connecting = new Map<string, RouteDone[]>();
  /** Peers that took no stream, until when; made when there is a first, since it takes room for all of them at once. */
  #withoutStream: LRUCache<string, Millis> | undefined;

  constructor(options: RouteFinderOptions) {
    this.#options = options;
  }

  /** `done` is called once, perhaps before this returns; without a route when there is none. */
  find(destination: Destination, messageBytes: number, done: RouteDone): void {
    const { flow } = destination;
    const stream = flow === undefined ? undefined : this.#options.streams.find(flow);
    if (stream !== undefined) {
      done({ kind: 'stream', stream });
      return;
    }
    const isLarge = messageBytes > this.#options.limits.datagramRequestBytesMax;
    if (flow?.transport === 'udp' && !isLarge) {
      done({ kind: 'datagram', to: { address: flow.remoteAddress, port: flow.remotePort } });
      return;
    }
    const { unnamed = flow?.transport === 'udp' ? flowAddress(flow) : undefined } = destination;
    this.#resolve(destination, (to) => {
      if (to !== undefined) this.#findTo(destination, to, isLarge, done);
      else if (unnamed !== undefined) this.#findTo({ transport: 'udp' }, unnamed, isLarge, done);
      else done(undefined);
    });
  }

  /** For a response whose own connection is gone (RFC 3261 18.2.2). */
  reopen(transport: Flow['transport'], to: PeerAddress, done: RouteDone): void {
    this.#findStream(transport, to, this.#options.limits.connectMsMax, done);
  }

  /** Opens a connection, or joins those who wait for it. */
  #connect(transport: Flow['transport'], to: PeerAddress, timeoutMs: Millis, done: RouteDone): void {
    const port = this.#options.portOf(transport);
    if (port === undefined || to.port === 0) {
      done(undefined);
      return;
    }
    const key = peerKey(transport, to);
    const waiting = this.#connecting.get(key);
    if (waiting !== undefined) {
      if (waiting.length < this.#options.limits.connectWaitersMax) waiting.push(done);
      else done(undefined);
      return;
    }
    this.#connecting.set(key, [done]);
    port.connect(to, timeoutMs, (opened): StreamListener | undefined => {
      const stream = opened.ok ? this.#options.streams.add(opened.value, to) : undefined;
      if (!opened.ok) this.#options.counters.add('sip_connects_failed');
      const all = this.#connecting.get(key) ?? [];
      this.#connecting.delete(key);
      for (const each of all) each(stream === undefined ? undefined : { kind: 'stream', stream });
      return stream;
    });
  }

  #findTo(destination: Destination, to: PeerAddress, isLarge: boolean, done: RouteDone): void {
    const { flow, transport } = destination;
    if (transport !== 'udp') this.#findStream(transport, to, this.#options.limits.connectMsMax, done);
    else if (isLarge) this.#findUpgrade(to, flow?.transport === 'udp' ? flowAddress(flow) : to, done);
    else done({ kind: 'datagram', to });
  }

  #findStream(transport: Flow['transport'], to: PeerAddress, timeoutMs: Millis, done: RouteDone): void {
    const stream = this.#options.streams.findPeer(transport, to);
    if (stream === undefined) this.#connect(transport, to, timeoutMs, done);
    else done({ kind: 'stream', stream });
  }

  /** Too large for a datagram: a stream to the same host and port, and a datagram after all when that is refused. */
  #findUpgrade(to: SocketAddress, datagramTo: SocketAddress, done: RouteDone): void {
    const { limits, clock } = this.#options;
    const key = `${to.address} ${to.port}`;
    const refusedUntil = this.#withoutStream?.get(key);
    if (refusedUntil !== undefined && clock.monotonic() < refusedUntil) {
      done({ kind: 'datagram', to: datagramTo });
      return;
    }
    this.#findStream('tcp', to, limits.upgradeConnectMsMax, (route) => {
      if (route === undefined) this.#rememberWithoutStream(key, clock.monotonic() + limits.noStreamMs);
      done(route ?? { kind: 'datagram', to: datagramTo });
    });
  }

  #rememberWithoutStream(key: string, until: Millis): void {
    this.#withoutStream ??= new LRUCache({ max: this.#options.limits.noStreamPeersMax });
    this.#withoutStream.set(key, until);
  }

  #resolve(destination: Destination, done: (to: PeerAddress | undefined) => void): void {
    const { host, transport, port = defaultPortOf(transport) } = destination;
    const bare = host === undefined ? '' : bareHost(host);
    if (isNumericAddress(bare)) {
      done({ address: bare, port, name: bare });
      return;
    }
    const { resolver } = this.#options;
    // RFC 2606: clients in browsers write such hosts because they have no address; nobody else has it either.
    if (bare === '' || bare.endsWith('.invalid') || resolver === undefined) {
      done(undefined);
      return;
    }
    resolver.resolve(bare, (addresses) => {
      const address = addresses.find((each) => this.#options.isReachable(each));
      done(address === undefined ? undefined : { address, port, name: bare });
    });
  }
}

function flowAddress(flow: Flow): SocketAddress {
  return { address: flow.remoteAddress, port: flow.remotePort };
}
