/** The command without a server: misuse, and a run that cannot be. What it measures is tried where a server is built. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreFault } from '../../base/store-fault.ts';
import type { CliIo } from '../cli-io.ts';
import { benchCommand } from './bench-command.ts';
import type { OpenStores } from './bench-site.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'restante-bench-test-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

const noStore: OpenStores = () => Promise.reject(new StoreFault('no store here', false));

function listen(isTerminal = false): {
  io: CliIo;
  said: { out: string; err: string };
  signal: (() => void)[];
  ended: number[];
} {
  const said = { out: '', err: '' };
  const signal: (() => void)[] = [];
  const ended: number[] = [];
  const io: CliIo = {
    stdout: { isTerminal, write: (text) => void (said.out += text) },
    stderr: { isTerminal, write: (text) => void (said.err += text) },
    stdin: Readable.from([]),
    env: { NO_COLOR: '1' },
    onEndSignal: (run) => void signal.push(run),
    endNow: (code) => void ended.push(code),
  };
  return { io, said, signal, ended };
}

describe('restante bench', () => {
  it('names a flag that it cannot take, and starts nothing', async () => {
    const { io, said } = listen();
    expect(await benchCommand({ width: '0', folder }, io, noStore)).toBe(2);
    expect(said.err).toBe('restante: --width: 0 is not between 1 and 4096\n');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('says at once when the JSON cannot be written', async () => {
    const { io, said } = listen();
    expect(await benchCommand({ json: join(folder, 'no', 'file'), folder }, io, noStore)).toBe(2);
    expect(said.err).toContain('--json: ');
    expect(said.err).toContain('there is no such file');
  });

  it('says when there is no place for its folder', async () => {
    const { io, said } = listen();
    expect(await benchCommand({ folder: join(folder, 'no') }, io, noStore)).toBe(2);
    expect(said.err).toContain('the temporary folder cannot be made (there is no such file)');
  });

  it('tells of each stage that could not be measured, ends with 1 and leaves nothing behind', async () => {
    const { io, said } = listen();
    expect(await benchCommand({ only: 'relay,store', folder }, io, noStore)).toBe(1);
    expect(said.err).toContain('relay could not be measured: no store here\n');
    expect(said.err).toContain('store could not be measured: no store here\n');
    expect(said.out).toContain('measured');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('takes its folder away when it is interrupted', async () => {
    const { io, signal, ended } = listen();
    void benchCommand({ only: 'store', folder }, io, () => new Promise(() => undefined));
    await expect.poll(() => signal.length).toBe(1);
    signal[0]?.();
    await expect.poll(() => ended).toEqual([130]);
    expect(readdirSync(folder)).toEqual([]);
    expect(existsSync(folder)).toBe(true);
  });

  it('shows one line on a terminal and takes it away', async () => {
    const { io, said } = listen(true);
    await benchCommand({ only: 'store', folder }, io, noStore);
    const bar = ' '.repeat(20);
    expect(said.err).toContain(`\r[${bar}] 0 s  store: making 1000 accounts\u001B[K\r\u001B[K`);
  });
});
