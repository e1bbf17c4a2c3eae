import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSameWord } from '../model/presence-state.ts';
import { advanceLatches, rememberedCharactersMax, seedLatches } from './change-latch.ts';
import type { ChangeLatch } from './change-latch.ts';
import type { ConditionView } from './word-match.ts';
import { parseCondition } from './parse-condition.ts';

/** The moods at one time; undefined is unknown. */
type Moods = readonly string[] | undefined;

/** A time after acceptance: `hidden` from the sender, or `awaited` from somebody who has just logged in. */
type Step = Moods | 'hidden' | 'awaited';

interface Bounds {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

function has(moods: Moods, mood: string): boolean {
  return moods?.some((one) => isSameWord(one, mood)) === true;
}

function areSame(one: readonly string[], other: readonly string[]): boolean {
  return one.every((mood) => has(other, mood)) && other.every((mood) => has(one, mood));
}

/** Contract section 3 read as a question about a whole history: was there a fitting change that nothing has undone since? */
function isTrueAtEnd(history: readonly Moods[], acceptedAt: number, bounds: Bounds): boolean {
  for (let at = history.length - 1; at >= acceptedAt; at--) {
    if (isFitting(history.slice(0, at), history[at], bounds)) return true;
    if (isUndoing(history[at], bounds)) return false;
  }
  return false;
}

function isFitting(earlier: readonly Moods[], moods: Moods, { from, to }: Bounds): boolean {
  if (moods === undefined) return false;
  const before = from === undefined ? earlier.at(-1) : earlier.findLast((each) => each !== undefined);
  if (from === undefined && to === undefined) return before === undefined || !areSame(before, moods);
  const hasLeft = from === undefined || (has(before, from) && !has(moods, from));
  const hasCome = to === undefined || (!has(before, to) && has(moods, to));
  return hasLeft && hasCome;
}

function isUndoing(moods: Moods, { from, to }: Bounds): boolean {
  return (from !== undefined && has(moods, from)) || (to !== undefined && !has(moods, to));
}

function viewOf(step: Step): ConditionView {
  return {
    values: () => (typeof step === 'string' ? undefined : step),
    mayRead: () => step !== 'hidden',
    isSettled: step !== 'awaited',
  };
}

/** Whether each step leaves the latch set, every latch kept as JSON in between. */
function play(bounds: Bounds, before: readonly Moods[], after: readonly Step[]): boolean[] {
  const { from, to } = bounds;
  const text = `mood changes${from === undefined ? '' : ` from ${from}`}${to === undefined ? '' : ` to ${to}`}`;
  const parsed = parseCondition(text);
  if (!parsed.ok) throw new Error(parsed.error.reason);
  const lastKnown = before.findLast((moods) => moods !== undefined);
  let latches: readonly ChangeLatch[] = seedLatches(parsed.value, () => lastKnown, viewOf(before.at(-1)));
  return after.map((step) => {
    latches = JSON.parse(JSON.stringify(advanceLatches(parsed.value, latches, viewOf(step)))) as ChangeLatch[];
    return latches[0]?.isSet === true;
  });
}

const long = 'x'.repeat(rememberedCharactersMax);
const spellings = fc.constantFrom('angry', 'ANGRY', 'happy', 'in_love', 'In-Love', 'sad', `${long}-a`, `${long}_b`);
const someMoods = fc.uniqueArray(spellings, {
  minLength: 1,
  maxLength: 3,
  selector: (mood) => mood.toLowerCase().replaceAll('_', '-'),
});
const moods: fc.Arbitrary<Moods> = fc.oneof({ weight: 4, arbitrary: someMoods }, fc.constant(undefined));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: moods },
  fc.constant<'hidden' | 'awaited'>('hidden'),
  fc.constant<'hidden' | 'awaited'>('awaited'),
);
const bound = fc.option(fc.constantFrom('angry', 'happy', 'in-love', 'Sad'), { nil: undefined });

describe('the latch of a change', () => {
  it('agrees with the whole history', () => {
    let set = 0;
    fc.assert(
      fc.property(
        fc.record({ from: bound, to: bound }),
        fc.array(moods, { minLength: 1, maxLength: 4 }),
        fc.array(step, { maxLength: 8 }),
        (bounds, before, after) => {
          const seen: Moods[] = [...before];
          const expected = after.map((each) => {
            if (typeof each !== 'string') seen.push(each);
            return isTrueAtEnd(seen, before.length, bounds);
          });
          const found = play(bounds, before, after);
          set += found.filter(Boolean).length;
          expect(found).toEqual(expected);
        },
      ),
      { numRuns: 3000 },
    );
    // It would agree with anything if nothing ever changed.
    expect(set).toBeGreaterThan(1000);
  });
});
