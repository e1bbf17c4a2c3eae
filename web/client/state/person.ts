/** One signed-in person in one tab: everything that is shown, and what they may do. All their tabs agree over the bus. */
import { computed, signal } from '@preact/signals';
import { ApiClient, Problem } from '../../api/call.ts';
import type { StreamState } from '../../api/event-stream.ts';
import type { Session } from '../../api/session.ts';
import type { Capabilities, DeliveryMethod, InboxItem, InboxMessage, Page, Presence } from '../../api/shapes.ts';
import { eraseDatabase, openDatabase } from '../../history/database.ts';
import { History } from '../../history/history.ts';
import type { PeerRecord } from '../../history/records.ts';
import { lead, TabBus, type TabNews } from '../../history/tab-bus.ts';
import { Reading } from '../../parts/reading.ts';
import { Arrivals, takeIn } from './arrivals.ts';
import { freshKey } from './fresh-key.ts';
import { PresenceBook } from './presence-book.ts';
import { Sending } from './sending.ts';

/** As many as one stream may watch. */
const watchedMax = 100;
/** How often a tab that is in sight says so, and for how long that is believed: one that crashed says nothing. */
const inSightEveryMs = 30_000;
const inSightMs = 75_000;
/** What is ready and not fetched that is shown. */
const readyPageMax = 100;

export class Person {
  readonly address: string;
  readonly api: ApiClient;
  readonly history: History;
  readonly sending: Sending;
  readonly peers = signal<ReadonlyMap<string, PeerRecord>>(new Map());
  readonly presence: PresenceBook;
  readonly connection = signal<StreamState>('connecting');
  /** Ready for me, and not fetched yet: for who wants to be told, or looks by themself. */
  readonly ready = new Reading<readonly InboxItem[]>();
  /** Who asks to see my presence. */
  readonly asking = new Reading<readonly string[]>();
  readonly method = new Reading<DeliveryMethod>();
  readonly capabilities = signal<Capabilities | undefined>(undefined);
  /** Counts changes of what is kept, by peer, for whoever shows them. */
  readonly changes = signal<ReadonlyMap<string, number>>(new Map());
  readonly unread = computed(() => [...this.peers.value.values()].reduce((sum, { unread }) => sum + unread, 0));
  readonly #bus: TabBus;
  readonly #tab = freshKey();
  /** When each of them said so last. */
  readonly #visibleTabs = new Map<string, number>();
  readonly #seenUnsaid = new Set<string>();
  /** What this person says of themself, one after the other: the last word is the one that counts. */
  #saying: Promise<unknown> = Promise.resolve();
  readonly #end = new AbortController();
  /** What is to be kept before this person's history closes. */
  readonly keepFirst = new Set<() => void>();
  #arrivals: Arrivals | undefined;

