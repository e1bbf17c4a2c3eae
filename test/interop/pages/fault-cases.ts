/** What goes wrong around a page: the server is away, a sign-in ends, two tabs are open, texts are strange, or very many. */
import { expectSame, expectThat, startPhone, type InteropCase } from '../interop-case.ts';
import { becomes, PageBrowser, PageWindow } from './page-window.ts';

const script = '<img src=x onerror="document.title=`taken`"><script>document.title="taken"</script>';

export const faultCases: readonly InteropCase[] = [
  {
    name: 'pages: what is written while the server is away goes out once when it is back',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const tom = await browser.signIn('tom');
        const mary = await browser.signIn('mary');
        await tom.writeTo('mary');
        await tom.say('before');
        await mary.openPeer('Tom');
        await mary.message('before').waitFor();
        await world.killServer();
        await tom.reads('The server is away.');
        await tom.say('meanwhile');
        await tom.message('meanwhile').getByText('Sending').waitFor();
        await world.startServer();
        await tom.page.reload();
        await mary.message('meanwhile').waitFor();
        await tom.state('meanwhile', 'Seen');
        await tom.say('after');
        await mary.message('after').waitFor();
        expectSame('times', await mary.message('meanwhile').count(), 1);
        expectSame('bars', await tom.page.getByText('The server is away.').count(), 0);
      }),
  },
  {
    name: 'pages: a sign-in that ended asks for a new one and loses no draft',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.chooseArrival('When Mary is available');
        await tom.composer.fill('half a sentence');
        await world.command('user', 'password', 'tom@localhost', '--password', 'another');
        await tom.reads('Your sign-in has ended.');
        expectSame('address', await tom.page.getByLabel('Address').inputValue(), 'tom@localhost');
        await tom.page.getByLabel('Password').fill('wrong');
        await tom.page.getByRole('button', { name: 'Sign in' }).click();
        await tom.reads('Address or password is wrong.');
        await tom.page.getByLabel('Password').fill('another');
        await tom.page.getByRole('button', { name: 'Sign in' }).click();
        await tom.composer.waitFor();
        await tom.composes('half a sentence');
        await tom.page.getByRole('button', { name: 'Send' }).click();
        await tom.state('half a sentence', 'Held');
      }),
  },
  {
    name: 'pages: what the browser has no room for is not acknowledged, and comes when there is room',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const mary = await browser.signIn('mary');
        await mary.page.evaluate(fillDisk);
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.say('hold on to it');
        await mary.reads('This browser has no room to keep messages.');
        await tom.state('hold on to it', 'Waiting');
        expectSame('conversations', await mary.page.getByText('hold on to it').count(), 0);
        await mary.page.reload();
        await mary.openPeer('Tom');
        await mary.message('hold on to it').waitFor();
        await tom.state('hold on to it', 'Seen');
      }),
  },
  {
    name: 'pages: what was written while the server is away is taken back, and never sent',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const tom = await browser.signIn('tom');
        const mary = await browser.signIn('mary');
        await tom.writeTo('mary');
        await world.killServer();
        await tom.say('in anger');
        await tom.message('in anger').getByRole('button', { name: 'Recall' }).click();
        await tom.reads('The server cannot be reached.');
        await tom.say('calmly');
        // The connection is not looked for before the first is taken back.
        await tom.page.context().setOffline(true);
        await world.startServer();
        await tom.page.evaluate(noSending);
        await tom.page.context().setOffline(false);
        await tom.message('in anger').getByRole('button', { name: 'Recall' }).click();
        await tom.message('in anger').waitFor({ state: 'detached' });
        await tom.page.reload();
        await mary.openPeer('Tom');
        await mary.message('calmly').waitFor();
        expectSame('angry ones', await mary.page.getByText('in anger').count(), 0);
      }),
  },
  {
    name: 'pages: a message whose answer was lost is recalled where it is, on the server',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.page.evaluate(loseOneAnswer);
        await tom.say('sent, as nobody knows');
        await tom.message('sent, as nobody knows').getByText('Sending').waitFor();
        await tom.page.evaluate('window.lost');
        await tom.message('sent, as nobody knows').getByRole('button', { name: 'Recall' }).click();
        await tom.state('sent, as nobody knows', 'Recalled');
        const mary = await startPhone(world, 'mary');
        await mary.register();
        expectSame('kept', (await world.command('queue', '--state', 'recalled')).includes('mary@localhost'), true);
        expectSame('at her phone', mary.messages.length, 0);
      }),
  },
  {
    name: 'pages: a notification is shown when no tab is in sight, and only then',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const context = await browser.context();
        await context.grantPermissions(['notifications'], { origin: browser.origin });
        const mary = await browser.signIn('mary', undefined, context);
        await mary.page.evaluate(noteNotifications);
        await mary.goTo('Settings');
        await mary.page.getByLabel(/^Show a notification/).check();
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.say('seen at once');
        await mary.page.getByText('seen at once').first().waitFor();
        await mary.page.evaluate('window.hide()');
        await tom.say('not seen');
        await becomes('one is shown', () => mary.page.evaluate<boolean>('window.shown.length > 0'));
        expectSame('shown', JSON.stringify(await mary.page.evaluate('window.shown')), '["Tom: not seen"]');
      }),
  },
  {
    name: 'pages: two tabs agree, and one takes over when the other closes',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const first = await browser.signIn('mary');
        const second = new PageWindow(await browser.open('/', first.page.context()));
        await second.page.getByRole('group', { name: 'My availability' }).waitFor();
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.say('to both tabs');
        for (const tab of [first, second]) {
          await tab.page.getByRole('link', { name: 'Tom' }).waitFor();
          await tab.page.getByText('1 new').first().waitFor();
        }
        await second.openPeer('Tom');
        await second.message('to both tabs').waitFor();
        await first.page.getByText('1 new').first().waitFor({ state: 'detached' });
        await first.page.close();
        await tom.say('to the one that is left');
        await second.message('to the one that is left').waitFor();
        expectSame('times', await second.message('to both tabs').count(), 1);
        await second.goTo('Settings');
        const third = new PageWindow(await browser.open('/', second.page.context()));
        await third.page.getByRole('group', { name: 'My availability' }).waitFor();
        await second.page.getByRole('button', { name: 'Sign out', exact: true }).click();
        await third.page.getByRole('button', { name: 'Sign in' }).waitFor();
      }),
  },
  {
    name: 'pages: a page that came without TLS from elsewhere has no locks, and its tabs agree all the same',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        browser.isFromStrangeHost = true;
        const first = await browser.signIn('mary');
        expectSame('trusted', await first.page.evaluate('window.isSecureContext'), false);
        const second = new PageWindow(await browser.open('/', first.page.context()));
        await second.page.getByRole('group', { name: 'My availability' }).waitFor();
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.say('to a plain page');
        await tom.state('to a plain page', 'Delivered');
        for (const tab of [first, second]) {
          await tab.openPeer('Tom');
          await tab.message('to a plain page').waitFor();
          expectSame('times', await tab.message('to a plain page').count(), 1);
        }
        await tom.state('to a plain page', 'Seen');
        await first.goTo('Settings');
        await first.reads('This browser shows none for this page.');
      }),
  },
  {
    name: 'pages: who signs out on a strange machine leaves nothing there, and a name that nobody has is said to be one',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const tom = await browser.signIn('tom');
        await tom.writeTo('mray');
        await tom.reads('nobody of this address is known here');
        await tom.say('hello?');
        await tom
          .message('hello?')
          .getByText(/There is nobody of that name here|nobody called/)
          .waitFor();
        await tom.goTo('Settings');
        await tom.page.getByRole('button', { name: /remove everything/ }).click();
        await tom.page.getByRole('button', { name: 'Remove everything', exact: true }).click();
        await tom.page.getByRole('button', { name: 'Sign in' }).waitFor();
        expectSame('databases', await tom.page.evaluate('indexedDB.databases().then((all) => all.length)'), 0);
        expectSame('sign-ins', await tom.page.evaluate("localStorage.getItem('restante.session')"), null);
      }),
  },
  {
    name: 'pages: script in texts, names and conditions shows as text, and what is no text is only saved',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const mary = await browser.signIn('mary');
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.say(script);
        await mary.page.getByText(script).first().waitFor();
        await mary.openPeer('Tom');
        await mary.message(script).waitFor();
        const headers = {
          authorization: `Basic ${btoa('tom@localhost:tom-secret')}`,
          'content-type': 'application/json',
        };
        const html = { to: 'mary@localhost', contentType: 'text/html', body: btoa(script) };
        await fetch(`${world.http}/v1/messages`, { method: 'POST', headers, body: JSON.stringify(html) });
        await mary.page
          .getByText(/text\/html/)
          .first()
          .waitFor();
        const photo = { authorization: headers.authorization, 'content-type': 'image/jpeg' };
        const large = { method: 'POST', headers: photo, body: new Uint8Array(300_000) };
        await fetch(`${world.http}/v1/messages?to=mary@localhost`, large);
        await mary.page.getByText('image/jpeg, 300,000 bytes').waitFor();
        await tom.chooseArrival('My own condition');
        await tom.page.getByRole('button', { name: 'Write it as text' }).click();
        await tom.page.getByRole('textbox', { name: 'Condition' }).fill(script);
        await tom.page.getByRole('status').filter({ hasText: /</ }).waitFor();
        for (const { page } of [tom, mary]) {
          expectThat(!(await page.title()).includes('taken'), 'a script ran');
          expectSame('images of the text', await page.locator('img[src="x"]').count(), 0);
        }
      }),
  },
  {
    name: 'pages: ten thousand messages of a conversation are there, and scroll',
    tool: 'chromium',
    play: (world) =>
      PageBrowser.play(world, async (browser) => {
        const tom = await browser.signIn('tom');
        await tom.writeTo('mary');
        await tom.say('the newest');
        await tom.state('the newest', 'Waiting');
        await tom.page.evaluate(fillHistory);
        await tom.page.reload();
        await tom.message('number 9999 is the last').waitFor();
        // However many steps it takes: a slow disk gives its pages later than frames are drawn.
        while ((await tom.message('number 0 ').count()) === 0) {
          await tom.page.evaluate("document.querySelector('.messages').scrollTop = 0");
          await tom.page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
        }
        // However long the conversation is, a frame draws no more than these.
        const rows = await tom.page.getByRole('article').count();
        expectThat(rows <= 240, `${rows} messages are in the page at once`);
        await tom.page.getByRole('button', { name: 'Newest' }).click();
        await tom.message('number 9999 is the last').waitFor();
        await becomes('the end is in sight', () => tom.page.evaluate<boolean>(isAtEnd));
      }),
  },
];

