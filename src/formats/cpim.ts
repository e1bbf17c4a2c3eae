/**
 * The envelope message/cpim (RFC 3862): its headers in order, and what it wraps as untouched ranges of the bytes. Reads
 * the form without the empty line before the wrapped headers too, which RFC 5438 prints. Never rewrites an envelope.
 */
import { err, ok, type Result } from '../base/result.ts';
import {
  cpimHeadersNamespace,
  declareNamespace,
  escapeControls,
  imdnNamespace,
  newCpimNamespaces,
  parseCpimAddress,
  parseCpimHeader,
  type CpimAddress,
  type CpimHeader,
} from './cpim-header.ts';

export const cpimContentType = 'message/cpim';

/** Headers of the envelope and of the wrapped content, each; one more is a fault. */
export const cpimHeadersMax = 64;
/** Bytes of both header blocks together. */
export const cpimHeaderBytesMax = 16_384;

export interface MimeHeader {
  readonly name: string;
  readonly value: string;
}

export interface CpimMessage {
  readonly headers: readonly CpimHeader[];
  /** Of the wrapped content; folded lines joined with a space. */
  readonly contentHeaders: readonly MimeHeader[];
  /** The wrapped headers, their empty line and the content, as they came. */
  readonly wrapped: Uint8Array;
  readonly content: Uint8Array;
}

/** The error says in words what is wrong. The ranges share memory with `bytes`. */
export function parseCpim(bytes: Uint8Array): Result<CpimMessage, string> {
  const reader = new EnvelopeReader(bytes);
  const fault = reader.read();
  return fault === undefined ? ok(reader) : err(fault);
}

/** What `formatCpim` needs of a header. Control characters in values are written as escapes; other signs as they are. */
export interface NewCpimHeader {
  readonly prefix?: string;
  readonly name: string;
  readonly parameters?: string;
  readonly value: string;
}

/** Content needs a Content-Type among its headers (RFC 3862 2). */
export function formatCpim(
  headers: readonly NewCpimHeader[],
  contentHeaders: readonly MimeHeader[],
  content: Uint8Array,
): Uint8Array {
  let text = '';
  for (const { prefix = '', name, parameters = '', value } of headers) {
    const dot = prefix === '' ? '' : '.';
    text += `${prefix}${dot}${name}:${escapeControls(parameters)} ${escapeControls(value)}\r\n`;
  }
  text += '\r\n';
  for (const { name, value } of contentHeaders) text += `${name}: ${escapeControls(value)}\r\n`;
  const head = new TextEncoder().encode(`${text}\r\n`);
  const whole = new Uint8Array(head.length + content.length);
  whole.set(head);
  whole.set(content, head.length);
  return whole;
}

/** The first header of that name; the prefix is looked up, never compared (RFC 3862 3.4). */
export function findCpimHeader(
  message: CpimMessage,
  name: string,
  namespace: string = cpimHeadersNamespace,
): CpimHeader | undefined {
  return message.headers.find((header) => header.name === name && header.namespace === namespace);
}

export function cpimFrom(message: CpimMessage): CpimAddress | undefined {
  const header = findCpimHeader(message, 'From');
  return header === undefined ? undefined : parseCpimAddress(header.value);
}

export function cpimRecipients(message: CpimMessage): CpimAddress[] {
  return message.headers.filter((header) => isCpimHeader(header, 'To')).map(({ value }) => parseCpimAddress(value));
}

function isCpimHeader({ name, namespace }: CpimHeader, wanted: string): boolean {
  return name === wanted && namespace === cpimHeadersNamespace;
}

/** The Content-Type of what is wrapped; without one it is plain text (RFC 2045 5.2). */
export function wrappedContentType(message: CpimMessage): string {
  return contentHeader(message, 'content-type') ?? 'text/plain';
}

/** `name` in lower case. */
export function contentHeader(message: CpimMessage, name: string): string | undefined {
  return message.contentHeaders.find((header) => header.name.toLowerCase() === name)?.value;
}

