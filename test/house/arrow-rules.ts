/**
 * Finds imports and calls that break the plan of rooms.ts. Reads the syntax tree, so that type imports, re-exports,
 * `import()` in code and in types are all seen, and a word in a comment or a string is not.
 */
import * as plan from './rooms.ts';
import { childNode, field, isTest, lineAt, parseSource, walk } from './source-file.ts';
import type { SourceFile, SyntaxNode, Violation } from './source-file.ts';

/** Every breach in one file below src. */
export function findArrowViolations(file: SourceFile): Violation[] {
  const found: Violation[] = [];
  const report = (rule: string, node: SyntaxNode, what: string): void => {
    found.push({ rule, path: file.path, line: lineAt(file.text, node.start), what });
  };
  walk(parseSource(file), (node, parent, key) => {
    const specifier = importedModule(node);
    if (specifier !== undefined) checkImport(file.path, specifier, (rule, what) => report(rule, node, what));
    const name = machineName(node, parent, key);
    if (name !== undefined && !mayTouchMachine(file.path) && plan.exemptions[file.path]?.name !== name) {
      report('machine-global', node, `${name} outside the rooms that touch the machine`);
    }
    if (isArgumentlessDate(node) && !mayTouchMachine(file.path)) {
      report('machine-global', node, 'the current time is read from Date');
    }
  });
  return found;
}

/** The room of a file: the longest name in the plan that begins its path below src. */
export function roomOf(path: string): string | undefined {
  const below = path.replace(/^src\//, '').replace(/(?:\.test)?\.ts$/, '');
  let room: string | undefined;
  for (const name of Object.keys(plan.arrows)) {
    if (below !== name && !below.startsWith(`${name}/`)) continue;
    if (room === undefined || name.length > room.length) room = name;
  }
  return room;
}

type Report = (rule: string, what: string) => void;

function checkImport(path: string, specifier: string | null, report: Report): void {
  const room = roomOf(path);
  if (room === undefined) report('room', 'this file is in no room of the plan');
  else if (specifier === null) report('import-literal', 'the module is not written out, so nobody can check it');
  else if (specifier.startsWith('node:')) checkNodeModule(path, specifier, report);
  else if (specifier.startsWith('.')) checkRelative(path, room, specifier, report);
  else checkPackage(path, room, specifier, report);
}

function checkNodeModule(path: string, specifier: string, report: Report): void {
  if (!mayTouchMachine(path)) report('node-api', `${specifier} outside the rooms that touch the machine`);
}

function checkPackage(path: string, room: string, specifier: string, report: Report): void {
  const name = specifier.split('/')[0] ?? specifier;
  if (plan.testPackages.includes(name)) {
    if (!isTest(path)) report('package-room', `${name} is for tests`);
    return;
  }
  const rooms = plan.packageRooms[name];
  if (rooms === undefined) report('package-room', `${specifier} belongs to no room of the plan`);
  else if (!rooms.includes(room) && !rooms.includes(path)) {
    report('package-room', `${specifier} belongs to ${rooms.join(', ')}, not to ${room}`);
  }
}

function checkRelative(path: string, room: string, specifier: string, report: Report): void {
  const target = new URL(specifier, `file:///${path}`).pathname.slice(1);
  if (!/\.(?:ts|json|sql)$/.test(target)) report('import-extension', `${specifier} does not name a .ts file`);
  if (!target.startsWith('src/')) {
    if (!isTest(path)) report('leaves-src', `${specifier} is outside src`);
    return;
  }
  const targetRoom = roomOf(target);
  if (targetRoom === undefined) report('room', `${target} is in no room of the plan`);
  else checkArrow({ path, room }, { path: target, room: targetRoom }, report);
}

interface Place {
  readonly path: string;
  readonly room: string;
}

function checkArrow(from: Place, to: Place, report: Report): void {
  if (isMachineFile(to.path) && !mayTouchMachine(from.path)) {
    report('machine-file', `${to.path} is constructed by server.ts and handed in as an interface`);
  }
  if (from.room === to.room) {
    const [here, there] = [apartmentOf(from), apartmentOf(to)];
    if (here !== undefined && there !== undefined && here !== there) report('arrow', `${here} -> ${there} is sideways`);
    return;
  }
  if (to.room === 'base') return;
  const allowed = plan.arrows[from.room] ?? [];
  if (allowed.includes('*') ? to.room !== 'main' && to.room !== 'cli' : allowed.includes(to.room)) return;
  if (allowed.includes('ports') && to.path.endsWith('/ports.ts')) return;
  if (isTest(from.path) && plan.testArrows.includes(to.room)) return;
  report('arrow', `${from.room} -> ${to.room} (${to.path})`);
}

/** `stores/sqlite` for a file in there; undefined for files that the apartments share, and for tests. */
function apartmentOf(place: Place): string | undefined {
  const parts = place.path.split('/');
  const isApart = plan.apartmentRooms.includes(place.room) && parts.length > 3 && !isTest(place.path);
  return isApart ? `${parts[1]}/${parts[2]}` : undefined;
}

function mayTouchMachine(path: string): boolean {
  return isTest(path) || isMachineFile(path) || plan.machineRooms.includes(roomOf(path) ?? '');
}

function isMachineFile(path: string): boolean {
  return /^src\/base\/(?:time\/)?system-[^/]+\.ts$/.test(path) || path.endsWith('-socket.ts');
}

/** The module that a node imports; null when it is not a literal; undefined when the node imports nothing. */
function importedModule(node: SyntaxNode): string | null | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSImportType':
      return literalText(childNode(node, 'source'));
    case 'ExportNamedDeclaration':
      return childNode(node, 'source') === undefined ? undefined : literalText(childNode(node, 'source'));
    case 'CallExpression': {
      const callee = childNode(node, 'callee');
      return callee?.type === 'Identifier' && field(callee, 'name') === 'require' ? null : undefined;
    }
    default:
      return undefined;
  }
}

function literalText(node: SyntaxNode | undefined): string | null {
  const value = field(node, 'value');
  return typeof value === 'string' ? value : null;
}

/** The forbidden name that a node is, if it is one and is used as itself and not as the name of a member. */
function machineName(node: SyntaxNode, parent: SyntaxNode | undefined, key: string): string | undefined {
  if (node.type === 'MemberExpression') {
    const object = childNode(node, 'object');
    const property = childNode(node, 'property');
    if (object?.type !== 'Identifier' || property === undefined) return undefined;
    const member = field(node, 'computed') === true ? literalText(property) : field(property, 'name');
    const name = `${String(field(object, 'name'))}.${String(member)}`;
    return plan.machineGlobals.includes(name) ? name : undefined;
  }
  if (node.type !== 'Identifier' || isMemberName(parent, key)) return undefined;
  const name = String(field(node, 'name'));
  return plan.machineGlobals.includes(name) ? name : undefined;
}

function isMemberName(parent: SyntaxNode | undefined, key: string): boolean {
  if (parent === undefined) return false;
  if (field(parent, 'computed') === true) return false;
  if (key === 'key') return true;
  if (key === 'property') return parent.type === 'MemberExpression';
  return key === 'right' && parent.type === 'TSQualifiedName';
}

function isArgumentlessDate(node: SyntaxNode): boolean {
  const callee = childNode(node, 'callee');
  if (callee?.type !== 'Identifier' || field(callee, 'name') !== 'Date') return false;
  const isNew = node.type === 'NewExpression';
  return node.type === 'CallExpression' || (isNew && (field(node, 'arguments') as unknown[]).length === 0);
}
