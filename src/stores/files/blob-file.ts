/** One blob as a file that is being written. Its name is durable when its folder is, so that is synced after it. */
import { type FileHandle, open, unlink } from 'node:fs/promises';
import type { BlobWriter } from '../../delivery/ports.ts';
import { StoreFault } from '../../base/store-fault.ts';
import { fileFaultOf, isMissing } from './file-faults.ts';

/** Where a kill test ends the process. */
export type BlobPoint = 'blob-created' | 'blob-written' | 'blob-synced' | 'folder-synced' | 'blob-removed';

export interface BlobPlace {
  readonly name: string;
  readonly path: string;
  readonly folder: string;
  passPoint(point: BlobPoint): void;
  octetsPassed(count: number): void;
  /** Nothing more is written to it. */
  ended(): void;
}

export class BlobFile implements BlobWriter {
  readonly name: string;
  readonly #place: BlobPlace;
  readonly #handle: FileHandle;
  #bytes = 0;
  #isOpen = true;

  private constructor(place: BlobPlace, handle: FileHandle) {
    this.name = place.name;
    this.#place = place;
    this.#handle = handle;
  }

  /** Rejects with `StoreFault`. */
  static async create(place: BlobPlace): Promise<BlobFile> {
    try {
      const file = new BlobFile(place, await open(place.path, 'wx', 0o600));
      place.passPoint('blob-created');
      return file;
    } catch (error) {
      throw fileFaultOf(error, place.path);
    }
  }

  /** As far as it is written. */
  get bytes(): number {
    return this.#bytes;
  }

  async write(octets: Uint8Array, at: number): Promise<void> {
    if (!this.#isOpen) throw new StoreFault(`the file ${this.#place.path} is not written any more`, false);
    try {
      for (let done = 0; done < octets.length;) {
        const { bytesWritten } = await this.#handle.write(octets, done, octets.length - done, at + done);
        done += bytesWritten;
      }
    } catch (error) {
      throw fileFaultOf(error, this.#place.path);
    }
    this.#bytes = Math.max(this.#bytes, at + octets.length);
    this.#place.octetsPassed(octets.length);
    this.#place.passPoint('blob-written');
  }

  async sync(): Promise<void> {
    if (!this.#isOpen) throw new StoreFault(`the file ${this.#place.path} is not written any more`, false);
    try {
      await this.#handle.sync();
      this.#place.passPoint('blob-synced');
      await this.#close();
      await syncFolder(this.#place.folder);
      this.#place.passPoint('folder-synced');
    } catch (error) {
      throw fileFaultOf(error, this.#place.path);
    }
  }

  async abandon(): Promise<void> {
    const { path } = this.#place;
    try {
      await this.#close();
      await unlink(path);
    } catch (error) {
      if (!isMissing(error)) throw fileFaultOf(error, path);
    }
  }

  async #close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#place.ended();
    await this.#handle.close();
  }
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
