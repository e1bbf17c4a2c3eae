/**
 * The ports in memory, for tests in virtual time: streams that can refuse, hang, stop reading or break. Everything arrives on a
 * timer, so virtual time decides when.
 */
import { err, ok } from '../../../base/result.ts';
import type { SocketAddress } from '../../../base/sockets/socket-address.ts';
import type { Clock, Millis } from '../../../base/time/clock.ts';
import type { Timers } from '../../../base/time/timers.ts';
import type {
  AcceptMsrpStream,
  MsrpConnectDone,
  MsrpPort,
  MsrpStream,
  MsrpStreamListener,
  MsrpTransport,
} from '../ports.ts';

const ephemeralPortMin = 40_000;

export class MemoryNetwork {
  /** How long everything takes. */
  latencyMs: Millis = 0;
  /** Octets that arrive at once are cut into pieces of so many. */
  pieceBytesMax = Infinity;
  /** Every connection that was opened, the side that opened it first. */
  readonly pairs: [MemoryStream, MemoryStream][] = [];
  readonly #clock: Clock;
  readonly #timers: Timers;
  readonly #ports = new Map<string, AcceptMsrpStream>();
  #lastPort = ephemeralPortMin;

  constructor(clock: Clock, timers: Timers) {
    this.#clock = clock;
    this.#timers = timers;
  }

  openPort(transport: MsrpTransport, local: SocketAddress, accept?: AcceptMsrpStream): MsrpPort {
    if (accept !== undefined) this.#ports.set(keyOf(transport, local), accept);
    return {
      transport,
      local,
      connect: (to, timeoutMs, done) => this.#connect({ transport, local, to, timeoutMs }, done),
      close: () => void this.#ports.delete(keyOf(transport, local)),
    };
  }

  /** Runs it when what is sent now arrives. */
  later(run: () => void): void {
    this.#timers.at(this.#clock.monotonic() + this.latencyMs, run);
  }

  #connect(
    call: { transport: MsrpTransport; local: SocketAddress; to: SocketAddress; timeoutMs: Millis },
    done: MsrpConnectDone,
  ): void {
    const { transport, to } = call;
    const local = { address: call.local.address, port: (this.#lastPort += 1) };
    this.later(() => {
      const accept = this.#ports.get(keyOf(transport, to));
      if (accept === undefined) {
        done(err('connection refused'));
        return;
      }
      const near = new MemoryStream(this, transport, to);
      const far = new MemoryStream(this, transport, local);
      near.peer = far;
      far.peer = near;
      this.pairs.push([near, far]);
      far.listener = accept(far);
      near.listener = done(ok(near));
      if (far.listener === undefined) far.abort();
      if (near.listener === undefined) near.abort();
    });
  }
}

export class MemoryStream implements MsrpStream {
  readonly transport: MsrpTransport;
  readonly remote: SocketAddress;
  listener: MsrpStreamListener | undefined;
  peer: MemoryStream | undefined;
  isOpen = true;
  /** Nothing arrives while it does not read; what is written to it piles up at the other side. */
  #isReading = true;
  readonly #network: MemoryNetwork;
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;
  #isFlushing = false;

  constructor(network: MemoryNetwork, transport: MsrpTransport, remote: SocketAddress) {
    this.#network = network;
    this.transport = transport;
    this.remote = remote;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  get isReading(): boolean {
    return this.#isReading;
  }

  write(parts: readonly Uint8Array[]): void {
    if (!this.isOpen) return;
    this.#queue.push(...parts);
    for (const part of parts) this.#queuedBytes += part.length;
    this.flushLater();
  }

  pause(): void {
    this.#isReading = false;
  }

  resume(): void {
    this.#isReading = true;
    this.peer?.flushLater();
  }

  close(): void {
    this.listener = undefined;
    this.#network.later(() => {
      this.#flush();
      this.abort();
    });
  }

  abort(): void {
    this.listener = undefined;
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#network.later(() => this.peer?.end());
  }

  end(): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    const { listener } = this;
    this.listener = undefined;
    listener?.onClose();
  }

  flushLater(): void {
    if (this.#isFlushing) return;
    this.#isFlushing = true;
    this.#network.later(() => {
      this.#isFlushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    const { peer } = this;
    if (peer === undefined || !peer.isReading || this.#queue.length === 0) return;
    const whole = concat(this.#queue);
    this.#queue = [];
    this.#queuedBytes = 0;
    const length = Math.min(whole.length, this.#network.pieceBytesMax);
    for (let at = 0; at < whole.length; at += length) peer.listener?.onBytes(whole.subarray(at, at + length));
    this.listener?.onDrained();
  }
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function keyOf(transport: MsrpTransport, { address, port }: SocketAddress): string {
  return `${transport} ${address} ${port}`;
}
