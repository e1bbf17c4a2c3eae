/** One source file as text and as a syntax tree, with the walk and the line numbers that the house rules need. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parseAst } from 'vitest/node';

/** A node of the tree (ESTree with TypeScript); what a rule reads beyond these it reads through `field`. */
export interface SyntaxNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

export interface SourceFile {
  /** Relative to the root of the project, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

export interface Violation {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
  readonly what: string;
}

export type Visit = (node: SyntaxNode, parent: SyntaxNode | undefined, key: string) => void;

export const projectRoot = new URL('../../', import.meta.url);

/** Every file below those of the folders that exist, sorted; packages and built code are left out. */
export function listFiles(folders: readonly string[]): string[] {
  const present = folders.filter((folder) => existsSync(new URL(folder, projectRoot)));
  return present.flatMap((folder) => listFolder(folder)).toSorted();
}

export function readSource(path: string): SourceFile {
  return { path, text: readFileSync(new URL(path, projectRoot), 'utf8') };
}

export function parseSource(file: SourceFile): SyntaxNode {
  return parseAst(file.text, { lang: languageOf(file.path) }, file.path);
}

function languageOf(path: string): 'ts' | 'tsx' | 'js' {
  if (path.endsWith('.tsx')) return 'tsx';
  return path.endsWith('.ts') ? 'ts' : 'js';
}

/** Visits every node, parents first. `key` names the field of the parent in which the node stands. */
export function walk(node: SyntaxNode, visit: Visit, parent?: SyntaxNode, key = ''): void {
  visit(node, parent, key);
  for (const [name, value] of Object.entries(node)) {
    for (const child of Array.isArray(value) ? (value as unknown[]) : [value]) {
      if (isNode(child)) walk(child, visit, node, name);
    }
  }
}

export function field(node: SyntaxNode | undefined, name: string): unknown {
  return node === undefined ? undefined : (node as unknown as Record<string, unknown>)[name];
}

export function childNode(node: SyntaxNode, name: string): SyntaxNode | undefined {
  const value = field(node, name);
  return isNode(value) ? value : undefined;
}

export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) line += 1;
  return line;
}

export function formatViolations(violations: readonly Violation[]): string {
  return violations.map(({ rule, path, line, what }) => `${rule}: ${path}:${line}: ${what}`).join('\n');
}

export function isTest(path: string): boolean {
  return path.endsWith('.test.ts') || path.startsWith('test/');
}

function listFolder(folder: string): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(new URL(`${folder}/`, projectRoot), { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist') continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) found.push(...listFolder(path));
    else found.push(path);
  }
  return found;
}

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
