import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { targets } from '../targets.ts';
import { findSteep, growthOf } from './growth.ts';
import { startMeter, stopMeter } from './work-meter.ts';

beforeAll(startMeter);
afterAll(stopMeter);

/** Every family of a target takes minutes: `npm run fuzz -- --growth`. A prime, so that all pieces and places have their turn. */
const stride = 41;

const spaces = (bytes: number): Buffer => Buffer.alloc(bytes, ' ');

describe('the meter of work', () => {
  const walk = (text: string): number => {
    let count = 0;
    for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) === 32) count += 1;
    return count;
  };

  it('tells one walk over a text from one for each of its characters', () => {
    const once = (bytes: Buffer): void => {
      for (let times = 0; times < 20; times += 1) walk(bytes.toString());
    };
    const forEach = (bytes: Buffer): void => {
      for (const _ of bytes) walk(bytes.toString());
    };
    expect(growthOf(once, spaces)).toBeCloseTo(2, 1);
    expect(growthOf(forEach, spaces)).toBeCloseTo(4, 1);
  });

  it('sees what a function of strings walks over', () => {
    const forEach = (bytes: Buffer): void => {
      const text = bytes.toString();
      for (let at = 0; at < text.length; at += 1) text.indexOf('=', at);
    };
    expect(growthOf(forEach, spaces)).toBeGreaterThan(3.9);
  });
});

describe('the work of reading', () => {
  it.each(targets.map((target) => [target.name, target] as const))(
    'of %s grows with the size',
    { timeout: 600_000 },
    (_name, target) => {
      const { families, tooSteep } = findSteep(target, stride);
      expect(families).toBeGreaterThan(40);
      expect(tooSteep).toEqual([]);
    },
  );
});
