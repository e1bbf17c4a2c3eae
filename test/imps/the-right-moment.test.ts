/**
 * What waits in a session for its client to ask: it leaves only if it still may, and nothing is lost over a restart, a
 * forwarding, or a message that is too large for the phone.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpWorld } from '../http/http-world.ts';
import { CspClient, textOf } from './csp-client.ts';

let world: HttpWorld;

beforeEach(async () => {
  world = await HttpWorld.open();
});
afterEach(() => world.close());

const codeOf = (xml: string): string => textOf(xml, 'Code');
const say = (who: string, availability: string) => world.call(who, 'PUT', '/v1/presence', { body: { availability } });
const stateOf = async (who: string, id: string): Promise<unknown> =>
  (await world.call(who, 'GET', `/v1/messages/${id}`)).json['state'];
/** Sent over HTTP; its sender waits no longer than that. */
const post = async (from: string, to: string, text: string, more: Record<string, unknown> = {}): Promise<string> => {
  const body = { to: `${to}@localhost`, text, ...more };
  const answer = await world.callAndWait(1000, from, 'POST', '/v1/messages', { body });
  expect(answer.status).toBe(202);
  return String(answer.json['id']);
};
const fetched = (id: string): string => `<GetMessage-Request><MessageID>${id}</MessageID></GetMessage-Request>`;
const delivered = (id: string): string => `<MessageDelivered><MessageID>${id}</MessageID></MessageDelivered>`;
const send = (to: string, text: string, more = ''): string =>
  `<SendMessage-Request><DeliveryReport>T</DeliveryReport><MessageInfo><Recipient>${to}</Recipient></MessageInfo><ContentData>${text}${more}</ContentData></SendMessage-Request>`;
const user = (name: string): string => `<User><UserID>wv:${name}@localhost</UserID></User>`;

describe('a message that waits for a poll', () => {
  const prepare = async (): Promise<CspClient> => {
    const mary = await new CspClient(world, 'mary').start();
    await say('mary', 'available');
    await world.time.advance(6000);
    return mary;
  };

  it('does not leave when its condition has ceased to hold, and does when it holds again', async () => {
    const mary = await prepare();
    const id = await post('tom', 'mary', 'now', { deliverWhen: 'availability is available' });
    await say('mary', 'not-available');
    expect(await mary.poll()).toEqual([]);
    expect(await stateOf('tom', id)).toBe('held');
    await say('mary', 'available');
    await mary.poll();
    expect(textOf(await mary.reply('NewMessage'), 'ContentData')).toBe('now');
    expect(await stateOf('tom', id)).toBe('delivered');
  });

  it('does not leave when its sender has taken it back, or its time is over', async () => {
    const mary = await prepare();
    const recalled = await post('tom', 'mary', 'one');
    const expired = await post('tom', 'mary', 'two', { expiresIn: 60 });
    expect((await world.call('tom', 'DELETE', `/v1/messages/${recalled}`)).status).toBe(200);
    await world.time.advance(61_000);
    expect(await mary.poll()).toEqual([]);
    expect([await stateOf('tom', recalled), await stateOf('tom', expired)]).toEqual(['recalled', 'expired']);
  });

  it('comes by another client, and is not offered any more', async () => {
    const mary = await prepare();
    const id = await post('tom', 'mary', 'one');
    expect((await world.call('mary', 'POST', `/v1/inbox/${id}/delivered`)).status).toBe(204);
    expect(await mary.poll()).toEqual([]);
    expect(await stateOf('tom', id)).toBe('delivered');
  });
});

describe('a restart', () => {
  it('ends no session: what was agreed stays, and what was not acknowledged comes again under another id', async () => {
    const mary = await new CspClient(world, 'mary').start();
    const other = new CspClient(world, 'john');
    await other.start('N');
    await mary.request(`<SubscribePresence-Request>${user('tom')}</SubscribePresence-Request>`);
    await world.time.advance(6000);
    const ids = [await post('tom', 'mary', 'one'), await post('tom', 'mary', 'two')];
    await mary.poll();
    const before = mary.waiting.splice(0).filter(({ xml }) => xml.startsWith('<NewMessage'));
    expect(before.length).toBeGreaterThan(0);
    const next = await world.restarted();
    const again = mary.movedTo(next);
    await next.time.advance(60_000);
    await again.poll();
    expect(again.waiting.every(({ id }) => !before.some((each) => each.id === id))).toBe(true);
    expect(again.waiting.some(({ xml }) => xml.startsWith('<PresenceNotification-Request'))).toBe(true);
    // An acknowledgement that was on its way counts.
    await again.post('Response', before[0]?.id ?? '', delivered(ids[0] ?? ''));
    expect((await next.call('tom', 'GET', `/v1/messages/${ids[0]}`)).json['state']).toBe('delivered');
    for (let round = 0; round < 5; round += 1) {
      await next.time.advance(10_000);
      await again.poll();
      while (again.waiting.some(({ xml }) => xml.startsWith('<NewMessage'))) await again.reply('NewMessage');
    }
    expect((await next.call('tom', 'GET', `/v1/messages/${ids[1]}`)).json['state']).toBe('delivered');
    const fetching = other.movedTo(next);
    await next.send('tom', 'john', 'three');
    await fetching.poll();
    expect(await fetching.reply('MessageNotification')).toContain('wv:tom@localhost');
    expect(codeOf(await again.request('<Logout-Request/>'))).toBe('200');
    const last = await next.restarted();
    expect(codeOf(await again.movedTo(last).request('<KeepAlive-Request/>'))).toBe('604');
    await last.close();
  });
});

