/** A burst of publications over real sockets, and kill -9 right behind it. */
import { afterEach, describe, expect, it } from 'vitest';
import { readPidf } from '../../src/cli/demo/user-agent/pidf-text.ts';
import type { SipUserAgent } from '../../src/cli/demo/user-agent/sip-user-agent.ts';
import { openStage, type Stage } from './stage.ts';

const mary = 'mary@localhost';
const each = 125;
const deviceCount = 8;
const flags = ['--settle', '0', '--visible-by-default', '*', '--notify-pace', '0'];
let stage: Stage;

afterEach(() => stage.close());

async function shown(): Promise<unknown> {
  const authorization = `Basic ${Buffer.from('tom@localhost:tom-secret').toString('base64')}`;
  const answer = await fetch(`${stage.server.http}/v1/presence/${mary}`, { headers: { authorization } });
  const { visible: _visible, ...rest } = (await answer.json()) as Record<string, unknown>;
  return rest;
}

/** The first says moods and nothing else, so that every change of mood is known; the others come and go. */
async function publishAll(device: SipUserAgent, number: number): Promise<Set<number>> {
  const statuses = new Set<number>();
  for (let at = 0; at < each; at += 1) {
    const turn = at % 4;
    const words = number === 0 ? { mood: `m${at}` } : { activity: `a${number}`, note: `${number}.${at}` };
    if (number > 0 && turn === 2) statuses.add((await device.refreshPublication()).status);
    else if (number > 0 && turn === 3) statuses.add((await device.unpublish()).status);
    else statuses.add((await device.publish(words)).status);
  }
  return statuses;
}

describe('1,000 PUBLISHes of eight devices as fast as they are answered', { timeout: 400_000 }, () => {
  it('leave the last state everywhere, and every change was seen, also when the server is killed right behind them', async () => {
    stage = await openStage(flags);
    const devices: SipUserAgent[] = [];
    for (let number = 0; number < deviceCount; number += 1) devices.push(await stage.phone('mary'));
    const [phone, tom] = [await stage.phone('mary'), await stage.phone('tom')];
    const [first, second] = devices;
    if (first === undefined || second === undefined) throw new Error('no devices');
    await phone.register();
    await first.publish({ mood: 'm' });
    const moods = ['m', ...Array.from({ length: each }, (_, at) => `m${at}`)];
    for (const mood of moods) {
      const when = { headers: { 'Deliver-When': `mood changes from ${mood}` } };
      expect((await tom.sendMessage(mary, `left ${mood}`, when)).status).toBe(202);
    }
    const watching = await tom.subscribe('presence', { to: mary });

    const statuses = await Promise.all(devices.map(publishAll));
    expect(statuses).toEqual(devices.map(() => new Set([200])));
    for (const device of devices.slice(2)) await device.unpublish();
    await second.publish({ activity: 'working' });
    expect((await first.publish({ mood: 'happy' })).status).toBe(200);
    await stage.server.kill();

    const isLast = ({ text }: { readonly text: string }): boolean => text.includes('happy') && text.includes('working');
    const told = watching.notifies.at(-1);
    await stage.server.start();
    const last = { address: mary, online: true, availability: 'available', mood: ['happy'], activity: ['working'] };
    expect(await shown()).toEqual(last);
    // Whoever was told of the last state, or asks again, knows no element that is gone.
    const again = await tom.subscribe('presence', { to: mary });
    const document = told !== undefined && isLast(told) ? told : await again.nextNotify(90_000, isLast);
    expect(readPidf(document.text)).toMatchObject({ mood: ['happy'], activity: ['working'], notes: [] });

    const wanted = moods.map((mood) => `left ${mood}`).toSorted();
    const arrived = (): string[] => [...new Set(phone.messages.map(({ text }) => text))].toSorted();
    await expect.poll(arrived, { timeout: 120_000, interval: 200 }).toEqual(wanted);
    // What the killed server did not hear the answer to comes again as the same message.
    const ids = new Set(phone.messages.map(({ text, request }) => `${text} ${request.callId}`));
    expect(ids.size).toBe(moods.length);
    expect(phone.messages.length - moods.length).toBeLessThanOrEqual(1);
  });
});
