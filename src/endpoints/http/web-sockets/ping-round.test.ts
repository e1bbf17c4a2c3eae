/** Who is asked whether they are there, and who is given up, in virtual time. */
import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../../base/time/virtual-time.ts';
import { pingAfterMs, PingRound, webSocketSilenceMsMax } from './ping-round.ts';

class Channel {
  heardAt: number;
  pings = 0;
  isGone = false;
  readonly #answer: (channel: Channel) => void;

  constructor(now: number, answer: (channel: Channel) => void = () => undefined) {
    this.heardAt = now;
    this.#answer = answer;
  }

  ping(): void {
    this.pings += 1;
    this.#answer(this);
  }

  giveUp(): void {
    this.isGone = true;
  }
}

const roundMs = 10_000;

describe('the round', () => {
  it('asks whoever is silent, and gives up who does not answer', async () => {
    const time = new VirtualTime();
    const round = new PingRound(time, time);
    const silent = new Channel(time.monotonic());
    const answering = new Channel(time.monotonic(), (channel) => (channel.heardAt = time.monotonic()));
    for (const channel of [silent, answering]) round.add(channel);
    await time.advance(pingAfterMs - 1);
    expect([silent.pings, answering.pings]).toEqual([0, 0]);
    await time.advance(roundMs + 1);
    expect([silent.pings, answering.pings]).toEqual([1, 1]);
    await time.advance(webSocketSilenceMsMax - pingAfterMs - roundMs - 1);
    expect([silent.isGone, answering.isGone]).toEqual([false, false]);
    await time.advance(roundMs + 1);
    expect([silent.isGone, answering.isGone]).toEqual([true, false]);
  });

  it('comes to everybody in its time, also while others come and go, and rests when nobody is there', async () => {
    const time = new VirtualTime();
    const round = new PingRound(time, time);
    const channels = Array.from({ length: 1_000 }, () => new Channel(time.monotonic()));
    for (const channel of channels) round.add(channel);
    await time.advance(pingAfterMs);
    for (const channel of channels.splice(0, 500)) round.remove(channel);
    await time.advance(2 * roundMs);
    expect(channels.filter(({ pings }) => pings === 0)).toEqual([]);
    for (const channel of channels) round.remove(channel);
    await time.advance(roundMs);
    expect(round.size).toBe(0);
    const late = new Channel(time.monotonic());
    round.add(late);
    await time.advance(pingAfterMs + roundMs);
    expect(late.pings).toBeGreaterThanOrEqual(1);
    expect(late.pings).toBeLessThanOrEqual(2);
  });
});
