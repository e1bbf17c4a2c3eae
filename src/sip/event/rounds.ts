/**
 * Telling many of one thing: some in one turn, the rest in the next ones, so that whatever else has come goes between. Who
 * comes or goes meanwhile is the affair of whoever tells.
 */
import type { Clock } from '../../base/time/clock.ts';
import type { Timers } from '../../base/time/timers.ts';

/** Told in one turn. */
export const toldAtOnceMax = 100;

export class Rounds<T> {
  readonly #time: { readonly timers: Timers; readonly clock: Clock };
  readonly #tell: (one: T) => void;
  /** By name, the rounds that are not over: whether there is news again for those who were told already. */
  readonly #open = new Map<string, { hasNews: boolean }>();

  constructor(time: { readonly timers: Timers; readonly clock: Clock }, tell: (one: T) => void) {
    this.#time = time;
    this.#tell = tell;
  }

  /** `name` stands for what `all` are told of: while a round of it goes on, another one only follows it, once. */
  begin(name: string, all: () => ReadonlySet<T>): void {
    const open = this.#open.get(name);
    if (open === undefined) this.#begin(name, all);
    else open.hasNews = true;
  }

  #begin(name: string, all: () => ReadonlySet<T>): void {
    const members = all();
    if (members.size <= toldAtOnceMax) {
      for (const one of members) this.#tell(one);
      return;
    }
    const round = { hasNews: false };
    this.#open.set(name, round);
    this.#go([...members], 0, () => {
      this.#open.delete(name);
      if (round.hasNews) this.#begin(name, all);
    });
  }

  #go(members: readonly T[], from: number, finish: () => void): void {
    const next = from + toldAtOnceMax;
    for (const one of members.slice(from, next)) this.#tell(one);
    if (next >= members.length) finish();
    else this.#time.timers.at(this.#time.clock.monotonic(), () => this.#go(members, next, finish));
  }
}
