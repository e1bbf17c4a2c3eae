/**
 * A phone for one person: what the demo's cast and the tests hold in their hands. One socket, one account, the
 * methods MESSAGE (RFC 3428), REGISTER, PUBLISH, SUBSCRIBE and OPTIONS; no calls.
 */
import { Arrivals } from './arrivals.ts';
import { ClientTransactions } from './client-transactions.ts';
import type { PhonePresence } from './pidf-text.ts';
import { Publication, type PublishOptions } from './publication.ts';
import { RequestAnswerer, type Reply, type ReplyChoice } from './request-answerer.ts';
import { bracket, newThread, Requester, type HeaderEdits, type RequestOptions } from './requester.ts';
import { parseSipText, type SipText } from './sip-text.ts';
import { Subscription, type SubscribeOptions } from './subscription.ts';
import { TalkLog } from './talk-log.ts';
import { openWireSocket, type WireAddress, type WireSocket, type WireTransport } from './wire-socket.ts';

export interface SipUserAgentOptions {
  readonly server: WireAddress;
  /** `mary@localhost` */
  readonly address: string;
  /** Without one, challenges are returned as answers. */
  readonly password?: string;
  readonly transport?: WireTransport;
  readonly displayName?: string;
  readonly userAgent?: string;
  /** Share one to get one ladder of several phones. */
  readonly log?: TalkLog;
  /** RFC 3261 T1 in milliseconds; 500 when absent. */
  readonly t1Ms?: number;
  /** UDP only: the same port as before makes it the same phone. */
  readonly localPort?: number;
}

export interface RegisterOptions {
  /** Seconds. */
  readonly expires?: number;
  /** Behind the contact, as written: `+restante.delivery="notify"`. */
  readonly contactParams?: string;
  readonly headers?: HeaderEdits;
}

export interface ReceivedMessage {
  /** `user@domain` */
  readonly from: string;
  readonly text: string;
  readonly contentType: string;
  /** Value of Deferred-Message: present when it was not delivered in its sender's own transaction. */
  readonly deferred: string | undefined;
  readonly request: SipText;
}

export type MessageContent = string | { readonly contentType: string; readonly body: string | Uint8Array };

export class SipUserAgent {
  readonly address: string;
  readonly log: TalkLog;
  /** Every MESSAGE so far, retransmissions not counted, whatever was answered. */
  readonly messages: ReceivedMessage[] = [];
  readonly #requester: Requester;
  readonly #transactions: ClientTransactions;
  readonly #answerer: RequestAnswerer;
  readonly #publication: Publication;
  readonly #server: WireAddress;
  readonly #registration = newThread();
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #unread = new Arrivals<ReceivedMessage>('MESSAGE');
  readonly #received = new Arrivals<SipText>('such message');
  readonly #listeners: ((message: SipText) => void)[] = [];
  #socket: WireSocket | undefined;

  /** Opens the socket; sends nothing yet. Rejects when there is no way to the server (TCP). */
  static async start(options: SipUserAgentOptions): Promise<SipUserAgent> {
    const phone = new SipUserAgent(options);
    const listener = {
      received: (bytes: Buffer, from: WireAddress): void => void phone.#handle(bytes, from),
      closed: (): void => phone.#connectionClosed(),
    };
    phone.#socket = await openWireSocket(options.transport ?? 'udp', options.server, listener, options.localPort);
    return phone;
  }

