import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { haveSameValues, isSameWord } from '../model/presence-state.ts';
import { nearestWord, suggestAttribute } from './attribute-words.ts';
import { hasWord, haveSameWords } from './word-match.ts';

const letter = fc.constantFrom(
  'a',
  'A',
  'b',
  '_',
  '-',
  'i',
  'I',
  'İ',
  'ı',
  'k',
  '\u212A',
  'ß',
  'ẞ',
  'Σ',
  'ς',
  '\u0307',
);
const word = fc.string({ unit: letter, maxLength: 5 });

describe('hasWord', () => {
  it('is the relation of the model, spelled without making strings', () => {
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(hasWord([a], b)).toBe(isSameWord(a, b));
      }),
      { numRuns: 3000 },
    );
  });

  it('finds nothing in nothing', () => {
    expect(hasWord(undefined, 'a')).toBe(false);
    expect(hasWord([], 'a')).toBe(false);
    expect(hasWord(['b', 'A'], 'a')).toBe(true);
  });
});

describe('haveSameWords', () => {
  it('agrees with the model where no value is there twice', () => {
    const words = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd'), { minLength: 1 });
    fc.assert(
      fc.property(words, words, (a, b) => {
        const loud = b.map((each) => each.toUpperCase());
        expect(haveSameWords(a, loud)).toBe(haveSameValues(a, b));
      }),
    );
  });

  it('tells apart which value is there twice', () => {
    expect(haveSameWords(['a', 'a'], ['a', 'b'])).toBe(false);
    expect(haveSameWords(['a', 'b'], ['a', 'a'])).toBe(false);
  });
});

describe('the word that was probably meant', () => {
  it.each([
    ['avialability', 'availability'],
    ['Place_Typ', 'place-type'],
    ['modo', 'mood'],
    ['activities', 'activity'],
    ['status_texts', 'status-text'],
    ['weather', undefined],
    ['m', undefined],
    ['', undefined],
  ])('%s: %s', (typed, meant) => {
    expect(suggestAttribute(typed)).toBe(meant);
  });

  it('is at most two letters away', () => {
    expect(nearestWord('availabxyle', ['available'])).toBe('available');
    expect(nearestWord('availabxyzle', ['available'])).toBeUndefined();
  });
});
