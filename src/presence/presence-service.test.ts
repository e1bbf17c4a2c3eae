import { beforeEach, describe, expect, it } from 'vitest';
import { Counters } from '../base/counters.ts';
import { silentLog } from '../base/log.ts';
import { StoreFault } from '../base/store-fault.ts';
import { VirtualTime } from '../base/time/virtual-time.ts';
import type { Address } from '../model/address.ts';
import type { PresenceChanged } from '../model/presence-changed.ts';
import type { PresenceState } from '../model/presence-state.ts';
import { memoryStores, type MemoryStores } from '../stores/memory/memory-stores.ts';
import type { WatcherRule } from './ports.ts';
import { PresenceService, type PresenceListener, type PresenceSettings } from './presence-service.ts';
import type { PublishOutcome, PublishRequest } from './publication/publisher.ts';
import { turnsMax } from './turns.ts';

const mary = 'mary@example.com' as Address;
const tom = 'tom@example.com' as Address;
const settings: PresenceSettings = { settleMs: 3_000, deliverOn: 'register', visibleByDefault: ['online'] };

let time: VirtualTime;
let stores: MemoryStores;
let events: PresenceChanged[];
let service: PresenceService;
let holdStore: Promise<void> | undefined;
let storeFault: StoreFault | undefined;

async function open(changes: Partial<PresenceSettings> = {}, listener?: PresenceListener): Promise<void> {
  let ids = 0;
  service = new PresenceService({
    clock: time,
    timers: time,
    ids: { randomToken: () => `tag${++ids}-${time.wall()}`, timeOrderedId: () => `id${++ids}`, fraction: () => 0.5 },
    publications: stores.publications,
    rules: stores.rules,
    settings: { ...settings, ...changes },
    log: silentLog,
    counters: new Counters(),
    readDocumentAt: () => undefined,
  });
  await service.start();
  service.onChanged((event) => void events.push(event));
  if (listener !== undefined) service.onChanged(listener);
}

/** A server that starts again on what was durable. */
async function restart(): Promise<void> {
  stores = newStores(stores.crash());
  await open();
}

function newStores(from?: ReturnType<MemoryStores['crash']>): MemoryStores {
  const beforeCall = async (): Promise<void> => {
    await holdStore;
    if (storeFault !== undefined) throw storeFault;
  };
  return memoryStores({ beforeCall, ...(from === undefined ? {} : { from }) });
}

function publish(values: Record<string, string[]>, changes: Partial<PublishRequest> = {}): Promise<PublishOutcome> {
  const content = { state: new Map(Object.entries(values)), document: new Uint8Array() };
  return service.publish({ presentity: mary, publisher: mary, content, expires: 600, ...changes });
}

async function publishedTag(values: Record<string, string[]>, changes: Partial<PublishRequest> = {}): Promise<string> {
  const outcome = await publish(values, changes);
  if (outcome.kind !== 'published') throw new Error(outcome.kind);
  return outcome.entityTag;
}

const refresh = (entityTag: string, expires = 600): Promise<PublishOutcome> =>
  service.publish({ presentity: mary, publisher: mary, entityTag, expires });
const plain = (state: PresenceState): Record<string, unknown> => Object.fromEntries(state);
const current = (): Record<string, unknown> => plain(service.current(mary).state);
const told = (): unknown[] => events.map(({ changed }) => changed);

beforeEach(async () => {
  time = new VirtualTime();
  stores = newStores();
  events = [];
  holdStore = undefined;
  storeFault = undefined;
  await open();
});

