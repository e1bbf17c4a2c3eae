/** An INVITE that came (RFC 3261 section 13.3): rung, answered, refused, or taken back by its sender. */
import { randomBytes } from 'node:crypto';
import { formatReply } from '../demo/user-agent/request-answerer.ts';
import type { HeaderEdits } from '../demo/user-agent/requester.ts';
import type { SipText } from '../demo/user-agent/sip-text.ts';
import type { SipUserAgent } from '../demo/user-agent/sip-user-agent.ts';

const t1Ms = 500;

export class IncomingInvite {
  readonly request: SipText;
  /** Of the To header of every answer of ours. */
  readonly tag = randomBytes(6).toString('hex');
  /** Resolves with the CANCEL when its sender takes it back. */
  readonly cancelled: Promise<SipText>;
  /** Resolves with the ACK of the final answer. */
  readonly acknowledged: Promise<SipText>;
  readonly #phone: SipUserAgent;
  #cancel: (request: SipText) => void = () => undefined;
  #acknowledge: (request: SipText) => void = () => undefined;
  #isAcknowledged = false;
  #isAnswered = false;

  constructor(phone: SipUserAgent, request: SipText) {
    this.#phone = phone;
    this.request = request;
    this.cancelled = new Promise((resolve) => {
      this.#cancel = resolve;
    });
    this.acknowledged = new Promise((resolve) => {
      this.#acknowledge = resolve;
    });
    phone.listen((message) => this.#heard(message));
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  ring(status = 180, headers: HeaderEdits = {}): void {
    this.#send(status, { Contact: `<${this.#phone.contact}>`, ...headers }, '');
  }

  /** A final answer; sent again until its ACK comes, as it must be over UDP. */
  reply(status: number, headers: HeaderEdits = {}, body = ''): void {
    this.#isAnswered = true;
    const again = (waitMs: number): void => {
      if (this.#isAcknowledged || waitMs > 64 * t1Ms) return;
      try {
        this.#send(status, headers, body);
      } catch {
        return;
      }
      setTimeout(() => again(waitMs * 2), waitMs).unref();
    };
    again(t1Ms);
  }

  #send(status: number, headers: HeaderEdits, body: string): void {
    const bytes = formatReply(this.request, { status, headers, body });
    const text = bytes.toString('latin1');
    // Every answer has the same tag, the provisional ones too.
    const tagged = text.replace(/^(To:.*;tag=)\w+/im, (row, start: string) =>
      this.request.toTag === undefined ? start + this.tag : row,
    );
    this.#phone.sendRaw(Buffer.from(tagged, 'latin1')).catch(() => undefined);
  }

  #heard(message: SipText): void {
    if (!message.isRequest || message.callId !== this.request.callId) return;
    if (message.method === 'ACK' && message.cseq === this.request.cseq) {
      this.#isAcknowledged = true;
      this.#acknowledge(message);
    }
    if (message.method === 'CANCEL' && message.branch === this.request.branch) {
      this.#cancel(message);
      if (!this.#isAnswered) this.reply(487);
    }
  }
}
