/** Blobs as files: the suite, who may read them, how many are open, and a disk that takes no more. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StoreFault } from '../../../src/base/store-fault.ts';
import { fileBlobs } from '../../../src/stores/files/file-blobs.ts';
import { describeBlobStore } from '../blobs.ts';

describeBlobStore('the file adapter', async () => {
  const root = mkdtempSync(join(tmpdir(), 'restante-blobs-'));
  const folder = join(root, 'blobs');
  return {
    blobs: fileBlobs({ folder }),
    restarted: async () => fileBlobs({ folder }),
    dispose: async () => rmSync(root, { recursive: true }),
  };
});

describe('files', () => {
  let root: string;
  let folder: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'restante-blobs-'));
    folder = join(root, 'blobs');
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('are for their owner alone, and their names say nothing', async () => {
    const blobs = fileBlobs({ folder });
    const writer = await blobs.create();
    await writer.write(new Uint8Array(9), 0);
    await writer.sync();
    const [name = ''] = readdirSync(folder);
    const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
    expect([name === writer.name, /^[0-9a-f]{32}$/.test(name)]).toEqual([true, true]);
    expect([mode(folder), mode(join(folder, name))]).toEqual(['700', '600']);
  });

  it('that are not blobs are left alone by the sweep', async () => {
    const blobs = fileBlobs({ folder });
    writeFileSync(join(folder, 'README'), 'of the operator');
    expect(await blobs.sweep(new Set())).toEqual({ removed: 0, missing: [] });
    expect(readdirSync(folder)).toEqual(['README']);
  });

  it('are closed, whatever becomes of them', async () => {
    const blobs = fileBlobs({ folder });
    const openNow = (): number => readdirSync('/proc/self/fd').length;
    const before = openNow();
    for (let round = 0; round < 50; round += 1) {
      const writer = await blobs.create();
      await writer.write(new Uint8Array(100), 0);
      const reader = await blobs.open(writer.name);
      await reader?.close();
      if (round % 2 === 0) await writer.sync();
      else await writer.abandon();
      await writer.write(new Uint8Array(1), 0).catch(() => undefined);
      await blobs.open('ffffffffffffffffffffffffffffffff');
      if (round % 4 === 0) await blobs.remove([writer.name]);
    }
    expect(openNow()).toBe(before);
  });

  it('in a folder that cannot be made, or that is gone, are a fault that says so', async () => {
    writeFileSync(join(root, 'file'), '');
    expect(() => fileBlobs({ folder: join(root, 'file', 'blobs') })).toThrow(StoreFault);
    const blobs = fileBlobs({ folder });
    rmSync(folder, { recursive: true });
    const fault: unknown = await blobs.create().catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(StoreFault);
    expect(fault).toMatchObject({ isTemporary: true, message: expect.stringContaining(folder) });
  });

  it('that may not grow are a fault for the time being, and leave nothing', () => {
    const child = new URL('full-child.ts', import.meta.url).pathname;
    const { stdout, stderr } = spawnSync(
      'bash',
      ['-c', `ulimit -f 64; exec "$0" "$1" "$2"`, process.execPath, child, folder],
      {
        encoding: 'utf8',
      },
    );
    expect([stderr, stdout]).toEqual(['', 'temporary: could not grow\n']);
    expect(readdirSync(folder)).toEqual([]);
  });
});
