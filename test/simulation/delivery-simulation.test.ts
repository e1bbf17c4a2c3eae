import { describe, expect, it } from 'vitest';
import { DeliveryWorld } from './delivery-world.ts';
import { SeededRandom } from './seeded-random.ts';

const seeds = Number(process.env['SIMULATION_SEEDS'] ?? 150);
const only = process.env['SIMULATION_SEED'];
const stepsPerSeed = 80;

describe('a seeded world', () => {
  const list = only === undefined ? Array.from({ length: seeds }, (_, seed) => seed + 1) : [Number(only)];
  it(`keeps every promise over ${list.length} seeds`, { timeout: 3_600_000 }, async () => {
    const broken: string[] = [];
    for (const seed of list) {
      const world = new DeliveryWorld(new SeededRandom(seed));
      await world.play(stepsPerSeed).catch((error: unknown) => broken.push(`seed ${seed}: ${String(error)}`));
      if (only !== undefined) console.log(world.story.join('\n'));
    }
    expect(broken.slice(0, 1)).toEqual([]);
  });
});
