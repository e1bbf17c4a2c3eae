/** kill -9 at moments that nobody chose: what was answered 2xx has arrived or arrives after the restart, once for ids. */
import { afterEach, describe, expect, it } from 'vitest';
import type { SipUserAgent } from '../../src/cli/demo/user-agent/sip-user-agent.ts';
import { pauseMs } from '../processes/child-program.ts';
import {
  fireVolley,
  findMissing,
  findShownTwice,
  openScene,
  patienceMs,
  sceneMaxMs,
  type FaultScene,
} from './fault-scene.ts';

const count = 900;
const inFlight = 32;
const mary = 'mary@localhost';
let scene: FaultScene | undefined;

afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

/** Kills when so many are accepted, a random number of further ones later at most. */
function killAfter(accepted: number, { server }: FaultScene, sender: SipUserAgent) {
  const at = accepted + Math.floor(Math.random() * inFlight);
  let killed: Promise<void> | undefined;
  return {
    onAccepted(sofar: number) {
      if (sofar < at || killed !== undefined) return;
      // What is on its way when the server dies was promised to nobody: its sender need not wait for an answer.
      killed = server.kill().then(() => sender.stop());
    },
    isOver: () => killed !== undefined,
    killed: () => killed,
  };
}

describe('a server that is killed', { timeout: sceneMaxMs }, () => {
  it.each([
    ['storing', {}],
    ['holding', { headers: { 'Deliver-When': 'availability is available' } }],
  ])('while %s loses nothing that it accepted', async (_what, options) => {
    scene = await openScene('--settle', '0');
    const tom = await scene.phone('tom');
    const axe = killAfter(count / 3, scene, tom);
    const { accepted } = await fireVolley(tom, mary, { count, inFlight, text: 'kept', options, ...axe });
    expect(accepted.size).toBeGreaterThanOrEqual(count / 3);
    await axe.killed();
    await scene.server.start();
    const phone = await scene.phone('mary');
    await phone.publish({ availability: 'available' });
    await phone.register();
    expect(await findMissing(accepted, patienceMs, phone)).toEqual([]);
    expect(findShownTwice(phone)).toEqual([]);
  });

  it('while releasing loses nothing and shows nothing twice', async () => {
    scene = await openScene();
    const tom = await scene.phone('tom');
    const { accepted } = await fireVolley(tom, mary, { count: 400, inFlight, text: 'kept' });
    expect(accepted.size).toBe(400);
    const phone = await scene.phone('mary');
    await phone.register();
    const { server } = scene;
    const someMs = 20 + Math.random() * 200;
    await pauseMs(someMs);
    await server.kill();
    await server.start();
    // No REGISTER: the binding is durable.
    expect(await findMissing(accepted, patienceMs, phone)).toEqual([]);
    expect(findShownTwice(phone)).toEqual([]);
  });
});
