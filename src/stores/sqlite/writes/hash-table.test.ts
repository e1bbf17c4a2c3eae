import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { HashTable } from './hash-table.ts';

describe('a table of numbers', () => {
  it('has what a Map has after any story', () => {
    // Few low bits, so that keys meet; more of them than it was made for, so that it grows.
    const key = fc.integer({ min: 0, max: 900 }).map((number) => (number % 30) * 2 ** 40 + Math.floor(number / 30));
    const step = fc.tuple(fc.constantFrom('set', 'set', 'set', 'delete', 'clear' as const), key, fc.nat());
    fc.assert(
      fc.property(fc.array(step, { maxLength: 2000, size: 'max' }), (steps) => {
        const [table, map] = [new HashTable(4), new Map<number, number>()];
        for (const [what, at, value] of steps) {
          if (what === 'set') table.set(at, value);
          else if (what === 'delete') table.delete(at);
          else if (value % 50 === 0) table.clear();
          if (what === 'set') map.set(at, value);
          else if (what === 'delete') map.delete(at);
          else if (value % 50 === 0) map.clear();
        }
        expect(table.size).toBe(map.size);
        expect([...table.sortedKeys()]).toEqual([...map.keys()].sort((a, b) => a - b));
        for (const [at, value] of map) expect(table.get(at)).toBe(value);
        for (const [, at] of steps) expect(table.get(at)).toBe(map.get(at));
      }),
      { numRuns: 50 },
    );
  });
});
