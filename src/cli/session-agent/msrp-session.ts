/**
 * One MSRP session of a client (RFC 4975 sections 5 and 7): it sends messages in chunks and hears their responses and
 * reports, takes chunks, answers and reports them. How it answers can be chosen, silence too.
 */
import { Arrivals } from '../demo/user-agent/arrivals.ts';
import type { MsrpConnection } from './msrp-connection.ts';
import { formatFrame, newTransaction, type Continuation, type MsrpHead, type MsrpHeader } from './msrp-text.ts';
import { OutgoingMsrp, type MsrpMessage } from './outgoing-msrp.ts';
import { ReceivedMsrp } from './received-msrp.ts';

export interface MsrpPaths {
  /** Our own URI. */
  readonly local: string;
  /** The other's, one or more; empty until the other side has said it. */
  remote: string;
}

/** Undefined: no response at all. */
export type ChunkAnswer = (chunk: MsrpHead) => number | undefined;

export class MsrpSession {
  readonly paths: MsrpPaths;
  /** Head of every request and response that came. */
  readonly heads: MsrpHead[] = [];
  /** Messages that are whole, in the order in which they became so. */
  readonly messages: ReceivedMsrp[] = [];
  /** Resolves with the reason when the connection is gone. */
  readonly ended: Promise<string>;
  answer: ChunkAnswer = () => 200;
  mayReport = true;
  /** Takes the octets in their place; nothing is kept then. */
  onOctets: ((message: ReceivedMsrp, at: number, bytes: Buffer) => void) | undefined;
  readonly #arrivals = new Arrivals<ReceivedMsrp>('whole message');
  readonly #reports = new Arrivals<MsrpHead>('report');
  readonly #bound: Promise<MsrpConnection>;
  readonly #incoming = new Map<string, ReceivedMsrp>();
  readonly #outgoing = new Map<string, OutgoingMsrp>();
  readonly #waiting = new Map<string, (status: number) => void>();
  #connection: MsrpConnection | undefined;
  #bind: (connection: MsrpConnection) => void = () => undefined;
  #end: (why: string) => void = () => undefined;
  #chunk: { head: MsrpHead; message: ReceivedMsrp | undefined; at: number } | undefined;

