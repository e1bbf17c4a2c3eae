/** Conditions at work: compiled once for each text, evaluated on what one sender may see. */
import type { Millis } from '../../base/time/clock.ts';
import type { Result } from '../../base/result.ts';
import { advanceLatches, type ChangeLatch } from '../../conditions/change-latch.ts';
import type { Condition, ConditionFault } from '../../conditions/condition.ts';
import { evaluateCondition } from '../../conditions/evaluate-condition.ts';
import type { ConditionView } from '../../conditions/word-match.ts';
import { nextTurn } from '../../conditions/next-turn.ts';
import { parseCondition } from '../../conditions/parse-condition.ts';
import type { AttributeName } from '../../model/presence-state.ts';
import { allMentions, type Mentions, mentionsOf } from '../mentions.ts';
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

  /**
   * For a text that was parsed when it was accepted. Undefined where it cannot be read any more: a zone that a newer
   * version of the platform has lost.
   */
  compiled(text: string): Condition | undefined {
    const parsed = this.parse(text);
    return parsed.ok ? parsed.value : undefined;
  }

  /** What it turns on. */
  mentions(text: string): Mentions {
    const condition = this.compiled(text);
    return condition === undefined ? allMentions : mentionsOf(condition);
  }

  /** Takes one presence state into account: latches first, since a change may make the condition true by itself. */
  advance(text: string, latches: readonly ChangeLatch[], visible: VisiblePresence, now: Millis): Evaluation {
    const condition = this.compiled(text);
    if (condition === undefined) return { holds: false, latches, turnsAt: undefined };
    const view = new VisibleView(visible);
    const advanced = condition.changeTests.length === 0 ? latches : advanceLatches(condition, latches, view);
    return {
      holds: evaluateCondition(condition, view, advanced, now),
      latches: advanced,
      turnsAt: condition.hasTimeTest ? nextTurn(condition, now) : undefined,
    };
  }

  /** The latches after several presence states, in order, when it does not matter whether the condition held in between. */
  passThrough(
    text: string,
    latches: readonly ChangeLatch[],
    states: readonly VisiblePresence[],
  ): readonly ChangeLatch[] {
    const condition = states.length === 0 ? undefined : this.compiled(text);
    if (condition === undefined) return latches;
    return states.reduce((passed, visible) => advanceLatches(condition, passed, new VisibleView(visible)), latches);
  }

  holds(text: string, latches: readonly ChangeLatch[], visible: VisiblePresence, now: Millis): boolean {
    const condition = this.compiled(text);
    return condition !== undefined && evaluateCondition(condition, new VisibleView(visible), latches, now);
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
