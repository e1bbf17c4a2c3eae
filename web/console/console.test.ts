import { describe, expect, it } from 'vitest';
import type { QueuedMessage, ServerStatus } from '../api/shapes.ts';
import { filterQueue, groupQueue } from './queue-groups.ts';
import { figure, percentile, roundTop, sampleOf, sumOf } from './rates.ts';

function statusAt(seconds: number, more: Partial<ServerStatus> = {}): ServerStatus {
  return {
    version: '1',
    now: new Date(seconds * 1000).toISOString(),
    startedAt: new Date(0).toISOString(),
    listeners: [],
    counters: {},
    durations: { boundsMs: [1, 10, 100], counts: {} },
    clients: { counts: {}, some: [], whole: true },
    kept: { recipients: 0, messages: 0, waiting: 0, conditional: 0, most: [], whole: true },
    limits: [],
    ...more,
  };
}

describe('samples', () => {
  it('are what happened in between, by the second', () => {
    const counts = (a: number, b: number) => ({
      boundsMs: [1, 10, 100],
      counts: { restante_http_answer_seconds: [a, b, 0, 0] },
    });
    const kept = (held: number, waiting: number) => ({
      'restante_messages_kept_total{state="held"}': held,
      'restante_messages_kept_total{state="waiting"}': waiting,
    });
    const sample = sampleOf(
      statusAt(10, { counters: kept(3, 4), durations: counts(100, 0) }),
      statusAt(12, { counters: kept(5, 8), durations: counts(100, 7) }),
    );
    expect(sample?.values['kept']).toBe(3);
    expect(sample?.values['HTTP answers p50']).toBe(10);
    expect(sample?.values['SIP answers p99']).toBe(0);
  });

  it('are none over a start of the server', () => {
    const after = statusAt(12, { startedAt: new Date(11_000).toISOString() });
    expect(sampleOf(statusAt(10), after)).toBeUndefined();
  });
});

describe('figures', () => {
  it('sums up a counter over its labels and no other', () => {
    expect(sumOf({ a: 1, 'a{x="1"}': 2, ab: 4 }, ['a'])).toBe(3);
  });

  it.each([
    [[], 0.5, 0],
    [[1, 0, 0, 0], 0.99, 1],
    [[98, 1, 1, 0], 0.99, 10],
    [[0, 0, 0, 5], 0.5, 100],
  ])('of %j the part %f is at %i ms', (counts, part, ms) => {
    expect(percentile(counts, [1, 10, 100], part)).toBe(ms);
  });

  it.each([
    [0, '0'],
    [0.44, '0.4'],
    [12.6, '13'],
    [3400, '3.4k'],
    [123_456, '123k'],
  ])('%f reads %s', (value, words) => {
    expect(figure(value)).toBe(words);
  });

  it.each([
    [0, 1],
    [1.2, 2],
    [21, 50],
    [99, 100],
  ])('the chart of %f goes up to %i', (value, top) => {
    expect(roundTop(value)).toBe(top);
  });
});

describe('the queue', () => {
  const now = Date.UTC(2026, 10, 21);
  const message = (id: string, to: string, ageMs: number, deliverWhen?: string): QueuedMessage => ({
    id,
    from: 'tom@localhost',
    to,
    state: 'held',
    acceptedAt: new Date(now - ageMs).toISOString(),
    expiresAt: new Date(now + 1000).toISOString(),
    ...(deliverWhen === undefined ? {} : { deliverWhen }),
    contentType: 'text/plain',
    size: 1,
    attempts: 0,
    setAside: false,
    protocol: 'http',
  });
  const items = [
    message('a', 'mary@localhost', 1000, 'mood is happy'),
    message('b', 'john@localhost', 7_200_000),
    message('c', 'john@localhost', 1000, 'availability is available'),
  ];

  it('is filtered by condition and age', () => {
    const ids = (condition: string, olderThan: number) =>
      filterQueue(items, { condition, olderThan }, now).map(({ id }) => id);
    expect(ids('', 0)).toEqual(['a', 'b', 'c']);
    expect(ids('MOOD', 0)).toEqual(['a']);
    expect(ids('', 3_600_000)).toEqual(['b']);
    // The clock of the page is looked at seldom.
    expect(filterQueue(items, { condition: '', olderThan: 0 }, 0)).toHaveLength(3);
  });

  it.each([
    ['recipient', ['john@localhost', 'mary@localhost']],
    ['condition', ['mood is happy', 'no condition', 'availability is available']],
    ['age', ['less than 5 minutes', 'less than a day']],
    ['sender', ['tom@localhost']],
    ['none', ['']],
  ] as const)('is put together by %s', (grouping, names) => {
    expect(groupQueue(items, grouping, now).map(({ name }) => name)).toEqual(names);
  });
});
