/**
 * The blob port over a folder of files. Nothing is kept in memory but what is being written; a file that no row names is
 * swept at the next start, so that a crash at any moment leaves nothing behind for good.
 */
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { type FileHandle, open, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreFault } from '../../base/store-fault.ts';
import type { BlobReader, BlobStore } from '../../delivery/ports.ts';
import { BlobFile, type BlobPoint, syncFolder } from './blob-file.ts';
import { fileFaultOf, isMissing } from './file-faults.ts';

export interface FileBlobsOptions {
  /** Made where it is missing. */
  readonly folder: string;
  readonly passPoint?: (point: BlobPoint) => void;
  /** Told of octets whose buffers are dead soon. */
  readonly octetsPassed?: (count: number) => void;
}

const nameBytes = 16;
const namePattern = /^[0-9a-f]{32}$/;
/** Files that are looked at or removed at once. */
const filesAtOnce = 64;

/** Throws `StoreFault` where the folder cannot be made. */
export function fileBlobs(options: FileBlobsOptions): BlobStore {
  const { folder, passPoint = () => {}, octetsPassed = () => {} } = options;
  makeFolder(folder);
  const writing = new Map<string, BlobFile>();
  return {
    async create() {
      const name = randomBytes(nameBytes).toString('hex');
      const place = {
        name,
        path: join(folder, name),
        folder,
        passPoint,
        octetsPassed,
        ended: () => writing.delete(name),
      };
      const file = await BlobFile.create(place);
      writing.set(name, file);
      return file;
    },
    open: (name) => openBlob({ folder, writing, octetsPassed }, name),
    async remove(names) {
      if (names.length === 0) return;
      await eachOf(names, (name) => removeFile(folder, name));
      passPoint('blob-removed');
      await whole(folder, () => syncFolder(folder));
    },
    async sweep(kept) {
      const found = await whole(folder, () => readdir(folder));
      const orphans = found.filter((name) => namePattern.test(name) && !kept.has(name));
      await eachOf(orphans, (name) => removeFile(folder, name));
      const there = new Set(found);
      return { removed: orphans.length, missing: [...kept].filter((name) => !there.has(name)) };
    },
  };
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new StoreFault(`the folder ${folder} cannot be made: ${String(error)}`, false, { cause: error });
  }
}

interface Shelf {
  readonly folder: string;
  readonly writing: ReadonlyMap<string, BlobFile>;
  octetsPassed(count: number): void;
}

async function openBlob(shelf: Shelf, name: string): Promise<BlobReader | undefined> {
  // Names come out of rows, but nothing else may ever be read through here.
  if (!namePattern.test(name)) return undefined;
  const path = join(shelf.folder, name);
  try {
    const handle = await open(path, 'r');
    const { size } = await handle.stat();
    return new FileReader(path, handle, { shelf, written: size, file: shelf.writing.get(name) });
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw fileFaultOf(error, path);
  }
}

interface OpenBlob {
  readonly shelf: Shelf;
  /** When it was opened. */
  readonly written: number;
  /** While it is being written. */
  readonly file: BlobFile | undefined;
}

class FileReader implements BlobReader {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #blob: OpenBlob;
  #isOpen = true;

  constructor(path: string, handle: FileHandle, blob: OpenBlob) {
    this.#path = path;
    this.#handle = handle;
    this.#blob = blob;
  }

  get bytes(): number {
    return this.#blob.file?.bytes ?? this.#blob.written;
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const wanted = Math.max(0, Math.min(length, this.bytes - offset));
    const octets = new Uint8Array(wanted);
    try {
      let done = 0;
      while (done < wanted) {
        const { bytesRead } = await this.#handle.read(octets, done, wanted - done, offset + done);
        if (bytesRead === 0) break;
        done += bytesRead;
      }
      this.#blob.shelf.octetsPassed(done);
      return octets.subarray(0, done);
    } catch (error) {
      throw fileFaultOf(error, this.#path);
    }
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#handle.close();
  }
}

async function removeFile(folder: string, name: string): Promise<void> {
  if (!namePattern.test(name)) return;
  const path = join(folder, name);
  try {
    await unlink(path);
  } catch (error) {
    if (!isMissing(error)) throw fileFaultOf(error, path);
  }
}

async function whole<T>(path: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw fileFaultOf(error, path);
  }
}

async function eachOf(names: readonly string[], act: (name: string) => Promise<void>): Promise<void> {
  for (let from = 0; from < names.length; from += filesAtOnce) {
    await Promise.all(names.slice(from, from + filesAtOnce).map(act));
  }
}
