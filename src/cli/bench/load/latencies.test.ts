import { describe, expect, it } from 'vitest';
import { Latencies } from './latencies.ts';

function quantilesOf(values: readonly number[]): unknown {
  const latencies = new Latencies(values.length);
  for (const value of values) latencies.add(value);
  return latencies.quantiles();
}

describe('quantiles by nearest rank', () => {
  it.each([
    [[7], 7, 7, 7],
    [[2, 1], 1, 2, 2],
    [[3, 1, 2], 2, 3, 3],
    [[10, 9, 100, 2], 9, 100, 100],
  ])('of %j', (values, p50Ms, p99Ms, maxMs) => {
    expect(quantilesOf(values)).toEqual({ p50Ms, p99Ms, maxMs });
  });

  it('of 1 to 1000 in any order', () => {
    const values = Array.from({ length: 1000 }, (_, at) => ((at * 7) % 1000) + 1);
    expect(quantilesOf(values)).toEqual({ p50Ms: 500, p99Ms: 990, maxMs: 1000 });
  });

  it('of nothing are not told', () => {
    expect(quantilesOf([])).toBeUndefined();
  });

  it('keep what fits and leave out one more', () => {
    const latencies = new Latencies(2);
    for (const ms of [1, 2, 99]) latencies.add(ms);
    expect(latencies.count).toBe(2);
    expect(latencies.quantiles()).toEqual({ p50Ms: 1, p99Ms: 2, maxMs: 2 });
  });
});