describe('a message that is too large for the phone', () => {
  const large = (): Promise<string> => {
    const headers = { 'content-type': 'image/png' };
    const call = world.call('tom', 'POST', '/v1/messages?to=mary@localhost', {
      body: new Uint8Array(100_000),
      headers,
    });
    return call.then(({ json }) => String(json['id']));
  };

  it('is told of in words, by push and when it is fetched, and waits on', async () => {
    const id = await large();
    const mary = await new CspClient(world, 'mary').start();
    for (let round = 0; round < 5 && mary.waiting.length === 0; round += 1) {
      await world.time.advance(1000);
      await mary.poll();
    }
    const told = await mary.reply('NewMessage');
    expect(told).toContain('<Sender><User><UserID>wv:inbox@localhost</UserID></User></Sender>');
    expect(textOf(told, 'ContentData')).toMatch(/^A message from tom@localhost waits .*image\/png, 97 KiB.*content$/);
    expect(textOf(await mary.request(fetched(id)), 'ContentData')).toMatch(/too large for this client/);
    expect(codeOf(await mary.post('Response', 'c3', delivered(id)))).toBe('200');
    expect(await stateOf('tom', id)).toBe('waiting');
    expect((await world.call('mary', 'POST', `/v1/inbox/${id}/delivered`)).status).toBe(204);
    expect(await stateOf('tom', id)).toBe('delivered');
  });

  it('is announced where it is too large to be pushed, and fetched', async () => {
    const mary = await new CspClient(world, 'mary').start();
    const small =
      '<ClientCapability-Request><CapabilityList><InitialDeliveryMethod>P</InitialDeliveryMethod><AcceptedContentLength>10</AcceptedContentLength><ParserSize>2000</ParserSize></CapabilityList></ClientCapability-Request>';
    await mary.request(small);
    await world.time.advance(6000);
    const id = await post('tom', 'mary', 'longer than ten');
    await mary.poll();
    await mary.reply('MessageNotification');
    expect(textOf(await mary.request(fetched(id)), 'ContentData')).toBe('longer than ten');
    await mary.post('Response', 'c3', delivered(id));
    expect(await stateOf('tom', id)).toBe('delivered');
    const longer = await post('tom', 'mary', 'x'.repeat(3000));
    await mary.poll();
    expect(textOf(await mary.reply('NewMessage'), 'ContentData')).toMatch(/too large for this client/);
    expect(await stateOf('tom', longer)).toBe('waiting');
  });
});

