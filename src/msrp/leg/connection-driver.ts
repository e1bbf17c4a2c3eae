/**
 * Drives one connection: what is read goes into its machine, what comes out goes to the legs and the stream, and chunks are
 * made while there is room. Legs take turns, one chunk each, so that a large message keeps nobody else waiting.
 */
import { unreachable } from '../../base/assert.ts';
import type { Counters } from '../../base/counters.ts';
import type { IdSource } from '../../base/ids.ts';
import type { Clock, Millis } from '../../base/time/clock.ts';
import type { TimerHandle, Timers } from '../../base/time/timers.ts';
import { ChunkReader } from '../message/chunk-reader.ts';
import type { ConnectionInput, ConnectionOutput, ReportToSend } from '../session/connection-words.ts';
import { MsrpConnection } from '../session/msrp-connection.ts';
import type { MsrpSession, SessionTable } from '../session/session-table.ts';
import type { MsrpStream, MsrpStreamListener } from '../transport/ports.ts';
import type { Leg } from './leg.ts';
import type { MsrpLimits } from './msrp-limits.ts';

const transactionIdBits = 80;

export interface DriverSurroundings {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly ids: IdSource;
  readonly counters: Counters;
  readonly limits: MsrpLimits;
  readonly sessions: SessionTable;
  legOf(session: MsrpSession): Leg | undefined;
}

type CloseReason = 'broken' | 'unbound' | 'unread' | 'stopped';

export class ConnectionDriver implements MsrpStreamListener {
  readonly #around: DriverSurroundings;
  readonly #stream: MsrpStream;
  readonly #machine: MsrpConnection;
  readonly #reader = new ChunkReader();
  readonly #onOver: () => void;
  /** Legs with a chunk to send, in turn. */
  readonly #ready = new Set<Leg>();
  readonly #pausing = new Set<Leg>();
  readonly #answers = new Map<number, (status: number) => void>();
  #reference = 0;
  /** What becomes ready waits until what is at hand is done. */
  #isBusy = false;
  #isOver = false;
  #timer: TimerHandle | undefined;
  #queuedBefore = 0;
  #takenAt: Millis;
  readonly #receivedBytes: { value: number };
  readonly #sentBytes: { value: number };

  constructor(stream: MsrpStream, connection: number, around: DriverSurroundings, onOver: () => void) {
    const { clock, ids, sessions } = around;
    this.#around = around;
    this.#stream = stream;
    this.#onOver = onOver;
    this.#takenAt = clock.monotonic();
    this.#receivedBytes = around.counters.counter('msrp_received_bytes');
    this.#sentBytes = around.counters.counter('msrp_sent_bytes');
    const plan = {
      connection,
      sessions,
      isFor: (session: MsrpSession) => session.transport === stream.transport,
      newTransactionId: () => ids.randomToken(transactionIdBits),
    };
    this.#machine = new MsrpConnection(plan, clock.monotonic());
    this.#setTimer();
  }

