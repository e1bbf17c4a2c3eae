/** `npm run simulate`: as many seeds as are asked for, or for ever; each that breaks a promise is told. */
import { parseArgs } from 'node:util';
import { playSeed, tellSeed } from './play-seed.ts';

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    forever: { type: 'boolean', default: false },
    /** Goes on behind a broken promise, and tells only which. */
    all: { type: 'boolean', default: false },
    /** One seed with its story, whatever becomes of it. */
    seed: { type: 'string' },
  },
});

const tellEveryMs = 30_000;

async function simulate(): Promise<number> {
  if (values.seed !== undefined) {
    console.log(await tellSeed(Number(values.seed)));
    return 0;
  }
  const from = Number(values.from);
  const end = values.forever ? Number.POSITIVE_INFINITY : from + Number(values.seeds);
  const started = Date.now();
  let told = started;
  let broken = 0;
  for (let seed = from; seed < end; seed += 1) {
    const outcome = await playSeed(seed);
    if (outcome.broken !== undefined) {
      broken += 1;
      const { promise, step, words } = outcome.broken;
      console.log(values.all ? `seed ${seed} step ${step}: ${promise}: ${words.slice(0, 300)}` : await tellSeed(seed));
      if (!values.all) return 1;
    }
    if (Date.now() - told > tellEveryMs) {
      told = Date.now();
      console.log(`${seed - from + 1} seeds in ${Math.round((told - started) / 1000)} s, ${broken} broke a promise`);
    }
  }
  console.log(
    `${end - from} seeds from ${from} in ${Math.round((Date.now() - started) / 1000)} s, ${broken} broke a promise`,
  );
  return broken === 0 ? 0 : 1;
}

process.exitCode = await simulate();
