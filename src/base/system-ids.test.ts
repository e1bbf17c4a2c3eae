import { describe, expect, it } from 'vitest';
import { systemIds } from './system-ids.ts';

describe('systemIds', () => {
  it.each([
    [1, 1],
    [5, 1],
    [6, 2],
    [64, 13],
    [128, 26],
  ])('a token of %i bits has %i letters', (bits, letters) => {
    expect(systemIds.randomToken(bits)).toMatch(new RegExp(`^[a-z2-7]{${letters}}$`));
  });

  it('gives no token twice, across many blocks of random bytes', () => {
    const tokens = new Set(Array.from({ length: 2000 }, () => systemIds.randomToken(80)));
    expect(tokens.size).toBe(2000);
  });

  it('gives UUIDs of version 7 that sort by time', async () => {
    const first = systemIds.timeOrderedId();
    await new Promise((resolve) => setTimeout(resolve, 2));
    const second = systemIds.timeOrderedId();
    expect(first).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(first < second).toBe(true);
  });

  it('gives fractions from 0 up to and without 1, on both sides of the middle', () => {
    const fractions = Array.from({ length: 500 }, () => systemIds.fraction());
    expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...fractions)).toBeLessThan(1);
    expect(fractions.some((fraction) => fraction < 0.5)).toBe(true);
    expect(fractions.some((fraction) => fraction >= 0.5)).toBe(true);
  });
});
