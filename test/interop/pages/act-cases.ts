/** Those acts of the demo that go on over time or are refused, and what else people say and choose: two people in two windows. */
import { expectSame, type InteropCase } from '../interop-case.ts';
import { shortenLife } from './client-cases.ts';
import { PageBrowser, PageWindow } from './page-window.ts';

/** Says it in the dialog behind one's own name. */
async function saySo({ page }: PageWindow, words: readonly string[], text?: string): Promise<void> {
  await page.getByRole('button', { name: /say more about how I am/ }).click();
  for (const word of words) await page.getByRole('dialog').getByLabel(word, { exact: true }).check();
  if (text !== undefined) await page.getByLabel('In my own words').fill(text);
  await page.getByRole('button', { name: 'Say so' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
}

export const actCases: readonly InteropCase[] = [
  {
    name: 'pages: John sends for when Peter is available and leaves; when he is back he finds that Peter has seen it',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const peter = await browser.signIn('peter');
        await peter.be('Busy');
        const john = await browser.signIn('john');
        const context = john.page.context();
        await john.writeTo('peter');
        await john.reads('peter@localhost · busy');
        await john.chooseArrival('When Peter is available');
        await john.say('the report, please');
        await john.state('the report, please', 'Held');
        await john.page.close();
        await peter.be('Available');
        await peter.openPeer('John');
        await peter.message('the report, please').waitFor();
        const again = new PageWindow(await browser.open('/', context));
        await again.openPeer('Peter');
        await again.state('the report, please', 'Seen');
      }),
  },
  {
    name: 'pages: John may not ask about a mood that Peter does not show him, and is told which',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const peter = await browser.signIn('peter');
        const john = await browser.signIn('john');
        await john.writeTo('peter');
        await john.chooseArrival('My own condition');
        await john.page.getByRole('button', { name: 'Write it as text' }).click();
        await john.page.getByRole('textbox', { name: 'Condition' }).fill('mood is not angry');
        await john.composer.fill('in a good mood?');
        await john.sentence(/Peter does not let you ask about: mood\./);
        expectSame('may be sent', await john.page.getByRole('button', { name: 'Send' }).isEnabled(), false);
        await peter.goTo('Privacy');
        await peter.page.getByLabel('Whom the rule is for').fill('john');
        await peter.page.getByRole('button', { name: 'Add the rule' }).click();
        await peter.reads(/^John: may see .*mood/);
        await john.page.getByLabel(/mood is no longer angry/).check();
        await john.sentence(/Wait until Peter/);
        await john.page.getByRole('button', { name: 'Send' }).click();
        await peter.openPeer('John');
        await peter.message('in a good mood?').waitFor();
        await john.state('in a good mood?', 'Seen');
      }),
  },
  {
    name: 'pages: what is held survives a crash, what is over does not reach her, and its sender is told',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const mary = await browser.signIn('mary');
        await mary.be('Busy');
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.chooseArrival('When Mary is available');
        await tom.say('until it is over');
        await tom.state('until it is over', 'Held');
        await shortenLife(world);
        await tom.state('until it is over', 'Expired');
        await tom.chooseArrival('When Mary is available');
        await tom.page.getByLabel('Give up after').selectOption('1 h');
        await tom.say('over a crash');
        await tom.state('over a crash', 'Held');
        await tom.composer.fill('not yet sent');
        await world.restartServer();
        await mary.be('Available');
        await mary.openPeer('Tom');
        await mary.message('over a crash').waitFor();
        await tom.state('over a crash', 'Seen');
        expectSame('what is over', await mary.page.getByText('until it is over').count(), 0);
        await tom.page.reload();
        await tom.composes('not yet sent');
      }),
  },
  {
    name: 'pages: what Mary does and says of herself is shown to whom she lets see it, who may wait for it, or no longer than he likes',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const mary = await browser.signIn('mary');
        await saySo(mary, ['meeting'], 'Back at four <b>');
        await mary.goTo('Privacy');
        await mary.page.getByLabel('Whom the rule is for').fill('tom');
        await mary.page.getByRole('group', { name: 'These' }).getByLabel('status text').check();
        await mary.page.getByRole('button', { name: 'Add the rule' }).click();
        await mary.reads(/^Tom: may see .*status text/);
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.reads(/meeting · “.?Back at four <b>.?”/);
        await tom.chooseArrival('When Mary is neither in a meeting nor on the phone');
        await tom.sentence(/Wait until Mary/);
        await tom.say('after the meeting');
        await tom.state('after the meeting', 'Held');
        await tom.chooseArrival('When Mary is neither in a meeting nor on the phone');
        await tom.page.getByLabel('In any case after a time').check();
        await tom.page.getByLabel('In any case after', { exact: true }).fill('2026-01-01T09:00');
        await tom.say('in any case');
        await mary.openPeer('Tom');
        await mary.message('in any case').waitFor();
        await tom.state('in any case', 'Seen');
        expectSame('before the meeting is over', await mary.page.getByText('after the meeting').count(), 0);
        await mary.page.getByRole('group', { name: 'My availability' }).waitFor();
        await saySo(mary, ['working'], '');
        await mary.message('after the meeting').waitFor();
        await tom.state('after the meeting', 'Seen');
      }),
  },
];
