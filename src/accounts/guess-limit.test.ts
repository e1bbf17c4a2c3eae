import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../base/time/virtual-time.ts';
import {
  failuresPerAccountMax,
  failuresPerPairMax,
  failuresPerSourceMax,
  GuessLimit,
  guessKeysMax,
  guessWindowMs,
  provenPairsMax,
} from './guess-limit.ts';

const tom = 'tom@example.com';

function fail(limit: GuessLimit, times: number, of: (n: number) => readonly [string, string]): void {
  for (let n = 0; n < times; n++) limit.failed(...of(n));
}

describe('GuessLimit', () => {
  it('stops one source that guesses one account, and nobody else', () => {
    const limit = new GuessLimit(new VirtualTime());
    fail(limit, failuresPerPairMax - 1, () => [tom, '10.0.0.1']);
    expect(limit.mayTry(tom, '10.0.0.1')).toBe(true);
    limit.failed(tom, '10.0.0.1');
    expect(limit.mayTry(tom, '10.0.0.1')).toBe(false);
    expect(limit.mayTry(tom, '10.0.0.2')).toBe(true);
    expect(limit.mayTry('mary@example.com', '10.0.0.1')).toBe(true);
  });

  it('lets a source that signs in now and then be wrong in between', async () => {
    const time = new VirtualTime();
    const limit = new GuessLimit(time);
    for (let round = 0; round < 3; round++) {
      fail(limit, failuresPerPairMax - 1, () => [tom, '10.0.0.1']);
      expect(limit.mayTry(tom, '10.0.0.1')).toBe(true);
      await time.advance(guessWindowMs / 2);
      limit.succeeded(tom, '10.0.0.1');
    }
  });

  it('stops one source that guesses many accounts', () => {
    const limit = new GuessLimit(new VirtualTime());
    fail(limit, failuresPerSourceMax - 1, (n) => [`u${n}@example.com`, '10.0.0.1']);
    expect(limit.mayTry(tom, '10.0.0.1')).toBe(true);
    limit.failed('x@example.com', '10.0.0.1');
    expect(limit.mayTry(tom, '10.0.0.1')).toBe(false);
    expect(limit.mayTry(tom, '10.0.0.2')).toBe(true);
  });

  it('stops many sources that guess one account, but not one that signed in to it before', () => {
    const limit = new GuessLimit(new VirtualTime());
    limit.succeeded(tom, '10.9.9.9');
    fail(limit, failuresPerAccountMax - 1, (n) => [tom, `10.0.${n}.1`]);
    expect(limit.mayTry(tom, '10.8.8.8')).toBe(true);
    limit.failed(tom, '10.1.0.1');
    expect(limit.mayTry(tom, '10.8.8.8')).toBe(false);
    expect(limit.mayTry(tom, '10.9.9.9')).toBe(true);
  });

  it('forgets failures after two windows at the most', async () => {
    const time = new VirtualTime();
    const limit = new GuessLimit(time);
    fail(limit, failuresPerPairMax, () => [tom, '10.0.0.1']);
    await time.advance(guessWindowMs);
    expect(limit.mayTry(tom, '10.0.0.1')).toBe(false);
    await time.advance(guessWindowMs);
    expect(limit.mayTry(tom, '10.0.0.1')).toBe(true);
    fail(limit, failuresPerPairMax, () => [tom, '10.0.0.1']);
    await time.advance(5 * guessWindowMs);
    expect(limit.mayTry(tom, '10.0.0.1')).toBe(true);
  });

  it('keeps a bounded number of counts and of sources that signed in', () => {
    const limit = new GuessLimit(new VirtualTime());
    fail(limit, failuresPerPairMax, () => [tom, '10.0.0.1']);
    fail(limit, guessKeysMax, (n) => [`u${n}`, `s${n}`]);
    expect(limit.mayTry(tom, '10.0.0.1')).toBe(true);
    limit.succeeded(tom, 'home');
    for (let n = 0; n < 2 * provenPairsMax; n++) limit.succeeded(tom, `s${n}`);
    fail(limit, failuresPerAccountMax, (n) => [tom, `t${n}`]);
    expect(limit.mayTry(tom, 'home')).toBe(false);
    expect(limit.mayTry(tom, `s${2 * provenPairsMax - 1}`)).toBe(true);
  });

  it('forgets the failures of an account that has a new password', () => {
    const time = new VirtualTime();
    const limit = new GuessLimit(time);
    for (let n = 0; n < failuresPerPairMax; n += 1) limit.failed('tom@localhost', '192.0.2.1');
    expect(limit.mayTry('tom@localhost', '192.0.2.1')).toBe(false);
    limit.forget('tom@localhost');
    expect(limit.mayTry('tom@localhost', '192.0.2.1')).toBe(true);
  });
});
