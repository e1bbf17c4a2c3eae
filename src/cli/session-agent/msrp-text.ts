/**
 * MSRP frames as a client reads and writes them (RFC 4975 section 9). Liberal in what it reads, and writes what it is
 * given, right or wrong. Refuses to know sessions and connections.
 */
import { randomBytes } from 'node:crypto';

/** `$` the message ends here, `+` more of it follows, `#` it was given up. */
export type Continuation = '$' | '+' | '#';
export type MsrpHeader = readonly [name: string, value: string];

/** Everything of a frame before its content. */
export class MsrpHead {
  readonly transaction: string;
  /** Empty for a response. */
  readonly method: string;
  /** 0 for a request. */
  readonly status: number;
  readonly headers: readonly MsrpHeader[];

  constructor(text: string) {
    const [first = '', ...rows] = text.split('\r\n');
    const [word = '', transaction = '', what = ''] = first.split(' ');
    if (word !== 'MSRP' || transaction === '') throw new MsrpFault(`no MSRP: ${first.slice(0, 80)}`);
    this.transaction = transaction;
    this.status = /^\d{3}$/.test(what) ? Number(what) : 0;
    this.method = this.status === 0 ? what : '';
    this.headers = rows.map((row): MsrpHeader => {
      const colon = row.indexOf(':');
      if (colon < 1) throw new MsrpFault(`no header: ${row.slice(0, 80)}`);
      return [row.slice(0, colon), row.slice(colon + 1).trim()];
    });
  }

  header(name: string): string | undefined {
    return this.headers.find(([own]) => own.toLowerCase() === name.toLowerCase())?.[1];
  }

  get toPath(): string {
    return this.header('To-Path') ?? '';
  }

  get fromPath(): string {
    return this.header('From-Path') ?? '';
  }

  get messageId(): string {
    return this.header('Message-ID') ?? '';
  }

  get range(): ByteRange | undefined {
    return readByteRange(this.header('Byte-Range'));
  }
}

/** Numbers as they stand there: the first octet is 1; undefined for `*`. */
export interface ByteRange {
  readonly start: number;
  readonly end: number | undefined;
  readonly total: number | undefined;
}

/** The other side wrote what cannot be read. */
export class MsrpFault extends Error {
  override readonly name = 'MsrpFault';
}

export interface FrameListener {
  began(head: MsrpHead, hasContent: boolean): void;
  octets(bytes: Buffer): void;
  ended(flag: Continuation): void;
}

/** No head is longer. */
const headBytesMax = 65_536;
const lineEnd = '\r\n';

