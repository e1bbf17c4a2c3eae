/**
 * One story, and a kill -9 in each of its steps: three messages stored, two held, all released, acknowledged and erased. Whatever
 * the step: each comes, as one message for a client that honours ids, and nothing of it stays in the files.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { FaultPlan } from '../../../src/stores/sqlite/writer/operations.ts';
import type { SipUserAgent } from '../../../src/cli/demo/user-agent/sip-user-agent.ts';
import { waitUntil } from '../../processes/child-program.ts';
import { findMissing, findShownTwice } from '../fault-scene.ts';
import { openPlannedScene, type PlannedScene } from './planned-scene.ts';

const mary = 'mary@localhost';
const whenAvailable = { headers: { 'Deliver-When': 'availability is available' } };
const stored = ['stored first', 'stored second', 'stored third'];
const held = ['held first', 'held second'];
/** Long enough for a server that starts again meanwhile, on a machine that has other work too. */
const patienceMs = 60_000;
const flags = ['--trust', '127.0.0.1', '--settle', '0', '--answer-within', '1'];
/** So that a request outlives the restart of its server. */
const t1Ms = 500;
/** A client that was not answered before the kill is tried again in the lane of its next REGISTER. */
const againEveryMs = 500;

let scene: PlannedScene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

const plans: readonly (readonly [step: string, plan: FaultPlan])[] = [
  ['store: received', { from: 'put', point: 'batch-received', passes: 1 }],
  ['store: begun', { from: 'put', point: 'transaction-begun', passes: 1 }],
  ['store: written', { from: 'put', point: 'operation-applied', passes: 1 }],
  ['store: tidied', { from: 'put', point: 'contents-tidied', passes: 1 }],
  ['store: durable, not answered', { from: 'put', point: 'committed', passes: 1 }],
  ['hold: written', { from: 'put', point: 'operation-applied', passes: 4 }],
  ['hold: durable, not answered', { from: 'put', point: 'committed', passes: 4 }],
  ['release: presence written', { from: 'changePresence', point: 'operation-applied', passes: 1 }],
  ['release: presence durable, nothing evaluated', { from: 'changePresence', point: 'committed', passes: 1 }],
  ['release: written', { from: 'update', point: 'operation-applied', passes: 1 }],
  ['release: durable, the publisher not answered', { from: 'update', point: 'committed', passes: 1 }],
  ['release: a client is there, not durably', { from: 'changeBindings', point: 'operation-applied', passes: 1 }],
  ['release: a client is there, nothing sent', { from: 'changeBindings', point: 'committed', passes: 1 }],
  ['acknowledge: received', { from: 'changeBindings', point: 'batch-received', passes: 1 }],
  ['acknowledge: written', { from: 'end', point: 'operation-applied', passes: 1 }],
  ['acknowledge: tidied', { from: 'end', point: 'contents-tidied', passes: 1 }],
  ['acknowledge: durable', { from: 'end', point: 'committed', passes: 1 }],
  ['erase: the log is about to be cut', { from: 'end', point: 'checkpoint-begun', passes: 1 }],
  ['erase: the log is cut', { from: 'end', point: 'checkpointed', passes: 1 }],
];

/** The whole story; answers mary's phone. */
async function play(on: PlannedScene): Promise<SipUserAgent> {
  const [tom, phone] = [await on.phone('tom', { t1Ms }), await on.phone('mary', { t1Ms })];
  for (const text of stored) expect((await tom.sendMessage(mary, text)).status).toBe(202);
  for (const text of held) expect((await tom.sendMessage(mary, text, whenAvailable)).status).toBe(202);
  expect((await phone.publish({ availability: 'available' })).status).toBe(200);
  const { status } = await phone.register();
  // RFC 3261 10.3: a REGISTER that was durable and is repeated to the next process has no higher CSeq.
  expect(status === 500 ? (await phone.register()).status : status).toBe(200);
  return phone;
}

function textsOf(phone: SipUserAgent): string[] {
  return phone.messages.map(({ text }) => text);
}

function textsInFiles(folder: string): string[] {
  const inside = readdirSync(folder, { withFileTypes: true, recursive: true }).filter((entry) => entry.isFile());
  const files = inside.map(({ parentPath, name }) => readFileSync(join(parentPath, name)));
  return [...stored, ...held].filter((text) => files.some((bytes) => bytes.includes(text)));
}

/** Everything came once for a client that honours ids, and nothing is left. */
async function expectGoodEnd(on: PlannedScene, phone: SipUserAgent): Promise<void> {
  const all = new Set([...stored, ...held]);
  await waitUntil(async () => {
    await phone.register();
    return (await findMissing(all, againEveryMs, phone)).length === 0;
  }, patienceMs);
  expect(await findMissing(all, 1, phone)).toEqual([]);
  await waitUntil(async () => (await on.server.command('queue')) === 'nothing\n', patienceMs);
  expect(await on.server.command('queue')).toBe('nothing\n');
  expect(findShownTwice(phone)).toEqual([]);
  // One kill repeats a message once: what was with the client, or taken and not durably so.
  for (const text of all) expect(textsOf(phone).filter((one) => one === text).length).toBeLessThanOrEqual(2);
  await waitUntil(() => textsInFiles(on.dataFolder).length === 0, patienceMs);
  expect(textsInFiles(on.dataFolder)).toEqual([]);
}

describe('a server that is killed at a named point', { timeout: 300_000 }, () => {
  it.each(plans)('%s', async (_step, plan) => {
    scene = await openPlannedScene(plan, ...flags);
    const phone = await play(scene);
    await expectGoodEnd(scene, phone);
    const on = scene;
    await waitUntil(() => on.kills > 0, patienceMs);
    expect(scene.kills).toBe(1);
  });

  it('a message is with its client, which has not answered', async () => {
    scene = await openPlannedScene(undefined, ...flags);
    const { server } = scene;
    let killed: Promise<void> | undefined;
    const phone = await scene.phone('mary', { t1Ms });
    phone.answer('MESSAGE', () => {
      if (killed !== undefined) return 200;
      killed = server.kill();
      return 'silence';
    });
    const tom = await scene.phone('tom', { t1Ms });
    for (const text of [...stored, ...held]) expect((await tom.sendMessage(mary, text)).status).toBe(202);
    await phone.register();
    await expectGoodEnd(scene, phone);
    expect(scene.kills).toBe(1);
  });

  it('its client has answered, and nobody has read the answer', async () => {
    scene = await openPlannedScene(undefined, ...flags);
    const { server } = scene;
    let killed: Promise<void> | undefined;
    const phone = await scene.phone('mary', { t1Ms });
    phone.answer('MESSAGE', async () => {
      killed ??= server.kill();
      await killed;
      return 200;
    });
    const tom = await scene.phone('tom', { t1Ms });
    for (const text of [...stored, ...held]) expect((await tom.sendMessage(mary, text)).status).toBe(202);
    await phone.register();
    await expectGoodEnd(scene, phone);
    expect(scene.kills).toBe(1);
  });
});
