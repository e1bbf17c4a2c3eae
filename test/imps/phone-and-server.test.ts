import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpWorld } from '../http/http-world.ts';
import { CspClient, textOf } from './csp-client.ts';

let world: HttpWorld;

beforeEach(async () => {
  world = await HttpWorld.open();
});
afterEach(() => world.close());

const sendTo = (user: string, text: string, report = 'F'): string =>
  `<SendMessage-Request><DeliveryReport>${report}</DeliveryReport><MessageInfo><ContentType>text/plain</ContentType><ContentSize>${text.length}</ContentSize><Recipient><User><UserID>wv:${user}@localhost</UserID></User></Recipient></MessageInfo><ContentData>${text}</ContentData></SendMessage-Request>`;
const when = (condition: string): string => `<ExtBlock><DeliveryCondition>${condition}</DeliveryCondition></ExtBlock>`;
const presence = (name: string, value: string): string =>
  `<UpdatePresence-Request><PresenceSubList><${name}><Qualifier>T</Qualifier><PresenceValue>${value}</PresenceValue></${name}></PresenceSubList></UpdatePresence-Request>`;
const codeOf = (xml: string): string => textOf(xml, 'Code');

describe('a login', () => {
  it.each(['1.1', '1.2', '1.3'] as const)(
    'with a password opens a session of CSP %s, which ends in its manner',
    async (version) => {
      const mary = new CspClient(world, 'mary', version);
      const answer = await mary.logIn();
      expect([codeOf(answer), textOf(answer, 'KeepAliveTime'), textOf(answer, 'CapabilityRequest')]).toEqual([
        '200',
        '600',
        'T',
      ]);
      expect(mary.sessionId).toMatch(/^\w{20,50}$/);
      const end = await mary.request('<Logout-Request/>');
      expect(end).toMatch(version === '1.1' ? /^<Disconnect>/ : /^<Status>/);
      expect(codeOf(await mary.request('<KeepAlive-Request/>'))).toBe('604');
    },
  );

  it('with a wrong password hears what somebody unknown hears', async () => {
    const answers = [await new CspClient(world, 'mary').logIn('wrong'), await new CspClient(world, 'nobody').logIn()];
    expect(answers.map(codeOf)).toEqual(['409', '409']);
  });

  it('by digest is not for accounts without', async () => {
    const login =
      '<Login-Request><UserID>mary</UserID><DigestSchema>MD5</DigestSchema><SessionCookie>c</SessionCookie></Login-Request>';
    expect(codeOf(await new CspClient(world, 'mary').request(login))).toBe('543');
  });

  it('again of the same client ends the session before', async () => {
    const first = await new CspClient(world, 'mary').start();
    await new CspClient(world, 'mary').start();
    expect(codeOf(await first.request('<KeepAlive-Request/>'))).toBe('601');
  });

  it('is over without a sign of life', async () => {
    const mary = await new CspClient(world, 'mary').start();
    await world.time.advance(601_000);
    expect(codeOf(await mary.request('<KeepAlive-Request/>'))).toBe('600');
  });

  it('makes somebody online, and its end makes them offline', async () => {
    const mary = await new CspClient(world, 'mary').start();
    expect((await world.call('tom', 'GET', '/v1/presence/mary@localhost')).json).toMatchObject({ online: true });
    await mary.request('<Logout-Request/>');
    expect((await world.call('tom', 'GET', '/v1/presence/mary@localhost')).json).toMatchObject({ online: false });
  });
});

describe('negotiation', () => {
  it('tells what is there and names what is not', async () => {
    const tom = await new CspClient(world, 'tom').start();
    const wanted =
      '<Functions><WVCSPFeat><IMFeat/><GroupFeat><GroupMgmtFunc><CREAG/></GroupMgmtFunc></GroupFeat></WVCSPFeat></Functions>';
    const answer = await tom.request(
      `<Service-Request>${wanted}<AllFunctionsRequest>T</AllFunctionsRequest></Service-Request>`,
    );
    const [missing = '', all = ''] = answer.split('<AllFunctions>');
    expect(missing).toContain('<CREAG/>');
    expect(missing).not.toContain('<GETLM/>');
    for (const there of ['GETLM', 'GETM', 'SETD', 'NEWM', 'NOTIF', 'GETPR', 'UPDPR', 'BLENT', 'MDELIV'])
      expect(all).toContain(`<${there}/>`);
    expect(all).not.toContain('CREAG');
    expect(
      codeOf(await tom.request('<GetPresence-Request><User><UserID>wv:mary</UserID></User></GetPresence-Request>')),
    ).toBe('506');
    expect(codeOf(await tom.request('<GetMessageList-Request/>'))).toBe('');
  });
});

