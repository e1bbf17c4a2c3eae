/** The operator's commands beside a running server: in effect within a second (contract section 1). */
import { afterEach, describe, expect, it } from 'vitest';
import type { SipUserAgent } from '../../src/cli/demo/user-agent/sip-user-agent.ts';
import { pauseMs, waitUntil } from '../processes/child-program.ts';
import { openScene, sceneMaxMs, type FaultScene } from './fault-scene.ts';

const [tomAddress, mary] = ['tom@localhost', 'mary@localhost'];
const whenHappy = { headers: { 'Deliver-When': 'mood is happy' } };
const whenAvailable = { headers: { 'Deliver-When': 'availability is available' } };
/** A second, and what a busy machine adds to it. */
const withinMs = 10_000;
let scene: FaultScene | undefined;

afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

/** Seldom enough that the limit on guessing passwords does not take it for guessing. */
const askEveryMs = 250;

/** The status in time, or the last other one. */
async function statusWithin(ask: () => Promise<{ readonly status: number }>, wanted: number): Promise<number> {
  for (let spentMs = 0; ; spentMs += askEveryMs) {
    const { status } = await ask();
    if (status === wanted || spentMs >= withinMs) return status;
    await pauseMs(askEveryMs);
  }
}

describe('an operator beside a running server', { timeout: sceneMaxMs }, () => {
  it('adds an account, changes its password, removes it', async () => {
    scene = await openScene();
    const { server } = scene;
    const early = await scene.phone('ann', { password: 'one' });
    expect((await early.register()).status).toBe(401);
    await server.command('user', 'add', 'ann@localhost', '--password', 'one');
    expect(await statusWithin(() => early.register(), 200)).toBe(200);

    await server.command('user', 'password', 'ann@localhost', '--password', 'two');
    expect(await statusWithin(() => early.register(), 401)).toBe(401);
    const late = await scene.phone('ann', { password: 'two' });
    expect((await late.register()).status).toBe(200);

    const tom = await scene.phone('tom');
    expect((await tom.sendMessage('ann@localhost', 'hello')).status).toBe(200);
    await server.command('user', 'remove', 'ann@localhost');
    expect(await statusWithin(() => tom.sendMessage('ann@localhost', 'hello again'), 404)).toBe(404);
    expect((await late.register()).status).toBe(401);
  });

  it('blocks and unblocks, allows and disallows', async () => {
    scene = await openScene();
    const { server } = scene;
    const tom = await scene.phone('tom');
    const write = (): Promise<{ readonly status: number }> => tom.sendMessage(mary, 'hello');
    const ask = (): Promise<{ readonly status: number }> => tom.sendMessage(mary, 'when happy', whenHappy);
    expect([(await write()).status, (await ask()).status]).toEqual([202, 403]);
    await server.command('block', mary, tomAddress);
    expect(await statusWithin(write, 403)).toBe(403);
    await server.command('unblock', mary, tomAddress);
    expect(await statusWithin(write, 202)).toBe(202);
    await server.command('allow', mary, tomAddress, 'mood');
    expect(await statusWithin(ask, 202)).toBe(202);
    await server.command('disallow', mary, tomAddress, 'mood');
    expect(await statusWithin(ask, 403)).toBe(403);
  });

  it('removes an account, and what waits for it fails', async () => {
    scene = await openScene('--settle', '0');
    const { server } = scene;
    const [tom, phone] = [await scene.phone('tom'), await scene.phone('mary')];
    const kept = idOf(await tom.sendMessage(mary, 'kept'));
    await phone.publish({ availability: 'not-available' });
    const held = idOf(await tom.sendMessage(mary, 'held', whenAvailable));
    await server.command('user', 'remove', mary);
    await waitUntil(async () => (await server.command('queue')) === 'nothing\n', withinMs);
    for (const id of [kept, held]) expect(await server.command('explain', id)).toContain(`${id}  failed`);
  });

  it('gives a new account the name of an old one, and nothing else of it', async () => {
    scene = await openScene('--settle', '0');
    const { server } = scene;
    const [tom, peter, old] = [await scene.phone('tom'), await scene.phone('peter'), await scene.phone('mary')];
    await server.command('allow', mary, tomAddress, 'mood');
    await server.command('block', mary, 'peter@localhost');
    expect((await tom.sendMessage(mary, 'for the old one')).status).toBe(202);
    await old.publish({ availability: 'not-available' });
    await server.command('user', 'remove', mary);
    await server.command('user', 'add', mary, '--password', 'mary-secret');

    expect(await statusWithin(() => peter.sendMessage(mary, 'not blocked'), 202)).toBe(202);
    expect((await tom.sendMessage(mary, 'asks', whenHappy)).status).toBe(403);
    expect((await old.refreshPublication()).status).toBe(412);
    const young = await scene.phone('mary');
    await young.register();
    expect((await tom.sendMessage(mary, 'available', whenAvailable)).status).toBe(200);
    expect(young.messages.map(({ text }) => text)).toEqual(['not blocked', 'available']);
  });
});

function idOf(answer: Awaited<ReturnType<SipUserAgent['sendMessage']>>): string {
  return answer.header('Deferred-Message')?.split(';')[0] ?? '';
}
