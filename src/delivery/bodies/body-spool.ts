/** A body as it comes, piece by piece: in memory as long as a row may carry it, else in the blob store. */
import { inlineBytesMax, type InstantMessage } from '../../model/instant-message.ts';
import type { BlobStore, BlobWriter } from '../ports.ts';

export class BodySpool {
  readonly #blobs: BlobStore;
  readonly #inlineMax: number;
  #pieces: Uint8Array[] = [];
  #writer: BlobWriter | undefined;
  #bytes = 0;

  /** `bodyBytesMax`: of a pager message; what is longer is kept apart however short it is. */
  constructor(blobs: BlobStore, bodyBytesMax: number) {
    this.#blobs = blobs;
    this.#inlineMax = Math.min(inlineBytesMax, bodyBytesMax);
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** One after the other. Rejects with `StoreFault`. */
  async add(octets: Uint8Array): Promise<void> {
    const at = this.#bytes;
    this.#bytes += octets.length;
    if (this.#writer === undefined && this.#bytes <= this.#inlineMax) {
      this.#pieces.push(octets.slice());
      return;
    }
    this.#writer ??= await this.#begin();
    await this.#writer.write(octets, at);
  }

  /** Where it is kept apart it is durable when this resolves, and belongs to whoever the message is handed to. */
  async finish(): Promise<Pick<InstantMessage, 'body' | 'large'>> {
    if (this.#writer === undefined) return { body: joined(this.#pieces, this.#bytes) };
    await this.#writer.sync();
    return { body: new Uint8Array(), large: { blob: this.#writer.name, bytes: this.#bytes } };
  }

  /** Nothing of it stays. */
  async abandon(): Promise<void> {
    this.#pieces = [];
    await this.#writer?.abandon();
  }

  async #begin(): Promise<BlobWriter> {
    const writer = await this.#blobs.create();
    this.#writer = writer;
    let at = 0;
    for (const piece of this.#pieces.splice(0)) {
      await writer.write(piece, at);
      at += piece.length;
    }
    return writer;
  }
}

function joined(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
  const body = new Uint8Array(bytes);
  let at = 0;
  for (const piece of pieces) {
    body.set(piece, at);
    at += piece.length;
  }
  return body;
}
