/** Block lists and grant lists from a phone and over HTTP: one model, which every protocol obeys. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { blocksPerOwnerMax, grantsPerOwnerMax } from '../../src/accounts/block-lists.ts';
import { HttpWorld } from '../http/http-world.ts';
import { type ClientVersion, CspClient, textOf } from './csp-client.ts';

let world: HttpWorld;

beforeEach(async () => {
  world = await HttpWorld.open();
});
afterEach(() => world.close());

const codeOf = (xml: string): string => textOf(xml, 'Code');
const ids = (...users: readonly string[]): string =>
  users.map((user) => `<UserID>wv:${user}@localhost</UserID>`).join('');
const change = (...lists: readonly string[]): string => `<BlockEntity-Request>${lists.join('')}</BlockEntity-Request>`;
const list = (name: string, content: string): string => `<${name}List>${content}</${name}List>`;
const inUse = (flag: string): string => `<InUse>${flag}</InUse>`;
const sending = (to: string): string =>
  `<SendMessage-Request><MessageInfo><Recipient><User><UserID>${to}</UserID></User></Recipient></MessageInfo><ContentData>x</ContentData></SendMessage-Request>`;

/** `block T tom; grant F`, as the phone is told. */
async function shownTo(phone: CspClient): Promise<string> {
  const xml = await phone.request('<GetBlockedList-Request/>');
  return ['Block', 'Grant']
    .map((name) => {
      const [, content = ''] = new RegExp(`<${name}List>(.*)</${name}List>`).exec(xml) ?? [];
      const use = phone.version === '1.3' ? textOf(xml, `${name}ListInUse`) : textOf(content, 'InUse');
      const users = [...content.matchAll(/<UserID>wv:(\w+)@/g)].map(([, user]) => user);
      return [name.toLowerCase(), use, ...users].join(' ');
    })
    .join('; ');
}

describe('a grant list in use', () => {
  it('lets through only who is on it, over every protocol, and shows the others nothing', async () => {
    const [tom, mary] = [await new CspClient(world, 'tom').start(), await new CspClient(world, 'mary').start()];
    expect(codeOf(await mary.request(change(list('Grant', inUse('T') + list('Add', ids('tom'))))))).toBe('200');
    expect(await shownTo(mary)).toBe('block T; grant T tom');
    expect(codeOf(await tom.request(sending('mary')))).not.toBe('532');
    const john = await new CspClient(world, 'john').start();
    expect(codeOf(await john.request(sending('mary')))).toBe('532');
    const look = '<GetPresence-Request><User><UserID>mary</UserID></User></GetPresence-Request>';
    expect([codeOf(await tom.request(look)), codeOf(await john.request(look))]).toEqual(['200', '532']);
    const refused = await world.call('peter', 'POST', '/v1/messages', { body: { to: 'mary@localhost', text: 'x' } });
    expect(refused.status).toBe(403);
    expect((await world.call('mary', 'GET', '/v1/grants')).json).toEqual({ items: ['tom@localhost'], inUse: true });
    const toSelf = await world.callAndWait(1000, 'mary', 'POST', '/v1/messages', {
      body: { to: 'mary@localhost', text: 'x' },
    });
    expect(toSelf.status).toBeLessThan(203);
  });

  it('keeps the assistant’s answers coming', async () => {
    const mary = await new CspClient(world, 'mary').start();
    await mary.request(change(list('Grant', inUse('T'))));
    await mary.request(sending('wv:inbox@localhost').replace('>x<', '>help<'));
    await mary.poll();
    expect(await mary.reply('NewMessage')).toContain('inbox@localhost');
  });

  it('is told in words by the assistant', async () => {
    const mary = await new CspClient(world, 'mary').start();
    const say = async (words: string): Promise<string> => {
      await mary.request(sending('wv:inbox@localhost').replace('>x<', `>${words}<`));
      await mary.poll();
      return textOf(await mary.reply('NewMessage'), 'ContentData');
    };
    expect(await say('blocked')).toBe('You block nobody.');
    await mary.request(change(list('Grant', inUse('T') + list('Add', ids('tom')))));
    expect(await say('blocked')).toBe('Only these get through:\ntom');
    expect(await say('unblock john')).toContain('john is none of them');
    expect(await say('block john')).toContain('nothing from john any more');
    expect(await say('blocked')).toBe('You block:\njohn\nOnly these get through:\ntom');
    expect(await say('unblock tom')).toBe('You did not block tom.');
    await mary.request(change(list('Grant', list('Entity', ''))));
    expect(await say('blocked')).toBe('You block:\njohn\nNobody gets through.');
  });

  it('stops what a watcher is told who is not on it', async () => {
    const [tom, mary] = [await new CspClient(world, 'tom').start(), await new CspClient(world, 'mary').start()];
    await tom.request('<SubscribePresence-Request><User><UserID>mary</UserID></User></SubscribePresence-Request>');
    await tom.poll();
    await tom.reply('PresenceNotification-Request');
    await mary.request(change(list('Grant', inUse('T'))));
    await mary.request('<Logout-Request/>');
    await world.time.advance(10_000);
    expect(await tom.poll()).toEqual([]);
  });

  it('is filled and put in use over HTTP, and goes on after a restart', async () => {
    expect((await world.call('mary', 'PUT', '/v1/grants/tom@localhost')).status).toBe(204);
    expect((await world.call('mary', 'GET', '/v1/grants')).json).toEqual({ items: ['tom@localhost'], inUse: false });
    await world.send('john', 'mary', 'not yet');
    const put = await world.call('mary', 'PUT', '/v1/grants', { body: { inUse: true } });
    expect(put.json).toEqual({ items: ['tom@localhost'], inUse: true });
    world = await world.restarted();
    const john = await new CspClient(world, 'john').start();
    expect(codeOf(await john.request(sending('mary')))).toBe('532');
    const mary = await new CspClient(world, 'mary').start();
    expect(await shownTo(mary)).toBe('block T; grant T tom');
    const items = ['john@localhost'];
    await world.call('mary', 'PUT', '/v1/grants', { body: { inUse: true, items } });
    expect(codeOf(await john.request(sending('mary')))).not.toBe('532');
    expect((await world.call('mary', 'DELETE', '/v1/grants/john@localhost')).status).toBe(204);
    expect(codeOf(await john.request(sending('mary')))).toBe('532');
    expect(codeOf(await mary.request(change(list('Grant', inUse('F')))))).toBe('200');
    expect(codeOf(await john.request(sending('mary')))).not.toBe('532');
  });

  it('of an account that is gone is another’s no more', async () => {
    await world.call('mary', 'PUT', '/v1/grants', {
      body: { inUse: true, items: ['tom@localhost', 'john@localhost'] },
    });
    await world.stores.accounts.remove('tom@localhost' as never);
    await world.time.advance(1000);
    expect((await world.call('mary', 'GET', '/v1/grants')).json['items']).toEqual(['john@localhost']);
  });
});

