/** What a login sets going (contract section 3, settling; `--deliver-on`, `--settle`), as phones and senders see it. */
import { afterEach, describe, expect, it } from 'vitest';
import type { VirtualPhone } from '../broken-calls/virtual-phone.ts';
import { Device, Sayings } from './devices.ts';
import { textsOf, Town, type TownFlags } from './town.ts';

let town: Town;
let tom: VirtualPhone;
let phone: VirtualPhone;
let device: Device;

async function open(flags: TownFlags = {}): Promise<void> {
  town = await Town.open({ settle: ['3'], ...flags });
  tom = town.phone('tom');
  phone = town.phone('mary');
  device = new Device('phone', phone, new Sayings());
}

afterEach(() => town.close());

const conditions = ['', 'mood is not angry', 'availability is available', 'mood is not known', 'online'] as const;

/** One message for each of `conditions`, named by it. */
async function writeAll(): Promise<void> {
  for (const condition of conditions) {
    const text = condition === '' ? 'plain' : condition;
    expect(await town.write(tom, text, condition === '' ? undefined : condition)).toBe(202);
  }
}

async function logOut(who: VirtualPhone): Promise<void> {
  const headers = [['Contact', who.contact] as const, ['Expires', '0'] as const];
  await town.during(who.request({ method: 'REGISTER', uri: 'sip:localhost', to: 'sip:mary@localhost', headers }));
}

const say = (mood: string) => town.during(device.move({ kind: 'say', words: { mood } }));
const got = (who = phone): string[] => textsOf(who).toSorted();
const atOnce = ['online', 'plain'];
const settled = ['availability is available', 'mood is not angry', 'mood is not known', ...atOnce];

describe('the first login after an absence', () => {
  it.each(['register', 'publish'])(
    'with a publication before the settle time, --deliver-on %s: what it says decides, at once',
    async (deliverOn) => {
      await open({ 'deliver-on': deliverOn });
      await writeAll();
      await town.register(phone);
      await town.time.advance(1_000);
      expect(got()).toEqual(deliverOn === 'register' ? atOnce : []);
      await say('angry');
      await town.time.advance(100);
      expect(got()).toEqual(['availability is available', ...atOnce]);
      await town.time.advance(10_000);
      expect(got()).toEqual(['availability is available', ...atOnce]);
      await say('happy');
      await town.time.advance(100);
      expect(got()).toEqual(['availability is available', 'mood is not angry', ...atOnce]);
    },
  );

  it('with none: what is unknown is waited for until the settle time is over, and she is available', async () => {
    await open();
    await writeAll();
    await town.register(phone);
    await town.time.advance(2_800);
    expect(got()).toEqual(atOnce);
    expect(await town.shown()).toEqual({ online: true });
    await town.time.advance(300);
    expect(got()).toEqual(settled);
    expect(await town.shown()).toEqual({ online: true, availability: 'available' });
  });

  it('with "angry" just after it: what was sent by then was sent, what comes then is held', async () => {
    await open();
    await writeAll();
    await town.register(phone);
    await town.time.advance(3_100);
    await say('angry');
    expect(got()).toEqual(settled);
    expect(await town.write(tom, 'later', 'mood is not angry')).toBe(202);
    await town.time.advance(10_000);
    expect(got()).toEqual(settled);
  });

  it('and "angry" at the very moment: nothing that stood in line for it leaves', async () => {
    await open();
    await writeAll();
    await town.register(phone);
    phone.reply = undefined;
    const angry = town.time.monotonic() + 3_000;
    await town.time.advance(2_900);
    // The phone answers nothing any more, so that one message is open and the others stand in line behind it.
    await town.time.advance(angry - town.time.monotonic());
    await say('angry');
    phone.reply = 200;
    await town.time.advance(120_000);
    expect(got()).not.toContain('mood is not known');
    expect(got()).toContain('availability is available');
  });

  it('a second device within that time does not begin it anew, and one after it begins none', async () => {
    await open();
    const tablet = town.phone('mary', 'tablet');
    await writeAll();
    await town.register(phone);
    await town.time.advance(2_000);
    await town.register(tablet);
    await town.time.advance(900);
    expect(got()).toEqual(atOnce);
    await town.time.advance(200);
    expect(got()).toEqual(settled);
    await logOut(tablet);
    await town.time.advance(1_000);
    await town.register(tablet);
    expect(await town.write(tom, 'now', 'mood is not angry')).toBe(200);
  });

  it('when the last of them has gone it is an absence again', async () => {
    await open();
    const tablet = town.phone('mary', 'tablet');
    await town.register(phone);
    await town.register(tablet);
    await town.time.advance(5_000);
    for (const one of [phone, tablet]) await logOut(one);
    await town.register(tablet);
    expect(await town.write(tom, 'soon', 'mood is not angry')).toBe(202);
    await town.time.advance(2_000);
    expect(got(tablet)).toEqual([]);
    await town.time.advance(1_100);
    expect(got(tablet)).toEqual(['soon']);
  });

  it('a restart meanwhile is an absence too: registrations that were restored settle anew', async () => {
    await open();
    await writeAll();
    await town.register(phone);
    await town.time.advance(2_000);
    await town.restart();
    await town.time.advance(2_000);
    expect(got()).toEqual(atOnce);
    await town.time.advance(1_500);
    expect(got()).toEqual(settled);
  });

  it('after a restart what was published is there, and nothing has to settle', async () => {
    await open();
    await town.register(phone);
    await say('angry');
    await town.restart();
    expect(await town.write(tom, 'now', 'availability is available')).toBe(200);
    expect(await town.write(tom, 'later', 'mood is not angry')).toBe(202);
    await town.time.advance(10_000);
    expect(got()).toEqual(['now']);
  });

  it('what she said over HTTP long ago does not stand for the phone that is about to publish', async () => {
    await open();
    await town.http.call('mary', 'PUT', '/v1/presence', { body: { activity: 'working' } });
    await writeAll();
    await town.register(phone);
    await town.time.advance(1_000);
    expect(got()).toEqual(atOnce);
    await say('angry');
    await town.time.advance(10_000);
    expect(got()).toEqual(['availability is available', ...atOnce]);
  });

  it('--settle 0: a login is taken at its word', async () => {
    await open({ settle: ['0'] });
    await writeAll();
    await town.register(phone);
    await town.time.advance(100);
    expect(got()).toEqual(settled);
  });
});

