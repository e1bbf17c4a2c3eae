/** What all messages on their way may take up together: memory, and files behind it. One more message is refused. */
import type { BlobStore, BlobWriter } from '../../delivery/ports.ts';

/** Octets of messages on their way that may stand in memory, over all sessions. */
export const spoolBytesMax = 16 * 1024 * 1024;
/** Messages on their way that may have a file, over all sessions. */
export const spoolFilesMax = 1_024;

/** One in so many of either may be one principal's. */
export const spoolShares = 4;

export interface SpoolLimits {
  readonly bytesMax: number;
  readonly filesMax: number;
}

/** What a message takes its place from. */
export interface SpoolSpace {
  readonly blobs: BlobStore;
  /** Whether a message may begin. */
  readonly hasRoom: boolean;
  /** Half of it is taken: octets should not stay in memory longer than they have to, and whoever brings them waits sooner. */
  readonly isTight: boolean;
  take(bytes: number): void;
  giveBack(bytes: number): void;
  /** Undefined at the limit. */
  openFile(): Promise<BlobWriter | undefined>;
  closeFile(): void;
}

export class SpoolPool implements SpoolSpace {
  readonly #blobs: BlobStore;
  readonly #limits: SpoolLimits;
  /** By principal; nobody's who has nothing there. */
  readonly #usage = new Map<string, Usage>();
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

  /** Principals who have something there. */
  get owners(): number {
    return this.#usage.size;
  }

  get files(): number {
    return this.#files;
  }

  get hasRoom(): boolean {
    return this.#bytes < this.#limits.bytesMax && this.#files < this.#limits.filesMax;
  }

  get isTight(): boolean {
    return this.#bytes >= this.#limits.bytesMax / 2;
  }

  /** What one principal may have of it, in all of their sessions. */
  shareOf(owner: string): SpoolSpace {
    return new SpoolShare(this, this.#limits, { of: this.#usage, owner });
  }

  take(bytes: number): void {
    this.#bytes += bytes;
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes;
  }

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

interface Usage {
  readonly bytes: number;
  readonly files: number;
}

const nothing: Usage = { bytes: 0, files: 0 };

/** Has no state of its own, since each session of a principal has one. */
class SpoolShare implements SpoolSpace {
  readonly #pool: SpoolPool;
  readonly #limits: SpoolLimits;
  readonly #usage: { readonly of: Map<string, Usage>; readonly owner: string };

  constructor(pool: SpoolPool, { bytesMax, filesMax }: SpoolLimits, usage: { of: Map<string, Usage>; owner: string }) {
    this.#pool = pool;
    this.#limits = { bytesMax: bytesMax / spoolShares, filesMax: filesMax / spoolShares };
    this.#usage = usage;
  }

  get blobs(): BlobStore {
    return this.#pool.blobs;
  }

  get hasRoom(): boolean {
    const { bytes, files } = this.#used;
    return this.#pool.hasRoom && bytes < this.#limits.bytesMax && files < this.#limits.filesMax;
  }

  get isTight(): boolean {
    return this.#pool.isTight || this.#used.bytes >= this.#limits.bytesMax / 2;
  }

  take(bytes: number): void {
    this.#add(bytes, 0);
    this.#pool.take(bytes);
  }

  giveBack(bytes: number): void {
    this.#add(-bytes, 0);
    this.#pool.giveBack(bytes);
  }

  async openFile(): Promise<BlobWriter | undefined> {
    if (this.#used.files >= this.#limits.filesMax) return undefined;
    this.#add(0, 1);
    let file: BlobWriter | undefined;
    try {
      file = await this.#pool.openFile();
      return file;
    } finally {
      if (file === undefined) this.#add(0, -1);
    }
  }

  closeFile(): void {
    this.#add(0, -1);
    this.#pool.closeFile();
  }

  get #used(): Usage {
    return this.#usage.of.get(this.#usage.owner) ?? nothing;
  }

  #add(more: number, moreFiles: number): void {
    const { of, owner } = this.#usage;
    const { bytes, files } = this.#used;
    const used = { bytes: bytes + more, files: files + moreFiles };
    if (used.bytes === 0 && used.files === 0) of.delete(owner);
    else of.set(owner, used);
  }
}
