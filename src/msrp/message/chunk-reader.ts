/**
 * The bytes of a connection into heads, pieces of bodies and ends, as they come (RFC 4975 7.1). Keeps of a body no more than
 * what might be the beginning of its end line, so that a chunk of any size takes no room, and copies none of it. Stops for good at a fault, since
 * nothing behind it can be told apart.
 */
import { beginsWith, endOfEndLine, EndLineSearch } from './end-line-search.ts';
import type { ContinuationFlag, MsrpHead } from './msrp-message.ts';
import { parseHead, parseStartLine, type HeadFault, type StartLine } from './parse-head.ts';

/** Octets of the start line and the headers together. */
export const headBytesMax = 16_384;
export const headersMax = 64;
/** Octets of the body of anything but a SEND (RFC 4975 7.1). */
export const otherBodyBytesMax = 10_240;

export type ChunkEvent =
  | { readonly kind: 'head'; readonly head: MsrpHead }
  /** A view of the bytes that came, which are not written into. */
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  | { readonly kind: 'end'; readonly flag: ContinuationFlag }
  /** A request that cannot be understood, at its end; the stream goes on behind it. */
  | { readonly kind: 'bad-request'; readonly fault: HeadFault }
  /** Nothing can be read any more. */
  | { readonly kind: 'broken'; readonly reason: string };

const CR = 0x0d;
const LF = 0x0a;
const none = new Uint8Array(0);

type Place = 'start' | 'headers' | 'body' | 'broken';

export class ChunkReader {
  #place: Place = 'start';
  /** What came and could not be read yet. */
  #rest: Uint8Array = none;
  #start: StartLine | undefined;
  #lines: string[] = [];
  #headBytes = 0;
  /** The head of what is being read could not be: its body is passed over. */
  #fault: HeadFault | undefined;
  #bodyBytes = 0;
  #isBounded = false;
  #isAtBodyStart = false;
  #search: EndLineSearch | undefined;

  /** True between messages. */
  get isBetween(): boolean {
    return this.#place === 'start' && this.#rest.length === 0;
  }

  *read(bytes: Uint8Array): Generator<ChunkEvent, void, undefined> {
    if (this.#place === 'broken') return;
    this.#rest = this.#rest.length === 0 ? bytes : joined(this.#rest, bytes);
    for (;;) {
      const isMore = this.#place === 'body' ? yield* this.#readBody() : yield* this.#readLine();
      if (!isMore) break;
    }
    // What is held back is short; it must not keep alive what it was read with.
    this.#rest = this.#rest.length === 0 ? none : new Uint8Array(this.#rest);
  }

  /** False when more bytes are needed, or nothing follows. */
  *#readLine(): Generator<ChunkEvent, boolean, undefined> {
    const end = this.#rest.indexOf(LF);
    if (end === -1 || this.#headBytes + end + 1 > headBytesMax) {
      if (this.#headBytes + (end === -1 ? this.#rest.length : end + 1) <= headBytesMax) return false;
      return yield* this.#break(`a head has more than ${headBytesMax} octets`);
    }
    const line = this.#rest.subarray(0, end > 0 && this.#rest[end - 1] === CR ? end - 1 : end);
    this.#rest = this.#rest.subarray(end + 1);
    this.#headBytes += end + 1;
    const text = decode(line);
    if (text === undefined) return yield* this.#break('a head is not UTF-8');
    return this.#place === 'start' ? yield* this.#begin(text) : yield* this.#addLine(text);
  }

  *#begin(line: string): Generator<ChunkEvent, boolean, undefined> {
    // Line ends between messages keep a connection alive and say nothing.
    if (line === '') {
      this.#headBytes = 0;
      return true;
    }
    const start = parseStartLine(line);
    if (!start.ok) return yield* this.#break(start.error.reason);
    this.#start = start.value;
    this.#place = 'headers';
    return true;
  }

  *#addLine(line: string): Generator<ChunkEvent, boolean, undefined> {
    const flag = this.#flagOf(line);
    if (flag !== undefined) {
      yield* this.#finishHead(false);
      yield* this.#finish(flag);
      return true;
    }
    if (line === '') {
      yield* this.#finishHead(true);
      this.#place = 'body';
      this.#isAtBodyStart = true;
      this.#search = new EndLineSearch(this.#start?.transactionId ?? '');
      return true;
    }
    if (this.#lines.length >= headersMax) return yield* this.#break(`a head has more than ${headersMax} headers`);
    this.#lines.push(line);
    return true;
  }

