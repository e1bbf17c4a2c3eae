/** A message on its way out in chunks (RFC 4975 section 7.1.1), and what was heard of it. */
import { newTransaction, type Continuation, type MsrpHead, type MsrpHeader } from './msrp-text.ts';

export interface MsrpMessage {
  readonly contentType: string;
  /** All of it; or how much, and where each piece comes from. */
  readonly body: string | Uint8Array | { readonly size: number; piece(at: number, length: number): Uint8Array };
  readonly messageId?: string;
  /** Octets of a chunk; 64 KiB when absent. */
  readonly chunkBytes?: number;
  readonly successReport?: 'yes' | 'no';
  readonly failureReport?: 'yes' | 'no' | 'partial';
  /** What Byte-Range says of the whole; the truth when absent. */
  readonly total?: number | '*';
  /** The first octet to send, counted from 0. */
  readonly from?: number;
  /** Stops after so many octets; the last chunk says `+`, or what `lastFlag` says. */
  readonly stopAfter?: number;
  /** `$` when absent. */
  readonly lastFlag?: Continuation;
  /** Before Content-Type. */
  readonly headers?: readonly MsrpHeader[];
  /** How many chunks may be without a response at once; any number when absent. */
  readonly window?: number;
}

export interface ChunkWay {
  ask(headers: readonly MsrpHeader[], content: Uint8Array, flag: Continuation): Promise<number>;
  drained(): Promise<void>;
}

export class OutgoingMsrp {
  readonly messageId: string;
  /** Statuses of the responses, in the order in which they came; 0 for a chunk whose connection was lost. */
  readonly statuses: number[] = [];
  readonly reports: MsrpHead[] = [];
  /** When every chunk was written. */
  readonly written: Promise<void>;
  /**
   * 200 when every chunk got it, else the first other status. Where not every chunk gets a response (Failure-Report `no`
   * and `partial`), 200 as soon as all is written and nothing else was heard by then.
   */
  readonly finished: Promise<number>;
  readonly #message: MsrpMessage;
  readonly #way: ChunkWay;
  readonly #open: Promise<number>[] = [];
  #begin: () => void = () => undefined;

  constructor(message: MsrpMessage, way: ChunkWay) {
    this.#message = message;
    this.#way = way;
    this.messageId = message.messageId ?? newTransaction();
    this.written = new Promise<void>((resolve) => {
      this.#begin = resolve;
    }).then(() => this.#write());
    this.finished = this.written.then(() => this.#allAnswered());
  }

  start(): void {
    this.#begin();
  }

  reported(report: MsrpHead): void {
    this.reports.push(report);
  }

  async #write(): Promise<void> {
    const { chunkBytes = 65_536, from = 0, lastFlag = '$', stopAfter, window = Infinity } = this.#message;
    const source = sourceOf(this.#message.body);
    const end = Math.min(source.size, stopAfter === undefined ? Infinity : from + stopAfter);
    let at = from;
    do {
      const length = Math.min(chunkBytes, end - at);
      const isLast = at + length >= source.size;
      const isEnd = at + length >= end;
      const flag = isLast || (isEnd && this.#message.lastFlag !== undefined) ? lastFlag : '+';
      this.#ask(at, source.piece(at, length), flag);
      at += length;
      await this.#way.drained();
      while (this.#open.length - this.statuses.length >= window) {
        await Promise.race(this.#open.slice(this.statuses.length));
      }
      if (this.statuses.some((status) => status !== 200)) return;
    } while (at < end);
  }

  #ask(at: number, piece: Uint8Array, flag: Continuation): void {
    const { contentType, successReport, failureReport, headers = [] } = this.#message;
    const total = this.#message.total ?? sourceOf(this.#message.body).size;
    const end = piece.length > 2048 ? '*' : String(at + piece.length);
    const rows: MsrpHeader[] = [
      ['Message-ID', this.messageId],
      ['Byte-Range', `${at + 1}-${end}/${total}`],
      ...(successReport === undefined ? [] : [['Success-Report', successReport] as const]),
      ...(failureReport === undefined ? [] : [['Failure-Report', failureReport] as const]),
      ...headers,
      ['Content-Type', contentType],
    ];
    this.#open.push(
      this.#way.ask(rows, piece, flag).then((status) => {
        this.statuses.push(status);
        return status;
      }),
    );
  }

  async #allAnswered(): Promise<number> {
    const isAnswered = (this.#message.failureReport ?? 'yes') === 'yes';
    const statuses = isAnswered ? await Promise.all(this.#open) : this.statuses;
    return statuses.find((status) => status !== 200) ?? 200;
  }
}

interface Source {
  readonly size: number;
  piece(at: number, length: number): Uint8Array;
}

function sourceOf(body: MsrpMessage['body']): Source {
  if (typeof body === 'object' && 'piece' in body) return body;
  const bytes = typeof body === 'string' ? Buffer.from(body) : body;
  return { size: bytes.length, piece: (at, length) => bytes.subarray(at, at + length) };
}
