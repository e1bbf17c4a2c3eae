/** Every place of both pages, in both schemes, at a desk and on a phone: judged by axe, and with nothing wider than the window. */
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expectSame, expectThat, type InteropCase } from '../interop-case.ts';
import { becomes, PageBrowser, type PageWindow, type WindowLook } from './page-window.ts';

const desk: WindowLook = { scheme: 'light' };
const phone: WindowLook = { scheme: 'dark', width: 360, height: 740, isPhone: true };

interface Verdict {
  readonly violations: readonly { readonly id: string; readonly nodes: readonly { readonly html: string }[] }[];
}

/** WCAG 2.2 A and AA, and what axe holds for good practice. */
async function judge(page: Page, where: string): Promise<void> {
  // Not through a script element, which the content policy would refuse.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<Verdict>('window.axe.run(document)');
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
  expectThat(found.length === 0, `${where}:\n${found.join('\n')}`);
  const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth');
  expectThat(overflow <= 0, `${where} is ${overflow} px too wide`);
}

async function judgeClient(browser: PageBrowser, look: WindowLook): Promise<void> {
  const start = await browser.open('/', undefined, look);
  await start.getByRole('button', { name: 'Tom' }).waitFor();
  await judge(start, 'signing in');
  const tom = await browser.signIn('tom', look);
  await judge(tom.page, 'an empty list');
  await tom.writeTo('mary');
  await judge(tom.page, 'an empty conversation');
  await tom.chooseArrival('When Mary is available');
  await tom.sentence(/Wait until/);
  await judge(tom.page, 'the choices of arrival');
  await tom.say('held for you');
  await tom.state('held for you', 'Held');
  await tom.chooseArrival('My own condition');
  await tom.page.getByRole('button', { name: 'How they are' }).click();
  await tom.page.getByRole('button', { name: 'Hours of the day' }).click();
  await tom.page.getByRole('button', { name: 'A time' }).click();
  await judge(tom.page, 'the builder');
  await judgeDialogs(tom);
  for (const place of ['Inbox', 'Waiting', 'Privacy', 'Settings'] as const) {
    await tom.page.goto(`${browser.origin}/#/`);
    await tom.goTo(place);
    await judge(tom.page, place);
  }
}

async function judgeDialogs(tom: PageWindow): Promise<void> {
  await tom.message('held for you').getByRole('button', { name: 'Held' }).click();
  await tom.page.getByRole('dialog').getByText('Written').waitFor();
  await judge(tom.page, 'a story');
  await tom.page.keyboard.press('Escape');
  await tom.page.getByRole('button', { name: 'More about Mary' }).click();
  await judge(tom.page, 'more about somebody');
  await tom.page.keyboard.press('Escape');
}

