/**
 * Whether the change that somebody waits for has come (contract section 3, `changes`), by looking at every state of presence
 * in turn. Where the world cannot know which states the server has taken into account, all possibilities are kept.
 */
import type { ChangeWish, Values } from './wish.ts';

interface Memory {
  readonly hasCome: boolean;
  /** The newest values that were known, and what is published now. */
  readonly known: Values | undefined;
  readonly present: Values | undefined;
}

/** What may be seen of one attribute at one moment; `isHidden` when nothing may. */
export interface Glimpse {
  readonly isHidden: boolean;
  readonly values: Values | undefined;
}

export class ChangeMemory {
  readonly test: ChangeWish;
  #possible: readonly Memory[];
  /** What was certainly kept when the server had nothing left to write. */
  #secured: readonly Memory[];

  /** `lastKnown`: what the attribute may have been when it was last known. */
  constructor(test: ChangeWish, glimpses: readonly Glimpse[], lastKnown: readonly (Values | undefined)[]) {
    this.test = test;
    this.#possible = distinct(glimpses.flatMap((glimpse) => lastKnown.map((last) => begin(glimpse, last))));
    this.#secured = this.#possible;
  }

  /** Every answer that is possible. */
  get answers(): readonly boolean[] {
    const all = new Set(this.#possible.map(({ hasCome }) => hasCome));
    return [...all];
  }

  advance(glimpses: readonly Glimpse[]): void {
    const next = this.#possible.flatMap((memory) => glimpses.map((glimpse) => advance(this.test, memory, glimpse)));
    this.#possible = distinct(next);
  }

  secure(): void {
    this.#secured = this.#possible;
  }

  /** The server was killed: of what it had not yet written down, nobody knows how much it had. */
  forgetUnsecured(): void {
    this.#possible = distinct([...this.#possible, ...this.#secured]);
  }

  /** It is not known which states of presence the server has seen in between. */
  blur(): void {
    this.#possible = distinct(this.#possible.flatMap((memory) => [memory, { ...memory, hasCome: !memory.hasCome }]));
    this.#secured = this.#possible;
  }
}

function begin({ isHidden, values }: Glimpse, lastKnown: Values | undefined): Memory {
  const present = isHidden ? undefined : values;
  return { hasCome: false, known: present ?? (isHidden ? undefined : lastKnown), present };
}

function advance(test: ChangeWish, memory: Memory, { isHidden, values }: Glimpse): Memory {
  if (isHidden || isSame(memory.present, values)) return memory;
  const { from, to } = test;
  const had = (word: string): boolean => memory.known?.includes(word) === true;
  const was = (word: string): boolean => memory.present?.includes(word) === true;
  const is = (word: string): boolean => values?.includes(word) === true;
  // `from` compares with what was known last; without it a change from unknown counts too.
  const hasLeft = from === undefined || (had(from) && !is(from));
  const hasArrived = to === undefined || (!(from === undefined ? was(to) : had(to)) && is(to));
  const isFitting = values !== undefined && hasLeft && hasArrived;
  const isBack = (from !== undefined && is(from)) || (to !== undefined && !is(to));
  return {
    hasCome: isFitting || (memory.hasCome && !isBack),
    known: values ?? memory.known,
    present: values,
  };
}

function isSame(one: Values | undefined, other: Values | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.length === other.length && one.every((value) => other.includes(value));
}

function distinct(memories: readonly Memory[]): readonly Memory[] {
  if (memories.length < 2) return memories;
  const seen = new Map(memories.map((memory) => [JSON.stringify(memory), memory]));
  return [...seen.values()];
}