  private constructor(session: Session, history: History, onSignedOut: () => void) {
    this.address = session.address;
    this.api = new ApiClient(session.token, () => {
      if (!this.#end.signal.aborted) onSignedOut();
    });
    this.history = history;
    this.presence = new PresenceBook(this.api);
    this.#bus = new TabBus(session.address, (news) => void this.#hear(news));
    this.sending = new Sending(session.address, this.api, history, (peer) => this.#bus.tell({ kind: 'history', peer }));
  }

  /** Rejects when this browser keeps nothing for pages. `onSignedOut`: the token is good no more. */
  static async open(session: Session, onSignedOut: () => void): Promise<Person> {
    const person = new Person(session, new History(await openDatabase(session.address)), onSignedOut);
    await person.#loadPeers();
    person.#bus.tell({ kind: 'hello' });
    document.addEventListener('visibilitychange', person.#tellVisibility, { signal: person.#end.signal });
    window.addEventListener('pagehide', person.#tellVisibility, { signal: person.#end.signal });
    person.#tellVisibility();
    const timer = setInterval(() => person.#tellVisibility(), inSightEveryMs);
    person.#end.signal.addEventListener('abort', () => clearInterval(timer));
    void person.#begin();
    // What is kept is kept nowhere else, so the browser is asked not to clear it away when room gets short.
    void (navigator.storage as StorageManager | undefined)?.persist().catch(() => undefined);
    return person;
  }

  /** May be called again. */
  close(): void {
    if (this.#end.signal.aborted) return;
    for (const keep of this.keepFirst) keep();
    this.#end.abort();
    this.#arrivals?.stop();
    this.#bus.tell({ kind: 'visible', tab: this.#tab, isVisible: false });
    this.#bus.close();
    this.history.close();
  }

  /** The token ends with it; where the server cannot be told, it ends by itself. */
  async signOut(): Promise<void> {
    this.close();
    await this.api.call('DELETE', '/v1/tokens').catch(() => undefined);
  }

  /** Signs out, and takes everything out of this browser that was kept of this account. */
  async erase(): Promise<void> {
    await this.signOut();
    await eraseDatabase(this.address);
  }

  /** A conversation with somebody, also one that is new. */
  async meet(address: string): Promise<void> {
    if (this.peers.value.has(address)) return;
    await this.history.addPeer(address);
    this.#bus.tell({ kind: 'history', peer: address });
  }

  async forget(address: string): Promise<void> {
    await this.history.removePeer(address);
    this.#bus.tell({ kind: 'history', peer: address });
  }

  /** Everything of a peer is seen; the sender hears so who asked for that. */
  async markSeen(peer: string): Promise<void> {
    const seen = await this.history.markSeen(peer);
    if (seen.length === 0) return;
    this.#bus.tell({ kind: 'history', peer });
    for (const id of seen) this.#seenUnsaid.add(id);
    await this.#saySeen();
  }

  /** What the server could not be told is told when it is back. */
  async #saySeen(): Promise<void> {
    for (const id of this.#seenUnsaid) {
      this.#seenUnsaid.delete(id);
      await this.api.call('POST', `/v1/inbox/${encodeURIComponent(id)}/displayed`).catch((fault: unknown) => {
        if (fault instanceof Problem && fault.isPassing) this.#seenUnsaid.add(id);
      });
    }
  }

  /** Fetches one, keeps it, and says so. Rejects with `Problem`, or when it could not be kept. */
  async fetch(id: string): Promise<InboxMessage> {
    const message = await this.api.call<InboxMessage>('GET', `/v1/inbox/${encodeURIComponent(id)}`);
    await takeIn(this.api, this.history, message);
    this.#bus.tell({ kind: 'history', peer: message.from });
    await this.api.call('POST', `/v1/inbox/${encodeURIComponent(id)}/delivered`);
    this.#bus.tell({ kind: 'taken', id });
    return message;
  }

  async turnAway(id: string): Promise<void> {
    await this.api.call('DELETE', `/v1/inbox/${encodeURIComponent(id)}`);
    this.#bus.tell({ kind: 'taken', id });
  }

  loadReady(): Promise<void> {
    const path = `/v1/inbox?limit=${readyPageMax}`;
    return this.ready.load(async () => (await this.api.call<Page<InboxItem>>('GET', path)).items);
  }

  loadAsking(): Promise<void> {
    return this.asking.load(async () => {
      const { items } = await this.api.call<Page<{ readonly address: string }>>('GET', '/v1/rules/requests');
      return items.map(({ address }) => address);
    });
  }

  /** My rules changed: in all tabs. */
  rulesChanged(): void {
    this.#bus.tell({ kind: 'rules' });
  }

  /** Rejects with `Problem`. */
  say(words: Readonly<Record<string, string | null>>): Promise<void> {
    return this.#afterTheLast(async () => {
      const shown = await this.api.call<Presence>('PUT', '/v1/presence', { body: words });
      this.#bus.tell({ kind: 'presence', shown });
    });
  }

  /** Rejects with `Problem`. */
  chooseMethod(method: DeliveryMethod): Promise<void> {
    return this.#afterTheLast(async () => {
      const answer = await this.api.call<{ method: DeliveryMethod }>('PUT', '/v1/delivery', { body: { method } });
      this.method.change(() => answer.method);
      this.#bus.tell({ kind: 'rules' });
    });
  }

  #afterTheLast(work: () => Promise<void>): Promise<void> {
    const done = this.#saying.then(work);
    this.#saying = done.catch(() => undefined);
    return done;
  }

