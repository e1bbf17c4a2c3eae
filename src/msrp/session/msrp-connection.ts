/**
 * The machine of one MSRP connection (RFC 4975 5.4, 7.1 to 7.3): finds the session of every request, binds it at the first,
 * answers, gathers messages, and waits for answers to what it sent. No I/O; time comes in, and is asked for by `deadline`.
 */
import { unreachable } from '../../base/assert.ts';
import { commentOf, formatRequest, formatResponse } from '../message/format-message.ts';
import type { ChunkEvent } from '../message/chunk-reader.ts';
import type { ContinuationFlag, MsrpHead, MsrpRequestHead, MsrpResponseHead } from '../message/msrp-message.ts';
import type { HeadFault } from '../message/parse-head.ts';
import type { TransferFault } from '../transfer/incoming-transfer.ts';
import type { ChunkToSend, ConnectionInput, ConnectionOutput, ReportToSend } from './connection-words.ts';
import { IncomingMessages, type KnownMessage, type OpenMessage } from './incoming-messages.ts';
import { OpenSends } from './open-sends.ts';
import type { MsrpSession, SessionTable } from './session-table.ts';

/** Milliseconds that a connection may be without a session of ours (RFC 4976 6.1 for relays). */
export const unboundMsMax = 30_000;

export interface ConnectionPlan {
  /** Names it in the table. */
  readonly connection: number;
  readonly sessions: SessionTable;
  /** Whether a session may be had over this connection, by what carries it. */
  isFor(session: MsrpSession): boolean;
  /** A new transaction id: at least 64 random bits (RFC 4975 7.1), so that no body can hold its end line on purpose. */
  newTransactionId(): string;
}

/** A request that is being read. */
interface Reading {
  readonly head: MsrpRequestHead;
  readonly session: MsrpSession | undefined;
  message: OpenMessage | undefined;
  known: KnownMessage | undefined;
  /** Answered already, or to be answered with this. */
  status: number;
  isAnswered: boolean;
  isAdmitted: boolean;
}

type Answerable = Pick<MsrpRequestHead, 'transactionId' | 'method' | 'toPath' | 'fromPath' | 'failureReport'>;

const nothing = new Uint8Array(0);

export class MsrpConnection {
  readonly #plan: ConnectionPlan;
  readonly #incoming = new Map<MsrpSession, IncomingMessages>();
  readonly #sends = new OpenSends();
  #writtenBytes = 0;
  #reading: Reading | MsrpResponseHead | undefined;
  /** Undefined while there is a session. */
  #unboundSince: number | undefined;
  #isOver = false;

  constructor(plan: ConnectionPlan, now: number) {
    this.#plan = plan;
    this.#unboundSince = now;
  }

  /** Whether there is room for another chunk that asks for an answer. */
  get hasRoom(): boolean {
    return this.#sends.hasRoom;
  }

