/** Copies into dist what tsc does not compile but the program reads at run time: the migrations of the stores. */
import { cpSync, existsSync } from 'node:fs';

const root = new URL('../', import.meta.url);
const dialects = ['sqlite', 'postgres'];

for (const dialect of dialects) {
  const from = new URL(`src/stores/${dialect}/migrations/`, root);
  if (existsSync(from)) cpSync(from, new URL(`dist/stores/${dialect}/migrations/`, root), { recursive: true });
}
