/**
 * A write-ahead log that is cut short, spoiled or gone (sqlite.org/fileformat.html, 4): what is left is what the store said at
 * some earlier moment, whole; the more of the log there is, the later. Nothing is repaired by guessing, nothing refused.
 */
import { copyFileSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { memoryStores } from '../../../src/stores/memory/memory-stores.ts';
import { openSqlite, temporaryFolder } from './sqlite-subject.ts';
import { isAlike, readStory, story, tellStory } from './told-story.ts';

const logHeaderBytes = 32;
const frameHeaderBytes = 24;
const pageBytes = 4096;
const frameBytes = frameHeaderBytes + pageBytes;

/** Files of a server that was ended the hard way before its log was ever copied back. */
let image: string;
let log: Buffer;
/** What can be read after so many steps. */
let states: unknown[];

beforeAll(async () => {
  image = temporaryFolder();
  const memory = memoryStores();
  states = [await readStory(memory)];
  await tellStory(memory, async () => void states.push(await readStory(memoryStores({ from: memory.snapshot() }))));
  const alive = temporaryFolder();
  const stores = await openSqlite(alive, { checkpointEveryMs: 1_000_000 });
  await tellStory(stores, () => undefined);
  for (const name of ['restante.db', 'restante.db-wal']) copyFileSync(join(alive, name), join(image, name));
  await stores.close();
  rmSync(alive, { recursive: true });
  log = readFileSync(join(image, 'restante.db-wal'));
  log = log.subarray(0, commitEnds().at(-1));
  writeFileSync(join(image, 'restante.db-wal'), log);
});
afterAll(() => rmSync(image, { recursive: true }));

/** Opens the files with another log; answers how far the story is told in them. */
async function openWith(spoil: (file: string) => void): Promise<number> {
  const folder = temporaryFolder();
  for (const name of ['restante.db', 'restante.db-wal']) copyFileSync(join(image, name), join(folder, name));
  spoil(join(folder, 'restante.db-wal'));
  const stores = await openSqlite(folder);
  const found = await readStory(stores);
  await stores.close();
  const database = new DatabaseSync(stores.file, { returnArrays: true });
  expect(database.prepare('PRAGMA integrity_check').all().flat()).toEqual(['ok']);
  database.close();
  rmSync(folder, { recursive: true });
  const state = states.findLastIndex((one) => isAlike(one, found));
  expect(state).toBeGreaterThanOrEqual(0);
  return state;
}

function cutAt(length: number): (file: string) => void {
  return (file) => truncateSync(file, length);
}

/** The lengths behind a frame that ends a transaction (it says how long the file is then), in order. */
function commitEnds(): number[] {
  const ends: number[] = [];
  for (let at = logHeaderBytes; at + frameBytes <= log.length; at += frameBytes) {
    if (log.readUInt32BE(at + 4) > 0) ends.push(at + frameBytes);
  }
  return ends;
}

describe('a write-ahead log', { timeout: 600_000 }, () => {
  it('that is whole has everything', async () => {
    expect(await openWith(() => undefined)).toBe(story.length);
    expect(commitEnds().length).toBeGreaterThanOrEqual(story.length);
  });

  it.each([
    ['empty', 0],
    ['cut in its header', 17],
    ['nothing but its header', logHeaderBytes],
    ['cut in the header of its first frame', logHeaderBytes + 11],
    ['cut in the page of its first frame', logHeaderBytes + frameHeaderBytes + 1000],
  ])('that is %s has nothing', async (_how, length) => {
    expect(await openWith(cutAt(length))).toBe(0);
  });

  it('that has room behind its end has everything, and one that is nothing but room has nothing', async () => {
    expect(await openWith((file) => truncateSync(file, log.length + 10 * frameBytes))).toBe(story.length);
    expect(await openWith((file) => writeFileSync(file, Buffer.alloc(log.length)))).toBe(0);
  });

  it('that is missing has nothing', async () => {
    expect(await openWith((file) => rmSync(file))).toBe(0);
  });

  it('has what was committed before the place where it is cut, wherever that is', async () => {
    // A byte less, a torn page, a torn header of a frame, and the frame gone: each time what was before.
    const cuts = [1, pageBytes / 2, pageBytes + frameHeaderBytes / 2, frameBytes];
    let before = 0;
    for (const [number, end] of commitEnds().entries()) {
      const whole = await openWith(cutAt(end));
      expect(await openWith(cutAt(end - (cuts[number % cuts.length] ?? 0)))).toBe(before);
      expect(whole - before).toBeLessThanOrEqual(1);
      before = whole;
    }
    expect(before).toBe(story.length);
  });

  it('has what was committed before the first frame that is spoiled', async () => {
    const ends = commitEnds();
    const middle = ends[Math.floor(ends.length / 2)] ?? 0;
    const before = await openWith(cutAt(middle - frameBytes));
    for (const at of [middle - 1, middle - frameBytes, middle - frameBytes + 9]) {
      const spoiled = Buffer.from(log);
      spoiled[at] = (spoiled[at] ?? 0) ^ 0x10;
      expect(await openWith((file) => writeFileSync(file, spoiled))).toBe(before);
    }
  });

  it('takes what is told from there on', async () => {
    const folder = temporaryFolder();
    for (const name of ['restante.db', 'restante.db-wal']) copyFileSync(join(image, name), join(folder, name));
    truncateSync(join(folder, 'restante.db-wal'), logHeaderBytes + frameBytes * 2 + 99);
    const stores = await openSqlite(folder);
    await tellStory(stores, () => undefined);
    expect(isAlike(states.at(-1), await readStory(stores))).toBe(true);
    await stores.close();
    expect(existsSync(join(folder, 'restante.db'))).toBe(true);
    rmSync(folder, { recursive: true });
  });
});
