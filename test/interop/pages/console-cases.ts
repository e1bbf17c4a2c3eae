/** The operator's console: how the server is, what is kept, one message's story, release and purge. */
import type { Locator, Page } from 'playwright-core';
import { expectSame, patienceMs, startPhone, type InteropCase, type InteropWorld } from '../interop-case.ts';
import { becomes, PageBrowser } from './page-window.ts';

async function signInAs(browser: PageBrowser, user: string): Promise<Page> {
  const page = await browser.open('/console');
  await page.getByLabel('Address').fill(user);
  await page.getByLabel('Password').fill(`${user}-secret`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  return page;
}

export async function openConsole(world: InteropWorld, browser: PageBrowser): Promise<Page> {
  await world.command('user', 'add', 'boss@localhost', '--operator', '--password', 'boss-secret');
  const page = await signInAs(browser, 'boss');
  await page.getByText('Kept now').waitFor();
  return page;
}

async function sinceOf(running: Locator): Promise<string> {
  return (await running.innerText()).split(', since ')[1] ?? '';
}

export const consoleCases: readonly InteropCase[] = [
  {
    name: 'pages: the console shows who is connected and what is kept, and lets nobody in who is no operator',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const stranger = await signInAs(browser, 'tom');
        await stranger.getByText('tom@localhost is no operator.').waitFor();
        const page = await openConsole(world, browser);
        const tile = (name: string) => page.locator('dl > div').filter({ hasText: name });
        await tile('Kept now').getByText('0', { exact: true }).waitFor();
        const mary = await startPhone(world, 'mary');
        await mary.register();
        await page.getByRole('cell', { name: 'sip/udp' }).first().waitFor();
        const tom = await startPhone(world, 'tom');
        await tom.sendMessage('john@localhost', 'for john');
        await tile('Kept now').getByText('1', { exact: true }).waitFor();
        await page.getByText('kept for john@localhost').waitFor();
        await page.getByRole('img', { name: /^Messages, now: / }).waitFor();
        const running = page.getByText(/, since /);
        const before = await sinceOf(running);
        await world.restartServer();
        await becomes('it was started anew', async () => (await sinceOf(running)) !== before);
      }),
  },
  {
    name: 'pages: an operator finds a held message, reads its story, releases one and ends another',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const mary = await startPhone(world, 'mary');
        await mary.register();
        const tom = await startPhone(world, 'tom');
        const when = { headers: { 'Deliver-When': 'availability is discreet' } };
        await tom.sendMessage('mary@localhost', 'one', when);
        await tom.sendMessage('mary@localhost', 'two', when);
        await tom.sendMessage('john@localhost', 'three');
        const page = await openConsole(world, browser);
        await page.getByRole('button', { name: 'Messages' }).click();
        const rows = page.getByRole('row').filter({ has: page.getByRole('button', { name: /^Story of/ }) });
        await rows.nth(2).waitFor();
        await page.getByRole('textbox', { name: 'Recipient' }).fill('mary@localhost');
        await rows.nth(2).waitFor({ state: 'detached' });
        expectSame('rows', await rows.count(), 2);
        await page.getByLabel('condition', { exact: true }).check();
        await page.getByText('availability is discreet').first().waitFor();
        await page.getByLabel('one by one').check();
        await rows.first().getByRole('button').click();
        const dialog = page.getByRole('dialog');
        await dialog.getByText('Wait until the recipient is discreet.').waitFor();
        await dialog.getByLabel(/^Reason/).fill('ticket 4711');
        await dialog.getByRole('button', { name: 'Release it' }).click();
        await dialog.getByText('released by boss@localhost: ticket 4711').waitFor();
        expectSame('released', (await mary.nextMessage(patienceMs)).text, 'one');
        await page.keyboard.press('Escape');
        await rows.nth(1).waitFor({ state: 'detached' });
        await rows.first().getByRole('button').click();
        await dialog.getByLabel(/^Reason/).fill('spam');
        await dialog.getByRole('button', { name: 'End it as failed' }).click();
        await dialog.getByText('purged by boss@localhost: spam').waitFor();
        await page.keyboard.press('Escape');
        await page.getByText('Nothing.').waitFor();
        // What changes shows by itself.
        await tom.sendMessage('mary@localhost', 'four', when);
        await rows.first().waitFor();
      }),
  },
];
