/** What keeps a server or a command from starting: one clear line that names it, exit code 2 (contract section 1). */
import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../processes/free-port.ts';
import { sourceProgram } from '../processes/server-process.ts';
import { openScene, sceneMaxMs } from './fault-scene.ts';

let folder: string;
let ports: { readonly sip: number; readonly http: number; readonly msrp: number };
const closers: (() => void)[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'restante-start-'));
  ports = { sip: await freePort(), http: await freePort(), msrp: await freePort() };
});

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

afterAll(() => rmSync(folder, { recursive: true }));

function run(...words: string[]): { readonly code: number | null; readonly out: string; readonly err: string } {
  const child = spawnSync(process.execPath, [fileURLToPath(sourceProgram), ...words], { encoding: 'utf8' });
  return { code: child.status, out: child.stdout, err: child.stderr };
}

function serve(data: string, ...more: string[]): ReturnType<typeof run> {
  const addresses = ['--sip', `127.0.0.1:${ports.sip}`, '--http', `127.0.0.1:${ports.http}`];
  addresses.push('--msrp', `127.0.0.1:${ports.msrp}`);
  return run('serve', '--demo', '--data', data, ...addresses, ...more);
}

describe('a server does not start', { timeout: sceneMaxMs }, () => {
  it('on a port for SIP that is taken, and adds nobody', async () => {
    const udp = createSocket('udp4');
    closers.push(() => udp.close());
    await new Promise<void>((resolve) => {
      udp.bind(ports.sip, '127.0.0.1', resolve);
    });
    const data = join(folder, 'taken');
    const where = `udp 127.0.0.1:${ports.sip}`;
    const line = `restante: cannot listen on ${where}: the address is already in use\n`;
    expect(serve(data)).toEqual({ code: 2, out: '', err: line });
    expect(run('user', 'list', '--data', data)).toEqual({ code: 0, out: '', err: '' });
  });

  it.each(['http', 'msrp'] as const)('on a port for %s that is taken', async (name) => {
    const tcp = createServer();
    closers.push(() => tcp.close());
    await new Promise<void>((resolve) => {
      tcp.listen(ports[name], '127.0.0.1', resolve);
    });
    const line = `restante: cannot listen on ${name} 127.0.0.1:${ports[name]}: the address is already in use\n`;
    expect(serve(join(folder, 'taken'))).toEqual({ code: 2, out: '', err: line });
  });

  it('on a port for calls to IMPS clients that is taken', async () => {
    const tcp = createServer();
    closers.push(() => tcp.close());
    const port = await freePort();
    await new Promise<void>((resolve) => {
      tcp.listen(port, '127.0.0.1', resolve);
    });
    const line = `restante: cannot listen on imps-cir 127.0.0.1:${port}: the address is already in use\n`;
    const outcome = serve(join(folder, 'taken'), '--imps-cir', `127.0.0.1:${port}`);
    expect(outcome).toEqual({ code: 2, out: '', err: line });
  });

  it('beside another one on the same folder', async () => {
    const scene = await openScene();
    closers.push(() => void scene.close());
    const line = `restante: another server is running on the data folder ${scene.dataFolder}\n`;
    expect(serve(scene.dataFolder)).toEqual({ code: 2, out: '', err: line });
  });

  it('in a place that is no folder, or with a setting that does not exist', () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const { code, out, err } = serve(file);
    expect({ code, out, err }).toEqual({
      code: 2,
      out: '',
      err: `restante: the data folder ${file} cannot be used: it is not a folder\n`,
    });
    const line = "restante: unknown option '--domian' (did you mean --domain?)\n";
    expect(serve(file, '--domian', 'x')).toEqual({ code: 2, out: '', err: line });
  });

  it.each<[what: string, spoil: (file: string) => void]>([
    ['empty', (file) => truncateSync(file, 0)],
    ['cut short', (file) => truncateSync(file, 50_000)],
    ['no database', (file) => writeFileSync(file, 'Dear diary, '.repeat(1000))],
  ])('on a database that is %s, and leaves it as it is', (what, spoil) => {
    const data = join(folder, what.replaceAll(' ', '-'));
    expect(run('user', 'add', 'tom@localhost', '--password', 'x', '--data', data).code).toBe(0);
    const file = join(data, 'restante.db');
    spoil(file);
    const { code, out, err } = serve(data);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^restante: the database \S+ is damaged: [^\n]+; restore it from a backup\n$/);
    expect(err).toContain(file);
  });
});

describe('a lock that is no lock', { timeout: sceneMaxMs }, () => {
  it('is named, and nobody is sent to a backup for it', () => {
    const data = join(folder, 'lock');
    mkdirSync(data);
    const file = join(data, 'server.lock');
    writeFileSync(file, 'Dear diary, '.repeat(1000));
    const line = `restante: the lock ${file} is damaged; delete it, there is nothing in it\n`;
    expect(serve(data)).toEqual({ code: 2, out: '', err: line });
  });
});

describe('a command', { timeout: sceneMaxMs }, () => {
  it('finds no folder, and makes none', () => {
    const data = join(folder, 'slip');
    for (const words of [['queue'], ['user', 'list'], ['explain', 'x'], ['block', 'a@b', 'c@d']]) {
      const line = `restante: there is no data folder ${data}\n`;
      expect(run(...words, '--data', data)).toEqual({ code: 2, out: '', err: line });
    }
  });
});
