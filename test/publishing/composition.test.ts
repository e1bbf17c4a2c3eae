import { afterEach, describe, expect, it } from 'vitest';
import type { VirtualPhone } from '../broken-calls/virtual-phone.ts';
import { Device, Sayings } from './devices.ts';
import { lastTold, mary, notifiesOf, textsOf, Town, type TownFlags } from './town.ts';

let town: Town;
let phone: Device;
let desk: Device;

async function open(flags: TownFlags = {}): Promise<void> {
  town = await Town.open(flags);
  [phone, desk] = ['phone', 'desk'].map((name) => new Device(name, town.phone('mary', name), new Sayings())) as [
    Device,
    Device,
  ];
}

afterEach(() => town.close());

const namespaces =
  'xmlns="urn:ietf:params:xml:ns:pidf" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model" ' +
  'xmlns:rpid="urn:ietf:params:xml:ns:pidf:rpid" xmlns:ex="http://example.com/presence"';
const documentOf = (content: string): string => `<presence ${namespaces} entity="${mary}">${content}</presence>`;
const tuple = (basic: string, more = ''): string =>
  `<tuple id="t"><status><basic>${basic}</basic></status>${more}</tuple>`;
const person = (content: string): string => `<dm:person id="p">${content}</dm:person>`;
const mood = (word: string): string => `<rpid:mood><rpid:${word}/></rpid:mood>`;

async function publish(device: Device, content: string | undefined, expires = 600): Promise<void> {
  const document = content === undefined ? undefined : documentOf(content);
  const answer = await town.during(device.publish(document, expires));
  expect(answer.status).toBe(200);
}

async function watcher(name: string): Promise<VirtualPhone> {
  const watching = town.phone(name);
  await town.subscribe(watching);
  await town.time.settle();
  return watching;
}

describe('several devices, each with tuples, of one person', () => {
  it('are one state: of each attribute what was named last', async () => {
    await open();
    await publish(phone, tuple('open') + person(`${mood('angry')}<rpid:activities><rpid:meeting/></rpid:activities>`));
    await publish(desk, tuple('open', '<rpid:class>tablet</rpid:class>') + person(mood('happy')));
    // The tablet names no activity; it is the newer in saying that she is available.
    const both = { online: false, availability: 'available', mood: ['happy'], activity: ['meeting'] };
    expect(await town.shown()).toEqual({ ...both, clientType: ['tablet'] });
    await publish(desk, undefined, 0);
    expect(await town.shown()).toEqual({ ...both, availability: 'not-available', mood: ['angry'] });
  });

  it('that are in conflict: the newest counts, a refresh is none the newer, the same words said again are', async () => {
    await open();
    const tom = await watcher('tom');
    await publish(phone, person(mood('angry')));
    await publish(desk, person(mood('happy')));
    const told = notifiesOf(tom).length;
    await publish(phone, undefined);
    expect(await town.shown()).toMatchObject({ mood: ['happy'] });
    expect(notifiesOf(tom)).toHaveLength(told);
    await publish(phone, person(mood('angry')));
    expect(await town.shown()).toMatchObject({ mood: ['angry'] });
    expect(lastTold(tom)).toMatchObject({ mood: ['angry'] });
  });

  it('of which one vanishes without a word: what it said ends with its time, and what another said before shows again', async () => {
    await open();
    const tom = await watcher('tom');
    await town.register(town.phone('mary'));
    await publish(desk, person(mood('calm')), 3600);
    await publish(phone, tuple('open') + person(`${mood('happy')}<rpid:sphere><rpid:work/></rpid:sphere>`), 60);
    expect(await town.write(tom, 'waited', 'mood is calm')).toBe(202);
    await town.time.advance(59_000);
    expect(await town.shown()).toMatchObject({ mood: ['happy'], sphere: 'work' });
    await town.time.advance(2_000);
    expect(await town.shown()).toEqual({ online: true, availability: 'available', mood: ['calm'] });
    expect(lastTold(tom)).toMatchObject({ mood: ['calm'] });
    expect(notifiesOf(tom).at(-1)?.text).not.toContain('sphere');
    expect(textsOf(town.phone('mary'))).toEqual(['waited']);
  });

  it('and what was said over HTTP: attribute by attribute, the newer of both', async () => {
    await open();
    await publish(phone, person(mood('angry')));
    await town.http.call('mary', 'PUT', '/v1/presence', { body: { mood: 'happy', statusText: 'at lunch' } });
    const words = { online: false, availability: 'available', statusText: 'at lunch' };
    expect(await town.shown()).toEqual({ ...words, mood: ['happy'] });
    await publish(phone, person(mood('sad')));
    expect(await town.shown()).toEqual({ ...words, mood: ['sad'] });
    await publish(phone, undefined, 0);
    await town.http.call('mary', 'PUT', '/v1/presence', { body: { mood: null } });
    expect(await town.shown()).toEqual({ online: false, statusText: 'at lunch' });
  });
});

