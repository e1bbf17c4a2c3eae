/** A phone's one presence publication: PUBLISH with the entity tag the server gave last (RFC 3903 section 4). */
import { formatPidf, type PhonePresence } from './pidf-text.ts';
import type { HeaderEdits, Requester } from './requester.ts';
import type { SipText } from './sip-text.ts';

export interface PublishOptions {
  /** Seconds. */
  readonly expires?: number;
  readonly headers?: HeaderEdits;
}

export class Publication {
  readonly #address: string;
  readonly #requester: Requester;
  #entityTag: string | undefined;

  constructor(address: string, requester: Requester) {
    this.#address = address;
    this.#requester = requester;
  }

  get entityTag(): string | undefined {
    return this.#entityTag;
  }

  /** A document of one's own, or words of which one is written. A tag that the server lost (412) is dropped, once. */
  async publish(state: string | PhonePresence, options: PublishOptions = {}): Promise<SipText> {
    const body = typeof state === 'string' ? state : formatPidf(this.#address, state);
    const answer = await this.#send(body, options.expires ?? 3600, options.headers);
    if (answer.status !== 412 || this.#entityTag === undefined) return answer;
    this.#entityTag = undefined;
    return this.#send(body, options.expires ?? 3600, options.headers);
  }

  /** Keeps what is published alive: no body (RFC 3903 section 4.3). */
  refresh(options: PublishOptions = {}): Promise<SipText> {
    return this.#send(undefined, options.expires ?? 3600, options.headers);
  }

  async remove(): Promise<SipText> {
    const answer = await this.#send(undefined, 0);
    this.#entityTag = undefined;
    return answer;
  }

  async #send(body: string | undefined, expires: number, headers: HeaderEdits = {}): Promise<SipText> {
    const answer = await this.#requester.request('PUBLISH', `sip:${this.#address}`, {
      headers: {
        Event: 'presence',
        Expires: String(expires),
        'SIP-If-Match': this.#entityTag ?? null,
        ...headers,
      },
      ...(body === undefined ? {} : { body, contentType: 'application/pidf+xml' }),
    });
    if (answer.status < 300) this.#entityTag = answer.header('SIP-ETag') ?? this.#entityTag;
    return answer;
  }
}
