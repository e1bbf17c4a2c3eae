import { describe, expect, it } from 'vitest';
import { refuse } from '../sip-answer.ts';
import { answerList, type CopyOutcome, namedMax } from './list-outcome.ts';

const taken: CopyOutcome = { uri: 'sip:a@x', answer: { status: 200, headers: [] }, isPassing: false };
const unknown = (uri: string): CopyOutcome => ({ uri, answer: refuse(404, 'no such recipient'), isPassing: false });
const full: CopyOutcome = { uri: 'sip:c@x', answer: refuse(480, 'too many requests'), isPassing: true };

describe('answerList', () => {
  it('is 202 for what was taken, and names who does not get it', () => {
    expect(answerList([taken, taken])).toEqual({ status: 202, headers: [] });
    expect(answerList([unknown('sip:b@x'), taken])).toEqual({
      status: 202,
      warning: 'not sent to sip:b@x (no such recipient)',
      headers: [],
    });
  });

  it('names namedMax and counts the others', () => {
    const many = (count: number): CopyOutcome[] => Array.from({ length: count }, (_, at) => unknown(`sip:u${at}@x`));
    expect(answerList([taken, ...many(namedMax)]).warning).toMatch(/u7@x \(no such recipient\)$/);
    expect(answerList([taken, ...many(namedMax + 1)]).warning).toMatch(/u7@x \(no such recipient\) and 1 more$/);
  });

  it('is the refusal of the first where nobody gets it', () => {
    expect(answerList([unknown('sip:b@x'), { ...taken, answer: refuse(403, 'blocked') }]).status).toBe(404);
  });

  it('asks to come again where somebody may get it then', () => {
    expect(answerList([taken, unknown('sip:b@x'), full])).toBe(full.answer);
  });
});
