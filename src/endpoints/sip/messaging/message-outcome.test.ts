import { describe, expect, it } from 'vitest';
import { outcomeOfFailure, outcomeOfStatus } from './message-outcome.ts';

describe('"Outcomes per client"', () => {
  it.each([
    [200, 'delivered'],
    [202, 'delivered'],
    [302, 'refused'],
    [401, 'refused'],
    [404, 'refused'],
    [407, 'refused'],
    [408, 'client-failed'],
    [430, 'client-failed'],
    [413, 'message-failed'],
    [415, 'refused'],
    [480, 'client-failed'],
    [482, 'message-failed'],
    [486, 'client-failed'],
    [487, 'message-failed'],
    [488, 'message-failed'],
    [500, 'message-failed'],
    [501, 'refused'],
    [502, 'message-failed'],
    [503, 'client-failed'],
    [504, 'message-failed'],
    [505, 'refused'],
    [513, 'refused'],
    [600, 'refused'],
    [603, 'refused'],
  ] as const)('%i: %s', (status, kind) => {
    expect(outcomeOfStatus(status, 'Reason').kind).toBe(kind);
  });
  it.each([413, 488, 500])('%i may poison, three times set the message aside', (status) => {
    expect(outcomeOfStatus(status, '')).toMatchObject({ mayPoison: true });
  });
  it.each([482, 487, 502])('%i does not', (status) => {
    expect(outcomeOfStatus(status, '')).toMatchObject({ mayPoison: false });
  });
  it('silence, a transport error and what the client asks for stop its lane', () => {
    expect(outcomeOfFailure('timeout').kind).toBe('client-failed');
    expect(outcomeOfFailure('transport').kind).toBe('client-failed');
    expect(outcomeOfStatus(503, 'Busy', 90_000)).toMatchObject({ retryAfterMs: 90_000 });
  });
});
