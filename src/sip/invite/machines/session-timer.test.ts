import { describe, expect, it } from 'vitest';
import { SessionTimer } from './session-timer.ts';
import type { Refresher } from './session-timer.ts';

function agreed(seconds: number, refresher: Refresher, now = 0): SessionTimer {
  const timer = new SessionTimer();
  timer.agree(seconds, refresher, now);
  return timer;
}

describe('SessionTimer', () => {
  it.each([
    // The end is a third of the interval before it, and 32 s at most (RFC 4028 10).
    [1_800, 'us', 900, 1_768],
    [1_800, 'them', 1_768, 1_768],
    [90, 'us', 45, 60],
    [96, 'them', 64, 64],
    [95, 'them', 95 - 95 / 3, 95 - 95 / 3],
  ] as const)('of %i s, refreshed by %s', (seconds, refresher, firstAt, endAt) => {
    const timer = agreed(seconds, refresher, 5_000);
    expect([timer.interval, timer.refresher]).toEqual([seconds, refresher]);
    expect(timer.deadline()).toBeCloseTo(5_000 + firstAt * 1_000);
    expect(timer.tick(5_000 + firstAt * 1_000 - 1)).toBeUndefined();
    const refreshes =
      refresher === 'us' ? [timer.tick(5_000 + firstAt * 1_000), timer.tick(5_000 + firstAt * 1_000)] : [];
    expect(refreshes, 'once, by whose affair it is').toEqual(refresher === 'us' ? ['refresh', undefined] : []);
    expect(timer.deadline()).toBeCloseTo(5_000 + endAt * 1_000);
    expect(timer.tick(5_001 + endAt * 1_000)).toBe('expired');
    expect([timer.deadline(), timer.interval]).toEqual([undefined, undefined]);
  });

  it('begins anew with each agreement', () => {
    const timer = agreed(90, 'us');
    expect(timer.tick(45_000)).toBe('refresh');
    timer.agree(90, 'us', 46_000);
    expect(timer.deadline()).toBe(46_000 + 45_000);
    timer.agree(undefined, 'them', 50_000);
    expect(timer.deadline()).toBeUndefined();
  });

  it('tries again after a failure, but ends when it must', () => {
    const timer = agreed(90, 'us');
    expect(timer.tick(45_000)).toBe('refresh');
    timer.failed(46_000);
    expect(timer.deadline()).toBe(56_000);
    expect(timer.tick(56_000)).toBe('refresh');
    timer.failed(56_500, 20_000);
    expect(timer.deadline(), 'the end comes first').toBe(60_000);
    expect(timer.tick(80_000), 'both are due').toBe('expired');
  });

  it('does not refresh what the other side refreshes, nor what is over', () => {
    const timer = agreed(90, 'them');
    timer.failed(1_000);
    expect(timer.deadline()).toBe(60_000);
    timer.stop();
    timer.failed(2_000);
    expect(timer.deadline()).toBeUndefined();
    expect(timer.tick(99_000)).toBeUndefined();
  });
});
