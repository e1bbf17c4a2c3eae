/** The column of IMPS in contract section 5, one row after the other, and in its order of checks. */
import { afterEach, describe, expect, it } from 'vitest';
import type { ImpsPhone } from '../../../src/cli/imps-phone/imps-phone.ts';
import { openStage, startMsMax, type Stage } from '../stage.ts';
import { callerOf, codesOf, phoneOf, startPhone, withinMs } from './phones.ts';

let stage: Stage;
let tom: ImpsPhone;

async function open(...flags: readonly string[]): Promise<void> {
  stage = await openStage(flags);
  tom = await startPhone(stage, 'tom');
}

afterEach(() => stage.close(), startMsMax);

const toMary = { to: 'mary@localhost', text: 'hello' };

describe('answers to SendMessage', { timeout: 2 * startMsMax }, () => {
  it('as the table says, where everything is as it comes', async () => {
    await open();
    const kept = await tom.send(toMary);
    expect(codesOf(kept.primitive)).toEqual([201, ['533', 'wv:mary@localhost']]);
    expect(kept.details[0]?.[1]).toBe('IM accepted for offline user');
    expect((await tom.send({ to: 'ghost@localhost', text: 'x' })).code).toBe(531);
    expect((await tom.send({ to: 'ghost@elsewhere.example', text: 'x' })).code).toBe(516);
    const mood = await tom.send({ ...toMary, conditions: ['mood is happy and activity is known'] });
    expect(mood.code).toBe(534);
    expect(mood.words).toBe('Presence attribute needs to be authorised by the recipient: mood, activity');
    const malformed = await tom.send({ ...toMary, conditions: ['availability iz available'] });
    expect([malformed.code, malformed.words]).toEqual([402, expect.stringMatching(/position 1?\d/)]);
    expect((await tom.send({ ...toMary, text: 'x'.repeat(65_537) })).code).toBe(402);
    expect((await tom.send({ ...toMary, text: 'x'.repeat(65_536) })).code).toBe(201);
    const unmet = await tom.send({ ...toMary, conditions: ['availability is available'] });
    expect([unmet.code, unmet.text('MessageID') === '']).toEqual([202, false]);
    const mary = await startPhone(stage, 'mary', { method: 'N' });
    expect((await tom.send(toMary)).code).toBe(202);
    await mary.logout();
    const peter = await startPhone(stage, 'peter');
    const sending = tom.send({ to: 'peter@localhost', text: 'x' });
    await peter.next('NewMessage', withinMs);
    // As long as its sender is waited for; what takes longer is kept.
    const answer = await sending;
    expect([200, 202]).toContain(answer.code);
    await peter.block('tom@localhost');
    const blocked = await tom.send({ to: 'peter@localhost', text: 'x' });
    expect(codesOf(blocked.primitive)).toEqual([532]);
    expect((await phoneOf(stage, 'tom', { password: 'wrong' }).login()).code).toBe(409);
    expect((await phoneOf(stage, 'ghost').login()).code).toBe(409);
  });

  it('checks in the order of the contract: size, recipient, attributes, block', async () => {
    await open();
    const mary = await startPhone(stage, 'mary');
    await mary.block('tom@localhost');
    const large = 'x'.repeat(65_537);
    expect((await tom.send({ to: 'ghost@localhost', text: large })).code).toBe(402);
    expect((await tom.send({ to: 'ghost@localhost', text: 'x', conditions: ['mood is happy'] })).code).toBe(531);
    expect((await tom.send({ ...toMary, conditions: ['mood is happy'] })).code).toBe(534);
    expect((await tom.send(toMary)).code).toBe(532);
    await mary.unblock('tom@localhost');
    expect((await tom.send(toMary)).code).toBe(202);
  });

  it('200 of whoever takes anything else for a failure (--imps-offline-answer success)', async () => {
    await open('--imps-offline-answer', 'success');
    expect(codesOf((await tom.send(toMary)).primitive)).toEqual([200]);
    expect((await tom.send({ ...toMary, conditions: ['availability is available'] })).code).toBe(200);
    expect((await tom.send({ to: 'ghost@localhost', text: 'x' })).code).toBe(531);
  });

  it('533 where nothing is kept (--store-offline off)', async () => {
    await open('--store-offline', 'off');
    expect(codesOf((await tom.send(toMary)).primitive)).toEqual([533]);
    expect((await tom.send({ ...toMary, conditions: ['availability is not-available'] })).code).toBe(533);
    const mary = await startPhone(stage, 'mary');
    const sending = tom.send(toMary);
    await mary.next('NewMessage', withinMs);
    expect((await sending).code).toBe(200);
    // Nor is there anything to fetch, as the negotiation says.
    expect((await mary.list()).code).toBe(405);
    expect((await mary.get('none', false)).code).toBe(405);
  });

  it('405 where there are no conditions (--conditional off)', async () => {
    await open('--conditional', 'off');
    const sent = await tom.send({ ...toMary, conditions: ['availability is available'] });
    expect([sent.code, sent.words]).toEqual([405, expect.stringMatching(/conditional delivery is not supported/i)]);
    expect((await tom.send(toMary)).code).toBe(201);
  });

  it('507 where there is no room, with whose', async () => {
    await open('--quota-recipient', '2,64MiB', '--quota-sender', '3');
    for (let count = 0; count < 2; count += 1) expect((await tom.send(toMary)).code).toBe(201);
    const full = await tom.send(toMary);
    expect([full.code, full.words]).toEqual([507, 'Unable to deliver IM, offline space is full']);
    expect((await tom.send({ to: 'peter@localhost', text: 'x' })).code).toBe(201);
    const own = await tom.send({ to: 'peter@localhost', text: 'x' });
    expect([own.code, own.words]).toEqual([507, 'Message queue for offline messages is full']);
  });

  it('503 of whoever sends too much', async () => {
    await open('--rate', '2/60');
    await tom.send(toMary);
    await tom.send(toMary);
    expect((await tom.send(toMary)).code).toBe(503);
  });

  it.each(['P', 'N'] as const)(
    'as for somebody who is offline where a block is not told (accept), method %s',
    async (method) => {
      await open('--blocked-answer', 'accept');
      const mary = await startPhone(stage, 'mary', { method });
      await mary.block('tom@localhost');
      expect(codesOf((await tom.send(toMary)).primitive)).toEqual([201, ['533', 'wv:mary@localhost']]);
      await mary.poll();
      expect(mary.asked).toEqual([]);
      expect((await tom.look('mary@localhost')).text('Presence/PresenceSubList/OnlineStatus/PresenceValue')).toBe('F');
    },
  );

  it('410 and 538 where every client of the recipient refused it for good', async () => {
    await open();
    const mary = await stage.phone('mary');
    await mary.register();
    mary.answer('MESSAGE', { status: 404 });
    expect((await tom.send(toMary)).code).toBe(410);
    mary.answer('MESSAGE', { status: 603 });
    expect((await tom.send(toMary)).code).toBe(538);
  });

  it('403 of whoever says that they are somebody else', async () => {
    await open();
    const john = callerOf(stage, 'john');
    expect((await john.call('GET', '/v1/inbox')).status).toBe(200);
    Object.assign(tom.options, { address: 'john@localhost' });
    expect((await tom.send(toMary)).code).toBe(403);
  });
});