describe('an element that holds for a time', () => {
  it('begins and ends by itself, is told, and releases what waited for it, once, also over a restart', async () => {
    await open();
    const [tom, contact] = [await watcher('tom'), town.phone('mary')];
    await town.register(contact);
    const at = (ms: number): string => new Date(town.time.wall() + ms).toISOString();
    const range = `from="${at(60_000)}" until="${at(120_000)}"`;
    await publish(phone, person(`<rpid:activities ${range}><rpid:meeting/></rpid:activities>`));
    await town.write(tom, 'after it', 'activity changes from meeting or not activity is not meeting');
    await town.write(tom, 'during it', 'activity is meeting');
    await town.time.advance(59_000);
    expect(await town.shown()).toEqual({ online: true, availability: 'available' });
    await town.time.advance(1_000);
    expect(await town.shown()).toEqual({ online: true, availability: 'not-available', activity: ['meeting'] });
    expect(lastTold(tom)).toMatchObject({ activity: ['meeting'] });
    await town.restart();
    await town.time.advance(61_000);
    expect(await town.shown()).toEqual({ online: true, availability: 'available' });
    expect(textsOf(contact)).toEqual(['after it', 'during it']);
  });
});

describe('elements of unknown namespaces', () => {
  const ring = (colour: string): string => `<ex:ring ex:colour="${colour}"><ex:stone size="2"/></ex:ring>`;

  it('are kept and passed on to whoever may see everything, and to nobody else', async () => {
    await open({ 'visible-by-default': ['online', 'availability', 'mood'] });
    await town.http.call('mary', 'PUT', '/v1/rules', {
      body: [{ watchers: ['tom@localhost'], attributes: '*', action: 'allow' }],
    });
    const [tom, john] = [await watcher('tom'), await watcher('john')];
    await publish(phone, tuple('open', ring('red')) + person(mood('happy')));
    expect(notifiesOf(tom).at(-1)?.text).toMatch(/<ring [^>]*colour="red"/);
    expect(lastTold(john)).toMatchObject({ mood: ['happy'] });
    expect(notifiesOf(john).at(-1)?.text).not.toContain('ring');
    await town.restart();
    await town.subscribe(tom);
    await town.time.settle();
    expect(notifiesOf(tom).at(-1)?.text).toMatch(/<ring [^>]*colour="red"/);
  });

  it('are told of when nothing else changes: as they come, change and go, and when their publication is over', async () => {
    await open();
    const tom = await watcher('tom');
    const told = (): unknown => {
      const colours = [...(notifiesOf(tom).at(-1)?.text ?? '').matchAll(/colour="(\w+)"/g)].map(([, colour]) => colour);
      return { count: notifiesOf(tom).length, colours };
    };
    await publish(phone, person(mood('happy')));
    expect(told()).toEqual({ count: 2, colours: [] });
    await publish(phone, person(mood('happy') + ring('red')));
    expect(told()).toEqual({ count: 3, colours: ['red'] });
    await publish(phone, person(mood('happy') + ring('blue')));
    expect(told()).toEqual({ count: 4, colours: ['blue'] });
    await publish(phone, person(mood('happy') + ring('blue')));
    await publish(phone, undefined);
    expect(told()).toEqual({ count: 4, colours: ['blue'] });
    await publish(desk, person(mood('happy') + ring('green')), 60);
    expect(told()).toEqual({ count: 5, colours: ['green'] });
    await town.time.advance(60_000);
    expect(told()).toEqual({ count: 6, colours: ['blue'] });
    desk.tag = undefined;
    await publish(desk, person(mood('happy') + ring('green')));
    await publish(desk, undefined, 0);
    expect(told()).toEqual({ count: 8, colours: ['blue'] });
    // Of two that have it the one that was published last, though it says the same as before.
    await publish(desk, person(mood('happy') + ring('green')));
    await publish(phone, person(mood('happy') + ring('blue')));
    expect(told()).toEqual({ count: 10, colours: ['blue'] });
  });
});
