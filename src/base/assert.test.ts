import { describe, expect, it } from 'vitest';
import { assert, AssertionFault, unreachable } from './assert.ts';

describe('assert', () => {
  it('passes what holds and throws what does not, with the sentence', () => {
    expect(() => assert(true, 'holds')).not.toThrow();
    expect(() => assert(false, 'the heap is empty')).toThrow(new AssertionFault('the heap is empty'));
  });
});

describe('unreachable', () => {
  it('names the value that nobody expected', () => {
    const value = 'maybe' as never;
    expect(() => unreachable(value)).toThrow('unreachable: maybe');
  });
});
