import { expect, it } from 'vitest';
import { Tally } from './tally.ts';

it('counts under each key, and keeps none that has come to nothing', () => {
  const tally = new Tally<string>();
  for (const key of ['a', 'b', 'a']) tally.add(key);
  expect([tally.of('a'), tally.of('b'), tally.of('c'), tally.size]).toEqual([2, 1, 0, 2]);
  tally.remove('b');
  tally.remove('a');
  expect([tally.of('a'), tally.of('b'), tally.size]).toEqual([1, 0, 1]);
  expect(() => tally.remove('b')).toThrow('what is taken away was added');
});
