/**
 * The endless row of inputs of one target: written seeds that are spoiled, inputs made by its grammar, and those spoiled
 * too. Seed and number name an input for ever.
 */
import fc from 'fast-check';
import { SeededRandom } from '../simulation/seeded-random.ts';
import { readSeeds } from './corpus.ts';
import { mutate } from './mutate.ts';
import type { FuzzTarget } from './targets.ts';

/** Inputs that one call of fast-check makes: more would take memory, fewer time. */
const batchInputs = 256;

export function* inputsOf(target: FuzzTarget, seed: number): Generator<Buffer, never> {
  const written = readSeeds(target.seeds);
  for (let batch = 0; ; batch += 1) {
    const random = new SeededRandom(seed * 1_000_003 + batch);
    const made = fc.sample<string | Uint8Array>(target.structure, {
      seed: (seed * 7919 + batch) | 0,
      numRuns: batchInputs,
    });
    const structured = made.map((input) => (typeof input === 'string' ? Buffer.from(input) : Buffer.from(input)));
    for (const bytes of structured) {
      yield bytes;
      yield mutate(random, written);
      yield mutate(random, [bytes, random.pick(structured), random.pick(written)]);
    }
  }
}

/** So many, one after the other. */
export function* takeInputs(target: FuzzTarget, seed: number, count: number): Generator<Buffer> {
  let taken = 0;
  for (const bytes of inputsOf(target, seed)) {
    if (taken >= count) return;
    taken += 1;
    yield bytes;
  }
}
