import { beforeEach, describe, expect, it } from 'vitest';
import { octets } from '../../src/msrp/leg/test-sides.ts';
import type { ClientSession, SessionClient } from './session-client.ts';
import { SessionWorld } from './session-world.ts';

let world: SessionWorld;
let tom: SessionClient;
let mary: SessionClient;
let ids: string[];

beforeEach(async () => {
  world = await SessionWorld.open();
  tom = world.client('tom');
  mary = world.client('mary');
  await mary.register(';+restante.delivery="pull"');
  ids = [];
  for (const body of ['one', octets(200_000), 'three']) {
    const session = await tom.large('mary');
    session.send('mmmm', typeof body === 'string' ? new TextEncoder().encode(body) : body);
    ids.push(session.answer?.header('Deferred-Message')?.split(';')[0] ?? '');
    await world.advance(3000);
  }
});

/** Gets what comes, and says that it has it. */
async function collect(session: ClientSession, isTaken = true): Promise<void> {
  for (let step = 0; step < 200 && session.byes.length === 0; step += 1) {
    await world.advance(20);
    for (const head of isTaken ? session.side.heads.values() : []) {
      const size = session.side.bodies.get(head.messageId ?? '')?.length ?? 0;
      session.leg.report({ head, status: 200, range: { start: 1, end: size, total: size } });
    }
    session.side.heads.clear();
  }
}

describe('an INVITE to sip:deferred', () => {
  it('plays all that is ready, each in an envelope, and delivers it', async () => {
    const session = await mary.call('deferred');
    expect(session.answer?.header('Deferred-Message')).toBe(ids.join(', '));
    await collect(session);
    expect([...session.side.bodies.keys()]).toEqual(ids.map((id) => id.replaceAll('-', '')));
    expect(session.texts[0]).toMatch(
      /^From: <sip:tom@localhost>\r\nTo: <sip:mary@localhost>\r\nDateTime: 2026-[^]*\r\n\r\none$/,
    );
    expect(
      Buffer.compare(
        session.side.bodies.get(ids[1]?.replaceAll('-', '') ?? '')?.slice(-200_000) ?? new Uint8Array(),
        octets(200_000),
      ),
    ).toBe(0);
    expect([session.byes.length, await world.kept('mary')]).toEqual([1, []]);
    expect((await mary.call('deferred')).status).toBe(480);
  });

  it('plays what it names, in that order', async () => {
    const session = await mary.call('deferred', { rows: [`Deferred-Message: ${ids[2]}, ${ids[0]}`] });
    await collect(session);
    expect(session.texts.map((text) => text.slice(-3))).toEqual(['ree', 'one']);
    expect(await world.kept('mary')).toHaveLength(1);
  });

  it('that names what is not there is told so', async () => {
    const session = await mary.call('deferred', { rows: [`Deferred-Message: ${ids[0]}, nothing`] });
    expect([session.status, session.answer?.header('Warning')]).toEqual([404, expect.stringMatching(/: nothing"$/)]);
    const others = await tom.call('deferred', { rows: [`Deferred-Message: ${ids[0]}`] });
    expect(others.status).toBe(404);
  });

  it('delivers what was acknowledged before it broke off', async () => {
    const session = await mary.call('deferred');
    session.side.onOctets = (_id, bytes) => {
      if (bytes.length > 1000) session.leg.close();
    };
    await collect(session);
    expect(await world.kept('mary')).toHaveLength(2);
  });

  it('passes over what the client takes in no form', async () => {
    const session = await mary.call('deferred', { acceptTypes: 'image/png' });
    await collect(session);
    expect(session.texts).toEqual([]);
    expect(await world.kept('mary')).toHaveLength(3);
  });

  it('may leave the offer to the server', async () => {
    const session = await mary.call('deferred', { hasOffer: false, setup: 'active' });
    await collect(session);
    expect([session.texts.length, await world.kept('mary')]).toEqual([3, []]);
  });

  it('is for those who take messages', async () => {
    expect((await mary.call('deferred', { direction: 'sendonly' })).status).toBe(488);
  });
});
