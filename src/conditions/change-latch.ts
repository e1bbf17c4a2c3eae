/**
 * What has to be remembered of the changes that `changes` tests wait for (contract section 3): whether one has come, and
 * of earlier values just enough to see the next. Kept with the message, so it is small and seldom rewritten.
 */
import type { AttributeName } from '../model/presence-state.ts';
import type { ChangeTest, Condition } from './condition.ts';
import type { ConditionView } from './evaluate-condition.ts';
import { hasWord, haveSameWords, knownValues } from './word-match.ts';

/** Plain JSON. One for each change test of a condition, in the same order. */
export interface ChangeLatch {
  readonly isSet: boolean;
  /**
   * The values to compare the next with, as far as the test names them: after `from V` the last known ones among V and
   * W, after `to W` alone W if it is among the present ones, else all present ones. Absent when there are none.
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
 * when nothing has to be kept. Attributes that the sender may not see stay as they were seen last.
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
    const next = advanceLatch(test, latch, knownValues(view, test.attribute));
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
  return latch.last !== undefined && haveSameWords(latch.last, values) ? latch : { isSet: true };
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
  if (test.from === undefined && test.to === undefined) return { last: values };
  const last: string[] = [];
  if (test.from !== undefined && hasWord(values, test.from)) last.push(test.from);
  if (test.to !== undefined && hasWord(values, test.to)) last.push(test.to);
  return last.length === 0 ? {} : { last };
}
