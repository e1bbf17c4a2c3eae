/**
 * Sizes, names and leftovers (ARCHITECTURE.md, writing it). The words that are forbidden are put together from pieces
 * here, so that this file does not contain them.
 */
import { childNode, field, isTest, lineAt, parseSource, walk } from './source-file.ts';
import type { SourceFile, SyntaxNode, Violation } from './source-file.ts';

export const fileLinesMax = 400;
export const functionLinesMax = 70;
export const parametersMax = 4;
export const filesPerFolderMax = 12;
export const readmeLinesMax = 15;

/** Everything that can be said of one file of code by reading it. */
export function findTidyViolations(file: SourceFile): Violation[] {
  const found = [...findTextViolations(file), ...findNameViolations(file.path)];
  const lines = countLines(file.text);
  if (lines > fileLinesMax) found.push(violation('file-lines', file, lines, `${lines} lines, at most ${fileLinesMax}`));
  if (!isTest(file.path) && !/^(?:#!.*\n)?\/(?:\*|\/)/.test(file.text)) {
    found.push(violation('file-head', file, 1, 'no comment at the head says what this file is'));
  }
  walk(parseSource(file), (node, parent) => found.push(...findNodeViolations(file, node, parent)));
  return found;
}

/** Leftovers and paths of one machine, in any text of the project. */
export function findTextViolations(file: SourceFile): Violation[] {
  const found: Violation[] = [];
  for (const [rule, pattern] of forbiddenTexts) {
    for (const match of file.text.matchAll(pattern)) {
      found.push(violation(rule, file, lineAt(file.text, match.index), match[0].trim()));
    }
  }
  return found;
}

/** Names of a file and of the folders above it. */
export function findNameViolations(path: string): Violation[] {
  const found: Violation[] = [];
  for (const part of path.split('/')) {
    const what = nameFault(part);
    if (what !== undefined) found.push({ rule: 'name', path, line: 1, what });
  }
  return found;
}

/** What can be said of the folders of the project when all paths are known. READMEs are checked where code is. */
export function findFolderViolations(paths: readonly string[]): Violation[] {
  const found: Violation[] = [];
  for (const [folder, files] of groupByFolder(paths)) {
    const code = files.filter((path) => /\.(?:tsx?|js|mjs)$/.test(path) && !path.endsWith('.test.ts'));
    if (code.length > filesPerFolderMax) {
      const what = `${code.length} files, at most ${filesPerFolderMax}`;
      found.push({ rule: 'folder-files', path: folder, line: 1, what });
    }
    const needsReadme = /^(?:(?:src|test|web)\/|web$)/.test(folder) && files.some((path) => /\.tsx?$/.test(path));
    if (needsReadme && !files.includes(`${folder}/README.md`)) {
      found.push({ rule: 'folder-readme', path: folder, line: 1, what: 'no README.md says what this folder is' });
    }
  }
  return found;
}

export function findReadmeViolations(file: SourceFile): Violation[] {
  const lines = countLines(file.text);
  if (lines <= readmeLinesMax) return [];
  return [violation('readme-lines', file, lines, `${lines} lines, at most ${readmeLinesMax}`)];
}

/** Joins the pieces of a word that no file may contain. */
export function spell(...pieces: string[]): string {
  return pieces.join('');
}

const leftovers = [
  spell('FIX', 'ME'),
  spell('XX', 'X'),
  spell('HA', 'CK'),
  spell('TO', 'DO'),
  spell('not imple', 'mented'),
  spell('for ', 'now'),
  spell('st', 'ub(?:bed)?'),
];
const silencers = [spell('ign', 'ore'), 'nocheck', spell('expect-', 'error')];
const exclusions = [spell('on', 'ly'), spell('sk', 'ip')];
const machineFolders = [spell('wo', 'rk'), spell('fa', 'rm'), spell('ro', 'ot'), spell('ho', String.raw`me/\w+`)];

const forbiddenTexts: readonly (readonly [rule: string, pattern: RegExp])[] = [
  ['leftover', new RegExp(String.raw`\b(?:${leftovers.join('|')})\b`, 'g')],
  ['leftover', new RegExp(`@ts-(?:${silencers.join('|')})`, 'g')],
  ['leftover', new RegExp(String.raw`\.(?:${exclusions.join('|')})\(`, 'g')],
  ['machine-path', new RegExp(String.raw`(?<![\w.-])/(?:${machineFolders.join('|')})/`, 'g')],
];

function findNodeViolations(file: SourceFile, node: SyntaxNode, parent: SyntaxNode | undefined): Violation[] {
  const at = lineAt(file.text, node.start);
  if (node.type === 'TSAnyKeyword') return [violation('no-any', file, at, 'unknown says the same and is checked')];
  if (!functionTypes.includes(node.type)) return [];
  const found: Violation[] = [];
  const lines = lineAt(file.text, node.end) - at + 1;
  if (lines > functionLinesMax && !isSuite(parent)) {
    found.push(violation('function-lines', file, at, `${lines} lines, at most ${functionLinesMax}`));
  }
  const parameters = (field(node, 'params') as unknown[]).length;
  if (parameters > parametersMax) {
    found.push(violation('parameters', file, at, `${parameters} parameters, at most ${parametersMax}`));
  }
  return found;
}

const functionTypes: readonly string[] = ['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression'];

/** The function that a `describe` is given holds a whole suite; its length is the file's affair. */
function isSuite(parent: SyntaxNode | undefined): boolean {
  let callee = parent?.type === 'CallExpression' ? childNode(parent, 'callee') : undefined;
  while (callee !== undefined && callee.type !== 'Identifier') {
    callee = childNode(callee, 'object') ?? childNode(callee, 'callee') ?? childNode(callee, 'tag');
  }
  return field(callee, 'name') === 'describe';
}

const vagueNames = /^(?:utils?|helpers?|commons?|managers?|misc)$/;

function nameFault(part: string): string | undefined {
  if (/^[A-Z]+(?:\.md)?$/.test(part) || part.startsWith('.')) return undefined;
  const stem = part.split('.')[0] ?? part;
  if (!/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(stem)) return `${part} is not kebab-case`;
  const vague = stem.split('-').find((word) => vagueNames.test(word));
  return vague === undefined ? undefined : `${part} says "${vague}", which says nothing`;
}

function groupByFolder(paths: readonly string[]): Map<string, string[]> {
  const folders = new Map<string, string[]>();
  for (const path of paths) {
    const folder = path.slice(0, path.lastIndexOf('/'));
    const files = folders.get(folder);
    if (files === undefined) folders.set(folder, [path]);
    else files.push(path);
  }
  return folders;
}

function countLines(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

function violation(rule: string, file: SourceFile, line: number, what: string): Violation {
  return { rule, path: file.path, line, what };
}
