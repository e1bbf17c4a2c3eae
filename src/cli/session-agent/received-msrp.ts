/** A message that comes in chunks, in any order (RFC 4975 section 7.3.1): what is there of it, and when it is whole. */
import type { Continuation, MsrpHead } from './msrp-text.ts';

export class ReceivedMsrp {
  readonly messageId: string;
  readonly contentType: string;
  /** Of every chunk of it. */
  readonly heads: MsrpHead[] = [];
  /** Known when the chunk with its last octet has come. */
  size: number | undefined;
  /** Given up by its sender. */
  isAbandoned = false;
  readonly #parts: { at: number; bytes: Buffer }[] = [];
  #covered: { start: number; end: number }[] = [];

  constructor(head: MsrpHead) {
    this.messageId = head.messageId;
    this.contentType = head.header('Content-Type') ?? '';
  }

  /** Octets `[start, end)` came; `bytes` are kept where they are given. */
  add(start: number, length: number, bytes?: Buffer): void {
    if (length === 0) return;
    if (bytes) this.#parts.push({ at: start, bytes: Buffer.from(bytes) });
    const last = this.#covered.at(-1);
    if (last?.end === start) last.end += length;
    else this.#cover(start, start + length);
  }

  /** A chunk ended whose octets end before `end`. */
  chunkEnded(flag: Continuation, end: number): void {
    if (flag === '$') this.size = end;
    if (flag === '#') this.isAbandoned = true;
  }

  get isWhole(): boolean {
    if (this.size === undefined || this.isAbandoned) return false;
    const [first, more] = this.#covered;
    return this.size === 0 || (first?.start === 0 && first.end >= this.size && more === undefined);
  }

  get received(): number {
    return this.#covered.reduce((sum, { start, end }) => sum + end - start, 0);
  }

  /** What came where later chunks win; gaps are zeros. */
  get body(): Buffer {
    const body = Buffer.alloc(this.size ?? Math.max(0, ...this.#covered.map(({ end }) => end)));
    for (const { at, bytes } of this.#parts) bytes.copy(body, at);
    return body;
  }

  get text(): string {
    return this.body.toString('utf8');
  }

  #cover(start: number, end: number): void {
    const all = [...this.#covered, { start, end }].toSorted((one, other) => one.start - other.start);
    this.#covered = [];
    for (const next of all) {
      const last = this.#covered.at(-1);
      if (last && next.start <= last.end) last.end = Math.max(last.end, next.end);
      else this.#covered.push(next);
    }
  }
}
