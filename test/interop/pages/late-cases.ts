/** Answers that come late, and in another order than they were asked for: nothing that is shown is wrong for it, and nothing is lost. */
import { expectSame, startPhone, type InteropCase, type InteropWorld } from '../interop-case.ts';
import { becomes, PageBrowser, PageWindow } from './page-window.ts';
import { pauseMs } from '../../processes/child-program.ts';
import { openConsole } from './console-cases.ts';
import { loseOneAnswer } from './fault-cases.ts';

/** Keeps back the answers to some calls until it is opened. */
function gate(isHeld: (method: string, path: string) => boolean) {
  const { promise, resolve } = Promise.withResolvers<void>();
  let count = 0;
  const holdBack = (method: string, path: string): Promise<void> | undefined => {
    if (!isHeld(method, path)) return undefined;
    count += 1;
    return promise;
  };
  /** The server has given so many answers that are held. */
  const holds = (wanted: number): Promise<void> =>
    becomes(`${wanted} answers are held`, () => Promise.resolve(count >= wanted));
  return { holdBack, open: resolve, holds };
}

/** What Tom's messages have come to, as the server has it. */
async function statesOf(world: InteropWorld): Promise<readonly string[]> {
  const headers = { authorization: `Basic ${btoa('tom@localhost:tom-secret')}` };
  const answer = await fetch(`${world.http}/v1/messages`, { headers });
  return ((await answer.json()) as { items: { state: string }[] }).items.map(({ state }) => state);
}

/** Two frames later what was told to the page is drawn. */
async function settle({ page }: PageWindow): Promise<void> {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
}

