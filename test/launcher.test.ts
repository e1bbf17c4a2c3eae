/** bin/restante.js beside a small program in place of the built one: which Node.js runs it, and how it ends. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../', import.meta.url));
const bundledName = `node-${process.platform}-${process.arch}`;
const bundled = join(root, 'node_modules', bundledName);
const hasBundled = existsSync(bundled);
const oldNode = findOldNode();

let folder: string;
let launcher: string;
/** Makes the process that is started first, and only it, look like Node.js 20. */
let pretence: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'restante-launcher-'));
  for (const name of ['bin', 'dist', 'node_modules']) mkdirSync(join(folder, name));
  launcher = join(folder, 'bin', 'restante.js');
  copyFileSync(join(root, 'bin', 'restante.js'), launcher);
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
  writeFileSync(join(folder, 'dist', 'main.js'), program);
  if (hasBundled) symlinkSync(bundled, join(folder, 'node_modules', bundledName));
  pretence = join(folder, 'pretence.cjs');
  writeFileSync(
    pretence,
    `if (!process.env.RESTANTE_GUARD || process.env.RESTANTE_STAY_OLD)
       Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.9.9' } });`,
  );
});

const youngHeap = '--max-semi-space-size=8';

/** Programs that a test started and must not leave behind, even when it fails. */
const started: number[] = [];

afterAll(() => {
  for (const pid of started) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  rmSync(folder, { recursive: true });
});

/** Says who runs it, and with the word `wait` stays until a signal, on which it ends with 7. */
const program = `
  if (process.argv.includes('wait')) {
    setInterval(() => {}, 1000);
    for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(7));
  }
  process.stdout.write(JSON.stringify({ node: process.versions.node, pid: process.pid, args: process.argv.slice(2),
    guard: process.env.RESTANTE_GUARD ?? null, flags: process.execArgv }) + '\\n');
  if (process.argv.includes('three')) process.exitCode = 3;
  if (process.argv.includes('killed')) process.kill(process.pid, 'SIGKILL');
`;

interface Said {
  readonly node: string;
  readonly pid: number;
  readonly args: string[];
  readonly guard: string | null;
  readonly flags: string[];
}

function run(node: string, args: string[], env: NodeJS.ProcessEnv = process.env): ReturnType<typeof spawnSync> {
  return spawnSync(node, args, { encoding: 'utf8', env });
}

describe('the launcher under a Node.js that is new enough', () => {
  it('runs the program in the same process, with its arguments and exit code', () => {
    const { stdout, status } = run(process.execPath, [launcher, 'check', 'three']);
    expect(JSON.parse(String(stdout))).toMatchObject({ node: process.versions.node, args: ['check', 'three'] });
    expect(status).toBe(3);
  });

  it('runs a server with a small young heap, in the same process', async () => {
    const { child, said } = await startAndListen(['--no-warnings', launcher, 'serve', '--flag=x y', 'wait']);
    expect(said).toMatchObject({ args: ['serve', '--flag=x y', 'wait'], flags: [youngHeap, '--no-warnings'] });
    expect(said.pid).toBe(child.pid);
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(7);
  });

  it.each([
    ['a flag', ['--max-semi-space-size=16'], {}],
    ['NODE_OPTIONS', [], { NODE_OPTIONS: '--max-semi-space-size=16' }],
  ])('leaves a young heap alone that %s asks for', (_, flags, env) => {
    const { stdout } = run(process.execPath, [...flags, launcher, 'serve'], { ...process.env, ...env });
    expect((JSON.parse(String(stdout)) as Said).flags).toEqual(flags);
  });

  it('says what to do when nothing is built', () => {
    const bare = join(folder, 'elsewhere', 'bin');
    mkdirSync(bare, { recursive: true });
    copyFileSync(launcher, join(bare, 'restante.js'));
    const { stdout, stderr, status } = run(process.execPath, [join(bare, 'restante.js'), 'serve']);
    expect([stdout, stderr, status]).toEqual([
      '',
      'restante: the program is not built yet: run `npm run build` first\n',
      2,
    ]);
  });
});

const bundledTitle = hasBundled ? '' : ` (left out: ${bundledName} is not installed here)`;

describe.skipIf(!hasBundled)(`the launcher under an older Node.js${bundledTitle}`, () => {
  const pretend = (...args: string[]): string[] => ['--require', pretence, launcher, ...args];

  it('starts the Node.js that npm installed, with the same arguments, and passes on the exit code', () => {
    const { stdout, status } = run(process.execPath, pretend('three', '--flag=x y'));
    const said = JSON.parse(String(stdout)) as Said;
    expect(Number.parseInt(said.node, 10)).toBeGreaterThanOrEqual(24);
    expect(said.args).toEqual(['three', '--flag=x y']);
    expect(said.guard).toBeNull();
    expect(said.flags[0]).toBe(youngHeap);
    expect(status).toBe(3);
  });

  it('ends by the signal that ended the program', () => {
    expect(run(process.execPath, pretend('killed')).signal).toBe('SIGKILL');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('passes on %s and waits for the program', async (signal) => {
    const { child } = await startAndListen(pretend('wait'));
    child.kill(signal);
    expect(await exitOf(child)).toBe(7);
  });

  it('takes the program with it when it is killed', async () => {
    const { child, said } = await startAndListen(pretend('wait'));
    const closed = new Promise<void>((resolve) => {
      child.on('close', () => resolve());
    });
    child.kill('SIGKILL');
    // The program inherited the pipe, so this end closes when both processes are gone.
    await closed;
    expect(said.pid).not.toBe(child.pid);
  });

  it('does not start itself for ever', () => {
    const env = { ...process.env, NODE_OPTIONS: `--require ${pretence}`, RESTANTE_STAY_OLD: '1' };
    const { stderr, status } = run(process.execPath, [launcher], env);
    expect(stderr).toMatch(/^restante: needs Node\.js 24 or later, this is v[\d.]+; run `npm ci` to get one\n$/);
    expect(status).toBe(2);
  });

  const oldTitle = oldNode === undefined ? ' (left out: there is no older Node.js on PATH)' : '';
  it.skipIf(oldNode === undefined)(`works with a real one${oldTitle}`, () => {
    const { stdout } = run(oldNode ?? '', [launcher, 'x']);
    expect(JSON.parse(String(stdout))).toMatchObject({
      args: ['x'],
      node: expect.stringMatching(/^(2[4-9]|[3-9]\d)\./),
    });
  });
});

function startAndListen(args: string[]): Promise<{ child: ChildProcess; said: Said }> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve) => {
    child.stdout.once('data', (line) => {
      const said = JSON.parse(String(line)) as Said;
      started.push(said.pid);
      resolve({ child, said });
    });
  });
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => {
    child.on('exit', (code) => resolve(code));
  });
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function findOldNode(): string | undefined {
  for (const part of (process.env['PATH'] ?? '').split(delimiter)) {
    const node = join(part, 'node');
    if (part === '' || dirname(node) === dirname(process.execPath) || !existsSync(node)) continue;
    const version = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout;
    if (/^v(1[4-9]|2[0-3])\./.test(version)) return node;
  }
  return undefined;
}
