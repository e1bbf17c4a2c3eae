/** A server on a disk that can be made faulty while it runs. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sourceProgram } from '../../processes/server-process.ts';
import { type FaultScene, openSceneOf } from '../fault-scene.ts';

export type DiskMode = 'healthy' | 'full' | 'read-only' | 'broken' | `slow-${number}`;

export interface FaultyDisk {
  /** For a server whose data lies below the system's temporary folder. */
  readonly env: Readonly<Record<string, string>>;
  /** From now on, for everybody who was started with `env`. */
  become(mode: DiskMode): void;
  remove(): void;
}

/** Whether this machine can play it. */
export const hasCompiler = spawnSync('cc', ['--version']).status === 0;

export function makeDisk(): FaultyDisk {
  const folder = mkdtempSync(join(tmpdir(), 'restante-disk-'));
  const [library, mode] = [join(folder, 'faulty-disk.so'), join(folder, 'mode')];
  const source = fileURLToPath(new URL('faulty-disk.c', import.meta.url));
  const { status, stderr } = spawnSync('cc', ['-shared', '-fPIC', '-O1', '-o', library, source, '-ldl']);
  if (status !== 0) throw new Error(stderr.toString());
  writeFileSync(mode, 'healthy');
  return {
    env: { LD_PRELOAD: library, FAULTY_DISK_MODE: mode, FAULTY_DISK_FOLDER: join(tmpdir(), 'restante-fault-') },
    become: (next) => writeFileSync(mode, next),
    remove: () => rmSync(folder, { recursive: true }),
  };
}

export interface DiskScene extends FaultScene {
  readonly disk: FaultyDisk;
}

export async function openDiskScene(...flags: string[]): Promise<DiskScene> {
  const disk = makeDisk();
  const scene = await openSceneOf({ program: sourceProgram, env: disk.env }, flags);
  return {
    ...scene,
    disk,
    async close() {
      disk.become('healthy');
      await scene.close();
      disk.remove();
    },
  };
}
