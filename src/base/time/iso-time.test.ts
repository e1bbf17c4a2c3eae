import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isoTime } from './iso-time.ts';

it('is what Date writes', () => {
  const time = fc.oneof(
    fc.date({ noInvalidDate: true }).map((date) => date.getTime()),
    // Near each other, so that days are met again.
    fc.integer({ min: -20 * 86_400_000, max: 20 * 86_400_000 }),
    fc.double({ min: 1_790_000_000_000, max: 1_800_000_000_000, noNaN: true }),
  );
  const check = (wall: number): void => {
    expect(isoTime(wall)).toBe(new Date(wall).toISOString());
  };
  fc.assert(fc.property(time, check));
});

it('throws for what is no time', () => {
  expect(() => isoTime(Number.NaN)).toThrow(RangeError);
  expect(() => isoTime(8.65e15)).toThrow(RangeError);
});
