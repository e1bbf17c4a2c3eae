import { describe, expect, it } from 'vitest';
import { advanceLatches, rememberedCharactersMax, seedLatches } from './change-latch.ts';
import type { ChangeLatch } from './change-latch.ts';
import type { Condition } from './condition.ts';
import type { ConditionView } from './word-match.ts';
import { parseCondition } from './parse-condition.ts';

function parse(text: string): Condition {
  const result = parseCondition(text);
  if (!result.ok) throw new Error(result.error.reason);
  return result.value;
}

/** `?` is unknown, `!` is not known yet, `-` is hidden from the sender, `a+b` are two values at once. */
function viewOf(mood: string): ConditionView {
  const values = ['?', '!', '-'].includes(mood) ? undefined : mood.split('+');
  return {
    values: (attribute) => (attribute === 'mood' ? values : undefined),
    mayRead: () => mood !== '-',
    isSettled: mood !== '!',
  };
}

/** The moods before acceptance, then `|`, then those after it, each with `*` where the latch is set. */
function play(test: string, story: string): string {
  const condition = parse(test);
  const [before = '', after = ''] = story.split('|').map((part) => part.trim());
  const earlier = before.split(/\s+/);
  const known = earlier.findLast((mood) => mood !== '?' && mood !== '-');
  let latches: readonly ChangeLatch[] = seedLatches(condition, () => known?.split('+'), viewOf(earlier.at(-1) ?? '?'));
  const seen = after.split(/\s+/).map((step) => {
    const mood = step.replace('*', '');
    latches = advanceLatches(condition, latches, viewOf(mood));
    // What is kept is JSON: each step goes through it.
    latches = JSON.parse(JSON.stringify(latches)) as ChangeLatch[];
    return latches[0]?.isSet === true ? `${mood}*` : mood;
  });
  return `${before} | ${seen.join(' ')}`;
}

