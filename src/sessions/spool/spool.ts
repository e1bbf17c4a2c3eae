/**
 * The octets of one message on its way: in memory as long as it is small, then in a file of the blob store that nobody syncs
 * until it is to be kept. It may be read while it grows, and by several. Knows nothing of who sends or takes it.
 */
import { StoreFault } from '../../base/store-fault.ts';
import type { BlobReader, BlobWriter } from '../../delivery/ports.ts';
import type { LargeBody } from '../../model/instant-message.ts';
import type { OctetSource, SourceOctets } from '../../msrp/leg/leg-words.ts';
import { ReceivedRanges } from '../../msrp/transfer/received-ranges.ts';
import { joined } from './joined-octets.ts';
import { RecentOctets } from './recent-octets.ts';
import type { SpoolPool } from './spool-pool.ts';

/** Octets of one message that stand in memory; with more it goes into a file. */
export const spoolInMemoryMax = 64 * 1024;
/** Octets that wait to be written into the file of one message: whoever brings more is to wait. */
export const spoolQueueMax = 512 * 1024;
/** Octets that may have come of one message before the one who follows it has read them. */
export const spoolAheadMax = 1024 * 1024;

interface Piece {
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** It could be read from memory before. */
  readonly isKnown: boolean;
  isWritten: boolean;
}

export class Spool implements OctetSource {
  readonly #pool: SpoolPool;
  readonly #readable = new ReceivedRanges();
  readonly #queue: Piece[] = [];
  #memory: Uint8Array | undefined = new Uint8Array(0);
  #inMemory = 0;
  #writer: BlobWriter | undefined;
  #reader: BlobReader | undefined;
  #queued = 0;
  #isWorking = false;
  #working: Promise<void> = Promise.resolve();
  /** What was in memory can be read from there until it is in the file. */
  #heldBack: Uint8Array | undefined;
  readonly #recent = new RecentOctets();
  /** Octets came out of order: which of them count is for the file to say. */
  #isDisordered = false;
  /** Behind the last that came in order. */
  #orderedEnd = 0;
  #size: number | undefined;
  #fault: string | undefined;
  #isKept = false;
  #isReleased = false;
  #waiting: (() => void)[] = [];
  #taken = 0;
  /** Somebody reads it as it grows: whoever brings the octets may not run far ahead of them. */
  isFollowed = false;
  /** Something was written or read that was in the way: more may come. */
  onRoom: (() => void) | undefined;

  constructor(pool: SpoolPool) {
    this.#pool = pool;
  }

  /** Octets from the first on that can be read. */
  get contiguous(): number {
    return this.#readable.contiguousEnd;
  }

  /** Known when the last octet has come. */
  get size(): number | undefined {
    return this.#size;
  }

  get isWhole(): boolean {
    return this.#size !== undefined && this.#fault === undefined;
  }

  get fault(): string | undefined {
    return this.#fault;
  }

