import { describe, expect, it } from 'vitest';
import { bucketsMax, RateLimiter } from './rate-limiter.ts';

describe('RateLimiter', () => {
  it('lets a burst of the whole rate through and one past it wait', () => {
    const rates = new RateLimiter({ requests: 10, perMs: 1000 });
    for (let n = 0; n < 10; n += 1) expect(rates.take('tom', 0)).toBe(0);
    expect(rates.take('tom', 0)).toBe(100);
    expect(rates.take('mary', 0)).toBe(0);
    expect(rates.take('tom', 100)).toBe(0);
    expect(rates.take('tom', 100)).toBe(100);
  });
  it('remembers at most bucketsMax senders', () => {
    const rates = new RateLimiter({ requests: 1, perMs: 1000 });
    for (let n = 0; n < bucketsMax; n += 1) expect(rates.take(`sender ${n}`, 0)).toBe(0);
    expect(rates.take('one more', 0)).toBe(1000);
    expect(rates.take('one more', 1000)).toBe(0);
  });
});
