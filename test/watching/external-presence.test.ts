import { beforeEach, describe, expect, it } from 'vitest';
import { watchGraceMs } from '../../src/endpoints/sip/watching/watch-reasons.ts';
import { presenceExpires } from '../../src/endpoints/sip/watching/external-presence.ts';
import type { VirtualPhone } from '../broken-calls/virtual-phone.ts';
import { elsewhere, Network, ours, Server } from './two-servers.ts';

let network: Network;
let presenceServer: Server;
let server: Server;
/** Mary's phone registers here and publishes there. */
let mary: VirtualPhone;
let maryThere: VirtualPhone;
let tom: VirtualPhone;

const external = {
  presence: ['external'],
  'presence-server': ['sip:192.0.2.7:5060'],
  'presence-user': ['peter'],
  'watch-as': ['peter@localhost'],
  'visible-by-default': ['*'],
};
const password = { RESTANTE_PRESENCE_PASSWORD: 'peter-secret' };

const register = (expires = 3600) =>
  network.pass(
    mary.request({
      method: 'REGISTER',
      uri: 'sip:localhost',
      to: 'sip:mary@localhost',
      headers: [
        ['Contact', mary.contact],
        ['Expires', String(expires)],
      ],
    }),
  );

const publish = async (availability: string): Promise<void> => {
  const answer = await network.pass(
    maryThere.request({
      method: 'PUBLISH',
      uri: 'sip:mary@localhost',
      headers: [
        ['Event', 'presence'],
        ['Content-Type', 'application/pidf+xml'],
      ],
      body:
        '<presence xmlns="urn:ietf:params:xml:ns:pidf" entity="sip:mary@localhost" xmlns:dm="urn:ietf:params:xml:ns:pidf:data-model">' +
        `<dm:person id="p"><availability xmlns="urn:restante:presence">${availability}</availability></dm:person></presence>`,
    }),
  );
  expect(answer.status).toBe(200);
};

const send = async (text: string, when?: string): Promise<string> => {
  const answer = await network.pass(
    tom.request({
      method: 'MESSAGE',
      uri: 'sip:mary@localhost',
      headers: [['Content-Type', 'text/plain'], ...(when === undefined ? [] : [['Deliver-When', when] as const])],
      body: text,
    }),
  );
  return `${answer.status} ${/state=\w+/.exec(answer.header('Deferred-Message') ?? '')?.[0] ?? ''}`.trim();
};

const received = (): string[] => mary.received.map(({ body }) => body.toString());

beforeEach(async () => {
  network = new Network();
  presenceServer = await new Server(network, elsewhere, { 'visible-by-default': ['*'] }).start();
  server = await new Server(network, ours, external, password).start();
  mary = network.phone('mary', ours);
  tom = network.phone('tom', ours);
  maryThere = network.phone('mary', elsewhere);
});