  /** More should not come until `onRoom` says that this may have changed. */
  get isFull(): boolean {
    if (this.#isReleased || this.#fault !== undefined) return false;
    return this.#queued > spoolQueueMax || (this.isFollowed && this.contiguous - this.#taken > spoolAheadMax);
  }

  /** Whoever followed has gone, or has it all. */
  unfollow(): void {
    this.isFollowed = false;
    this.#dropRecent();
    this.onRoom?.();
  }

  /** `offset` counts from 0. The bytes may be kept by the caller; nobody may write into them. */
  write(offset: number, bytes: Uint8Array): void {
    if (this.#fault !== undefined || this.#isReleased || bytes.length === 0) return;
    const end = offset + bytes.length;
    if (offset === this.#orderedEnd) this.#orderedEnd = end;
    else this.#isDisordered = true;
    if (this.#memory !== undefined && end <= spoolInMemoryMax) {
      this.#intoMemory(offset, bytes, end);
      return;
    }
    if (this.#memory !== undefined) this.#leaveMemory();
    this.#follow(offset, bytes);
  }

  /** Every octet has come. */
  finish(size: number): void {
    this.#size = size;
    this.#wake();
  }

  /** It will not be whole: whoever reads it is told. */
  fail(why: string): void {
    this.#fault ??= why;
    this.#wake();
    this.onRoom?.();
  }

  async read(offset: number, lengthMax: number): Promise<SourceOctets> {
    this.#note(offset);
    for (;;) {
      if (this.#fault !== undefined) throw new Error(this.#fault);
      const end = Math.min(this.contiguous, offset + lengthMax);
      if (end > offset) {
        const bytes = await this.#at(offset, end - offset);
        return { bytes, isEnd: offset + bytes.length === this.#size };
      }
      if (this.#size !== undefined && offset >= this.#size) return { bytes: new Uint8Array(0), isEnd: true };
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  #note(offset: number): void {
    if (offset <= this.#taken) return;
    const wasFull = this.isFull;
    this.#taken = offset;
    this.#dropRecent();
    if (wasFull && !this.isFull) this.onRoom?.();
  }

  /** The first octets, as many as there are of `length` when that many or the whole message have come. Rejects when it fails. */
  async head(length: number): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    let have = 0;
    while (have < length) {
      const { bytes, isEnd } = await this.read(have, length - have);
      parts.push(bytes);
      have += bytes.length;
      if (isEnd) break;
    }
    return joined(parts, have);
  }

  /** The whole message, which is small. Rejects when it fails. */
  whole(): Promise<Uint8Array> {
    return this.head(this.#size ?? Number.MAX_SAFE_INTEGER);
  }

  /** Durable when it resolves, and no longer this spool's to remove. Of a whole message. Rejects with `StoreFault`. */
  async keep(): Promise<LargeBody> {
    const bytes = this.#size ?? 0;
    if (this.#memory !== undefined) this.#leaveMemory();
    await this.#idle();
    const writer = this.#writer;
    if (writer === undefined || this.#fault !== undefined) throw new StoreFault(this.#fault ?? 'no file', true);
    await writer.sync();
    this.#isKept = true;
    return { blob: writer.name, bytes };
  }

  /** What was kept has no row after all. */
  async unkeep(): Promise<void> {
    this.#isKept = false;
    await this.#writer?.abandon();
  }

  /** Nobody wants it any more; what was kept stays. */
  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#fault ??= 'nobody wants it any more';
    this.#dropMemory();
    this.#forgetQueue();
    this.#wake();
    this.onRoom?.();
    void this.#letGo();
  }

  async #letGo(): Promise<void> {
    await this.#idle();
    const [writer, reader] = [this.#writer, this.#reader];
    await reader?.close().catch(ignore);
    if (writer === undefined) return;
    this.#pool.closeFile();
    if (!this.#isKept) await writer.abandon().catch(ignore);
  }

  #intoMemory(offset: number, bytes: Uint8Array, end: number): void {
    let memory = this.#memory ?? new Uint8Array(0);
    if (end > memory.length) {
      const grown = new Uint8Array(Math.min(spoolInMemoryMax, Math.max(end, 2 * memory.length)));
      grown.set(memory);
      this.#pool.take(grown.length - memory.length);
      this.#inMemory = grown.length;
      memory = grown;
      this.#memory = memory;
    }
    memory.set(bytes, offset);
    this.#added(offset, bytes.length);
  }

  /** What stands in memory goes first. */
  #leaveMemory(): void {
    const memory = this.#memory ?? new Uint8Array(0);
    const { highest } = this.#readable;
    this.#memory = undefined;
    this.#pool.giveBack(this.#inMemory);
    this.#inMemory = 0;
    const bytes = memory.subarray(0, highest);
    this.#heldBack = bytes;
    this.#enqueue({ offset: 0, bytes, isKnown: true, isWritten: false });
  }

  /** Whoever follows need not wait for the disk. */
  #follow(offset: number, bytes: Uint8Array): void {
    const isRecent = this.isFollowed && !this.#isDisordered && this.#pool.hasRoomForRecent;
    const piece = { offset, bytes, isKnown: isRecent, isWritten: false };
    this.#enqueue(piece);
    if (!isRecent) return;
    this.#pool.take(bytes.length);
    this.#recent.add(piece);
    this.#added(offset, bytes.length);
  }

  #dropRecent(): void {
    const isFollowed = this.isFollowed && !this.#isDisordered && this.#fault === undefined;
    const end = isFollowed ? this.#taken : Number.MAX_SAFE_INTEGER;
    this.#pool.giveBack(this.#recent.dropBefore(end));
  }

  #enqueue(piece: Piece): void {
    this.#queue.push(piece);
    this.#queued += piece.bytes.length;
    this.#pool.take(piece.bytes.length);
    if (this.#isWorking) return;
    this.#isWorking = true;
    this.#working = this.#work();
  }

  async #work(): Promise<void> {
    try {
      this.#writer ??= await this.#pool.openFile();
      if (this.#writer === undefined) this.fail('there is no room for another file');
      for (let [piece] = this.#queue; piece !== undefined; [piece] = this.#queue) {
        if (this.#writer !== undefined && !this.#isReleased) await this.#writer.write(piece.bytes, piece.offset);
        this.#heldBack = undefined;
        // It may have been forgotten meanwhile.
        if (this.#queue[0] === piece) this.#written(piece);
      }
    } catch (fault) {
      this.fail(fault instanceof Error ? fault.message : 'the file cannot be written');
      this.#forgetQueue();
    } finally {
      this.#isWorking = false;
    }
  }

  async #idle(): Promise<void> {
    while (this.#isWorking) await this.#working;
  }

  #written(piece: Piece): void {
    const { offset, bytes, isKnown } = piece;
    this.#queue.shift();
    piece.isWritten = true;
    this.#dropRecent();
    const wasFull = this.isFull;
    this.#queued -= bytes.length;
    this.#pool.giveBack(bytes.length);
    if (!isKnown) this.#added(offset, bytes.length);
    if (wasFull && !this.isFull) this.onRoom?.();
  }

  #added(offset: number, length: number): void {
    if (!this.#readable.add(offset + 1, offset + length)) this.fail('it has too many gaps');
    this.#wake();
  }

  async #at(offset: number, length: number): Promise<Uint8Array> {
    const memory = this.#memory ?? this.#heldBack;
    if (memory !== undefined && offset < memory.length) return memory.slice(offset, offset + length);
    const recent = this.#isDisordered ? undefined : this.#recent.at(offset, length);
    if (recent !== undefined) return recent;
    if (!this.#recent.isEmpty && this.#isDisordered) await this.#idle();
    const writer = this.#writer;
    if (writer === undefined) throw new Error('there is no file');
    this.#reader ??= await this.#pool.blobs.open(writer.name);
    if (this.#reader === undefined) throw new Error('the file is gone');
    const bytes = await this.#reader.read(offset, length);
    if (bytes.length === 0) throw new Error('the file is shorter than it was');
    return bytes;
  }

  #forgetQueue(): void {
    for (const piece of this.#queue.splice(0)) {
      this.#queued -= piece.bytes.length;
      this.#pool.giveBack(piece.bytes.length);
      piece.isWritten = true;
    }
    this.#dropRecent();
  }

  #dropMemory(): void {
    this.#memory = undefined;
    this.#pool.giveBack(this.#inMemory);
    this.#inMemory = 0;
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

function ignore(): void {}