/** Cuts a stream into frames and hands on what is in them as it comes. */
export class FrameReader {
  readonly #listener: FrameListener;
  #rest: Buffer = Buffer.alloc(0);
  /** The end-line of the frame whose content is being read. */
  #endLine: Buffer | undefined;
  #isAtStart = false;

  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  /** Throws MsrpFault at what is no MSRP. */
  push(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    while (
      this.#rest.length > 0 &&
      (this.#endLine === undefined ? this.#readHead() : this.#readContent(this.#endLine))
    );
  }

  /** False when more octets are needed. */
  #readHead(): boolean {
    const blank = this.#rest.indexOf('\r\n\r\n');
    const dashes = this.#rest.indexOf('\r\n-------');
    const isBare = dashes >= 0 && (blank < 0 || dashes < blank);
    const end = isBare ? dashes : blank;
    if (end < 0) {
      if (this.#rest.length > headBytesMax) throw new MsrpFault('a head that does not end');
      return false;
    }
    const over = isBare ? this.#rest.indexOf(lineEnd, end + 2) : end + 2;
    if (over < 0) return false;
    const head = new MsrpHead(this.#rest.toString('utf8', 0, end));
    const endLine = Buffer.from(`-------${head.transaction}`);
    const flag = isBare ? readFlag(this.#rest.toString('latin1', end + 2 + endLine.length, over)) : undefined;
    if (
      isBare &&
      (flag === undefined ||
        !this.#rest
          .subarray(end + 2)
          .subarray(0, endLine.length)
          .equals(endLine))
    ) {
      throw new MsrpFault(`an end-line of another frame behind ${head.transaction}`);
    }
    this.#rest = this.#rest.subarray(over + 2);
    this.#listener.began(head, !isBare);
    if (flag !== undefined) this.#listener.ended(flag);
    else [this.#endLine, this.#isAtStart] = [endLine, true];
    return true;
  }

  #readContent(endLine: Buffer): boolean {
    const rest = this.#rest;
    // An empty content may come without a line end of its own.
    if (this.#isAtStart) {
      if (rest.length < endLine.length + 3 && endLine.subarray(0, rest.length).equals(rest.subarray(0, endLine.length)))
        return false;
      if (this.#isEndLine(0, endLine)) return this.#finish(0, 0, endLine);
    }
    this.#isAtStart = false;
    const mark = Buffer.concat([Buffer.from(lineEnd), endLine]);
    for (let at = rest.indexOf(mark); at >= 0; at = rest.indexOf(mark, at + 1)) {
      if (rest.length < at + mark.length + 3) {
        this.#tell(at);
        return false;
      }
      if (this.#isEndLine(at + 2, endLine)) return this.#finish(at, at + 2, endLine);
    }
    this.#tell(rest.length - mark.length);
    return false;
  }

  #isEndLine(at: number, endLine: Buffer): boolean {
    const line = this.#rest.subarray(at, at + endLine.length + 3);
    const isWhole =
      line.subarray(0, endLine.length).equals(endLine) && line.toString('latin1', endLine.length + 1) === lineEnd;
    return isWhole && readFlag(line.toString('latin1', endLine.length, endLine.length + 1)) !== undefined;
  }

  #finish(contentEnd: number, at: number, endLine: Buffer): boolean {
    if (contentEnd > 0) this.#listener.octets(this.#rest.subarray(0, contentEnd));
    const flag = readFlag(this.#rest.toString('latin1', at + endLine.length, at + endLine.length + 1)) ?? '#';
    this.#rest = this.#rest.subarray(at + endLine.length + 3);
    this.#endLine = undefined;
    this.#listener.ended(flag);
    return true;
  }

  #tell(count: number): void {
    if (count <= 0) return;
    this.#listener.octets(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
  }
}

export interface FrameText {
  readonly transaction?: string;
  /** `SEND`, or `200 OK` for a response. */
  readonly what: string;
  readonly headers: readonly MsrpHeader[];
  readonly content?: Uint8Array;
  readonly flag?: Continuation;
}

export function formatFrame({ transaction = newTransaction(), what, headers, content, flag = '$' }: FrameText): Buffer {
  const rows = [`MSRP ${transaction} ${what}`, ...headers.map(([name, value]) => `${name}: ${value}`)];
  const head = rows.join(lineEnd) + lineEnd;
  const endLine = `-------${transaction}${flag}${lineEnd}`;
  if (content === undefined) return Buffer.from(head + endLine);
  return Buffer.concat([Buffer.from(head + lineEnd), content, Buffer.from(lineEnd + endLine)]);
}

/** 96 bits. */
export function newTransaction(): string {
  return randomBytes(12).toString('hex');
}

export interface MsrpUri {
  readonly scheme: 'msrp' | 'msrps';
  readonly host: string;
  readonly port: number;
  readonly session: string;
  readonly transport: string;
}

/** The last one of a path is the session, the first the next hop; undefined for what is no MSRP URI with a port. */
export function readMsrpUri(text: string): MsrpUri | undefined {
  const found = /^(msrps?):\/\/(?:[^@/]*@)?(\[[^\]]+\]|[^:/;]+):(\d+)\/([^;]+);(\w+)/i.exec(text.trim());
  if (!found) return undefined;
  const [, scheme = '', host = '', port = '', session = '', transport = ''] = found;
  return {
    scheme: scheme.toLowerCase() === 'msrps' ? 'msrps' : 'msrp',
    host: host.replaceAll(/[[\]]/g, '').toLowerCase(),
    port: Number(port),
    session,
    transport: transport.toLowerCase(),
  };
}

function readByteRange(text: string | undefined): ByteRange | undefined {
  const found = /^(\d+)-(\d+|\*)\/(\d+|\*)$/.exec(text ?? '');
  if (!found) return undefined;
  const number = (word: string | undefined): number | undefined => (word === '*' ? undefined : Number(word));
  return { start: Number(found[1]), end: number(found[2]), total: number(found[3]) };
}

function readFlag(text: string): Continuation | undefined {
  return text === '$' || text === '+' || text === '#' ? text : undefined;
}
