/** One person's window, and what must never happen in it: faults, breaches of the content policy, requests to elsewhere. */
import { chromium, type Browser, type BrowserContext, type Locator, type Page } from 'playwright-core';
import { pauseMs, waitUntil } from '../../processes/child-program.ts';
import { expectThat, passwordOf, patienceMs, type InteropWorld } from '../interop-case.ts';
import { startSlowNetwork, type HoldBack } from './slow-network.ts';

export interface WindowLook {
  readonly scheme?: 'light' | 'dark';
  readonly width?: number;
  readonly height?: number;
  readonly isPhone?: boolean;
}

/** What Chromium prints of answers that a page expects. */
const expectedErrors = /^Failed to load resource: (?:net::ERR_|the server responded with a status of (?:4|503))/;

/**
 * Handicaps for all cases, to hunt what depends on how long anything takes: answers that come up to so many milliseconds late,
 * and a page that is so many times slower.
 */
const lateMsMax = Number(process.env['RESTANTE_PAGES_LATE_MS'] ?? 0);
const slowerTimes = Number(process.env['RESTANTE_PAGES_SLOWER_TIMES'] ?? 1);

/** A name that is this machine, and that a browser does not know to be: what comes from there without TLS is not trusted. */
const strangeHost = 'restante.test';

/** Resolves when it is so; rejects with what should have come. */
export async function becomes(what: string, isSo: () => Promise<boolean>): Promise<void> {
  let isThere = false;
  await waitUntil(async () => {
    isThere = await isSo();
    return isThere;
  }, patienceMs);
  expectThat(isThere, `it never came to this: ${what}`);
}

async function startBrowser(): Promise<Browser> {
  const executablePath = '/usr/bin/chromium';
  const args = ['--no-sandbox', '--disable-dev-shm-usage', `--host-resolver-rules=MAP ${strangeHost} 127.0.0.1`];
  return chromium.launch({ executablePath, args });
}

/** A browser for a case; at its end whatever must never happen has not happened in any window. */
export class PageBrowser {
  readonly #world: InteropWorld;
  readonly #browser: Browser;
  #network: string;
  /** Pages come from a host that the browser does not trust. */
  isFromStrangeHost = false;
  readonly faults: string[] = [];

  private constructor(world: InteropWorld, browser: Browser) {
    this.#world = world;
    this.#browser = browser;
    this.#network = world.http;
  }

  /** Plays a case, and rejects too when something happened that must not. */
  static async play(world: InteropWorld, work: (browser: PageBrowser) => Promise<void>): Promise<void> {
    const browser = await startBrowser();
    world.closeLater(() => browser.close());
    const pages = new PageBrowser(world, browser);
    if (lateMsMax > 0) await pages.slowDown(() => pauseMs(Math.random() * lateMsMax));
    await work(pages);
    expectThat(pages.faults.length === 0, `in the pages:\n${pages.faults.join('\n')}`);
  }

  get origin(): string {
    return this.isFromStrangeHost ? this.#network.replace('127.0.0.1', strangeHost) : this.#network;
  }

  /** Pages that are opened from now on reach the server over a network that keeps answers back. */
  async slowDown(holdBack: HoldBack): Promise<void> {
    const network = await startSlowNetwork(this.#world.http, holdBack);
    this.#world.closeLater(() => network.close());
    this.#network = network.origin;
  }

  async context(look: WindowLook = {}): Promise<BrowserContext> {
    const { scheme = 'light', width = 1180, height = 780, isPhone = false } = look;
    const viewport = { width, height };
    return this.#browser.newContext({ viewport, colorScheme: scheme, hasTouch: isPhone, reducedMotion: 'reduce' });
  }

  /** Another window of the same browser profile, where a context is given. */
  async open(path: string, context?: BrowserContext, look?: WindowLook): Promise<Page> {
    const page = await (context ?? (await this.context(look))).newPage();
    page.setDefaultTimeout(patienceMs);
    if (slowerTimes > 1) {
      const session = await page.context().newCDPSession(page);
      await session.send('Emulation.setCPUThrottlingRate', { rate: slowerTimes });
    }
    page.on('pageerror', (fault) => this.faults.push(String(fault.stack ?? fault)));
    page.on('console', (message) => {
      const isFault = message.type() === 'error' && !expectedErrors.test(message.text());
      if (isFault) this.faults.push(message.text());
    });
    const { origin } = this;
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.origin !== origin && url.protocol !== 'blob:') this.faults.push(`asks ${url.href}`);
    });
    await page.goto(origin + path);
    return page;
  }

  async signIn(user: string, look?: WindowLook, context?: BrowserContext): Promise<PageWindow> {
    const page = await this.open('/', context, look);
    await page.getByLabel('Address').fill(user);
    await page.getByLabel('Password').fill(passwordOf(user));
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('group', { name: 'My availability' }).waitFor();
    return new PageWindow(page);
  }
}

export class PageWindow {
  readonly page: Page;

  constructor(page: Page) {
    this.page = page;
  }

  /** Opens the conversation with somebody, also a new one. */
  async writeTo(user: string): Promise<void> {
    await this.page.getByLabel('Find somebody, or an address to write to').fill(user);
    await this.page.getByRole('button', { name: 'Begin a conversation' }).click();
    await this.composer.waitFor();
  }

  get composer(): Locator {
    return this.page.getByRole('textbox', { name: /^Message to / });
  }

  async say(text: string): Promise<void> {
    await this.composer.fill(text);
    await this.page.getByRole('button', { name: 'Send' }).click();
  }

  /** Resolves when this is what the composer holds. */
  async composes(text: string): Promise<void> {
    await becomes(`the composer holds ${text}`, async () => (await this.composer.inputValue()) === text);
  }

  async openArrival(): Promise<void> {
    await this.page.getByRole('button', { name: /^When should it arrive/ }).click();
  }

  /** Opens the choices and takes the one that is called so. */
  async chooseArrival(label: string | RegExp): Promise<void> {
    await this.openArrival();
    await this.page.getByLabel(label).check();
  }

  /** The sentence below the choices, once it matches. */
  async sentence(words: RegExp): Promise<void> {
    await this.page.getByRole('status').filter({ hasText: words }).waitFor();
  }

  /** The message with this text, once it is shown. */
  message(text: string): Locator {
    return this.page.getByRole('article').filter({ hasText: text });
  }

  /** Resolves when the message with this text is so. */
  async state(text: string, word: string): Promise<void> {
    await this.message(text).getByRole('button', { name: word }).waitFor();
  }

  async be(availability: 'Available' | 'Busy' | 'Discreet'): Promise<void> {
    await this.page.getByLabel(availability, { exact: true }).check();
  }

  async goTo(place: 'Inbox' | 'Waiting' | 'Privacy' | 'Settings'): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Places' }).getByRole('link', { name: place }).click();
    await this.page.getByRole('heading', { name: place, level: 1 }).waitFor();
  }

  async openPeer(name: string): Promise<void> {
    await this.page.getByRole('navigation', { name: 'Conversations' }).getByRole('link', { name }).click();
    await this.composer.waitFor();
  }

  /** Resolves when these words stand somewhere. */
  async reads(words: string | RegExp): Promise<void> {
    await this.page.getByText(words).first().waitFor();
  }
}