  deadline(): number | undefined {
    if (this.#isOver) return undefined;
    const answer = this.#sends.deadline();
    const unbound = this.#unboundSince === undefined ? undefined : this.#unboundSince + unboundMsMax;
    return answer === undefined || unbound === undefined ? (answer ?? unbound) : Math.min(answer, unbound);
  }

  handle(input: ConnectionInput, now: number): ConnectionOutput[] {
    if (this.#isOver) return [];
    switch (input.kind) {
      case 'read':
        return this.#read(input.event);
      case 'send':
        return this.#send(input.chunk);
      case 'report':
        return this.#report(input.session, input.report);
      case 'refuse':
        return this.#refuseMessage(input.session, input.messageId, input.status);
      case 'forget':
        return this.#forget(input.session, now);
      case 'queued':
        this.#sends.left(this.#writtenBytes - input.octets, now);
        return [];
      case 'paused':
        if (input.isPaused) this.#sends.pause(now);
        else this.#sends.resume(now);
        return [];
      case 'tick':
        return this.#tick(now);
      case 'closed':
        return this.#end();
      default:
        return unreachable(input);
    }
  }

  #read(event: ChunkEvent): ConnectionOutput[] {
    switch (event.kind) {
      case 'head':
        return this.#begin(event.head);
      case 'body':
        return this.#take(event.bytes);
      case 'end':
        return this.#finish(event.flag);
      case 'bad-request':
        this.#reading = undefined;
        return this.#answerFault(event.fault);
      case 'broken':
        return [...this.#end(), { kind: 'close', why: 'broken' }];
      default:
        return unreachable(event);
    }
  }

  #begin(head: MsrpHead): ConnectionOutput[] {
    if (head.kind === 'response') {
      this.#reading = head;
      return [];
    }
    const [uri, ...others] = head.toPath;
    // A path of two would be for a relay, which this is not.
    const found = uri === undefined || others.length > 0 ? undefined : this.#plan.sessions.find(uri);
    const session = found !== undefined && this.#plan.isFor(found) ? found : undefined;
    const reading: Reading = {
      head,
      session,
      message: undefined,
      known: undefined,
      status: 200,
      isAnswered: false,
      isAdmitted: false,
    };
    this.#reading = reading;
    // AUTH (RFC 4976) is one of them: it names a relay and no session.
    if (head.method !== 'SEND' && head.method !== 'REPORT') return this.#refuse(reading, 501);
    if (session === undefined) return this.#refuse(reading, 481);
    const binding = this.#plan.sessions.bind(session, this.#plan.connection);
    if (binding === 'elsewhere') return this.#refuse(reading, 506);
    if (binding === 'too-many') return this.#refuse(reading, 403);
    this.#unboundSince = undefined;
    return binding === 'bound' ? [{ kind: 'bound', session }] : [];
  }

  /** A request in a session of ours, by its method; at what follows its head, when whoever has the session knows that it is bound. */
  #admit(reading: Reading): ConnectionOutput[] {
    const { head, session } = reading;
    if (reading.isAdmitted || reading.status !== 200 || session === undefined) return [];
    reading.isAdmitted = true;
    if (head.method === 'REPORT') return [];
    // An empty SEND binds a session or keeps a connection, and is no message (RFC 4975 5.4).
    if (head.contentType === undefined) return [];
    if (head.messageId === undefined) return this.#refuse(reading, 400);
    const found = this.#messagesOf(session).find(head);
    if (!('transfer' in found)) {
      reading.known = found;
      return found.status === 200 ? [] : this.#refuse(reading, found.status);
    }
    reading.message = found;
    const fault = found.transfer.begin(head);
    return fault === undefined ? [] : this.#giveUp(reading, session, fault);
  }

