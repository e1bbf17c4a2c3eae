import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HashIndex } from './hash-index.ts';

describe('HashIndex', () => {
  it('does what a Map does', () => {
    // Few hashes and few low bits, so that entries pile up on the same slots.
    const hash = fc.tuple(
      fc.integer({ min: 0, max: 40 }).map((n) => (n % 5) * 1024 + (n >> 3)),
      fc.constant(7),
    );
    const step = fc.record({ hash, value: fc.integer({ min: -5, max: 5 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const index = new HashIndex();
        const model = new Map<string, number>();
        for (const {
          hash: [lo, hi],
          value,
        } of steps) {
          const key = `${lo} ${hi}`;
          if (value !== 0) {
            index.set(lo, hi, value);
            model.set(key, value);
          }
          const isDeleted = value === 0 && index.delete(lo, hi);
          expect(isDeleted).toBe(value === 0 && model.delete(key));
          expect(index.size).toBe(model.size);
        }
        let differences = 0;
        for (let lo = 0; lo < 5 * 1024; lo++) if (index.get(lo, 7) !== (model.get(`${lo} 7`) ?? 0)) differences++;
        expect(differences).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('wraps round the end of its table', () => {
    const index = new HashIndex();
    for (const lo of [1023, 2047, 3071]) index.set(lo, 0, lo);
    expect(index.delete(1023, 0)).toBe(true);
    expect([index.get(1023, 0), index.get(2047, 0), index.get(3071, 0)]).toEqual([0, 2047, 3071]);
  });

  it('tells entries apart that share one half of the hash', () => {
    const index = new HashIndex();
    index.set(5, 1, 10);
    index.set(5, 2, 20);
    expect([index.get(5, 1), index.get(5, 2), index.get(5, 3)]).toEqual([10, 20, 0]);
  });

  it('grows with its entries and shrinks after them', () => {
    const index = new HashIndex();
    const empty = index.bytes;
    for (let i = 1; i <= 100_000; i++) index.set(Math.imul(i, 0x9e3779b1), i, i);
    expect(index.bytes / index.size).toBeLessThan(40);
    for (let i = 1; i <= 100_000; i++) index.delete(Math.imul(i, 0x9e3779b1), i);
    expect(index.size).toBe(0);
    expect(index.bytes).toBe(empty);
  });

  it('takes no value that it could not give back', () => {
    const index = new HashIndex();
    expect(() => index.set(1, 1, 0)).toThrow('32-bit');
    expect(() => index.set(1, 1, 2 ** 31)).toThrow('32-bit');
  });
});
