import { expect, it } from 'vitest';
import { readByteRange } from './byte-range.ts';

const part = (start: number, end: number) => ({ kind: 'part', start, end });
const whole = { kind: 'whole' };
const unsatisfiable = { kind: 'unsatisfiable' };

it.each([
  [undefined, 10, whole],
  ['bytes=0-0', 10, part(0, 1)],
  ['bytes=0-9', 10, part(0, 10)],
  ['bytes=3-', 10, part(3, 10)],
  ['Bytes = 9 - 20', 10, part(9, 10)],
  ['bytes=-3', 10, part(7, 10)],
  ['bytes=-30', 10, part(0, 10)],
  ['bytes=10-', 10, unsatisfiable],
  ['bytes=-0', 10, unsatisfiable],
  ['bytes=0-', 0, unsatisfiable],
  ['bytes=-1', 0, unsatisfiable],
  // What is none is passed over, and so is a list.
  ['bytes=5-3', 10, whole],
  ['bytes=-', 10, whole],
  ['bytes=0-1,3-4', 10, whole],
  ['lines=0-1', 10, whole],
  ['bytes=0x1-', 10, whole],
  ['bytes=0-99999999999999999999', 10, whole],
])('%s of %i octets', (header, bytes, range) => {
  expect(readByteRange(header, bytes)).toEqual(range);
});
