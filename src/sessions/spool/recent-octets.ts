/**
 * The last octets that came of a message, for whoever follows it closely: they are in memory anyway until the disk has them, and a
 * while longer for a follower who is a little behind. One behind the other, without gaps.
 */
import { joined } from './joined-octets.ts';

export interface RecentPiece {
  readonly offset: number;
  readonly bytes: Uint8Array;
  /** The file has it too. */
  isWritten: boolean;
}

export class RecentOctets {
  readonly #pieces: RecentPiece[] = [];

  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }

  add(piece: RecentPiece): void {
    this.#pieces.push(piece);
  }

  /** From `offset` on, as many as there are of `lengthMax`; undefined for what only the file has. */
  at(offset: number, lengthMax: number): Uint8Array | undefined {
    const parts: Uint8Array[] = [];
    let have = 0;
    for (const { offset: start, bytes } of this.#pieces) {
      const from = offset + have - start;
      if (from < 0 || have === lengthMax) break;
      if (from >= bytes.length) continue;
      const part = bytes.subarray(from, from + lengthMax - have);
      parts.push(part);
      have += part.length;
    }
    return have === 0 ? undefined : joined(parts, have);
  }

  /** Drops what the file has of the octets before `end`; answers how many that were. */
  dropBefore(end: number): number {
    let dropped = 0;
    for (let [first] = this.#pieces; first?.isWritten === true; [first] = this.#pieces) {
      if (first.offset + first.bytes.length > end) break;
      dropped += first.bytes.length;
      this.#pieces.shift();
    }
    return dropped;
  }
}
