/** What one phone may ask for at most: at each limit, and one past it. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attributeListSubjectsMax } from '../../src/endpoints/imps/lists/attribute-lists.ts';
import { listNameCharactersMax } from '../../src/endpoints/imps/lists/contact-book.ts';
import { blockedUsersMax } from '../../src/endpoints/imps/services/blocking.ts';
import { rejectedMax } from '../../src/endpoints/imps/services/collecting.ts';
import { usersMax } from '../../src/endpoints/imps/services/people.ts';
import { reportsOpenMax } from '../../src/endpoints/imps/services/reports.ts';
import { recipientsMax } from '../../src/endpoints/imps/services/sending.ts';
import { announcementsOpenMax } from '../../src/endpoints/imps/session/session-target.ts';
import { sessionsPerPrincipalMax } from '../../src/endpoints/imps/session/session-table.ts';
import { watchedMax } from '../../src/endpoints/imps/services/watching.ts';
import { watcherRulesMax } from '../../src/presence/watcher-rules.ts';
import { HttpWorld } from '../http/http-world.ts';
import { CspClient, textOf } from './csp-client.ts';

let world: HttpWorld;

beforeEach(async () => {
  world = await HttpWorld.open();
});
afterEach(() => world.close());

const codeOf = (xml: string): string => textOf(xml, 'Code');
const repeat = (count: number, write: (at: number) => string): string =>
  Array.from({ length: count }, (_, at) => write(at)).join('');
const user = (at: number): string => `<User><UserID>u${at}</UserID></User>`;
const userId = (at: number): string => `<UserID>u${at}</UserID>`;

describe('one request names at most so many', () => {
  const subs = '<PresenceSubList><StatusMood/></PresenceSubList>';
  it.each([
    [
      'recipients',
      recipientsMax,
      '531',
      (count: number) =>
        `<SendMessage-Request><MessageInfo><Recipient>${repeat(count, user)}</Recipient></MessageInfo><ContentData>x</ContentData></SendMessage-Request>`,
    ],
    [
      'messages to turn away',
      rejectedMax,
      '426',
      (count: number) =>
        `<RejectMessage-Request>${repeat(count, (at) => `<MessageID>m${at}</MessageID>`)}</RejectMessage-Request>`,
    ],
    [
      'users to look at',
      usersMax,
      '531',
      (count: number) => `<GetPresence-Request>${repeat(count, user)}</GetPresence-Request>`,
    ],
    [
      'users to block',
      blockedUsersMax,
      '200',
      (count: number) =>
        `<BlockEntity-Request><BlockList><AddList>${repeat(count, userId)}</AddList></BlockList></BlockEntity-Request>`,
    ],
    [
      'users of an attribute list',
      attributeListSubjectsMax,
      '200',
      (count: number) => `<CreateAttributeList-Request>${subs}${repeat(count, userId)}</CreateAttributeList-Request>`,
    ],
  ] as const)('%s', async (_, max, code, write) => {
    const mary = await new CspClient(world, 'mary').start();
    expect(codeOf(await mary.request(write(max)))).toBe(code);
    const beyond = await mary.request(write(max + 1));
    expect([codeOf(beyond), textOf(beyond, 'Description')]).toEqual([
      '402',
      expect.stringContaining(`more than ${max}`),
    ]);
  });
});

describe('a phone', () => {
  it('watches so many people; one more is refused and named, and one that is watched again is none more', async () => {
    const account = await world.stores.accounts.find('tom@localhost' as never);
    if (account === undefined) throw new Error('no account');
    const others = Array.from({ length: watchedMax + 1 }, (_, at) => ({
      ...account,
      id: `i${at}`,
      address: `u${at}@localhost`,
    }));
    await world.stores.accounts.add(others as never);
    const mary = await new CspClient(world, 'mary').start();
    const watch = (users: string): string => `<SubscribePresence-Request>${users}</SubscribePresence-Request>`;
    expect(codeOf(await mary.request(watch(repeat(watchedMax, user))))).toBe('200');
    const beyond = await mary.request(watch(user(0) + user(watchedMax)));
    expect([codeOf(beyond), beyond.split('<DetailedResult>')[1]]).toEqual([
      '201',
      expect.stringMatching(new RegExp(`503.*<UserID>u${watchedMax}</UserID>`)),
    ]);
    expect(codeOf(await mary.request(watch(user(watchedMax))))).toBe('503');
    await mary.request(`<UnsubscribePresence-Request>${user(7)}</UnsubscribePresence-Request>`);
    expect(codeOf(await mary.request(watch(user(watchedMax))))).toBe('200');
  });

  it('makes so many attribute lists; one more is 755', async () => {
    const mary = await new CspClient(world, 'mary').start();
    const allow = (from: number, count: number): string =>
      `<CreateAttributeList-Request><PresenceSubList><StatusMood/></PresenceSubList>${repeat(count, (at) => userId(from + at))}</CreateAttributeList-Request>`;
    const step = attributeListSubjectsMax;
    for (let from = 0; from < watcherRulesMax; from += step)
      expect(codeOf(await mary.request(allow(from, step)))).toBe('200');
    expect(codeOf(await mary.request(allow(watcherRulesMax, 1)))).toBe('755');
    expect(codeOf(await mary.request(allow(0, 1))), 'in place of one that is there').toBe('200');
  });

  it('names a list with so many characters; one more is none', async () => {
    const mary = await new CspClient(world, 'mary').start();
    const create = (count: number): string =>
      `<CreateList-Request><ContactList>/${'x'.repeat(count)}</ContactList></CreateList-Request>`;
    expect(codeOf(await mary.request(create(listNameCharactersMax)))).toBe('200');
    expect(codeOf(await mary.request(create(listNameCharactersMax + 1)))).toBe('700');
  });
});

describe('sessions', () => {
  it('of one principal are so many; the newest is refused, and one that ends makes room', async () => {
    const open: CspClient[] = [];
    for (let at = 0; at < sessionsPerPrincipalMax; at += 1) {
      const client = new CspClient(world, 'mary');
      client.device = `d${at}`;
      expect(codeOf(await client.logIn())).toBe('200');
      open.push(client);
    }
    const next = new CspClient(world, 'mary');
    next.device = 'one more';
    expect(codeOf(await next.logIn())).toBe('503');
    await open[0]?.request('<Logout-Request/>');
    expect(codeOf(await next.logIn())).toBe('200');
  });
});

describe('what waits in a session', () => {
  const many =
    '<ClientCapability-Request><CapabilityList><InitialDeliveryMethod>N</InitialDeliveryMethod><MultiTrans>16</MultiTrans><ParserSize>262144</ParserSize></CapabilityList></ClientCapability-Request>';

  it('are so many reports at once, and then the others, each once and in order', async () => {
    const tom = await new CspClient(world, 'tom').start();
    await tom.request(many);
    const sent: string[] = [];
    const count = reportsOpenMax + 3;
    for (let at = 0; at < count; at += 1) {
      const answer = await tom.request(
        `<SendMessage-Request><DeliveryReport>T</DeliveryReport><MessageInfo><Recipient><User><UserID>john</UserID></User></Recipient></MessageInfo><ContentData>${at}</ContentData></SendMessage-Request>`,
      );
      sent.push(textOf(answer, 'MessageID'));
    }
    for (const id of sent) await world.call('john', 'POST', `/v1/inbox/${id}/delivered`);
    const told: string[] = [];
    for (let round = 0; round < 10 && told.length < count; round += 1) {
      await tom.poll();
      while (tom.waiting.length > 0) told.push(textOf(await tom.reply('DeliveryReport-Request'), 'MessageID'));
    }
    expect(told).toEqual(sent);
    await world.time.advance(10_000);
    expect(await tom.poll()).toEqual([]);
  });

  it('are so many announcements at once, and in the end all of them', async () => {
    const count = announcementsOpenMax + 5;
    for (let at = 0; at < count; at += 1) await world.send('tom', 'mary', `m${at}`);
    const mary = await new CspClient(world, 'mary').start('N');
    await mary.request(many);
    const told = new Set<string>();
    for (let round = 0; round < 20 && told.size < count; round += 1) {
      await mary.poll();
      while (mary.waiting.length > 0) told.add(textOf(await mary.reply('MessageNotification'), 'MessageID'));
    }
    expect(told.size).toBe(count);
  });
});