  *#readBody(): Generator<ChunkEvent, boolean, undefined> {
    const search = this.#search;
    if (search === undefined) return false;
    if (this.#isAtBodyStart) {
      const end = this.#endWithoutBody(search);
      if (end === 'more') return false;
      this.#isAtBodyStart = false;
      if (end !== undefined) {
        const flag = this.#flagAt(search.marker.length - LINE_END_LENGTH);
        this.#rest = this.#rest.subarray(end);
        yield* this.#finish(flag);
        return true;
      }
    }
    for (let from = 0; ; from += 1) {
      from = search.find(this.#rest, from);
      if (from === -1) {
        yield* this.#pass(this.#rest.length - search.heldBack(this.#rest));
        return false;
      }
      const end = endOfEndLine(this.#rest, from + search.marker.length);
      if (end === undefined) continue;
      yield* this.#pass(from);
      if (end === 'more') return false;
      const flag = this.#flagAt(search.marker.length);
      this.#rest = this.#rest.subarray(end - from);
      yield* this.#finish(flag);
      return true;
    }
  }

  /** The end line directly behind the headers' own line end: an empty body whose writer took that for the body's. */
  #endWithoutBody({ marker }: EndLineSearch): number | 'more' | undefined {
    const bare = marker.subarray(LINE_END_LENGTH);
    if (!beginsWith(this.#rest, bare, 0)) return undefined;
    return this.#rest.length < bare.length ? 'more' : endOfEndLine(this.#rest, bare.length);
  }

  #flagAt(at: number): ContinuationFlag {
    return flags.get(this.#rest[at] ?? 0) ?? '$';
  }

  /** So many bytes of what is at hand belong to the body. */
  *#pass(count: number): Generator<ChunkEvent, void, undefined> {
    if (count === 0) return;
    const bytes = this.#rest.subarray(0, count);
    this.#rest = this.#rest.subarray(count);
    this.#bodyBytes += bytes.length;
    if (this.#isBounded && this.#bodyBytes > otherBodyBytesMax) {
      this.#fault ??= { reason: `only a SEND has a body of more than ${otherBodyBytesMax} octets` };
    }
    if (this.#fault === undefined) yield { kind: 'body', bytes };
  }

  *#finishHead(hasBody: boolean): Generator<ChunkEvent, void, undefined> {
    const start = this.#start;
    if (start === undefined) return;
    const head = parseHead(start, this.#lines);
    if (!head.ok) {
      this.#fault = head.error;
      return;
    }
    this.#isBounded = !(head.value.kind === 'request' && head.value.method === 'SEND');
    if (hasBody && head.value.kind === 'request' && head.value.contentType === undefined) {
      this.#fault = { reason: 'a body without Content-Type', answerable: head.value };
      return;
    }
    yield { kind: 'head', head: head.value };
  }

  *#finish(flag: ContinuationFlag): Generator<ChunkEvent, void, undefined> {
    const fault = this.#fault;
    this.#place = 'start';
    this.#lines = [];
    this.#headBytes = 0;
    this.#fault = undefined;
    this.#bodyBytes = 0;
    this.#isBounded = false;
    this.#search = undefined;
    yield fault === undefined ? { kind: 'end', flag } : { kind: 'bad-request', fault };
  }

  *#break(reason: string): Generator<ChunkEvent, boolean, undefined> {
    this.#place = 'broken';
    this.#rest = none;
    yield { kind: 'broken', reason };
    return false;
  }

  /** Of an end line without a body before it. */
  #flagOf(line: string): ContinuationFlag | undefined {
    const id = this.#start?.transactionId ?? '';
    if (!line.startsWith(`-------${id}`) || line.length !== id.length + 8) return undefined;
    const sign = line.at(-1);
    return sign === '$' || sign === '+' || sign === '#' ? sign : undefined;
  }
}

const LINE_END_LENGTH = 2;
const flags: ReadonlyMap<number, ContinuationFlag> = new Map([
  [0x24, '$'],
  [0x2b, '+'],
  [0x23, '#'],
]);
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length);
  both.set(one);
  both.set(other, one.length);
  return both;
}
