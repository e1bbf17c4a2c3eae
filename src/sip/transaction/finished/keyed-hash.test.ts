import { describe, expect, it } from 'vitest';
import { systemIds } from '../../../base/system-ids.ts';
import { KeyedHash } from './keyed-hash.ts';

describe('KeyedHash', () => {
  const hashOf = (hash: KeyedHash, ...texts: string[]): string => {
    hash.begin();
    for (const text of texts) hash.add(text);
    hash.end();
    return `${hash.lo} ${hash.hi}`;
  };

  it('is the same for the same key and texts, and another for another key', () => {
    const hash = new KeyedHash(1, 2);
    const first = hashOf(hash, 'z9hG4bKabc', '192.0.2.1');
    expect(hashOf(hash, 'other')).not.toBe(first);
    expect(hashOf(hash, 'z9hG4bKabc', '192.0.2.1')).toBe(first);
    expect(hashOf(new KeyedHash(1, 2), 'z9hG4bKabc', '192.0.2.1')).toBe(first);
    expect(hashOf(new KeyedHash(1, 3), 'z9hG4bKabc', '192.0.2.1')).not.toBe(first);
    expect(hashOf(new KeyedHash(2, 2), 'z9hG4bKabc', '192.0.2.1')).not.toBe(first);
  });

  it('takes a key of 64 random bits', () => {
    const hashes = Array.from({ length: 200 }, () => hashOf(KeyedHash.withRandomKey(systemIds), 'same'));
    expect(new Set(hashes).size).toBe(200);
  });

  it('tells where a text ends', () => {
    const hash = new KeyedHash(-5, 2 ** 31);
    const cuts = [['abcd'], ['ab', 'cd'], ['abc', 'd'], ['', 'abcd'], ['abcd', ''], ['abcd\0'], ['\0abcd']];
    expect(new Set(cuts.map((texts) => hashOf(hash, ...texts))).size).toBe(cuts.length);
  });

  it('tells all UTF-16 units apart', () => {
    const hash = new KeyedHash(7, 9);
    const texts = ['a', 'á', 'ā', '\u{1f600}', 'A', '\u0061\u0301'];
    expect(new Set(texts.map((text) => hashOf(hash, text))).size).toBe(texts.length);
  });

  it('spreads: no two of 100,000 branches share even the lower half twice as often as chance', () => {
    const hash = new KeyedHash(0x1234, 0x5678);
    const lows = new Set<number>();
    for (let i = 0; i < 100_000; i++)
      lows.add(
        hash
          .begin()
          .add(`z9hG4bK${i}`)
          .addNumber(i & 7)
          .end().lo,
      );
    // Chance makes 1.2 pairs.
    expect(lows.size).toBeGreaterThan(99_990);
  });
});
