/**
 * Lets conditional acceptances of one recipient pass side by side, and changes of that recipient's presence one by one and
 * alone, all in the order of their arrival. So no change falls between the evaluation of a condition and its commit.
 */
export class Turnstile {
  #sharedOpen = 0;
  /** Whatever comes next waits for this; undefined when the way is free. */
  #tail: Promise<void> | undefined;
  #exclusiveQueued = 0;
  #whenSharedEnded: (() => void) | undefined;

  /** A change is being worked on or stands in line. */
  get isBusy(): boolean {
    return this.#exclusiveQueued > 0;
  }

  get isIdle(): boolean {
    return this.#exclusiveQueued === 0 && this.#sharedOpen === 0;
  }

  /** Resolves when every change that stands in line now is worked in. */
  async passed(): Promise<void> {
    while (this.#tail !== undefined) await this.#tail;
  }

  async shared<T>(work: () => Promise<T>): Promise<T> {
    // Not by way of `passed`: nothing may begin between the end of the line and the count.
    while (this.#tail !== undefined) await this.#tail;
    this.#sharedOpen += 1;
    try {
      return await work();
    } finally {
      this.#sharedOpen -= 1;
      if (this.#sharedOpen === 0) this.#whenSharedEnded?.();
    }
  }

  async exclusive(work: () => Promise<void>): Promise<void> {
    this.#exclusiveQueued += 1;
    const before = this.#tail;
    const turn = this.#runAlone(before, work);
    // The line goes on whatever becomes of one turn; the caller of that turn gets its fault.
    const tail: Promise<void> = turn.then(
      () => this.#endTurn(tail),
      () => this.#endTurn(tail),
    );
    this.#tail = tail;
    return turn;
  }

  async #runAlone(before: Promise<void> | undefined, work: () => Promise<void>): Promise<void> {
    if (before !== undefined) await before;
    if (this.#sharedOpen > 0) {
      await new Promise<void>((resolve) => {
        this.#whenSharedEnded = resolve;
      });
      this.#whenSharedEnded = undefined;
    }
    await work();
  }

  #endTurn(tail: Promise<void>): void {
    this.#exclusiveQueued -= 1;
    if (this.#tail === tail) this.#tail = undefined;
  }
}