  onBytes(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#receivedBytes.value += bytes.length;
    const now = this.#around.clock.monotonic();
    this.#isBusy = true;
    for (const event of this.#reader.read(bytes)) {
      this.#perform(this.#machine.handle({ kind: 'read', event }, now));
      if (this.#isOver) break;
    }
    this.#isBusy = false;
    // RFC 7977 5.1: a chunk is one message there.
    if (this.#stream.transport === 'ws' && !this.#reader.isBetween) this.#close('broken');
    this.#goOn();
  }

  onDrained(): void {
    this.#goOn();
  }

  onClose(): void {
    this.#end();
  }

  /** The leg has a chunk to send. */
  ready(leg: Leg): void {
    this.#ready.add(leg);
    if (!this.#isBusy) this.#goOn();
  }

  /** An empty SEND, by which the other side knows which connection the session has (RFC 4975 5.4). */
  sendEmpty(leg: Leg, onAnswer: (status: number) => void): void {
    const messageId = this.#around.ids.randomToken(transactionIdBits);
    const byteRange = { start: 1, end: 0, total: 0 };
    const words = { messageId, byteRange, flag: '$', body: new Uint8Array(0) } as const;
    this.#handle({ kind: 'send', chunk: { ...words, session: leg.session, reference: this.#refer(onAnswer) } });
  }

  report(leg: Leg, report: ReportToSend): void {
    this.#handle({ kind: 'report', session: leg.session, report });
  }

  refuse(leg: Leg, messageId: string, status: number): void {
    this.#handle({ kind: 'refuse', session: leg.session, messageId, status });
  }

  pause(leg: Leg): void {
    this.#pausing.add(leg);
    if (this.#pausing.size > 1 || this.#isOver) return;
    this.#stream.pause();
    this.#handle({ kind: 'paused', isPaused: true });
  }

  resume(leg: Leg): void {
    if (!this.#pausing.delete(leg) || this.#pausing.size > 0 || this.#isOver) return;
    this.#handle({ kind: 'paused', isPaused: false });
    this.#stream.resume();
  }

  forget(leg: Leg): void {
    this.#ready.delete(leg);
    this.resume(leg);
    this.#handle({ kind: 'forget', session: leg.session });
  }

  /** The server stops. */
  close(): void {
    this.#close('stopped');
  }

  #handle(input: ConnectionInput): void {
    this.#perform(this.#machine.handle(input, this.#around.clock.monotonic()));
    if (!this.#isBusy) this.#setTimer();
  }

  #perform(outputs: readonly ConnectionOutput[]): void {
    for (const output of outputs) this.#performOne(output);
  }

  #performOne(output: ConnectionOutput): void {
    switch (output.kind) {
      case 'write':
        this.#write(output.parts);
        return;
      case 'answered':
        this.#answers.get(output.reference)?.(output.status);
        this.#answers.delete(output.reference);
        return;
      case 'close':
        this.#close(output.why);
        return;
      case 'bound':
        this.#around.legOf(output.session)?.bound(this);
        return;
      case 'octets': {
        const { messageId, placed } = output;
        this.#around.legOf(output.session)?.listener.octets(messageId, placed.offset, placed.bytes);
        return;
      }
      case 'complete':
        this.#around.counters.add('msrp_messages_received');
        this.#around.legOf(output.session)?.listener.complete(output.head, output.size);
        return;
      case 'abandoned':
        this.#around.legOf(output.session)?.listener.abandoned(output.messageId, output.why);
        return;
      case 'reported':
        this.#around.legOf(output.session)?.reported(output.head);
        return;
      case 'lost':
        this.#around.legOf(output.session)?.over('lost');
        return;
      default:
        unreachable(output);
    }
  }

  #write(parts: readonly Uint8Array[]): void {
    this.#stream.write(parts);
    for (const part of parts) this.#sentBytes.value += part.length;
    if (this.#stream.queuedBytes > this.#around.limits.writeQueueBytesMax) this.#abort('unread');
  }

  /** Makes chunks while there is room, and asks for the next deadline. */
  #goOn(): void {
    if (this.#isOver || this.#isBusy) return;
    const { writeAheadBytesMax } = this.#around.limits;
    this.#isBusy = true;
    while (this.#stream.queuedBytes < writeAheadBytesMax && this.#machine.hasRoom) {
      const [leg] = this.#ready;
      if (leg === undefined) break;
      this.#ready.delete(leg);
      this.#sendChunk(leg);
    }
    this.#isBusy = false;
    this.#setTimer();
  }

  #sendChunk(leg: Leg): void {
    const ready = leg.outgoing.take();
    if (ready === undefined) return;
    const { plan, chunk, body, onAnswer } = ready;
    const { messageId, contentType, headers = [], successReport = false, failureReport = 'yes' } = plan;
    const words = { messageId, contentType, headers, successReport, failureReport, body, ...chunk };
    this.#handle({ kind: 'send', chunk: { ...words, session: leg.session, reference: this.#refer(onAnswer) } });
    if (failureReport === 'no') this.#answers.delete(this.#reference);
    if (leg.outgoing.isReady) this.#ready.add(leg);
  }

  #refer(onAnswer: (status: number) => void): number {
    this.#reference += 1;
    this.#answers.set(this.#reference, onAnswer);
    return this.#reference;
  }

  #setTimer(): void {
    if (this.#isOver) return;
    const { clock, timers, limits } = this.#around;
    const now = clock.monotonic();
    this.#look(now);
    const machine = this.#machine.deadline() ?? Infinity;
    const deadline = this.#stream.queuedBytes > 0 ? Math.min(machine, now + limits.sweepMs) : machine;
    if (deadline === Infinity || (this.#timer?.deadline ?? Infinity) <= deadline) return;
    this.#timer?.cancel();
    this.#timer = timers.at(deadline, (at) => this.#tick(at));
  }

  #tick(now: Millis): void {
    this.#timer = undefined;
    this.#perform(this.#machine.handle({ kind: 'tick' }, now));
    const { unreadMsMax } = this.#around.limits;
    if (this.#look(now) && now - this.#takenAt >= unreadMsMax) this.#abort('unread');
    this.#goOn();
  }

  /** How much of what was written has left. True while something waits. */
  #look(now: Millis): boolean {
    const queued = this.#stream.queuedBytes;
    if (queued === 0 || queued < this.#queuedBefore || this.#queuedBefore === 0) this.#takenAt = now;
    this.#queuedBefore = queued;
    this.#machine.handle({ kind: 'queued', octets: queued }, now);
    return queued > 0;
  }

  #close(why: CloseReason): void {
    if (this.#isOver) return;
    this.#around.counters.add(`msrp_connections_closed{reason="${why}"}`);
    this.#stream.close();
    this.#end();
  }

  #abort(why: CloseReason): void {
    if (this.#isOver) return;
    this.#around.counters.add(`msrp_connections_closed{reason="${why}"}`);
    this.#stream.abort();
    this.#end();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#timer?.cancel();
    this.#ready.clear();
    this.#pausing.clear();
    this.#perform(this.#machine.handle({ kind: 'closed' }, this.#around.clock.monotonic()));
    this.#answers.clear();
    this.#onOver();
  }
}
