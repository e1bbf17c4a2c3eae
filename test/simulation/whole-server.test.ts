import { describe, expect, it } from 'vitest';
import { playSeed, tellSeed } from './play-seed.ts';

const seeds = 30;

describe('the whole server in a seeded world', () => {
  it(`keeps every promise over ${seeds} seeds`, { timeout: 600_000 }, async () => {
    for (let seed = 1; seed <= seeds; seed += 1) {
      const { broken } = await playSeed(seed);
      expect(broken === undefined ? '' : await tellSeed(seed)).toBe('');
    }
  });
  it('one seed is one story', { timeout: 300_000 }, async () => {
    expect(await tellSeed(7)).toBe(await tellSeed(7));
  });
});
