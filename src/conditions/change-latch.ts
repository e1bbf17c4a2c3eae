/**
 * What has to be remembered of the changes that `changes` tests wait for (contract section 3): whether one has come, and
 * of earlier values just enough to see the next. Kept with the message, so it is small and seldom rewritten.
 */
import { canonicalWord, type AttributeName } from '../model/presence-state.ts';
import type { ChangeTest, Condition } from './condition.ts';
import type { ConditionView } from './word-match.ts';
import { hasWord, haveSameWords, knownValues } from './word-match.ts';

/** Plain JSON. One for each change test of a condition, in the same order. */
export interface ChangeLatch {
  readonly isSet: boolean;
  /**
   * The values to compare the next with, as far as the test names them: after `from V` the last known ones among V and
   * W, after `to W` alone W if it is among the present ones, else all present ones, or what stands for many of them.
   * Absent when there are none.
   */
  readonly last?: readonly string[];
}

/** The latches of a condition at its acceptance: nothing has changed yet. Both sources are as the sender may see them. */
export function seedLatches(
  condition: Condition,
  lastKnown: (attribute: AttributeName) => readonly string[] | undefined,
  view: ConditionView,
): ChangeLatch[] {
  return condition.changeTests.map((test) => {
    const present = view.mayRead(test.attribute) ? knownValues(view, test.attribute) : undefined;
    const known = test.from === undefined ? present : (present ?? lastKnown(test.attribute));
    return { isSet: false, ...rememberedOf(test, known) };
  });
}

/**
 * To be called for every accepted change of presence, in order, with the state right after it. Answers the same array
 * when nothing has to be kept. Attributes that the sender may not see stay as they were seen last, and so do those of
 * which nothing is known yet: presence that is still awaited has not become unknown (it is after a restart of the server).
 */
export function advanceLatches(
  condition: Condition,
  latches: readonly ChangeLatch[],
  view: ConditionView,
): readonly ChangeLatch[] {
  let advanced: ChangeLatch[] | undefined;
  for (const test of condition.changeTests) {
    const latch = latches[test.index];
    if (latch === undefined || !view.mayRead(test.attribute)) continue;
    const values = knownValues(view, test.attribute);
    if (values === undefined && !view.isSettled) continue;
    const next = advanceLatch(test, latch, values);
    if (next === latch) continue;
    advanced ??= [...latches];
    advanced[test.index] = next;
  }
  return advanced ?? latches;
}

function advanceLatch(test: ChangeTest, latch: ChangeLatch, values: readonly string[] | undefined): ChangeLatch {
  const { from, to } = test;
  if (from === undefined && to === undefined) return advanceAny(latch, values);
  const isSet = isFitting(test, latch, values) || (latch.isSet && !isUndone(test, values));
  // `from` compares with what was known last, so an unknown in between changes nothing of it.
  if (values === undefined && from !== undefined) return isSet === latch.isSet ? latch : { ...latch, isSet };
  const isSame =
    isSet === latch.isSet &&
    (from === undefined || hasWord(latch.last, from) === hasWord(values, from)) &&
    (to === undefined || hasWord(latch.last, to) === hasWord(values, to));
  return isSame ? latch : { isSet, ...rememberedOf(test, values) };
}

/** Any change does, and nothing undoes it: once set, there is nothing more to remember. */
function advanceAny(latch: ChangeLatch, values: readonly string[] | undefined): ChangeLatch {
  if (latch.isSet) return latch;
  if (values === undefined) return latch.last === undefined ? latch : { isSet: false };
  // Forgotten values are how an unknown is remembered, and a change from unknown counts.
  return latch.last !== undefined && haveSameWords(latch.last, shorten(values)) ? latch : { isSet: true };
}

/** Whether this is the change that the test waits for; one to unknown never is. */
function isFitting(test: ChangeTest, latch: ChangeLatch, values: readonly string[] | undefined): boolean {
  if (values === undefined) return false;
  const hasLeft = test.from === undefined || (hasWord(latch.last, test.from) && !hasWord(values, test.from));
  const hasCome = test.to === undefined || (!hasWord(latch.last, test.to) && hasWord(values, test.to));
  return hasLeft && hasCome;
}

/** Back at the `from` value, or away from the `to` value: from then on the test waits for the next change. */
function isUndone(test: ChangeTest, values: readonly string[] | undefined): boolean {
  return (
    (test.from !== undefined && hasWord(values, test.from)) || (test.to !== undefined && !hasWord(values, test.to))
  );
}

function rememberedOf(test: ChangeTest, values: readonly string[] | undefined): Pick<ChangeLatch, 'last'> {
  if (values === undefined) return {};
  if (test.from === undefined && test.to === undefined) return { last: shorten(values) };
  const last: string[] = [];
  if (test.from !== undefined && hasWord(values, test.from)) last.push(test.from);
  if (test.to !== undefined && hasWord(values, test.to)) last.push(test.to);
  return last.length === 0 ? {} : { last };
}

/** Of all values of an attribute; beyond it a number is kept that stands for them. A message may have 32 latches. */
export const rememberedCharactersMax = 256;

/** The values themselves where they are short, else 64 bits of them, whatever their order and spelling. */
function shorten(values: readonly string[]): readonly string[] {
  let characters = 0;
  for (const value of values) characters += value.length;
  if (characters <= rememberedCharactersMax) return values;
  let short = shortened.get(values);
  if (short === undefined) {
    short = [numberOf(values)];
    shortened.set(values, short);
  }
  return short;
}

/** One list is compared with the latches of every message that waits for its change. */
const shortened = new WeakMap<readonly string[], readonly string[]>();

/** Who publishes values that collide hides a change of their own: not for secrets. */
function numberOf(values: readonly string[]): string {
  let high = 0;
  let low = 0;
  for (const value of values) {
    let ofWord = value.length;
    let ofWordToo = ~value.length;
    const word = canonicalWord(value);
    for (let i = 0; i < word.length; i++) {
      const code = word.charCodeAt(i);
      ofWord = Math.imul(ofWord ^ code, 2_654_435_761);
      ofWordToo = Math.imul(ofWordToo ^ code, 1_597_334_677) ^ (ofWordToo >>> 15);
    }
    high = (high + ofWord) >>> 0;
    low = (low + ofWordToo) >>> 0;
  }
  return `${high.toString(36)}.${low.toString(36)}`;
}