  constructor(paths: MsrpPaths) {
    this.paths = paths;
    this.#bound = new Promise((resolve) => {
      this.#bind = resolve;
    });
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get connection(): MsrpConnection | undefined {
    return this.#connection;
  }

  /** Resolves when the session has its connection. */
  get bound(): Promise<MsrpConnection> {
    return this.#bound;
  }

  attach(connection: MsrpConnection): void {
    this.#connection = connection;
    const session = /^[^/]*\/\/[^/]*\/([^;]+);/.exec(this.paths.local)?.[1] ?? '';
    connection.carry(session, {
      began: (head, hasContent) => this.#began(head, hasContent),
      octets: (bytes) => this.#octets(bytes),
      ended: (flag) => this.#chunkEnded(flag),
      lost: (why) => this.#lost(why),
    });
    this.#bind(connection);
  }

  /** Begins to send; what became of it is in what is returned. */
  send(message: MsrpMessage): OutgoingMsrp {
    const outgoing = new OutgoingMsrp(message, {
      ask: (headers, content, flag) => this.ask('SEND', headers, content, flag),
      drained: () => this.#bound.then((connection) => connection.drained()),
    });
    this.#outgoing.set(outgoing.messageId, outgoing);
    outgoing.start();
    return outgoing;
  }

  /** A SEND without content, as the active side begins with (RFC 4975 section 5.4); the status of its response. */
  sendEmpty(): Promise<number> {
    return this.ask('SEND', [
      ['Message-ID', newTransaction()],
      ['Byte-Range', '1-0/0'],
    ]);
  }

  /** Any request; the status of its response, 0 when the connection was lost. */
  async ask(
    method: string,
    headers: readonly MsrpHeader[],
    content?: Uint8Array,
    flag?: Continuation,
  ): Promise<number> {
    const transaction = newTransaction();
    const answered = new Promise<number>((resolve) => this.#waiting.set(transaction, resolve));
    await this.raw(
      formatFrame({
        transaction,
        what: method,
        headers: [['To-Path', this.paths.remote], ['From-Path', this.paths.local], ...headers],
        ...(content === undefined ? {} : { content }),
        ...(flag === undefined ? {} : { flag }),
      }),
    );
    return answered;
  }

  /** Any octets. */
  async raw(bytes: Uint8Array): Promise<void> {
    const connection = this.#connection ?? (await this.#bound);
    if (connection.isClosed) this.#lost('the connection closed');
    await connection.send(bytes);
  }

  /** The oldest whole message not taken yet. */
  nextMessage(withinMs: number): Promise<ReceivedMsrp> {
    return this.#arrivals.next(withinMs);
  }

  nextReport(withinMs: number, fits?: (report: MsrpHead) => boolean): Promise<MsrpHead> {
    return this.#reports.next(withinMs, fits);
  }

  #began(head: MsrpHead, hasContent: boolean): void {
    this.heads.push(head);
    if (head.status > 0) {
      this.#waiting.get(head.transaction)?.(head.status);
      this.#waiting.delete(head.transaction);
    }
    if (head.method === 'REPORT') {
      this.#outgoing.get(head.messageId)?.reported(head);
      this.#reports.push(head);
    }
    if (head.method !== 'SEND') return;
    const message = hasContent ? this.#messageOf(head) : undefined;
    message?.heads.push(head);
    this.#chunk = { head, message, at: (head.range?.start ?? 1) - 1 };
  }

  #messageOf(head: MsrpHead): ReceivedMsrp {
    const message = this.#incoming.get(head.messageId) ?? new ReceivedMsrp(head);
    this.#incoming.set(head.messageId, message);
    return message;
  }

  #octets(bytes: Buffer): void {
    const chunk = this.#chunk;
    if (!chunk?.message) return;
    chunk.message.add(chunk.at, bytes.length, this.onOctets ? undefined : bytes);
    this.onOctets?.(chunk.message, chunk.at, bytes);
    chunk.at += bytes.length;
  }

  #chunkEnded(flag: Continuation): void {
    const chunk = this.#chunk;
    this.#chunk = undefined;
    if (!chunk) return;
    const status = this.answer(chunk.head);
    this.#respond(chunk.head, status);
    chunk.message?.chunkEnded(flag, chunk.at);
    if (status === 200 && chunk.message?.isWhole === true) this.#whole(chunk.message, chunk.head);
  }

  #respond(head: MsrpHead, status: number | undefined): void {
    const wanted = head.header('Failure-Report');
    if (status === undefined || wanted === 'no' || (wanted === 'partial' && status === 200)) return;
    const headers: MsrpHeader[] = [
      ['To-Path', head.fromPath.split(' ')[0] ?? ''],
      ['From-Path', this.paths.local],
    ];
    void this.raw(
      formatFrame({ transaction: head.transaction, what: `${status} ${status === 200 ? 'OK' : 'no'}`, headers }),
    );
  }

  #whole(message: ReceivedMsrp, head: MsrpHead): void {
    this.#incoming.delete(message.messageId);
    this.messages.push(message);
    this.#arrivals.push(message);
    if (this.mayReport && head.header('Success-Report') === 'yes') this.report(message, head, '000 200 OK');
  }

  /** A REPORT about a message that came. */
  report(message: ReceivedMsrp, head: MsrpHead, status: string): void {
    const size = message.size ?? message.received;
    const headers: MsrpHeader[] = [
      ['To-Path', head.fromPath],
      ['From-Path', this.paths.local],
      ['Message-ID', message.messageId],
      ['Byte-Range', `1-${size}/${size}`],
      ['Status', status],
    ];
    void this.raw(formatFrame({ what: 'REPORT', headers }));
  }

  #lost(why: string): void {
    for (const resolve of this.#waiting.values()) resolve(0);
    this.#waiting.clear();
    this.#end(why);
  }
}
