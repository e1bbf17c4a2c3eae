/**
 * A request from words to its final answer: headers every request has (RFC 3261 section 8.1.1), retransmission, and
 * one answer to a digest challenge (section 22.2). Refuses to know what MESSAGE, PUBLISH or SUBSCRIBE mean.
 */
import { randomBytes } from 'node:crypto';
import type { ClientTransactions } from './client-transactions.ts';
import { answerChallenge, chooseChallenge, type DigestChallenge } from './digest-answer.ts';
import { formatSipText, longHeaderName, parameterOf, type HeaderLine, type SipText } from './sip-text.ts';
import type { WireAddress, WireTransport } from './wire-socket.ts';

/** Headers by name; they replace what the phone would write itself, `null` leaves it out, a list writes several lines. */
export type HeaderEdits = Readonly<Record<string, string | readonly string[] | null>>;

/** Requests that belong together: same Call-ID and tags, rising CSeq. Give one of your own to repeat a request. */
export interface RequestThread {
  readonly callId: string;
  readonly fromTag: string;
  toTag?: string;
  /** The number used last. */
  cseq: number;
}

export interface RequestOptions {
  /** For the To header; the request's own URI when absent. */
  readonly to?: string;
  readonly headers?: HeaderEdits;
  readonly body?: string | Uint8Array;
  readonly contentType?: string;
  readonly thread?: RequestThread;
  /** False returns a 401 or 407 as it came. */
  readonly mayAuthenticate?: boolean;
}

export interface Identity {
  readonly address: string;
  readonly password: string | undefined;
  readonly displayName: string | undefined;
  readonly userAgent: string;
}

export interface Wire {
  readonly transport: WireTransport;
  local(): WireAddress;
  send(bytes: Buffer, isRetransmission: boolean): void;
}

export class Requester {
  readonly #identity: Identity;
  readonly #wire: Wire;
  readonly #transactions: ClientTransactions;
  readonly #known = new Map<AuthorizationHeader, KnownChallenge>();

  constructor(identity: Identity, wire: Wire, transactions: ClientTransactions) {
    this.#identity = identity;
    this.#wire = wire;
    this.#transactions = transactions;
  }

  /** The final answer, whatever its status; rejects with NoAnswerError when none came. */
  async request(method: string, uri: string, options: RequestOptions = {}): Promise<SipText> {
    const thread = options.thread ?? newThread();
    const answer = await this.#attempt(method, uri, options, thread);
    if (options.mayAuthenticate === false || !this.#learnChallenge(answer)) return answer;
    const second = await this.#attempt(method, uri, options, thread);
    // A nonce that ran out between the two is no wrong password (RFC 7616 section 3.3).
    if (this.#learnChallenge(second) && this.#isStale(second)) return this.#attempt(method, uri, options, thread);
    return second;
  }

  #attempt(method: string, uri: string, options: RequestOptions, thread: RequestThread): Promise<SipText> {
    thread.cseq += 1;
    const branch = `z9hG4bK${randomBytes(9).toString('hex')}`;
    const body = Buffer.from(options.body ?? '');
    const own: HeaderLine[] = [
      ['Via', this.via(branch)],
      ['Max-Forwards', '70'],
      ['From', `${this.#displayName()}<sip:${this.#identity.address}>;tag=${thread.fromTag}`],
      ['To', `<${options.to ?? uri}>${thread.toTag === undefined ? '' : `;tag=${thread.toTag}`}`],
      ['Call-ID', thread.callId],
      ['CSeq', `${thread.cseq} ${method}`],
      ['User-Agent', this.#identity.userAgent],
      ...(options.contentType === undefined ? [] : [['Content-Type', options.contentType] as const]),
      ...(options.mayAuthenticate === false ? [] : this.#authorizations(method, uri)),
    ];
    const headers = editHeaders(own, options.headers ?? {});
    const bytes = formatSipText(`${method} ${uri} SIP/2.0`, headers, body);
    return this.#transactions.run(branchOf(headers) ?? branch, method, (isRetransmission) =>
      this.#wire.send(bytes, isRetransmission),
    );
  }

  /** Value of the Via. */
  via(branch: string): string {
    const { host, port } = this.#wire.local();
    return `SIP/2.0/${this.#wire.transport.toUpperCase()} ${bracket(host)}:${port};branch=${branch};rport`;
  }

  #displayName(): string {
    return this.#identity.displayName === undefined ? '' : `"${this.#identity.displayName}" `;
  }

  #authorizations(method: string, uri: string): HeaderLine[] {
    const { password, address } = this.#identity;
    if (password === undefined) return [];
    const credentials = { user: address.split('@')[0] ?? address, password };
    return [...this.#known].map(([name, known]): HeaderLine => {
      known.count += 1;
      return [name, answerChallenge(known.challenge, credentials, { method, uri }, known.count)];
    });
  }

  /** False when the answer challenges nothing, or nothing this phone can answer. */
  #learnChallenge(answer: SipText): boolean {
    const names = challengeHeaders[answer.status];
    if (!names || this.#identity.password === undefined) return false;
    const challenge = chooseChallenge(answer.headerValues(names.asks));
    if (challenge) this.#known.set(names.answers, { challenge, count: 0 });
    return challenge !== undefined;
  }

  #isStale(answer: SipText): boolean {
    const names = challengeHeaders[answer.status];
    return names !== undefined && this.#known.get(names.answers)?.challenge.isStale === true;
  }
}

/** Call-ID and From tag nobody used before. */
export function newThread(): RequestThread {
  return { callId: randomBytes(12).toString('hex'), fromTag: randomBytes(6).toString('hex'), cseq: 0 };
}

/** IPv6 addresses stand in brackets in URIs and Via. */
export function bracket(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}

type AuthorizationHeader = 'Authorization' | 'Proxy-Authorization';

interface KnownChallenge {
  readonly challenge: DigestChallenge;
  count: number;
}

const challengeHeaders: Readonly<Record<number, { readonly asks: string; readonly answers: AuthorizationHeader }>> = {
  401: { asks: 'WWW-Authenticate', answers: 'Authorization' },
  407: { asks: 'Proxy-Authenticate', answers: 'Proxy-Authorization' },
};

function editHeaders(own: readonly HeaderLine[], edits: HeaderEdits): HeaderLine[] {
  const replaced = new Set(Object.keys(edits).map(longHeaderName));
  const kept = own.filter(([name]) => !replaced.has(longHeaderName(name)));
  const added = Object.entries(edits).flatMap(([name, value]): HeaderLine[] => {
    if (value === null) return [];
    return (typeof value === 'string' ? [value] : value).map((one) => [name, one] as const);
  });
  return [...kept, ...added];
}

function branchOf(headers: readonly HeaderLine[]): string | undefined {
  const via = headers.find(([name]) => longHeaderName(name) === 'via');
  return via && parameterOf(via[1], 'branch');
}
