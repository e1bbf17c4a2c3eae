/** Conditions at work: compiled once for each text, evaluated on what one sender may see. */
import { assert } from '../../base/assert.ts';
import type { Millis } from '../../base/clock.ts';
import type { Result } from '../../base/result.ts';
import { advanceLatches, type ChangeLatch } from '../../conditions/change-latch.ts';
import type { Condition, ConditionFault } from '../../conditions/condition.ts';
import { type ConditionView, evaluateCondition } from '../../conditions/evaluate-condition.ts';
import { nextTurn } from '../../conditions/next-turn.ts';
import { parseCondition } from '../../conditions/parse-condition.ts';
import type { AttributeName } from '../../model/presence-state.ts';
import type { VisiblePresence } from '../ports.ts';

/** Compiled conditions kept; at the limit the book starts anew. */
export const compiledMax = 4096;

export interface Evaluation {
  readonly holds: boolean;
  readonly latches: readonly ChangeLatch[];
  readonly turnsAt: Millis | undefined;
}

export class ConditionBook {
  readonly #compiled = new Map<string, Condition>();

  /** For a text from outside. */
  parse(text: string): Result<Condition, ConditionFault> {
    const known = this.#compiled.get(text);
    if (known !== undefined) return { ok: true, value: known };
    const parsed = parseCondition(text);
    if (parsed.ok) this.#keep(text, parsed.value);
    return parsed;
  }

  /** For a text that this server stored: it was parsed when it was accepted. */
  compiled(text: string): Condition {
    const parsed = this.parse(text);
    assert(parsed.ok, `a stored condition does not parse: ${text}`);
    return parsed.value;
  }

  /** Takes one presence state into account: latches first, since a change may make the condition true by itself. */
  advance(text: string, latches: readonly ChangeLatch[], visible: VisiblePresence, now: Millis): Evaluation {
    const condition = this.compiled(text);
    const view = new VisibleView(visible);
    const advanced = condition.changeTests.length === 0 ? latches : advanceLatches(condition, latches, view);
    return {
      holds: evaluateCondition(condition, view, advanced, now),
      latches: advanced,
      turnsAt: condition.hasTimeTest ? nextTurn(condition, now) : undefined,
    };
  }

  holds(text: string, latches: readonly ChangeLatch[], visible: VisiblePresence, now: Millis): boolean {
    return evaluateCondition(this.compiled(text), new VisibleView(visible), latches, now);
  }

  #keep(text: string, condition: Condition): void {
    if (this.#compiled.size >= compiledMax) this.#compiled.clear();
    this.#compiled.set(text, condition);
    if (condition.text !== text) this.#compiled.set(condition.text, condition);
  }
}

export class VisibleView implements ConditionView {
  readonly #visible: VisiblePresence;

  constructor(visible: VisiblePresence) {
    this.#visible = visible;
  }

  get isSettled(): boolean {
    return this.#visible.isSettled;
  }

  values(attribute: AttributeName): readonly string[] | undefined {
    return this.#visible.state.get(attribute);
  }

  mayRead(attribute: AttributeName): boolean {
    return this.#visible.mayRead(attribute);
  }
}