describe('after a restart', () => {
  it.each(['Block', 'Grant'])('whoever a %s list keeps out is told nothing either', async (name) => {
    const tom = await new CspClient(world, 'tom').start();
    await tom.request('<SubscribePresence-Request><User><UserID>mary</UserID></User></SubscribePresence-Request>');
    await tom.poll();
    await tom.reply('PresenceNotification-Request');
    const mary = await new CspClient(world, 'mary').start();
    const kept = name === 'Block' ? list('Block', list('Add', ids('tom'))) : list('Grant', inUse('T'));
    await mary.request(change(kept));
    await world.settle();
    world = await world.restarted();
    const after = tom.movedTo(world);
    expect(await after.poll()).toEqual([]);
    await world.call('mary', 'PUT', '/v1/presence', { body: { availability: 'not-available' } });
    await world.time.advance(10_000);
    expect(await after.poll()).toEqual([]);
  });
});

describe('grants where blocked senders are answered as for somebody offline', () => {
  it('deceive whoever is not on them alike', async () => {
    await world.close();
    world = await HttpWorld.open({ 'blocked-answer': 'accept' });
    const [mary, john] = [await new CspClient(world, 'mary').start(), await new CspClient(world, 'john').start()];
    await mary.request(change(list('Grant', inUse('T') + list('Add', ids('tom')))));
    expect(codeOf(await john.request(sending('mary')))).toBe('201');
    const seen = await john.request('<GetPresence-Request><User><UserID>mary</UserID></User></GetPresence-Request>');
    expect([codeOf(seen), textOf(seen, 'PresenceValue')]).toEqual(['200', 'F']);
    await mary.poll();
    expect(mary.waiting).toEqual([]);
  });
});

