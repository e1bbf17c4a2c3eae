/**
 * Somebody's client in virtual time: sends again as RFC 3261 timer E asks, comes again where it is told to (503 with
 * Retry-After), and answers what it is sent. Shares no code with the server.
 */
import { formatSipText, type HeaderLine, parseSipText, type SipText } from '../../src/cli/demo/user-agent/sip-text.ts';
import type { VirtualTime } from '../../src/base/time/virtual-time.ts';
import type { SocketAddress } from '../../src/sip/transport/ports.ts';

/** Where it lives. */
export interface PhoneWorld {
  readonly time: VirtualTime;
  send(bytes: Buffer, from: SocketAddress): void;
  listen(at: SocketAddress, receive: (bytes: Buffer) => void): void;
}

export interface PhoneRequest {
  readonly method: string;
  readonly uri: string;
  /** Of the To row; the URI of the request where it is absent. */
  readonly to?: string;
  readonly headers?: readonly HeaderLine[];
  readonly body?: string;
}

const t1Ms = 500;
const t2Ms = 4000;
const timeoutMs = 64 * t1Ms;
const triesMax = 8;

export class VirtualPhone {
  readonly name: string;
  /** Every request that came, retransmissions not counted. */
  readonly received: SipText[] = [];
  /** Every final status that was not 2xx, with the method. */
  readonly refusals: string[] = [];
  /** Undefined: it is silent. */
  reply: number | undefined = 200;
  readonly #address: SocketAddress;
  readonly #world: PhoneWorld;
  readonly #open = new Map<string, (answer: SipText) => void>();
  readonly #answered = new Map<string, Buffer>();
  readonly #number: number;
  #count = 0;

  constructor(name: string, world: PhoneWorld, number: number) {
    this.name = name;
    this.#number = number;
    this.#world = world;
    this.#address = { address: `192.0.2.${10 + number}`, port: 5060 };
    world.listen(this.#address, (bytes) => this.#handle(bytes));
  }

  get contact(): string {
    return `<sip:${this.name}@${this.#address.address}:${this.#address.port}>`;
  }

  /** The first answer that is not "come again", at most so many tries later; fails where there is none. */
  async request(request: PhoneRequest): Promise<SipText> {
    const callId = `${this.name}-${this.#number}-${(this.#count += 1)}`;
    for (let cseq = 1; ; cseq += 1) {
      const answer = await this.#once(request, callId, cseq);
      if (answer === undefined) throw new Error(`${this.name} got no answer to ${request.method}`);
      if (answer.status < 300) return answer;
      this.refusals.push(`${request.method} ${answer.status}`);
      // RFC 3261 10.3: what the last process took durably, and could not answer any more, has no higher CSeq.
      if (answer.status === 500 && request.method === 'REGISTER') continue;
      const retryAfter = answer.header('Retry-After');
      if (answer.status !== 503 || retryAfter === undefined || cseq >= triesMax) return answer;
      await this.#pause(1000 * Number(retryAfter));
    }
  }

  /** Undefined when timer F fires. */
  #once(request: PhoneRequest, callId: string, cseq: number): Promise<SipText | undefined> {
    const { method, uri, to = uri, headers = [], body = '' } = request;
    const branch = `z9hG4bK-${callId}-${cseq}`;
    const own: HeaderLine[] = [
      ['Via', `SIP/2.0/UDP ${this.#address.address}:${this.#address.port};branch=${branch}`],
      ['Max-Forwards', '70'],
      ['From', `<sip:${this.name}@localhost>;tag=${this.name}`],
      ['To', `<${to}>`],
      ['Call-ID', callId],
      ['CSeq', `${cseq} ${method}`],
      ...headers,
    ];
    const bytes = formatSipText(`${method} ${uri} SIP/2.0`, own, Buffer.from(body));
    const { time } = this.#world;
    return new Promise((resolve) => {
      const end = time.monotonic() + timeoutMs;
      let isOver = false;
      const settle = (answer: SipText | undefined): void => {
        isOver = true;
        this.#open.delete(`${branch} ${method}`);
        resolve(answer);
      };
      this.#open.set(`${branch} ${method}`, settle);
      const transmit = (intervalMs: number): void => {
        if (isOver) return;
        if (time.monotonic() >= end) return settle(undefined);
        this.#world.send(bytes, this.#address);
        time.at(time.monotonic() + intervalMs, () => transmit(Math.min(2 * intervalMs, t2Ms)));
      };
      transmit(t1Ms);
    });
  }

  #pause(ms: number): Promise<void> {
    const { time } = this.#world;
    return new Promise((resolve) => {
      time.at(time.monotonic() + ms, () => resolve());
    });
  }

  #handle(bytes: Buffer): void {
    const message = parseSipText(bytes);
    if (message === undefined) throw new Error(`${this.name} got what is no SIP message`);
    if (!message.isRequest) {
      if (message.status >= 200) this.#open.get(`${message.branch} ${message.method}`)?.(message);
      return;
    }
    const known = this.#answered.get(message.branch);
    if (known !== undefined) return this.#world.send(known, this.#address);
    if (this.reply === undefined) return;
    this.received.push(message);
    const copied = ['via', 'from', 'call-id', 'cseq'];
    const headers = message.headers.filter(([name]) => copied.includes(name.toLowerCase()));
    const to = message.header('To') ?? '';
    const answer = formatSipText(
      `SIP/2.0 ${this.reply} X`,
      [...headers, ['To', to.includes(';tag=') ? to : `${to};tag=${this.name}`], ['Contact', this.contact]],
      Buffer.alloc(0),
    );
    this.#answered.set(message.branch, answer);
    this.#world.send(answer, this.#address);
  }
}
