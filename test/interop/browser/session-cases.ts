/** A page in Chromium with MSRP over a WebSocket, and an agent over TCP on the other side. */
import type { SessionAgent } from '../../../src/cli/session-agent/session-agent.ts';
import { waitUntil } from '../../processes/child-program.ts';
import {
  expectSame,
  expectThat,
  patienceMs,
  startAgent,
  type InteropCase,
  type InteropWorld,
} from '../interop-case.ts';
import { BrowserPhone } from './browser-phone.ts';
import { startPageServer } from './page-server.ts';

const shared = { tool: 'chromium', serverFlags: ['--cors', '*'] } as const;
const largeBytes = 700_001;

export const browserSessionCases: readonly InteropCase[] = [
  {
    ...shared,
    name: 'browser: MSRP over a WebSocket, a conversation with an agent over TCP, begun by the page',
    async play(world) {
      const { page, tom } = await pageAndAgent(world);
      const taken = tom.takeInvite(patienceMs);
      expectSame('answer to the page', await page.ask('invite', 'tom@localhost', false), 200);
      const session = await taken;
      expectSame('first SEND', (await page.waitFor('joined', 1)).text, '200');
      expectSame('responses', JSON.stringify(await page.ask('say', 'grüße aus der Seite ☺')), '[200]');
      expectSame('at the agent', (await session.msrp.nextMessage(patienceMs)).text, 'grüße aus der Seite ☺');
      expectSame('report', (await page.waitFor('report', 1)).text, '000 200 OK');
      const back = session.msrp.send({ contentType: 'text/plain', body: 'und zurück ☺', successReport: 'yes' });
      expectSame('at the page', (await page.waitFor('message', 1)).text, 'und zurück ☺');
      expectSame('response', await back.finished, 200);
      await session.msrp.nextReport(patienceMs);
      await page.ask('bye');
      await session.dialog.byed;
    },
  },
  {
    ...shared,
    name: 'browser: MSRP over a WebSocket, a conversation begun by an agent over TCP',
    async play(world) {
      const { page, tom } = await pageAndAgent(world);
      const session = await tom.inviteForTalk('mary@localhost');
      expectSame('invited for', (await page.waitFor('invited', 1)).text, 'talk');
      await page.waitFor('joined', 1);
      const sent = session.msrp.send({ contentType: 'text/plain', body: 'are you there' });
      expectSame('at the page', (await page.waitFor('message', 1)).text, 'are you there');
      expectSame('response', await sent.finished, 200);
      expectSame('responses', JSON.stringify(await page.ask('say', 'I am')), '[200]');
      expectSame('at the agent', (await session.msrp.nextMessage(patienceMs)).text, 'I am');
      await session.dialog.bye();
      await ended(page);
    },
  },
  {
    ...shared,
    name: 'browser: MSRP over a WebSocket, a large message to an agent over TCP and one back',
    async play(world) {
      const { page, tom } = await pageAndAgent(world);
      const taken = tom.takeInvite(patienceMs);
      expectSame('answer to the page', await page.ask('invite', 'tom@localhost', true), 200);
      const session = await taken;
      const statuses = await page.ask('sendLarge', largeBytes);
      expectThat(
        JSON.stringify(statuses).replaceAll(/200|[[\],]/g, '') === '',
        `responses: ${JSON.stringify(statuses)}`,
      );
      const got = await session.msrp.nextMessage(patienceMs);
      expectThat(got.body.equals(octets(largeBytes)), `other octets arrived: ${got.size} of ${largeBytes}`);
      expectSame('report', (await page.waitFor('report', 1)).text, '000 200 OK');
      await page.ask('bye');
      const back = await tom.inviteForLarge('mary@localhost');
      expectSame('invited for', (await page.waitFor('invited', 1)).text, 'large');
      const sent = back.msrp.send({ contentType: 'application/octet-stream', body: octets(largeBytes) });
      expectSame('response', await sent.finished, 200);
      expectSame('at the page', (await page.waitFor('message', 1)).text, `${largeBytes} true`);
      await back.dialog.bye();
    },
  },
  {
    ...shared,
    name: 'browser: MSRP over a WebSocket, a large message that was kept until the page came',
    async play(world) {
      const tom = await startAgent(world, 'tom');
      await tom.register();
      const session = await tom.inviteForLarge('mary@localhost');
      const body = octets(largeBytes);
      const sent = session.msrp.send({ contentType: 'application/octet-stream', body, successReport: 'yes' });
      expectSame('response', await sent.finished, 200);
      await session.msrp.nextReport(patienceMs);
      await session.dialog.bye();
      const page = await openPage(world);
      expectSame('invited for', (await page.waitFor('invited', 1)).text, 'large');
      expectSame('at the page', (await page.waitFor('message', 1)).text, `${largeBytes} true`);
      await ended(page);
    },
  },
];

/** As the page makes them. */
function octets(size: number): Buffer {
  return Buffer.from(Uint8Array.from({ length: size }, (_, at) => (at * 7 + (at >> 8)) & 255));
}

async function pageAndAgent(world: InteropWorld): Promise<{ page: BrowserPhone; tom: SessionAgent }> {
  const tom = await startAgent(world, 'tom');
  await tom.register();
  return { tom, page: await openPage(world) };
}

async function openPage(world: InteropWorld): Promise<BrowserPhone> {
  const pages = await startPageServer();
  world.closeLater(() => pages.close());
  return BrowserPhone.start(world, pages.origin, 'SIP.js with MSRP', 'mary');
}

async function ended(page: BrowserPhone): Promise<void> {
  const isSo = async (): Promise<boolean> =>
    (await page.happened()).some(({ kind, text }) => kind === 'session' && text === 'Terminated');
  await waitUntil(isSo, patienceMs);
  expectThat(await isSo(), `the session did not end: ${JSON.stringify(await page.happened())}`);
}
