/**
 * What a build needs besides the compilers: the migrations of the store, which the program reads at run time; the pages of
 * `web/` once more, compressed; and an end to what was built of sources that are gone, since a migration of yesterday would be
 * taken for one of today.
 */
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('../', import.meta.url));
const [source, built] = [join(root, 'src'), join(root, 'dist')];
/** Below this a compressed variant saves no packet. */
const compressedFromBytes = 1024;
const compressible = new Set(['.html', '.js', '.css', '.svg']);
const pages = 'web';

const migrations = join('stores', 'sqlite', 'migrations');
cpSync(join(source, migrations), join(built, migrations), { recursive: true });

for (const file of readdirSync(join(built, pages), { recursive: true })) {
  const at = join(built, pages, file);
  if (!compressible.has(extname(file))) continue;
  const bytes = readFileSync(at);
  if (bytes.length < compressedFromBytes) continue;
  writeFileSync(`${at}.br`, brotliCompressSync(bytes));
  writeFileSync(`${at}.gz`, gzipSync(bytes, { level: 9 }));
}

for (const file of readdirSync(built, { recursive: true })) {
  // Made anew each time by its own compiler.
  if (file.split(sep)[0] === pages) continue;
  // Whoever runs the program meanwhile keeps everything that it still consists of.
  if (!existsSync(join(source, file.replace(/\.js$/, '.ts'))))
    rmSync(join(built, file), { recursive: true, force: true });
}
