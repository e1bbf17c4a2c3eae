/** A page in Chromium as a case uses it: it registers, sends, and tells what happened. One browser for each phone. */
import { chromium, type Page } from 'playwright-core';
import { waitUntil } from '../../processes/child-program.ts';
import { expectThat, passwordOf, patienceMs, type InteropWorld } from '../interop-case.ts';
import { type Library, pageOf } from './page-server.ts';

export interface Happening {
  readonly kind:
    | 'registered'
    | 'disconnected'
    | 'message'
    | 'fault'
    | 'invited'
    | 'joined'
    | 'session'
    | 'report'
    | 'description'
    | 'msrp closed';
  readonly text?: string;
  readonly from?: string;
}

export interface SendOutcome {
  readonly outcome: 'success' | 'failure';
  readonly status?: number;
}

export class BrowserPhone {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  /** Resolves when it is registered. */
  static async start(world: InteropWorld, origin: string, library: Library, user: string): Promise<BrowserPhone> {
    const phone = await BrowserPhone.open(world, origin, library, user);
    await phone.waitFor('registered', 1);
    return phone;
  }

  static async open(world: InteropWorld, origin: string, library: Library, user: string): Promise<BrowserPhone> {
    const executablePath = '/usr/bin/chromium';
    const errors: string[] = [];
    const args = ['--no-sandbox', '--disable-dev-shm-usage'];
    const browser = await chromium.launch({ executablePath, args, timeout: patienceMs });
    world.closeLater(() => browser.close());
    const page = await browser.newPage();
    page.setDefaultTimeout(patienceMs);
    page.on('console', (said) => said.type() === 'error' && errors.push(said.text()));
    world.showIfFailed(`errors of ${user}'s page`, () => errors.join('\n'));
    await page.goto(origin + pageOf(library));
    await page.waitForFunction('window.start !== undefined');
    const settings = { url: `${world.http.replace('http', 'ws')}/sip`, user, password: passwordOf(user) };
    await page.evaluate(`window.start(${JSON.stringify(settings)})`);
    return new BrowserPhone(page);
  }

  async send(to: string, text: string, headers: readonly string[] = []): Promise<SendOutcome> {
    return this.#page.evaluate<SendOutcome>(
      `window.phone.send(${JSON.stringify(to)}, ${JSON.stringify(text)}, ${JSON.stringify(headers)})`,
    );
  }

  /** Whatever else the page offers. */
  async ask(what: string, ...words: readonly unknown[]): Promise<unknown> {
    return this.#page.evaluate<unknown>(`window.phone.${what}(...${JSON.stringify(words)})`);
  }

  async happened(): Promise<readonly Happening[]> {
    return this.#page.evaluate<readonly Happening[]>('window.happened');
  }

  /** Resolves with the last of so many; rejects with everything that happened. */
  async waitFor(kind: Happening['kind'], count: number): Promise<Happening> {
    let found: readonly Happening[] = [];
    await waitUntil(async () => {
      found = (await this.happened()).filter((each) => each.kind === kind);
      return found.length >= count;
    }, patienceMs);
    const one = found[count - 1];
    expectThat(one !== undefined, `no ${kind} number ${count}; happened: ${JSON.stringify(await this.happened())}`);
    return one as Happening;
  }
}
