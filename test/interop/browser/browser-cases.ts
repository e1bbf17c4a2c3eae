/** SIP.js and JsSIP in Chromium: each registers over a WebSocket, writes and is written to, and comes back by itself. */
import {
  expectSame,
  expectThat,
  patienceMs,
  startPhone,
  type InteropCase,
  type InteropWorld,
} from '../interop-case.ts';
import { BrowserPhone } from './browser-phone.ts';
import { type Library, startPageServer } from './page-server.ts';

const libraries: readonly Library[] = ['SIP.js', 'JsSIP'];

/** The pages come from a port that nobody knows before the server starts. */
const fromAnywhere: readonly string[] = ['--cors', '*'];

export const browserCases: readonly InteropCase[] = [
  ...libraries.flatMap(casesOf),
  {
    name: 'browser: SIP.js and JsSIP write to each other',
    tool: 'chromium',
    serverFlags: fromAnywhere,
    async play(world) {
      const origin = await openPages(world);
      const tom = await BrowserPhone.start(world, origin, 'SIP.js', 'tom');
      const mary = await BrowserPhone.start(world, origin, 'JsSIP', 'mary');
      expectSame('answer to SIP.js', (await tom.send('mary@localhost', 'grüße aus SIP.js ☺')).status, 200);
      expectSame('text at JsSIP', (await mary.waitFor('message', 1)).text, 'grüße aus SIP.js ☺');
      expectSame('answer to JsSIP', (await mary.send('tom@localhost', 'grüße aus JsSIP ☺')).status, 200);
      const got = await tom.waitFor('message', 1);
      expectSame('text at SIP.js', got.text, 'grüße aus JsSIP ☺');
      expectSame('sender', got.from, 'sip:mary@localhost');
    },
  },
  {
    name: 'browser: a page of elsewhere is not let in',
    tool: 'chromium',
    async play(world) {
      const tom = await BrowserPhone.open(world, await openPages(world), 'JsSIP', 'tom');
      await tom.waitFor('disconnected', 2);
      const happened = await tom.happened();
      expectThat(!happened.some(({ kind }) => kind === 'registered'), 'it should not have registered');
    },
  },
];

function casesOf(library: Library): readonly InteropCase[] {
  const shared = { tool: 'chromium', serverFlags: fromAnywhere } as const;
  return [
    {
      ...shared,
      name: `browser: ${library} registers, gets what was kept, and exchanges messages with a phone`,
      async play(world) {
        const tom = await startPhone(world, 'tom');
        await tom.register();
        expectSame('answer while she is away', (await tom.sendMessage('mary@localhost', 'kept for you')).status, 202);
        const mary = await BrowserPhone.start(world, await openPages(world), library, 'mary');
        expectSame('what was kept', (await mary.waitFor('message', 1)).text, 'kept for you');
        expectSame('answer while she is there', (await tom.sendMessage('mary@localhost', 'fresh')).status, 200);
        expectSame('what is new', (await mary.waitFor('message', 2)).text, 'fresh');
        expectSame('her own', (await mary.send('tom@localhost', 'hello from a page')).status, 200);
        expectSame('at the phone', (await tom.nextMessage(patienceMs)).text, 'hello from a page');
      },
    },
    {
      ...shared,
      name: `browser: ${library} sends what is held, and takes 202 for success`,
      async play(world) {
        const tom = await startPhone(world, 'tom');
        await tom.register();
        await tom.publish({ availability: 'not-available' });
        const mary = await BrowserPhone.start(world, await openPages(world), library, 'mary');
        const held = await mary.send('tom@localhost', 'when you can', ['Deliver-When: availability is available']);
        expectSame('outcome', JSON.stringify([held.outcome, held.status]), '["success",202]');
        expectSame('messages before', tom.messages.length, 0);
        await tom.publish({ availability: 'available' });
        const got = await tom.nextMessage(patienceMs);
        expectSame('text', got.text, 'when you can');
        expectThat(got.request.header('Deliver-When') === undefined, 'the recipient saw the condition');
        const refused = await mary.send('nobody@localhost', 'x');
        expectSame('to nobody', JSON.stringify([refused.outcome, refused.status]), '["failure",404]');
      },
    },
    {
      ...shared,
      name: `browser: ${library} stays, and comes back by itself when the server was killed`,
      async play(world) {
        const mary = await BrowserPhone.start(world, await openPages(world), library, 'mary');
        const tom = await startPhone(world, 'tom');
        await new Promise((resolve) => setTimeout(resolve, 3000));
        expectSame('answer after a while', (await tom.sendMessage('mary@localhost', 'still there')).status, 200);
        await world.restartServer();
        await mary.waitFor('registered', 2);
        expectSame('answer after the restart', (await tom.sendMessage('mary@localhost', 'there again')).status, 200);
        expectSame('text', (await mary.waitFor('message', 2)).text, 'there again');
      },
    },
  ];
}

async function openPages(world: InteropWorld): Promise<string> {
  const pages = await startPageServer();
  world.closeLater(() => pages.close());
  return pages.origin;
}
