/**
 * A person with an IMPS phone: logs in, says who they are and what they can do, writes, reads, shows their mood, and answers the
 * server as a phone does. Everything can be done by hand where a test wants it done otherwise.
 */
import { createHash } from 'node:crypto';
import { CspLine, type Heard, type LineOptions, type Reply, type TransactionWishes } from './csp-line.ts';
import { find, node, numberAt, textAt, type CspNode, type NodeContent } from './csp-node.ts';

export interface ImpsPhoneOptions extends LineOptions {
  /** `user@domain` */
  readonly address: string;
  readonly password: string;
  /** A URL that names the device. */
  readonly clientId?: string;
  /** False: nothing that the server asks is answered but by hand. */
  readonly answers?: boolean;
}

export interface SendWishes extends TransactionWishes {
  readonly to: string | readonly string[];
  readonly text: string;
  readonly contentType?: string;
  readonly encoding?: 'None' | 'BASE64';
  readonly validity?: number;
  readonly wantsReport?: boolean;
  /** Text of a condition, or the content of a PresenceSubList. */
  readonly conditions?: readonly (string | readonly CspNode[])[];
}

/** What the server answered: the code of its Result, or that of the Status. */
export class Answer {
  readonly heard: Heard;

  constructor(heard: Heard) {
    this.heard = heard;
  }

  get primitive(): CspNode {
    return this.heard.primitive;
  }

  get name(): string {
    return this.primitive.name;
  }

  /** NaN where there is none. */
  get code(): number {
    return numberAt(this.primitive, 'Result/Code');
  }

  get words(): string {
    return textAt(this.primitive, 'Result/Description');
  }

  /** Code, Description and who it is about. */
  get details(): readonly (readonly string[])[] {
    const results = (find(this.primitive, 'Result')?.children ?? []).filter(({ name }) => name === 'DetailedResult');
    return results.map((each) => each.children.map(({ text }) => text));
  }

  text(path: string): string {
    return textAt(this.primitive, path);
  }
}

const pollEveryMs = 40;

export class ImpsPhone {
  readonly line: CspLine;
  readonly options: ImpsPhoneOptions;
  /** What the server asked, in order, each transaction once. */
  readonly asked: Heard[] = [];
  /** Every time that it asked something again. */
  repeated = 0;
  answers: boolean;
  readonly #seen = new Set<Heard>();

  constructor(options: ImpsPhoneOptions) {
    this.options = options;
    this.line = new CspLine(options);
    this.answers = options.answers ?? true;
  }

  get user(): string {
    return `wv:${this.options.address}`;
  }

