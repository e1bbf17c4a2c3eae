import { describe, expect, it } from 'vitest';
import { GatheredTurns } from './gathered-turns.ts';
import { Turnstile } from './turnstile.ts';

describe('gathered turns', () => {
  it('begin at once where the way is free, and gather whoever comes before the next begins, in order, up to the limit', async () => {
    const turnstile = new Turnstile();
    const turns: (readonly number[])[] = [];
    const gate = Promise.withResolvers<void>();
    const gathered = new GatheredTurns<number>(turnstile, 3, async (items) => {
      turns.push([...items]);
      await gate.promise;
    });
    const done: number[] = [];
    const all = [1, 2, 3, 4, 5].map((item) => gathered.add(item).then(() => done.push(item)));
    expect(turns).toEqual([[1]]);
    gate.resolve();
    await Promise.all(all);
    expect(turns).toEqual([[1], [2, 3, 4], [5]]);
    expect(done).toEqual([1, 2, 3, 4, 5]);
    await gathered.add(6);
    expect(turns.at(-1)).toEqual([6]);
  });

  it('gather nobody more once they have begun, and wait for work that is none of theirs', async () => {
    const turnstile = new Turnstile();
    const other = Promise.withResolvers<void>();
    const turns: (readonly number[])[] = [];
    const gathered = new GatheredTurns<number>(turnstile, 3, async (items) => {
      turns.push([...items]);
      if (items.includes(1)) void gathered.add(3);
    });
    const alone = turnstile.exclusive(() => other.promise);
    const two = [gathered.add(1), gathered.add(2)];
    await Promise.resolve();
    expect(turns).toEqual([]);
    other.resolve();
    await Promise.all([alone, ...two]);
    await turnstile.passed();
    expect(turns).toEqual([[1, 2], [3]]);
  });

  it('tell everybody in the turn of its fault, and go on', async () => {
    const gathered = new GatheredTurns<number>(new Turnstile(), 9, (items) =>
      items.includes(2) ? Promise.reject(new Error('no disk')) : Promise.resolve(),
    );
    const [first, ...others] = [1, 2, 3].map((item) => gathered.add(item));
    await first;
    for (const other of others) await expect(other).rejects.toThrow('no disk');
    await gathered.add(4);
  });
});
