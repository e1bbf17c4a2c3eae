/** A package of CommonJS modules as one script for a page: every module as a function, `require` as a look-up. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** Packages whose file for browsers is not the one that Node would take. */
const forBrowsers: Readonly<Record<string, string>> = { debug: 'debug/src/browser.js', events: 'events/events.js' };

/** `window[globalName]` is what the entry exports. */
export function bundleForPage(entry: string, globalName: string): string {
  const modules = new Map<string, string>();
  const start = createRequire(import.meta.url).resolve(entry);
  gather(start, modules);
  const parts = [...modules].map(
    ([path, text]) => `${JSON.stringify(path)}:function(module,exports,require){${text}\n}`,
  );
  return `(()=>{const process={env:{}};const all={${parts.join(',\n')}};const done={};
const load=(path)=>{if(done[path])return done[path].exports;const module=done[path]={exports:{}};
all[path](module,module.exports,(name)=>load(names[path][name]));return module.exports;};
const names=${JSON.stringify(namesOf(modules))};window[${JSON.stringify(globalName)}]=load(${JSON.stringify(start)});})();`;
}

function gather(path: string, modules: Map<string, string>): void {
  if (modules.has(path)) return;
  const text = readFileSync(path, 'utf8');
  modules.set(path, path.endsWith('.json') ? `module.exports=${text}` : text);
  for (const name of requiredBy(text)) gather(resolveFrom(path, name), modules);
}

function namesOf(modules: ReadonlyMap<string, string>): Record<string, Record<string, string>> {
  return Object.fromEntries(
    [...modules].map(([path, text]) => [
      path,
      Object.fromEntries(requiredBy(text).map((name) => [name, resolveFrom(path, name)])),
    ]),
  );
}

function requiredBy(text: string): string[] {
  return [...text.matchAll(/\brequire\((['"])([^'"]+)\1\)/g)].map(([, , name = '']) => name);
}

function resolveFrom(path: string, name: string): string {
  return createRequire(path).resolve(forBrowsers[name] ?? name);
}
