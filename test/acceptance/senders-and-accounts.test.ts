/** What becomes of messages when an account is removed or a sender blocked, and a sender who is too fast (contract sections 2, 4, 5). */
import { afterEach, expect, it } from 'vitest';
import { readPidf } from '../../src/cli/demo/user-agent/pidf-text.ts';
import type { SipText } from '../../src/cli/demo/user-agent/sip-text.ts';
import { openStage, type Stage, startMsMax } from './stage.ts';

/** A second, and what a busy machine adds to it. */
const effectMsMax = 30_000;
const testMsMax = 120_000;
const mary = 'mary@localhost';

let stage: Stage | undefined;
afterEach(() => stage?.close(), startMsMax);

function idOf(answer: SipText): string {
  return /^[0-9a-f-]{36}/.exec(answer.header('Deferred-Message') ?? '')?.[0] ?? 'none';
}

/** The state in which `restante explain` shows a message. */
async function stateOf(opened: Stage, answer: SipText): Promise<string | undefined> {
  return /^\S+ {2}(\w+)$/m.exec(await opened.server.command('explain', idOf(answer)))?.[1];
}

function untilState(opened: Stage, answer: SipText, state: string): Promise<void> {
  return expect.poll(() => stateOf(opened, answer), { timeout: effectMsMax, interval: 200 }).toBe(state);
}

it(
  '"An account removed: what waits for it fails; what it sent stays; a new account of that name inherits nothing"',
  { timeout: testMsMax },
  async () => {
    const opened = await openStage();
    stage = opened;
    const tom = await opened.phone('tom');
    const john = await opened.phone('john');
    const peter = await opened.phone('peter');
    await john.register();
    john.answer('MESSAGE', 'silence');
    const waits = await tom.sendMessage('john@localhost', 'for the old john');
    const sent = await john.sendMessage('peter@localhost', 'from the old john');
    expect([waits.status, sent.status]).toEqual([202, 202]);
    await opened.server.command('user', 'remove', 'john@localhost');
    // Its client still has it, but nobody waits for the answer of somebody who is gone.
    await untilState(opened, waits, 'failed');
    expect(await stateOf(opened, sent)).toBe('waiting');
    const gone = await tom.sendMessage('john@localhost', 'anybody?');
    expect([gone.status, gone.header('Warning')]).toEqual([404, '399 localhost "no such recipient"']);
    await opened.server.command('user', 'add', 'john@localhost', '--password', 'another');
    await peter.register();
    expect((await peter.nextMessage(effectMsMax)).text).toBe('from the old john');
    const newJohn = await opened.phone('john', { password: 'another' });
    await expect.poll(async () => (await newJohn.register()).status, { timeout: effectMsMax }).toBe(200);
    expect((await tom.sendMessage('john@localhost', 'for the new john')).status).toBe(200);
    expect(newJohn.messages.map(({ text }) => text)).toEqual(['for the new john']);
  },
);

it(
  '"Blocked after acceptance: when it becomes ready, before any attempt: failed"',
  { timeout: testMsMax },
  async () => {
    const opened = await openStage();
    stage = opened;
    const tom = await opened.phone('tom');
    const john = await opened.phone('john');
    const phone = await opened.phone('mary');
    const kept = await tom.sendMessage(mary, 'before the block');
    await opened.server.command('block', mary, 'tom@localhost');
    await expect.poll(async () => (await tom.sendMessage(mary, 'after it')).status, { timeout: effectMsMax }).toBe(403);
    await phone.register();
    await untilState(opened, kept, 'failed');
    expect((await john.sendMessage(mary, 'from somebody else')).status).toBe(200);
    expect(phone.messages.map(({ text }) => text)).not.toContain('before the block');
  },
);

/** An answer without what differs between any two messages. */
function shapeOf(answer: SipText): unknown {
  const rows = ['Deferred-Message', 'Warning', 'Server', 'Content-Length', 'Unsupported', 'Retry-After'];
  return [answer.status, ...rows.map((name) => answer.header(name)?.replace(/^[0-9a-f-]{36}/, 'ID'))];
}

it('"accept: exactly as for an offline recipient"', { timeout: testMsMax }, async () => {
  const opened = await openStage([
    '--blocked-answer',
    'accept',
    '--settle',
    '0',
    '--validity-max',
    '1h',
    '--notify-pace',
    '0',
  ]);
  stage = opened;
  const tom = await opened.phone('tom');
  const phone = await opened.phone('mary');
  const answers = async (): Promise<unknown[]> => {
    const shapes: unknown[] = [];
    for (const headers of [
      {},
      { 'Deliver-When': 'availability is available' },
      { 'Deliver-When': 'not online' },
      { 'Deliver-When': 'online is' },
      { Expires: '0' },
      { Expires: '7200' },
    ]) {
      shapes.push(shapeOf(await tom.sendMessage(mary, 'hello', { headers })));
    }
    return shapes;
  };
  const forOffline = await answers();
  await phone.register();
  await phone.publish({ availability: 'available' });
  const watch = await tom.subscribe('presence', { to: mary });
  expect(readPidf((await watch.nextNotify(effectMsMax)).text).availability).toBe('available');
  await opened.server.command('block', mary, 'tom@localhost');
  expect(readPidf((await watch.nextNotify(effectMsMax)).text).availability).toBe('not-available');
  expect(await answers()).toEqual(forOffline);
});

it('"too many requests": 480 with Retry-After', { timeout: testMsMax }, async () => {
  const opened = await openStage(['--rate', '2/60']);
  stage = opened;
  const tom = await opened.phone('tom');
  for (const text of ['one', 'two']) expect((await tom.sendMessage(mary, text)).status).toBe(202);
  const refused = await tom.sendMessage(mary, 'three');
  expect([refused.status, refused.header('Warning')]).toEqual([480, '399 localhost "too many requests"']);
  expect(Number(refused.header('Retry-After'))).toBeGreaterThan(0);
  expect((await (await opened.phone('john')).sendMessage(mary, 'from somebody else')).status).toBe(202);
});
