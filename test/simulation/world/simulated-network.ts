/**
 * The network between one server and everybody's devices: datagrams that are lost, doubled and late, connections that
 * break or go silent. Every arrival is an event of its own. Knows no SIP.
 */
import { err, ok } from '../../../src/base/result.ts';
import type { Millis } from '../../../src/base/time/clock.ts';
import type { SocketAddress, StreamConnection, StreamListener, StreamPort } from '../../../src/sip/transport/ports.ts';
import type { SeededRandom } from '../seeded-random.ts';
import type { SimulatedTime } from './simulated-time.ts';

export const serverAddress: SocketAddress = { address: '192.0.2.1', port: 5060 };

/** How one device is connected; changes while the world goes on. */
export interface Link {
  lossPercent: number;
  doublePercent: number;
  latencyMsMax: Millis;
}

/** Whoever stands at the other end of a link. */
export interface NetworkEnd {
  readonly name: string;
  readonly address: SocketAddress;
  readonly link: Link;
  /** Takes connections from the server. */
  readonly isListening: boolean;
  arrive(text: string, connection: Connection | undefined): void;
  connectionOpened(connection: Connection): void;
  connectionClosed(connection: Connection): void;
}

/** The server as the network sees it while it lives. */
export interface NetworkServer {
  readonly isAlive: boolean;
  /** False when the process ends before these octets. */
  mayAct(): boolean;
  datagram(bytes: Uint8Array, from: SocketAddress): void;
  accept(connection: StreamConnection): StreamListener | undefined;
}

export interface NetworkWatcher {
  serverSent(to: NetworkEnd, text: string, connection: Connection | undefined): void;
  reachedServer(from: NetworkEnd, text: string, connection: Connection | undefined): void;
  /** The server knows that it is over. */
  connectionLost(connection: Connection): void;
  connectRefused(to: NetworkEnd): void;
}

const encode = (text: string): Uint8Array => Buffer.from(text, 'latin1');
const decode = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

export class SimulatedNetwork {
  server: NetworkServer | undefined;
  readonly time: SimulatedTime;
  readonly random: SeededRandom;
  readonly watcher: NetworkWatcher;
  readonly connections = new Set<Connection>();
  readonly #ends = new Map<string, NetworkEnd>();
  #lastPort = 40_000;

  constructor(time: SimulatedTime, random: SeededRandom, watcher: NetworkWatcher) {
    this.time = time;
    this.random = random;
    this.watcher = watcher;
  }

  add(end: NetworkEnd): void {
    this.#ends.set(keyOf(end.address), end);
  }

  latency({ latencyMsMax }: Link): Millis {
    return this.random.between(0.05, latencyMsMax);
  }

  /** A datagram of the server of this life. */
  fromServer(life: NetworkServer, bytes: Uint8Array, to: SocketAddress): void {
    if (!life.mayAct()) return;
    const end = this.#ends.get(keyOf(to));
    if (end === undefined) return;
    const text = decode(bytes);
    this.watcher.serverSent(end, text, undefined);
    this.#carry(end.link, () => end.arrive(text, undefined));
  }

  toServer(from: NetworkEnd, text: string): void {
    this.#carry(from.link, () => {
      const life = this.server;
      if (life === undefined) return;
      this.watcher.reachedServer(from, text, undefined);
      life.datagram(encode(text), from.address);
    });
  }

  /** The device's own call; `connectionOpened` follows, or `connectionClosed` when nobody listens. */
  connect(from: NetworkEnd): Connection {
    this.#lastPort += 1;
    const remote = { address: from.address.address, port: this.#lastPort };
    const connection = new Connection(this, from, remote, { at: this.time.monotonic() });
    this.time.after(this.latency(from.link), () => {
      if (!connection.open(this.server)) connection.breakAtDevice();
    });
    return connection;
  }

  /** What the server has for opening connections itself. */
  streamPort(life: NetworkServer): StreamPort {
    return {
      transport: 'tcp',
      local: serverAddress,
      connect: (to, _timeoutMs, done) => {
        const at = this.time.monotonic();
        const end = this.#ends.get(keyOf(to));
        const link = end?.link ?? { lossPercent: 0, doublePercent: 0, latencyMsMax: 1 };
        this.time.after(this.latency(link), () => {
          if (!life.isAlive) return;
          if (end?.isListening !== true) {
            if (end !== undefined) this.watcher.connectRefused(end);
            done(err('connection refused'));
            return;
          }
          const connection = new Connection(this, end, to, { at, openedByServerIn: this.time.event });
          connection.openedBy(life, () => done(ok(connection)));
        });
      },
      close() {},
    };
  }

  /** The server's machine ends every connection of a process that is gone. */
  lifeEnded(): void {
    this.server = undefined;
    for (const connection of this.connections) connection.serverGone();
  }

  #carry(link: Link, arrive: () => void): void {
    if (this.random.chance(link.lossPercent)) return;
    this.time.after(this.latency(link), arrive);
    if (this.random.chance(link.doublePercent)) this.time.after(this.latency(link), arrive);
  }
}

