/**
 * `npm run simulate:faults`: each fault in a process of its own, whose sources have it, and seeds from 1 on until one of
 * them breaks a promise. Prints the rows of a table.
 */
import { spawnSync } from 'node:child_process';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type PlantedFault, plantedFaults } from './planted-faults.ts';

const { values } = parseArgs({
  options: {
    fault: { type: 'string' },
    seeds: { type: 'string', default: '2000' },
  },
});

/** Answers how often it was put in. */
function plant({ file, is, becomes }: PlantedFault): () => number {
  let planted = 0;
  registerHooks({
    load(url, context, nextLoad) {
      const loaded = nextLoad(url, context);
      if (!url.endsWith(`/${file}`)) return loaded;
      const parts = Buffer.from(loaded.source as Uint8Array)
        .toString()
        .split(is);
      planted += parts.length - 1;
      return { ...loaded, source: parts.join(becomes) };
    },
  });
  return () => planted;
}

async function findFault(fault: PlantedFault, seedsMax: number): Promise<string> {
  const countPlanted = plant(fault);
  const { playSeed } = await import('../play-seed.ts');
  for (let seed = 1; seed <= seedsMax; seed += 1) {
    const { broken } = await playSeed(seed);
    if (countPlanted() !== 1) throw new Error(`${fault.name} stands ${countPlanted()} times in ${fault.file}`);
    if (broken !== undefined) return `| ${fault.words} | ${seed} | ${broken.promise} |`;
  }
  return `| ${fault.words} | not in ${seedsMax} | |`;
}

async function run(): Promise<void> {
  const fault = plantedFaults.find(({ name }) => name === values.fault);
  if (fault !== undefined) console.log(await findFault(fault, Number(values.seeds)));
  else if (values.fault !== undefined) throw new Error(`no fault is called ${values.fault}`);
  else {
    const self = fileURLToPath(import.meta.url);
    for (const { name } of plantedFaults) {
      spawnSync(process.execPath, [self, '--fault', name, '--seeds', values.seeds], { stdio: 'inherit' });
    }
  }
}

await run();
