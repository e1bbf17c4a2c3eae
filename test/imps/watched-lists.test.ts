/** Lists that are watched, with who joins and leaves; users and lists in one request. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpWorld } from '../http/http-world.ts';
import { CspClient, textOf } from './csp-client.ts';

let world: HttpWorld;
let mary: CspClient;

beforeEach(async () => {
  world = await HttpWorld.open({ 'notify-pace': '0' });
  mary = await new CspClient(world, 'mary').start();
});
afterEach(() => world.close());

const codeOf = (xml: string): string => textOf(xml, 'Code');
const list = (name: string): string => `<ContactList>wv:mary/${name}@localhost</ContactList>`;
const ids = (...users: readonly string[]): string =>
  users.map((user) => `<UserID>wv:${user}@localhost</UserID>`).join('');
const create = (name: string, ...users: readonly string[]): string =>
  `<CreateList-Request>${list(name)}<NickList>${ids(...users)}</NickList></CreateList-Request>`;
const manage = (name: string, change: string): string =>
  `<ListManage-Request>${list(name)}${change}</ListManage-Request>`;
const join = (name: string, ...users: readonly string[]): string =>
  manage(name, `<AddNickList>${ids(...users)}</AddNickList>`);
const leave = (name: string, ...users: readonly string[]): string =>
  manage(name, `<RemoveNickList>${ids(...users)}</RemoveNickList>`);
const subscribe = (content: string, auto = 'T'): string =>
  `<SubscribePresence-Request>${content}<AutoSubscribe>${auto}</AutoSubscribe></SubscribePresence-Request>`;
const unsubscribe = (content: string): string =>
  `<UnsubscribePresence-Request>${content}</UnsubscribePresence-Request>`;
const user = (name: string): string => `<User><UserID>${name}</UserID></User>`;

/** Of whom Mary is told, now that everybody is in another state than before. */
let turn = 0;
async function watchedNow(phone = mary): Promise<string[]> {
  while (phone.waiting.length > 0) await phone.reply('PresenceNotification-Request');
  turn += 1;
  const availability = turn % 2 === 0 ? 'available' : 'not-available';
  for (const name of ['tom', 'john', 'peter'])
    await world.call(name, 'PUT', '/v1/presence', { body: { availability } });
  const told = new Set<string>();
  for (let polls = 0; polls < 3; polls += 1) {
    await phone.poll();
    while (phone.waiting.length > 0) {
      const xml = await phone.reply('PresenceNotification-Request');
      if (xml.includes(availability.toUpperCase().replace('-', '_'))) told.add(textOf(xml, 'UserID').slice(3, -10));
    }
  }
  return [...told].sort();
}