  get #clientId(): CspNode {
    return node('ClientID', node('URL', this.options.clientId ?? 'http://phone.example/1'));
  }

  /** 1.1 names the client in more places than later versions. */
  get #clientIdOf11(): CspNode | undefined {
    return this.options.version === '1.1' ? this.#clientId : undefined;
  }

  async ask(primitive: CspNode, wishes: TransactionWishes = {}): Promise<Answer> {
    const id = wishes.id ?? this.line.nextId();
    const reply = await this.line.exchange([this.line.transaction(primitive, { ...wishes, id })], wishes.sessionId);
    await this.#take(reply);
    const heard = reply.transactions.find((each) => each.mode === 'Response' && each.id === id);
    if (heard === undefined) {
      throw new Error(
        `no answer to ${primitive.name}: ${reply.status}, ${reply.octets.length} octets of ${reply.mediaType}`,
      );
    }
    return new Answer(heard);
  }

  /** By password; the session counts from then on. */
  async login(wishes: { readonly timeToLive?: number; readonly password?: string } = {}): Promise<Answer> {
    return this.#keepSession(
      await this.#askLogin(node('Password', wishes.password ?? this.options.password), wishes.timeToLive),
    );
  }

  /** By digest of a nonce of the server's. */
  async loginByDigest(
    schema: 'MD5' | 'SHA' = 'MD5',
    timeToLive?: number,
  ): Promise<readonly [challenge: Answer, answer: Answer]> {
    const challenge = await this.#askLogin(node('DigestSchema', schema), timeToLive);
    const nonce = challenge.text('Nonce');
    if (nonce === '') return [challenge, challenge];
    const hash = createHash(schema === 'MD5' ? 'md5' : 'sha1').update(nonce + this.options.password, 'latin1');
    const answer = await this.#askLogin(node('DigestBytes', hash.digest('base64')), timeToLive);
    return [challenge, this.#keepSession(answer)];
  }

  #askLogin(credentials: CspNode, timeToLive = 3600): Promise<Answer> {
    const inOrder = [
      credentials,
      node('TimeToLive', timeToLive),
      node('SessionCookie', `cookie-${this.options.address}`),
    ];
    const request = node('Login-Request', node('UserID', this.user), this.#clientId, inOrder);
    return this.ask(request, { sessionId: null });
  }

  #keepSession(answer: Answer): Answer {
    if (answer.code === 200) this.line.sessionId = answer.text('SessionID');
    return answer;
  }

  logout(): Promise<Answer> {
    return this.ask(node('Logout-Request'));
  }

  keepAlive(timeToLive?: number): Promise<Answer> {
    return this.ask(node('KeepAlive-Request', timeToLive === undefined ? undefined : node('TimeToLive', timeToLive)));
  }

  /** In the order of the DTD, with what a phone says unless told otherwise. */
  negotiate(more: readonly CspNode[] = [], method: 'P' | 'N' = 'P'): Promise<Answer> {
    const said = [
      node('ClientType', 'MOBILE_PHONE'),
      node('InitialDeliveryMethod', method),
      node('AnyContent', 'T'),
      node('MultiTrans', 4),
      node('ParserSize', 65_536),
      node('ServerPollMin', 1),
    ];
    const list = said.filter(({ name }) => !more.some((each) => each.name === name));
    return this.ask(node('ClientCapability-Request', this.#clientIdOf11, node('CapabilityList', list, more)));
  }

  /** `functions`: content of Functions; the whole tree is asked for and shown. */
  askServices(...functions: readonly CspNode[]): Promise<Answer> {
    const wanted = functions.length === 0 ? undefined : node('Functions', node('WVCSPFeat', functions));
    return this.ask(node('Service-Request', this.#clientIdOf11, wanted, node('AllFunctionsRequest', 'T')));
  }

  send(wishes: SendWishes): Promise<Answer> {
    const { text, contentType = 'text/plain', encoding = 'None', conditions = [] } = wishes;
    const to = typeof wishes.to === 'string' ? [wishes.to] : wishes.to;
    const said = conditions.map((each) =>
      node('DeliveryCondition', typeof each === 'string' ? each : this.line.presenceList(each)),
    );
    const isInside = this.options.version === '1.1';
    const info = node(
      'MessageInfo',
      node('ContentType', contentType),
      node('ContentEncoding', encoding),
      node('ContentSize', Buffer.byteLength(text)),
      node(
        'Recipient',
        to.map((one) => node('User', node('UserID', `wv:${one}`))),
      ),
      node('Sender', node('User', node('UserID', this.user))),
      wishes.validity === undefined ? undefined : node('Validity', wishes.validity),
    );
    const request = node(
      'SendMessage-Request',
      node('DeliveryReport', wishes.wantsReport === true ? 'T' : 'F'),
      info,
      node('ContentData', text),
      isInside ? said : undefined,
    );
    return this.ask(request, { ...(isInside || said.length === 0 ? {} : { extension: said }), ...wishes });
  }

  /** `from`: the override. */
  list(wishes: { readonly from?: string; readonly count?: number } = {}): Promise<Answer> {
    const { from, count } = wishes;
    const override = from === undefined ? undefined : node('RetrieveFrom', node('UserID', `wv:${from}`));
    const isInside = this.options.version === '1.1';
    const request = node(
      'GetMessageList-Request',
      count === undefined ? undefined : node('MessageCount', count),
      isInside ? override : undefined,
    );
    return this.ask(request, override === undefined || isInside ? {} : { extension: override });
  }

  /** With its acknowledgement, unless `isAcknowledged` is false. */
  async get(messageId: string, isAcknowledged = true): Promise<Answer> {
    const id = this.line.nextId();
    const answer = await this.ask(node('GetMessage-Request', node('MessageID', messageId)), { id });
    if (isAcknowledged && answer.name === 'GetMessage-Response') await this.delivered(messageId, id);
    return answer;
  }

  /** The third step of fetching, whose answer is the fourth. */
  delivered(messageId: string, id: string): Promise<Answer> {
    return this.ask(node('MessageDelivered', node('MessageID', messageId)), { id, mode: 'Response' });
  }

  show(...attributes: readonly CspNode[]): Promise<Answer> {
    return this.ask(node('UpdatePresence-Request', this.line.presenceList(attributes)));
  }

  watch(address: string, ...attributes: readonly CspNode[]): Promise<Answer> {
    const user = node('User', node('UserID', `wv:${address}`));
    return this.ask(node('SubscribePresence-Request', user, this.line.presenceList(attributes)));
  }

  look(address: string, ...attributes: readonly CspNode[]): Promise<Answer> {
    const user = node('User', node('UserID', `wv:${address}`));
    return this.ask(node('GetPresence-Request', user, this.line.presenceList(attributes)));
  }

  block(address: string): Promise<Answer> {
    return this.#blockEntity('AddList', address);
  }

  unblock(address: string): Promise<Answer> {
    return this.#blockEntity('RemoveList', address);
  }

  #blockEntity(list: string, address: string): Promise<Answer> {
    const inUse = this.options.version === '1.3' ? undefined : node('InUse', 'T');
    const blocks = node('BlockList', inUse, node(list, node('UserID', `wv:${address}`)));
    return this.ask(node('BlockEntity-Request', blocks));
  }

  /** One Polling-Request; what the server asks in its answer is taken and answered. */
  async poll(): Promise<Reply> {
    const reply = await this.line.exchange([this.line.transaction(node('Polling-Request'))]);
    await this.#take(reply);
    return reply;
  }

  /** The next of this name that the server asks, polling until it does. */
  async next(name: string, withinMs: number): Promise<Heard> {
    const deadline = performance.now() + withinMs;
    for (;;) {
      const found = this.asked.find((each) => each.primitive.name === name && !this.#seen.has(each));
      if (found !== undefined) {
        this.#seen.add(found);
        return found;
      }
      if (performance.now() > deadline) {
        const others = this.asked.filter((each) => !this.#seen.has(each)).map(({ primitive }) => primitive.name);
        throw new Error(`no ${name} within ${withinMs} ms, but ${others.join(', ') || 'nothing'}`);
      }
      await this.poll();
      if (!this.line.isAskedToPoll) await pause(pollEveryMs);
    }
  }

  /** As a phone answers: a message is delivered, anything else is well. */
  reply(heard: Heard, ...content: readonly NodeContent[]): Promise<Reply> {
    const { id, primitive } = heard;
    const usual =
      primitive.name === 'NewMessage'
        ? node('MessageDelivered', node('MessageID', textAt(primitive, 'MessageInfo/MessageID')))
        : node('Status', node('Result', node('Code', 200)));
    const [first] = content;
    const said = typeof first === 'object' && 'name' in first ? first : usual;
    return this.line.exchange([this.line.transaction(said, { id, mode: 'Response' })]);
  }

  async #take(reply: Reply): Promise<void> {
    const open = [reply];
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      for (const heard of next.transactions.filter(({ mode }) => mode === 'Request')) {
        const isAgain = this.asked.some(({ id }) => id === heard.id);
        if (isAgain) this.repeated += 1;
        else this.asked.push(heard);
        if (this.answers && heard.primitive.name !== 'Disconnect') open.push(await this.reply(heard));
      }
    }
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** `valued('StatusMood', 'ANGRY')`: an attribute that holds; without a value one that is asked for. */
export function valued(name: string, value?: string): CspNode {
  return value === undefined ? node(name) : node(name, node('Qualifier', 'T'), node('PresenceValue', value));
}
