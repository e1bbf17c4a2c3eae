/** Two people in two windows, and messages that wait for their moment: the acts of the demo, done by hand. */
import { expectSame, expectThat, startPhone, type InteropCase, type InteropWorld } from '../interop-case.ts';
import { PageBrowser } from './page-window.ts';

/** What is held of Tom's is over in a second; the page offers no less than an hour. */
export async function shortenLife(world: InteropWorld): Promise<void> {
  const headers = { authorization: `Basic ${btoa('tom@localhost:tom-secret')}`, 'content-type': 'application/json' };
  const found = await fetch(`${world.http}/v1/messages?state=held`, { headers });
  const { items } = (await found.json()) as { items: { id: string; acceptedAt: string }[] };
  for (const { id, acceptedAt } of items) {
    const expiresIn = Math.ceil((Date.now() - Date.parse(acceptedAt)) / 1000) + 1;
    await fetch(`${world.http}/v1/messages/${id}`, { method: 'PATCH', headers, body: JSON.stringify({ expiresIn }) });
  }
}

export const clientCases: readonly InteropCase[] = [
  {
    name: 'pages: Tom writes while Mary is away, is told, and she gets it marked as one that waited',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.say('are you there?');
        await tom.state('are you there?', 'Waiting');
        const mary = await browser.signIn('mary');
        await mary.openPeer('Tom');
        await mary
          .message('are you there?')
          .getByText(/Waited for you, written/)
          .waitFor();
        await tom.state('are you there?', 'Seen');
        await mary.say('now I am');
        await tom.message('now I am').waitFor();
        expectSame(
          'marks',
          await tom
            .message('now I am')
            .getByText(/Waited/)
            .count(),
          0,
        );
        await mary.state('now I am', 'Seen');
      }),
  },
  {
    name: 'pages: a message is held until Mary is available, and nothing of hers tells why',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const mary = await browser.signIn('mary');
        await mary.be('Busy');
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.chooseArrival('When Mary is available');
        await tom.sentence(/Wait until Mary is available/);
        expectSame('moods', await tom.page.getByLabel(/mood is no longer angry/).count(), 0);
        await tom.say('call me, please');
        await tom.state('call me, please', 'Held');
        await tom.goTo('Waiting');
        await tom.reads('Waits until Mary is available.');
        await tom.openPeer('Mary');
        expectSame('conversations', await mary.page.getByText('call me').count(), 0);
        await mary.be('Available');
        await mary.openPeer('Tom');
        await mary.message('call me, please').waitFor();
        await tom.state('call me, please', 'Seen');
        const shown = await mary.page.locator('body').innerText();
        expectThat(!/condition|is available\.|held/i.test(shown), `she reads: ${shown}`);
      }),
  },
  {
    name: 'pages: Mary lets Tom see her mood, and his own condition waits for it, put together from rows',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const mary = await browser.signIn('mary');
        await mary.page.getByRole('button', { name: /say more about how I am/ }).click();
        await mary.page.getByLabel('angry').check();
        await mary.page.getByRole('button', { name: 'Say so' }).click();
        await mary.goTo('Privacy');
        await mary.page.getByLabel('Whom the rule is for').fill('tom');
        await mary.page.getByRole('button', { name: 'Add the rule' }).click();
        await mary.reads('Tom: may see online, availability, mood, activity');
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.chooseArrival('My own condition');
        await tom.page.getByRole('button', { name: 'How they are' }).click();
        await tom.page.getByLabel('Test 1: what about them').selectOption('mood');
        await tom.page.getByLabel('Test 1: how').selectOption('changes from');
        await tom.sentence(/still missing/);
        await tom.page.getByLabel('Test 1: value').fill('angry');
        await tom.sentence(/Mary's mood has changed from angry/);
        await tom.page.getByRole('button', { name: 'Write it as text' }).click();
        expectSame(
          'text',
          await tom.page.getByRole('textbox', { name: 'Condition' }).inputValue(),
          'mood changes from angry',
        );
        await tom.page.getByRole('textbox', { name: 'Condition' }).fill('mood changes frm angry');
        await tom.page
          .getByRole('status')
          .filter({ hasText: /expected|"frm"/ })
          .waitFor();
        expectThat(await tom.page.getByRole('button', { name: 'Send' }).isDisabled(), 'it should not be sent so');
        await tom.page.getByRole('textbox', { name: 'Condition' }).fill('mood changes from angry');
        await tom.sentence(/has changed from angry/);
        await tom.say('about Saturday');
        await tom.state('about Saturday', 'Held');
        await mary.page.getByRole('button', { name: /say more about how I am/ }).click();
        await mary.page.getByLabel('happy').check();
        await mary.page.getByRole('button', { name: 'Say so' }).click();
        await mary.openPeer('Tom');
        await mary.message('about Saturday').waitFor();
        await tom.state('about Saturday', 'Seen');
      }),
  },
  {
    name: 'pages: a held message is changed, recalled, written again, and expires',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.chooseArrival('When Mary is available');
        await tom.say('first words');
        await tom.state('first words', 'Held');
        await tom.message('first words').getByRole('button', { name: 'Change' }).click();
        const dialog = tom.page.getByRole('dialog');
        await dialog.getByLabel('Now, or when Mary comes online').check();
        await dialog.getByRole('button', { name: 'Change it' }).click();
        await tom.state('first words', 'Waiting');
        await tom.message('first words').getByRole('button', { name: 'Recall' }).click();
        await tom.state('first words', 'Recalled');
        await tom.message('first words').getByRole('button', { name: 'Write again' }).click();
        await tom.composes('first words');
        await tom.message('first words').getByRole('button', { name: 'Recalled' }).click();
        await tom.page.getByRole('dialog').getByText('You took it back before it was delivered.').waitFor();
        await tom.page.keyboard.press('Escape');
        const mary = await startPhone(world, 'mary');
        await mary.register();
        expectSame('at her phone', mary.messages.length, 0);
        await mary.publish({ availability: 'not-available' });
        await tom.chooseArrival('When Mary is available');
        await tom.say('second words');
        await tom.state('second words', 'Held');
        await shortenLife(world);
        await tom.state('second words', 'Expired');
      }),
  },
  {
    name: 'pages: who is blocked is told so, keeps the text, and is let in again',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const mary = await browser.signIn('mary');
        await mary.goTo('Privacy');
        await mary.page.getByLabel('Address to block').fill('tom@localhost');
        await mary.page.getByRole('button', { name: 'Block', exact: true }).click();
        await mary.page.getByRole('button', { name: 'Unblock' }).waitFor();
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.say('let me in');
        await tom.message('let me in').getByText('Mary does not take messages from you.').waitFor();
        await mary.page.getByRole('button', { name: 'Unblock' }).click();
        await mary.reads('Nobody. Who is blocked cannot write to you');
        await tom.message('let me in').getByRole('button', { name: 'Write again' }).click();
        await tom.composes('let me in');
        await tom.page.getByRole('button', { name: 'Send' }).click();
        await mary.openPeer('Tom');
        await mary.message('let me in').waitFor();
      }),
  },
  {
    name: 'pages: an inbox for who wants to be told or to look, and everything of one sender',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const mary = await browser.signIn('mary');
        await mary.goTo('Settings');
        await mary.page.getByLabel('Tell me, and I get them').check();
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.say('for your inbox');
        await tom.state('for your inbox', 'Waiting');
        await mary.page.getByRole('link', { name: 'Inbox 1 new', exact: true }).click();
        await mary.page.getByRole('button', { name: 'Get', exact: true }).click();
        await mary.message('for your inbox').waitFor();
        await tom.state('for your inbox', 'Seen');
        await mary.goTo('Settings');
        await mary.page.getByLabel('I look myself').check();
        await mary.be('Busy');
        await tom.chooseArrival('When Mary is available');
        await tom.say('for later');
        await tom.state('for later', 'Held');
        await tom.say('to be turned away');
        await tom.state('to be turned away', 'Waiting');
        await mary.goTo('Inbox');
        await mary.page.getByRole('button', { name: 'Turn away' }).click();
        await mary.reads('Nothing is waiting to be fetched.');
        await tom.state('to be turned away', 'Turned away');
        await mary.page.getByLabel('Address of the sender').fill('tom');
        await mary.page.getByRole('button', { name: 'Get everything' }).click();
        await mary.reads('One message of Tom.');
        await mary.openPeer('Tom');
        await mary.message('for later').waitFor();
        await tom.state('for later', 'Seen');
      }),
  },
  {
    name: 'pages: John asks to see Peter, who allows it, and may then wait for what he sees',
    tool: 'chromium',
    serverFlags: ['--visible-by-default', 'none'],
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const peter = await browser.signIn('peter');
        await peter.goTo('Privacy');
        const john = await browser.signIn('john');
        await john.writeTo('peter');
        await john.openArrival();
        await john.reads('which is nothing yet');
        expectSame('presets', await john.page.getByLabel('When Peter is available').count(), 0);
        const asks = peter.page.getByRole('region', { name: 'Who asks to see how you are' });
        await asks.getByText('john@localhost').waitFor();
        await asks.getByRole('button', { name: 'Allow' }).click();
        await asks.getByText('Nobody at the moment.').waitFor();
        await john.page.getByLabel('When Peter is available').waitFor();
      }),
  },
];
