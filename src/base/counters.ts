/** Counts of everything that happens, and how long it took, for whoever runs the server. */

/** Upper bounds of the steps in milliseconds; what took longer is in one more step. */
export const durationBoundsMs: readonly number[] = [
  0.5, 1, 2, 3, 5, 8, 13, 20, 30, 50, 80, 130, 200, 300, 500, 800, 1300, 2000, 5000, 10_000,
];

/** How long things took, counted in fixed steps, so that adding one costs next to nothing however many there are. */
export class Durations {
  /** One for each bound, and one for what took longer. */
  readonly counts: number[] = Array.from({ length: durationBoundsMs.length + 1 }, () => 0);
  sumMs = 0;

  add(ms: number): void {
    let step = 0;
    while (step < durationBoundsMs.length && ms > (durationBoundsMs[step] ?? 0)) step += 1;
    this.counts[step] = (this.counts[step] ?? 0) + 1;
    this.sumMs += ms;
  }
}

/**
 * Counts for the metrics page. A hot path adds to a plain field; the page reads all of them when it is asked for.
 * A name is a Prometheus metric name, the label set is written out in the name: `sip_requests{method="MESSAGE"}`.
 */
export class Counters {
  readonly #values = new Map<string, { value: number }>();
  readonly #gauges = new Map<string, () => number>();
  readonly #durations = new Map<string, Durations>();

  /** The cell of one counter; keep it where the path is hot and add to `value`. */
  counter(name: string): { value: number } {
    let cell = this.#values.get(name);
    if (cell === undefined) {
      cell = { value: 0 };
      this.#values.set(name, cell);
    }
    return cell;
  }

  add(name: string, amount = 1): void {
    this.counter(name).value += amount;
  }

  /** A value that is computed when the page is read. */
  gauge(name: string, read: () => number): void {
    this.#gauges.set(name, read);
  }

  /** Where the times of one kind of work are counted; the name ends in `_seconds` and has no labels. Keep it like a cell. */
  durations(name: string): Durations {
    let durations = this.#durations.get(name);
    if (durations === undefined) {
      durations = new Durations();
      this.#durations.set(name, durations);
    }
    return durations;
  }

  allDurations(): IterableIterator<[name: string, durations: Durations]> {
    return this.#durations.entries();
  }

  *entries(): IterableIterator<{ name: string; kind: 'counter' | 'gauge'; value: number }> {
    for (const [name, cell] of this.#values) yield { name, kind: 'counter', value: cell.value };
    for (const [name, read] of this.#gauges) yield { name, kind: 'gauge', value: read() };
  }
}
