/**
 * The contents of a batch, one behind the other in one buffer that is handed over to the writer thread, so that no body
 * is cloned with the packet that it came in.
 */
import { contentHeaderBytes, ownerOffset } from '../writes/content-log.ts';

const smallestBytes = 64 * 1024;
const LIVE = 1;
const envelopeLengthOffset = ownerOffset + 8;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class ContentArena {
  #bytes: Uint8Array<ArrayBuffer>;
  #used = 0;

  constructor(spare?: Uint8Array<ArrayBuffer>) {
    this.#bytes = spare ?? new Uint8Array(smallestBytes);
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#bytes;
  }

  get used(): number {
    return this.#used;
  }

  /** Copies an envelope (JSON, may be empty) and a body behind a header; answers how long that is. It begins at `used`. */
  append(envelope: string, body: Uint8Array): number {
    const start = this.#used;
    this.#makeRoom(contentHeaderBytes + 3 * envelope.length + body.length);
    const envelopeStart = start + contentHeaderBytes;
    const { written } = encoder.encodeInto(envelope, this.#bytes.subarray(envelopeStart));
    this.#bytes[start] = LIVE;
    new DataView(this.#bytes.buffer).setUint32(start + envelopeLengthOffset, written);
    this.#bytes.set(body, envelopeStart + written);
    this.#used = envelopeStart + written + body.length;
    return this.#used - start;
  }

  /** Copies what has no header; answers where it begins. */
  add(bytes: Uint8Array): number {
    const start = this.#used;
    this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, start);
    this.#used = start + bytes.length;
    return start;
  }

  #makeRoom(bytes: number): void {
    const needed = this.#used + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#used));
    this.#bytes = larger;
  }
}

/** SQL for such a content, or NULL where its envelope is empty, which is usual and then not copied. */
export function contentWithEnvelope(column: string): string {
  return `CASE substr(${column}, ${envelopeLengthOffset + 1}, 4) WHEN x'00000000' THEN NULL ELSE ${column} END`;
}

/** The two parts of a content as it was stored. */
export function readContent(bytes: Uint8Array): { readonly envelope: string; readonly body: Uint8Array } {
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(envelopeLengthOffset);
  const bodyStart = contentHeaderBytes + length;
  const envelope = length === 0 ? '' : decoder.decode(bytes.subarray(contentHeaderBytes, bodyStart));
  return { envelope, body: bytes.subarray(bodyStart) };
}