interface Asked {
  readonly at: Millis;
  readonly openedByServerIn?: number;
}

/** One connection, seen by the server as its port says. */
export class Connection implements StreamConnection {
  readonly transport = 'tcp';
  readonly local = serverAddress;
  readonly remote: SocketAddress;
  readonly queuedBytes = 0;
  readonly device: NetworkEnd;
  readonly #network: SimulatedNetwork;
  /** The event in which the server opened it; undefined for the device's own. */
  readonly openedByServerIn: number | undefined;
  /** When the server asked for it, or the device. */
  readonly askedAt: Millis;
  #life: NetworkServer | undefined;
  #listener: StreamListener | undefined;
  /** The device's end has gone away without a word. */
  #isSilent = false;
  #isOpenAtServer = false;
  #isOpenAtDevice = false;
  #reachesServerAt: Millis = 0;
  #reachesDeviceAt: Millis = 0;

  constructor(network: SimulatedNetwork, device: NetworkEnd, remote: SocketAddress, asked: Asked) {
    const { at: askedAt, openedByServerIn } = asked;
    this.#network = network;
    this.device = device;
    this.remote = remote;
    this.openedByServerIn = openedByServerIn;
    this.askedAt = askedAt;
  }

  get isOpen(): boolean {
    return this.#isOpenAtDevice;
  }

  get isOpenAtServer(): boolean {
    return this.#isOpenAtServer;
  }

  open(life: NetworkServer | undefined): boolean {
    return life !== undefined && this.openedBy(life, () => life.accept(this));
  }

  /** The server may write as soon as it has it. */
  openedBy(life: NetworkServer, take: () => StreamListener | undefined): boolean {
    this.#life = life;
    this.#isOpenAtServer = true;
    this.#isOpenAtDevice = true;
    this.#network.connections.add(this);
    const listener = take();
    // The process may have ended in it.
    if (listener === undefined || !this.#isOpenAtServer) {
      this.#isOpenAtServer = false;
      this.#isOpenAtDevice = false;
      this.#network.connections.delete(this);
      return false;
    }
    this.#listener = listener;
    this.device.connectionOpened(this);
    return true;
  }

  write(bytes: Uint8Array): void {
    if (!this.#isOpenAtServer || this.#life?.mayAct() !== true) return;
    const text = decode(bytes);
    this.#network.watcher.serverSent(this.device, text, this);
    const { time } = this.#network;
    this.#reachesDeviceAt = Math.max(this.#reachesDeviceAt, time.monotonic() + this.#network.latency(this.device.link));
    time.at(this.#reachesDeviceAt, () => {
      if (this.#isOpenAtDevice && !this.#isSilent) this.device.arrive(text, this);
    });
  }

  /** By the server. */
  close(): void {
    this.#isOpenAtServer = false;
    this.#listener = undefined;
    this.#network.time.after(this.#network.latency(this.device.link), () => this.breakAtDevice());
  }

  abort(): void {
    this.close();
  }

  /** By the device, in as many pieces as the network likes. */
  send(text: string): void {
    if (!this.#isOpenAtDevice || this.#isSilent) return;
    const { random } = this.#network;
    const cut = random.chance(15) ? random.below(text.length) : text.length;
    if (cut < text.length) this.#carry(text.slice(0, cut), undefined);
    this.#carry(text.slice(cut === text.length ? 0 : cut), text);
  }

  /** The device, or the network, ends it. */
  reset(): void {
    if (!this.#isOpenAtDevice) return;
    this.breakAtDevice();
    this.#network.time.after(this.#network.latency(this.device.link), () => this.#breakAtServer());
  }

  /** Power is lost at the device: the server never hears of it. */
  vanish(): void {
    this.#isSilent = true;
    this.breakAtDevice();
  }

  breakAtDevice(): void {
    this.#isOpenAtDevice = false;
    this.device.connectionClosed(this);
    if (!this.#isOpenAtServer) this.#network.connections.delete(this);
  }

  serverGone(): void {
    this.#isOpenAtServer = false;
    this.#listener = undefined;
    this.#network.time.after(this.#network.latency(this.device.link), () => this.breakAtDevice());
  }

  #breakAtServer(): void {
    if (!this.#isOpenAtServer) return;
    this.#isOpenAtServer = false;
    this.#network.connections.delete(this);
    const listener = this.#listener;
    this.#listener = undefined;
    this.#network.watcher.connectionLost(this);
    listener?.onClose();
  }

  #carry(piece: string, whole: string | undefined): void {
    const { time } = this.#network;
    this.#reachesServerAt = Math.max(this.#reachesServerAt, time.monotonic() + this.#network.latency(this.device.link));
    time.at(this.#reachesServerAt, () => {
      if (!this.#isOpenAtServer) return;
      if (whole !== undefined) this.#network.watcher.reachedServer(this.device, whole, this);
      this.#listener?.onBytes(encode(piece));
    });
  }
}

function keyOf({ address, port }: SocketAddress): string {
  return `${address} ${port}`;
}
