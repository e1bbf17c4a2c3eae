import { describe, expect, it } from 'vitest';
import { systemClock, SystemTimers } from './system-time.ts';

function later(timers: SystemTimers, inMs: number): Promise<number> {
  return new Promise((resolve) => {
    timers.at(systemClock.monotonic() + inMs, resolve);
  });
}

describe('SystemTimers', () => {
  it('fires at or after the deadline, the earlier first although it was added last', async () => {
    const timers = new SystemTimers(systemClock);
    const order: string[] = [];
    const start = systemClock.monotonic();
    const slow = later(timers, 20).then(() => order.push('slow'));
    const fast = later(timers, 5).then((now) => {
      expect(now).toBeGreaterThanOrEqual(start + 5);
      return order.push('fast');
    });
    await Promise.all([slow, fast]);
    expect(order).toEqual(['fast', 'slow']);
  });

  it('does not fire what was cancelled', async () => {
    const timers = new SystemTimers(systemClock);
    let hasFired = false;
    timers.at(systemClock.monotonic() + 1, () => (hasFired = true)).cancel();
    await later(timers, 5);
    expect(hasFired).toBe(false);
  });

  it('leaves the loop between turns of a timer that adds itself again in the past', async () => {
    const timers = new SystemTimers(systemClock);
    let turns = 0;
    const again = (): void => {
      turns += 1;
      timers.at(0, again);
    };
    timers.at(0, again);
    await new Promise((resolve) => setTimeout(resolve, 5));
    timers.stop();
    expect(turns).toBeGreaterThan(0);
  });

  it('fires nothing after stop, not even what is added or due then', async () => {
    const timers = new SystemTimers(systemClock);
    const seen: string[] = [];
    const now = systemClock.monotonic();
    timers.at(now, () => {
      seen.push('first');
      timers.stop();
    });
    timers.at(now, () => seen.push('due'));
    await new Promise((resolve) => setTimeout(resolve, 5));
    timers.at(now, () => seen.push('added'));
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(seen).toEqual(['first']);
  });
});

describe('systemClock', () => {
  it('has a wall that counts from 1970 and a monotonic side that does not go back', () => {
    expect(systemClock.wall()).toBeGreaterThan(Date.UTC(2026, 0, 1));
    const first = systemClock.monotonic();
    expect(systemClock.monotonic()).toBeGreaterThanOrEqual(first);
  });
});
