/**
 * What a phone does with requests: one answer per server transaction, repeated for retransmissions (RFC 3261 section
 * 17.2.2), chosen per method by whoever holds the phone. Silence is a choice too.
 */
import { randomBytes } from 'node:crypto';
import type { HeaderEdits } from './requester.ts';
import { formatSipText, longHeaderName, parameterOf, type HeaderLine, type SipText } from './sip-text.ts';

export interface FullReply {
  readonly status: number;
  readonly reason?: string;
  readonly headers?: HeaderEdits;
  readonly body?: string;
  /** The answer leaves this many milliseconds later. */
  readonly afterMs?: number;
}

/** A status, all of an answer, or nothing at all. */
export type Reply = number | 'silence' | FullReply;
export type ReplyChoice = Reply | ((request: SipText) => Reply | Promise<Reply>);

/** Finished transactions that are remembered; the oldest is forgotten first, as after its timer J. */
export const answeredMax = 10_000;

export class RequestAnswerer {
  readonly #choices = new Map<string, ReplyChoice>();
  readonly #answered = new Map<string, Buffer | undefined>();
  readonly #max: number;

  constructor(choices: Readonly<Record<string, ReplyChoice>>, max: number = answeredMax) {
    for (const [method, choice] of Object.entries(choices)) this.#choices.set(method, choice);
    this.#max = max;
  }

  /** How requests of this method are answered from now on. */
  choose(method: string, choice: ReplyChoice): void {
    this.#choices.set(method, choice);
  }

  isRetransmission(request: SipText): boolean {
    return this.#answered.has(transactionKey(request));
  }

  /** Sends what is chosen; resolves with the reply, or undefined for a retransmission. */
  async answer(request: SipText, send: (bytes: Buffer, isRetransmission: boolean) => void): Promise<Reply | undefined> {
    const key = transactionKey(request);
    if (this.#answered.has(key)) {
      const before = this.#answered.get(key);
      if (before) send(before, true);
      return undefined;
    }
    this.#remember(key, undefined);
    if (request.method === 'ACK') return undefined;
    const choice = this.#choices.get(request.method) ?? 501;
    const reply = typeof choice === 'function' ? await choice(request) : choice;
    if (reply === 'silence') return reply;
    const full = typeof reply === 'number' ? { status: reply } : reply;
    const bytes = formatReply(request, full);
    if (full.afterMs !== undefined) await new Promise((resolve) => setTimeout(resolve, full.afterMs));
    this.#remember(key, bytes);
    send(bytes, false);
    return reply;
  }

  #remember(key: string, bytes: Buffer | undefined): void {
    this.#answered.set(key, bytes);
    if (this.#answered.size <= this.#max) return;
    for (const oldest of this.#answered.keys()) {
      this.#answered.delete(oldest);
      return;
    }
  }
}

/** RFC 3261 section 8.2.6: Via, From, Call-ID and CSeq as they came, To with a tag. */
export function formatReply(request: SipText, reply: FullReply): Buffer {
  const copied = request.headers.filter(([name]) => copiedNames.has(longHeaderName(name)));
  const headers = copied.map(([name, value]): HeaderLine => {
    const needsTag = longHeaderName(name) === 'to' && parameterOf(value, 'tag') === undefined;
    return [name, needsTag ? `${value};tag=${randomBytes(6).toString('hex')}` : value];
  });
  for (const [name, value] of Object.entries(reply.headers ?? {})) {
    if (value !== null) headers.push(...[value].flat().map((one) => [name, one] as const));
  }
  const reason = reply.reason ?? reasons[reply.status] ?? 'Answer';
  return formatSipText(`SIP/2.0 ${reply.status} ${reason}`, headers, Buffer.from(reply.body ?? ''));
}

const copiedNames = new Set(['via', 'from', 'to', 'call-id', 'cseq']);

const reasons: Readonly<Record<number, string>> = {
  200: 'OK',
  202: 'Accepted',
  404: 'Not Found',
  408: 'Request Timeout',
  415: 'Unsupported Media Type',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  486: 'Busy Here',
  488: 'Not Acceptable Here',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  603: 'Decline',
};

/** RFC 3261 section 17.2.3. */
function transactionKey(request: SipText): string {
  return `${request.method} ${request.header('Via')?.split(';')[0] ?? ''} ${request.branch}`;
}
