/**
 * What a build needs besides the compiler: the migrations of the stores, which the program reads at run time, and an end to
 * what was built of sources that are gone, since a migration of yesterday would be taken for one of today.
 */
import { cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const [source, built] = [join(root, 'src'), join(root, 'dist')];
const dialects = ['sqlite', 'postgres'];

for (const dialect of dialects) {
  const migrations = join('stores', dialect, 'migrations');
  if (existsSync(join(source, migrations))) {
    cpSync(join(source, migrations), join(built, migrations), { recursive: true });
  }
}

for (const file of readdirSync(built, { recursive: true })) {
  // Whoever runs the program meanwhile keeps everything that it still consists of.
  if (!existsSync(join(source, file.replace(/\.js$/, '.ts'))))
    rmSync(join(built, file), { recursive: true, force: true });
}