const stories: readonly (readonly [test: string, story: string, why: string])[] = [
  ['mood changes', 'angry | angry happy* angry* ?* happy*', 'any change counts and nothing undoes it'],
  ['mood changes', 'angry | ANGRY Angry happy*', 'another spelling is no change'],
  ['mood changes', 'in-love | in_love IN_LOVE sad*', '_ equals -'],
  ['mood changes', '? | ? angry*', 'a change from unknown counts'],
  ['mood changes', 'angry ? | ? angry*', 'a change from unknown counts, also back to what was known last'],
  ['mood changes', 'angry | ? angry*', 'a change from unknown counts, also when it became so after acceptance'],
  ['mood changes', 'angry | ? ?', 'a change to unknown never counts'],
  ['mood changes', 'a+b | b+a a+b', 'the order of values is no change'],
  ['mood changes', 'a+b | a*', 'one value less is a change'],
  ['mood changes', 'a | a+b*', 'one value more is a change'],
  ['mood changes', 'a+b | a+c*', 'another value is a change'],

  ['mood changes from angry', 'angry | happy* sad* ?*', 'it stays true until the attribute goes back'],
  ['mood changes from angry', 'angry | happy* angry happy*', 'back at the from value it waits for the next'],
  ['mood changes from angry', 'happy | sad happy ? sad', 'a change from something else does not count'],
  ['mood changes from angry', 'happy | angry happy*', 'it may become angry after acceptance'],
  ['mood changes from angry', 'angry | ? ? happy*', 'angry, offline, happy is a change from angry'],
  ['mood changes from angry', 'angry ? | happy*', 'angry and offline before acceptance, then happy'],
  ['mood changes from angry', 'angry ? | angry happy*', 'angry, offline, angry is none'],
  ['mood changes from angry', 'angry | ? angry', 'angry, offline, angry is none'],
  ['mood changes from angry', '? | happy', 'nothing was known'],
  ['mood changes from angry', 'angry | ?', 'a change to unknown never counts'],
  ['mood changes from ANGRY', 'Angry | angry happy* aNGRY', 'case does not count'],
  ['mood changes from angry', 'angry+sad | sad* angry+sad', 'among several: it was among them and no longer is'],
  ['mood changes from angry', 'angry+sad | angry angry+happy happy*', 'among several: it still is'],
  ['mood changes from angry', 'angry | sad* ?* angry', 'back by way of unknown'],
  ['mood changes from angry', 'angry | sad* ?* sad*', 'an unknown is not going back'],

  ['mood changes to happy', 'angry | sad happy* happy*', 'it was not and now is'],
  ['mood changes to happy', 'happy | happy', 'it was already'],
  ['mood changes to happy', 'happy | sad happy* sad happy*', 'leaving the to value it waits for the next'],
  ['mood changes to happy', '? | happy*', 'a change from unknown counts'],
  ['mood changes to happy', 'happy ? | happy*', 'a change from unknown counts, whatever was known before'],
  ['mood changes to happy', 'happy | ? happy*', 'a change from unknown counts, after acceptance'],
  ['mood changes to happy', 'sad | happy* ? ? happy*', 'an unknown leaves the to value'],
  ['mood changes to happy', 'sad | happy+sad* happy* sad', 'among several: as long as it is among them'],
  ['mood changes to happy', 'happy+sad | happy sad+happy', 'among several: it was already'],

  ['mood changes from angry to happy', 'angry | happy* sad happy', 'from one to the other; the next needs angry again'],
  ['mood changes from angry to happy', 'angry | happy* angry happy*', 'back at from, then the next'],
  ['mood changes from angry to happy', 'angry | sad happy', 'by way of another mood it is not from angry'],
  ['mood changes from angry to happy', 'angry | ? happy*', 'from compares with the last known value'],
  [
    'mood changes from angry to happy',
    'angry | happy* ? happy',
    'unknown leaves the to value, and happy was known last',
  ],
  ['mood changes from angry to happy', '? | happy', 'never angry'],
  ['mood changes from angry to happy', 'angry+happy | happy', 'happy was among them'],
  ['mood changes from angry to happy', 'angry | angry+happy happy', 'not both at once'],
  ['mood changes from angry to happy', 'angry+sad | happy+sad*', 'among several, both at once'],
  ['mood changes from angry to angry', 'angry | sad angry sad', 'nothing leaves a value by coming to it'],

  ['mood changes', 'angry | ! angry happy*', 'what is not known yet is not unknown'],
  ['mood changes', 'angry | ! ? angry*', 'when nothing came of it, it is'],
  ['mood changes to happy', 'happy | ! happy', 'not known yet has not left the to value'],
  ['mood changes to happy', 'sad | happy* !* happy*', 'not known yet undoes nothing'],
  ['mood changes from angry', 'angry | ! happy*', 'and from compares with what was known last'],

  ['mood changes from angry', 'angry | - happy*', 'what was hidden meanwhile counts when it shows'],
  ['mood changes from angry', 'angry | - angry', 'hidden, and the same again'],
  ['mood changes from angry', 'angry | happy* -* happy*', 'hiding undoes nothing'],
  ['mood changes', 'angry | - angry happy*', 'hidden is not unknown'],
  ['mood changes to happy', 'happy | - happy', 'hidden is not unknown'],
];

describe('a latch', () => {
  it.each(stories)('%s: %s (%s)', (test, story) => {
    expect(play(test, story)).toBe(story);
  });
});

describe('online', () => {
  it('is false, not unknown, when nobody says', () => {
    const condition = parse('online changes to true or online changes');
    const offline: ConditionView = { values: () => undefined, mayRead: () => true, isSettled: true };
    const online: ConditionView = { ...offline, values: () => ['true'] };
    const latches = seedLatches(condition, () => undefined, offline);
    expect(advanceLatches(condition, latches, offline)).toBe(latches);
    expect(advanceLatches(condition, latches, online).map(({ isSet }) => isSet)).toEqual([true, true]);
  });
});

describe('seedLatches', () => {
  it('makes one latch for each change test, in order', () => {
    const condition = parse('mood changes or mood is sad and mood changes from angry');
    expect(seedLatches(condition, () => ['angry'], viewOf('?'))).toEqual([
      { isSet: false },
      { isSet: false, last: ['angry'] },
    ]);
    expect(seedLatches(parse('online'), () => undefined, viewOf('?'))).toEqual([]);
  });

  it('takes nothing from an attribute that the sender may not see', () => {
    const hidden: ConditionView = { values: () => ['angry'], mayRead: () => false, isSettled: true };
    expect(seedLatches(parse('mood changes'), () => undefined, hidden)).toEqual([{ isSet: false }]);
  });

  it('keeps no more than the words that the test names, however much is published', () => {
    const many = Array.from({ length: 1000 }, (_, at) => `mood${at}`);
    const view: ConditionView = { values: () => [...many, 'ANGRY'], mayRead: () => true, isSettled: true };
    expect(seedLatches(parse('mood changes from angry to sad'), () => undefined, view)).toEqual([
      { isSet: false, last: ['angry'] },
    ]);
  });
});