describe('a list that is watched with AutoSubscribe', () => {
  it('brings who joins, takes who leaves, and brings them again', async () => {
    await mary.request(create('friends', 'tom'));
    expect(codeOf(await mary.request(subscribe(list('friends'))))).toBe('200');
    expect(await watchedNow()).toEqual(['tom']);
    await mary.request(join('friends', 'john'));
    expect(await watchedNow()).toEqual(['john', 'tom']);
    await mary.request(leave('friends', 'tom'));
    expect(await watchedNow()).toEqual(['john']);
    await mary.request(join('friends', 'tom'));
    expect(await watchedNow()).toEqual(['john', 'tom']);
    await mary.request(`<DeleteList-Request>${list('friends')}</DeleteList-Request>`);
    expect(await watchedNow()).toEqual([]);
    await mary.request(create('friends', 'tom'));
    expect(await watchedNow()).toEqual([]);
  });

  it('leaves alone who is watched for another reason', async () => {
    await mary.request(create('friends', 'tom', 'john'));
    await mary.request(create('work', 'john', 'peter'));
    await mary.request(subscribe(user('tom') + list('friends')));
    await mary.request(subscribe(list('work')));
    await mary.request(leave('friends', 'tom', 'john'));
    expect(await watchedNow()).toEqual(['john', 'peter', 'tom']);
    await mary.request(leave('work', 'john'));
    expect(await watchedNow()).toEqual(['peter', 'tom']);
  });

  it('brings nobody back of whom the phone wants to hear no more', async () => {
    await mary.request(create('friends', 'tom', 'john'));
    await mary.request(subscribe(list('friends')));
    expect(codeOf(await mary.request(unsubscribe(user('tom'))))).toBe('200');
    await mary.request(join('friends', 'peter'));
    expect(await watchedNow()).toEqual(['john', 'peter']);
  });

  it('brings them with the attributes that were asked for, and after a restart', async () => {
    await mary.request(create('friends', 'tom'));
    const some = '<PresenceSubList><UserAvailability/></PresenceSubList>';
    await mary.request(subscribe(list('friends')).replace('<AutoSubscribe>', `${some}<AutoSubscribe>`));
    await mary.request(join('friends', 'john'));
    await world.settle();
    world = await world.restarted();
    mary = mary.movedTo(world);
    expect(await watchedNow()).toEqual(['john', 'tom']);
    await mary.request(join('friends', 'peter'));
    await mary.poll();
    const told = await mary.reply('PresenceNotification-Request');
    expect([textOf(told, 'UserID'), told.includes('<OnlineStatus>')]).toEqual(['wv:peter@localhost', false]);
  });

  it('brings nobody who is unknown or blocks', async () => {
    await world.call('john', 'PUT', '/v1/blocks/mary@localhost');
    await mary.request(create('friends', 'tom'));
    await mary.request(subscribe(list('friends')));
    await mary.request(join('friends', 'john', 'ghost'));
    expect(await watchedNow()).toEqual(['tom']);
    expect((await mary.poll()).length).toBe(0);
  });

  it('is watched no more when it is named in an unsubscription', async () => {
    await mary.request(create('friends', 'tom'));
    await mary.request(subscribe(list('friends')));
    expect(codeOf(await mary.request(unsubscribe(list('friends'))))).toBe('200');
    await mary.request(join('friends', 'john'));
    expect(await watchedNow()).toEqual([]);
  });
});

it('a list without AutoSubscribe is those who are on it then', async () => {
  await mary.request(create('friends', 'tom'));
  await mary.request(subscribe(list('friends'), 'F'));
  await mary.request(join('friends', 'john'));
  await mary.request(leave('friends', 'tom'));
  expect(await watchedNow()).toEqual(['tom']);
});

describe('users and lists in one request', () => {
  const named = `${user('ghost')}${user('TOM')}${user('wv:tom@localhost')}${list('friends')}${list('none')}`;

  it.each(['GetPresence', 'SubscribePresence', 'UnsubscribePresence'])(
    '%s: what can be done is done, the others are named',
    async (name) => {
      await mary.request(create('friends', 'tom', 'john'));
      const answer = await mary.request(`<${name}-Request>${named}</${name}-Request>`);
      expect(codeOf(answer)).toBe('201');
      const details = answer
        .replace(/<\/Result>.*/, '')
        .split('<DetailedResult>')
        .slice(1);
      const missing = ['700', 'wv:mary/none@localhost'];
      const expected = name === 'UnsubscribePresence' ? [missing] : [['531', 'ghost'], missing];
      expect(
        details.map((each) => [textOf(each, 'Code'), textOf(each, 'UserID') || textOf(each, 'ContactList')]),
      ).toEqual(expected);
      expect(answer.split('<Presence>')).toHaveLength(name === 'GetPresence' ? 3 : 1);
      expect(await watchedNow()).toEqual(name === 'SubscribePresence' ? ['john', 'tom'] : []);
    },
  );

  it.each([
    [list('none'), '700'],
    [list('none') + user('ghost'), '900'],
    ['<ContactList>wv:tom/friends@localhost</ContactList>', '700'],
    ['', '402'],
  ])('%s alone is refused with %s', async (content, code) => {
    expect(codeOf(await mary.request(`<GetPresence-Request>${content}</GetPresence-Request>`))).toBe(code);
  });

  it('an empty list is well', async () => {
    await mary.request(create('empty'));
    expect(codeOf(await mary.request(subscribe(list('empty'))))).toBe('200');
    await mary.request(join('empty', 'tom'));
    expect(await watchedNow()).toEqual(['tom']);
  });
});

