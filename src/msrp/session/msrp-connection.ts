/**
 * The machine of one MSRP connection (RFC 4975 5.4, 7.1 to 7.3): finds the session of every request, binds it at the first,
 * answers, gathers messages, and waits for answers to what it sent. No I/O; time comes in, and is asked for by `deadline`.
 */
import { unreachable } from '../../base/assert.ts';
import { commentOf, formatRequest, formatResponse } from '../message/format-message.ts';
import type { ChunkEvent } from '../message/chunk-reader.ts';
import type { ContinuationFlag, MsrpHead, MsrpRequestHead, MsrpResponseHead } from '../message/msrp-message.ts';
import type { IncomingTransfer, TransferFault } from '../transfer/incoming-transfer.ts';
import type { ChunkToSend, ConnectionInput, ConnectionOutput, ReportToSend } from './connection-words.ts';
import { IncomingMessages } from './incoming-messages.ts';
import type { MsrpSession, SessionTable } from './session-table.ts';

/** Milliseconds until a SEND without an answer has failed (RFC 4975 7.1.1, Failure-Report). */
export const answerMsMax = 30_000;
/** Milliseconds in which a connection has to name a session of ours (RFC 4976 6.1 for relays). */
export const unboundMsMax = 30_000;
/** Chunks that wait for an answer; one more is not sent (`send` is to be asked again later). */
export const openChunksMax = 64;

export interface ConnectionPlan {
  /** Names it in the table. */
  readonly connection: number;
  readonly sessions: SessionTable;
  /** A new transaction id: at least 64 random bits (RFC 4975 7.1). */
  newTransactionId(): string;
}

interface OpenSend {
  readonly reference: number;
  readonly deadline: number;
}

/** A request that is being read. */
interface Reading {
  readonly head: MsrpRequestHead;
  readonly session: MsrpSession | undefined;
  transfer: IncomingTransfer | undefined;
  /** Answered already, or to be answered with this. */
  status: number;
  isAnswered: boolean;
}

export class MsrpConnection {
  readonly #plan: ConnectionPlan;
  readonly #incoming = new Map<MsrpSession, IncomingMessages>();
  readonly #sent = new Map<string, OpenSend>();
  readonly #openedAt: number;
  #reading: Reading | MsrpResponseHead | undefined;
  #isBound = false;
  #isOver = false;

  constructor(plan: ConnectionPlan, now: number) {
    this.#plan = plan;
    this.#openedAt = now;
  }

  /** Whether there is room for another chunk that asks for an answer. */
  get hasRoom(): boolean {
    return this.#sent.size < openChunksMax;
  }