describe('a message', () => {
  it('to somebody who is there is pushed, acknowledged and reported', async () => {
    const [tom, mary] = [await new CspClient(world, 'tom').start(), await new CspClient(world, 'mary').start()];
    await world.time.advance(5000);
    const sending = tom.request(sendTo('mary', 'hello', 'T'));
    for (let round = 0; round < 20 && mary.waiting.length === 0; round += 1) await mary.poll();
    const pushed = await mary.reply('NewMessage');
    expect(textOf(pushed, 'ContentData')).toBe('hello');
    expect(pushed).toContain('<Sender><User><UserID>wv:tom@localhost</UserID></User></Sender>');
    const answer = await sending;
    expect([codeOf(answer), textOf(answer, 'MessageID')]).toEqual(['200', textOf(pushed, 'MessageID')]);
    await tom.poll();
    const report = await tom.reply('DeliveryReport-Request');
    expect([codeOf(report), textOf(report, 'MessageID')]).toEqual(['200', textOf(answer, 'MessageID')]);
    expect(await mary.poll()).toEqual([]);
  });

  it('to somebody who is away is kept, and marked when it comes', async () => {
    const tom = await new CspClient(world, 'tom').start();
    const answer = await tom.request(sendTo('mary', 'later'));
    expect([codeOf(answer), textOf(answer.split('<DetailedResult>')[1] ?? '', 'Description')]).toEqual([
      '201',
      'IM accepted for offline user',
    ]);
    const plain = await new CspClient(world, 'mary').start();
    await plain.poll();
    expect(plain.waiting[0]?.xml).toMatch(/<ContentData>later<\/ContentData><\/NewMessage>$/);
    await plain.request('<Logout-Request/>');
    const mary = await new CspClient(world, 'mary').start('P', '<ExtBlock/>');
    await mary.poll();
    const pushed = await mary.reply('NewMessage');
    expect(pushed).toContain('<ExtBlock><DeferredMessage>T</DeferredMessage></ExtBlock>');
  });

  it('that is not acknowledged comes again', async () => {
    const tom = await new CspClient(world, 'tom').start();
    const mary = await new CspClient(world, 'mary').start();
    await tom.request(sendTo('mary', 'again'));
    await world.time.advance(5000);
    const [first] = await mary.poll();
    mary.waiting.length = 0;
    await world.time.advance(5000);
    const [second] = await mary.poll();
    expect(second).toEqual(first);
    await mary.reply('NewMessage');
  });

  it('with a condition is held until presence meets it, whoever publishes in whatever protocol', async () => {
    const [tom, mary] = [await new CspClient(world, 'tom').start(), await new CspClient(world, 'mary').start()];
    await mary.request(presence('UserAvailability', 'NOT_AVAILABLE'));
    expect(codeOf(await tom.request(sendTo('mary', 'when you can'), when('availability is available')))).toBe('202');
    await world.time.advance(5000);
    expect(await mary.poll()).toEqual([]);
    expect(codeOf(await mary.request(presence('UserAvailability', 'AVAILABLE')))).toBe('200');
    await mary.poll();
    expect(textOf(await mary.reply('NewMessage'), 'ContentData')).toBe('when you can');

    const wanted =
      '<PresenceSubList><UserAvailability><PresenceValue>DISCREET</PresenceValue></UserAvailability></PresenceSubList>';
    expect(codeOf(await tom.request(sendTo('mary', 'psst'), when(wanted)))).toBe('202');
    await world.call('mary', 'PUT', '/v1/presence', { body: { availability: 'discreet' } });
    await mary.poll();
    expect(textOf(await mary.reply('NewMessage'), 'ContentData')).toBe('psst');
  });

  it('that waits for a poll is recalled, expires, and goes back when its condition does not hold any more', async () => {
    const mary = await new CspClient(world, 'mary').start();
    await mary.request(presence('UserAvailability', 'AVAILABLE'));
    await world.time.advance(5000);
    const send = async (more: Readonly<Record<string, unknown>>): Promise<string> => {
      const body = { to: 'mary@localhost', text: 'x', ...more };
      return String((await world.callAndWait(1000, 'tom', 'POST', '/v1/messages', { body })).json['id']);
    };
    const recalled = await send({});
    expect((await world.callAndWait(1000, 'tom', 'DELETE', `/v1/messages/${recalled}`)).status).toBe(200);
    await send({ expiresIn: 2 });
    const conditional = await send({ deliverWhen: 'availability is available' });
    await world.time.advance(3000);
    await world.call('mary', 'PUT', '/v1/presence', { body: { availability: 'not-available' } });
    expect(await mary.poll()).toEqual([]);
    expect((await world.call('tom', 'GET', `/v1/messages/${conditional}`)).json).toMatchObject({ state: 'held' });
  });

  it('over HTTP is held by the mood of a phone', async () => {
    const mary = await new CspClient(world, 'mary').start();
    await world.call('mary', 'PUT', '/v1/rules', {
      body: [{ watchers: ['tom@localhost'], attributes: ['mood'], action: 'allow' }],
    });
    await mary.request(presence('StatusMood', 'ANGRY'));
    await world.send('tom', 'mary', 'cheer up', { deliverWhen: 'mood is not angry' });
    await world.time.advance(5000);
    expect(await mary.poll()).toEqual([]);
    await mary.request(presence('StatusMood', 'HAPPY'));
    await mary.poll();
    expect(textOf(await mary.reply('NewMessage'), 'ContentData')).toBe('cheer up');
  });

  it('is refused with the words of the contract', async () => {
    const tom = await new CspClient(world, 'tom').start();
    const refusal = async (xml: string, beside = ''): Promise<string[]> => {
      const answer = await tom.request(xml, beside);
      return [codeOf(answer), textOf(answer, 'Description')];
    };
    expect(await refusal(sendTo('nobody', 'x'))).toEqual(['531', 'Unknown user.']);
    expect((await refusal(sendTo('mary', 'x').replace('mary@localhost', 'x@elsewhere.example')))[0]).toBe('516');
    const unseen = await refusal(sendTo('mary', 'x'), when('mood is happy'));
    expect(unseen).toEqual(['534', 'Presence attribute needs to be authorised by the recipient: mood']);
    expect((await refusal(sendTo('mary', 'x'), when('moood is happy')))[0]).toBe('402');
    expect(
      (
        await refusal(
          sendTo('mary', 'x').replace('<Recipient>', '<Sender><User><UserID>john</UserID></User></Sender><Recipient>'),
        )
      )[0],
    ).toBe('403');
    expect(
      (
        await refusal(
          sendTo('mary', 'x')
            .replace('<ContentSize>', '<ContentEncoding>BASE64</ContentEncoding><ContentSize>')
            .replace('>x<', '>?<'),
        )
      )[0],
    ).toBe('402');
    await world.call('mary', 'PUT', '/v1/blocks/tom@localhost');
    expect((await refusal(sendTo('mary', 'x')))[0]).toBe('532');
  });

  it('to several is answered for each', async () => {
    const tom = await new CspClient(world, 'tom').start();
    const more = '<User><UserID>wv:nobody</UserID></User><User><UserID>john</UserID></User></Recipient>';
    const answer = await tom.request(sendTo('mary', 'x').replace('</Recipient>', more));
    expect(codeOf(answer)).toBe('201');
    expect(answer).toContain('<Code>531</Code><Description>Unknown user.</Description><UserID>wv:nobody</UserID>');
    expect(answer).toContain('<UserID>wv:mary@localhost</UserID><UserID>john</UserID>');
    expect(textOf(answer, 'MessageID')).not.toBe('');
  });

  it('to somebody named more than once goes there once, and is answered for once', async () => {
    const tom = await new CspClient(world, 'tom').start();
    const more = '<User><UserID>MARY</UserID></User><User><UserID>mary@LOCALHOST</UserID></User></Recipient>';
    const answer = await tom.request(sendTo('mary', 'x').replace('</Recipient>', more));
    expect([...answer.matchAll(/<UserID>([^<]*)</g)].map(([, id]) => id)).toEqual(['wv:mary@localhost']);
    expect((await world.call('mary', 'GET', '/v1/inbox')).json['items']).toHaveLength(1);
  });

  it('that comes again over HTTP is one message', async () => {
    const tom = await new CspClient(world, 'tom').start();
    const once = await tom.post('Request', 'same', sendTo('mary', 'x'));
    expect(await tom.post('Request', 'same', sendTo('mary', 'x'))).toBe(once);
    expect((await world.call('mary', 'GET', '/v1/inbox')).json['items']).toHaveLength(1);
  });
});
