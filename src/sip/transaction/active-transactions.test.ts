import { describe, expect, it } from 'vitest';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import { ActiveTransactions } from './active-transactions.ts';

class Ticker {
  slot = -1;
  readonly ticks: number[] = [];
  next: number | undefined;
  readonly every: number;

  constructor(first: number | undefined, every = Number.POSITIVE_INFINITY) {
    this.next = first;
    this.every = every;
  }

  deadline(): number | undefined {
    return this.next;
  }

  tick(now: number): void {
    this.ticks.push(now);
    this.next = Number.isFinite(this.every) ? now + this.every : undefined;
  }
}

describe('ActiveTransactions', () => {
  it('ticks each at its deadline, whoever is rescheduled in between', async () => {
    const time = new VirtualTime();
    const active = new ActiveTransactions<Ticker>(time, time);
    const [slow, quick, never] = [new Ticker(10, 1_000), new Ticker(20, 7), new Ticker(undefined)];
    for (const each of [slow, quick, never]) active.add(each);
    await time.advance(45);
    expect(slow.ticks).toEqual([10]);
    expect(quick.ticks).toEqual([20, 27, 34, 41]);
    never.next = 50;
    active.reschedule(never);
    await time.advance(10);
    expect(never.ticks).toEqual([50]);
  });

  it('gives slots again and wakes nobody who has left', async () => {
    const time = new VirtualTime();
    const active = new ActiveTransactions<Ticker>(time, time);
    const [first, second] = [new Ticker(5), new Ticker(6)];
    active.add(first);
    active.remove(first);
    active.add(second);
    expect(second.slot).toBe(0);
    expect(active.get(0)).toBe(second);
    await time.advance(10);
    expect([first.ticks, second.ticks]).toEqual([[], [6]]);
    expect(() => active.remove(first)).toThrow('active');
    expect(() => active.add(second)).toThrow('one slot');
  });

  it('goes on with the others when a tick throws', async () => {
    const time = new VirtualTime();
    const active = new ActiveTransactions<Ticker>(time, time);
    const broken = new Ticker(5);
    broken.tick = () => {
      broken.next = undefined;
      active.remove(broken);
      throw new Error('a fault of ours');
    };
    const other = new Ticker(9);
    active.add(broken);
    active.add(other);
    await expect(time.advance(6)).rejects.toThrow('a fault of ours');
    await time.advance(10);
    expect(other.ticks).toHaveLength(1);
  });
});
