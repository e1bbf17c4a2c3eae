/** What an owner keeps about others with a phone: contact lists, attribute lists, who may watch; and that all protocols obey it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contactListsMax, contactsMax } from '../../src/endpoints/imps/lists/contact-book.ts';
import { HttpWorld } from '../http/http-world.ts';
import { CspClient, textOf } from './csp-client.ts';

let world: HttpWorld;

beforeEach(async () => {
  world = await HttpWorld.open({ 'visible-by-default': 'none' });
});
afterEach(() => world.close());

const codeOf = (xml: string): string => textOf(xml, 'Code');
const list = (name: string): string => `<ContactList>wv:mary/${name}@localhost</ContactList>`;
const nick = (user: string): string =>
  `<NickName><Name>${user} N</Name><UserID>wv:${user}@localhost</UserID></NickName>`;
const create = (name: string, ...users: string[]): string =>
  `<CreateList-Request>${list(name)}<NickList>${users.map(nick).join('')}</NickList></CreateList-Request>`;
const manage = (name: string, change = ''): string => `<ListManage-Request>${list(name)}${change}</ListManage-Request>`;
const usersIn = (xml: string): string[] => [...xml.matchAll(/<UserID>wv:(\w+)@/g)].map(([, user]) => user ?? '');
const mood = (word: string): string =>
  `<UpdatePresence-Request><PresenceSubList><StatusMood><Qualifier>T</Qualifier><PresenceValue>${word}</PresenceValue></StatusMood></PresenceSubList></UpdatePresence-Request>`;
const moodSeenBy = async (who: string): Promise<unknown> =>
  (await world.call(who, 'GET', '/v1/presence/mary@localhost')).json['mood'];

describe('contact lists', () => {
  it('are made, changed, read and deleted, and one of them is the default', async () => {
    const mary = await new CspClient(world, 'mary').start();
    expect(codeOf(await mary.request(create('friends', 'tom', 'john')))).toBe('200');
    expect(codeOf(await mary.request(create('Work', 'peter')))).toBe('200');
    expect(codeOf(await mary.request(create('FRIENDS')))).toBe('701');
    const all = await mary.request('<GetList-Request/>');
    expect(textOf(all, 'DefaultContactList')).toBe('wv:mary/friends@localhost');
    expect(textOf(all, 'ContactList')).toBe('wv:mary/work@localhost');
    const properties =
      '<ContactListProperties><Property><Name>Default</Name><Value>T</Value></Property><Property><Name>DisplayName</Name><Value>At work</Value></Property></ContactListProperties>';
    expect(await mary.request(manage('work', properties))).toContain('<Value>At work</Value>');
    expect(textOf(await mary.request('<GetList-Request/>'), 'DefaultContactList')).toBe('wv:mary/work@localhost');
    expect(usersIn(await mary.request(manage('friends', `<AddNickList>${nick('peter')}</AddNickList>`)))).toEqual([
      'tom',
      'john',
      'peter',
    ]);
    const remove = '<RemoveNickList><UserID>wv:tom@localhost</UserID></RemoveNickList><ReceiveList>F</ReceiveList>';
    expect(usersIn(await mary.request(manage('friends', remove)))).toEqual([]);
    const read = await mary.request(manage('friends'));
    expect([usersIn(read), textOf(read, 'Name')]).toEqual([['john', 'peter'], 'john N']);
    expect(codeOf(await mary.request(`<DeleteList-Request>${list('friends')}</DeleteList-Request>`))).toBe('200');
    expect(codeOf(await mary.request(manage('friends')))).toBe('700');
    expect(codeOf(await mary.request(manage('work').replace('mary/', 'tom/')))).toBe('700');
    const unknown = '<ContactListProperties><Property><Name>Colour</Name></Property></ContactListProperties>';
    expect(codeOf(await mary.request(manage('work', unknown)))).toBe('752');
    const perhaps = unknown.replace('<Name>Colour</Name>', '<Name>Default</Name><Value>perhaps</Value>');
    expect(codeOf(await mary.request(manage('work', perhaps)))).toBe('752');
  });

  it('have limits', async () => {
    const mary = await new CspClient(world, 'mary').start();
    const many = (count: number): string =>
      manage(
        'l0',
        `<AddNickList>${Array.from({ length: count }, (_, at) => `<UserID>u${at}</UserID>`).join('')}</AddNickList>`,
      );
    for (let at = 0; at < contactListsMax; at += 1) expect(codeOf(await mary.request(create(`l${at}`)))).toBe('200');
    expect(codeOf(await mary.request(create('more')))).toBe('753');
    expect(codeOf(await mary.request(many(contactsMax + 1)))).toBe('754');
    expect(usersIn(await mary.request(manage('l0')))).toEqual([]);
    expect(
      codeOf(await mary.request(many(contactsMax).replace('</ListM', '<ReceiveList>F</ReceiveList></ListM'))),
    ).toBe('200');
    expect(codeOf(await mary.request(manage('l1', `<AddNickList>${nick('tom')}</AddNickList>`)))).toBe('754');
  });

  it('stand for their members, for messages and for presence, also for those who join later', async () => {
    const mary = await new CspClient(world, 'mary').start();
    await mary.request(create('friends', 'tom', 'john'));
    const sent = await mary.request(
      `<SendMessage-Request><MessageInfo><Recipient>${list('friends')}</Recipient></MessageInfo><ContentData>hi</ContentData></SendMessage-Request>`,
    );
    expect([codeOf(sent), usersIn(sent)]).toEqual(['201', ['tom', 'john']]);
    for (const who of ['tom', 'john'])
      expect((await world.call(who, 'GET', '/v1/inbox')).json['items']).toHaveLength(1);
    await world.call('peter', 'PUT', '/v1/rules', {
      body: [{ watchers: '*', attributes: ['online'], action: 'allow' }],
    });
    const watch = `<SubscribePresence-Request>${list('friends')}<AutoSubscribe>T</AutoSubscribe></SubscribePresence-Request>`;
    expect(codeOf(await mary.request(watch))).toBe('521');
    await mary.poll();
    expect(mary.waiting).toEqual([]);
    await mary.request(manage('friends', `<AddNickList>${nick('peter')}</AddNickList>`));
    await mary.poll();
    expect(usersIn(await mary.reply('PresenceNotification-Request'))).toEqual(['peter']);
    const got = await mary.request(`<GetPresence-Request>${list('friends')}</GetPresence-Request>`);
    expect(usersIn(got)).toContain('peter');
  });
});

describe('attribute lists', () => {
  const sub = '<PresenceSubList><StatusMood/><OnlineStatus/></PresenceSubList>';
  const allow = (whom: string, attributes = sub): string =>
    `<CreateAttributeList-Request>${attributes}${whom}<DefaultList>${whom === '' ? 'T' : 'F'}</DefaultList></CreateAttributeList-Request>`;

  it('of a user, of the members of a list and of everybody are rules of all protocols', async () => {
    const mary = await new CspClient(world, 'mary').start();
    await mary.request(mood('ANGRY'));
    await mary.request(create('friends', 'john'));
    expect(codeOf(await mary.request(allow('<UserID>wv:tom@localhost</UserID>')))).toBe('200');
    expect(await moodSeenBy('tom')).toEqual(['angry']);
    expect(await moodSeenBy('john')).toBeUndefined();
    expect(codeOf(await mary.request(allow(list('friends'))))).toBe('200');
    expect(await moodSeenBy('john')).toEqual(['angry']);
    await mary.request(manage('friends', `<AddNickList>${nick('peter')}</AddNickList>`));
    expect(await moodSeenBy('peter')).toEqual(['angry']);
    await mary.request(manage('friends', '<RemoveNickList><UserID>wv:john@localhost</UserID></RemoveNickList>'));
    expect(await moodSeenBy('john')).toBeUndefined();
    const all = await mary.request('<GetAttributeList-Request><DefaultList>F</DefaultList></GetAttributeList-Request>');
    expect(all).toContain('<UserID>wv:tom@localhost</UserID>');
    expect(all).toContain('<ContactList>wv:mary/friends@localhost</ContactList>');
    expect(all).toContain('<OnlineStatus/><StatusMood/>');
    expect(codeOf(await mary.request(allow('')))).toBe('200');
    expect(await moodSeenBy('john')).toEqual(['angry']);
    const drop =
      '<DeleteAttributeList-Request><UserID>wv:tom@localhost</UserID><DefaultList>T</DefaultList></DeleteAttributeList-Request>';
    expect(codeOf(await mary.request(drop))).toBe('200');
    expect(await moodSeenBy('tom')).toBeUndefined();
  });

  it('are refused with the attribute, the user or the list that is none', async () => {
    const mary = await new CspClient(world, 'mary').start();
    const wrong = sub.replace('StatusMood', 'Weather');
    expect(codeOf(await mary.request(allow('<UserID>tom</UserID>', wrong)))).toBe('750');
    expect(codeOf(await mary.request(allow('<UserID>a b</UserID>')))).toBe('531');
    expect(codeOf(await mary.request(allow(list('none'))))).toBe('700');
  });
});

describe('who asks to watch', () => {
  const watchMary =
    '<SubscribePresence-Request><User><UserID>wv:mary@localhost</UserID></User></SubscribePresence-Request>';
  const decide = (acceptance: string, sub = ''): string =>
    `<PresenceAuth-User><UserID>wv:tom@localhost</UserID><Acceptance>${acceptance}</Acceptance>${sub}</PresenceAuth-User>`;

  /** Whoever is not of the domain has to be confirmed; within it, by a rule. */
  beforeEach(async () => {
    const rules = [{ watchers: '*', attributes: '*', action: 'confirm' }];
    await world.call('mary', 'PUT', '/v1/rules', { body: rules });
  });

  it('waits until the owner decides, over whatever protocol either is there', async () => {
    const [tom, mary] = [await new CspClient(world, 'tom').start(), await new CspClient(world, 'mary').start()];
    await mary.request(mood('ANGRY'));
    expect(codeOf(await tom.request(watchMary))).toBe('521');
    expect(await tom.poll()).toEqual([]);
    expect((await world.call('mary', 'GET', '/v1/rules/requests')).json['items']).toEqual([
      { address: 'tom@localhost' },
    ]);
    await mary.poll();
    expect(usersIn(await mary.reply('PresenceAuth-Request'))).toEqual(['tom']);
    expect(await mary.request('<GetReactiveAuthStatus-Request/>')).toContain(
      '<ReactiveAuthState>PENDING</ReactiveAuthState>',
    );
    expect(usersIn(await mary.request('<GetWatcherList-Request/>'))).toEqual([]);
    expect(codeOf(await mary.request(decide('T', '<PresenceSubList><StatusMood/></PresenceSubList>')))).toBe('200');
    await tom.poll();
    expect(await tom.reply('PresenceNotification-Request')).toContain('<PresenceValue>ANGRY</PresenceValue>');
    expect(await mary.request('<GetReactiveAuthStatus-Request/>')).toContain(
      '<ReactiveAuthState>GRANTED</ReactiveAuthState>',
    );
    expect(await mary.request('<GetWatcherList-Request/>')).toContain('CURRENT_SUBSCRIBER');
    await mary.request(decide('F'));
    expect(await mary.request('<GetReactiveAuthStatus-Request/>')).toContain(
      '<ReactiveAuthState>DENIED</ReactiveAuthState>',
    );
    expect(usersIn(await mary.request('<GetWatcherList-Request/>'))).toEqual([]);
    expect(codeOf(await tom.request(watchMary))).toBe('532');
    await mary.request('<CancelAuth-Request><UserID>wv:tom@localhost</UserID></CancelAuth-Request>');
    // As if there had been no decision: who asked asks again.
    expect(await mary.request('<GetReactiveAuthStatus-Request/>')).toContain(
      '<ReactiveAuthState>PENDING</ReactiveAuthState>',
    );
  });

  it('is put before the owner who comes later, also one who asked over HTTP', async () => {
    const stream = await world.listen('tom', { query: '?presence=mary@localhost' });
    const mary = await new CspClient(world, 'mary').start();
    await mary.poll();
    expect(usersIn(await mary.reply('PresenceAuth-Request'))).toEqual(['tom']);
    await mary.request(decide('T'));
    expect((await stream.next('presence'))['address']).toBeDefined();
  });

  it('over HTTP is put before an owner who is there', async () => {
    const mary = await new CspClient(world, 'mary').start();
    expect(await mary.poll()).toEqual([]);
    await world.listen('tom', { query: '?presence=mary@localhost' });
    await mary.poll();
    expect(usersIn(await mary.reply('PresenceAuth-Request'))).toEqual(['tom']);
  });

  it('and is blocked is told nothing any more, and watches nobody', async () => {
    const [tom, mary] = [await new CspClient(world, 'tom').start(), await new CspClient(world, 'mary').start()];
    await mary.request(decide('T'));
    await tom.request(watchMary);
    await tom.poll();
    await tom.reply('PresenceNotification-Request');
    await mary.request(
      '<BlockEntity-Request><BlockList><AddList><UserID>tom</UserID></AddList></BlockList></BlockEntity-Request>',
    );
    await mary.request('<Logout-Request/>');
    await world.time.advance(10_000);
    expect(await tom.poll()).toEqual([]);
    const again = await new CspClient(world, 'mary').start();
    expect(usersIn(await again.request('<GetWatcherList-Request/>'))).toEqual([]);
  });
});
