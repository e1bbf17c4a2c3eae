/**
 * An INVITE from its words to its final answer (RFC 3261 sections 13.2 and 17.1.1): provisional answers, CANCEL, one answer to
 * a digest challenge, the ACK of a refusal here and that of a success for the dialog. Knows nothing of its body.
 */
import { randomBytes } from 'node:crypto';
import { Arrivals } from '../demo/user-agent/arrivals.ts';
import { NoAnswerError } from '../demo/user-agent/client-transactions.ts';
import { answerChallenge, chooseChallenge } from '../demo/user-agent/digest-answer.ts';
import type { HeaderEdits, RequestThread } from '../demo/user-agent/requester.ts';
import { formatSipText, type HeaderLine, type SipText } from '../demo/user-agent/sip-text.ts';
import type { SipUserAgent } from '../demo/user-agent/sip-user-agent.ts';

export interface InvitePlan {
  /** Request-URI. */
  readonly uri: string;
  /** For the To header; the Request-URI when absent. */
  readonly to?: string;
  readonly headers?: HeaderEdits;
  readonly body: string;
  readonly contentType?: string;
  readonly thread: RequestThread;
  readonly password: string | undefined;
  /** Milliseconds without a final answer until it is given up; 40,000 when absent. */
  readonly withinMs?: number;
}

export interface Acknowledgement {
  readonly target: string;
  readonly routes: readonly string[];
  /** The answer to an offer that came with the success. */
  readonly body?: string;
}

const t1Ms = 500;

export class InviteCall {
  /** In the order in which they came. */
  readonly provisional: SipText[] = [];
  /** The final answer, whatever its status; rejects with NoAnswerError. */
  readonly final: Promise<SipText>;
  readonly #phone: SipUserAgent;
  readonly plan: InvitePlan;
  readonly #rings = new Arrivals<SipText>('provisional answer');
  #branch = '';
  #cseq = 0;
  #timers: NodeJS.Timeout[] = [];
  #settle: (answer: SipText | Error) => void = () => undefined;
  #ack: Buffer | undefined;

  constructor(phone: SipUserAgent, plan: InvitePlan) {
    this.#phone = phone;
    this.plan = plan;
    phone.listen((message) => this.#heard(message));
    this.final = this.#run();
    this.final.catch(() => undefined);
  }

  /** The next provisional answer not looked at yet, `100` not counted. */
  nextProvisional(withinMs: number): Promise<SipText> {
    return this.#rings.next(withinMs, (answer) => answer.status > 100);
  }

  /** The answer to the CANCEL; what becomes of the INVITE is in `final`. */
  cancel(): Promise<SipText> {
    const headers: HeaderLine[] = [...this.#start(this.#branch, `${this.#cseq} CANCEL`), ['Content-Length', '0']];
    const answered = this.#phone.waitFor(
      (message) => message.status >= 200 && message.method === 'CANCEL' && message.branch === this.#branch,
      20_000,
    );
    void this.#phone.sendRaw(formatSipText(`CANCEL ${this.plan.uri} SIP/2.0`, headers, Buffer.alloc(0)));
    return answered;
  }

  /** Sends the ACK of the success now, and again for each time that the answer comes again. */
  acknowledge(answer: SipText, { target, routes, body = '' }: Acknowledgement): void {
    const headers: HeaderLine[] = this.#start(newBranch(), `${this.#cseq} ACK`).map(([name, value]) =>
      name === 'To' ? [name, answer.header('To') ?? value] : [name, value],
    );
    for (const route of routes) headers.push(['Route', route]);
    if (body !== '') headers.push(['Content-Type', 'application/sdp']);
    this.#ack = formatSipText(`ACK ${target} SIP/2.0`, headers, Buffer.from(body));
    void this.#phone.sendRaw(this.#ack);
  }

