import { beforeEach, describe, expect, it } from 'vitest';
import { Counters } from '../base/counters.ts';
import { silentLog } from '../base/log.ts';
import { VirtualTime } from '../base/time/virtual-time.ts';
import type { Address } from '../model/address.ts';
import type { PresenceChanged } from '../model/presence-changed.ts';
import { memoryStores, type MemoryStores } from '../stores/memory/memory-stores.ts';
import type { ReadDocumentAt } from './ports.ts';
import { readAgainMsMin } from './presentities.ts';
import { PresenceService } from './presence-service.ts';
import type { PublishOutcome, PublishRequest } from './publication/publisher.ts';

/** Documents whose elements hold for a range of time (RFC 4480 3.1): here `from-until:mood`, in ms after the start, in lines. */
const start = Date.UTC(2026, 10, 21, 9, 0, 0);
let readings: number;

const readDocumentAt: ReadDocumentAt = (document, now) => {
  const moods: string[] = [];
  const turns: number[] = [];
  readings += 1;
  for (const line of new TextDecoder().decode(document).split('\n').filter(Boolean)) {
    const [range = '', mood = ''] = line.split(':');
    const [from = 0, until = 0] = range.split('-').map((ms) => start + Number(ms));
    if (from <= now && now < until) moods.push(mood);
    turns.push(...[from, until].filter((instant) => instant > now));
  }
  if (document.length === 0) return undefined;
  return {
    state: new Map(moods.length === 0 ? [] : [['mood', moods]]),
    turnsAt: turns.length === 0 ? undefined : Math.min(...turns),
  };
};

const mary = 'mary@example.com' as Address;
let time: VirtualTime;
let stores: MemoryStores;
let service: PresenceService;
let events: PresenceChanged[];

async function open(): Promise<void> {
  let ids = 0;
  service = new PresenceService({
    clock: time,
    timers: time,
    ids: { randomToken: () => `tag${++ids}-${time.wall()}`, timeOrderedId: () => `id${++ids}`, fraction: () => 0.5 },
    publications: stores.publications,
    rules: stores.rules,
    settings: { settleMs: 0, deliverOn: 'register', visibleByDefault: [] },
    log: silentLog,
    counters: new Counters(),
    readDocumentAt,
  });
  await service.start();
  service.onChanged((event) => void events.push(event));
}

async function publish(text: string, changes: Partial<PublishRequest> = {}): Promise<string> {
  const document = new TextEncoder().encode(text);
  const state = readDocumentAt(document, time.wall())?.state ?? new Map<string, string[]>();
  const content = { state, document };
  const outcome: PublishOutcome = await service.publish({ presentity: mary, publisher: mary, content, ...changes });
  if (outcome.kind !== 'published') throw new Error(outcome.kind);
  return outcome.entityTag;
}

const mood = (): readonly string[] | undefined => service.current(mary).state.get('mood');

beforeEach(async () => {
  time = new VirtualTime(start);
  stores = memoryStores({});
  events = [];
  readings = 0;
  await open();
});

describe('an element with a range of time', () => {
  it('counts from its beginning on and no longer at its end, each with its event', async () => {
    await publish('5000-9000:angry\n7000-20000:busy');
    expect(mood()).toBeUndefined();
    await time.advance(4_999);
    expect(mood()).toBeUndefined();
    await time.advance(1);
    expect(mood()).toEqual(['angry']);
    await time.advance(2_000);
    expect(mood()).toEqual(['angry', 'busy']);
    await time.advance(2_000);
    expect(mood()).toEqual(['busy']);
    await time.advance(20_000);
    expect(mood()).toBeUndefined();
    // That the document came was told too, though nothing of it counted yet.
    const changes = events.filter(({ changed }) => changed.length > 0);
    expect(events.length - changes.length).toBe(1);
    expect(changes.map(({ snapshot }) => snapshot.state.get('mood')?.join('+'))).toEqual([
      'angry',
      'angry+busy',
      'busy',
      undefined,
    ]);
    expect(service.current(mary).lastKnown.get('mood')).toEqual(['busy']);
  });

  it('makes its publication none the newer', async () => {
    await publish('5000-9000:angry');
    await publish('0-60000:happy');
    await time.advance(5_000);
    expect(mood()).toEqual(['happy']);
    await time.advance(60_000);
    expect(mood()).toBeUndefined();
  });

  it('turns on although the publication was refreshed, and not after it ended', async () => {
    const tag = await publish('5000-9000:angry', { expires: 60 });
    await time.advance(6_000);
    const refreshed = await service.publish({ presentity: mary, publisher: mary, entityTag: tag, expires: 60 });
    expect(mood()).toEqual(['angry']);
    await time.advance(3_000);
    expect(mood()).toBeUndefined();
    expect(refreshed.kind).toBe('published');
    await publish('100000-200000:late', { expires: 60 });
    await time.advance(150_000);
    expect([mood(), service.publicationsOf(mary)]).toEqual([undefined, []]);
  });

  it('counts after a restart as it does then', async () => {
    await publish('0-9000:angry\n20000-30000:sad');
    expect(mood()).toEqual(['angry']);
    stores = memoryStores({ from: stores.crash() });
    await time.advance(10_000);
    await open();
    expect(mood()).toBeUndefined();
    await time.advance(10_000);
    expect(mood()).toEqual(['sad']);
  });

  it('is looked at once a second at most, however many there are', async () => {
    await publish(Array.from({ length: 500 }, (_, at) => `${1000 + at}-60000:m${at}`).join('\n'));
    readings = 0;
    await time.advance(1_000 + 3 * readAgainMsMin);
    expect(readings).toBeLessThanOrEqual(4);
    expect(mood()).toHaveLength(500);
  });
});
