/** The requests of the bench over HTTP as text, with the body that its MESSAGEs have (RFC 9112, contract section 7). */
import { passwordOf } from '../wire/login-book.ts';
import { bodyBytes, bodyMark, formatUserNumber, userOf } from '../wire/request-texts.ts';
import { inboxPageLimit } from './http-plan.ts';

/** A delivery that the machine delays is still one. */
const patienceSeconds = 20;

export class HttpTexts {
  readonly #domain: string;
  readonly #host: string;
  /** By user: the lines that every request of theirs begins with. */
  readonly #heads = new Map<number, string>();

  constructor({ domain, host, port }: { readonly domain: string; readonly host: string; readonly port: number }) {
    this.#domain = domain;
    this.#host = `host: ${host}:${port}\r\n`;
  }

  hello(): string {
    return `GET / HTTP/1.1\r\n${this.#host}\r\n`;
  }

  post(sender: number, recipient: number, round: number): string {
    const start = `${bodyMark}${formatUserNumber(recipient)} ${formatUserNumber(round)} `;
    const body = `{"to":"${this.#addressOf(recipient)}","text":"${start.padEnd(bodyBytes, '.')}"}`;
    return (
      `POST /v1/messages HTTP/1.1\r\n${this.#headOf(sender)}prefer: wait=${patienceSeconds}\r\n` +
      `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`
    );
  }

  acknowledgement(user: number, id: string): string {
    const path = `/v1/inbox/${encodeURIComponent(id)}/delivered`;
    return `POST ${path} HTTP/1.1\r\n${this.#headOf(user)}content-length: 0\r\n\r\n`;
  }

  inbox(user: number): string {
    return `GET /v1/inbox?limit=${inboxPageLimit} HTTP/1.1\r\n${this.#headOf(user)}\r\n`;
  }

  events(user: number): string {
    return `GET /v1/events HTTP/1.1\r\n${this.#headOf(user)}accept: text/event-stream\r\n\r\n`;
  }

  #headOf(user: number): string {
    let head = this.#heads.get(user);
    if (head === undefined) {
      const credentials = Buffer.from(`${this.#addressOf(user)}:${passwordOf(user)}`).toString('base64');
      head = `${this.#host}authorization: Basic ${credentials}\r\n`;
      this.#heads.set(user, head);
    }
    return head;
  }

  #addressOf(user: number): string {
    return `${userOf(formatUserNumber(user))}@${this.#domain}`;
  }
}