  private constructor(options: SipUserAgentOptions) {
    this.address = options.address;
    this.log = options.log ?? new TalkLog();
    this.#server = options.server;
    const transport = options.transport ?? 'udp';
    this.#transactions = new ClientTransactions({ t1Ms: options.t1Ms ?? 500, isReliable: transport !== 'udp' });
    const identity = {
      address: options.address,
      password: options.password,
      displayName: options.displayName,
      userAgent: options.userAgent ?? 'poste/1',
    };
    const wire = {
      transport,
      local: () => this.local,
      send: (bytes: Buffer, isRetransmission: boolean) => this.#send(bytes, isRetransmission),
    };
    this.#requester = new Requester(identity, wire, this.#transactions);
    this.#publication = new Publication(options.address, this.#requester);
    this.#answerer = new RequestAnswerer({
      MESSAGE: 200,
      OPTIONS: 200,
      NOTIFY: (notify) => (this.#subscriptions.has(notify.callId) ? 200 : 481),
      INVITE: 488,
      BYE: 481,
      CANCEL: 481,
    });
  }

  /** Where this phone's socket is. */
  get local(): WireAddress {
    return this.#open().local();
  }

  /** The URI it registers. */
  get contact(): string {
    const { host, port } = this.local;
    const { transport } = this.#open();
    const named = transport === 'udp' ? '' : `;transport=${transport}`;
    return `sip:${this.address.split('@')[0] ?? ''}@${bracket(host)}:${port}${named}`;
  }

  get transport(): WireTransport {
    return this.#open().transport;
  }

  /** Value of the Via of a request of its own. */
  via(branch: string): string {
    return this.#requester.via(branch);
  }

  get entityTag(): string | undefined {
    return this.#publication.entityTag;
  }

  register(options: RegisterOptions = {}): Promise<SipText> {
    const params = options.contactParams === undefined ? '' : `;${options.contactParams.replace(/^;/, '')}`;
    return this.request('REGISTER', `sip:${this.address.split('@')[1] ?? ''}`, {
      to: `sip:${this.address}`,
      thread: this.#registration,
      headers: { Contact: `<${this.contact}>${params}`, Expires: String(options.expires ?? 3600), ...options.headers },
    });
  }

  unregister(): Promise<SipText> {
    return this.register({ expires: 0 });
  }

  /** The final answer: 200 taken by a client, 202 kept, or a refusal. */
  sendMessage(to: string, content: MessageContent, options: RequestOptions = {}): Promise<SipText> {
    const made = typeof content === 'string' ? { contentType: 'text/plain;charset=UTF-8', body: content } : content;
    return this.request('MESSAGE', to.includes(':') ? to : `sip:${to}`, { ...made, ...options });
  }

  /** The oldest MESSAGE not taken yet; rejects when none comes in time. */
  nextMessage(withinMs: number): Promise<ReceivedMessage> {
    return this.#unread.next(withinMs);
  }

  /** How requests of a method are answered from now on: a status, a full answer, `silence`, or a function of these. */
  answer(method: string, choice: ReplyChoice): void {
    this.#answerer.choose(method, choice);
  }

  publish(state: string | PhonePresence, options?: PublishOptions): Promise<SipText> {
    return this.#publication.publish(state, options);
  }

  refreshPublication(options?: PublishOptions): Promise<SipText> {
    return this.#publication.refresh(options);
  }

  unpublish(): Promise<SipText> {
    return this.#publication.remove();
  }

  /** Look at `answer` for how it went. */
  async subscribe(event: string, options: SubscribeOptions = {}): Promise<Subscription> {
    const to = options.to ?? this.address;
    const uri = to.includes(':') ? to : `sip:${to}`;
    const subscription = new Subscription(event, uri, this.contact, { requester: this.#requester, options });
    this.#subscriptions.set(subscription.callId, subscription);
    await subscription.subscribe();
    return subscription;
  }

  options(to: string = this.address.split('@')[1] ?? ''): Promise<SipText> {
    return this.request('OPTIONS', to.includes(':') ? to : `sip:${to}`, {});
  }

  /** Any request, with anything in it. */
  request(method: string, uri: string, options: RequestOptions = {}): Promise<SipText> {
    return this.#requester.request(method, uri, options);
  }

  /** Any bytes; to the server when no address is given. Answers are for `waitFor`. */
  async sendRaw(bytes: string | Uint8Array, to?: WireAddress): Promise<void> {
    const octets = Buffer.from(bytes);
    this.#record('sent', octets, parseSipText(octets), false);
    await this.#open().send(octets, to);
  }

  /** The oldest received message that fits and that no earlier `waitFor` returned, now or within the time. */
  waitFor(fits: (message: SipText) => boolean, withinMs: number): Promise<SipText> {
    return this.#received.next(withinMs, fits);
  }

  /** Everything that comes from now on, requests that came again not counted; told before it is answered. */
  listen(listener: (message: SipText) => void): void {
    this.#listeners.push(listener);
  }

  /** Switches the phone off without a word to the server, as a dead battery does. */
  async stop(): Promise<void> {
    this.#transactions.abandon('the phone was switched off');
    const socket = this.#socket;
    this.#socket = undefined;
    await socket?.close();
  }

  async #handle(bytes: Buffer, from: WireAddress): Promise<void> {
    const message = parseSipText(bytes);
    const isAgain = message?.isRequest === true && this.#answerer.isRetransmission(message);
    this.#record('received', bytes, message, isAgain);
    if (!message || !this.#socket) return;
    if (!isAgain) {
      this.#received.push(message);
      for (const listener of this.#listeners) listener(message);
    }
    if (!message.isRequest) {
      this.#transactions.handle(message);
      return;
    }
    if (!isAgain && message.method === 'NOTIFY') this.#subscriptions.get(message.callId)?.handle(message);
    const reply = this.#answerer.answer(message, (answer, again) => this.#send(answer, again, from));
    if (!isAgain && message.method === 'MESSAGE') await this.#keep(message, reply);
  }

  /** After the answer has left, so that whoever takes the message may switch the phone off at once. */
  async #keep(request: SipText, reply: Promise<Reply | undefined>): Promise<void> {
    await reply;
    const message = {
      from: request.from,
      text: request.text,
      contentType: request.header('Content-Type') ?? '',
      deferred: request.header('Deferred-Message'),
      request,
    };
    this.messages.push(message);
    this.#unread.push(message);
  }

  #send(bytes: Buffer, isRetransmission: boolean, to: WireAddress = this.#server): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#record('sent', bytes, parseSipText(bytes), isRetransmission);
    // A send that fails is a packet that is lost: timers answer for it.
    socket.send(bytes, to).catch(() => undefined);
  }

  #record(
    direction: 'sent' | 'received',
    bytes: Buffer,
    message: SipText | undefined,
    isRetransmission: boolean,
  ): void {
    const line = message?.startLine ?? `${bytes.length} bytes that are no SIP message`;
    const entry = { who: this.address, direction, line, isRetransmission };
    this.log.add(message ? { ...entry, message } : entry);
  }

  #connectionClosed(): void {
    if (this.#socket) this.log.note(this.address, 'connection closed');
    this.#transactions.abandon('the connection closed');
  }

  #open(): WireSocket {
    if (!this.#socket) throw new Error(`the phone of ${this.address} is switched off`);
    return this.#socket;
  }
}
