import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watcherinfoBytesMax } from '../../src/formats/watcherinfo/watcherinfo.ts';
import { waitingMsMax } from '../../src/presence/watchers/waiting-watchers.ts';
import type { VirtualPhone } from '../broken-calls/virtual-phone.ts';
import { notifiesOf, Town } from '../publishing/town.ts';

let town: Town;

beforeEach(async () => {
  town = await Town.open({ 'visible-by-default': ['none'] });
});
afterEach(() => town.close());

interface Told {
  readonly state: string;
  readonly version: number;
  readonly watchers: readonly string[];
}

/** The watcher information documents that somebody was sent. */
function toldTo(phone: VirtualPhone): Told[] {
  const documents = notifiesOf(phone).filter(({ text }) => text.includes('<watcherinfo'));
  return documents.map(({ text }) => ({
    state: /state="(\w+)"/.exec(text)?.[1] ?? '',
    version: Number(/version="(\d+)"/.exec(text)?.[1]),
    watchers: [...text.matchAll(/<watcher id="\w[^"]*" status="(\w+)" event="(\w+)"[^>]*>([^<]*)</g)].map(
      ([, status, event, uri]) => `${uri} ${status} ${event}`,
    ),
  }));
}

async function subscribe(phone: VirtualPhone, event: string, expires = 3600): Promise<{ status: number; tag: string }> {
  const headers = [
    ['Contact', phone.contact],
    ['Event', event],
    ['Expires', String(expires)],
  ] as const;
  const answer = await town.during(phone.request({ method: 'SUBSCRIBE', uri: 'sip:mary@localhost', headers }));
  await town.time.advance(50);
  return { status: answer.status, tag: answer.text };
}

const statesOf = (phone: VirtualPhone): string[] =>
  notifiesOf(phone).map((notify) => /^\w+/.exec(notify.header('Subscription-State') ?? '')?.[0] ?? '');

const requests = async (): Promise<unknown> => (await town.http.call('mary', 'GET', '/v1/rules/requests')).json;
const decide = (who: string, allow: boolean) =>
  town.http.call('mary', 'POST', `/v1/rules/requests/${who}@localhost`, { body: { allow } });