export const lateCases: readonly InteropCase[] = [
  {
    name: 'pages: what Mary lets Tom see is found out late, and neither his choice nor his focus moves',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const { holdBack, open } = gate((_method, path) => path.includes('mary'));
        await browser.slowDown(holdBack);
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.openArrival();
        await tom.reads('Finding out what else Mary lets you wait for');
        expectSame('claims', await tom.page.getByText('which is nothing yet').count(), 0);
        await tom.page.getByLabel('Now, or when Mary comes online').focus();
        await tom.page.keyboard.press('ArrowDown');
        const time = tom.page.getByLabel('At a time that I choose');
        expectSame('the choice', await time.isChecked(), true);
        open();
        await tom.page.getByLabel('When Mary is available').waitFor();
        expectSame('the choice afterwards', await time.isChecked(), true);
        expectSame('the focus', await tom.page.evaluate(focusedLabel), 'At a time that I choose');
        expectSame('said still', await tom.page.getByText('Finding out').count(), 0);
      }),
  },
  {
    name: 'pages: a message is seen before its sender hears that it was taken, and that it was seen is not lost',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const mary = await browser.signIn('mary');
        const { holdBack, open } = gate((method, path) => method === 'POST' && path === '/v1/messages');
        await browser.slowDown(holdBack);
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.say('seen at once');
        await mary.openPeer('Tom');
        await mary.message('seen at once').waitFor();
        await becomes('it is seen', async () => (await statesOf(world))[0] === 'displayed');
        open();
        await tom.state('seen at once', 'Seen');
      }),
  },
  {
    name: 'pages: what is being taken back is not sent again when the connection comes back meanwhile',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const { holdBack, open } = gate((method) => method === 'DELETE');
        await browser.slowDown(holdBack);
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.page.evaluate(loseOneAnswer);
        await tom.say('sent, as nobody knows');
        await tom.page.evaluate('window.lost');
        await tom.message('sent, as nobody knows').getByRole('button', { name: 'Recall' }).click();
        await becomes('it is taken back', async () => (await statesOf(world))[0] === 'recalled');
        // The stream opens anew for somebody who is new, and what has no answer yet is looked through.
        const isOpen = tom.page.waitForResponse(/\/v1\/events\?.*john/);
        await tom.writeTo('john');
        await isOpen;
        await pauseMs(500);
        expectSame('sent', (await statesOf(world)).join(), 'recalled');
        open();
        await tom.openPeer('Mary');
        await tom.state('sent, as nobody knows', 'Recalled');
      }),
  },
  {
    name: 'pages: Enter twice sends once, and what is typed at once afterwards stays',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.composer.fill('once');
        await tom.page.evaluate(typeOn);
        await tom.state('once', 'Waiting');
        await settle(tom);
        await tom.composes('the next');
        expectSame('sent', (await statesOf(world)).length, 1);
      }),
  },
  {
    name: 'pages: Enter before a condition was looked at sends as soon as it has been',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const { holdBack, open } = gate((_method, path) => path === '/v1/conditions/check');
        await browser.slowDown(holdBack);
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.chooseArrival('When Mary is available');
        await tom.composer.fill('in a hurry');
        await tom.page.keyboard.press('Enter');
        await tom.sentence(/Checking/);
        expectSame('sent', (await statesOf(world)).length, 0);
        open();
        await tom.state('in a hurry', 'Held');
        await tom.reads('Waits until Mary is available.');
      }),
  },
  {
    name: 'pages: what one says of oneself is said one after the other, and shown at once',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        let isFirst = true;
        const { holdBack, open } = gate((method, path) => {
          const isHeld = method === 'PUT' && path === '/v1/presence' && isFirst;
          if (isHeld) isFirst = false;
          return isHeld;
        });
        await browser.slowDown(holdBack);
        const mary = await browser.signIn('mary');
        let asked = 0;
        mary.page.on('request', (request) => {
          if (request.method() === 'PUT') asked += 1;
        });
        await mary.be('Busy');
        await mary.be('Discreet');
        // Time for the second to overtake the first, where it may.
        await pauseMs(500);
        expectSame('asked before the first is answered', asked, 1);
        expectSame('shown meanwhile', await mary.page.getByLabel('Discreet', { exact: true }).isChecked(), true);
        open();
        await mary.page.getByRole('button', { name: /discreet.*say more/ }).waitFor();
        expectSame('shown', await mary.page.getByLabel('Discreet', { exact: true }).isChecked(), true);
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.reads('mary@localhost · discreet');
      }),
  },
  {
    name: 'pages: how Mary is now is not undone by an answer from before',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        let isHolding = false;
        const { holdBack, open, holds } = gate((_method, path) => path.startsWith('/v1/presence/mary') && isHolding);
        const mary = await browser.signIn('mary');
        await browser.slowDown(holdBack);
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.reads('mary@localhost · available');
        await tom.goTo('Settings');
        isHolding = true;
        const isAnswered = tom.page.waitForResponse(/\/v1\/presence\/mary/);
        await tom.openPeer('Mary');
        await holds(1);
        await mary.be('Busy');
        await tom.reads('mary@localhost · busy');
        open();
        await isAnswered;
        await settle(tom);
        expectSame('shown', await tom.page.getByText('mary@localhost · busy').count(), 1);
      }),
  },
  {
    name: 'pages: what comes while an inbox is being read is not lost by an answer from before',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const { holdBack, open, holds } = gate((_method, path) => path.startsWith('/v1/inbox?') && isHolding);
        let isHolding = false;
        await browser.slowDown(holdBack);
        const mary = await browser.signIn('mary');
        await mary.goTo('Settings');
        await mary.page.getByLabel('Tell me, and I get them').check();
        await mary.goTo('Inbox');
        await mary.reads('You are told of each message here');
        await mary.reads('Nothing is waiting to be fetched.');
        isHolding = true;
        const isAnswered = mary.page.waitForResponse(/\/v1\/inbox\?/);
        await mary.page.getByRole('button', { name: 'Look again' }).click();
        await holds(1);
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.say('meanwhile');
        await mary.page.getByRole('link', { name: 'Inbox 1 new', exact: true }).waitFor();
        isHolding = false;
        open();
        await isAnswered;
        await settle(mary);
        expectSame('ready', await mary.page.getByRole('button', { name: 'Get', exact: true }).count(), 1);
      }),
  },
  {
    name: 'pages: an operator who goes on filtering sees what was asked for last',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const tom = await startPhone(world, 'tom');
        for (const user of ['mary', 'mary', 'john']) await tom.sendMessage(`${user}@localhost`, `for ${user}`);
        const { holdBack, open, holds } = gate((_method, path) => path.includes('to=mary'));
        await browser.slowDown(holdBack);
        const page = await openConsole(world, browser);
        await page.getByRole('button', { name: 'Messages' }).click();
        const rows = page.getByRole('row').filter({ has: page.getByRole('button', { name: /^Story of/ }) });
        await rows.nth(2).waitFor();
        const isAnswered = page.waitForResponse(/to=mary/);
        await page.getByRole('textbox', { name: 'Recipient' }).fill('mary@localhost');
        await holds(1);
        await page.getByRole('textbox', { name: 'Recipient' }).fill('john@localhost');
        await rows.nth(2).waitFor({ state: 'detached' });
        open();
        await isAnswered;
        await settle(new PageWindow(page));
        expectSame('rows', await rows.count(), 1);
      }),
  },
];

const focusedLabel = "document.activeElement?.closest('label')?.innerText";

/** Runs in the page: everything before the browser has had time to keep what was sent. */
const typeOn = `(async () => {
  const field = document.querySelector('.composer textarea');
  const enter = () => field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true }));
  enter();
  await undefined;
  enter();
  await undefined;
  field.value = 'the next';
  field.dispatchEvent(new InputEvent('input', { bubbles: true }));
})()`;