/** Names in `Require` (RFC 3862 4.7) that stand for nothing this server knows: the message cannot be processed. */
export function unknownRequirements(message: CpimMessage): string[] {
  const namespaces = newCpimNamespaces();
  for (const header of message.headers) if (isCpimHeader(header, 'NS')) declareNamespace(header.value, namespaces);
  const required = message.headers
    .filter((header) => isCpimHeader(header, 'Require'))
    .flatMap(({ value }) => value.split(',').map((name) => name.trim()));
  return required.filter((fullName) => {
    const dot = fullName.indexOf('.');
    const namespace = dot < 0 ? cpimHeadersNamespace : (namespaces.get(fullName.slice(0, dot)) ?? '');
    const known = knownHeaders.get(namespace);
    return known?.has(fullName.slice(dot + 1)) !== true;
  });
}

const knownHeaders: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  [cpimHeadersNamespace, new Set(['From', 'To', 'cc', 'DateTime', 'Subject', 'NS', 'Require'])],
  [
    imdnNamespace,
    new Set(['Message-ID', 'Disposition-Notification', 'Original-To', 'IMDN-Record-Route', 'IMDN-Route']),
  ],
]);

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const LF = 0x0a;
const CR = 0x0d;

/** No CPIM header is called so, hence such a line begins the wrapped headers even without an empty line before it. */
const CONTENT_HEADER = /^content-[a-z-]+[ \t]*:/i;

class EnvelopeReader implements CpimMessage {
  readonly headers: CpimHeader[] = [];
  readonly contentHeaders: MimeHeader[] = [];
  wrapped: Uint8Array;
  content: Uint8Array;
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.wrapped = bytes;
    this.content = bytes;
  }

  /** The fault, if there is one. */
  read(): string | undefined {
    return this.#readHeaders() ?? this.#readContentHeaders();
  }

  #readHeaders(): string | undefined {
    const namespaces = newCpimNamespaces();
    for (;;) {
      const start = this.#at;
      const line = this.#nextLine();
      if (line === undefined) return this.#lineFault();
      if (line === '') break;
      if (CONTENT_HEADER.test(line)) {
        this.#at = start;
        break;
      }
      const header = parseCpimHeader(line, namespaces);
      if (!header.ok) return header.error;
      if (this.headers.length === cpimHeadersMax) return `there are more than ${cpimHeadersMax} CPIM headers`;
      this.headers.push(header.value);
    }
    this.wrapped = this.#bytes.subarray(this.#at);
    const senders = this.headers.filter((header) => isCpimHeader(header, 'From'));
    // RFC 3862 4.1: one only; with two, who it is from would depend on the reader.
    return senders.length > 1 ? 'there is more than one CPIM From' : undefined;
  }

  #readContentHeaders(): string | undefined {
    for (;;) {
      const line = this.#nextLine();
      if (line === undefined) return this.#lineFault();
      if (line === '') break;
      const fault = this.#addContentHeader(line);
      if (fault !== undefined) return fault;
    }
    this.content = this.#bytes.subarray(this.#at);
    return undefined;
  }

  #addContentHeader(line: string): string | undefined {
    const last = this.contentHeaders.at(-1);
    if (/^[ \t]/.test(line) && last !== undefined) {
      this.contentHeaders[this.contentHeaders.length - 1] = { ...last, value: `${last.value} ${line.trim()}`.trim() };
      return undefined;
    }
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0)).trimEnd();
    if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return `"${line.slice(0, 40)}" is not a header of the wrapped content`;
    if (this.contentHeaders.length === cpimHeadersMax) return `there are more than ${cpimHeadersMax} content headers`;
    this.contentHeaders.push({ name, value: line.slice(colon + 1).trim() });
    return undefined;
  }

  /** The next line without its end; undefined at the end of the bytes, past the cap, and where it is not UTF-8. */
  #nextLine(): string | undefined {
    const end = this.#bytes.indexOf(LF, this.#at);
    if (end < 0 || end >= cpimHeaderBytesMax) return undefined;
    const line = this.#bytes.subarray(this.#at, end > this.#at && this.#bytes[end - 1] === CR ? end - 1 : end);
    try {
      const text = decoder.decode(line);
      this.#at = end + 1;
      return text;
    } catch {
      return undefined;
    }
  }

  #lineFault(): string {
    const end = this.#bytes.indexOf(LF, this.#at);
    if (end < 0) return 'the envelope ends within its headers';
    return end >= cpimHeaderBytesMax
      ? `the headers have more than ${cpimHeaderBytesMax} bytes`
      : 'a header is not UTF-8';
  }
}