describe('publishing', () => {
  it('composes, tells, and counts the versions up', async () => {
    const before = service.current(mary).version;
    await publish({ availability: ['not-available'], mood: ['angry'] });
    await publish({ availability: ['available'] });
    expect(current()).toEqual({ online: ['false'], availability: ['available'], mood: ['angry'] });
    expect(told()).toEqual([['availability', 'mood'], ['availability']]);
    const versions = events.map(({ snapshot }) => snapshot.version);
    expect(versions[0]).toBeGreaterThan(before);
    expect(versions[1]).toBeGreaterThan(versions[0] ?? 0);
    expect(events.map(({ snapshot }) => snapshot.state.get('availability'))).toEqual([
      ['not-available'],
      ['available'],
    ]);
  });

  it('is for nobody else', async () => {
    expect(await publish({ mood: ['sad'] }, { publisher: tom })).toEqual({ kind: 'not-allowed' });
    expect(events).toEqual([]);
  });

  it('has a new tag each time, and the old one is dead at once', async () => {
    const first = await publishedTag({ mood: ['sad'] });
    const second = await publishedTag({ mood: ['happy'] }, { entityTag: first });
    expect(second).not.toBe(first);
    expect(await publish({ mood: ['calm'] }, { entityTag: first })).toEqual({ kind: 'unknown-tag' });
    const third = await refresh(second);
    expect(third).toMatchObject({ kind: 'published', expires: 600 });
    expect(await refresh(second)).toEqual({ kind: 'unknown-tag' });
    expect(told()).toEqual([['mood'], ['mood']]);
  });

  it('replaces the whole publication when it is modified', async () => {
    const tag = await publishedTag({ mood: ['sad'], activity: ['meal'] });
    await publish({ activity: ['travel'] }, { entityTag: tag });
    expect(current()).toEqual({ online: ['false'], activity: ['travel'] });
    expect(plain(service.current(mary).lastKnown)).toMatchObject({ mood: ['sad'] });
  });

  it('a refresh is not newer, a modification is', async () => {
    const old = await publishedTag({ mood: ['sad'] });
    await publish({ mood: ['happy'] });
    const refreshed = await refresh(old);
    expect(current()).toMatchObject({ mood: ['happy'] });
    const entityTag = refreshed.kind === 'published' ? refreshed.entityTag : '';
    await publish({ mood: ['sad'] }, { entityTag });
    expect(current()).toMatchObject({ mood: ['sad'] });
  });

  it('tells nobody of what changes nothing', async () => {
    const tag = await publishedTag({ mood: ['sad'] });
    await publish({ mood: ['SAD'] }, { entityTag: tag });
    await publish({ mood: ['sad'] });
    expect(told()).toEqual([['mood']]);
  });

  it('shows the older one again when the newer is removed or expires', async () => {
    await publish({ mood: ['sad'] }, { expires: 3_600 });
    const tag = await publishedTag({ mood: ['happy'] });
    await service.publish({ presentity: mary, publisher: mary, entityTag: tag, expires: 0 });
    expect(current()).toMatchObject({ mood: ['sad'] });
    await publish({ mood: ['calm'] }, { expires: 60 });
    await time.advance(59_999);
    expect(current()).toMatchObject({ mood: ['calm'] });
    await time.advance(1);
    expect(current()).toMatchObject({ mood: ['sad'] });
    await time.advance(3_600_000);
    expect(current()).toEqual({ online: ['false'] });
    expect(told()).toEqual([['mood'], ['mood'], ['mood'], ['mood'], ['mood'], ['mood']]);
    expect(await stores.publications.publications(undefined, 10)).toEqual([]);
  });

  it('a refresh makes it live longer', async () => {
    const tag = await publishedTag({ mood: ['sad'] }, { expires: 60 });
    await time.advance(50_000);
    await refresh(tag, 60);
    await time.advance(50_000);
    expect(current()).toMatchObject({ mood: ['sad'] });
    await time.advance(10_000);
    expect(current()).toEqual({ online: ['false'] });
  });

  it('comes in order when several are under way at once, each with its event', async () => {
    const outcomes = await Promise.all(['a', 'b', 'c'].map((mood) => publish({ mood: [mood] })));
    expect(outcomes.map(({ kind }) => kind)).toEqual(['published', 'published', 'published']);
    expect(events.map(({ snapshot }) => snapshot.state.get('mood'))).toEqual([['a'], ['b'], ['c']]);
  });

  it('lets so many wait, and refuses one more', async () => {
    const outcomes = await Promise.all(
      Array.from({ length: turnsMax + 1 }, (_, index) => publish({ mood: [`${index}`] }, { expires: 0 })),
    );
    const kinds = outcomes.map(({ kind }) => kind);
    expect(kinds.slice(0, turnsMax).every((kind) => kind === 'published')).toBe(true);
    expect(kinds[turnsMax]).toBe('too-fast');
  });

  it('gives its documents the newest first', async () => {
    const document = (text: string): Uint8Array => new TextEncoder().encode(text);
    const state = new Map([['mood', ['sad']]]);
    await publish({}, { content: { state, document: document('old') } });
    await publish({}, { content: { state, document: document('new').subarray(0) } });
    expect(service.publicationsOf(mary).map((one) => new TextDecoder().decode(one.document))).toEqual(['new', 'old']);
    expect(service.publicationsOf(tom)).toEqual([]);
  });
});

