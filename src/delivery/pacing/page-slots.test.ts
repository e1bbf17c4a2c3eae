import { describe, expect, it } from 'vitest';
import { PageSlots } from './page-slots.ts';

describe('slots for pages', () => {
  it('let so many work at once, one more when one has ended, well or not, in order', async () => {
    const slots = new PageSlots(2);
    const begun: number[] = [];
    const ends: ((isWell: boolean) => void)[] = [];
    const works = [0, 1, 2, 3, 4].map((number) =>
      slots.hold(async () => {
        begun.push(number);
        const isWell = await new Promise<boolean>((resolve) => (ends[number] = resolve));
        if (!isWell) throw new Error(`${number}`);
        return number;
      }),
    );
    const settled = Promise.allSettled(works);
    await expect.poll(() => begun).toEqual([0, 1]);
    ends[1]?.(false);
    await expect.poll(() => begun).toEqual([0, 1, 2]);
    ends[0]?.(true);
    await expect.poll(() => begun).toEqual([0, 1, 2, 3]);
    ends[2]?.(true);
    await expect.poll(() => begun).toEqual([0, 1, 2, 3, 4]);
    ends[3]?.(true);
    ends[4]?.(true);
    expect((await settled).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'fulfilled',
      'fulfilled',
    ]);
    expect(await slots.hold(() => Promise.resolve('free'))).toBe('free');
  });
});