  async #begin(): Promise<void> {
    await Promise.all([this.#loadAccount().catch(() => undefined), this.#checkWatched()]);
    if (this.#end.signal.aborted) return;
    lead(this.address, this.#end.signal, () => {
      this.#arrivals = new Arrivals({
        api: this.api,
        history: this.history,
        bus: this.#bus,
        sending: this.sending,
        watched: () => this.#watched(),
        isInSight: () => [...this.#visibleTabs.values()].some((at) => at > Date.now() - inSightMs),
        onOpen: () => void this.#opened().catch(() => undefined),
        onUnknownWatched: () => this.#checkWatched(),
      });
    });
  }

  async #opened(): Promise<void> {
    await Promise.all([this.#loadAccount(), this.#lookAgain()]);
  }

  async #loadAccount(): Promise<void> {
    const askMethod = async () => (await this.api.call<{ method: DeliveryMethod }>('GET', '/v1/delivery')).method;
    const [capabilities] = await Promise.all([
      this.api.call<Capabilities>('GET', '/v1/capabilities'),
      this.method.load(askMethod),
    ]);
    this.capabilities.value = capabilities;
    await Promise.all([this.loadAsking(), this.method.value === 'push' ? this.#nothingReady() : this.loadReady()]);
  }

  #nothingReady(): Promise<void> {
    return this.ready.load(() => Promise.resolve([]));
  }

  async #loadPeers(): Promise<void> {
    this.peers.value = new Map((await this.history.peers()).map((peer) => [peer.address, peer]));
  }

  #watched(): readonly string[] {
    return this.presence.watchable.filter((address) => address !== this.address).slice(-watchedMax);
  }

  #newest(): readonly string[] {
    const newest = [...this.peers.value.values()].toSorted((a, b) => a.lastOrder - b.lastOrder).slice(-watchedMax);
    return [this.address, ...newest.map(({ address }) => address)];
  }

  /** Asks how everybody is, and learns of whom the server knows: a stream that names somebody else is not opened. */
  async #checkWatched(): Promise<void> {
    this.presence.forgetWhoIsKnown();
    await Promise.all(this.#newest().map((each) => this.presence.look(each)));
  }

  /** Asks about those of whom nobody could tell while the server was away. */
  async #lookAgain(): Promise<void> {
    const unasked = this.#newest().filter((each) => each !== this.address && this.presence.isUnasked(each));
    const found = await Promise.all(unasked.map((each) => this.presence.look(each)));
    if (found.includes(true)) this.#arrivals?.reopen();
  }

  readonly #tellVisibility = (event?: Event): void => {
    const isVisible = event?.type !== 'pagehide' && document.visibilityState === 'visible';
    this.#bus.tell({ kind: 'visible', tab: this.#tab, isVisible });
  };

  async #hear(news: TabNews): Promise<void> {
    switch (news.kind) {
      case 'history':
        return this.#historyChanged(news.peer);
      case 'connection':
        this.connection.value = news.state;
        if (news.state === 'open') await this.#saySeen();
        return;
      case 'presence':
        this.presence.hear(news.shown);
        return;
      case 'ready':
        this.ready.change((known = []) => [...known.filter(({ id }) => id !== news.item.id), news.item]);
        return;
      case 'taken':
        this.ready.change((known) => known?.filter(({ id }) => id !== news.id));
        return;
      case 'asks':
        this.asking.change((known = []) => [...new Set([...known, news.address])]);
        return;
      case 'rules':
        await this.#loadAccount().catch(() => undefined);
        return;
      case 'hello':
        if (this.#arrivals !== undefined) this.#bus.tell({ kind: 'connection', state: this.#arrivals.state });
        this.#tellVisibility();
        return;
      case 'visible':
        if (news.isVisible) this.#visibleTabs.set(news.tab, Date.now());
        else this.#visibleTabs.delete(news.tab);
        return;
      default:
        news satisfies never;
    }
  }

  async #historyChanged(address: string | undefined): Promise<void> {
    if (address === undefined) await this.#loadPeers();
    else {
      const [peer, peers] = [await this.history.peer(address), new Map(this.peers.value)];
      if (peer === undefined) peers.delete(address);
      else peers.set(address, peer);
      this.peers.value = peers;
      this.changes.value = new Map(this.changes.value).set(address, (this.changes.value.get(address) ?? 0) + 1);
      if (peer === undefined || !this.presence.isUnasked(address)) return;
      if (await this.presence.look(address)) this.#arrivals?.reopen();
    }
  }
}
