/** Durations of one run and their quantiles by nearest rank: the smallest value that at least q of all do not exceed. */

export interface Quantiles {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

export class Latencies {
  readonly #values: Float64Array;
  #count = 0;

  /** `countMax` are kept; what comes after them is left out. */
  constructor(countMax: number) {
    this.#values = new Float64Array(countMax);
  }

  get count(): number {
    return this.#count;
  }

  add(ms: number): void {
    if (this.#count < this.#values.length) this.#values[this.#count++] = ms;
  }

  /** Undefined when there is nothing to tell of. */
  quantiles(): Quantiles | undefined {
    if (this.#count === 0) return undefined;
    const sorted = this.#values.slice(0, this.#count).sort();
    return { p50Ms: atRank(sorted, 0.5), p99Ms: atRank(sorted, 0.99), maxMs: atRank(sorted, 1) };
  }
}

function atRank(sorted: Float64Array, quantile: number): number {
  return sorted[Math.max(0, Math.ceil(quantile * sorted.length) - 1)] ?? 0;
}
