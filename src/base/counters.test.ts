import { describe, expect, it } from 'vitest';
import { Counters, durationBoundsMs, Durations } from './counters.ts';

describe('Counters', () => {
  it('gives the same cell for the same name and lists what was added', () => {
    const counters = new Counters();
    const cell = counters.counter('sip_requests{method="MESSAGE"}');
    cell.value += 2;
    counters.add('sip_requests{method="MESSAGE"}');
    counters.add('store_commits', 5);
    expect([...counters.entries()]).toEqual([
      { name: 'sip_requests{method="MESSAGE"}', kind: 'counter', value: 3 },
      { name: 'store_commits', kind: 'counter', value: 5 },
    ]);
  });

  it('reads a gauge when it is listed, not before', () => {
    const counters = new Counters();
    let open = 1;
    counters.gauge('sip_flows', () => open);
    open = 4;
    expect([...counters.entries()]).toEqual([{ name: 'sip_flows', kind: 'gauge', value: 4 }]);
  });
});

describe('Durations', () => {
  it.each([
    [0, 0],
    [0.5, 0],
    [0.51, 1],
    [10_000, durationBoundsMs.length - 1],
    [10_001, durationBoundsMs.length],
  ])('%f ms are counted in step %i', (ms, step) => {
    const durations = new Durations();
    durations.add(ms);
    expect(durations.counts.findIndex((count) => count === 1)).toBe(step);
    expect(durations.counts).toHaveLength(durationBoundsMs.length + 1);
    expect(durations.sumMs).toBe(ms);
  });
});
