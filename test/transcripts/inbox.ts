/** What one member of the cast has received and the play has not spoken of yet; repeated bytes are kept apart. */
import { parseSipText, type SipText } from '../../src/cli/demo/user-agent/sip-text.ts';

export class Inbox {
  readonly #seen = new Set<string>();
  #requests: SipText[] = [];
  #answers: SipText[] = [];
  #repeated: string[] = [];
  #noise: string[] = [];
  #keepAlives = 0;
  #lastRequest: SipText | undefined;

  /** The request that `answers` answers. */
  get lastRequest(): SipText | undefined {
    return this.#lastRequest;
  }

  receive(bytes: Buffer): void {
    const message = parseSipText(bytes);
    const text = bytes.toString('latin1');
    if (text === '\r\n') this.#keepAlives += 1;
    else if (!message) this.#noise.push(text);
    else if (this.#seen.has(text)) this.#repeated.push(message.startLine);
    else if (message.isRequest) this.#requests.push(message);
    else if (message.status >= 200) this.#answers.push(message);
    if (message) this.#seen.add(text);
  }

  /** The oldest new request or final answer. */
  take(kind: 'request' | 'answer'): SipText | undefined {
    const message = kind === 'request' ? this.#requests.shift() : this.#answers.shift();
    if (kind === 'request' && message) this.#lastRequest = message;
    return message;
  }

  /** True for one line end outside of any message. */
  takeKeepAlive(): true | undefined {
    if (this.#keepAlives === 0) return undefined;
    this.#keepAlives -= 1;
    return true;
  }

  takeRepeated(): string | undefined {
    return this.#repeated.shift();
  }

  /** Retransmissions up to now are of no interest any more. */
  forgetRepeated(): void {
    this.#repeated = [];
  }

  /** Start lines of what nobody has spoken of; retransmissions only if asked for. */
  untold(mayRepeat: boolean): string[] {
    const told = [...this.#requests, ...this.#answers].map((message) => message.startLine);
    const keepAlives = Array.from({ length: this.#keepAlives }, () => 'a keep-alive');
    return [
      ...told,
      ...keepAlives,
      ...this.#noise,
      ...(mayRepeat ? [] : this.#repeated.map((line) => `${line} (again)`)),
    ];
  }
}
