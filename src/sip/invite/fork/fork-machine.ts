/**
 * One call to several destinations (RFC 3261 16.6, 16.7): those of the highest q at once, then the next; the first that answers
 * takes it; 6xx ends all. A pure machine; the branches are numbers here.
 */
import type { Millis } from '../../../base/time/clock.ts';

export type ForkState = 'ringing' | 'answered' | 'failed';
export type ForkInput =
  | { readonly kind: 'begin' }
  | { readonly kind: 'answered'; readonly branch: number }
  | { readonly kind: 'failed'; readonly branch: number; readonly isGlobal: boolean }
  | { readonly kind: 'cancel' }
  | { readonly kind: 'tick' };
export type ForkOutput =
  | { readonly kind: 'call'; readonly branch: number }
  | { readonly kind: 'cancel'; readonly branch: number }
  /** Nobody took it. */
  | { readonly kind: 'tell-failed'; readonly why: ForkEnd };
/** `refused`: all have failed, or one for all; `time-limit`: nobody answered in time. */
export type ForkEnd = 'refused' | 'time-limit' | 'cancelled';

export class ForkMachine {
  readonly #groups: readonly (readonly number[])[];
  readonly #endAt: Millis;
  readonly #open = new Set<number>();
  #state: ForkState = 'ringing';
  #next = 0;

  /** `priorities`: of each branch, 0 to 1. */
  constructor(priorities: readonly number[], limitMs: Millis, now: Millis) {
    this.#groups = groupByPriority(priorities);
    this.#endAt = now + limitMs;
  }

  get state(): ForkState {
    return this.#state;
  }

  deadline(): Millis | undefined {
    return this.#state === 'ringing' ? this.#endAt : undefined;
  }

  handle(input: ForkInput, now: Millis): ForkOutput[] {
    if (input.kind === 'failed') this.#open.delete(input.branch);
    if (this.#state !== 'ringing') return [];
    switch (input.kind) {
      case 'begin':
        return this.#callNext();
      case 'answered':
        this.#state = 'answered';
        this.#open.delete(input.branch);
        return this.#cancelOpen();
      case 'failed':
        if (input.isGlobal) return this.#fail('refused');
        return this.#open.size > 0 ? [] : this.#callNext();
      case 'cancel':
        return this.#fail('cancelled');
      default:
        return now >= this.#endAt ? this.#fail('time-limit') : [];
    }
  }

  #callNext(): ForkOutput[] {
    const group = this.#groups[this.#next];
    if (group === undefined) return this.#fail('refused');
    this.#next += 1;
    for (const branch of group) this.#open.add(branch);
    return group.map((branch) => ({ kind: 'call', branch }));
  }

  #fail(why: ForkEnd): ForkOutput[] {
    this.#state = 'failed';
    return [...this.#cancelOpen(), { kind: 'tell-failed', why }];
  }

  #cancelOpen(): ForkOutput[] {
    const outputs = [...this.#open].map((branch) => ({ kind: 'cancel', branch }) as const);
    this.#open.clear();
    return outputs;
  }
}

/** The highest first. */
function groupByPriority(priorities: readonly number[]): number[][] {
  const levels = [...new Set(priorities)].sort((a, b) => b - a);
  return levels.map((level) => priorities.flatMap((priority, branch) => (priority === level ? [branch] : [])));
}