const isAtEnd = `(({ scrollHeight, clientHeight, scrollTop }) => scrollHeight - clientHeight - scrollTop < 80)(
  document.querySelector('.messages'),
)`;

/** Runs in the page: a disk that is full. */
const fillDisk = `IDBObjectStore.prototype.put = function () {
  throw new DOMException('the disk is full', 'QuotaExceededError');
}`;

/** Runs in the page: nothing but questions about keys gets through, as when an answer is lost on the way. */
const noSending = `(() => {
  const real = window.fetch;
  window.fetch = (path, options = {}) =>
    path === '/v1/messages' && !String(options.body).includes('9998') ? Promise.reject(new TypeError('lost')) : real(path, options);
})()`;

/** Runs in the page: the next message gets through, and its answer does not; `lost` resolves then. */
export const loseOneAnswer = `(() => {
  const real = window.fetch;
  window.lost = new Promise((isLost) => {
    window.fetch = async (path, options = {}) => {
      const answer = await real(path, options);
      if (path !== '/v1/messages' || options.method !== 'POST') return answer;
      window.fetch = real;
      isLost();
      throw new TypeError('lost');
    };
  });
  return 0;
})()`;

/** Runs in the page: notes what would be shown, and lets the page be out of sight. */
const noteNotifications = `(() => {
  window.shown = [];
  ServiceWorkerRegistration.prototype.showNotification = async (title, { body }) => void window.shown.push(title + ': ' + body);
  window.hide = () => {
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
  };
})()`;

