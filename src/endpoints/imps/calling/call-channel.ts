/**
 * The standalone connections by which idle clients are called: each is a machine with its timer, and belongs to one session
 * from its HELO on. The newest of a session is the one that works.
 */
import type { Counters } from '../../../base/counters.ts';
import type { Clock, Millis } from '../../../base/time/clock.ts';
import type { TimerHandle, Timers } from '../../../base/time/timers.ts';
import { CirConnection, type CirInput, type CirOutput } from '../../../imps/session/cir-connection.ts';
import type { CallStream, CallStreamListener } from './call-stream.ts';

/** Connections at once; the newest is refused. */
export const callConnectionsMax = 50_000;
/** Of them without a session yet; the oldest gives place, since who means it says at once who it is. */
export const callUnboundMax = 1_000;
/** Of those from one address. */
export const callUnboundPerAddressMax = 200;
/** Answers that a peer does not read. */
export const callQueuedBytesMax = 16_384;

export interface CalledSession {
  /** Not that which its client says. */
  readonly id: string;
  readonly version: string;
  readonly cookie: string;
  /** Something could be sent at once. */
  readonly isWaiting: boolean;
}

export interface CallSurroundings {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly counters: Counters;
  /** Where it is less than `callConnectionsMax`. */
  readonly connectionsMax?: number | undefined;
  /** An open one. */
  sessionOf(id: string): CalledSession | undefined;
}

export class CallChannel {
  readonly #surroundings: CallSurroundings;
  readonly #connections = new Set<OpenConnection>();
  readonly #bySession = new Map<string, OpenConnection>();
  /** Without a session, the oldest first. */
  readonly #unbound = new Set<OpenConnection>();
  readonly #unboundByAddress = new Map<string, Set<OpenConnection>>();
  readonly #connectionsMax: number;
  #isStopped = false;

  constructor(surroundings: CallSurroundings) {
    this.#surroundings = surroundings;
    this.#connectionsMax = Math.min(callConnectionsMax, surroundings.connectionsMax ?? callConnectionsMax);
    surroundings.counters.gauge('restante_imps_cir_connections', () => this.#connections.size);
  }

  accept(stream: CallStream): CallStreamListener | undefined {
    if (this.#isStopped) return undefined;
    const { remoteAddress } = stream;
    this.#dropUnbound(this.#unboundByAddress.get(remoteAddress), callUnboundPerAddressMax);
    this.#dropUnbound(this.#unbound, callUnboundMax);
    if (this.#connections.size >= this.#connectionsMax) this.#dropUnbound(this.#unbound, 1);
    if (this.#connections.size >= this.#connectionsMax) {
      this.#surroundings.counters.add(refused);
      return undefined;
    }
    const connection = new OpenConnection(stream, this.#surroundings, {
      bind: (sessionId) => this.#bind(connection, sessionId),
      ended: () => this.#ended(connection),
    });
    this.#connections.add(connection);
    this.#noteUnbound(connection);
    return connection;
  }

  isConnected(sessionId: string): boolean {
    return this.#bySession.has(sessionId);
  }

  /** Nothing where its client has no connection. */
  call(session: CalledSession): void {
    this.#bySession.get(session.id)?.call(session);
  }

  sessionEnded(id: string): void {
    this.#bySession.get(id)?.close();
  }

  stop(): void {
    this.#isStopped = true;
    for (const connection of this.#connections) connection.close();
  }

  #bind(connection: OpenConnection, sessionId: string): CalledSession | undefined {
    const session = this.#surroundings.sessionOf(sessionId);
    if (session === undefined) return undefined;
    const { id } = session;
    this.#unbind(connection);
    // The client has lost it, or will.
    this.#bySession.get(id)?.close();
    this.#bySession.set(id, connection);
    connection.sessionId = id;
    this.#forgetUnbound(connection);
    return session;
  }

  #unbind(connection: OpenConnection): void {
    const { sessionId } = connection;
    if (sessionId !== undefined && this.#bySession.get(sessionId) === connection) this.#bySession.delete(sessionId);
    connection.sessionId = undefined;
  }

  #ended(connection: OpenConnection): void {
    this.#unbind(connection);
    this.#forgetUnbound(connection);
    this.#connections.delete(connection);
  }

  /** Makes room for one more. */
  #dropUnbound(among: ReadonlySet<OpenConnection> | undefined, max: number): void {
    if (among === undefined || among.size < max) return;
    for (const oldest of among) {
      this.#surroundings.counters.add(refused);
      oldest.abort();
      return;
    }
  }