describe('an attribute list of a contact list', () => {
  const attributes = '<PresenceSubList><StatusMood/></PresenceSubList>';
  const allow = (name: string): string =>
    `<CreateAttributeList-Request>${attributes}${list(name)}<DefaultList>F</DefaultList></CreateAttributeList-Request>`;
  const getAll = '<GetAttributeList-Request><DefaultList>F</DefaultList></GetAttributeList-Request>';
  const moodSeenBy = async (who: string): Promise<unknown> =>
    (await world.call(who, 'GET', '/v1/presence/mary@localhost')).json['mood'];
  const rules = async (): Promise<unknown> =>
    JSON.parse(JSON.stringify((await world.call('mary', 'GET', '/v1/rules')).json));

  beforeEach(async () => {
    await world.call('mary', 'PUT', '/v1/presence', { body: { mood: 'happy' } });
  });

  it('outlasts its last member, and is no rule meanwhile that could not be put back over HTTP', async () => {
    await mary.request(create('friends'));
    expect(codeOf(await mary.request(allow('friends')))).toBe('200');
    expect(await rules()).toEqual([]);
    expect(await mary.request(getAll)).toContain(`${list('friends')}<PresenceSubList`);
    await mary.request(join('friends', 'tom'));
    expect(await moodSeenBy('tom')).toEqual(['happy']);
    await mary.request(leave('friends', 'tom'));
    expect([await moodSeenBy('tom'), await rules()]).toEqual([undefined, []]);
    await mary.request(join('friends', 'john'));
    expect([await moodSeenBy('john'), await moodSeenBy('tom')]).toEqual([['happy'], undefined]);
    await mary.request(leave('friends', 'john'));
    await mary.request(`<DeleteAttributeList-Request>${list('friends')}</DeleteAttributeList-Request>`);
    expect(await mary.request(getAll)).not.toContain('<ContactList>');
    await mary.request(join('friends', 'peter'));
    expect(await moodSeenBy('peter')).toBeUndefined();
  });

  it.each([
    ['mum’s (a_b)!', 'mum’s (a_5fb)!'],
    ["mum's", 'mum_27s'],
    ['a b', 'a_20b'],
  ])('of a list %s is not that of %s, and can be put back over HTTP', async (one, other) => {
    for (const name of [one, other]) {
      expect(codeOf(await mary.request(create(name, 'tom')))).toBe('200');
      expect(codeOf(await mary.request(allow(name)))).toBe('200');
    }
    const before = (await world.call('mary', 'GET', '/v1/rules')).json;
    const put = await world.call('mary', 'PUT', '/v1/rules', { body: before });
    expect([put.status, put.json]).toEqual([200, before]);
    await mary.request(`<DeleteList-Request>${list(one)}</DeleteList-Request>`);
    expect(await rules()).toHaveLength(1);
    expect(await mary.request(getAll)).toContain(list(other));
  });

  it('of which a person made something else over HTTP is left alone, and has no other of the same name', async () => {
    await mary.request(create('friends', 'tom'));
    await mary.request(allow('friends'));
    const changed = [{ watchers: '*', attributes: ['mood'], action: 'allow', id: 'imps-list-friends' }];
    await world.call('mary', 'PUT', '/v1/rules', { body: changed });
    await mary.request(join('friends', 'john'));
    expect(await rules()).toEqual(changed);
    await mary.request(allow('friends'));
    expect(await rules()).toMatchObject([{ watchers: ['tom@localhost', 'john@localhost'], id: 'imps-list-friends' }]);
  });

  it('goes with the contact list', async () => {
    await mary.request(create('friends', 'tom'));
    await mary.request(allow('friends'));
    await mary.request(`<DeleteList-Request>${list('friends')}</DeleteList-Request>`);
    expect([await moodSeenBy('tom'), await rules()]).toEqual([undefined, []]);
    await mary.request(create('friends', 'tom'));
    expect(await moodSeenBy('tom')).toBeUndefined();
  });

  it('gives nothing to a new account of a member’s name', async () => {
    await mary.request(create('friends', 'tom', 'peter'));
    await mary.request(allow('friends'));
    const tom = await world.stores.accounts.find('tom@localhost' as never);
    if (tom === undefined) throw new Error('no account');
    await world.stores.accounts.remove(tom.address);
    await world.time.advance(1000);
    await world.stores.accounts.add([{ ...tom, id: 'another' }]);
    await world.time.advance(1000);
    await mary.request(join('friends', 'john'));
    expect([await moodSeenBy('tom'), await moodSeenBy('john')]).toEqual([undefined, ['happy']]);
  });
});