  async #run(): Promise<SipText> {
    const first = await this.#attempt([]);
    const credentials = this.#answerTo(first);
    return credentials === undefined ? first : this.#attempt([credentials]);
  }

  #attempt(authorization: readonly HeaderLine[]): Promise<SipText> {
    const { thread, uri, body, contentType = 'application/sdp', headers = {}, withinMs = 40_000 } = this.plan;
    thread.cseq += 1;
    this.#cseq = thread.cseq;
    this.#branch = newBranch();
    const rows: HeaderLine[] = [
      ...this.#start(this.#branch, `${this.#cseq} INVITE`),
      ['Contact', `<${this.#phone.contact}>`],
      ['Allow', 'INVITE, ACK, CANCEL, BYE, UPDATE, MESSAGE, OPTIONS, PRACK'],
      ...(body === '' ? [] : [['Content-Type', contentType] as const]),
      ...authorization,
    ];
    const edited = rows.filter(([name]) => !(name in headers));
    for (const [name, value] of Object.entries(headers)) {
      if (value !== null) edited.push(...[value].flat().map((one) => [name, one] as const));
    }
    const bytes = formatSipText(`INVITE ${uri} SIP/2.0`, edited, Buffer.from(body));
    return new Promise((resolve, reject) => {
      this.#settle = (answer) => {
        for (const timer of this.#timers.splice(0)) clearTimeout(timer);
        if (answer instanceof Error) reject(answer);
        else resolve(answer);
      };
      void this.#phone.sendRaw(bytes);
      const late = new NoAnswerError(`no final answer to INVITE within ${withinMs} ms`);
      this.#timers.push(setTimeout(() => this.#settle(late), withinMs));
      if (this.#phone.transport === 'udp') this.#sendAgain(bytes, t1Ms);
    });
  }

  #sendAgain(bytes: Buffer, afterMs: number): void {
    const known = this.provisional.length;
    this.#timers.push(
      setTimeout(() => {
        if (this.provisional.length > known) return;
        void this.#phone.sendRaw(bytes);
        this.#sendAgain(bytes, afterMs * 2);
      }, afterMs),
    );
  }

  #heard(answer: SipText): void {
    if (answer.isRequest || answer.method !== 'INVITE' || answer.branch !== this.#branch) return;
    if (answer.status < 200) {
      this.provisional.push(answer);
      this.#rings.push(answer);
      return;
    }
    if (answer.status >= 300) this.#acknowledgeRefusal(answer);
    else if (this.#ack) void this.#phone.sendRaw(this.#ack);
    this.#settle(answer);
  }

  /** RFC 3261 section 17.1.1.3: within the transaction of the INVITE. */
  #acknowledgeRefusal(answer: SipText): void {
    const rows = this.#start(this.#branch, `${answer.cseq} ACK`).map(([name, value]): HeaderLine => [
      name,
      name === 'To' ? (answer.header('To') ?? value) : value,
    ]);
    void this.#phone.sendRaw(formatSipText(`ACK ${this.plan.uri} SIP/2.0`, rows, Buffer.alloc(0)));
  }

  #start(branch: string, cseq: string): HeaderLine[] {
    const { thread, uri, to = uri } = this.plan;
    const tag = thread.toTag === undefined ? '' : `;tag=${thread.toTag}`;
    return [
      ['Via', this.#phone.via(branch)],
      ['Max-Forwards', '70'],
      ['From', `<sip:${this.#phone.address}>;tag=${thread.fromTag}`],
      ['To', `<${to}>${tag}`],
      ['Call-ID', thread.callId],
      ['CSeq', cseq],
    ];
  }

  #answerTo(answer: SipText): HeaderLine | undefined {
    const { password, uri } = this.plan;
    if (password === undefined || (answer.status !== 401 && answer.status !== 407)) return undefined;
    const isProxy = answer.status === 407;
    const challenge = chooseChallenge(answer.headerValues(isProxy ? 'Proxy-Authenticate' : 'WWW-Authenticate'));
    if (!challenge) return undefined;
    const credentials = { user: this.#phone.address.split('@')[0] ?? '', password };
    const value = answerChallenge(challenge, credentials, { method: 'INVITE', uri }, 1);
    return [isProxy ? 'Proxy-Authorization' : 'Authorization', value];
  }
}

function newBranch(): string {
  return `z9hG4bK${randomBytes(9).toString('hex')}`;
}
