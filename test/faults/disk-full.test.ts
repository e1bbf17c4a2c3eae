/**
 * A disk that takes nothing more, and then does again: senders hear 503 with Retry-After (contract section 5), nothing that was
 * accepted is lost, and nobody has to start the server again. The disk is played by the limit on the size of files.
 */
import { spawnSync } from 'node:child_process';
import { afterEach, describe, expect, it } from 'vitest';
import type { SipUserAgent } from '../../src/cli/demo/user-agent/sip-user-agent.ts';
import { waitUntil } from '../processes/child-program.ts';
import { fireVolley, findMissing, openScene, patienceMs, sceneMaxMs, type FaultScene } from './fault-scene.ts';

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;
const title = hasPrlimit ? '' : ' (left out: prlimit of util-linux is not on this machine)';
const mary = 'mary@localhost';
let scene: FaultScene | undefined;

afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

function limitFiles({ server }: FaultScene, bytes: string): void {
  const { status, stderr } = spawnSync('prlimit', ['--pid', String(server.pid), `--fsize=${bytes}:`]);
  if (status !== 0) throw new Error(stderr.toString());
}

describe.skipIf(!hasPrlimit)(`a disk that is full${title}`, { timeout: sceneMaxMs }, () => {
  it('is told to senders, loses nothing, and is over when it is over', async () => {
    scene = await openScene('--settle', '0');
    const tom = await scene.phone('tom');
    const before = await fireVolley(tom, mary, { count: 50, inFlight: 8, text: 'before' });
    expect([...before.statuses]).toEqual([[202, 50]]);

    limitFiles(scene, '4096');
    const refused = await tom.sendMessage(mary, 'while it is full');
    expect([refused.status, refused.header('Retry-After')]).toEqual([503, expect.stringMatching(/^\d+$/)]);
    const during = await fireVolley(tom, mary, { count: 20, inFlight: 8, text: 'during' });
    expect([...during.statuses]).toEqual([[503, 20]]);

    limitFiles(scene, 'unlimited');
    await waitUntil(async () => (await tom.sendMessage(mary, 'it goes again')).status === 202, patienceMs);
    const phone = await scene.phone('mary');
    await phone.register();
    expect(await findMissing(before.accepted, patienceMs, phone)).toEqual([]);
    expect(textsOf(phone).filter((text) => /^(?:during|while)/.test(text))).toEqual([]);
    expect(await scene.server.stop()).toBe(0);
  });

  it('does not keep messages that are relayed from their recipients', async () => {
    scene = await openScene('--settle', '0');
    const [tom, phone] = [await scene.phone('tom'), await scene.phone('mary')];
    await phone.register();
    limitFiles(scene, '4096');
    expect((await tom.sendMessage(mary, 'live')).status).toBe(200);
    expect(textsOf(phone)).toEqual(['live']);
    expect(await scene.server.stop()).toBe(0);
  });

  it('keeps back what was kept before, and delivers it once', async () => {
    scene = await openScene('--settle', '0');
    const tom = await scene.phone('tom');
    const { accepted } = await fireVolley(tom, mary, { count: 10, inFlight: 4, text: 'kept' });
    limitFiles(scene, '4096');
    const phone = await scene.phone('mary');
    await phone.register();
    await waitUntil(() => phone.messages.length > 0, 500);
    limitFiles(scene, 'unlimited');
    await phone.register();
    expect(await findMissing(accepted, patienceMs, phone)).toEqual([]);
    const callIds = phone.messages.map(({ request }) => request.callId);
    expect(new Set(callIds).size).toBe(accepted.size);
  });
});

function textsOf(phone: SipUserAgent): string[] {
  return phone.messages.map(({ text }) => text);
}
