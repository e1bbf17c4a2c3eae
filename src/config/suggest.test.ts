import { describe, expect, it } from 'vitest';
import { formatSuggestion, suggestWord } from './suggest.ts';

const known = ['domain', 'data', 'sip', 'answer-within', 'deliver-on'];

describe('suggestWord', () => {
  it.each([
    ['domian', 'domain'],
    ['domains', 'domain'],
    ['Domain', 'domain'],
    ['answer_within', 'answer-within'],
    ['awnser-witin', 'answer-within'],
    ['dta', 'data'],
    ['colour', undefined],
    ['x', undefined],
    ['tip', 'sip'],
    ['http', undefined],
  ])('%s: %s', (word, meant) => {
    expect(suggestWord(word, known)).toBe(meant);
  });
});

describe('formatSuggestion', () => {
  it('is nothing when nothing is near', () => {
    expect(formatSuggestion('dmain', known)).toBe(' (did you mean domain?)');
    expect(formatSuggestion('zzz', known)).toBe('');
  });
});