describe('the limits of a phone of 1.3', () => {
  const start = async (limits: string): Promise<CspClient> => {
    const mary = await new CspClient(world, 'mary', '1.3').start();
    const list = `<InitialDeliveryMethod>P</InitialDeliveryMethod><AnyContent>T</AnyContent>${limits}<MultiTrans>4</MultiTrans><ParserSize>32767</ParserSize>`;
    await mary.request(`<ClientCapability-Request><CapabilityList>${list}</CapabilityList></ClientCapability-Request>`);
    await world.time.advance(6000);
    return mary;
  };
  /** In BASE64, as it is carried: 4 octets for each 3. */
  const picture = (bytes: number) => ({
    text: undefined,
    contentType: 'image/png',
    body: Buffer.alloc(bytes).toString('base64'),
  });
  const told = async (mary: CspClient): Promise<string> => {
    for (let round = 0; round < 5 && mary.waiting.length === 0; round += 1) await mary.poll();
    const name = /^<([\w-]+)/.exec(mary.waiting[0]?.xml ?? '')?.[1] ?? 'nothing';
    const data = textOf(await mary.reply(name), 'ContentData');
    return data.includes('too large for this client') ? 'in words' : name;
  };

  it.each([
    ['text', '<AcceptedTextContentLength>10</AcceptedTextContentLength>', 'x'.repeat(10), 'x'.repeat(11)],
    ['everything else', '<AcceptedRichContentLength>12</AcceptedRichContentLength>', picture(9), picture(10)],
    ['all', '<AcceptedPushLength>12</AcceptedPushLength>', picture(9), picture(10)],
  ])('push %s up to them, and announce what is longer', async (what, limits, fits, isLonger) => {
    const mary = await start(limits);
    const more = (content: unknown) => (typeof content === 'string' ? { text: content } : (content as object));
    await post('tom', 'mary', '', { ...more(fits) });
    expect(await told(mary)).toBe('NewMessage');
    await post('tom', 'mary', '', { ...more(isLonger) });
    expect(await told(mary)).toBe('MessageNotification');
    if (what === 'all') return;
    // The other kind has no such limit.
    await post('tom', 'mary', '', { ...more(what === 'text' ? picture(100) : 'x'.repeat(100)) });
    expect(await told(mary)).toBe('NewMessage');
  });

  it('let fetch what is not too long for that, and tell of the rest in words', async () => {
    const mary = await start('<AcceptedPullLength>10</AcceptedPullLength><AcceptedPushLength>5</AcceptedPushLength>');
    const fits = await post('tom', 'mary', 'x'.repeat(10));
    expect(await told(mary)).toBe('MessageNotification');
    expect(textOf(await mary.request(fetched(fits)), 'ContentData')).toBe('x'.repeat(10));
    const longer = await post('tom', 'mary', 'x'.repeat(11));
    expect(await told(mary)).toBe('in words');
    expect(textOf(await mary.request(fetched(longer)), 'ContentData')).toMatch(/too large for this client/);
    expect(await stateOf('tom', longer)).toBe('waiting');
  });
});

describe('a message that is sent on', () => {
  it('goes to the next from the one who sends it on, and its sender is told so', async () => {
    const [tom, mary] = [await new CspClient(world, 'tom').start(), await new CspClient(world, 'mary').start('N')];
    await world.time.advance(6000);
    const sent = await tom.request(send(user('mary'), 'pass it on'));
    const id = textOf(sent, 'MessageID');
    await mary.poll();
    await mary.reply('MessageNotification');
    const forward = `<ForwardMessage-Request><MessageID>${id}</MessageID><Recipient>${user('john')}</Recipient></ForwardMessage-Request>`;
    expect(codeOf(await mary.request(forward))).toBe('201');
    expect(codeOf(await mary.request(fetched(id)))).toBe('426');
    // Also where the server was killed before its sender was told.
    world = await world.restarted();
    const again = tom.movedTo(world);
    await again.poll();
    const report = await again.reply('DeliveryReport-Request');
    expect([codeOf(report), textOf(report, 'MessageID')]).toEqual(['541', id]);
    expect((await world.call('john', 'GET', '/v1/inbox')).json['items']).toMatchObject([{ from: 'mary@localhost' }]);
  });

  it('from HTTP is delivered to its sender, who has no other word for it', async () => {
    const mary = await new CspClient(world, 'mary').start('N');
    const ear = await world.listen('tom');
    const id = await post('tom', 'mary', 'pass it on', { reports: ['delivered'] });
    const forward = `<ForwardMessage-Request><MessageID>${id}</MessageID><Recipient>${user('john')}</Recipient></ForwardMessage-Request>`;
    expect(codeOf(await mary.request(forward))).toBe('201');
    expect(await ear.next('report')).toMatchObject({ id, kind: 'delivered', state: 'delivered' });
  });

  it('has one id for its sender, whatever became of it at each recipient', async () => {
    const [tom, mary] = [await new CspClient(world, 'tom').start(), await new CspClient(world, 'mary').start('N')];
    await world.time.advance(6000);
    const sent = await tom.request(send(user('mary') + user('john') + user('nobody'), 'to all'));
    expect(sent).toMatch(/<Code>201<\/Code>.*<Code>202<\/Code>.*<Code>533<\/Code>.*<Code>531<\/Code>/s);
    const id = textOf(sent, 'MessageID');
    await mary.poll();
    const own = textOf(await mary.reply('MessageNotification'), 'MessageID');
    expect(own).not.toBe(id);
    await mary.request(`<RejectMessage-Request><MessageID>${own}</MessageID></RejectMessage-Request>`);
    await tom.poll();
    const report = await tom.reply('DeliveryReport-Request');
    expect([codeOf(report), textOf(report, 'MessageID'), textOf(report, 'UserID')]).toEqual([
      '538',
      id,
      'wv:mary@localhost',
    ]);
  });
});

