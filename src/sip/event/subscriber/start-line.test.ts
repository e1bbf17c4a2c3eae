import { describe, expect, it } from 'vitest';
import { StartLine, startsPerSecondMax } from './start-line.ts';

describe('the line of those who begin', () => {
  it('lets so many begin in a second', () => {
    const line = new StartLine<number>();
    for (let n = 0; n < 3 * startsPerSecondMax; n++) line.add(n, false);
    let begun = 0;
    for (let now = 0; now < 1_000; now++) while (line.take(now) !== undefined) begun += 1;
    expect(begun).toBe(startsPerSecondMax);
    expect(line.take(1_000)).toBe(startsPerSecondMax);
  });

  it('whoever comes after a pause begins at once, and no crowd with them', () => {
    const line = new StartLine<string>(1);
    line.add('a', false);
    expect(line.take(0)).toBe('a');
    line.add('b', false);
    expect(line.take(999)).toBeUndefined();
    expect(line.deadline()).toBe(1_000);
    expect(line.take(60_000)).toBe('b');
    line.add('c', false);
    line.add('d', false);
    expect([line.take(60_000), line.take(60_000)]).toEqual([undefined, undefined]);
    expect(line.take(61_000)).toBe('c');
  });

  it('those whom somebody waits for go first; each stands there once', () => {
    const line = new StartLine<string>(1_000);
    line.add('a', false);
    line.add('b', false);
    line.add('c', true);
    line.add('b', true);
    line.add('b', false);
    line.remove('a');
    line.add('d', false);
    expect(line.size).toBe(3);
    expect([0, 1, 2, 3].map((now) => line.take(now))).toEqual(['c', 'b', 'd', undefined]);
    expect(line.deadline()).toBeUndefined();
  });
});
