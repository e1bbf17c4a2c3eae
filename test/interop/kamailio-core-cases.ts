/**
 * Kamailio as the SIP core in front of the server, with the configuration that docs/operations.md shows: it alone is
 * trusted, and every phone talks to it and to nobody else.
 */
import { waitUntil } from '../processes/child-program.ts';
import { startBaresip } from './phones/baresip-cases.ts';
import {
  expectSame,
  expectThat,
  fetchAs,
  patienceMs,
  startPhone,
  type InteropCase,
  type InteropWorld,
} from './interop-case.ts';
import { startKamailio } from './kamailio/kamailio-process.ts';
import { hasReceived, registeredSipp, startSipp } from './sipp-cases.ts';

/** Another address than that of the core and the phones, so that the core can tell what the server sends. */
const serverHost = '127.0.0.2';
const trusting = ['--trust', '127.0.0.1', '--notify-pace', '0'];

export const kamailioCoreCases: readonly InteropCase[] = [
  {
    name: 'kamailio as core: who is registered there but not available gets what waited when they publish',
    tool: 'kamailio',
    moreTools: ['sipp'],
    serverHost,
    serverFlags: [...trusting, '--deliver-on', 'publish'],
    async play(world) {
      const core = await behindCore(world);
      const tom = await startPhone(core, 'tom');
      expectSame('answer to the REGISTER of tom', (await tom.register()).status, 200);
      const watching = await tom.subscribe('presence', { to: 'mary@localhost' });
      expectSame('answer to SUBSCRIBE', watching.answer?.status, 200);
      await watching.nextNotify(patienceMs, (notify) => notify.text.includes('closed'));

      // She registers at the core, and the core says so.
      const mary = await registeredSipp(core, 'mary');
      await watching.nextNotify(patienceMs, (notify) => notify.text.includes('open'));
      await expectOnline(world, 'mary', true);

      // Registered but not available for messages: kept, as --deliver-on publish says.
      const kept = await tom.sendMessage('mary@localhost', 'when you are back');
      expectSame('answer to what must wait', kept.status, 202);
      expectThat(!hasReceived(mary.messages(), 'when you are back'), 'it did not wait');

      await startSipp(core, { scenario: 'publish', user: 'mary', availability: 'available' }).over;
      const told = await watching.nextNotify(patienceMs, (notify) => notify.text.includes('available'));
      expectThat(told.text.includes('sip:mary@localhost'), `a NOTIFY about somebody else:\n${told.text}`);
      await mary.received('when you are back');
      expectSame('answer to what follows', (await tom.sendMessage('mary@localhost', 'and now at once')).status, 200);
      await mary.received('and now at once');
      const received = await mary.leave();
      expectThat(/^MESSAGE sip:mary@127\.0\.0\.1:\d+/m.test(received), 'the core did not look up the contact');
      expectThat(!/^P-Asserted-Identity:/m.test(received), 'the phone was told the asserted identity');

      // Her phone took its contact back before it ended.
      await expectOnline(world, 'mary', false);
      expectSame('answer when she is gone', (await tom.sendMessage('mary@localhost', 'later')).status, 202);
    },
  },
  {
    name: 'kamailio as core: a condition goes through it, required of it, and is met by a PUBLISH through it',
    tool: 'kamailio',
    moreTools: ['sipp'],
    serverHost,
    serverFlags: trusting,
    async play(world) {
      const core = await behindCore(world);
      const tom = await startPhone(core, 'tom');
      const mary = await registeredSipp(core, 'mary');
      await startSipp(core, { scenario: 'publish', user: 'mary', availability: 'not-available' }).over;
      const headers = { 'Deliver-When': 'availability is available', 'Proxy-Require': 'deliver-when' };
      const held = await tom.sendMessage('mary@localhost', 'call me', { headers });
      expectSame('answer while she is not available', held.status, 202);
      expectThat(held.header('Deferred-Message')?.includes('state=held') === true, 'the answer does not say held');
      await startSipp(core, { scenario: 'publish', user: 'mary', availability: 'available' }).over;
      await mary.received('call me');
      // More than a datagram should carry: the server opens a connection to the core, from its own address.
      const long = `long ${'x'.repeat(1500)}`;
      expectSame('answer to a long one', (await tom.sendMessage('mary@localhost', long)).status, 200);
      await mary.received(long);
      const received = await mary.leave();
      expectThat(!/deliver-when/i.test(received), 'the recipient saw the condition');
    },
  },
  {
    name: 'kamailio as core: baresip behind it gets what was kept and what is new, and sends',
    tool: 'kamailio',
    moreTools: ['baresip'],
    serverHost,
    serverFlags: trusting,
    async play(world) {
      const core = await behindCore(world);
      const tom = await startPhone(core, 'tom');
      await tom.register();
      expectSame('answer while she is away', (await tom.sendMessage('mary@localhost', 'kept for you')).status, 202);
      const mary = await startBaresip(core, 'mary');
      await mary.program.waitForOutput(/sip:tom@localhost: "kept for you"/, patienceMs);
      expectSame('answer while she is there', (await tom.sendMessage('mary@localhost', 'fresh')).status, 200);
      await mary.program.waitForOutput(/sip:tom@localhost: "fresh"/, patienceMs);
      await mary.command('message', 'hello from baresip');
      const got = await tom.nextMessage(patienceMs);
      expectSame('text', got.text, 'hello from baresip');
      expectSame('sender', got.from, 'mary@localhost');
      expectSame('answer to OPTIONS', (await tom.request('OPTIONS', 'sip:mary@localhost')).status, 200);
    },
  },
  {
    name: 'kamailio as core: a phone that vanishes is gone for the server when its time at the core is up',
    tool: 'kamailio',
    serverHost,
    serverFlags: trusting,
    async play(world) {
      const core = await behindCore(world, 'core.cfg', { MIN_EXPIRES: '2' });
      const tom = await startPhone(core, 'tom');
      // What he is told is kept for the look at it, however late that is.
      const watching = await tom.subscribe('presence', { to: 'mary@localhost' });
      await watching.nextNotify(patienceMs, (notify) => notify.text.includes('closed'));
      const mary = await startPhone(core, 'mary');
      expectSame('answer to REGISTER', (await mary.register({ expires: 8 })).status, 200);
      await mary.stop();
      await watching.nextNotify(patienceMs, (notify) => notify.text.includes('open'));
      // The server itself would have given it a minute.
      await watching.nextNotify(patienceMs, (notify) => notify.text.includes('closed'));
      await expectOnline(world, 'mary', false);
    },
  },
  {
    name: 'kamailio as core: one that sends deliveries back is a loop, and the message waits',
    tool: 'kamailio',
    moreTools: ['sipp'],
    serverHost,
    serverFlags: trusting,
    async play(world) {
      const core = await behindCore(world, 'loop.cfg');
      const tom = await startPhone(core, 'tom');
      const mary = await registeredSipp(core, 'mary');
      await expectOnline(world, 'mary', true);
      const answer = await tom.sendMessage('mary@localhost', 'round and round');
      expectSame('answer', answer.status, 202);
      expectThat(!(await mary.leave()).includes('round and round'), 'it arrived');
      const timeline = await fetchAs(world, 'tom', '/v1/messages?to=mary@localhost');
      expectThat(/"state":"waiting"/.test(timeline), `it does not wait:\n${timeline}`);
      const metrics = await (await fetch(`${world.http}/metrics`)).text();
      const loops = /restante_sip_refusals\w*\{method="MESSAGE",status="482"\} (\d+)/.exec(metrics)?.[1];
      expectThat(Number(loops) > 0, `no loop was found:\n${metrics.match(/.*refusals.*/g)?.join('\n')}`);
    },
  },
];

/** The same world, whose server is now the core: where phones go. */
async function behindCore(
  world: InteropWorld,
  configuration = 'core.cfg',
  more: Readonly<Record<string, string>> = {},
): Promise<InteropWorld> {
  const { host, port } = world.server;
  const { address } = await startKamailio(world, {
    configuration,
    definitions: (own) => ({
      DOMAIN: '"localhost"',
      CORE_IP: own.host,
      CORE_PORT: String(own.port),
      CORE_URI: `"sip:${own.host}:${own.port}"`,
      IM_IP: `"${host}"`,
      IM_URI: `"sip:${host}:${port}"`,
      CHILDREN: '2',
      ...more,
    }),
  });
  return { ...world, server: address };
}

/** As somebody of the same domain sees it over HTTP. */
async function expectOnline(world: InteropWorld, user: string, isOnline: boolean): Promise<void> {
  let seen = '';
  await waitUntil(async () => {
    seen = await fetchAs(world, 'tom', `/v1/presence/${user}@localhost`);
    return seen.includes(`"online":${isOnline}`);
  }, patienceMs);
  expectThat(seen.includes(`"online":${isOnline}`), `${user} is not ${isOnline ? 'online' : 'offline'}:\n${seen}`);
}
