/**
 * A SIP message as a phone reads it (RFC 3261 section 7): start line, header lines in order, body as bytes.
 * Liberal on purpose; it refuses to know transactions and never validates more than it needs.
 */
export type HeaderLine = readonly [name: string, value: string];

/** One message, request or answer; made by `parseSipText`. */
export class SipText {
  /** The octets it was read from. */
  readonly bytes: Buffer;
  readonly startLine: string;
  readonly headers: readonly HeaderLine[];
  readonly body: Buffer;
  readonly isRequest: boolean;
  /** Of an answer: the method that its CSeq names. */
  readonly method: string;
  /** Request-URI; empty for an answer. */
  readonly uri: string;
  /** 100 to 699; 0 for a request. */
  readonly status: number;
  readonly reason: string;

  constructor(bytes: Buffer, startLine: string, headers: readonly HeaderLine[], body: Buffer) {
    this.bytes = bytes;
    this.startLine = startLine;
    this.headers = headers;
    this.body = body;
    this.isRequest = !/^SIP\/2\.0 /i.test(startLine);
    const [first = '', second = '', ...rest] = startLine.split(' ');
    this.method = this.isRequest ? first : (this.header('CSeq')?.split(/\s+/)[1] ?? '');
    this.uri = this.isRequest ? second : '';
    this.status = this.isRequest ? 0 : Number(second);
    this.reason = this.isRequest ? '' : rest.join(' ');
  }

  /** The first value of a header, asked for by its long name; compact forms are found too. */
  header(name: string): string | undefined {
    return this.headerValues(name)[0];
  }

  /** One value per header line, in order. */
  headerValues(name: string): string[] {
    const wanted = longHeaderName(name);
    return this.headers.filter(([own]) => longHeaderName(own) === wanted).map(([, value]) => value);
  }

  get text(): string {
    return this.body.toString('utf8');
  }

  /** `user@domain` of the From header. */
  get from(): string {
    return addressIn(this.header('From') ?? '');
  }

  get to(): string {
    return addressIn(this.header('To') ?? '');
  }

  get callId(): string {
    return this.header('Call-ID') ?? '';
  }

  get cseq(): number {
    return Number.parseInt(this.header('CSeq') ?? '', 10);
  }

  get branch(): string {
    return parameterOf(this.header('Via') ?? '', 'branch') ?? '';
  }

  get fromTag(): string {
    return parameterOf(this.header('From') ?? '', 'tag') ?? '';
  }

  get toTag(): string | undefined {
    return parameterOf(this.header('To') ?? '', 'tag');
  }
}

/** Undefined where the bytes hold no SIP start line. Content-Length is honoured when it is shorter than the rest. */
export function parseSipText(bytes: Buffer): SipText | undefined {
  const head = headEnd(bytes);
  const lines = unfold(bytes.toString('utf8', 0, head.end));
  const startLine = lines[0] ?? '';
  if (!/^SIP\/2\.0 [1-6]\d\d( |$)|^[^ ]+ [^ ]+ SIP\/2\.0$/i.test(startLine)) return undefined;
  const headers = lines.slice(1).flatMap((line): HeaderLine[] => {
    const colon = line.indexOf(':');
    return colon < 1 ? [] : [[line.slice(0, colon).trimEnd(), line.slice(colon + 1).trim()]];
  });
  const rest = bytes.subarray(head.bodyStart);
  const declared = headers.find(([name]) => longHeaderName(name) === 'content-length')?.[1];
  const length = declared === undefined ? rest.length : Number.parseInt(declared, 10);
  return new SipText(bytes, startLine, headers, rest.subarray(0, length));
}

/** Writes a message; Content-Length is added when no line names it. */
export function formatSipText(startLine: string, headers: readonly HeaderLine[], body: Uint8Array): Buffer {
  const lines = [startLine, ...headers.map(([name, value]) => `${name}: ${value}`)];
  if (!headers.some(([name]) => longHeaderName(name) === 'content-length'))
    lines.push(`Content-Length: ${body.length}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]);
}

/** `user@domain` out of a name-addr or a URI of any scheme, in lower case; empty when there is none. */
export function addressIn(value: string): string {
  return /(?:sips?|im|pres|wv):([^@<>;?\s]+@[^:;<>?\s]+)/i.exec(value)?.[1]?.toLowerCase() ?? '';
}

/** A parameter behind the address of a header value: those of the URI inside angle brackets are not looked at. */
export function parameterOf(value: string, name: string): string | undefined {
  const outside = value.includes('<') ? value.slice(value.indexOf('>') + 1) : value;
  for (const piece of outside.split(';').slice(1)) {
    const [key = '', ...content] = piece.split('=');
    if (key.trim().toLowerCase() === name)
      return content
        .join('=')
        .trim()
        .replace(/^"(.*)"$/, '$1');
  }
  return undefined;
}

/** RFC 3261 section 7.3.3 and the later RFCs that added letters. */
const longNames: Readonly<Record<string, string>> = {
  a: 'accept-contact', b: 'referred-by', c: 'content-type', d: 'request-disposition', e: 'content-encoding',
  f: 'from', i: 'call-id', j: 'reject-contact', k: 'supported', l: 'content-length', m: 'contact', o: 'event',
  r: 'refer-to', s: 'subject', t: 'to', u: 'allow-events', v: 'via', x: 'session-expires',
}; // prettier-ignore

export function longHeaderName(name: string): string {
  const lower = name.toLowerCase();
  return longNames[lower] ?? lower;
}

function headEnd(bytes: Buffer): { end: number; bodyStart: number } {
  const crlf = bytes.indexOf('\r\n\r\n');
  if (crlf >= 0) return { end: crlf, bodyStart: crlf + 4 };
  const lf = bytes.indexOf('\n\n');
  return lf >= 0 ? { end: lf, bodyStart: lf + 2 } : { end: bytes.length, bodyStart: bytes.length };
}

function unfold(head: string): string[] {
  return head.replace(/\r?\n[ \t]+/g, ' ').split(/\r?\n/);
}
