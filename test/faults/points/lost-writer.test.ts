/**
 * The thread that writes the store ends by itself, as for want of memory: the server cannot keep a promise any more, so it says why
 * and ends with 1, and whoever supervises it starts it again. What was accepted is there.
 */
import { afterEach, describe, expect, it } from 'vitest';
import type { FaultPoint } from '../../../src/stores/sqlite/writer/operations.ts';
import { waitUntil } from '../../processes/child-program.ts';
import { findMissing } from '../fault-scene.ts';
import { openPlannedScene, type PlannedScene } from './planned-scene.ts';

const mary = 'mary@localhost';
const patienceMs = 60_000;
/** So that a request outlives the restart of its server. */
const t1Ms = 500;

let scene: PlannedScene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

describe('a server whose writer ended', { timeout: 300_000 }, () => {
  it.each<FaultPoint>(['batch-received', 'operation-applied', 'committed'])('at %s ends with 1', async (point) => {
    scene = await openPlannedScene({ from: 'put', point, passes: 3, ends: 'thread' }, '--answer-within', '1');
    const on = scene;
    const tom = await on.phone('tom', { t1Ms });
    const answers = new Map<string, number>();
    for (const text of ['first', 'second', 'third', 'fourth']) {
      answers.set(text, (await tom.sendMessage(mary, text)).status);
    }
    // The one in whose commit it happens is refused by the server that ends, or kept by the one that comes.
    expect([202, 503, 408]).toContain(answers.get('third'));
    const accepted = new Set([...answers].filter(([, status]) => status === 202).map(([text]) => text));
    await waitUntil(() => on.kills > 0, patienceMs);
    expect(on.exitCodes).toEqual([1]);
    for (const text of ['first', 'second', 'fourth']) expect(accepted).toContain(text);
    const phone = await on.phone('mary', { t1Ms });
    await waitUntil(async () => (await phone.register()).status === 200, patienceMs);
    expect(await findMissing(accepted, patienceMs, phone)).toEqual([]);
  });
});
