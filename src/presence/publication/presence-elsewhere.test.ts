import { beforeEach, describe, expect, it } from 'vitest';
import { Counters } from '../../base/counters.ts';
import { silentLog } from '../../base/log.ts';
import { StoreFault } from '../../base/store-fault.ts';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import type { Address } from '../../model/address.ts';
import type { PresenceChanged } from '../../model/presence-changed.ts';
import { memoryStores, type MemoryStores } from '../../stores/memory/memory-stores.ts';
import { PresenceService } from '../presence-service.ts';
import { expiryToleranceMs, type ElsewhereWord } from './presence-elsewhere.ts';

const mary = 'mary@example.com' as Address;
const settleMs = 3_000;

let time: VirtualTime;
let stores: MemoryStores;
let service: PresenceService;
let events: PresenceChanged[];
let calls: string[];
let storeFault: StoreFault | undefined;

async function open(from?: ReturnType<MemoryStores['crash']>): Promise<void> {
  let ids = 0;
  const beforeCall = (name: string): void => {
    calls.push(name);
    if (storeFault !== undefined) throw storeFault;
  };
  calls = [];
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
  calls = [];
  service.onChanged((event) => void events.push(event));
}

function hear(words: Record<string, string[]> | 'same' | undefined, forMs = 600_000) {
  const content: ElsewhereWord['content'] =
    words === undefined || words === 'same'
      ? words
      : { state: new Map(Object.entries(words)), document: new TextEncoder().encode(JSON.stringify(words)) };
  return service.hearElsewhere({ presentity: mary, content, expiresAt: time.wall() + forMs });
}

const current = (): unknown => Object.fromEntries(service.current(mary).state);

beforeEach(async () => {
  time = new VirtualTime();
  storeFault = undefined;
  await open();
});

describe('what another presence server says', () => {
  it('is one more publication: it replaces what it said before, and is known over a restart', async () => {
    await hear({ mood: ['happy'], activity: ['working'] });
    await hear({ mood: ['sad'] });
    expect(current()).toEqual({ online: ['false'], mood: ['sad'] });
    expect(events.map(({ changed }) => changed)).toEqual([
      ['mood', 'activity'],
      ['mood', 'activity'],
    ]);
    await open(stores.crash());
    expect(current()).toEqual({ online: ['false'], mood: ['sad'] });
    await hear({ mood: ['calm'] });
    expect(current()).toEqual({ online: ['false'], mood: ['calm'] });
    expect(service.publicationsOf(mary)).toHaveLength(1);
  });

  it('holds until its end, and then nothing is known', async () => {
    await hear({ mood: ['happy'] }, 60_000);
    await time.advance(59_999);
    expect(current()).toEqual({ online: ['false'], mood: ['happy'] });
    await time.advance(1);
    expect(current()).toEqual({ online: ['false'] });
  });

  it('said again holds longer and is no newer than what was said here meanwhile', async () => {
    await hear({ mood: ['happy'] }, 60_000);
    await time.advance(1_000);
    await service.revise({ presentity: mary, words: new Map([['mood', ['angry']]]), expiresAt: time.wall() + 90_000 });
    await hear({ mood: ['happy'] }, 120_000);
    expect(current()).toEqual({ online: ['false'], mood: ['angry'] });
    await time.advance(100_000);
    expect(current()).toEqual({ online: ['false'], mood: ['happy'] });
    await hear('same', 600_000);
    await time.advance(599_999);
    expect(current()).toEqual({ online: ['false'], mood: ['happy'] });
    expect(events.map(({ changed }) => changed)).toEqual([['mood'], ['mood'], ['mood']]);
  });

  it('is not written again for an end that hardly moves', async () => {
    await hear({ mood: ['happy'] }, 60_000);
    calls = [];
    await hear({ mood: ['happy'] }, 60_000 + expiryToleranceMs);
    await hear('same', 60_000);
    expect(calls).toEqual([]);
    await hear('same', 60_000 + expiryToleranceMs + 1);
    expect(calls).toHaveLength(1);
  });

  it('goes when nothing is known there; and nothing is made of nothing', async () => {
    await hear(undefined);
    await hear('same');
    expect([events, calls]).toEqual([[], []]);
    await hear({ mood: ['happy'] });
    await hear(undefined);
    expect(current()).toEqual({ online: ['false'] });
    expect(service.current(mary).lastKnown.get('mood')).toEqual(['happy']);
  });

  it('settles a login as a publication does', async () => {
    service.reachabilityChanged(mary, true, true);
    expect(service.current(mary).isSettled).toBe(false);
    await hear({ mood: ['happy'] });
    expect(service.current(mary).isSettled).toBe(true);
  });

  it('changes nothing where the store fails', async () => {
    storeFault = new StoreFault('full', true);
    expect(await hear({ mood: ['happy'] })).toMatchObject({ kind: 'store-unavailable' });
    expect(current()).toEqual({ online: ['false'] });
  });
});
