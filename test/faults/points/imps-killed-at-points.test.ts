/**
 * The same story told by IMPS phones, and a kill -9 in each of its steps: three messages sent, two with a condition, all taken by
 * push, by notice and by list, and reported. Whatever the step: each comes, under one MessageID, and is reported to its sender.
 */
import { afterEach, describe, expect, it } from 'vitest';
import { findAll, node, textAt } from '../../../src/cli/imps-phone/csp-node.ts';
import { type Answer, ImpsPhone, valued } from '../../../src/cli/imps-phone/imps-phone.ts';
import type { FaultPlan } from '../../../src/stores/sqlite/writer/operations.ts';
import { pauseMs, waitUntil } from '../../processes/child-program.ts';
import { openPlannedScene, type PlannedScene } from './planned-scene.ts';

const stored = ['stored first', 'stored second', 'stored third'];
const held = ['held first', 'held second'];
const all = [...stored, ...held];
/** Long enough for a server that starts again meanwhile, on a machine that has other work too. */
const patienceMs = 120_000;
const againEveryMs = 50;
const flags = ['--settle', '0', '--answer-within', '1', '--visible-by-default', 'online,availability'];

const ways = ['push', 'notice', 'list'] as const;
type Way = (typeof ways)[number];

const plans: readonly (readonly [step: string, way: Way, plan: FaultPlan])[] = [
  ['sent: received', 'push', { from: 'put', point: 'batch-received', passes: 1 }],
  ['sent: written', 'notice', { from: 'put', point: 'operation-applied', passes: 1 }],
  ['sent: durable, not answered', 'list', { from: 'put', point: 'committed', passes: 1 }],
  ['sent with a condition: durable, not answered', 'push', { from: 'put', point: 'committed', passes: 4 }],
  ['logged in: durable, not answered', 'notice', { from: 'changeImpsSessions', point: 'committed', passes: 1 }],
  ['shown: presence durable, nothing evaluated', 'list', { from: 'changePresence', point: 'committed', passes: 1 }],
  ['released: durable, the publisher not answered', 'push', { from: 'update', point: 'committed', passes: 1 }],
  ...ways.flatMap((way): (readonly [string, Way, FaultPlan])[] => [
    ['acknowledged: written', way, { from: 'end', point: 'operation-applied', passes: 1 }],
    ['acknowledged: durable, not answered', way, { from: 'end', point: 'committed', passes: 1 }],
  ]),
  ['reported: written', 'push', { from: 'tellReports', point: 'operation-applied', passes: 1 }],
  ['reported: durable, not answered', 'push', { from: 'tellReports', point: 'committed', passes: 1 }],
];

let scene: PlannedScene | undefined;
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

function phoneOf({ server }: PlannedScene, name: string): ImpsPhone {
  const account = { address: `${name}@localhost`, password: `${name}-secret` };
  return new ImpsPhone({ http: server.http, version: '1.2', syntax: 'wbxml', ...account });
}

/** As a phone that has lost its connection does: the same again, until it is answered. */
async function patiently<T>(act: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await act();
    } catch (error) {
      // The connection, or a server that only begins; anything else is what the test looks for.
      const isLost = error instanceof TypeError || (error instanceof Error && error.message.includes(': 503, '));
      if (!isLost || performance.now() > deadline) throw error;
      await pauseMs(againEveryMs);
    }
  }
}

async function logIn(phone: ImpsPhone, method: 'P' | 'N'): Promise<void> {
  expect((await patiently(() => phone.login())).code).toBe(200);
  await patiently(() => phone.negotiate([], method));
}

/** MessageIDs under which each text came, in the order in which it did. */
type Arrivals = Map<string, string[]>;

function note(arrivals: Arrivals, id: string, text: string): void {
  arrivals.set(text, [...(arrivals.get(text) ?? []), id]);
}

