import { beforeEach, describe, expect, it } from 'vitest';
import { playAnswerMsMax } from '../../src/endpoints/sip/sessions/session-room.ts';
import { retrievedMax } from '../../src/endpoints/sip/sessions/retrieval-endpoint.ts';
import { envelopeHeadMax } from '../../src/sessions/content/outgoing-form.ts';
import { answeringIdleMsMax } from '../../src/sessions/large/answering.ts';
import { connectMsMax, heardBytesMax } from '../../src/sessions/large/player.ts';
import type { ClientSession, SessionClient } from './session-client.ts';
import { SessionWorld } from './session-world.ts';

let world: SessionWorld;
let tom: SessionClient;
let mary: SessionClient;

async function enter(flags: Readonly<Record<string, string>> = {}): Promise<void> {
  world = await SessionWorld.open(flags);
  tom = world.client('tom');
  mary = world.client('mary');
}

beforeEach(() => enter());

async function keep(content: string, contentType = 'text/plain'): Promise<void> {
  const session = await tom.large('mary');
  session.send('mmmm', content, { contentType });
  await world.advance(5000);
}

describe('a client that was asked to take what was kept', () => {
  it('has so long to answer, and then it is tried again later', async () => {
    await keep('hello');
    mary.answer = 0;
    await mary.register();
    await world.advance(playAnswerMsMax + 1000);
    mary.answer = 200;
    expect(await world.kept('mary')).toHaveLength(1);
    await mary.register();
    await world.advance(40_000);
    // A late answer to the first one is acknowledged and ended.
    expect([mary.invites.at(-1)?.texts, await world.kept('mary')]).toEqual([['hello'], []]);
  });

  it('has so long to connect', async () => {
    await keep('hello');
    mary.wishes = { setup: 'active' };
    const connect = mary.start.bind(mary);
    mary.start = () => undefined;
    await mary.register();
    await world.advance(connectMsMax - 1000);
    expect(mary.invites[0]?.byes).toEqual([]);
    await world.advance(2000);
    expect(mary.invites[0]?.byes).toHaveLength(1);
    mary.start = connect;
    await mary.register();
    await world.advance(60_000);
    expect(await world.kept('mary')).toEqual([]);
  });

  it('may report in the session that it is displayed, in so many octets', async () => {
    const envelope = [
      'From: <sip:tom@localhost>',
      'To: <sip:mary@localhost>',
      'DateTime: 2026-11-28T21:00:00Z',
      'NS: imdn <urn:ietf:params:imdn>',
      'imdn.Message-ID: abcd1234',
      'imdn.Disposition-Notification: positive-delivery, display',
      '',
      'Content-Type: text/plain',
      '',
      'hello',
    ].join('\r\n');
    await keep(envelope, 'message/cpim');
    await mary.register();
    await world.advance(100);
    const session = mary.invites[0];
    const imdn = (padding: number): string =>
      [
        'From: <sip:mary@localhost>',
        'To: <sip:tom@localhost>',
        '',
        'Content-Type: message/imdn+xml',
        '',
        `<imdn xmlns="urn:ietf:params:xml:ns:imdn"><!--${'x'.repeat(padding)}--><message-id>abcd1234</message-id>` +
          '<datetime>2026-11-28T21:00:00Z</datetime><display-notification><status><displayed/></status>' +
          '</display-notification></imdn>',
      ].join('\r\n');
    const tooMuch = session?.send('nnn1', imdn(heardBytesMax), { contentType: 'message/cpim', successReport: false });
    await world.advance(100);
    expect(tooMuch?.ends).toMatchObject([{ kind: 'refused', status: 413 }]);
    session?.send('nnn2', imdn(10), { contentType: 'message/cpim', successReport: false });
    await world.advance(100);
    await tom.register();
    await world.advance(1000);
    expect(tom.messages.map(({ body }) => /<(delivered|displayed)\/>/.exec(String(body))?.[1])).toContain('displayed');
  });
});

describe('an envelope', () => {
  const headOf = (octets: number): string => {
    const rest = 'From: <sip:tom@localhost>\r\n\r\nContent-Type: text/plain\r\n\r\n';
    return `Subject: ${'x'.repeat(octets - rest.length - 11)}\r\n${rest}`;
  };

  it.each([
    [envelopeHeadMax, ['hello']],
    [envelopeHeadMax + 1, []],
  ])('is taken off when its headers have %i octets: %j', async (octets, texts) => {
    await keep(`${headOf(octets)}hello`, 'message/cpim');
    mary.wishes = { acceptTypes: 'text/plain' };
    await mary.register();
    await world.advance(5000);
    expect(mary.invites[0]?.texts).toEqual(texts);
  });
});

it('so many messages can be named to be fetched', async () => {
  const names = (count: number): string[] => [
    `Deferred-Message: ${Array.from({ length: count }, (_, at) => `n${at}`).join(',')}`,
  ];
  expect((await mary.call('deferred', { rows: names(retrievedMax) })).status).toBe(404);
  expect((await mary.call('deferred', { rows: names(retrievedMax + 1) })).status).toBe(400);
});

it('whoever leaves messages and says nothing more is hung up on', async () => {
  await enter({ 'conversation-offline': 'leave-message' });
  const session: ClientSession = await tom.talk('mary');
  await world.advance(answeringIdleMsMax - 1000);
  session.send('mmm1', 'one');
  await world.advance(answeringIdleMsMax - 1000);
  expect(session.byes).toEqual([]);
  await world.advance(2000);
  expect([session.byes.length, (await world.kept('mary')).length]).toEqual([1, 1]);
});
