import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../simulation/seeded-random.ts';
import { readCrashers, readSeeds } from './corpus.ts';
import { mutate } from './mutate.ts';
import { targets } from './targets.ts';

const runs = Number(process.env['FUZZ_RUNS'] ?? 4000);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);

describe.each(targets.map((target) => [target.name, target] as const))('%s', (_name, target) => {
  const seeds = readSeeds(target.seeds);
  it('has seeds, and reads what once broke it', () => {
    expect(seeds.length).toBeGreaterThan(0);
    for (const crasher of readCrashers(target.seeds)) expect(() => target.check(crasher)).not.toThrow();
  });
  it(`stands ${runs} mutations`, { timeout: 3_600_000 }, () => {
    const random = new SeededRandom(seed);
    let broken: string | undefined;
    for (let run = 0; run < runs && broken === undefined; run += 1) {
      const bytes = mutate(random, seeds);
      try {
        target.check(bytes);
      } catch (fault) {
        broken = `${String(fault)} on ${bytes.toString('base64')}`;
      }
    }
    expect(broken).toBeUndefined();
  });
});
