/** A part of a body as a stream that reads no further than its reader does, and lets go of it however that ends. */
import { Readable } from 'node:stream';
import type { BlobReader } from '../../../../delivery/ports.ts';

/** Octets that are read at once, and so in memory for one reader. */
export const pieceBytes = 64 * 1024;

export class ContentStream extends Readable {
  readonly #content: BlobReader;
  readonly #end: number;
  #at: number;

  /** Closes `content` at its end. */
  constructor(content: BlobReader, start: number, end: number) {
    super({ highWaterMark: pieceBytes });
    this.#content = content;
    this.#at = start;
    this.#end = end;
  }

  override _read(): void {
    if (this.#at >= this.#end) this.push(null);
    else void this.#readNext();
  }

  override _destroy(fault: Error | null, done: (fault?: Error | null) => void): void {
    void this.#letGo(() => done(fault));
  }

  async #readNext(): Promise<void> {
    try {
      const octets = await this.#content.read(this.#at, Math.min(pieceBytes, this.#end - this.#at));
      this.#at += octets.length;
      // Half of it must not look like the whole.
      if (octets.length === 0) throw new Error('a body is shorter than it was');
      this.push(octets);
    } catch (fault) {
      this.destroy(fault instanceof Error ? fault : new Error(String(fault)));
    }
  }

  async #letGo(then: () => void): Promise<void> {
    await this.#content.close().catch(() => undefined);
    then();
  }
}
