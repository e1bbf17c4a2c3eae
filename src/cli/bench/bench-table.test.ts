import { describe, expect, it } from 'vitest';
import type { BenchRow } from './bench-row.ts';
import type { BenchSizes } from './bench-sizes.ts';
import { formatJson, formatTable } from './bench-table.ts';

const rows: readonly BenchRow[] = [
  {
    stage: 'relay',
    name: 'relay UDP',
    count: 20_000,
    perSecond: 12_345.6,
    p50Ms: 1.234,
    p99Ms: 10,
    serverCpuSecondsPer10k: 0.5,
    peakMemoryBytes: 100 * 1024 ** 2,
    faults: [],
    details: { seconds: 1.62 },
  },
  {
    stage: 'memory',
    name: 'registered users',
    count: 7,
    remark: '3.1 KiB each',
    faults: ['1 arrived twice'],
    details: {},
  },
];

const sizes: BenchSizes = {
  messages: 1,
  users: 2,
  width: 3,
  registered: 4,
  streams: 7,
  websockets: 8,
  phones: 9,
  subscriptions: 8,
  watchers: 9,
  large: 10,
  sessions: 11,
  held: [5],
  seconds: 6,
  stages: ['relay'],
};
const circumstances = { version: '1', node: '2', processors: 2, at: 'now' };

describe('the table', () => {
  it('has a line for each row, and a dash for what nobody knows', () => {
    expect(formatTable(rows).split('\n')).toEqual([
      'measured           count  per second  p50 ms  p99 ms  CPU s/10k  peak MB',
      '----------------  ------  ----------  ------  ------  ---------  -------  ------------------------------------',
      'relay UDP         20,000      12,346    1.23   10.00       0.50      100',
      'registered users       7           -       -       -          -        -  3.1 KiB each; FAULT: 1 arrived twice',
      '',
    ]);
  });

  it('is JSON with everything that is known, and nothing of where files are', () => {
    const told: unknown = JSON.parse(
      formatJson(rows, { ...sizes, json: 'a', folder: 'b', profile: 'c' }, circumstances),
    );
    expect(told).toEqual({ ...circumstances, sizes, rows: JSON.parse(JSON.stringify(rows)) });
  });
});