describe('a block list', () => {
  it('that is not in use blocks nobody, shows it, and is in use again with the next block elsewhere', async () => {
    const [tom, mary] = [await new CspClient(world, 'tom').start(), await new CspClient(world, 'mary').start()];
    await mary.request(change(list('Block', list('Add', ids('tom')))));
    expect(codeOf(await tom.request(sending('mary')))).toBe('532');
    expect(codeOf(await mary.request(change(list('Block', inUse('F')))))).toBe('200');
    expect(await shownTo(mary)).toBe('block F tom; grant F');
    expect(codeOf(await tom.request(sending('mary')))).not.toBe('532');
    const notInUse = { items: [], notInUse: ['tom@localhost'] };
    expect((await world.call('mary', 'GET', '/v1/blocks')).json).toEqual(notInUse);
    await mary.request(change(list('Block', list('Add', ids('peter')))));
    expect(await shownTo(mary)).toBe('block F peter tom; grant F');
    await world.call('mary', 'PUT', '/v1/blocks/john@localhost');
    expect(await shownTo(mary)).toBe('block T john peter tom; grant F');
    expect(codeOf(await tom.request(sending('mary')))).toBe('532');
  });

  it('wins over a grant', async () => {
    const [tom, mary] = [await new CspClient(world, 'tom').start(), await new CspClient(world, 'mary').start()];
    await mary.request(
      change(list('Block', list('Add', ids('tom'))), list('Grant', inUse('T') + list('Add', ids('tom')))),
    );
    expect(codeOf(await tom.request(sending('mary')))).toBe('532');
  });

  it('is replaced by an EntityList, before anybody is added or taken away', async () => {
    const mary = await new CspClient(world, 'mary').start();
    await mary.request(change(list('Block', list('Add', ids('tom', 'john')))));
    const anew = list('Entity', ids('peter', 'john')) + list('Add', ids('boss')) + list('Remove', ids('john'));
    expect(codeOf(await mary.request(change(list('Block', anew))))).toBe('200');
    expect(await shownTo(mary)).toBe('block T boss peter; grant F');
    expect((await world.call('mary', 'GET', '/v1/blocks')).json['items']).toEqual([
      'boss@localhost',
      'peter@localhost',
    ]);
    await mary.request(change(list('Block', '<EntityList/>')));
    expect(await shownTo(mary)).toBe('block T; grant F');
  });

  it.each(['1.1', '1.2', '1.3'] satisfies ClientVersion[])('is told as version %s has it', async (version) => {
    const mary = await new CspClient(world, 'mary', version).start();
    const changes =
      version === '1.3'
        ? change(
            list('Grant', list('Add', ids('tom'))),
            '<BlockListInUse>F</BlockListInUse><GrantListInUse>T</GrantListInUse>',
          )
        : change(list('Block', inUse('F')), list('Grant', inUse('T') + list('Add', ids('tom'))));
    expect(codeOf(await mary.request(changes))).toBe('200');
    expect(await shownTo(mary)).toBe('block F; grant T tom');
  });
});

describe('who cannot be on a list', () => {
  it('is named with the reason, and the others are on it', async () => {
    const mary = await new CspClient(world, 'mary').start();
    const group = '<GroupID>wv:mary/club@localhost</GroupID>';
    const screen = `<ScreenName><SName>cat</SName>${group}</ScreenName>`;
    const added = list('Add', `<UserID>a b</UserID>${ids('tom')}${screen}${group}`);
    const answer = await mary.request(change(list('Block', added)));
    expect(codeOf(answer)).toBe('201');
    expect(answer).toMatch(/<DetailedResult><Code>405<.*<GroupID>wv:mary\/club@localhost<\/GroupID><ScreenName>/);
    expect(answer).toMatch(/<DetailedResult><Code>531<[^@]*<UserID>a b<\/UserID>/);
    expect(await shownTo(mary)).toBe('block T tom; grant F');
    expect(codeOf(await mary.request(change(list('Grant', list('Add', group)))))).toBe('405');
    expect(codeOf(await mary.request(change(list('Grant', list('Add', '<UserID>a b</UserID>')))))).toBe('531');
  });

  it.each([
    ['Block', blocksPerOwnerMax],
    ['Grant', grantsPerOwnerMax],
  ])('is the one past the limit of a %s list', async (name, countMax) => {
    const mary = await new CspClient(world, 'mary').start();
    const many = Array.from({ length: countMax - 1 }, (_, at) => `<UserID>u${at}</UserID>`).join('');
    expect(codeOf(await mary.request(change(list(name, list('Add', many)))))).toBe('200');
    const answer = await mary.request(change(list(name, list('Add', ids('tom', 'john')))));
    expect([codeOf(answer), answer.split('DetailedResult>')[1]]).toEqual([
      '201',
      expect.stringMatching(/754.*wv:john@/),
    ]);
    expect(codeOf(await mary.request(change(list(name, list('Add', ids('john'))))))).toBe('754');
    const http = await world.call('mary', 'PUT', `/v1/${name.toLowerCase()}s/john@localhost`);
    expect([http.status, String(http.json['type'])]).toEqual([
      409,
      expect.stringContaining(`too-many-${name.toLowerCase()}s`),
    ]);
  });
});