  deadline(): number | undefined {
    if (this.#isOver) return undefined;
    const [first] = this.#sent.values();
    const unbound = this.#isBound ? undefined : this.#openedAt + unboundMsMax;
    if (first === undefined) return unbound;
    return unbound === undefined ? first.deadline : Math.min(first.deadline, unbound);
  }

  handle(input: ConnectionInput, now: number): ConnectionOutput[] {
    if (this.#isOver) return [];
    switch (input.kind) {
      case 'read':
        return this.#read(input.event, now);
      case 'send':
        return this.#send(input.chunk, now);
      case 'report':
        return [this.#writeReport(input.report)];
      case 'tick':
        return this.#tick(now);
      case 'closed':
        return this.#end();
      default:
        return unreachable(input);
    }
  }

  /** The session ends: what has begun in it will not be whole. */
  forget(session: MsrpSession): void {
    this.#incoming.delete(session);
  }

  #read(event: ChunkEvent, _now: number): ConnectionOutput[] {
    switch (event.kind) {
      case 'head':
        return this.#begin(event.head);
      case 'body':
        return this.#take(event.bytes);
      case 'end':
        return this.#finish(event.flag);
      case 'bad-request':
        // Whose answer cannot be addressed gets none.
        this.#reading = undefined;
        return [];
      case 'broken':
        return [...this.#end(), { kind: 'close', why: event.reason }];
      default:
        return unreachable(event);
    }
  }

  #begin(head: MsrpHead): ConnectionOutput[] {
    if (head.kind === 'response') {
      this.#reading = head;
      return [];
    }
    const reading: Reading = { head, session: undefined, transfer: undefined, status: 200, isAnswered: false };
    this.#reading = reading;
    const [uri, ...others] = head.toPath;
    const session = uri === undefined || others.length > 0 ? undefined : this.#plan.sessions.find(uri);
    if (session === undefined) return this.#refuse(reading, 481);
    const isFirst = this.#plan.sessions.connectionOf(session) === undefined;
    if (!this.#plan.sessions.bind(session, this.#plan.connection)) return this.#refuse(reading, 506);
    this.#isBound = true;
    const bound: ConnectionOutput[] = isFirst ? [{ kind: 'bound', session }] : [];
    this.#reading = { ...reading, session };
    return [...bound, ...this.#admit(this.#reading, session)];
  }

  /** A request in a session of ours, by its method. */
  #admit(reading: Reading, session: MsrpSession): ConnectionOutput[] {
    const { head } = reading;
    if (head.method === 'REPORT') return [];
    if (head.method !== 'SEND') return this.#refuse(reading, 501);
    // An empty SEND binds a session or keeps a connection, and is no message (RFC 4975 5.4).
    if (head.contentType === undefined) return [];
    if (head.messageId === undefined) return this.#refuse(reading, 400);
    if (!session.mayReceive) return this.#refuse(reading, 403);
    const transfer = this.#messagesOf(session).transferOf(head);
    if (transfer === 'known') return [];
    if (transfer === 'full') return this.#refuse(reading, 413);
    if (transfer.contentType === undefined && !session.accepts(head.contentType)) {
      this.#messagesOf(session).abandoned(transfer.messageId);
      return this.#refuse(reading, 415);
    }
    const fault = transfer.begin(head);
    if (fault !== undefined) return this.#giveUp(reading, session, fault);
    reading.transfer = transfer;
    return [{ kind: 'begun', session, head }];
  }

  #take(bytes: Uint8Array): ConnectionOutput[] {
    const reading = this.#reading;
    if (reading === undefined || !('session' in reading)) return [];
    const { transfer, session } = reading;
    if (transfer === undefined || session === undefined) return [];
    const placed = transfer.take(bytes);
    if (placed !== undefined) return [{ kind: 'octets', session, messageId: transfer.messageId, placed }];
    const end = transfer.end('+');
    return end.kind === 'fault' ? this.#giveUp(reading, session, end.fault) : [];
  }

  #finish(flag: ContinuationFlag): ConnectionOutput[] {
    const reading = this.#reading;
    this.#reading = undefined;
    if (reading === undefined) return [];
    if (!('session' in reading)) return this.#answered(reading);
    const { head, session, transfer } = reading;
    if (head.method === 'REPORT') return session === undefined ? [] : [{ kind: 'reported', session, head }];
    const outputs = session === undefined || transfer === undefined ? [] : this.#close(reading, session, flag);
    return [...this.#answer(reading), ...outputs];
  }

  /** The end of a chunk that was wanted. */
  #close(reading: Reading, session: MsrpSession, flag: ContinuationFlag): ConnectionOutput[] {
    const { transfer, head } = reading;
    if (transfer === undefined) return [];
    const end = transfer.end(flag);
    const { messageId } = transfer;
    switch (end.kind) {
      case 'open':
        return [];
      case 'complete':
        this.#messagesOf(session).completed(messageId);
        return [{ kind: 'complete', session, head, size: end.size }];
      case 'given-up':
        this.#messagesOf(session).abandoned(messageId);
        return [{ kind: 'abandoned', session, messageId, why: 'its sender gave it up' }];
      case 'fault':
        reading.status = statusOf(end.fault);
        this.#messagesOf(session).abandoned(messageId);
        return [{ kind: 'abandoned', session, messageId, why: end.fault }];
      default:
        return unreachable(end);
    }
  }

  /** Nothing more of it is wanted, and its sender is told at once rather than at the end of the chunk (RFC 4975 10.5). */
  #giveUp(reading: Reading, session: MsrpSession, fault: TransferFault): ConnectionOutput[] {
    const messageId = reading.head.messageId ?? '';
    this.#messagesOf(session).abandoned(messageId);
    reading.transfer = undefined;
    return [...this.#refuse(reading, statusOf(fault)), { kind: 'abandoned', session, messageId, why: fault }];
  }

  #refuse(reading: Reading, status: number): ConnectionOutput[] {
    reading.status = status;
    return this.#answer(reading);
  }