  #noteUnbound(connection: OpenConnection): void {
    this.#unbound.add(connection);
    const ofAddress = this.#unboundByAddress.get(connection.address) ?? new Set();
    this.#unboundByAddress.set(connection.address, ofAddress.add(connection));
  }

  #forgetUnbound(connection: OpenConnection): void {
    this.#unbound.delete(connection);
    const ofAddress = this.#unboundByAddress.get(connection.address);
    ofAddress?.delete(connection);
    if (ofAddress?.size === 0) this.#unboundByAddress.delete(connection.address);
  }
}

interface ConnectionOwner {
  /** The session, where it is open. */
  bind(sessionId: string): CalledSession | undefined;
  ended(): void;
}

class OpenConnection implements CallStreamListener {
  sessionId: string | undefined;
  readonly address: string;
  readonly #stream: CallStream;
  readonly #surroundings: CallSurroundings;
  readonly #owner: ConnectionOwner;
  readonly #machine: CirConnection;
  #timer: TimerHandle | undefined;
  #isOpen = true;

  constructor(stream: CallStream, surroundings: CallSurroundings, owner: ConnectionOwner) {
    this.#stream = stream;
    this.address = stream.remoteAddress;
    this.#surroundings = surroundings;
    this.#owner = owner;
    this.#machine = new CirConnection(this.#now);
    this.#arm();
  }

  onText(text: string): void {
    this.#handle({ kind: 'text', text });
  }

  onClose(): void {
    this.#end();
  }

  call({ version, cookie }: CalledSession): void {
    this.#surroundings.counters.add(callsByTcp);
    this.#handle({ kind: 'call', version, cookie });
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#end();
    this.#stream.close();
  }

  abort(): void {
    if (!this.#isOpen) return;
    this.#end();
    this.#stream.abort();
  }

  get #now(): Millis {
    return this.#surroundings.clock.monotonic();
  }

  #handle(input: CirInput): void {
    if (!this.#isOpen) return;
    const said = this.#carryOut(this.#machine.handle(input, this.#now));
    if (said !== '') this.#stream.write(said);
    if (this.#stream.queuedBytes > callQueuedBytesMax) this.abort();
    else if (this.#machine.deadline() === undefined) this.close();
    else this.#arm();
  }

  /** What is to be written. */
  #carryOut(outputs: readonly CirOutput[]): string {
    let said = '';
    for (const output of outputs) {
      if (output.kind === 'send') said += output.text;
      if (output.kind === 'helo') said += this.#answerHelo(output.sessionId);
    }
    return said;
  }

  #answerHelo(sessionId: string): string {
    const session = this.#owner.bind(sessionId);
    const answer = this.#carryOut(this.#machine.handle({ kind: 'known', isKnown: session !== undefined }, this.#now));
    // It was called when nobody listened.
    if (session?.isWaiting !== true) return answer;
    const { version, cookie } = session;
    this.#surroundings.counters.add(callsByTcp);
    return answer + this.#carryOut(this.#machine.handle({ kind: 'call', version, cookie }, this.#now));
  }

  #end(): void {
    this.#isOpen = false;
    this.#timer?.cancel();
    this.#owner.ended();
  }

  #arm(): void {
    const atMs = this.#machine.deadline();
    // A timer that comes too early looks again.
    if (atMs === undefined || (this.#timer !== undefined && this.#timer.deadline <= atMs)) return;
    this.#timer?.cancel();
    this.#timer = this.#surroundings.timers.at(atMs, () => {
      this.#timer = undefined;
      this.#handle({ kind: 'tick' });
    });
  }
}

const refused = 'restante_imps_cir_refused_total';
const callsByTcp = 'restante_imps_calls_total{by="tcp"}';
