import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import { ExpiryWheel } from './expiry-wheel.ts';
import { LiveBinding } from './live-binding.ts';

const minute = 60_000;

function createWheel() {
  const time = new VirtualTime();
  const start = time.wall();
  const expired: string[] = [];
  const wheel = new ExpiryWheel(time, time, (bindings) => {
    for (const { key } of bindings) expired.push(`${key} ${time.wall() - start}`);
  });
  /** A binding that is over so many milliseconds after the start. */
  const bindingUntil = (key: string, ms: number): LiveBinding =>
    new LiveBinding({
      addressOfRecord: 'tom@example.com',
      key,
      contactUri: key,
      contactParameters: '',
      q: 1,
      callId: 'c',
      cseq: 1,
      path: [],
      flow: { transport: 'udp', remoteAddress: '192.0.2.1', remotePort: 5060 },
      takesMessage: true,
      expiresAt: start + ms,
    });
  const prolong = (binding: LiveBinding, untilMs: number): void => {
    binding.expiresAt = start + untilMs;
    wheel.add(binding);
  };
  return { time, wheel, expired, bindingUntil, prolong };
}

describe('ExpiryWheel', () => {
  it('finds each in its second', async () => {
    const { time, wheel, expired, bindingUntil } = createWheel();
    for (const [key, ms] of Object.entries({ c: 3 * minute, a: minute, b: minute, d: minute + 1 }))
      wheel.add(bindingUntil(key, ms));
    await time.advance(minute);
    expect(expired).toEqual(['a 60000', 'b 60000']);
    await time.advance(10 * minute);
    expect(expired.slice(2)).toEqual(['d 61000', 'c 180000']);
  });

  it('leaves alone what was prolonged, until it is over', async () => {
    const { time, wheel, expired, bindingUntil, prolong } = createWheel();
    const binding = bindingUntil('a', minute);
    wheel.add(binding);
    prolong(binding, 5 * minute);
    await time.advance(4 * minute);
    prolong(binding, 10 * minute);
    await time.advance(6 * minute - 1);
    expect(expired).toEqual([]);
    await time.advance(1);
    expect(expired).toEqual(['a 600000']);
  });

  it('looks again where nobody comes any more after a refresh', async () => {
    const { time, wheel, expired, bindingUntil, prolong } = createWheel();
    const binding = bindingUntil('a', minute);
    wheel.add(binding);
    prolong(binding, 5 * minute);
    await time.advance(10 * minute);
    expect(expired).toEqual(['a 300000']);
  });

  it('follows a time that became shorter', async () => {
    const { time, wheel, expired, bindingUntil, prolong } = createWheel();
    const binding = bindingUntil('a', 100 * minute);
    wheel.add(binding);
    prolong(binding, minute);
    await time.advance(minute);
    expect(expired).toEqual(['a 60000']);
    await time.advance(200 * minute);
    expect(expired).toHaveLength(1);
  });

  it('forgets what is removed', async () => {
    const { time, wheel, expired, bindingUntil } = createWheel();
    const binding = bindingUntil('a', minute);
    wheel.remove(binding);
    wheel.add(binding);
    wheel.remove(binding);
    await time.advance(10 * minute);
    expect(expired).toEqual([]);
  });

  it('follows a step of the wall clock within half a minute', async () => {
    const { time, wheel, expired, bindingUntil } = createWheel();
    wheel.add(bindingUntil('a', 60 * minute));
    time.stepWall(60 * minute);
    await time.advance(30_000);
    expect(expired).toHaveLength(1);
    wheel.add(bindingUntil('b', 62 * minute));
    time.stepWall(-30 * minute);
    await time.advance(31 * minute);
    expect(expired).toHaveLength(1);
    await time.advance(minute);
    expect(expired).toHaveLength(2);
  });

  it('stops', async () => {
    const { time, wheel, expired, bindingUntil } = createWheel();
    wheel.add(bindingUntil('a', minute));
    wheel.stop();
    wheel.add(bindingUntil('b', minute));
    await time.advance(2 * minute);
    expect(expired).toEqual([]);
  });
});
