/** The plan of web/ as a table, and the reader that finds what breaks it: pages know the HTTP API and nothing of the server. */
import { childNode, field, isTest, lineAt, parseSource, walk } from './source-file.ts';
import type { SourceFile, SyntaxNode, Violation } from './source-file.ts';

/** What each part of the pages may import besides itself. */
const webArrows: Readonly<Record<string, readonly string[]>> = {
  api: [],
  conditions: [],
  words: ['api', 'conditions'],
  history: ['api', 'conditions', 'words'],
  parts: ['api', 'words'],
  client: ['api', 'conditions', 'words', 'history', 'parts', 'styles'],
  console: ['api', 'words', 'parts', 'styles'],
};

const webPackages: readonly string[] = ['preact', 'preact/hooks', '@preact/signals', 'idb'];
/** By these a text could become markup or code. */
const dangerousNames: readonly string[] = [
  'innerHTML',
  'outerHTML',
  'insertAdjacentHTML',
  'dangerouslySetInnerHTML',
  'eval',
];

export function findWebViolations(file: SourceFile): Violation[] {
  const found: Violation[] = [];
  const report = (rule: string, node: SyntaxNode, what: string): void => {
    found.push({ rule, path: file.path, line: lineAt(file.text, node.start), what });
  };
  walk(parseSource(file), (node) => {
    const source = childNode(node, 'source');
    const module = field(source, 'value');
    if (source !== undefined && typeof module === 'string') {
      const what = importFault(file.path, module);
      if (what !== undefined) report('web-arrow', node, what);
    }
    const name = field(node, 'name');
    if (node.type.endsWith('Identifier') && typeof name === 'string' && dangerousNames.includes(name)) {
      report('web-markup', node, `${name} makes markup or code of text`);
    }
  });
  return found;
}

function importFault(path: string, module: string): string | undefined {
  const isMachine = isTest(path) || path.endsWith('.config.ts');
  if (!module.startsWith('.')) {
    if (webPackages.includes(module) || isMachine) return undefined;
    return `${module} is no package of the pages`;
  }
  const target = new URL(module, `file:///${path}`).pathname.slice(1);
  if (!target.startsWith('web/')) return `${target} is not of web/`;
  const [from, to] = [partOf(path), partOf(target)];
  if (from === undefined || to === undefined) return `${target} is in no part of the plan`;
  return from === to || webArrows[from]?.includes(to) === true ? undefined : `${from} -> ${to} (${target})`;
}

function partOf(path: string): string | undefined {
  const [, part, more] = path.split('/');
  return part !== undefined && more !== undefined && (part in webArrows || part === 'styles') ? part : undefined;
}
