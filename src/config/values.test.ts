import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countWithin, durationWithin, formatDuration, formatSize, sizeWithin } from './values.ts';

const anything = { min: 0, max: Number.MAX_SAFE_INTEGER };

describe('durationWithin', () => {
  it.each([
    ['45', 45_000],
    ['45s', 45_000],
    ['500ms', 500],
    ['1.5m', 90_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['7 D', 604_800_000],
    ['2w', 1_209_600_000],
  ])('reads %s', (text, ms) => {
    expect(durationWithin(anything)(text)).toEqual({ ok: true, value: ms });
  });

  it.each(['', 's', '1y', '1,5', '1e3', '1h30m', '٣'])('does not read "%s"', (text) => {
    expect(durationWithin(anything)(text).ok).toBe(false);
  });

  it('holds its limits, the ends included', () => {
    const parse = durationWithin({ min: 1000, max: 30_000 });
    expect(['999ms', '1', '30', '30001ms'].map((text) => parse(text).ok)).toEqual([false, true, true, false]);
  });

  it('reads what formatDuration writes', () => {
    fc.assert(
      fc.property(fc.nat(1e10), (ms) => {
        expect(durationWithin(anything)(formatDuration(ms))).toEqual({ ok: true, value: ms });
      }),
    );
  });
});

describe('sizeWithin', () => {
  it.each([
    ['1024', 1024],
    ['64KiB', 65_536],
    ['64 kib', 65_536],
    ['64K', 65_536],
    ['64kB', 64_000],
    ['1.5MiB', 1_572_864],
    ['1G', 1_073_741_824],
  ])('reads %s', (text, bytes) => {
    expect(sizeWithin(anything)(text)).toEqual({ ok: true, value: bytes });
  });

  it.each(['', 'KiB', '1QiB', '-1', '1 2'])('does not read "%s"', (text) => {
    expect(sizeWithin(anything)(text).ok).toBe(false);
  });

  it('holds its limits, the ends included', () => {
    const parse = sizeWithin({ min: 2, max: 1024 });
    expect(['1', '2', '1KiB', '1025'].map((text) => parse(text).ok)).toEqual([false, true, true, false]);
  });

  it('reads what formatSize writes', () => {
    fc.assert(
      fc.property(fc.nat(), (bytes) => {
        expect(sizeWithin(anything)(formatSize(bytes))).toEqual({ ok: true, value: bytes });
      }),
    );
  });
});

describe('countWithin', () => {
  it('holds its limits, the ends included', () => {
    const parse = countWithin({ min: 1, max: 10 });
    const taken = ['0', '1', '10', '11', '1.0', 'one'].filter((text) => parse(text).ok);
    expect(taken).toEqual(['1', '10']);
  });
});
