/**
 * Counts for the metrics page. A hot path adds to a plain field; the page reads all of them when it is asked for.
 * A name is a Prometheus metric name, the label set is written out in the name: `sip_requests{method="MESSAGE"}`.
 */
export class Counters {
  readonly #values = new Map<string, { value: number }>();
  readonly #gauges = new Map<string, () => number>();

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

  *entries(): IterableIterator<{ name: string; kind: 'counter' | 'gauge'; value: number }> {
    for (const [name, cell] of this.#values) yield { name, kind: 'counter', value: cell.value };
    for (const [name, read] of this.#gauges) yield { name, kind: 'gauge', value: read() };
  }
}
