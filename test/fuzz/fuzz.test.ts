import { describe, expect, it } from 'vitest';
import { readCrashers, readSeeds } from './corpus.ts';
import { takeInputs } from './inputs.ts';
import { type FuzzTarget, targets } from './targets.ts';

const share = 6000;
const seed = 1;

function brokenBy({ check }: FuzzTarget, bytes: Buffer): string | undefined {
  try {
    check(bytes);
    return undefined;
  } catch (fault) {
    return `${String(fault)} on ${bytes.toString('base64')}`;
  }
}

describe.each(targets.map((target) => [target.name, target] as const))('%s', (_name, target) => {
  const seeds = readSeeds(target.seeds);

  it('has seeds, and reads what once broke it', () => {
    expect(seeds.length).toBeGreaterThan(0);
    for (const crasher of readCrashers(target.name)) expect(brokenBy(target, crasher)).toBeUndefined();
  });

  it('stands every beginning of its seeds', () => {
    for (const bytes of seeds) {
      for (let end = 0; end <= bytes.length; end += 1) expect(brokenBy(target, bytes.subarray(0, end))).toBeUndefined();
    }
  });

  it(`stands ${share} inputs`, { timeout: 600_000 }, () => {
    for (const bytes of takeInputs(target, seed, share)) expect(brokenBy(target, bytes)).toBeUndefined();
  });
});
