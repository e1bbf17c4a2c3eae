/**
 * The messages that leave over one leg, one after the other. Reads one chunk ahead of the connection and no more, so that
 * whatever is slow slows the source.
 */
import type { MsrpRequestHead } from '../message/msrp-message.ts';
import type { OutgoingChunk } from '../transfer/outgoing-transfer.ts';
import type { OutgoingHandle, OutgoingMsrp, SourceOctets } from './leg-words.ts';
import { OutgoingMessage } from './outgoing-message.ts';

/** Messages of one leg that have not left; one more is refused. */
export const outgoingMessagesMax = 256;
/** Messages that have left and on which a report may come; beyond it the oldest is forgotten. */
export const reportableMessagesMax = 256;

export interface ReadyChunk {
  readonly plan: OutgoingMsrp;
  readonly chunk: OutgoingChunk;
  readonly body: Uint8Array;
  readonly onAnswer: (status: number) => void;
}

const nothing = new Uint8Array(0);

export class OutgoingQueue {
  readonly #onReady: () => void;
  /** The first is the one that leaves. */
  readonly #messages: OutgoingMessage[] = [];
  /** All have left, not all is answered. */
  readonly #unanswered = new Set<OutgoingMessage>();
  readonly #reportable = new Map<string, OutgoingMsrp>();
  #isOpen = false;

  /** `onReady`: `take` has something. */
  constructor(onReady: () => void) {
    this.#onReady = onReady;
  }

  send(plan: OutgoingMsrp): OutgoingHandle | undefined {
    if (this.#messages.length >= outgoingMessagesMax) return undefined;
    const message = new OutgoingMessage(plan);
    this.#messages.push(message);
    this.#advance();
    return { stop: () => this.#stop(message, { kind: 'stopped' }) };
  }

  /** The connection is there. */
  open(): void {
    this.#isOpen = true;
    this.#advance();
  }

  get isReady(): boolean {
    const [first] = this.#messages;
    return this.#isOpen && first !== undefined && (first.isOver || first.piece !== undefined);
  }

  take(): ReadyChunk | undefined {
    const [message] = this.#messages;
    if (message === undefined || !this.isReady) return undefined;
    const { plan, transfer, piece } = message;
    message.piece = undefined;
    if (piece !== undefined && !message.isOver) {
      const chunk = transfer.next(piece.bytes.length, piece.isEnd);
      if (chunk !== undefined) return this.#leave(message, chunk, piece.bytes);
      message.end({ kind: 'failed', why: `the source ends elsewhere than its message (${message.place})` });
    }
    this.#messages.shift();
    const end = message.hasBegun ? transfer.giveUp() : undefined;
    this.#advance();
    return end === undefined ? this.take() : { plan, chunk: end, body: nothing, onAnswer: () => undefined };
  }

  reported({ messageId = '', status = 0, byteRange }: MsrpRequestHead): void {
    this.#reportable.get(messageId)?.onReport?.(status, byteRange);
  }

  /** The leg is over. */
  end(): void {
    this.#isOpen = false;
    const all = [...this.#unanswered, ...this.#messages];
    this.#unanswered.clear();
    this.#messages.length = 0;
    this.#reportable.clear();
    for (const message of all) message.end({ kind: 'lost' });
  }

  #leave(message: OutgoingMessage, chunk: OutgoingChunk, body: Uint8Array): ReadyChunk {
    const { plan } = message;
    const start = chunk.byteRange.start;
    const end = message.transfer.offset;
    if (!message.hasBegun) this.#rememberForReports(plan);
    if (message.transfer.isDone) {
      this.#messages.shift();
      this.#unanswered.add(message);
    }
    message.chunkLeft();
    if (message.isOver) this.#unanswered.delete(message);
    this.#advance();
    return { plan, chunk, body, onAnswer: (status) => this.#answered(message, { start, end, status }) };
  }

  #answered(message: OutgoingMessage, { start, end, status }: { start: number; end: number; status: number }): void {
    if (status === 200) message.chunkAnswered(start, end);
    else this.#stop(message, { kind: 'refused', status });
    if (message.isOver) this.#unanswered.delete(message);
  }

  #stop(message: OutgoingMessage, end: Parameters<OutgoingMessage['end']>[0]): void {
    if (message.isOver) return;
    message.end(end);
    this.#unanswered.delete(message);
    // The first one is left for `take`, which tells the other side; a later one has not begun.
    const at = this.#messages.indexOf(message);
    if (at > 0) this.#messages.splice(at, 1);
    else if (at === 0 && this.#isOpen) this.#onReady();
    else if (at === 0) this.#messages.shift();
  }

  /** Reads what the next chunk is made of. */
  #advance(): void {
    const [message] = this.#messages;
    if (!this.#isOpen || message === undefined || message.isReading || message.piece !== undefined) return;
    if (message.isOver) {
      this.#onReady();
      return;
    }
    const { plan, transfer } = message;
    const { room, offset } = transfer;
    if (room === 0) {
      this.#has(message, { bytes: nothing, isEnd: true });
      return;
    }
    const read = plan.source.read(offset, room);
    if (!(read instanceof Promise)) {
      this.#has(message, read);
      return;
    }
    message.isReading = true;
    void read.then(
      (octets) => this.#hasRead(message, octets),
      (fault: unknown) => this.#hasRead(message, undefined, fault instanceof Error ? fault.message : String(fault)),
    );
  }

  #hasRead(message: OutgoingMessage, octets: SourceOctets | undefined, why = ''): void {
    message.isReading = false;
    if (octets === undefined) this.#stop(message, { kind: 'failed', why });
    else this.#has(message, octets);
  }

  #has(message: OutgoingMessage, octets: SourceOctets): void {
    if (message.isOver) return;
    const { length } = octets.bytes;
    if (length > message.transfer.room || (length === 0 && !octets.isEnd)) {
      this.#stop(message, { kind: 'failed', why: `the source gave ${length} octets` });
      return;
    }
    message.piece = octets;
    this.#onReady();
  }

  #rememberForReports(plan: OutgoingMsrp): void {
    if (plan.onReport === undefined) return;
    this.#reportable.set(plan.messageId, plan);
    if (this.#reportable.size <= reportableMessagesMax) return;
    const [oldest] = this.#reportable.keys();
    if (oldest !== undefined) this.#reportable.delete(oldest);
  }
}