describe('what a phone has acknowledged', () => {
  const ready = async (): Promise<CspClient> => {
    const mary = await new CspClient(world, 'mary').start();
    await world.time.advance(6000);
    return mary;
  };
  /** The next end of a row waits until the test says so. */
  const holdEnd = (): { readonly reached: () => boolean; release(): void } => {
    const gate = Promise.withResolvers<void>();
    let isReached = false;
    world.beforeCall = (name) => {
      if (name !== 'mailbox.end') return undefined;
      isReached = true;
      return gate.promise;
    };
    return { reached: () => isReached, release: () => gate.resolve() };
  };

  it('is written down before that is answered, and in no list of that moment', async () => {
    const mary = await ready();
    const id = await post('tom', 'mary', 'one');
    await mary.poll();
    const hold = holdEnd();
    const order: string[] = [];
    const transaction = mary.waiting.splice(0)[0]?.id ?? '';
    const acknowledging = mary.post('Response', transaction, delivered(id)).then(() => order.push('acknowledged'));
    while (!hold.reached()) await world.settle();
    const listing = mary.request('<GetMessageList-Request/>').then((list) => {
      order.push('listed');
      return list;
    });
    const getting = mary.request(fetched(id));
    for (let turn = 0; turn < 20; turn += 1) await world.settle();
    expect(order).toEqual([]);
    hold.release();
    await acknowledging;
    expect(await listing).not.toContain(id);
    expect(codeOf(await getting)).toBe('426');
    expect(await stateOf('tom', id)).toBe('delivered');
  });

  it('is not waited for by whoever does not look at what waits', async () => {
    const mary = await ready();
    const id = await post('tom', 'mary', 'one');
    await mary.poll();
    const hold = holdEnd();
    const transaction = mary.waiting.splice(0)[0]?.id ?? '';
    const acknowledging = mary.post('Response', transaction, delivered(id));
    while (!hold.reached()) await world.settle();
    expect(await mary.request('<GetList-Request/>')).toContain('GetList-Response');
    hold.release();
    await acknowledging;
  });
});

describe('what a phone is told', () => {
  const known = '<ExtBlock><Nothing/></ExtBlock>';
  const deferred = '<ExtBlock><DeferredMessage>T</DeferredMessage></ExtBlock>';

  it('marks what waited alike in notices, lists and what is fetched, for a phone that knows extensions', async () => {
    const id = await world.send('tom', 'mary', 'hello');
    const mary = await new CspClient(world, 'mary').start('N');
    expect(await mary.request('<GetMessageList-Request/>')).not.toContain(deferred);
    expect(await mary.request('<GetMessageList-Request/>', known)).toContain(deferred);
    expect(await mary.request(fetched(id))).toContain(deferred);
    const next = await new CspClient(world, 'mary').start('N');
    await next.request('<GetList-Request/>', known);
    const second = await post('tom', 'mary', 'again');
    for (let round = 0; round < 5 && next.waiting.every(({ xml }) => !xml.includes(second)); round += 1)
      await next.poll();
    expect(next.waiting.find(({ xml }) => xml.includes(second))?.xml).toContain(deferred);
  });

  it('is as it was written, also where XML cannot carry it', async () => {
    const mary = await new CspClient(world, 'mary').start('N');
    const id = await post('tom', 'mary', 'a\u0001b');
    const shown = await mary.request(fetched(id));
    expect(textOf(shown, 'ContentEncoding')).toBe('BASE64');
    expect(Buffer.from(textOf(shown, 'ContentData'), 'base64').toString()).toBe('a\u0001b');
  });

  it('are reports before messages, when it comes back', async () => {
    const tom = await new CspClient(world, 'tom').start();
    const id = textOf(await tom.request(send(user('mary'), 'hi')), 'MessageID');
    await tom.request('<Logout-Request/>');
    await world.call('mary', 'POST', `/v1/inbox/${id}/delivered`);
    await world.send('mary', 'tom', 'hi too');
    const back = await new CspClient(world, 'tom').start();
    await back.poll();
    const names = back.waiting.map(({ xml }) => /^<([\w-]+)/.exec(xml)?.[1]);
    expect(names.slice(0, 1)).toEqual(['DeliveryReport-Request']);
    await back.reply('DeliveryReport-Request');
    for (let round = 0; round < 3 && back.waiting.length === 0; round += 1) await back.poll();
    expect(await back.reply('NewMessage')).toContain('hi too');
  });
});
