import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerBytesMax, bytesOf, cutAnswer, shorten } from './answer-text.ts';
import { helpPages, welcome } from './acts/help-pages.ts';

describe('cutAnswer', () => {
  it('leaves what fits, and cuts one byte more', () => {
    expect(cutAnswer(['x'.repeat(answerBytesMax)])).toEqual({ text: 'x'.repeat(answerBytesMax), rest: [] });
    const { text, rest } = cutAnswer(['x'.repeat(answerBytesMax + 1)]);
    expect(text).toMatch(/^x+\n\(say "more" for the rest\)$/);
    expect(bytesOf(text)).toBeLessThanOrEqual(answerBytesMax);
    expect(rest).toHaveLength(1);
  });

  it('cuts between lines, loses nothing and comes to an end', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 900 })), (texts) => {
        const lines = texts.map((text) => text.replaceAll('\n', ' '));
        let rest: readonly string[] = lines;
        let whole = '';
        for (let round = 0; rest.length > 0 && round < 500; round += 1) {
          const cut = cutAnswer(rest);
          expect(bytesOf(cut.text)).toBeLessThanOrEqual(answerBytesMax);
          whole += cut.text.replace('(say "more" for the rest)', '').replaceAll('\n', '');
          rest = cut.rest;
        }
        expect([rest.length, whole]).toEqual([0, lines.join('')]);
      }),
    );
  });

  it('is never needed for help', () => {
    for (const page of [welcome, ...Object.values(helpPages)]) expect(cutAnswer(page).rest).toEqual([]);
  });
});

describe('shorten', () => {
  it.each([
    ['a b', 3, 'a b'],
    ['a\r\n\u0007 b', 9, 'a b'],
    ['abcd', 3, 'ab…'],
    ['ab😀d', 4, 'ab…'],
  ])('%j to %i is %j', (text, max, short) => {
    expect(shorten(text, max)).toBe(short);
  });
});
