/** The command line as a process: all of its output arrives, and nothing outlives whoever started and ended it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ChildProgram } from '../processes/child-program.ts';
import { freePort } from '../processes/free-port.ts';
import { sourceProgram } from '../processes/server-process.ts';

const program = fileURLToPath(sourceProgram);
const startMsMax = 180_000;
const root = fileURLToPath(new URL('../../', import.meta.url));
const demoMaxMs = 300_000;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'restante-words-'));
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('what is printed', { timeout: startMsMax }, () => {
  const accounts = 6000;

  it('arrives whole at a reader who takes his time', () => {
    const file = join(folder, 'accounts');
    const names = Array.from({ length: accounts }, (_, at) => `user-${String(at).padStart(5, '0')}@example.com`);
    writeFileSync(file, names.map((name) => `${name},secret`).join('\n'));
    const data = join(folder, 'data');
    // More than a pipe holds; a shell makes one, Node.js itself would make a socket. Its reader takes one byte and rests.
    const words = `"${process.execPath}" "${program}" user`;
    const line = `${words} import ${file} --data ${data} && ${words} list --data ${data} | (dd bs=1 count=1 2>/dev/null; sleep 1; cat)`;
    const { stdout } = spawnSync('sh', ['-c', line], {
      encoding: 'utf8',
      env: { ...process.env, NODE_NO_WARNINGS: '1' },
    });
    expect(stdout.trim().split('\n').slice(1)).toEqual(names);
  });
});

describe('npm start', { timeout: 2 * startMsMax }, () => {
  it('ends the server with itself', async () => {
    const [sip, http] = [await freePort(), await freePort()];
    const flags = ['--data', join(folder, 'npm'), '--sip', `127.0.0.1:${sip}`, '--http', `127.0.0.1:${http}`];
    flags.push('--msrp', '127.0.0.1:0');
    // Without the build before it, which other tests stand on.
    const npm = new ChildProgram('npm', ['--ignore-scripts', 'start', '--', ...flags], { cwd: root });
    await npm.waitForOutput(/"text":"ready"/, startMsMax);
    expect(await npm.stop()).toBe(0);
    expect(npm.output).toContain('"text":"stopped"');
    await expect(fetch(`http://127.0.0.1:${http}/healthz`)).rejects.toThrow('fetch failed');
  });
});

describe('the demo', { timeout: demoMaxMs }, () => {
  /** With settings of the person's own server around it. */
  function startDemo(name: string): { readonly demo: ChildProgram; readonly place: string } {
    const place = join(folder, name);
    mkdirSync(place);
    const env = { TMPDIR: place, RESTANTE_DOMAIN: 'example.org', RESTANTE_SIP: '127.0.0.1:1' };
    return { demo: new ChildProgram(process.execPath, [program, 'demo'], { env }), place };
  }

  it('holds every act, whatever the settings of the person who starts it', async () => {
    const { demo, place } = startDemo('whole');
    expect([await demo.ended, demo.output.split('\n').at(-2)]).toEqual([0, 'All acts held (1, 2, 3, 4, 5, 6, 7).']);
    expect(demo.output).not.toContain('BROKEN');
    expect(Math.max(...demo.output.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(readdirSync(place)).toEqual([]);
  });

  it('takes its server and its folder with it when it is ended', async () => {
    const { demo, place } = startDemo('ended');
    await demo.waitForOutput(/202 Accepted/, demoMaxMs);
    expect(readdirSync(place)).toHaveLength(1);
    expect(await demo.stop()).toBe(130);
    expect(demo.output).not.toContain('BROKEN');
    expect(readdirSync(place)).toEqual([]);
  });
});
