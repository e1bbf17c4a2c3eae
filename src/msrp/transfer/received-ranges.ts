/** Which octets of a message have arrived: ranges in order, none touching another. The first octet is number 1. */

/** Gaps that one message may have at once; more is nobody's network but somebody's attack. */
export const rangesMax = 256;

interface Range {
  readonly start: number;
  readonly end: number;
}

export class ReceivedRanges {
  #ranges: Range[] = [];

  /** False at `rangesMax`: nothing was added. An empty range changes nothing. */
  add(start: number, end: number): boolean {
    if (end < start) return true;
    let [low, high] = [start, end];
    const rest: Range[] = [];
    for (const range of this.#ranges) {
      if (range.end < low - 1 || range.start > high + 1) rest.push(range);
      else [low, high] = [Math.min(low, range.start), Math.max(high, range.end)];
    }
    if (rest.length >= rangesMax) return false;
    rest.push({ start: low, end: high });
    this.#ranges = rest.sort((one, other) => one.start - other.start);
    return true;
  }

  /** Whether everything up to `total` is there. */
  covers(total: number): boolean {
    return total === 0 || this.contiguousEnd >= total;
  }

  /** The last octet before the first gap; 0 when the first octet is missing. */
  get contiguousEnd(): number {
    const first = this.#ranges[0];
    return first?.start === 1 ? first.end : 0;
  }

  /** The last octet of all. */
  get highest(): number {
    return this.#ranges.at(-1)?.end ?? 0;
  }
}
