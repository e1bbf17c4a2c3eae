import { beforeEach, describe, expect, it } from 'vitest';
import { Counters } from '../../base/counters.ts';
import { silentLog } from '../../base/log.ts';
import { StoreFault } from '../../base/store-fault.ts';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import type { Address } from '../../model/address.ts';
import type { PresenceChanged } from '../../model/presence-changed.ts';
import { memoryStores, type MemoryStores } from '../../stores/memory/memory-stores.ts';
import { PresenceService } from '../presence-service.ts';
import { standingWordsMax } from './standing-words.ts';

const mary = 'mary@example.com' as Address;
const settleMs = 3_000;

let time: VirtualTime;
let stores: MemoryStores;
let service: PresenceService;
let events: PresenceChanged[];
let storeFault: StoreFault | undefined;

async function open(from?: ReturnType<MemoryStores['crash']>): Promise<void> {
  let ids = 0;
  const beforeCall = (): void => {
    if (storeFault !== undefined) throw storeFault;
  };
  stores = memoryStores({ beforeCall, ...(from === undefined ? {} : { from }) });
  service = new PresenceService({
    clock: time,
    timers: time,
    ids: { randomToken: () => `tag${++ids}`, timeOrderedId: () => `id${++ids}`, fraction: () => 0.5 },
    publications: stores.publications,
    rules: stores.rules,
    readDocumentAt: () => undefined,
    settings: { settleMs, deliverOn: 'register', visibleByDefault: ['online'] },
    log: silentLog,
    counters: new Counters(),
  });
  await service.start();
  events = [];
  service.onChanged((event) => void events.push(event));
}

const current = (): unknown => Object.fromEntries(service.current(mary).state);

beforeEach(async () => {
  time = new VirtualTime();
  storeFault = undefined;
  await open();
});

describe('what somebody says of themself, attribute by attribute', () => {
  const say = (words: Record<string, string[] | null>, forMs = 10_000) =>
    service.revise({ presentity: mary, words: new Map(Object.entries(words)), expiresAt: time.wall() + forMs });

  it('named ones are set, null removes, the rest stays, also over a restart', async () => {
    await say({ mood: ['happy'], activity: ['working'] });
    await say({ mood: ['sad'], Activity: null, sphere: ['home'] });
    await say({ privacy: null });
    expect(current()).toEqual({ online: ['false'], mood: ['sad'], sphere: ['home'] });
    await open(stores.crash());
    expect(current()).toEqual({ online: ['false'], mood: ['sad'], sphere: ['home'] });
    expect(service.publicationsOf(mary)).toEqual([]);
  });

  it('each counts from when it was said: a client that publishes later wins for what it names', async () => {
    await say({ mood: ['happy'], activity: ['working'] });
    const content = { state: new Map([['mood', ['angry']]]), document: new Uint8Array() };
    await service.publish({ presentity: mary, publisher: mary, content });
    await say({ activity: ['meeting'] });
    expect(current()).toEqual({ online: ['false'], mood: ['angry'], activity: ['meeting'] });
  });

  it('each ends at its time', async () => {
    await say({ mood: ['happy'] }, 1000);
    await say({ sphere: ['home'] });
    await time.advance(1000);
    expect(current()).toEqual({ online: ['false'], sphere: ['home'] });
  });

  it('one event for all words, and none for what was said before', async () => {
    await say({ mood: ['happy'], sphere: ['home'] });
    await say({ mood: ['happy'] });
    expect(events.map(({ changed }) => changed)).toEqual([['mood', 'sphere']]);
  });

  it('does not settle a login: a client may be about to publish', async () => {
    await say({ mood: ['happy'] });
    service.reachabilityChanged(mary, true, true);
    expect(service.current(mary).isSettled).toBe(false);
    await time.advance(settleMs);
    expect(service.current(mary).isSettled).toBe(true);
    expect(current()).toMatchObject({ availability: ['available'] });
  });

  it('standingWordsMax at once and not one more', async () => {
    const words = (count: number, from = 0) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${from + index}`, ['y']]));
    expect(await say(words(standingWordsMax))).toMatchObject({ kind: 'published' });
    expect(await say(words(1, standingWordsMax))).toEqual({ kind: 'too-many' });
    expect(await say({ ...words(1, standingWordsMax), 'x-0': null })).toMatchObject({ kind: 'published' });
  });

  it('a store that fails is told and changes nothing', async () => {
    storeFault = new StoreFault('full', true);
    expect(await say({ mood: ['happy'] })).toMatchObject({ kind: 'store-unavailable' });
    expect(current()).toEqual({ online: ['false'] });
  });
});
