/**
 * The open connections: by number, by peer, counted by address, closed when idle, silent, slow to finish a message or
 * slow to read. It knows octets and times, no SIP.
 */
import { Tally } from '../../base/collections/tally.ts';
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { Counters } from '../../base/counters.ts';
import type { IdSource } from '../../base/ids.ts';
import type { Timers } from '../../base/time/timers.ts';
import type { MessageLimits } from '../message/parse-message.ts';
import { StreamFramer } from '../message/stream-framer.ts';
import type { Flow } from '../registrar/ports.ts';
import type { PeerAddress, StreamConnection, StreamListener } from './ports.ts';
import type { TransportLimits } from './transport-limits.ts';

export interface StreamOwner {
  onStreamBytes(stream: OpenStream, bytes: Uint8Array): void;
  /** Whoever closed it. */
  onStreamClosed(stream: OpenStream): void;
}

export interface StreamTableOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly counters: Counters;
  readonly limits: TransportLimits;
  readonly messageLimits: MessageLimits;
  readonly owner: StreamOwner;
}

export class OpenStream implements StreamListener {
  readonly id: number;
  readonly connection: StreamConnection;
  readonly key: string | undefined;
  readonly flow: Flow;
  readonly framer: StreamFramer;
  readonly openedAt: Millis;
  lastBytesAt: Millis;
  /** Without any octet for so long it is closed. */
  idleMs: Millis;
  /** When the message began that is not whole yet. */
  partialSince: Millis | undefined = undefined;
  isOpen = true;
  #hasProvenItself: boolean;
  readonly #table: StreamTable;

  constructor(table: StreamTable, id: number, { connection, key }: KeyedConnection, start: StreamStart) {
    const { transport, remote } = connection;
    this.#table = table;
    this.id = id;
    this.connection = connection;
    this.key = key;
    this.flow = { transport, remoteAddress: remote.address, remotePort: remote.port, connection: id };
    this.framer = start.framer;
    this.openedAt = start.now;
    this.lastBytesAt = start.now;
    this.idleMs = start.idleMs;
    this.#hasProvenItself = start.isOutgoing;
  }

  /** Whether it has ever sent a whole message or a keep-alive, or was opened by us. */
  get hasProvenItself(): boolean {
    return this.#hasProvenItself;
  }

  prove(): void {
    if (this.#hasProvenItself) return;
    this.#hasProvenItself = true;
    this.#table.proven(this);
  }

  onBytes(bytes: Uint8Array): void {
    this.#table.onBytes(this, bytes);
  }

  onClose(): void {
    this.#table.forget(this, 'peer');
  }
}

interface KeyedConnection {
  readonly connection: StreamConnection;
  readonly key: string | undefined;
}

interface StreamStart {
  readonly now: Millis;
  readonly idleMs: Millis;
  readonly isOutgoing: boolean;
  readonly framer: StreamFramer;
}

export class StreamTable {
  readonly #options: StreamTableOptions;
  readonly #byId = new Map<number, OpenStream>();
  readonly #byPeer = new Map<string, OpenStream>();
  readonly #perAddress = new Tally<string>();
  /** Of each address, those that have not proven themselves. */
  readonly #silent = new Tally<string>();
  /** Flows outlive the process in stored bindings: a number must not mean another connection after a restart. */
  #lastId: number;
  #isSweeping = false;