describe('durability', () => {
  it('answers and tells after the commit only', async () => {
    let release = (): void => {};
    holdStore = new Promise((resolve) => (release = resolve));
    const outcome = publish({ mood: ['sad'] });
    await time.settle();
    expect([current(), events]).toEqual([{ online: ['false'] }, []]);
    release();
    expect(await outcome).toMatchObject({ kind: 'published' });
    expect(events).toHaveLength(1);
  });

  it('changes nothing when the store fails', async () => {
    const tag = await publishedTag({ mood: ['sad'] });
    storeFault = new StoreFault('disk full', true);
    expect(await publish({ mood: ['happy'] }, { entityTag: tag })).toEqual({
      kind: 'store-unavailable',
      retryAfter: 10,
    });
    expect(await refresh(tag)).toMatchObject({ kind: 'store-unavailable' });
    expect(current()).toMatchObject({ mood: ['sad'] });
    storeFault = undefined;
    expect(await refresh(tag)).toMatchObject({ kind: 'published' });
    expect(events).toHaveLength(1);
  });

  it('waits for what listeners do, and stands when they cannot', async () => {
    let act = (_fault?: StoreFault): void => {};
    await open(
      {},
      () => new Promise((resolve, reject) => (act = (fault) => (fault === undefined ? resolve() : reject(fault)))),
    );
    let answered = 0;
    void publish({ mood: ['sad'] }).then(() => (answered += 1));
    await time.settle();
    expect([current(), answered]).toEqual([{ online: ['false'], mood: ['sad'] }, 0]);
    act();
    await time.settle();
    expect(answered).toBe(1);
    const second = publish({ mood: ['happy'] });
    await time.settle();
    act(new StoreFault('locked', true));
    expect(await second).toMatchObject({ kind: 'published' });
  });

  it('keeps publications, last known values and growing versions over a restart', async () => {
    const tag = await publishedTag({ mood: ['sad'] });
    await publish({ activity: ['meal'] }, { expires: 60 });
    service.reachabilityChanged(mary, true, true);
    service.reachabilityChanged(mary, false, false);
    const { version } = service.current(mary);
    await time.advance(100_000);
    await restart();
    expect(current()).toEqual({ online: ['false'], mood: ['sad'] });
    expect(plain(service.current(mary).lastKnown)).toMatchObject({ mood: ['sad'], activity: ['meal'] });
    expect(service.current(mary).version).toBeGreaterThan(version);
    expect(await refresh(tag)).toMatchObject({ kind: 'published' });
    await time.advance(600_000);
    expect(current()).toEqual({ online: ['false'] });
    expect(await stores.publications.publications(undefined, 10)).toEqual([]);
  });

  it('drops what ended while the server was down', async () => {
    await publish({ mood: ['sad'] }, { expires: 60 });
    const left = stores.crash();
    time.stepWall(60_000);
    stores = newStores(left);
    await open();
    expect(current()).toEqual({ online: ['false'] });
    await time.settle();
    expect(await stores.publications.publications(undefined, 10)).toEqual([]);
  });

  it('saves values that nobody published, when the store can again', async () => {
    storeFault = new StoreFault('disk full', true);
    service.reachabilityChanged(mary, true, true);
    await time.advance(3_000);
    storeFault = undefined;
    await time.advance(5_000);
    service.reachabilityChanged(mary, false, false);
    await restart();
    expect(plain(service.current(mary).lastKnown)).toEqual({ online: ['false'], availability: ['available'] });
  });
});