describe('a latch of any change', () => {
  const condition = parse('mood changes');
  const viewOfMoods = (moods: readonly string[]): ConditionView => ({
    values: () => moods,
    mayRead: () => true,
    isSettled: true,
  });
  const changesTo = (before: readonly string[], after: readonly string[]): boolean => {
    const latches = seedLatches(condition, () => undefined, viewOfMoods(before));
    return advanceLatches(condition, latches, viewOfMoods(after))[0]?.isSet === true;
  };
  const many = Array.from({ length: 60 }, (_, at) => `${'mood_'.repeat(200)}${at}`);

  it('keeps what is short as it is, at the limit and one past it', () => {
    const kept = (characters: number): readonly string[] | undefined =>
      seedLatches(condition, () => undefined, viewOfMoods(['x'.repeat(characters - 1), 'y']))[0]?.last;
    expect(kept(rememberedCharactersMax)).toEqual(['x'.repeat(rememberedCharactersMax - 1), 'y']);
    expect(kept(rememberedCharactersMax + 1)?.join('').length).toBeLessThan(20);
  });

  it('keeps little, however much is published', () => {
    expect(JSON.stringify(seedLatches(condition, () => undefined, viewOfMoods(many))).length).toBeLessThan(60);
  });

  it('sees every change of much, and none in another order or spelling', () => {
    expect(changesTo(many, [...many])).toBe(false);
    expect(changesTo(many, many.map((word) => word.toUpperCase().replaceAll('_', '-')).toReversed())).toBe(false);
    for (const [at, word] of many.entries()) {
      expect(changesTo(many, many.with(at, `${word}a`))).toBe(true);
      expect(changesTo(many, many.with(at, word.replace('mood', 'moot')))).toBe(true);
      expect(changesTo(many, many.toSpliced(at, 1))).toBe(true);
    }
    expect(changesTo(many, ['sad'])).toBe(true);
    expect(changesTo(['sad'], many)).toBe(true);
  });
});

describe('advanceLatches', () => {
  it.each([
    ['mood changes from angry', 'happy', 'sad'],
    ['mood changes from angry', 'angry', '?'],
    ['mood changes from angry', 'angry', 'angry+sad'],
    ['mood changes to happy', 'sad', '?'],
    ['mood changes to happy', 'happy', 'happy+sad'],
    ['mood changes', 'happy', 'HAPPY'],
    ['mood changes', '?', '?'],
  ])('answers the same array when nothing has to be kept: %s, %s, %s', (test, before, after) => {
    const condition = parse(test);
    const latches = seedLatches(condition, () => undefined, viewOf(before));
    expect(advanceLatches(condition, latches, viewOf(after))).toBe(latches);
  });

  it('changes none of what it is given, and only the latches that the change concerns', () => {
    const condition = parse('mood changes from angry or mood changes to happy or mood changes from sad');
    const latches = seedLatches(condition, () => undefined, viewOf('angry'));
    const copy = structuredClone(latches);
    const advanced = advanceLatches(condition, latches, viewOf('bored'));
    expect(advanced.map(({ isSet }) => isSet)).toEqual([true, false, false]);
    expect(advanced[1]).toBe(latches[1]);
    expect(advanced[2]).toBe(latches[2]);
    expect(latches).toEqual(copy);
  });

  it('counts every change of a burst', () => {
    expect(play('mood changes to happy', 'sad | angry happy* sad')).toBe('sad | angry happy* sad');
    const condition = parse('mood changes from angry');
    let latches: readonly ChangeLatch[] = seedLatches(condition, () => undefined, viewOf('sad'));
    for (const mood of ['angry', 'happy', 'sad', 'bored']) latches = advanceLatches(condition, latches, viewOf(mood));
    expect(latches).toEqual([{ isSet: true }]);
  });
});