describe('a phone that never publishes', () => {
  it('--deliver-on register: is written to at once, and available when it had its time', async () => {
    await open();
    await town.register(phone);
    expect(await town.write(tom, 'plain')).toBe(200);
    expect(await town.write(tom, 'if available', 'availability is available')).toBe(202);
    await town.time.advance(3_100);
    expect(await town.write(tom, 'if available too', 'availability is available')).toBe(200);
    expect(textsOf(phone)).toEqual(['plain', 'if available', 'if available too']);
  });

  it('--deliver-on publish: gets nothing, stays unknown, and can fetch what waits', async () => {
    await open({ 'deliver-on': 'publish' });
    await writeAll();
    await town.register(phone);
    await town.time.advance(600_000);
    expect(got()).toEqual([]);
    expect(await town.shown()).toEqual({ online: true });
    expect(await town.write(tom, 'another')).toBe(202);
    const inbox = await town.http.call('mary', 'GET', '/v1/inbox');
    const items = inbox.json['items'] as readonly { readonly id: string }[];
    // What waits for nothing but a publication is ready to be fetched; a state that is unknown is not.
    expect(items.length).toBeGreaterThanOrEqual(3);
    const taken = await town.http.call('mary', 'POST', `/v1/inbox/${items[0]?.id ?? ''}/delivered`);
    expect(taken.status).toBe(204);
  });

  it('--deliver-on publish: whoever says something over HTTP has published', async () => {
    await open({ 'deliver-on': 'publish' });
    await town.register(phone);
    expect(await town.write(tom, 'plain')).toBe(202);
    await town.http.call('mary', 'PUT', '/v1/presence', { body: { statusText: 'here' } });
    await town.time.advance(100);
    expect(got()).toEqual(['plain']);
  });

  it('--deliver-on publish: when the publication is over, it is as before', async () => {
    await open({ 'deliver-on': 'publish' });
    await town.register(phone);
    await town.during(device.publish('<presence xmlns="urn:ietf:params:xml:ns:pidf"/>', 60));
    expect(await town.write(tom, 'while published')).toBe(200);
    await town.time.advance(61_000);
    expect(await town.write(tom, 'after it')).toBe(202);
    expect(await town.write(tom, 'unknown', 'availability is available')).toBe(202);
    await town.time.advance(60_000);
    expect(got()).toEqual(['while published']);
    device.tag = undefined;
    await say('happy');
    await town.time.advance(100);
    expect(got()).toEqual(['after it', 'unknown', 'while published']);
  });
});
