import { constants, PerformanceObserver } from 'node:perf_hooks';
import { describe, expect, it } from 'vitest';
import { deadOctetsMax, octetsPassed } from './passing-octets.ts';

/** Collections of the young that somebody asked for, not those that were due. */
async function collectionsDuring(work: () => void): Promise<number> {
  let count = 0;
  const observer = new PerformanceObserver((list) => {
    for (const { detail } of list.getEntries() as readonly { detail?: { kind: number; flags: number } }[]) {
      const isForced = ((detail?.flags ?? 0) & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) !== 0;
      if (isForced && detail?.kind === constants.NODE_PERFORMANCE_GC_MINOR) count += 1;
    }
  });
  observer.observe({ entryTypes: ['gc'] });
  work();
  await new Promise((resolve) => setTimeout(resolve, 20));
  observer.disconnect();
  return count;
}

describe('octets that pass', () => {
  it('have their buffers collected when there are enough of them, and not before', async () => {
    expect(await collectionsDuring(() => octetsPassed(deadOctetsMax - 1))).toBe(0);
    expect(await collectionsDuring(() => octetsPassed(1))).toBe(1);
    expect(await collectionsDuring(() => octetsPassed(deadOctetsMax - 1))).toBe(0);
  });
});
