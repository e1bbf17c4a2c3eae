import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpWorld } from '../http/http-world.ts';
import { CspClient, textOf } from './csp-client.ts';

let world: HttpWorld;

beforeEach(async () => {
  world = await HttpWorld.open();
});
afterEach(() => world.close());

const codeOf = (xml: string): string => textOf(xml, 'Code');
const get = (id: string): string => `<GetMessage-Request><MessageID>${id}</MessageID></GetMessage-Request>`;
const idsIn = (xml: string): string[] => [...xml.matchAll(/<MessageID>([^<]*)</g)].map(([, id]) => id ?? '');

describe('a client that fetches', () => {
  it('is told that a message waits, gets it, and says that it has it', async () => {
    const mary = await new CspClient(world, 'mary').start('N');
    await world.time.advance(5000);
    await world.send('tom', 'mary', 'hello');
    await mary.poll();
    const notice = await mary.reply('MessageNotification');
    expect(notice).not.toContain('hello');
    const id = textOf(notice, 'MessageID');
    expect(textOf(await mary.request(get(id)), 'ContentData')).toBe('hello');
    const acknowledged = await mary.post(
      'Response',
      'c2',
      `<MessageDelivered><MessageID>${id}</MessageID></MessageDelivered>`,
    );
    expect(codeOf(acknowledged)).toBe('200');
    expect((await world.call('tom', 'GET', `/v1/messages/${id}`)).json).toMatchObject({ state: 'delivered' });
    expect(codeOf(await mary.request(get(id)))).toBe('426');
  });

  it('looks through what is ready, and through everything of one sender', async () => {
    const mary = await new CspClient(world, 'mary').start('N');
    await mary.request(
      '<UpdatePresence-Request><PresenceSubList><UserAvailability><Qualifier>T</Qualifier><PresenceValue>NOT_AVAILABLE</PresenceValue></UserAvailability></PresenceSubList></UpdatePresence-Request>',
    );
    await world.time.advance(5000);
    const ready = await world.send('tom', 'mary', 'ready');
    const held = await world.send('tom', 'mary', 'held', { deliverWhen: 'availability is available' });
    const other = await world.send('john', 'mary', 'other');
    expect(idsIn(await mary.request('<GetMessageList-Request/>'))).toEqual([ready, other]);
    expect(
      idsIn(await mary.request('<GetMessageList-Request><MessageCount>1</MessageCount></GetMessageList-Request>')),
    ).toEqual([ready]);
    const override = '<ExtBlock><RetrieveFrom><UserID>wv:tom@localhost</UserID></RetrieveFrom></ExtBlock>';
    expect(idsIn(await mary.request('<GetMessageList-Request/>', override))).toEqual([ready, held]);
    expect(textOf(await mary.request(get(held)), 'ContentData')).toBe('held');
    const rejected = `<RejectMessage-Request><MessageID>${other}</MessageID><MessageID>none</MessageID></RejectMessage-Request>`;
    const answer = await mary.request(rejected);
    expect([codeOf(answer), ...idsIn(answer)]).toEqual(['201', 'none']);
    expect((await world.call('john', 'GET', `/v1/messages/${other}`)).json).toMatchObject({ state: 'rejected' });
  });

  it('may choose to be pushed', async () => {
    const mary = await new CspClient(world, 'mary').start('N');
    const set =
      '<SetDeliveryMethod-Request><DeliveryMethod>P</DeliveryMethod><AcceptedContentLength>4</AcceptedContentLength></SetDeliveryMethod-Request>';
    expect(codeOf(await mary.request(set))).toBe('200');
    await world.time.advance(5000);
    for (const [text, name] of [
      ['hi', 'NewMessage'],
      ['too long to push', 'MessageNotification'],
    ] as const) {
      const sending = world.send('tom', 'mary', text);
      for (let round = 0; round < 20 && mary.waiting.length === 0; round += 1) await mary.poll();
      await mary.reply(name);
      await sending;
    }
  });
});

