/**
 * Cuts a stream of octets into SIP messages by their Content-Length (RFC 3261 18.3) and finds the keep-alives between
 * them (RFC 5626 5.4). It reads nothing else of a message and knows no socket. Each octet is looked at a fixed number
 * of times, however the stream falls into pieces.
 */
import { COLON, CR, DIGIT, isWhite, LF, skipAll, skipWhite, TOKEN } from './grammar/characters.ts';
import { decodeUtf8 } from './grammar/utf8.ts';
import { knownHeaderAt } from './header-names.ts';
import { malformed } from './malformed-message.ts';
import type { MalformedMessage, MalformedStatus } from './malformed-message.ts';
import { findHeaderEnd } from './parsing/header-end.ts';
import { defaultMessageLimits } from './parsing/message-limits.ts';
import type { MessageLimits } from './parsing/message-limits.ts';

export type FramerEvent =
  /** One whole message: a view of what was pushed, or of the framer's own copy, never written to again. */
  | { readonly kind: 'message'; readonly bytes: Uint8Array }
  /** A double CRLF between messages, to be answered at once with one CRLF. */
  | { readonly kind: 'keepAlive' }
  /** Nobody knows where the next message begins: answer what can be answered and close. The last event of all. */
  | { readonly kind: 'framingLost'; readonly malformed: MalformedMessage };

const ZERO = 48;
const GROWTH = 2;
/** `Content-Length` and `l` begin with these. */
const LETTER_C = 0x63;
const LETTER_L = 0x6c;
const LOWER_CASE = 0x20;
const EMPTY = new Uint8Array(0);
const KEEP_ALIVE: FramerEvent = { kind: 'keepAlive' };

export class StreamFramer {
  readonly #limits: MessageLimits;
  /** What came and is not yet a message: the first `#length` octets of `#store`. */
  #store: Uint8Array = EMPTY;
  #length = 0;
  /** How much of the message that is coming in has been searched for the end of its header section. */
  #searched = 0;
  /** Of the message that is coming in, once its header section is whole; 0 before. */
  #messageLength = 0;
  #hasLineEnd = false;
  #isLost = false;

  constructor(limits: MessageLimits = defaultMessageLimits) {
    this.#limits = limits;
  }

  /** Octets that wait for the rest of their message; never more than the limits of header section and body together. */
  get pendingBytes(): number {
    return this.#length;
  }

  /** Takes the next octets of the stream and answers what they complete, in order. The octets must not change later. */
  push(octets: Uint8Array): FramerEvent[] {
    const events: FramerEvent[] = [];
    if (this.#isLost || octets.length === 0) return events;
    const isFresh = this.#length === 0;
    const data = isFresh ? octets : this.#append(octets);
    let at = 0;
    while (at < data.length && !this.#isLost) {
      if (this.#searched === 0) {
        at = this.#skipLineEnds(data, at, events);
        // Half a line end may become a whole one.
        if (at === data.length || (data[at] === CR && at + 1 === data.length)) break;
      }
      const end = this.#findEnd(data, at, events);
      if (end === -1) break;
      events.push({ kind: 'message', bytes: data.subarray(at, end) });
      at = end;
      this.#searched = 0;
      this.#messageLength = 0;
      this.#hasLineEnd = false;
    }
    if (this.#isLost || at === data.length) this.#keep(EMPTY);
    else if (at > 0 || isFresh) this.#keep(data.slice(at));
    return events;
  }

  /** Moves over line ends in front of a message; two of them are a keep-alive. */
  #skipLineEnds(data: Uint8Array, start: number, events: FramerEvent[]): number {
    let at = start;
    while (data[at] === CR && data[at + 1] === LF) {
      at += 2;
      if (this.#hasLineEnd) events.push(KEEP_ALIVE);
      this.#hasLineEnd = !this.#hasLineEnd;
    }
    return at;
  }

  /** Where the message that begins at `start` ends, or -1 when that has not come yet or cannot be told. */
  #findEnd(data: Uint8Array, start: number, events: FramerEvent[]): number {
    if (this.#messageLength === 0) {
      const { headerSectionBytesMax, bodyBytesMax } = this.#limits;
      const headerEnd = findHeaderEnd(data, start + Math.max(0, this.#searched - 3));
      this.#searched = data.length - start;
      const headerLength = headerEnd === -1 ? this.#searched : headerEnd - start;
      if (headerLength > headerSectionBytesMax) {
        return this.#lose(events, data.subarray(start, start + headerSectionBytesMax), 513, 'header section too long');
      }
      if (headerEnd === -1) return -1;
      const head = data.subarray(start, headerEnd - 2);
      const bodyLength = readContentLength(head);
      if (typeof bodyLength === 'string') return this.#lose(events, head, 400, bodyLength);
      if (bodyLength > bodyBytesMax) return this.#lose(events, head, 413, 'too large');
      this.#messageLength = headerLength + bodyLength;
    }
    const end = start + this.#messageLength;
    return end <= data.length ? end : -1;
  }

  #lose(events: FramerEvent[], head: Uint8Array, status: MalformedStatus, fault: string): -1 {
    this.#isLost = true;
    events.push({ kind: 'framingLost', malformed: malformed(decodeUtf8(head), status, fault) });
    return -1;
  }

  /** Adds to what waits and answers all of it. */
  #append(octets: Uint8Array): Uint8Array {
    const length = this.#length + octets.length;
    if (length > this.#store.length) {
      const store = new Uint8Array(Math.max(length, this.#store.length * GROWTH));
      store.set(this.#store.subarray(0, this.#length));
      this.#store = store;
    }
    this.#store.set(octets, this.#length);
    this.#length = length;
    return this.#store.subarray(0, length);
  }

  /** `rest` is a copy of what is left, so that no event shares octets with what comes later. */
  #keep(rest: Uint8Array): void {
    this.#store = rest;
    this.#length = rest.length;
  }
}

/** The number in the one Content-Length row of a header section, or what is wrong with it. */
function readContentLength(head: Uint8Array): number | string {
  let length: number | undefined;
  for (let at = nextLine(head, 0); at < head.length;) {
    const rowStart = at;
    do at = nextLine(head, at);
    while (at < head.length && isWhite(head[at] ?? 0));
    const first = (head[rowStart] ?? 0) | LOWER_CASE;
    if (first !== LETTER_C && first !== LETTER_L) continue;
    const nameEnd = skipAll(head, rowStart, at, TOKEN);
    if (knownHeaderAt(head, rowStart, nameEnd)?.role !== 'content-length') continue;
    const colon = skipWhite(head, nameEnd, at);
    if (head[colon] !== COLON) return 'Content-Length: malformed';
    if (length !== undefined) return 'Content-Length occurs twice';
    length = readNumber(head, colon + 1, at);
    if (length === undefined) return 'Content-Length: not a number';
  }
  return length ?? 'missing Content-Length';
}

/** The index behind the next LF, or the end. */
function nextLine(head: Uint8Array, start: number): number {
  const end = head.length;
  let at = start;
  while (at < end && head[at] !== LF) at++;
  return at < end ? at + 1 : end;
}

function readNumber(head: Uint8Array, start: number, end: number): number | undefined {
  const first = skipBlank(head, start, end);
  const behind = skipAll(head, first, end, DIGIT);
  let number = 0;
  for (let at = first; at < behind; at++) number = number * 10 + ((head[at] ?? 0) - ZERO);
  return behind > first && skipBlank(head, behind, end) === end ? number : undefined;
}

/** White space with the line ends of a folded row. */
function skipBlank(head: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && (isWhite(head[at] ?? 0) || head[at] === CR || head[at] === LF)) at++;
  return at;
}