describe('watcher information', () => {
  it('tells the owner who asks, and what became of it when the owner has decided over HTTP', async () => {
    const [mary, tom] = [town.phone('mary'), town.phone('tom')];
    expect((await subscribe(mary, 'presence.winfo')).status).toBe(200);
    expect(toldTo(mary)).toEqual([{ state: 'full', version: 0, watchers: [] }]);
    await subscribe(tom, 'presence');
    expect(statesOf(tom)).toEqual(['pending']);
    expect(toldTo(mary).at(-1)).toEqual({
      state: 'partial',
      version: 1,
      watchers: ['sip:tom@localhost pending subscribe'],
    });
    expect(await requests()).toEqual({ items: [{ address: 'tom@localhost' }] });
    expect((await decide('tom', true)).status).toBe(200);
    await town.time.advance(0);
    expect(statesOf(tom), 'at once').toEqual(['pending', 'active']);
    expect(toldTo(mary).at(-1)).toEqual({
      state: 'partial',
      version: 2,
      watchers: ['sip:tom@localhost active approved'],
    });
    expect(await requests()).toEqual({ items: [] });
    await decide('tom', false);
    await town.time.advance(50);
    expect(statesOf(tom)).toEqual(['pending', 'active', 'terminated']);
    expect(toldTo(mary).at(-1)?.watchers).toEqual(['sip:tom@localhost terminated rejected']);
    await subscribe(mary, 'presence.winfo', 0);
    expect(toldTo(mary).at(-1), 'who has ended is not in a whole list').toEqual({
      state: 'full',
      version: 0,
      watchers: [],
    });
  });

  it('is for the owner alone, and of no other watchers', async () => {
    const tom = town.phone('tom');
    expect((await subscribe(tom, 'presence.winfo')).status).toBe(403);
    expect((await subscribe(town.phone('mary'), 'presence.winfo.winfo')).status).toBe(489);
    expect(toldTo(tom)).toEqual([]);
  });

  it('remembers who asked and left, over a restart, until there is a decision', async () => {
    const [mary, tom, john] = [town.phone('mary'), town.phone('tom'), town.phone('john')];
    await subscribe(tom, 'presence', 60);
    await subscribe(john, 'presence', 0);
    await town.time.advance(61_000);
    expect(statesOf(tom)).toEqual(['pending', 'terminated']);
    await town.restart();
    await town.time.advance(10_000);
    expect(await requests()).toEqual({ items: [{ address: 'john@localhost' }, { address: 'tom@localhost' }] });
    await subscribe(mary, 'presence.winfo');
    expect(toldTo(mary).at(-1)?.watchers).toEqual([
      'sip:john@localhost waiting timeout',
      'sip:tom@localhost waiting timeout',
    ]);
    await decide('tom', true);
    await decide('john', false);
    await town.time.advance(50);
    expect(
      toldTo(mary)
        .slice(1)
        .flatMap(({ watchers }) => watchers),
    ).toEqual(['sip:tom@localhost terminated approved', 'sip:john@localhost terminated rejected']);
    expect(await requests()).toEqual({ items: [] });
  });

  it('lets whoever comes again pend anew, and gives up on who does not', async () => {
    const [mary, tom, john] = [town.phone('mary'), town.phone('tom'), town.phone('john')];
    for (const phone of [tom, john]) await subscribe(phone, 'presence', 0);
    await subscribe(mary, 'presence.winfo', 86_400);
    await town.time.advance(200_000);
    await subscribe(tom, 'presence', 60);
    expect(toldTo(mary).at(-1)?.watchers).toEqual([
      'sip:tom@localhost terminated giveup',
      'sip:tom@localhost pending subscribe',
    ]);
    await town.time.advance(61_000);
    town.time.stepWall(waitingMsMax - 100_000);
    await town.time.advance(60_000);
    expect(toldTo(mary).at(-1)?.watchers).toEqual(['sip:john@localhost terminated giveup']);
    await subscribe(mary, 'presence.winfo', 0);
    expect(toldTo(mary).at(-1)?.watchers, 'tom was the later one').toEqual(['sip:tom@localhost waiting timeout']);
  });

  it('goes on after a restart with a whole list and a higher version', async () => {
    const [mary, tom] = [town.phone('mary'), town.phone('tom')];
    await subscribe(mary, 'presence.winfo');
    await subscribe(tom, 'presence');
    await town.restart();
    await town.time.advance(10_000);
    expect(toldTo(mary).at(-1)).toMatchObject({ state: 'full', watchers: ['sip:tom@localhost pending subscribe'] });
    expect(toldTo(mary).at(-1)?.version).toBeGreaterThan(1);
    expect(await requests()).toEqual({ items: [{ address: 'tom@localhost' }] });
    await decide('tom', true);
    await town.time.advance(50);
    expect(statesOf(tom).at(-1)).toBe('active');
    expect(toldTo(mary).at(-1)).toMatchObject({ state: 'partial', watchers: ['sip:tom@localhost active approved'] });
  });

  it('has those in it who watch over HTTP', async () => {
    const mary = town.phone('mary');
    await subscribe(mary, 'presence.winfo');
    const stream = await town.http.listen('tom', { query: '?presence=mary@localhost' });
    await town.time.advance(50);
    expect(toldTo(mary).at(-1)?.watchers).toEqual(['sip:tom@localhost pending subscribe']);
    await decide('tom', true);
    await town.time.advance(50);
    expect(toldTo(mary).at(-1)?.watchers).toEqual(['sip:tom@localhost active approved']);
    stream.close();
    await town.http.settle();
    await town.time.advance(50);
    expect(toldTo(mary).at(-1)?.watchers).toEqual(['sip:tom@localhost terminated timeout']);
  });

  it('says no more than has room in a document, and what has none as a part of everybody', async () => {
    await town.close();
    town = await Town.open({ 'visible-by-default': ['none'], 'notify-pace': ['60'] });
    const mary = town.phone('mary');
    await subscribe(mary, 'presence.winfo');
    const names = Array.from({ length: 60 }, (_, n) => `${'&'.repeat(230)}#${n + 10}`);
    for (const name of names) await subscribe(town.phone(encodeURIComponent(name)), 'presence', 0);
    await town.time.advance(60_000);
    const sizes = notifiesOf(mary).map(({ text }) => Buffer.byteLength(text));
    expect(sizes).toHaveLength(2);
    expect(sizes[1]).toBeLessThanOrEqual(watcherinfoBytesMax);
    expect(sizes[1], 'but as much as there is room for').toBeGreaterThan(watcherinfoBytesMax - 2_000);
    const { state, watchers } = toldTo(mary).at(-1) ?? { state: '', watchers: [] };
    const uri = `sip:${'&amp;'.repeat(230)}%23`;
    expect([state, ...watchers.slice(0, 2)]).toEqual([
      'full',
      `${uri}69@localhost waiting timeout`,
      `${uri}68@localhost waiting timeout`,
    ]);
  });
});
