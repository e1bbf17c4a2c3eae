import { describe, expect, it } from 'vitest';
import { BloomFilter, capacityMax } from './bloom-filter.ts';
import { duplicateHash } from './duplicate-hash.ts';

const hashes = (from: number, count: number): number[] =>
  Array.from({ length: count }, (_, index) => duplicateHash('tom@example.com', 'mary@example.com', `${from + index}`));

describe('a Bloom filter', () => {
  it('has every hash that was added, and at its capacity few others', () => {
    const filter = new BloomFilter(5000);
    const added = hashes(0, 5000);
    for (const hash of added) filter.add(hash);
    expect(filter.added).toBe(5000);
    expect(added.every((hash) => filter.mayHave(hash))).toBe(true);
    const mistaken = hashes(5000, 20_000).filter((hash) => filter.mayHave(hash));
    expect(mistaken.length).toBeLessThan(20_000 * 0.01);
  });

  it('has nothing at first', () => {
    const filter = new BloomFilter(10);
    expect(hashes(0, 100).some((hash) => filter.mayHave(hash))).toBe(false);
  });

  it('does not grow beyond its limit', () => {
    expect(new BloomFilter(capacityMax + 1).capacity).toBe(capacityMax);
  });
});
