/** Kill -9 around large bodies: what was acknowledged is there whole, what was not is nowhere, and the sweep leaves no more. */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fileBlobs } from '../../../src/stores/files/file-blobs.ts';
import { address } from '../samples.ts';
import { runUntilKilled } from '../sqlite/killed-child.ts';
import { openSqlite, temporaryFolder } from '../sqlite/sqlite-subject.ts';

const recipient = address('mary@example.com');
const child = new URL('large-child.ts', import.meta.url);
let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => rmSync(folder, { recursive: true }));

describe('after a kill', { timeout: 120_000 }, () => {
  it.each([
    ['blob-created', 30],
    ['blob-written', 70],
    ['blob-synced', 25],
    ['folder-synced', 25],
    ['blob-removed', 5],
  ])('at the point %s rows and files fit', async (point, passes) => {
    const { signal, lines } = await runUntilKilled(child, [folder, point, String(passes)]);
    expect(signal).toBe('SIGKILL');
    expect(await findWrong(lines)).toEqual([]);
  });

  it('at any moment they do', async () => {
    const all: string[] = [];
    for (const count of [10, 40, 80]) {
      const { lines } = await runUntilKilled(child, [folder], count);
      all.push(...lines);
      expect(await findWrong(all)).toEqual([]);
    }
  });
});

/** What rows, files and the lines that were acknowledged say differently after the start that follows. */
async function findWrong(lines: readonly string[]): Promise<string[]> {
  const { mailbox, close } = await openSqlite(folder);
  const blobs = fileBlobs({ folder: join(folder, 'blobs') });
  const names = await mailbox.blobs(undefined, 1_000_000);
  const { missing } = await blobs.sweep(new Set(names));
  const wrong = missing.map((name) => `missing ${name}`);
  const left = readdirSync(join(folder, 'blobs')).filter((name) => !names.includes(name));
  wrong.push(...left.map((name) => `left over ${name}`));
  const entries = await mailbox.open(recipient, { after: 0, limit: 1_000_000 });
  for (const { id, message } of entries) {
    const reader = await blobs.open(message.large?.blob ?? '');
    const octets = await reader?.read(0, 1_000_000);
    await reader?.close();
    const isWhole = octets?.length === message.large?.bytes && octets?.every((octet) => octet === message.sentAt % 256);
    if (isWhole !== true) wrong.push(`partial ${id}`);
  }
  const open = new Set(entries.map(({ id }) => id));
  const ended = new Set(lines.filter((line) => line.startsWith('end ')).map((line) => line.slice(4)));
  const states = new Map((await mailbox.list({ limit: 1_000_000 })).map(({ id, state }) => [id, state]));
  for (const line of lines) {
    const id = line.slice(4);
    // One that was killed between an end and its acknowledgement is delivered although nobody said so.
    if (ended.has(id) ? open.has(id) : !open.has(id) && states.get(id) !== 'delivered') wrong.push(line);
  }
  await close();
  return wrong;
}
