/** Makes the pictures of the README from the real pages, into docs/pictures: `node test/interop/pages/take-pictures.ts`. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { pauseMs } from '../../processes/child-program.ts';
import { startServer } from '../../processes/server-process.ts';
import type { InteropWorld } from '../interop-case.ts';
import { PageBrowser, type PageWindow } from './page-window.ts';

const folder = fileURLToPath(new URL('../../../docs/pictures/', import.meta.url));
/** Samples of the charts are two seconds apart. */
const chartMs = 14_000;

mkdirSync(folder, { recursive: true });
const data = mkdtempSync(join(tmpdir(), 'restante-pictures-'));
const server = await startServer({ dataFolder: join(data, 'data'), flags: ['--notify-pace', '0'] });
const closing: (() => unknown)[] = [() => rmSync(data, { recursive: true }), () => server.stop()];
const world: Pick<InteropWorld, 'http' | 'closeLater'> = {
  http: server.http,
  closeLater: (close) => closing.push(close),
};
try {
  await PageBrowser.play(world as InteropWorld, takeAll);
} finally {
  for (const close of closing.toReversed()) await close();
}

async function takeAll(browser: PageBrowser): Promise<void> {
  await server.command('user', 'add', 'boss@localhost', '--operator', '--password', 'boss-secret');
  const start = await browser.open('/', undefined, { width: 900, height: 800 });
  await start.getByRole('button', { name: 'Tom' }).waitFor();
  await take(start, 'sign-in');
  const mary = await browser.signIn('mary', { scheme: 'dark', width: 390, height: 760, isPhone: true });
  const tom = await browser.signIn('tom', { width: 1120, height: 760 });
  await tom.writeTo('mary');
  await talk(tom, mary);
  await mary.page.goto(`${browser.origin}/#/`);
  await mary.be('Busy');
  await tom.page.getByText('mary@localhost · busy').waitFor();
  await tom.composer.fill('The roof is done. Call me about the bill, please.');
  await tom.chooseArrival('When Mary is available');
  await tom.sentence(/Wait until/);
  await take(tom.page, 'choose');
  await tom.page.getByRole('button', { name: 'Send' }).click();
  await tom.state('The roof is done.', 'Held');
  await take(tom.page, 'held');
  await mary.be('Available');
  await mary.openPeer('Tom');
  await mary.message('The roof is done.').waitFor();
  await tom.state('The roof is done.', 'Seen');
  await take(mary.page, 'arrived');
  await takeConsole(browser);
}

async function talk(tom: PageWindow, mary: PageWindow): Promise<void> {
  await tom.say('Good morning! Are you in the office today?');
  await mary.openPeer('Tom');
  await mary.say('Yes, from ten on, but in meetings most of the day.');
  await tom.message('in meetings').waitFor();
}

async function takeConsole(browser: PageBrowser): Promise<void> {
  const page = await browser.open('/console', undefined, { width: 1280, height: 860 });
  await page.getByLabel('Address').fill('boss');
  await page.getByLabel('Password').fill('boss-secret');
  await page.getByRole('button', { name: 'Sign in' }).click();
  const end = Date.now() + chartMs;
  const conditions = ['availability is discreet', 'availability is not-available', undefined];
  for (let count = 0; Date.now() < end; count += 1) {
    await send(count % 2 === 0 ? 'tom' : 'mary', count % 3 === 0 ? 'john' : 'peter', conditions[count % 3]);
    await pauseMs(120 + 80 * Math.sin(count / 9));
  }
  await take(page, 'console');
}

async function send(from: string, to: string, deliverWhen: string | undefined): Promise<void> {
  const headers = {
    authorization: `Basic ${btoa(`${from}@localhost:${from}-secret`)}`,
    'content-type': 'application/json',
  };
  const condition = deliverWhen === undefined ? {} : { deliverWhen };
  const body = JSON.stringify({ to: `${to}@localhost`, text: 'hello', ...condition });
  await fetch(`${server.http}/v1/messages`, { method: 'POST', headers: { ...headers, prefer: 'wait=0' }, body });
}

async function take(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(folder, `${name}.png`) });
}
