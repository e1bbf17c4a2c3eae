import { beforeEach, expect, it } from 'vitest';
import type { Address } from '../../model/address.ts';
import { CallLimit, countedCallersMax } from './call-limit.ts';

const rate = { requests: 2, seconds: 10 };
const [alice, bob] = ['alice@example.com' as Address, 'bob@example.com' as Address];

let limit: CallLimit;
let told: Record<string, unknown>;
const reply = {
  header(name: string, value: unknown) {
    told[name] = value;
    return reply;
  },
} as unknown as Parameters<CallLimit['take']>[2];

beforeEach(() => {
  limit = new CallLimit(rate);
  told = {};
});

function take(caller: Address, now: number): number | undefined {
  return limit.take(caller, now, reply)?.problem.retryAfter;
}

it('takes as many as may be, and refuses one more until the window ends', () => {
  expect(take(alice, 500)).toBeUndefined();
  expect(told).toEqual({ 'ratelimit-limit': 2, 'ratelimit-remaining': 1, 'ratelimit-reset': 10 });
  expect(take(alice, 501)).toBeUndefined();
  expect(told['ratelimit-remaining']).toBe(0);
  expect(take(alice, 7600)).toBe(3);
  expect(told).toEqual({ 'ratelimit-limit': 2, 'ratelimit-remaining': 0, 'ratelimit-reset': 3 });
  expect(take(alice, 10_499)).toBe(1);
  expect(take(alice, 10_500)).toBeUndefined();
  expect(told).toEqual({ 'ratelimit-limit': 2, 'ratelimit-remaining': 1, 'ratelimit-reset': 10 });
});

it('counts everybody by themself', () => {
  for (const caller of [alice, bob, alice, bob]) expect(take(caller, 0)).toBeUndefined();
  expect(take(bob, 0)).toBe(10);
});

it('remembers as many callers as it may, and forgets the longest unseen for one more', () => {
  take(alice, 0);
  take(alice, 0);
  for (let at = 1; at < countedCallersMax; at += 1) take(`u${at}@example.com` as Address, 0);
  expect(take(alice, 0)).toBe(10);
  for (let at = 0; at < countedCallersMax; at += 1) take(`v${at}@example.com` as Address, 0);
  expect(take(alice, 0)).toBeUndefined();
});
