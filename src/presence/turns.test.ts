import { describe, expect, it } from 'vitest';
import { publicationsMax } from './publication/publication-state.ts';
import { turnBytesMax, Turns, turnsMax } from './turns.ts';

describe('Turns', () => {
  it('runs the jobs of one key in order, those of others at once', async () => {
    const turns = new Turns();
    const done: string[] = [];
    let release = (): void => {};
    const first = turns.take('a', async () => {
      await new Promise<void>((resolve) => (release = resolve));
      done.push('a1');
    });
    const second = turns.take('a', async () => void done.push('a2'));
    await turns.take('b', async () => void done.push('b'));
    release();
    await Promise.all([first, second]);
    expect(done).toEqual(['b', 'a1', 'a2']);
    expect([turns.isBusy('a'), turns.isBusy('b')]).toEqual([false, false]);
  });

  it('goes on after a job that failed, whichever way', async () => {
    const turns = new Turns();
    const broken = turns.take('a', () => {
      throw new Error('at once');
    });
    const later = turns.take('a', async () => 'fine');
    await expect(broken).rejects.toThrow('at once');
    expect(await later).toBe('fine');
    expect(turns.isBusy('a')).toBe(false);
  });

  it('keeps its limit, at it and one past it', async () => {
    const turns = new Turns();
    const jobs = Array.from({ length: turnsMax + 1 }, () => turns.take('a', async () => 1));
    expect(jobs.map((job) => job !== undefined)).toEqual([...jobs.slice(1).map(() => true), false]);
    await Promise.all(jobs.filter((job) => job !== undefined));
  });

  it('keeps the limit of what they hold, at it and one past it', async () => {
    const turns = new Turns();
    const half = turnBytesMax / 2;
    const jobs = [half, half, 1].map((bytes) => turns.take('a', async () => bytes, bytes));
    expect(jobs.map((job) => job !== undefined)).toEqual([true, true, false]);
    await Promise.all(jobs.filter((job) => job !== undefined));
    expect(await turns.take('a', async () => 'room again', turnBytesMax)).toBe('room again');
  });

  it('takes as many publications in one burst as may live', () => {
    expect(turnsMax).toBeGreaterThanOrEqual(publicationsMax);
  });
});
