/** A subscription of a phone (RFC 6665 section 4.1): the SUBSCRIBE that opened it and the NOTIFYs it brought. */
import { Arrivals } from './arrivals.ts';
import { newThread, type HeaderEdits, type RequestOptions, type RequestThread, type Requester } from './requester.ts';
import type { SipText } from './sip-text.ts';

export interface SubscribeOptions {
  /** Whom or what; the phone's own address when absent. */
  readonly to?: string;
  /** Seconds. */
  readonly expires?: number;
  readonly accept?: string;
  readonly headers?: HeaderEdits;
  readonly body?: string;
  readonly contentType?: string;
}

export class Subscription {
  /** Every NOTIFY so far, in order. */
  readonly notifies: SipText[] = [];
  readonly event: string;
  readonly #arrivals: Arrivals<SipText>;
  readonly #requester: Requester;
  readonly #uri: string;
  readonly #contact: string;
  readonly #options: SubscribeOptions;
  readonly #thread: RequestThread = newThread();
  #remoteTarget: string;
  #answer: SipText | undefined;

  constructor(event: string, uri: string, contact: string, made: { requester: Requester; options: SubscribeOptions }) {
    this.event = event;
    this.#uri = uri;
    this.#remoteTarget = uri;
    this.#contact = contact;
    this.#requester = made.requester;
    this.#options = made.options;
    this.#arrivals = new Arrivals(`NOTIFY of ${event}`);
  }

  get callId(): string {
    return this.#thread.callId;
  }

  /** The latest answer to SUBSCRIBE. */
  get answer(): SipText | undefined {
    return this.#answer;
  }

  /** `active`, `pending` or `terminated` as the last NOTIFY says; undefined before the first. */
  get state(): string | undefined {
    return this.notifies.at(-1)?.header('Subscription-State')?.split(';')[0]?.trim();
  }

  nextNotify(withinMs: number, fits?: (notify: SipText) => boolean): Promise<SipText> {
    return this.#arrivals.next(withinMs, fits);
  }

  /** Opens it, and refreshes it inside its dialog afterwards. `expires` in seconds, 0 ends it. */
  async subscribe(expires: number = this.#options.expires ?? 3600): Promise<SipText> {
    const { headers, accept, body, contentType } = this.#options;
    const options: RequestOptions = {
      to: this.#uri,
      thread: this.#thread,
      headers: {
        Event: this.event,
        Expires: String(expires),
        Contact: `<${this.#contact}>`,
        ...(accept === undefined ? {} : { Accept: accept }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
      ...(contentType === undefined ? {} : { contentType }),
    };
    const answer = await this.#requester.request('SUBSCRIBE', this.#remoteTarget, options);
    if (answer.status < 300) this.#join(answer.toTag, answer.header('Contact'));
    this.#answer = answer;
    return answer;
  }

  unsubscribe(): Promise<SipText> {
    return this.subscribe(0);
  }

  /** A NOTIFY of this dialog; it may come before the answer to SUBSCRIBE (RFC 6665 section 4.1.2.4). */
  handle(notify: SipText): void {
    this.#join(notify.fromTag, notify.header('Contact'));
    this.notifies.push(notify);
    this.#arrivals.push(notify);
  }

  #join(remoteTag: string | undefined, contact: string | undefined): void {
    if (this.#thread.toTag === undefined && remoteTag) this.#thread.toTag = remoteTag;
    const target = contact === undefined ? undefined : (/<([^>]+)>/.exec(contact)?.[1] ?? contact.split(';')[0]);
    if (target) this.#remoteTarget = target;
  }
}
