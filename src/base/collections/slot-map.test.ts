/** Entries that come and go: what is there is found, what went is not, and places are used again. */
import { describe, expect, it } from 'vitest';
import { SlotMap } from './slot-map.ts';

describe('SlotMap', () => {
  it('finds what is there and forgets what went', () => {
    const map = new SlotMap<number>();
    map.set('a', 1);
    map.set('b', 2);
    map.set('a', 3);
    expect([map.get('a'), map.get('b'), map.get('c'), map.size]).toEqual([3, 2, undefined, 2]);
    expect([map.delete('a'), map.delete('a')]).toEqual([true, false]);
    expect([map.get('a'), map.has('a'), map.has('b'), map.size]).toEqual([undefined, false, true, 1]);
  });

  it('keeps the order of the keys where a place is used again', () => {
    const map = new SlotMap<string>();
    for (const key of ['a', 'b', 'c']) map.set(key, key);
    map.delete('a');
    map.set('d', 'd');
    map.delete('b');
    map.set('e', 'e');
    expect([...map.values()]).toEqual(['c', 'd', 'e']);
  });

  it('agrees with a Map over a long history', () => {
    const map = new SlotMap<number>();
    const model = new Map<string, number>();
    let seed = 1;
    let differences = 0;
    for (let step = 0; step < 20_000; step++) {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
      const key = String((seed >>> 8) % 50);
      if ((seed >>> 4) % 3 === 0) differences += map.delete(key) === model.delete(key) ? 0 : 1;
      else {
        map.set(key, step);
        model.set(key, step);
      }
    }
    expect(differences).toBe(0);
    expect([...map.values()]).toEqual([...model.values()]);
  });
});
