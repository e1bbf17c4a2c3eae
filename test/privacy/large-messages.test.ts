/** What the phone of a recipient hears of a large message that it cannot take, whatever that waited for. */
import { afterEach, describe, expect, it } from 'vitest';
import { textsOf, Town } from '../publishing/town.ts';

let town: Town;
afterEach(() => town.close());

const film = new Uint8Array(3_500_000);

/** Tom sends a film over HTTP; answers its id. */
async function sendFilm(query: Readonly<Record<string, string>> = {}): Promise<string> {
  const terms = new URLSearchParams({ to: 'mary@localhost', subject: 'Holiday', ...query }).toString();
  const headers = { 'content-type': 'video/mp4', prefer: 'wait=0' };
  const call = town.http.call('tom', 'POST', `/v1/messages?${terms}`, { body: film, headers });
  const { status, json } = await town.during(call);
  expect(status).toBe(202);
  return String(json['id']);
}

/** Ids and times are different in any two messages; nothing else may be. */
function heard(): string[] {
  return town.phone('mary').received.map(({ bytes }) =>
    bytes
      .toString('latin1')
      .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'ID')
      .replaceAll(/;tag=[^\s;>]+/g, ';tag=TAG')
      .replaceAll(/;branch=[^\s;]+/g, ';branch=BRANCH')
      .replaceAll(/^Date: .*$/gm, 'Date: DATE')
      .replaceAll(/;accepted=[^\r]*/g, ';accepted=TIME')
      .replaceAll(/^Expires: \d+/gm, 'Expires: SECONDS'),
  );
}

async function publish(availability: string): Promise<void> {
  await town.during(town.http.call('mary', 'PUT', '/v1/presence', { body: { availability } }));
}

async function play(query: Readonly<Record<string, string>>): Promise<string[]> {
  town = await Town.open();
  await sendFilm(query);
  await sendFilm();
  await publish('available');
  await town.register(town.phone('mary'));
  await town.time.advance(5000);
  const all = heard();
  await town.close();
  return all;
}

describe('a phone that takes no large message', () => {
  it('hears the same of one that waited for it and of one that waited for a condition', async () => {
    const away = await play({});
    expect(away).toHaveLength(2);
    expect(await play({ deliverWhen: 'online and availability is available' })).toEqual(away);
    town = await Town.open();
  });

  it('hears what waits, from whom, how large it is and where it is; nothing of why', async () => {
    town = await Town.open({ 'http-url': 'https://chat.example/im' });
    const id = await sendFilm({ deliverWhen: 'availability is available' });
    await town.register(town.phone('mary'));
    await publish('available');
    await town.time.advance(5000);
    expect(textsOf(town.phone('mary'))).toEqual([
      'A message from tom@localhost about "Holiday" waits for you that is too large for this client: video/mp4, 3.3 MiB. ' +
        `Fetch it with your address and password: https://chat.example/im/v1/inbox/${id}/content`,
    ]);
    const [request] = town.phone('mary').received;
    expect(request?.header('From')).toMatch(/^<sip:inbox@localhost>/);
    expect(request?.header('Auto-Submitted')).toBe('auto-generated');
  });

  it('hears it once, also over a restart, and again when it asks; the message waits until it is acknowledged', async () => {
    town = await Town.open();
    const id = await sendFilm();
    const phone = town.phone('mary');
    await town.register(phone);
    await town.time.advance(5000);
    await town.restart();
    await town.register(phone);
    await town.time.advance(1_800_000);
    const [notice] = textsOf(phone);
    expect(textsOf(phone)).toEqual([notice]);
    const ask = (body: string) =>
      town.during(
        phone.request({
          method: 'MESSAGE',
          uri: 'sip:inbox@localhost',
          headers: [['Content-Type', 'text/plain']],
          body,
        }),
      );
    await ask('list');
    await town.time.advance(5000);
    await ask('get 1');
    await town.time.advance(5000);
    expect(textsOf(phone).slice(2)).toEqual([
      notice,
      'Number 1 is too large for your client: I told it how to fetch that.',
    ]);
    expect(textsOf(phone)[1]).toContain('3500000 bytes');
    const stateOf = async () => (await town.http.call('tom', 'GET', `/v1/messages/${id}`)).json['state'];
    expect(await stateOf()).toBe('waiting');
    await town.during(town.http.call('mary', 'POST', `/v1/inbox/${id}/delivered`));
    expect(await stateOf()).toBe('delivered');
  });

  it('gets what is smaller meanwhile', async () => {
    town = await Town.open();
    const phone = town.phone('mary');
    await town.register(phone);
    await sendFilm();
    expect(await town.write(town.phone('tom'), 'small')).toBe(200);
    expect(textsOf(phone).at(-1)).toBe('small');
  });
});