describe('settling', () => {
  it('leaves availability unknown until it is over', async () => {
    service.reachabilityChanged(mary, true, true);
    expect(service.current(mary)).toMatchObject({ isSettled: false, isPublished: false });
    expect(current()).toEqual({ online: ['true'] });
    await time.advance(2_999);
    expect(service.current(mary).isSettled).toBe(false);
    await time.advance(1);
    expect(service.current(mary).isSettled).toBe(true);
    expect(current()).toEqual({ online: ['true'], availability: ['available'] });
    expect(told()).toEqual(['all', 'all']);
  });

  it('ends with a publication', async () => {
    service.reachabilityChanged(mary, true, true);
    const entityTag = await publishedTag({ mood: ['angry'], availability: ['not-available'] });
    expect(service.current(mary)).toMatchObject({ isSettled: true, isPublished: true });
    await service.publish({ presentity: mary, publisher: mary, entityTag, expires: 0 });
    expect(service.current(mary)).toMatchObject({ isSettled: true, isPublished: false });
    await time.advance(3_000);
    expect(told()).toEqual(['all', 'all', ['availability', 'mood']]);
  });

  it('is not needed when something is published, and not for a second client', async () => {
    const entityTag = await publishedTag({ mood: ['angry'] });
    service.reachabilityChanged(mary, true, true);
    expect(service.current(mary).isSettled).toBe(true);
    await service.publish({ presentity: mary, publisher: mary, entityTag, expires: 0 });
    expect(service.current(mary).isSettled).toBe(true);
    service.reachabilityChanged(tom, true, true);
    await time.advance(3_000);
    service.reachabilityChanged(tom, true, false);
    service.reachabilityChanged(tom, true, true);
    expect(service.current(tom).isSettled).toBe(true);
  });

  it('begins anew after an absence, and is over when the client goes', async () => {
    service.reachabilityChanged(mary, true, true);
    await time.advance(2_000);
    service.reachabilityChanged(mary, false, false);
    expect(service.current(mary).isSettled).toBe(true);
    service.reachabilityChanged(mary, true, true);
    await time.advance(2_000);
    expect(service.current(mary).isSettled).toBe(false);
    await time.advance(1_000);
    expect(service.current(mary).isSettled).toBe(true);
  });

  it('knows nothing to assume of a silent client, and with deliver-on publish', async () => {
    service.reachabilityChanged(mary, true, true);
    await time.advance(3_000);
    service.reachabilityChanged(mary, true, false);
    expect(current()).toEqual({ online: ['false'] });
    await open({ deliverOn: 'publish' });
    service.reachabilityChanged(mary, true, true);
    await time.advance(3_000);
    expect(current()).toEqual({ online: ['true'] });
    events = [];
    await publish({ mood: ['sad'] });
    expect(told()).toEqual(['all']);
  });

  it('can be switched off, and comes again after a restart', async () => {
    await open({ settleMs: 0 });
    service.reachabilityChanged(mary, true, true);
    expect(current()).toEqual({ online: ['true'], availability: ['available'] });
    await time.settle();
    await restart();
    service.reachabilityChanged(mary, true, true);
    expect(service.current(mary).isSettled).toBe(false);
    expect(plain(service.current(mary).lastKnown)).toMatchObject({ availability: ['available'] });
  });
});

describe('rules', () => {
  const allow: WatcherRule = { watchers: [tom], attributes: ['mood'], action: 'allow' };

  it('decide what is seen, are durable, and are told of', async () => {
    await publish({ mood: ['sad'] });
    const seen = (): unknown => plain(service.visiblePresence(mary, tom, service.current(mary)).state);
    expect(seen()).toEqual({ online: ['false'] });
    expect(await service.setRules(mary, [allow])).toEqual({ kind: 'changed' });
    expect(await service.setRules(mary, [allow])).toEqual({ kind: 'unchanged' });
    expect(seen()).toEqual({ online: ['false'], mood: ['sad'] });
    expect(told()).toEqual([['mood'], 'all']);
    await restart();
    expect(seen()).toEqual({ online: ['false'], mood: ['sad'] });
    expect(service.rulesOf(mary)).toEqual([allow]);
    service.rulesChanged(mary, []);
    expect(seen()).toEqual({ online: ['false'] });
    expect(service.visibility(mary, tom).handling).toBe('allow');
    expect(service.visibility(mary, 'eve@other.org' as Address).handling).toBe('confirm');
  });

  it('stay when the store fails', async () => {
    storeFault = new StoreFault('disk full', true);
    expect(await service.setRules(mary, [allow])).toEqual({ kind: 'store-unavailable', isTemporary: true });
    expect(service.rulesOf(mary)).toEqual([]);
  });

  it('are forgotten with the account, like all else, and a publication under way leaves nothing', async () => {
    await publish({ mood: ['sad'] });
    await service.setRules(mary, [allow]);
    let release = (): void => {};
    holdStore = new Promise((resolve) => (release = resolve));
    const late = publish({ mood: ['happy'] });
    await time.settle();
    await Promise.resolve();
    const { version } = service.current(mary);
    service.forget(mary);
    release();
    holdStore = undefined;
    await late;
    await time.settle();
    expect(current()).toEqual({ online: ['false'] });
    expect([service.rulesOf(mary), service.publicationsOf(mary)]).toEqual([[], []]);
    expect(service.current(mary).version).toBeGreaterThan(version);
    expect(events.at(-1)).toMatchObject({ presentity: mary, changed: 'all' });
    const rows = await stores.publications.publications(undefined, 10);
    expect(rows.map(({ state }) => state.get('mood'))).toEqual([['sad']]);
  });
});