async function fetchAndAcknowledge(phone: ImpsPhone, id: string, arrivals: Arrivals): Promise<void> {
  const number = phone.line.nextId();
  const got: Answer = await patiently(() =>
    phone.ask(node('GetMessage-Request', node('MessageID', id)), { id: number }),
  );
  // It was acknowledged before the kill, and that was written down.
  if (got.name === 'Status') {
    expect(got.code).toBe(426);
    return;
  }
  note(arrivals, id, got.text('ContentData'));
  expect((await patiently(() => phone.delivered(id, number))).code).toBe(200);
}

/** Once round: what is there is taken. */
async function take(phone: ImpsPhone, way: Way, arrivals: Arrivals): Promise<void> {
  if (way === 'list') {
    const { primitive } = await patiently(() => phone.list());
    const ids = findAll(primitive, 'MessageInfo').map((info) => textAt(info, 'MessageID'));
    for (const id of ids) await fetchAndAcknowledge(phone, id, arrivals);
    return;
  }
  await patiently(() => phone.poll());
  for (const { primitive } of phone.asked.splice(0)) {
    const id = textAt(primitive, 'MessageInfo/MessageID');
    if (primitive.name === 'NewMessage') note(arrivals, id, textAt(primitive, 'ContentData'));
    if (primitive.name === 'MessageNotification') await fetchAndAcknowledge(phone, id, arrivals);
  }
}

/** Answers the MessageIDs that tom was told. */
async function send(tom: ImpsPhone): Promise<string[]> {
  const ids: string[] = [];
  for (const text of all) {
    const conditions = held.includes(text) ? ['availability is available'] : [];
    const id = tom.line.nextId();
    const message = { to: 'mary@localhost', text, wantsReport: true, conditions, id };
    const sent = await patiently(() => tom.send(message));
    expect([text, sent.code]).toEqual([text, held.includes(text) ? 202 : 201]);
    ids.push(sent.text('MessageID'));
  }
  return ids;
}

describe('a server of IMPS phones that is killed at a named point', { timeout: 600_000 }, () => {
  it.each(plans)('%s (%s)', async (_step, way, plan) => {
    scene = await openPlannedScene(plan, ...flags);
    const on = scene;
    const [tom, mary] = [phoneOf(on, 'tom'), phoneOf(on, 'mary')];
    await logIn(tom, 'N');
    const ids = await send(tom);
    await logIn(mary, way === 'push' ? 'P' : 'N');
    expect((await patiently(() => mary.show(valued('UserAvailability', 'AVAILABLE')))).code).toBe(200);
    const arrivals: Arrivals = new Map();
    await waitUntil(async () => {
      await take(mary, way, arrivals);
      return all.every((text) => arrivals.has(text)) && (await on.server.command('queue')) === 'nothing\n';
    }, patienceMs);
    expect([...arrivals.keys()].toSorted()).toEqual(all.toSorted());
    // One kill repeats a message once: what was with the phone, or acknowledged and not durably so; under the same id.
    for (const [at, text] of all.entries()) {
      expect([text, [...new Set(arrivals.get(text))]]).toEqual([text, [ids[at]]]);
      expect(arrivals.get(text)?.length).toBeLessThanOrEqual(2);
    }
    const reported: string[] = [];
    await waitUntil(async () => {
      await patiently(() => tom.poll());
      for (const { primitive } of tom.asked.splice(0)) {
        if (primitive.name !== 'DeliveryReport-Request') continue;
        expect(textAt(primitive, 'Result/Code')).toBe('200');
        reported.push(textAt(primitive, 'MessageInfo/MessageID'));
      }
      return ids.every((id) => reported.includes(id)) && on.kills > 0;
    }, patienceMs);
    expect([...new Set(reported)].toSorted()).toEqual(ids.toSorted());
    for (const id of ids) expect(reported.filter((one) => one === id).length).toBeLessThanOrEqual(2);
    expect(on.kills).toBe(1);
  });
});