/** Runs in the page: history as a year of writing would leave it. */
const fillHistory = `new Promise((done, fail) => {
  const opening = indexedDB.open('restante tom@localhost');
  opening.onerror = () => fail(opening.error);
  opening.onsuccess = () => {
    const writing = opening.result.transaction(['messages', 'peers'], 'readwrite');
    const messages = writing.objectStore('messages');
    const start = Date.now() - 10000 * 60000;
    for (let at = 0; at < 10000; at += 1) {
      const text = 'number ' + at + ' of ten thousand' + (at % 7 === 0 ? '\\nwith a second line' : '');
      const time = start + at * 60000;
      messages.put(at % 3 === 0
        ? { direction: 'in', key: 'k' + at, id: 'k' + at, peer: 'mary@localhost', order: time, at: time, receivedAt: time, deferred: at % 2 === 0, text, isSeen: true }
        : { direction: 'out', key: 'k' + at, id: 'k' + at, peer: 'mary@localhost', order: time, at: time, text, state: 'displayed' });
    }
    messages.put({ direction: 'out', key: 'last', id: 'last', peer: 'mary@localhost', order: Date.now() + 1, at: Date.now(), text: 'number 9999 is the last', state: 'displayed' });
    writing.oncomplete = () => done();
    writing.onerror = () => fail(writing.error);
  };
})`;
