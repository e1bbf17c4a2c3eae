/**
 * Documents over HTTP and transactions in both directions: what a phone asks gets the answer with its number, and what the server
 * asks is gathered, whatever POST it comes back on.
 */
import { find, findAll, node, textAt, withNamespace, type CspNode, type NodeContent } from './csp-node.ts';
import { readWbxml, writeWbxml, type PhoneVersion } from './phone-wbxml.ts';
import { readXml, writeXml } from './phone-xml.ts';

export type PhoneSyntax = 'xml' | 'wbxml';

/** Another writer and reader than this phone's own. */
export interface DocumentCodec {
  encode(document: CspNode): Uint8Array;
  decode(octets: Uint8Array): CspNode;
}

export interface LineOptions {
  /** `http://HOST:PORT` */
  readonly http: string;
  readonly version: PhoneVersion;
  readonly syntax: PhoneSyntax;
  /** Of what is sent; that of the version when absent. */
  readonly mediaType?: string;
  /** WBXML without short forms. */
  readonly isPlain?: boolean;
  /** Of HTTP, such as MSISDN. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly codec?: DocumentCodec;
}

/** One transaction of a document, as it came. */
export interface Heard {
  readonly mode: string;
  readonly id: string;
  readonly primitive: CspNode;
  readonly extension: CspNode | undefined;
  /** The whole document that it came in. */
  readonly document: CspNode;
}

export interface Reply {
  readonly status: number;
  readonly mediaType: string;
  readonly octets: Uint8Array;
  /** Absent when the body is empty. */
  readonly document: CspNode | undefined;
  readonly transactions: readonly Heard[];
}

export interface TransactionWishes {
  readonly id?: string;
  readonly mode?: 'Request' | 'Response';
  /** Another than that of the line; null: none, and Outband. */
  readonly sessionId?: string | null;
  /** Content of an ExtBlock beside the primitive. */
  readonly extension?: NodeContent;
}

const families: Readonly<Record<PhoneVersion, readonly [session: string, transaction: string, presence: string]>> = {
  '1.1': ['www.wireless-village.org/CSP', 'www.wireless-village.org/TRC', 'www.wireless-village.org/PA'],
  '1.2': [
    'www.openmobilealliance.org/DTD/WV-CSP',
    'www.openmobilealliance.org/DTD/WV-TRC',
    'www.openmobilealliance.org/DTD/WV-PA',
  ],
  '1.3': [
    'www.openmobilealliance.org/DTD/IMPS-CSP',
    'www.openmobilealliance.org/DTD/IMPS-TRC',
    'www.openmobilealliance.org/DTD/IMPS-PA',
  ],
};

export class CspLine {
  readonly options: LineOptions;
  sessionId: string | undefined;
  /** What the last document with such a flag said. */
  isAskedToPoll = false;
  isCirBroken = false;
  /** Everything that came, in order. */
  readonly replies: Reply[] = [];
  /** Everything that was sent. */
  readonly sent: Uint8Array[] = [];
  #count = 0;

  constructor(options: LineOptions) {
    this.options = options;
  }

  nextId(): string {
    this.#count += 1;
    return `t${this.#count}`;
  }

  get mediaType(): string {
    const { version, syntax, mediaType } = this.options;
    return mediaType ?? `application/vnd.wv.csp${version === '1.3' ? '+' : '.'}${syntax}`;
  }

  namespace(part: 0 | 1 | 2): string {
    const { version } = this.options;
    return `http://${families[version][part]}${version}`;
  }

  presenceList(...attributes: readonly NodeContent[]): CspNode {
    return withNamespace(this.namespace(2), node('PresenceSubList', ...attributes));
  }

  transaction(primitive: CspNode, { id, mode, extension }: TransactionWishes = {}): CspNode {
    const number = id ?? (primitive.name === 'Polling-Request' ? '' : this.nextId());
    return node(
      'Transaction',
      node('TransactionDescriptor', node('TransactionMode', mode ?? 'Request'), node('TransactionID', number)),
      withNamespace(this.namespace(1), node('TransactionContent', primitive)),
      extension === undefined ? undefined : node('ExtBlock', extension),
    );
  }

  document(transactions: readonly CspNode[], wanted?: string | null): CspNode {
    const sessionId = wanted === undefined ? this.sessionId : (wanted ?? undefined);
    const descriptor = node(
      'SessionDescriptor',
      node('SessionType', sessionId === undefined ? 'Outband' : 'Inband'),
      sessionId === undefined ? undefined : node('SessionID', sessionId),
    );
    const root = node('WV-CSP-Message', node('Session', descriptor, transactions));
    return withNamespace(this.namespace(0), root);
  }

  encode(document: CspNode): Uint8Array {
    const { syntax, version, isPlain, codec } = this.options;
    if (codec !== undefined) return codec.encode(document);
    return syntax === 'xml'
      ? Buffer.from(writeXml(document))
      : writeWbxml(document, version, isPlain === undefined ? {} : { isPlain });
  }

  decode(octets: Uint8Array): CspNode {
    const { syntax, version, codec } = this.options;
    if (codec !== undefined) return codec.decode(octets);
    return syntax === 'xml' ? readXml(Buffer.from(octets).toString('utf8')) : readWbxml(octets, version);
  }

  /** Transactions in one document. */
  exchange(transactions: readonly CspNode[], sessionId?: string | null): Promise<Reply> {
    return this.post(this.encode(this.document(transactions, sessionId)));
  }

  /** Octets of any kind. */
  async post(octets: Uint8Array, mediaType = this.mediaType): Promise<Reply> {
    this.sent.push(octets);
    const answer = await fetch(`${this.options.http}/imps`, {
      method: 'POST',
      headers: { 'Content-Type': mediaType, ...this.options.headers },
      body: octets as Uint8Array<ArrayBuffer>,
    });
    const body = new Uint8Array(await answer.arrayBuffer());
    const reply = this.#read(answer.status, answer.headers.get('content-type') ?? '', body);
    this.replies.push(reply);
    return reply;
  }

  #read(status: number, mediaType: string, octets: Uint8Array): Reply {
    const isCsp = status === 200 && octets.length > 0;
    const document = isCsp ? this.decode(octets) : undefined;
    if (document === undefined) return { status, mediaType, octets, document, transactions: [] };
    const transactions = findAll(document, 'Session/Transaction').map((each) => heardOf(each, document));
    const poll = textAt(document, 'Session/Poll') || textAt(document, 'Session/Transaction/TransactionDescriptor/Poll');
    if (poll !== '') this.isAskedToPoll = poll === 'T';
    const cir = textAt(document, 'Session/CIR');
    if (cir !== '') this.isCirBroken = cir === 'F';
    return { status, mediaType, octets, document, transactions };
  }
}

function heardOf(transaction: CspNode, document: CspNode): Heard {
  const primitives = find(transaction, 'TransactionContent')?.children ?? [];
  const [primitive] = primitives;
  if (primitive === undefined || primitives.length !== 1) throw new Error('not one primitive in a transaction');
  return {
    mode: textAt(transaction, 'TransactionDescriptor/TransactionMode'),
    id: textAt(transaction, 'TransactionDescriptor/TransactionID'),
    primitive,
    extension: find(transaction, 'ExtBlock'),
    document,
  };
}