describe('presence', () => {
  const mood = (word: string): string =>
    `<UpdatePresence-Request><PresenceSubList><StatusMood><Qualifier>T</Qualifier><PresenceValue>${word}</PresenceValue></StatusMood></PresenceSubList></UpdatePresence-Request>`;
  const allowMood = () =>
    world.call('mary', 'PUT', '/v1/rules', {
      body: [{ watchers: ['tom@localhost'], attributes: ['mood'], action: 'allow' }],
    });

  it('is shown as far as it may be seen', async () => {
    const [tom, mary] = [await new CspClient(world, 'tom').start(), await new CspClient(world, 'mary').start()];
    await mary.request(mood('IN_LOVE'));
    const ask =
      '<GetPresence-Request><User><UserID>wv:mary@localhost</UserID></User><User><UserID>wv:nobody</UserID></User></GetPresence-Request>';
    const before = await tom.request(ask);
    expect(before).not.toContain('StatusMood');
    expect(before).toContain('<OnlineStatus><Qualifier>T</Qualifier><PresenceValue>T</PresenceValue></OnlineStatus>');
    expect(before).toContain('<DetailedResult><Code>531</Code>');
    await allowMood();
    expect(await tom.request(ask)).toContain('<PresenceValue>IN_LOVE</PresenceValue>');
    expect((await world.call('tom', 'GET', '/v1/presence/mary@localhost')).json).toMatchObject({ mood: ['in-love'] });
  });

  it('is told to who subscribed: at once, when it changes, not what is hidden, and no more afterwards', async () => {
    const [tom, mary] = [await new CspClient(world, 'tom').start(), await new CspClient(world, 'mary').start()];
    const user = '<User><UserID>wv:mary@localhost</UserID></User>';
    expect(codeOf(await tom.request(`<SubscribePresence-Request>${user}</SubscribePresence-Request>`))).toBe('200');
    await tom.poll();
    expect(await tom.reply('PresenceNotification-Request')).toContain('<OnlineStatus>');
    await mary.request(mood('HAPPY'));
    await world.time.advance(5000);
    // It became available by itself; of the mood nothing is said.
    for (const each of await tom.poll()) expect(each.xml).not.toContain('HAPPY');
    while (tom.waiting.length > 0) await tom.reply('PresenceNotification-Request');
    await allowMood();
    await world.time.advance(5000);
    await tom.poll();
    expect(await tom.reply('PresenceNotification-Request')).toContain('<PresenceValue>HAPPY</PresenceValue>');
    await tom.request(`<UnsubscribePresence-Request>${user}</UnsubscribePresence-Request>`);
    await mary.request(mood('SAD'));
    await world.time.advance(6000);
    expect(await tom.poll()).toEqual([]);
  });

  it('is refused with the attribute that is wrong', async () => {
    const mary = await new CspClient(world, 'mary').start();
    const answer = await mary.request(mood('HAPPY').replaceAll('StatusMood', 'Weather'));
    expect([codeOf(answer), textOf(answer, 'Description')]).toEqual(['750', 'Weather is no presence attribute']);
    const lists =
      '<SubscribePresence-Request><ContactList>wv:mary/x@localhost</ContactList><AutoSubscribe>T</AutoSubscribe></SubscribePresence-Request>';
    expect(codeOf(await mary.request(lists))).toBe('700');
  });
});

describe('blocks', () => {
  it('are those of every other protocol', async () => {
    const mary = await new CspClient(world, 'mary').start();
    const block = (list: string): string =>
      `<BlockEntity-Request><BlockList><InUse>T</InUse>${list}</BlockList></BlockEntity-Request>`;
    await mary.request(block('<AddList><UserID>wv:tom@localhost</UserID><UserID>john</UserID></AddList>'));
    expect((await world.call('mary', 'GET', '/v1/blocks')).json['items']).toHaveLength(2);
    await mary.request(block('<RemoveList><UserID>wv:john@localhost</UserID></RemoveList>'));
    expect(await mary.request('<GetBlockedList-Request/>')).toContain(
      '<BlockList><InUse>T</InUse><EntityList><UserID>wv:tom@localhost</UserID></EntityList></BlockList>',
    );
  });
});

describe('what cannot be done', () => {
  it('is a status', async () => {
    const mary = await new CspClient(world, 'mary').start();
    expect(codeOf(await mary.request('<CreateGroup-Request/>'))).toBe('405');
    expect(codeOf(await mary.request('<Search-Request/>'))).toBe('405');
    expect(codeOf(await mary.request('<GetMap-Request/>'))).toBe('501');
    expect(codeOf(await mary.request('<GetMessage-Request/>'))).toBe('402');
    expect(codeOf(await mary.postDocument('<WV-CSP-Message'))).toBe('400');
    expect(
      codeOf(
        await mary.postDocument(
          '<WV-CSP-Message xmlns="http://www.wireless-village.org/CSP1.0"><Session/></WV-CSP-Message>',
        ),
      ),
    ).toBe('505');
    expect(codeOf(await mary.postDocument(`<a>${'x'.repeat(131_072)}</a>`))).toBe('402');
    mary.sessionId = 'wrong';
    expect(codeOf(await mary.request('<KeepAlive-Request/>'))).toBe('604');
    mary.sessionId = '';
    expect(codeOf(await mary.request('<GetMessageList-Request/>'))).toBe('604');
    expect(textOf(await mary.request('<GetSPInfo-Request/>'), 'Name')).toBe('Restante');
  });

  it('is a problem where it is no CSP at all', async () => {
    const response = await fetch(`${world.origin}/imps`, {
      method: 'POST',
      headers: { 'content-type': 'text/plain' },
      body: 'x',
    });
    expect(response.status).toBe(415);
  });
});