export const lookCases: readonly InteropCase[] = [
  {
    name: 'pages: the client is fit for everybody, light at a desk',
    tool: 'chromium',
    play: (world) => PageBrowser.play(world, (browser) => judgeClient(browser, desk)),
  },
  {
    name: 'pages: the client is fit for everybody, dark on a phone',
    tool: 'chromium',
    play: (world) => PageBrowser.play(world, (browser) => judgeClient(browser, phone)),
  },
  {
    name: 'pages: the console is fit for everybody, light at a desk and dark on a phone',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        await world.command('user', 'add', 'boss@localhost', '--operator', '--password', 'boss-secret');
        const headers = {
          authorization: `Basic ${btoa('tom@localhost:tom-secret')}`,
          'content-type': 'application/json',
        };
        const body = JSON.stringify({ to: 'mary@localhost', text: 'x', deliverWhen: 'availability is available' });
        await fetch(`${world.http}/v1/messages`, { method: 'POST', headers, body });
        for (const look of [desk, phone]) {
          const page = await browser.open('/console', undefined, look);
          await judge(page, 'signing in');
          await page.getByLabel('Address').fill('boss');
          await page.getByLabel('Password').fill('boss-secret');
          await page.getByRole('button', { name: 'Sign in' }).click();
          await page.getByRole('img', { name: /^Messages, now: / }).waitFor();
          await judge(page, 'the overview');
          await page.getByRole('button', { name: 'Messages' }).click();
          await page
            .getByRole('button', { name: /^Story of/ })
            .first()
            .click();
          await page.getByRole('dialog').getByText('In words').waitFor();
          await judge(page, 'a story');
          await page.keyboard.press('Escape');
          await judge(page, 'the queue');
        }
      }),
  },
  {
    name: 'pages: three hundred conversations, and names and texts of any length and direction, fit',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        for (const look of [desk, phone]) {
          const tom = await browser.signIn('tom', look);
          await tom.page.evaluate(fillList);
          await tom.page.goto(`${browser.origin}/#/`);
          await tom.page.reload();
          await tom.page.getByText('Person299').waitFor();
          expectSame('what is cut off in the list', await tom.page.evaluate(cutOff), '');
          await tom.page.getByRole('link', { name: /^Veryvery/ }).click();
          await tom.composer.waitFor();
          await tom.say('x'.repeat(3000));
          await tom.message('x'.repeat(3000)).waitFor();
          await tom.say('مرحبا!');
          await tom.message('مرحبا!').waitFor();
          await judge(tom.page, 'long names and texts');
          expectSame('its direction', await tom.page.evaluate(directionOfLast), 'rtl');
          await tom.page.context().close();
        }
      }),
  },
  {
    name: 'pages: light or dark as the system has it, until one chooses, and then for good',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const [light, dark] = ['rgb(246, 244, 238)', 'rgb(21, 24, 27)'];
        const paper = 'getComputedStyle(document.body).backgroundColor';
        for (const [scheme, other, asSystem, asChosen] of [
          ['light', 'Dark', light, dark],
          ['dark', 'Light', dark, light],
        ] as const) {
          const { page } = await browser.signIn('tom', { scheme });
          expectSame(`paper in a ${scheme} system`, await page.evaluate(paper), asSystem);
          await page.goto(`${browser.origin}/#/settings`);
          await page.getByLabel(other, { exact: true }).check();
          expectSame(`paper once ${other} is chosen`, await page.evaluate(paper), asChosen);
          await page.reload();
          await page.getByRole('heading', { name: 'Settings' }).waitFor();
          expectSame(`paper after a reload`, await page.evaluate(paper), asChosen);
          await page.getByLabel('As the system').check();
          expectSame(`paper as the system has it again`, await page.evaluate(paper), asSystem);
        }
      }),
  },
  {
    name: 'pages: all of it by keyboard: sign in, begin, choose, send, go back',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const page = await browser.open('/');
        await page.getByRole('button', { name: 'Tom' }).focus();
        await page.keyboard.press('Enter');
        await page.getByLabel(/^Find somebody/).focus();
        await page.keyboard.type('mary');
        await page.keyboard.press('Enter');
        await page.getByRole('textbox', { name: 'Message to Mary' }).waitFor();
        const isReady = "document.activeElement?.matches('.composer textarea')";
        await becomes('the composer has the focus', () => page.evaluate<boolean>(isReady));
        await page.keyboard.press('Shift+Tab');
        await page.keyboard.press('Enter');
        // What Mary lets Tom see is known from then on.
        await page.getByLabel('When Mary is available').waitFor();
        await page.getByLabel('Now, or when Mary comes online').focus();
        await page.keyboard.press('ArrowDown');
        await page.getByRole('status').filter({ hasText: 'Wait until Mary is available' }).waitFor();
        await page.getByRole('textbox', { name: 'Message to Mary' }).focus();
        await page.keyboard.type('by keys alone');
        await page.keyboard.press('Enter');
        await page.getByRole('article').getByRole('button', { name: 'Held' }).waitFor();
        await page.getByRole('article').getByRole('button', { name: 'Recall' }).focus();
        await page.keyboard.press('Enter');
        await page.getByRole('article').getByRole('button', { name: 'Recalled' }).waitFor();
      }),
  },
];

/** Runs in the page: as many people as somebody writes to in years. */
const fillList = `new Promise((done, fail) => {
  const opening = indexedDB.open('restante tom@localhost');
  opening.onerror = () => fail(opening.error);
  opening.onsuccess = () => {
    const writing = opening.result.transaction(['peers'], 'readwrite');
    for (let at = 0; at < 300; at += 1) {
      const user = at === 0 ? 'very'.repeat(20) + 'long' : at === 1 ? 'محمد' : 'person' + at;
      const lastText = at === 0 ? 'without-end'.repeat(12) : 'message ' + at;
      writing.objectStore('peers').put({ address: user + '@localhost', lastOrder: Date.now() - at * 3600000, lastText, lastDirection: 'out', unread: at === 0 ? 1234 : 0 });
    }
    writing.oncomplete = () => done();
    writing.onerror = () => fail(writing.error);
  };
})`;

/** Runs in the page: times and counts of the list that are not wholly inside of it. */
const cutOff = `(() => {
  const list = document.querySelector('nav[aria-label="Conversations"]');
  const edge = list.getBoundingClientRect().right;
  const beyond = [...list.querySelectorAll('time, .badge')].filter((each) => each.getBoundingClientRect().right > edge);
  return beyond.map((each) => each.textContent).join();
})()`;

const directionOfLast =
  "getComputedStyle([...document.querySelectorAll('article p')].find((each) => each.textContent === 'مرحبا!')).direction";
