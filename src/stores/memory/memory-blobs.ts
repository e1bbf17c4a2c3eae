/** The blob port in maps. What was not synced is gone with a crash, as after a power failure. */
import type { BlobReader, BlobStore, BlobWriter } from '../../delivery/ports.ts';
import type { MemoryCalls } from './memory-calls.ts';
import type { MemoryState } from './memory-state.ts';

export function memoryBlobs(state: MemoryState, calls: MemoryCalls): BlobStore {
  const drafts = new Map<string, GrowingBytes>();
  const contentOf = (name: string): Uint8Array | undefined => state.blobs.get(name) ?? drafts.get(name)?.bytes;
  return {
    create: () =>
      calls.read('blobs.create', () => {
        state.lastBlob += 1;
        // No run of the stores names one as an earlier run did, whatever that left behind.
        const name = `blob-${state.run}-${state.lastBlob}`;
        drafts.set(name, new GrowingBytes());
        return memoryWriter(name, { state, calls, drafts });
      }),
    open: (name) =>
      calls.read('blobs.open', () =>
        contentOf(name) === undefined ? undefined : memoryReader(name, calls, contentOf),
      ),
    remove: (names) =>
      calls.read('blobs.remove', () => {
        for (const name of names) {
          state.blobs.delete(name);
          drafts.delete(name);
        }
      }),
    sweep: (kept) =>
      calls.read('blobs.sweep', () => {
        const orphans = [...state.blobs.keys()].filter((name) => !kept.has(name));
        for (const name of orphans) state.blobs.delete(name);
        return { removed: orphans.length, missing: [...kept].filter((name) => !state.blobs.has(name)) };
      }),
  };
}

interface Drafting {
  readonly state: MemoryState;
  readonly calls: MemoryCalls;
  readonly drafts: Map<string, GrowingBytes>;
}

function memoryWriter(name: string, { state, calls, drafts }: Drafting): BlobWriter {
  return {
    name,
    write(octets, at) {
      const copy = octets.slice();
      return calls.read('blobs.write', () => drafts.get(name)?.put(copy, at));
    },
    sync: () =>
      calls.read('blobs.sync', () => {
        const draft = drafts.get(name);
        if (draft === undefined) return;
        state.blobs.set(name, draft.bytes.slice());
        drafts.delete(name);
      }),
    abandon: () =>
      calls.read('blobs.abandon', () => {
        drafts.delete(name);
        state.blobs.delete(name);
      }),
  };
}

/** Goes on with what was there when it was last seen, where the blob is removed meanwhile. */
function memoryReader(
  name: string,
  calls: MemoryCalls,
  contentOf: (name: string) => Uint8Array | undefined,
): BlobReader {
  let seen = contentOf(name) ?? new Uint8Array();
  const look = (): Uint8Array => (seen = contentOf(name) ?? seen);
  return {
    get bytes() {
      return look().length;
    },
    read: (offset, length) => calls.read('blobs.read', () => look().slice(offset, offset + length)),
    close: () => calls.read('blobs.close', () => {}),
  };
}

/** Octets in one buffer that doubles. */
class GrowingBytes {
  #buffer = new Uint8Array(1024);
  #used = 0;

  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#used);
  }

  put(octets: Uint8Array, at: number): void {
    const end = at + octets.length;
    if (end > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(end, 2 * this.#buffer.length));
      larger.set(this.bytes);
      this.#buffer = larger;
    }
    this.#buffer.set(octets, at);
    this.#used = Math.max(this.#used, end);
  }
}