  #take(bytes: Uint8Array): ConnectionOutput[] {
    const reading = this.#reading;
    if (reading === undefined || !('session' in reading)) return [];
    const admitted = this.#admit(reading);
    const { message, session } = reading;
    if (message === undefined || session === undefined) return admitted;
    const { transfer, isTaken } = message;
    const placed = transfer.take(bytes);
    if (placed !== undefined) {
      return isTaken ? [{ kind: 'octets', session, messageId: transfer.messageId, placed }] : [];
    }
    const end = transfer.end('+');
    return end.kind === 'fault' ? this.#giveUp(reading, session, end.fault) : [];
  }

  #finish(flag: ContinuationFlag): ConnectionOutput[] {
    const reading = this.#reading;
    this.#reading = undefined;
    if (reading === undefined) return [];
    if (!('session' in reading)) return this.#answered(reading);
    const { head, session } = reading;
    if (session === undefined) return [];
    if (head.method === 'REPORT') return reading.status === 200 ? [{ kind: 'reported', session, head }] : [];
    const admitted = this.#admit(reading);
    const { message, known } = reading;
    const outputs = message === undefined ? [] : this.#close(reading, session, flag);
    const answer = [...admitted, ...this.#answer(head, reading)];
    if (known?.reported !== undefined && flag === '$') {
      const { status, size } = known.reported;
      answer.push(...this.#report(session, { head, status, range: { start: 1, end: size, total: size } }));
    }
    if (isEmpty(head) && reading.status === 200) answer.push(...this.#report(session, { head, ...wholeOfNothing }));
    return [...answer, ...outputs];
  }

  /** The end of a chunk that was wanted. */
  #close(reading: Reading, session: MsrpSession, flag: ContinuationFlag): ConnectionOutput[] {
    const { message, head } = reading;
    if (message === undefined) return [];
    const { transfer, isTaken } = message;
    const end = transfer.end(flag);
    const { messageId } = transfer;
    switch (end.kind) {
      case 'open':
        return [];
      case 'complete':
        this.#messagesOf(session).close(messageId, 200);
        return isTaken ? [{ kind: 'complete', session, head, size: end.size }] : [];
      case 'given-up':
        this.#messagesOf(session).forget(messageId);
        return isTaken ? [{ kind: 'abandoned', session, messageId, why: 'its sender gave it up' }] : [];
      case 'fault':
        reading.status = statusOf(end.fault);
        this.#messagesOf(session).close(messageId, reading.status);
        return isTaken ? [{ kind: 'abandoned', session, messageId, why: end.fault }] : [];
      default:
        return unreachable(end);
    }
  }

  /** Nothing more of it is wanted, and its sender is told at once rather than at the end of the chunk (RFC 4975 10.5). */
  #giveUp(reading: Reading, session: MsrpSession, fault: TransferFault): ConnectionOutput[] {
    const messageId = reading.head.messageId ?? '';
    const isTaken = reading.message?.isTaken === true;
    this.#messagesOf(session).close(messageId, statusOf(fault));
    reading.message = undefined;
    const told = this.#refuse(reading, statusOf(fault));
    return isTaken ? [...told, { kind: 'abandoned', session, messageId, why: fault }] : told;
  }

  #refuseMessage(session: MsrpSession, messageId: string, status: number): ConnectionOutput[] {
    const messages = this.#incoming.get(session);
    if (messages?.isOpen(messageId) !== true) return [];
    messages.close(messageId, status);
    const reading = this.#reading;
    if (reading === undefined || !('session' in reading) || reading.session !== session) return [];
    if (reading.message?.transfer.messageId !== messageId) return [];
    reading.message = undefined;
    return this.#refuse(reading, status);
  }

  #refuse(reading: Reading, status: number): ConnectionOutput[] {
    reading.status = status;
    return this.#answer(reading.head, reading);
  }

  #answerFault({ answerable }: HeadFault): ConnectionOutput[] {
    return answerable === undefined ? [] : this.#answer(answerable, { status: 400, isAnswered: false });
  }

  /** RFC 4975 7.2: `no` is never answered, `partial` only with an error, a REPORT never. */
  #answer(head: Answerable, reading: Pick<Reading, 'status' | 'isAnswered'>): ConnectionOutput[] {
    const { status, isAnswered } = reading;
    const isWanted = head.failureReport === 'yes' || (head.failureReport === 'partial' && status !== 200);
    const [to] = head.fromPath;
    if (isAnswered || !isWanted || head.method === 'REPORT' || to === undefined) return [];
    reading.isAnswered = true;
    const { transactionId } = head;
    const paths = { toPath: [to], fromPath: head.toPath.slice(0, 1) };
    const comment = commentOf(status);
    return [this.#write([formatResponse({ kind: 'response', transactionId, status, comment, ...paths, headers: [] })])];
  }

  #answered({ transactionId, status }: MsrpResponseHead): ConnectionOutput[] {
    const reference = this.#sends.answered(transactionId);
    return reference === undefined ? [] : [{ kind: 'answered', reference, status }];
  }

  #send(chunk: ChunkToSend): ConnectionOutput[] {
    const { session, messageId, byteRange, contentType, headers = [], body, flag } = chunk;
    const { successReport = false, failureReport = 'yes' } = chunk;
    const transactionId = this.#plan.newTransactionId();
    const binding = this.#plan.sessions.bind(session, this.#plan.connection);
    if (binding === 'elsewhere' || binding === 'too-many') {
      return [{ kind: 'answered', reference: chunk.reference, status: 506 }];
    }
    this.#unboundSince = undefined;
    const head: MsrpRequestHead = {
      kind: 'request',
      transactionId,
      method: 'SEND',
      toPath: session.remotePath,
      fromPath: [session.uri],
      messageId,
      byteRange,
      successReport,
      failureReport,
      headers,
      ...(contentType === undefined ? {} : { contentType }),
    };
    const written = this.#write(formatRequest(head, body, flag));
    if (failureReport !== 'no') {
      const silence = failureReport === 'yes' ? 408 : 200;
      this.#sends.add({ transactionId, reference: chunk.reference, endsAt: this.#writtenBytes, silence });
    }
    return [written];
  }

  /** Only to those who want to know (RFC 4975 7.1.2, 7.1.3); remembered, in case that the message comes again. */
  #report(session: MsrpSession, { head: about, range, status }: ReportToSend): ConnectionOutput[] {
    const { messageId, fromPath: toPath } = about;
    const isWanted = status === 200 ? about.successReport : about.failureReport !== 'no';
    if (!isWanted || messageId === undefined) return [];
    const { start, end, total } = range;
    if (start === 1 && end !== undefined && end === total) {
      this.#incoming.get(session)?.reported(messageId, status, end);
    }
    const transactionId = this.#plan.newTransactionId();
    const flags = { successReport: false, failureReport: 'yes' } as const;
    const paths = { toPath, fromPath: [session.uri] };
    const words = { kind: 'request', transactionId, method: 'REPORT', messageId, byteRange: range, status } as const;
    return [this.#write(formatRequest({ ...words, ...paths, ...flags, headers: [] }, nothing, '$'))];
  }

  #forget(session: MsrpSession, now: number): ConnectionOutput[] {
    this.#incoming.delete(session);
    const reading = this.#reading;
    if (reading !== undefined && 'session' in reading && reading.session === session) reading.message = undefined;
    this.#plan.sessions.close(session);
    if (this.#plan.sessions.countOn(this.#plan.connection) === 0) this.#unboundSince ??= now;
    return [];
  }

  #write(parts: readonly Uint8Array[]): ConnectionOutput {
    for (const part of parts) this.#writtenBytes += part.length;
    return { kind: 'write', parts };
  }

  #tick(now: number): ConnectionOutput[] {
    const outputs = this.#sends
      .expire(now)
      .map(({ reference, silence }): ConnectionOutput => ({ kind: 'answered', reference, status: silence }));
    if (this.#unboundSince === undefined || now < this.#unboundSince + unboundMsMax) return outputs;
    return [...outputs, ...this.#end(), { kind: 'close', why: 'unbound' }];
  }

  /** What has begun will not be whole, and its sessions are over, with what was sent in them. */
  #end(): ConnectionOutput[] {
    this.#isOver = true;
    const abandoned = [...this.#incoming].flatMap(([session, messages]) =>
      messages.open().map((messageId) => ({ kind: 'abandoned', session, messageId, why: connectionGone }) as const),
    );
    this.#incoming.clear();
    this.#reading = undefined;
    const lost = this.#plan.sessions.unbind(this.#plan.connection);
    return [...abandoned, ...lost.map((session) => ({ kind: 'lost', session }) as const)];
  }

  #messagesOf(session: MsrpSession): IncomingMessages {
    let messages = this.#incoming.get(session);
    if (messages === undefined) {
      messages = new IncomingMessages(session);
      this.#incoming.set(session, messages);
    }
    return messages;
  }
}

const connectionGone = 'the connection is gone';
const wholeOfNothing = { status: 200, range: { start: 1, end: 0, total: 0 } } as const;

/** A SEND without content: who asks for a report of it asks whether somebody is there. */
function isEmpty({ method, contentType }: MsrpRequestHead): boolean {
  return method === 'SEND' && contentType === undefined;
}

function statusOf(fault: TransferFault): number {
  return fault === 'mixed-types' || fault === 'beyond-its-end' ? 400 : 413;
}
