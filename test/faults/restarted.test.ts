/** SIGTERM under load, and what a server still knows after it: bindings, publications, attempts. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  fireVolley,
  findMissing,
  findShownTwice,
  openScene,
  patienceMs,
  sceneMaxMs,
  type FaultScene,
} from './fault-scene.ts';

const mary = 'mary@localhost';
const whenAvailable = { headers: { 'Deliver-When': 'availability is available' } };
let scene: FaultScene | undefined;

afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

describe('a server that is ended', { timeout: sceneMaxMs }, () => {
  it('under load answers what it owes, exits with 0 and has lost nothing', async () => {
    scene = await openScene('--settle', '0');
    const { server } = scene;
    const [tom, phone] = [await scene.phone('tom'), await scene.phone('mary')];
    let ended: Promise<number | null> | undefined;
    const end = (accepted: number): void => {
      if (accepted > 200) ended ??= server.stop();
    };
    const load = { count: 2000, inFlight: 16, text: 'kept', onAccepted: end, isOver: () => ended !== undefined };
    const { accepted, statuses } = await fireVolley(tom, mary, load);
    expect(await ended).toBe(0);
    // Those on their way when the signal came are answered, if only with a refusal.
    expect(statuses.get(0) ?? 0).toBeLessThanOrEqual(16);
    await server.start();
    await phone.register();
    expect(await findMissing(accepted, patienceMs, phone)).toEqual([]);
    expect(findShownTwice(phone)).toEqual([]);
  });

  it.each(['stop', 'kill'] as const)('by %s goes on delivering without a new REGISTER or PUBLISH', async (how) => {
    scene = await openScene('--settle', '0');
    const [tom, phone] = [await scene.phone('tom'), await scene.phone('mary')];
    await phone.register();
    await phone.publish({ availability: 'not-available' });
    expect((await tom.sendMessage(mary, 'held', whenAvailable)).status).toBe(202);
    await scene.server[how]();
    await scene.server.start();
    expect((await tom.sendMessage(mary, 'at once')).status).toBe(200);
    expect((await tom.sendMessage(mary, 'held too', whenAvailable)).status).toBe(202);
    // The entity tag is still known: this changes the publication that was there before.
    expect((await phone.publish({ availability: 'available' })).status).toBe(200);
    expect(await findMissing(new Set(['held', 'at once', 'held too']), patienceMs, phone)).toEqual([]);
    expect(phone.messages.map(({ text }) => text)).toEqual(['at once', 'held', 'held too']);
  });

  it('right behind its answer to a phone that was started anew reaches that phone, and takes what it says next', async () => {
    scene = await openScene();
    const [tom, before] = [await scene.phone('tom'), await scene.phone('mary')];
    await before.register();
    const localPort = before.local.port;
    await before.stop();
    const phone = await scene.phone('mary', { localPort });
    // The contact is the same, the Call-ID is not: its 200 waits for no commit.
    expect((await phone.register()).status).toBe(200);
    await scene.server.kill();
    await scene.server.start();
    expect((await tom.sendMessage(mary, 'at once')).status).toBe(200);
    expect(await findMissing(new Set(['at once']), patienceMs, phone)).toEqual([]);
    expect((await phone.register()).status).toBe(200);
    expect((await phone.unregister()).status).toBe(200);
    expect((await tom.sendMessage(mary, 'kept')).status).toBe(202);
  });

  it('sends again with a higher CSeq what was on its way when it was killed', async () => {
    scene = await openScene('--settle', '0', '--answer-within', '0.2');
    const [tom, phone] = [await scene.phone('tom'), await scene.phone('mary')];
    await phone.register();
    phone.answer('MESSAGE', 'silence');
    expect((await tom.sendMessage(mary, 'once more')).status).toBe(202);
    await scene.server.kill();
    phone.answer('MESSAGE', 200);
    await scene.server.start();
    await phone.register();
    expect(await findMissing(new Set(['once more']), patienceMs, phone)).toEqual([]);
    const [first, last] = [phone.messages[0]?.request, phone.messages.at(-1)?.request];
    expect(last?.callId).toBe(first?.callId);
    const numberOf = (cseq: string | undefined): number => Number.parseInt(cseq ?? '', 10);
    expect(phone.messages.length).toBeGreaterThan(1);
    expect(numberOf(last?.header('CSeq'))).toBeGreaterThan(numberOf(first?.header('CSeq')));
  });
});
