/**
 * A phone that speaks CSP in XML over HTTP, written from the protocol alone: it shares no code with the server. It answers
 * what the server has to say when it is told to, and remembers it.
 */

export type ClientVersion = '1.1' | '1.2' | '1.3';

const namespaces = {
  '1.1': ['http://www.wireless-village.org/CSP1.1', 'http://www.wireless-village.org/TRC1.1'],
  '1.2': ['http://www.openmobilealliance.org/DTD/WV-CSP1.2', 'http://www.openmobilealliance.org/DTD/WV-TRC1.2'],
  '1.3': ['http://www.openmobilealliance.org/DTD/IMPS-CSP1.3', 'http://www.openmobilealliance.org/DTD/IMPS-TRC1.3'],
} as const;

/** Something that the server began. */
export interface ServerTransaction {
  readonly id: string;
  /** The content, as it stands in the document. */
  readonly xml: string;
}

/** A server, and what lets it do what it has to do: in virtual time, or beside this process. */
export interface CspHost {
  readonly origin: string;
  settle(): Promise<void>;
  readonly time: { advance(ms: number): Promise<void> };
}

export class CspClient {
  readonly #world: CspHost;
  readonly user: string;
  readonly version: ClientVersion;
  sessionId = '';
  /** Names this phone among those of its user. */
  device = 'phone';
  /** Everything the server said by itself and has not been answered yet. */
  readonly waiting: ServerTransaction[] = [];
  #lastId = 0;

  constructor(world: CspHost, user: string, version: ClientVersion = '1.2') {
    this.#world = world;
    this.user = user;
    this.version = version;
  }

  async logIn(password = `${this.user}-secret`): Promise<string> {
    const client = `<ClientID><URL>http://${this.device}.of.${this.user}</URL></ClientID>`;
    const answer = await this.request(
      `<Login-Request><UserID>wv:${this.user}@localhost</UserID>${client}<Password>${password}</Password><TimeToLive>600</TimeToLive><SessionCookie>c</SessionCookie></Login-Request>`,
    );
    this.sessionId = textOf(answer, 'SessionID');
    return answer;
  }

  /** Logs in and says how it takes messages: `P` by push, `N` by notices. */
  async start(method: 'P' | 'N' = 'P', beside = ''): Promise<this> {
    await this.logIn();
    const list = `<CapabilityList><ClientType>MOBILE_PHONE</ClientType><InitialDeliveryMethod>${method}</InitialDeliveryMethod><AnyContent>T</AnyContent><MultiTrans>4</MultiTrans><ParserSize>32767</ParserSize><ServerPollMin>2</ServerPollMin></CapabilityList>`;
    await this.request(`<ClientCapability-Request>${list}</ClientCapability-Request>`, beside);
    return this;
  }

  /** The same phone, with its session, beside the next run of the server. */
  movedTo(world: CspHost): CspClient {
    const next = new CspClient(world, this.user, this.version);
    next.sessionId = this.sessionId;
    next.#lastId = this.#lastId;
    return next;
  }

  /** The content of the answer. `beside`: what stands next to the content of the request. */
  async request(xml: string, beside = ''): Promise<string> {
    this.#lastId += 1;
    const id = `c${this.#lastId}`;
    return contentOf(await this.post('Request', id, xml, beside), 'Response', id);
  }

  /** What the server says when it is asked for news. */
  async poll(): Promise<readonly ServerTransaction[]> {
    const before = this.waiting.length;
    await this.post('Request', '', '<Polling-Request/>');
    return this.waiting.slice(before);
  }

  /** Answers the oldest that waits, which holds an element of this name. */
  async reply(name: string, xml = '<Status><Result><Code>200</Code></Result></Status>'): Promise<string> {
    const at = this.waiting.findIndex((each) => each.xml.startsWith(`<${name}`));
    const [found] = at < 0 ? [] : this.waiting.splice(at, 1);
    if (found === undefined) throw new Error(`${this.user} was told no ${name}, but ${JSON.stringify(this.waiting)}`);
    const isMessage = name === 'NewMessage';
    const id = textOf(found.xml, 'MessageID');
    await this.post(
      'Response',
      found.id,
      isMessage ? `<MessageDelivered><MessageID>${id}</MessageID></MessageDelivered>` : xml,
    );
    return found.xml;
  }

  async post(mode: string, id: string, xml: string, beside = ''): Promise<string> {
    const [session, content] = namespaces[this.version];
    const inband =
      this.sessionId === ''
        ? '<SessionType>Outband</SessionType>'
        : `<SessionType>Inband</SessionType><SessionID>${this.sessionId}</SessionID>`;
    const descriptor = `<TransactionDescriptor><TransactionMode>${mode}</TransactionMode><TransactionID>${id}</TransactionID></TransactionDescriptor>`;
    const transaction = `<Transaction>${descriptor}<TransactionContent xmlns="${content}">${xml}</TransactionContent>${beside}</Transaction>`;
    return this.postDocument(
      `<?xml version="1.0"?><WV-CSP-Message xmlns="${session}"><Session><SessionDescriptor>${inband}</SessionDescriptor>${transaction}</Session></WV-CSP-Message>`,
    );
  }

  /** Whatever it is; the body of the answer. Time goes on as long as there is none. */
  async postDocument(body: string): Promise<string> {
    await this.#world.settle();
    const type = this.version === '1.3' ? 'application/vnd.wv.csp+xml' : 'application/vnd.wv.csp.xml';
    const asked = fetch(`${this.#world.origin}/imps`, { method: 'POST', headers: { 'content-type': type }, body });
    const progress = { isDone: false };
    void asked.finally(() => (progress.isDone = true)).catch(() => undefined);
    for (let turn = 0; turn < 200 && !progress.isDone; turn += 1) await this.#world.settle();
    if (!progress.isDone) await this.#world.time.advance(1000);
    const response = await asked;
    if (response.status !== 200) throw new Error(`HTTP ${response.status}`);
    const text = await response.text();
    for (const each of transactionsOf(text)) {
      const isKnown = this.waiting.some(({ id }) => id === each.id);
      if (each.mode === 'Request' && !isKnown) this.waiting.push({ id: each.id, xml: each.xml });
    }
    return text;
  }
}

/** The text of the first element of this name; empty without one. */
export function textOf(xml: string, name: string): string {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
}

function contentOf(document: string, mode: string, id: string): string {
  const found = transactionsOf(document).find((each) => each.mode === mode && each.id === id);
  if (found === undefined) throw new Error(`no ${mode} ${id} in ${document}`);
  return found.xml;
}

function transactionsOf(document: string): { readonly mode: string; readonly id: string; readonly xml: string }[] {
  return document
    .split('<Transaction>')
    .slice(1)
    .map((part) => ({
      mode: textOf(part, 'TransactionMode'),
      id: textOf(part, 'TransactionID'),
      xml:
        /<TransactionContent[^>]*>(.*)<\/TransactionContent>(.*)<\/Transaction>/s.exec(part)?.slice(1).join('') ?? '',
    }));
}
