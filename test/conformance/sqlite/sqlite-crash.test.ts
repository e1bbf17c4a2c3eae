/** Kill -9 at chance moments and at every named point: nothing that was acknowledged is missing, nothing is damaged. */
import { rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqliteStores } from '../../../src/stores/sqlite/open-sqlite-stores.ts';
import { address } from '../samples.ts';
import { runUntilKilled } from './killed-child.ts';
import { openSqlite, temporaryFolder } from './sqlite-subject.ts';

const recipient = address('mary@example.com');
const everything = { after: 0, limit: 1_000_000 };

const child = new URL('crash-child.ts', import.meta.url);
let folder: string;
beforeAll(() => {
  folder = temporaryFolder();
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('after a kill', () => {
  const acknowledged: string[] = [];

  it.each([
    ['after 25 acknowledgements', 25],
    ['after 300 acknowledgements', 300],
    ['after 900 acknowledgements', 900],
  ])('%s nothing is missing', { timeout: 120_000 }, async (_name, count) => {
    const { signal, lines } = await runUntilKilled(child, [folder], count);
    expect(signal).toBe('SIGKILL');
    acknowledged.push(...lines);
    expect(await findWrong(acknowledged)).toEqual([]);
  });

  it.each([
    ['batch-received', 5],
    ['transaction-begun', 5],
    ['operation-applied', 150],
    ['committed', 5],
    ['checkpointed', 2],
  ])('at the point %s nothing is missing', { timeout: 120_000 }, async (point, passes) => {
    const { signal, lines } = await runUntilKilled(child, [folder, JSON.stringify({ point, passes })]);
    expect(signal).toBe('SIGKILL');
    acknowledged.push(...lines);
    expect(await findWrong(acknowledged)).toEqual([]);
  });
});

/** What the files say otherwise than the lines that were acknowledged, and what of the files does not fit together. */
async function findWrong(lines: readonly string[]): Promise<string[]> {
  const stores = await openSqlite(folder);
  const wrong = [...(await findMissing(stores, lines)), ...(await findMiscounted(stores))];
  await stores.close();
  const database = new DatabaseSync(stores.file, { returnArrays: true });
  const integrity = database.prepare('PRAGMA integrity_check').all().flat();
  database.close();
  return [...wrong, ...integrity.map(String).filter((line) => line !== 'ok')];
}

async function findMissing({ mailbox }: SqliteStores, lines: readonly string[]): Promise<string[]> {
  const states = new Map((await mailbox.list(everything)).map(({ id, state }) => [id, state]));
  const open = new Map((await mailbox.open(recipient, everything)).map((entry) => [entry.id, entry]));
  return lines.filter((line) => {
    const [what, id = ''] = line.split(' ');
    const entry = open.get(id);
    // One that was killed between an end and its acknowledgement is delivered although nobody said so.
    if (what === 'end' || entry === undefined) return entry !== undefined || states.get(id) !== 'delivered';
    return !/^(message \d+ ){20}$/.test(new TextDecoder().decode(entry.message.body));
  });
}

/** What the lists say of the mailbox must be what is in it. */
async function findMiscounted({ mailbox }: SqliteStores): Promise<string[]> {
  const entries = await mailbox.open(recipient, everything);
  const held = entries.filter((entry) => entry.state === 'held');
  const [summary] = await mailbox.recipients(undefined, 9);
  const found: string[] = [];
  if (summary?.entries !== entries.length || summary.conditional !== held.length) found.push('the summary');
  if ((await mailbox.mentioning(recipient, 'all', everything)).length !== held.length) found.push('the attributes');
  return found;
}
