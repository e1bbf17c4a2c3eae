import { describe, expect, it } from 'vitest';
import { RecentKeys, recentKeysMax } from './recent-keys.ts';

describe('RecentKeys', () => {
  it('remembers for at least one period and forgets after two', () => {
    const keys = new RecentKeys(32_000, 0);
    keys.add('a', 10);
    expect(keys.has('a', 10)).toBe(true);
    expect(keys.has('b', 10)).toBe(false);
    expect(keys.has('a', 32_009)).toBe(true);
    expect(keys.has('a', 64_011)).toBe(false);
  });
  it('forgets everything after a long silence', () => {
    const keys = new RecentKeys(1000, 0);
    keys.add('a', 0);
    expect(keys.has('a', 1_000_000)).toBe(false);
  });
  it('keeps many keys apart while it grows', () => {
    const keys = new RecentKeys(1000, 0);
    for (let n = 0; n < 100_000; n += 1) keys.add(`key ${n}`, 0);
    for (let n = 0; n < 100_000; n += 97) expect(keys.has(`key ${n}`, 0)).toBe(true);
    for (let n = 0; n < 1000; n += 1) expect(keys.has(`other ${n}`, 0)).toBe(false);
  });
  it('at its limit turns the generations early and goes on', () => {
    const keys = new RecentKeys(1000, 0);
    for (let n = 0; n <= recentKeysMax; n += 1) keys.add(`key ${n}`, 0);
    expect(keys.has('key 0', 0)).toBe(true);
    expect(keys.has(`key ${recentKeysMax}`, 0)).toBe(true);
  });
});
