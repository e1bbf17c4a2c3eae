/** Random choices that a seed repeats (mulberry32). */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  /** A time or amount in between, hardly ever a whole number, so that nothing falls together by accident. */
  between(least: number, most: number): number {
    return least + this.fraction() * (most - least);
  }

  chance(percent: number): boolean {
    return this.fraction() * 100 < percent;
  }

  pick<T>(choices: readonly T[]): T {
    if (choices.length === 0) throw new Error('nothing to choose from');
    return choices[this.below(choices.length)] as T;
  }

  /** Of a table of choices with weights. */
  weighted<T>(choices: readonly (readonly [weight: number, choice: T])[]): T {
    let total = 0;
    for (const [weight] of choices) total += weight;
    let at = this.fraction() * total;
    for (const [weight, choice] of choices) {
      at -= weight;
      if (at < 0) return choice;
    }
    return this.pick(choices)[1];
  }

  /** Another source that this one decides, so that one consumer's draws do not move another's. */
  fork(): SeededRandom {
    return new SeededRandom(Math.floor(this.fraction() * 2 ** 32));
  }
}
