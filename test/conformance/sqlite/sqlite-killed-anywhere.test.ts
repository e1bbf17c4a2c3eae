/**
 * Kill -9 at every pass of every named point while a short story is told: what was acknowledged is there whole, the step
 * under way is there whole or not at all, and what was erased is in no file soon after the next start.
 */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { isLogEmpty } from '../../../src/stores/sqlite/writer/log-room.ts';
import type { FaultPlan } from '../../../src/stores/sqlite/writer/operations.ts';
import { memoryStores } from '../../../src/stores/memory/memory-stores.ts';
import { openSqlite, temporaryFolder } from './sqlite-subject.ts';
import { allTexts, isAlike, openTexts, readStory, story, tellStory } from './told-story.ts';

/** Children at work at once. */
const atOnce = 3;

/** What can be read after so many steps, as the specification has it after a start. */
async function expectedStates(): Promise<unknown[]> {
  const stores = memoryStores();
  const states = [await readStory(memoryStores({ from: stores.snapshot() }))];
  await tellStory(stores, async () => {
    states.push(await readStory(memoryStores({ from: stores.snapshot() })));
  });
  return states;
}

interface Telling {
  readonly isKilled: boolean;
  /** Lines that were written whole: steps that are durable, and the end. */
  readonly lines: readonly string[];
}

/** What a child that ended well leaves behind, so that those after it start in half the time. */
let compileCache: string;
beforeAll(() => {
  compileCache = temporaryFolder();
});
afterAll(() => rmSync(compileCache, { recursive: true }));

async function tellUntil(folder: string, plan: FaultPlan): Promise<Telling> {
  const words = [new URL('story-child.ts', import.meta.url).pathname, folder, JSON.stringify(plan)];
  const env = { ...process.env, NODE_COMPILE_CACHE: compileCache };
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'], env });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const signal = await new Promise((resolve) => {
    child.on('close', (_code, killedBy) => resolve(killedBy));
  });
  return { isKilled: signal === 'SIGKILL', lines: output.split('\n').slice(0, -1) };
}

/** The state of the files as an index into the states; checks on the way that nothing erased is left and nothing damaged. */
async function findState(folder: string, states: readonly unknown[]): Promise<number> {
  const stores = await openSqlite(folder, { checkpointEveryMs: 20 });
  const found = await readStory(stores);
  const open = await openTexts(stores);
  await vi.waitFor(() => expect(isLogEmpty(`${stores.file}-wal`)).toBe(true), 60_000);
  expect(textsIn(folder)).toEqual(allTexts.filter((text) => open.includes(text)));
  await stores.close();
  const database = new DatabaseSync(stores.file, { returnArrays: true });
  expect(database.prepare('PRAGMA integrity_check').all().flat()).toEqual(['ok']);
  database.close();
  return states.findLastIndex((state) => isAlike(state, found));
}

function textsIn(folder: string): string[] {
  const files = readdirSync(folder).map((name) => readFileSync(join(folder, name)));
  return allTexts.filter((text) => files.some((bytes) => bytes.includes(text)));
}

const wholeStory = [...story.map(({ name }) => name), 'the end'];

describe('killed at any pass of any point', () => {
  it('a store has what it acknowledged, and the next step whole or not', { timeout: 900_000 }, async () => {
    const states = await expectedStates();
    const reached = new Set<number>();
    const tell = async (passes: number): Promise<boolean> => {
      const folder = temporaryFolder();
      const { isKilled, lines } = await tellUntil(folder, { point: 'any', passes });
      expect(isKilled || isAlike(wholeStory, lines)).toBe(true);
      const durable = lines.filter((line) => line !== 'the end').length;
      const state = await findState(folder, states);
      expect(state, `killed at pass ${passes} behind "${lines.at(-1) ?? 'nothing'}"`).toBeGreaterThanOrEqual(durable);
      expect(state).toBeLessThanOrEqual(durable + 1);
      reached.add(state);
      rmSync(folder, { recursive: true });
      return isKilled;
    };
    expect(await tell(Number.MAX_SAFE_INTEGER)).toBe(false);
    let passes = 0;
    const work = async (): Promise<void> => {
      while (await tell((passes += 1)));
    };
    await Promise.all(Array.from({ length: atOnce }, work));
    // Every state was found at least once, so the points lie between all steps.
    expect([...reached].sort((a, b) => a - b)).toEqual(states.map((_, index) => index));
    expect(passes).toBeGreaterThan(5 * story.length);
  });

  it('what was erased leaves the files at the next start, also beside a command that has them open', async () => {
    const folder = temporaryFolder();
    const { isKilled } = await tellUntil(folder, { from: 'end', point: 'committed', passes: 1 });
    expect(isKilled).toBe(true);
    const command = new DatabaseSync(join(folder, 'restante.db'), { readOnly: true });
    command.prepare('SELECT count(*) FROM entry').get();
    const stores = await openSqlite(folder, { checkpointEveryMs: 20 });
    const open = await openTexts(stores);
    expect(open).not.toContain('text of waiting');
    await vi.waitFor(() => expect(textsIn(folder)).toEqual(allTexts.filter((text) => open.includes(text))), 60_000);
    command.close();
    await stores.close();
    rmSync(folder, { recursive: true });
  });
});
