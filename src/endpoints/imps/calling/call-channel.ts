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
/** Of them without a session yet. */
export const callUnboundMax = 1_000;
/** Answers that a peer does not read. */
export const callQueuedBytesMax = 16_384;

export interface CalledSession {
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
  readonly #connectionsMax: number;
  #isStopped = false;

  constructor(surroundings: CallSurroundings) {
    this.#surroundings = surroundings;
    this.#connectionsMax = Math.min(callConnectionsMax, surroundings.connectionsMax ?? callConnectionsMax);
    surroundings.counters.gauge('restante_imps_cir_connections', () => this.#connections.size);
  }

  accept(stream: CallStream): CallStreamListener | undefined {
    const unbound = this.#connections.size - this.#bySession.size;
    if (this.#isStopped) return undefined;
    if (this.#connections.size >= this.#connectionsMax || unbound >= callUnboundMax) {
      this.#surroundings.counters.add('restante_imps_cir_refused_total');
      return undefined;
    }
    const connection = new OpenConnection(stream, this.#surroundings, {
      bind: (sessionId) => this.#bind(connection, sessionId),
      ended: () => this.#ended(connection),
    });
    this.#connections.add(connection);
    return connection;
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
    this.#unbind(connection);
    // The client has lost it, or will.
    this.#bySession.get(sessionId)?.close();
    this.#bySession.set(sessionId, connection);
    connection.sessionId = sessionId;
    return session;
  }

  #unbind(connection: OpenConnection): void {
    const { sessionId } = connection;
    if (sessionId !== undefined && this.#bySession.get(sessionId) === connection) this.#bySession.delete(sessionId);
    connection.sessionId = undefined;
  }

  #ended(connection: OpenConnection): void {
    this.#unbind(connection);
    this.#connections.delete(connection);
  }
}

interface ConnectionOwner {
  /** The session, where it is open. */
  bind(sessionId: string): CalledSession | undefined;
  ended(): void;
}

class OpenConnection implements CallStreamListener {
  sessionId: string | undefined;
  readonly #stream: CallStream;
  readonly #surroundings: CallSurroundings;
  readonly #owner: ConnectionOwner;
  readonly #machine: CirConnection;
  #timer: TimerHandle | undefined;
  #isOpen = true;

  constructor(stream: CallStream, surroundings: CallSurroundings, owner: ConnectionOwner) {
    this.#stream = stream;
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

  get #now(): Millis {
    return this.#surroundings.clock.monotonic();
  }

  #handle(input: CirInput): void {
    if (!this.#isOpen) return;
    const said = this.#carryOut(this.#machine.handle(input, this.#now));
    if (said !== '') this.#stream.write(said);
    if (this.#stream.queuedBytes > callQueuedBytesMax) {
      this.#end();
      this.#stream.abort();
    } else if (this.#machine.deadline() === undefined) this.close();
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

const callsByTcp = 'restante_imps_calls_total{by="tcp"}';
