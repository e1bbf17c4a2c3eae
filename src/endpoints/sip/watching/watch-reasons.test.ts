import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../../base/time/virtual-time.ts';
import type { Address } from '../../../model/address.ts';
import { watchGraceMs, WatchReasons } from './watch-reasons.ts';

const mary = 'mary@example.com' as Address;
const john = 'john@example.com' as Address;

function createCase(most = 10) {
  const time = new VirtualTime();
  const said: string[] = [];
  const watched = new Set<Address>();
  const reasons = new WatchReasons({
    clock: time,
    timers: time,
    want(principal, isUrgent) {
      if (!watched.has(principal) && watched.size >= most) return false;
      watched.add(principal);
      said.push(`want ${principal}${isUrgent ? ' now' : ''}`);
      return true;
    },
    unwant(principal) {
      watched.delete(principal);
      said.push(`unwant ${principal}`);
    },
    onFull: (principal) => said.push(`full ${principal}`),
  });
  return { time, said, reasons };
}

describe('whom to watch', () => {
  it('everybody with a reason, until the last one is gone and the grace is over', async () => {
    const { reasons, said, time } = createCase();
    reasons.add(mary, 'kept', false);
    reasons.add(mary, 'kept', true);
    reasons.add(mary, 'present', true);
    reasons.remove(mary, 'kept');
    reasons.remove(mary, 'kept');
    await time.advance(10 * watchGraceMs);
    expect(said.splice(0)).toEqual(['want mary@example.com', 'want mary@example.com now']);
    reasons.remove(mary, 'present');
    await time.advance(watchGraceMs - 1);
    expect(said).toEqual([]);
    await time.advance(1);
    expect(said).toEqual(['unwant mary@example.com']);
    expect(reasons.size).toBe(0);
  });

  it('a client that comes back in time was never away', async () => {
    const { reasons, said, time } = createCase();
    for (let n = 0; n < 3; n++) {
      reasons.add(mary, 'present', true);
      reasons.remove(mary, 'present');
      await time.advance(watchGraceMs - 1);
    }
    expect(said).not.toContain('unwant mary@example.com');
  });

  it('an account that is gone is let go at once', async () => {
    const { reasons, said, time } = createCase();
    reasons.add(mary, 'present', true);
    reasons.forget(mary);
    reasons.forget(mary);
    reasons.remove(mary, 'present');
    await time.advance(2 * watchGraceMs);
    expect(said).toEqual(['want mary@example.com now', 'unwant mary@example.com']);
  });

  it('at the limit nobody else, until the next reason finds room', async () => {
    const { reasons, said, time } = createCase(1);
    reasons.add(mary, 'present', true);
    reasons.add(john, 'kept', true);
    expect(said.at(-1)).toBe('full john@example.com');
    reasons.remove(mary, 'present');
    await time.advance(watchGraceMs);
    reasons.add(john, 'kept', true);
    expect(said.at(-1)).toBe('want john@example.com now');
  });
});