  constructor(options: StreamTableOptions) {
    this.#options = options;
    this.#lastId = Math.floor(options.ids.fraction() * 2 ** 16) * 2 ** 32;
    options.counters.gauge('sip_connections_open', () => this.#byId.size);
  }

  get size(): number {
    return this.#byId.size;
  }

  /** The connection that a flow names, as long as it is open. */
  find(flow: Flow): OpenStream | undefined {
    if (flow.connection === undefined) return undefined;
    const stream = this.#byId.get(flow.connection);
    const isSame = stream?.flow.remoteAddress === flow.remoteAddress && stream.flow.remotePort === flow.remotePort;
    return isSame ? stream : undefined;
  }

  findPeer(transport: Flow['transport'], peer: PeerAddress): OpenStream | undefined {
    return this.#byPeer.get(peerKey(transport, peer));
  }

  /** Its client has promised to be heard of more often than others. */
  expectKeepAlives(connection: number, idleMs: Millis): void {
    const stream = this.#byId.get(connection);
    if (stream !== undefined) stream.idleMs = Math.min(idleMs, this.#options.limits.idleMs);
  }

  /** Takes a new connection in, one that we have opened with the peer that was asked for; undefined when a limit refuses it. */
  add(connection: StreamConnection, openedTo?: PeerAddress): OpenStream | undefined {
    const { limits, clock, counters, messageLimits } = this.#options;
    const { address } = connection.remote;
    const isOutgoing = openedTo !== undefined;
    const isOneTooMany =
      this.#byId.size >= limits.connectionsMax ||
      this.#perAddress.of(address) >= limits.connectionsPerAddressMax ||
      (!isOutgoing && this.#silent.of(address) >= limits.silentPerAddressMax);
    if (isOneTooMany) {
      counters.add('sip_connections_refused');
      return undefined;
    }
    const start = {
      now: clock.monotonic(),
      idleMs: limits.idleMs,
      isOutgoing,
      framer: new StreamFramer(messageLimits),
    };
    const key = keyOf(connection, openedTo);
    const stream = new OpenStream(this, ++this.#lastId, { connection, key }, start);
    this.#byId.set(stream.id, stream);
    if (key !== undefined) this.#byPeer.set(key, stream);
    this.#perAddress.add(address);
    if (!isOutgoing) this.#silent.add(address);
    if (!this.#isSweeping) this.#sweepLater();
    return stream;
  }

  onBytes(stream: OpenStream, bytes: Uint8Array): void {
    if (!stream.isOpen) return;
    stream.lastBytesAt = this.#options.clock.monotonic();
    this.#options.owner.onStreamBytes(stream, bytes);
  }

  /** False when the stream is closed or is being closed because its peer does not read. */
  write(stream: OpenStream, bytes: Uint8Array): boolean {
    if (!stream.isOpen) return false;
    const { connection } = stream;
    if (connection.queuedBytes + bytes.length > this.#options.limits.writeQueueBytesMax) {
      this.abort(stream, 'slow-reader');
      return false;
    }
    connection.write(bytes);
    return true;
  }

  /** What is queued still leaves. */
  close(stream: OpenStream, reason: CloseReason): void {
    if (!stream.isOpen) return;
    stream.connection.close();
    this.forget(stream, reason);
  }

  abort(stream: OpenStream, reason: CloseReason): void {
    if (!stream.isOpen) return;
    stream.connection.abort();
    this.forget(stream, reason);
  }

  closeAll(): void {
    for (const stream of this.#byId.values()) this.close(stream, 'shutdown');
  }

  /** It has sent something whole. */
  proven(stream: OpenStream): void {
    if (stream.isOpen) this.#silent.remove(stream.connection.remote.address);
  }

  forget(stream: OpenStream, reason: CloseReason): void {
    if (!stream.isOpen) return;
    stream.isOpen = false;
    const { remote } = stream.connection;
    const { key } = stream;
    this.#byId.delete(stream.id);
    if (key !== undefined && this.#byPeer.get(key) === stream) this.#byPeer.delete(key);
    this.#perAddress.remove(remote.address);
    if (!stream.hasProvenItself) this.#silent.remove(remote.address);
    this.#options.counters.add(`sip_connections_closed{reason="${reason}"}`);
    this.#options.owner.onStreamClosed(stream);
  }

  #sweepLater(): void {
    const { timers, clock, limits } = this.#options;
    this.#isSweeping = this.#byId.size > 0;
    if (this.#isSweeping) timers.at(clock.monotonic() + limits.sweepMs, (now) => this.#sweep(now));
  }

  /** One walk over all instead of timers for each: 100,000 connections take about a millisecond. */
  #sweep(now: Millis): void {
    for (const stream of this.#byId.values()) {
      const reason = this.#overdue(stream, now);
      if (reason !== undefined) this.abort(stream, reason);
    }
    this.#sweepLater();
  }

  #overdue(stream: OpenStream, now: Millis): CloseReason | undefined {
    const { limits } = this.#options;
    if (stream.partialSince !== undefined && now - stream.partialSince >= limits.partialMessageMs) return 'partial';
    if (!stream.hasProvenItself && now - stream.openedAt >= limits.firstMessageMs) return 'silent';
    return now - stream.lastBytesAt >= stream.idleMs ? 'idle' : undefined;
  }
}

export type CloseReason = 'peer' | 'idle' | 'silent' | 'partial' | 'slow-reader' | 'framing' | 'shutdown';

/** Over TLS connections are shared by those who asked for the same name, which its certificate has proven (RFC 5922 7.1). */
export function peerKey(transport: Flow['transport'], { address, port, name = '' }: PeerAddress): string {
  return transport === 'tls' ? `tls ${address} ${port} ${name}` : `${transport} ${address} ${port}`;
}

/** What others find a connection by; one that a peer has opened over TLS or a WebSocket is found by its flow alone. */
function keyOf({ transport, remote }: StreamConnection, openedTo: PeerAddress | undefined): string | undefined {
  if (openedTo !== undefined) return peerKey(transport, openedTo);
  return transport === 'tcp' ? peerKey(transport, remote) : undefined;
}
