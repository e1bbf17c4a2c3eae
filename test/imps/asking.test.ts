/** Who has to be confirmed first: what they hear, and how often the owner is asked, over a restart too. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpWorld } from '../http/http-world.ts';
import { CspClient, textOf } from './csp-client.ts';

let world: HttpWorld;

beforeEach(async () => {
  world = await HttpWorld.open();
  await confirmAll('mary');
});
afterEach(() => world.close());

const codeOf = (xml: string): string => textOf(xml, 'Code');
const confirmAll = (owner: string) =>
  world.call(owner, 'PUT', '/v1/rules', { body: [{ watchers: '*', attributes: [], action: 'confirm' }] });
const users = (...names: readonly string[]): string =>
  names.map((name) => `<User><UserID>${name}</UserID></User>`).join('');
const look = (...names: readonly string[]): string => `<GetPresence-Request>${users(...names)}</GetPresence-Request>`;
const watch = (...names: readonly string[]): string =>
  `<SubscribePresence-Request>${users(...names)}</SubscribePresence-Request>`;
const decide = (acceptance: string): string =>
  `<PresenceAuth-User><UserID>wv:tom@localhost</UserID><Acceptance>${acceptance}</Acceptance></PresenceAuth-User>`;
const cancel = '<CancelAuth-Request><UserID>wv:tom@localhost</UserID></CancelAuth-Request>';

/** How often the phone is asked. */
async function askedNow(phone: CspClient): Promise<number> {
  let count = 0;
  for (let polls = 0; polls < 3; polls += 1) {
    await phone.poll();
    while (phone.waiting.length > 0) {
      await phone.reply('PresenceAuth-Request');
      count += 1;
    }
  }
  return count;
}

describe('who looks at somebody that has to confirm', () => {
  it('hears 521, and the owner is asked over IMPS and over HTTP', async () => {
    const [tom, mary] = [await new CspClient(world, 'tom').start(), await new CspClient(world, 'mary').start()];
    const stream = await world.listen('mary');
    const seen = await tom.request(look('mary'));
    expect([codeOf(seen), seen.includes('<Presence>')]).toEqual(['521', false]);
    expect(await stream.next('subscription')).toEqual({ address: 'tom@localhost' });
    expect((await world.call('mary', 'GET', '/v1/rules/requests')).json['items']).toEqual([
      { address: 'tom@localhost' },
    ]);
    await mary.poll();
    expect(await mary.reply('PresenceAuth-Request')).toContain('<UserID>wv:tom@localhost</UserID>');
    await mary.request(decide('T'));
    expect(codeOf(await tom.request(look('mary')))).toBe('200');
  });

  it('asks for some attributes, which a yes without any then grants', async () => {
    const [tom, mary] = [await new CspClient(world, 'tom').start(), await new CspClient(world, 'mary').start()];
    await tom.request(look('mary').replace('</Get', '<PresenceSubList><StatusMood/></PresenceSubList></Get'));
    await mary.poll();
    expect(await mary.reply('PresenceAuth-Request')).toMatch(/<PresenceSubList[^>]*><StatusMood\/>/);
    await mary.request(decide('T'));
    const rules = JSON.stringify((await world.call('mary', 'GET', '/v1/rules')).json);
    expect(rules).toContain('{"watchers":["tom@localhost"],"attributes":["mood"],"action":"allow"}');
  });

  it('is in the way but once, however often they look', async () => {
    const [tom, mary] = [await new CspClient(world, 'tom').start(), await new CspClient(world, 'mary').start()];
    const stream = await world.listen('mary');
    for (let times = 0; times < 3; times += 1) {
      await tom.request(look('mary'));
      expect(await askedNow(mary)).toBe(times === 0 ? 1 : 0);
    }
    const peter = await new CspClient(world, 'peter').start();
    await peter.request(look('mary'));
    const told = [await stream.next('subscription'), await stream.next('subscription')];
    expect(told.map(({ address }) => address)).toEqual(['tom@localhost', 'peter@localhost']);
    expect(await askedNow(mary)).toBe(1);
    await tom.request(watch('mary'));
    expect(await askedNow(mary)).toBe(0);
  });

  it('is named with 521 beside those who are shown, blocked and unknown', async () => {
    await world.call('john', 'PUT', '/v1/blocks/tom@localhost');
    const tom = await new CspClient(world, 'tom').start();
    for (const request of [look, watch]) {
      const answer = await tom.request(request('mary', 'john', 'peter', 'ghost', 'x@elsewhere.example'));
      expect(codeOf(answer)).toBe('201');
      const details = answer.split('<DetailedResult>').slice(1);
      expect(details.map((each) => [textOf(each, 'Code'), textOf(each, 'UserID')])).toEqual([
        ['521', 'mary'],
        ['532', 'john'],
        ['531', 'ghost'],
        ['516', 'x@elsewhere.example'],
      ]);
    }
  });

  it('and subscribes hears 521, and is told when the owner has agreed', async () => {
    const [tom, mary] = [await new CspClient(world, 'tom').start(), await new CspClient(world, 'mary').start()];
    expect(codeOf(await tom.request(watch('mary')))).toBe('521');
    expect(await tom.poll()).toEqual([]);
    await mary.request(decide('T'));
    await tom.poll();
    expect(await tom.reply('PresenceNotification-Request')).toContain('<OnlineStatus>');
  });
});

describe('an owner', () => {
  it('is asked once in a session, also by the next run of the server, and again in a new session', async () => {
    const tom = await new CspClient(world, 'tom').start();
    let mary = await new CspClient(world, 'mary').start();
    await tom.request(watch('mary').replace('</Sub', '<PresenceSubList><StatusMood/></PresenceSubList></Sub'));
    expect(await askedNow(mary)).toBe(1);
    await world.settle();
    world = await world.restarted();
    mary = mary.movedTo(world);
    expect(await askedNow(mary)).toBe(0);
    const other = new CspClient(world, 'mary');
    other.device = 'other';
    await other.start();
    await other.poll();
    expect(await other.reply('PresenceAuth-Request')).toMatch(/<PresenceSubList[^>]*><StatusMood\/>/);
    await mary.request(decide('T'));
    const rules = JSON.stringify((await world.call('mary', 'GET', '/v1/rules')).json);
    expect(rules).toContain('["mood"]');
  });

  it('who was not reached before a restart is asked after it', async () => {
    const tom = await new CspClient(world, 'tom').start();
    const mary = await new CspClient(world, 'mary').start();
    await tom.request(watch('mary'));
    world = await world.restarted();
    expect(await askedNow(mary.movedTo(world))).toBe(1);
  });

  it('who withdraws a decision is asked anew', async () => {
    const [tom, mary] = [await new CspClient(world, 'tom').start(), await new CspClient(world, 'mary').start()];
    await tom.request(watch('mary'));
    expect(await askedNow(mary)).toBe(1);
    await mary.request(decide('T'));
    await mary.request(cancel);
    expect(await askedNow(mary)).toBe(1);
    expect(await mary.request('<GetReactiveAuthStatus-Request/>')).toContain('>PENDING<');
  });

  it('who decides over HTTP before the phone asks is not asked any more', async () => {
    const [tom, mary] = [await new CspClient(world, 'tom').start(), await new CspClient(world, 'mary').start()];
    await tom.request(watch('mary'));
    await world.call('mary', 'POST', '/v1/rules/requests/tom@localhost', { body: { allow: true } });
    expect(await askedNow(mary)).toBe(0);
  });
});