  /** RFC 4975 7.2: `no` is never answered, `partial` only with an error, a REPORT never. */
  #answer(reading: Reading): ConnectionOutput[] {
    const { head, status, isAnswered } = reading;
    const isWanted = head.failureReport === 'yes' || (head.failureReport === 'partial' && status !== 200);
    const [to] = head.fromPath;
    if (isAnswered || !isWanted || head.method === 'REPORT' || to === undefined) return [];
    reading.isAnswered = true;
    const response: MsrpResponseHead = {
      kind: 'response',
      transactionId: head.transactionId,
      status,
      comment: commentOf(status),
      toPath: [to],
      fromPath: head.toPath.slice(0, 1),
      headers: [],
    };
    return [{ kind: 'write', bytes: formatResponse(response) }];
  }

  #answered({ transactionId, status }: MsrpResponseHead): ConnectionOutput[] {
    const open = this.#sent.get(transactionId);
    if (open === undefined) return [];
    this.#sent.delete(transactionId);
    return [{ kind: 'answered', reference: open.reference, status }];
  }

  #send(chunk: ChunkToSend, now: number): ConnectionOutput[] {
    const { session, messageId, byteRange, contentType, headers = [], body, flag } = chunk;
    const { successReport = false, failureReport = 'yes' } = chunk;
    const transactionId = this.#plan.newTransactionId();
    this.#plan.sessions.bind(session, this.#plan.connection);
    this.#isBound = true;
    if (failureReport === 'yes') {
      this.#sent.set(transactionId, { reference: chunk.reference, deadline: now + answerMsMax });
    }
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
    return [{ kind: 'write', bytes: formatRequest(head, body, flag) }];
  }

  #writeReport({ session, toPath, messageId, byteRange, status }: ReportToSend): ConnectionOutput {
    const about = { messageId, byteRange, status, successReport: false, failureReport: 'yes', headers: [] } as const;
    const transactionId = this.#plan.newTransactionId();
    const start = { kind: 'request', transactionId, method: 'REPORT' } as const;
    const head: MsrpRequestHead = { ...start, toPath, fromPath: [session.uri], ...about };
    return { kind: 'write', bytes: formatRequest(head, new Uint8Array(0), '$') };
  }

  #tick(now: number): ConnectionOutput[] {
    const outputs: ConnectionOutput[] = [];
    for (const [transactionId, { reference, deadline }] of this.#sent) {
      if (deadline > now) break;
      this.#sent.delete(transactionId);
      outputs.push({ kind: 'answered', reference, status: 408 });
    }
    if (this.#isBound || now < this.#openedAt + unboundMsMax) return outputs;
    return [...outputs, ...this.#end(), { kind: 'close', why: 'it named no session in time' }];
  }

  /** What was sent has failed, what has begun will not be whole, and its sessions need a new connection. */
  #end(): ConnectionOutput[] {
    this.#isOver = true;
    const outputs: ConnectionOutput[] = [];
    for (const { reference } of this.#sent.values()) outputs.push({ kind: 'answered', reference, status: 408 });
    this.#sent.clear();
    for (const [session, messages] of this.#incoming) {
      for (const messageId of messages.open()) {
        outputs.push({ kind: 'abandoned', session, messageId, why: 'the connection is gone' });
      }
    }
    this.#incoming.clear();
    this.#plan.sessions.unbind(this.#plan.connection);
    return outputs;
  }

  #messagesOf(session: MsrpSession): IncomingMessages {
    let messages = this.#incoming.get(session);
    if (messages === undefined) {
      messages = new IncomingMessages(session.sizeMax);
      this.#incoming.set(session, messages);
    }
    return messages;
  }
}

function statusOf(fault: TransferFault): number {
  return fault === 'mixed-types' || fault === 'beyond-its-end' ? 400 : 413;
}