describe('presence that lives on another server', () => {
  it('is subscribed to with a password when a client registers, and drives conditions', async () => {
    await register();
    await publish('not-available');
    await network.time.advance(100);
    expect(await send('call me', 'availability is available')).toBe('202 state=held');
    expect(received()).toEqual([]);
    await publish('available');
    await network.time.advance(100);
    expect(received()).toEqual(['call me']);
    expect(presenceServer.count('sip_challenges{why="no-credentials"}')).toBe(1);
    expect(server.count('external_subscribes{package="presence",outcome="accepted"}')).toBe(1);
    expect(server.count('external_server_up{package="presence"}')).toBe(1);
  });

  it('is subscribed to when something waits for somebody who is not here', async () => {
    await publish('available');
    expect(await send('hello', 'availability is available')).toBe('202 state=held');
    await network.time.advance(1_000);
    expect(server.count('external_subscriptions{package="presence",state="active"}')).toBe(1);
    await register();
    await network.time.advance(1_000);
    expect(received()).toEqual(['hello']);
  });

  it('is not published or watched here', async () => {
    const pidf = [['Content-Type', 'application/pidf+xml'] as const];
    const event = ['Event', 'presence'] as const;
    const publication = {
      method: 'PUBLISH',
      uri: 'sip:mary@localhost',
      headers: [event, ...pidf],
      body: '<presence/>',
    };
    const subscription = {
      method: 'SUBSCRIBE',
      uri: 'sip:mary@localhost',
      headers: [event, ['Contact', tom.contact] as const],
    };
    for (const answer of [
      await network.pass(mary.request(publication)),
      await network.pass(tom.request(subscription)),
    ]) {
      expect(answer.status).toBe(489);
      expect(answer.header('Warning')).toContain('presence lives on another server');
    }
  });

  it('goes on over a kill of this server: known from its store, and subscribed to anew', async () => {
    await register();
    await publish('not-available');
    await network.time.advance(1_000);
    expect(await send('one', 'availability is not-available')).toBe('200');
    expect(await send('two', 'availability is available')).toBe('202 state=held');
    server.kill();
    await network.time.advance(1_000);
    await server.start();
    await network.time.advance(1_000);
    await publish('available');
    await network.time.advance(1_000);
    expect(received()).toEqual(['one', 'two']);
  });

  it('goes on when the presence server has lost everything, its subscriptions too', async () => {
    await register();
    await publish('not-available');
    await network.time.advance(1_000);
    expect(await send('two', 'availability is available')).toBe('202 state=held');
    presenceServer.kill();
    presenceServer.forget();
    await network.time.advance(presenceExpires * 500);
    await presenceServer.start();
    await publish('available');
    await network.time.advance(presenceExpires * 500);
    expect(received()).toEqual(['two']);
    expect(server.count('external_subscribes{package="presence",outcome="terminated"}')).toBe(1);
  });

  it('holds for a bounded time while the presence server is away; then nothing is known, and it comes back by itself', async () => {
    await register();
    await publish('not-available');
    await network.time.advance(1_000);
    presenceServer.kill();
    await network.time.advance(presenceExpires * 900);
    expect(await send('a', 'availability is known')).toBe('200');
    expect(await send('b', 'availability is available')).toBe('202 state=held');
    await network.time.advance(presenceExpires * 200);
    // Nothing is known, so somebody who is registered and says nothing is available.
    expect(received()).toEqual(['a', 'b']);
    await presenceServer.start();
    await network.time.advance(60_000);
    expect(server.count('external_server_up{package="presence"}')).toBe(1);
    await publish('not-available');
    await network.time.advance(1_000);
    expect(await send('c', 'availability is available')).toBe('202 state=held');
  });

  it('is nothing known while the presentity has not decided about this server', async () => {
    presenceServer.kill();
    presenceServer = await new Server(network, elsewhere, { 'visible-by-default': ['none'] }).start();
    await register();
    await publish('not-available');
    await network.time.advance(10_000);
    expect(server.count('external_subscriptions{package="presence",state="pending"}')).toBe(1);
    expect(await send('now', 'availability is available')).toBe('200');
  });

  it('is let go when there is no reason any more, after a while', async () => {
    await register();
    await publish('available');
    await network.time.advance(1_000);
    await register(0);
    await network.time.advance(watchGraceMs - 1_000);
    expect(server.count('external_subscriptions{package="presence",state="active"}')).toBe(1);
    await register();
    await register(0);
    network.log.length = 0;
    await network.time.advance(watchGraceMs - 1_000);
    expect(network.sentTo(elsewhere.address)).toEqual([]);
    await network.time.advance(2_000);
    expect(network.sentTo(elsewhere.address)).toEqual(['SUBSCRIBE', '200']);
    expect(server.count('external_subscriptions{package="presence",state="other"}')).toBe(0);
  });

  it('a wrong password stops nothing else', async () => {
    server.kill();
    server = await new Server(network, ours, external, { RESTANTE_PRESENCE_PASSWORD: 'wrong' }).start();
    await register();
    await network.time.advance(60_000);
    expect(server.count('external_subscribes{package="presence",outcome="unauthorised"}')).toBe(1);
    expect(await send('hello')).toBe('200');
  });

  it('a NOTIFY from a stranger is refused, and counted', async () => {
    const notify = {
      method: 'NOTIFY',
      uri: 'sip:192.0.2.1',
      to: 'sip:peter@localhost',
      headers: [['Event', 'presence'] as const, ['Subscription-State', 'active'] as const],
    };
    const { status } = await network.pass(tom.request(notify));
    expect(status).toBe(481);
    expect(server.count('external_notifies_stray')).toBe(1);
  });
});

describe('a server where presence lives', () => {
  it('takes no NOTIFY', async () => {
    const notify = { method: 'NOTIFY', uri: 'sip:192.0.2.7', headers: [['Event', 'presence'] as const] };
    expect((await network.pass(maryThere.request(notify))).status).toBe(405);
  });
});
