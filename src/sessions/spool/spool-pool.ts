/** What all messages on their way may take up together: memory, and files behind it. One more message is refused. */
import type { BlobStore, BlobWriter } from '../../delivery/ports.ts';

/** Octets of messages on their way that may stand in memory, over all sessions. */
export const spoolBytesMax = 16 * 1024 * 1024;
/** Messages on their way that may have a file, over all sessions. */
export const spoolFilesMax = 1_024;

export interface SpoolLimits {
  readonly bytesMax: number;
  readonly filesMax: number;
}

export class SpoolPool {
  readonly #blobs: BlobStore;
  readonly #limits: SpoolLimits;
  #bytes = 0;
  #files = 0;

  constructor(blobs: BlobStore, limits: SpoolLimits = { bytesMax: spoolBytesMax, filesMax: spoolFilesMax }) {
    this.#blobs = blobs;
    this.#limits = limits;
  }

  get blobs(): BlobStore {
    return this.#blobs;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get files(): number {
    return this.#files;
  }

  /** Whether a message may begin. */
  get hasRoom(): boolean {
    return this.#bytes < this.#limits.bytesMax && this.#files < this.#limits.filesMax;
  }

  /** Whether octets may stay in memory a little longer than they have to. */
  get hasRoomForRecent(): boolean {
    return this.#bytes < this.#limits.bytesMax / 2;
  }

  take(bytes: number): void {
    this.#bytes += bytes;
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Undefined at the limit. */
  async openFile(): Promise<BlobWriter | undefined> {
    if (this.#files >= this.#limits.filesMax) return undefined;
    this.#files += 1;
    try {
      return await this.#blobs.create();
    } catch (fault) {
      this.#files -= 1;
      throw fault;
    }
  }

  closeFile(): void {
    this.#files -= 1;
  }
}
