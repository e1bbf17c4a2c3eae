/**
 * The ports in memory, for tests and simulations: datagrams that can be lost, streams that can refuse, hang, stop
 * reading or break. Everything arrives on a timer, so virtual time decides when. It knows no SIP.
 */
import type { Clock, Millis } from '../../../base/time/clock.ts';
import { err, ok } from '../../../base/result.ts';
import type { Result } from '../../../base/result.ts';
import type { Timers } from '../../../base/time/timers.ts';
import type {
  AcceptStream,
  DatagramListener,
  DatagramPort,
  SocketAddress,
  StreamConnection,
  StreamListener,
  StreamPort,
  StreamTransport,
} from '../ports.ts';

const ephemeralPortMin = 40_000;

export class MemoryNetwork {
  /** How long everything takes. */
  latencyMs: Millis = 0;
  /** Datagrams for which this says so are lost. */
  isLost: (bytes: Uint8Array, to: SocketAddress) => boolean = () => false;
  /** Connections to these never open, as behind a firewall that says nothing. */
  readonly hanging = new Set<string>();
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #datagrams = new Map<string, DatagramListener>();
  readonly #streams = new Map<string, AcceptStream>();
  #lastPort = ephemeralPortMin;

  constructor(clock: Clock, timers: Timers) {
    this.#clock = clock;
    this.#timers = timers;
  }

  openDatagrams(local: SocketAddress, listener: DatagramListener): DatagramPort {
    this.#datagrams.set(keyOf(local), listener);
    return {
      local,
      send: (bytes, to, onFailure) => {
        if (to.port === 0) onFailure?.();
        else if (!this.isLost(bytes, to)) {
          this.later(() => this.#datagrams.get(keyOf(to))?.onDatagram(bytes, local));
        }
      },
      close: () => void this.#datagrams.delete(keyOf(local)),
    };
  }

  /** `accept` is undefined for somebody who only connects. */
  openStreams(local: SocketAddress, accept?: AcceptStream, transport: StreamTransport = 'tcp'): StreamPort {
    if (accept !== undefined) this.#streams.set(`${transport} ${keyOf(local)}`, accept);
    return {
      transport,
      local,
      connect: (to, timeoutMs, done) => this.#connect({ transport, local, to, timeoutMs }, done),
      close: () => void this.#streams.delete(`${transport} ${keyOf(local)}`),
    };
  }

  /** Runs it when what is sent now arrives. */
  later(run: () => void): void {
    this.#timers.at(this.#clock.monotonic() + this.latencyMs, run);
  }

  #connect(
    call: { transport: StreamTransport; local: SocketAddress; to: SocketAddress; timeoutMs: Millis },
    done: (opened: Result<StreamConnection, string>) => StreamListener | undefined,
  ): void {
    const { transport, to, timeoutMs } = call;
    if (this.hanging.has(keyOf(to))) {
      this.#timers.at(this.#clock.monotonic() + timeoutMs, () => void done(err('connecting takes too long')));
      return;
    }
    const local = { address: call.local.address, port: ++this.#lastPort };
    this.later(() => {
      const accept = this.#streams.get(`${transport} ${keyOf(to)}`);
      if (accept === undefined) {
        done(err('connection refused'));
        return;
      }
      const [near, far] = createPair(this, transport, local, to);
      far.listener = accept(far);
      near.listener = done(ok(near));
      if (far.listener === undefined) far.abort();
      if (near.listener === undefined) near.abort();
    });
  }
}

export class MemoryConnection implements StreamConnection {
  readonly transport: StreamTransport;
  readonly local: SocketAddress;
  readonly remote: SocketAddress;
  listener: StreamListener | undefined = undefined;
  peer: MemoryConnection | undefined = undefined;
  isOpen = true;
  /** A peer that does not read lets everything pile up at the sender. */
  isReading = true;
  readonly #network: MemoryNetwork;
  readonly #queue: Uint8Array[] = [];

  constructor(network: MemoryNetwork, transport: StreamTransport, local: SocketAddress, remote: SocketAddress) {
    this.#network = network;
    this.transport = transport;
    this.local = local;
    this.remote = remote;
  }

  get queuedBytes(): number {
    return this.#queue.reduce((sum, bytes) => sum + bytes.length, 0);
  }

  write(bytes: Uint8Array): void {
    if (!this.isOpen) return;
    this.#queue.push(bytes);
    if (this.peer?.isReading === true) this.flush();
  }

  /** Lets what is queued leave. */
  flush(): void {
    const { peer } = this;
    for (const bytes of this.#queue.splice(0)) this.#network.later(() => peer?.listener?.onBytes(bytes));
  }

  close(): void {
    this.flush();
    this.abort();
  }

  abort(): void {
    this.listener = undefined;
    if (!this.isOpen) return;
    this.isOpen = false;
    const { peer } = this;
    this.#network.later(() => peer?.end());
  }

  end(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    const { listener } = this;
    this.listener = undefined;
    listener?.onClose();
  }
}

function createPair(
  network: MemoryNetwork,
  transport: StreamTransport,
  local: SocketAddress,
  remote: SocketAddress,
): [MemoryConnection, MemoryConnection] {
  const near = new MemoryConnection(network, transport, local, remote);
  const far = new MemoryConnection(network, transport, remote, local);
  near.peer = far;
  far.peer = near;
  return [near, far];
}

function keyOf({ address, port }: SocketAddress): string {
  return `${address} ${port}`;
}
