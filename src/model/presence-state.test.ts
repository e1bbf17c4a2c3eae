import { describe, expect, it } from 'vitest';
import { canonicalWord, changedAttributes, haveSameValues, isSameWord, type PresenceState } from './presence-state.ts';

describe('presence words', () => {
  it('compare without case, and _ equals -', () => {
    expect(canonicalWord('NOT_AVAILABLE')).toBe('not-available');
    expect(isSameWord('In_Love', 'in-love')).toBe(true);
    expect(isSameWord('angry', 'hungry')).toBe(false);
  });
  it('are the same set in any order', () => {
    expect(haveSameValues(['Happy', 'in_love'], ['in-love', 'happy'])).toBe(true);
    expect(haveSameValues(['happy'], ['happy', 'sad'])).toBe(false);
    expect(haveSameValues(['happy', 'sad'], ['sad', 'bored'])).toBe(false);
  });
});

describe('changedAttributes', () => {
  const state = (values: Record<string, string[]>): PresenceState => new Map(Object.entries(values));
  it('names what is new, gone or different, and nothing else', () => {
    const before = state({ mood: ['angry'], activity: ['meeting'], sphere: ['work'] });
    const after = state({ mood: ['ANGRY'], activity: ['lunch'], privacy: ['audio'] });
    expect(changedAttributes(before, after).toSorted()).toEqual(['activity', 'privacy', 'sphere']);
  });
});
