import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Address } from '../model/address.ts';
import type { PresenceState } from '../model/presence-state.ts';
import { composePresence, unknownKeptMax, updateLastKnown, type CompositionFacts } from './compose.ts';
import type { Publication } from './ports.ts';

const now = 1_000_000;
const mary = 'mary@example.com' as Address;
const facts: CompositionFacts = { isReachable: true, isSettled: true, deliverOn: 'register', now };

function publication(
  entityTag: string,
  namedAt: number,
  values: Record<string, string[]>,
  expiresAt = now + 1,
): Publication {
  const state = new Map(Object.entries(values));
  return { presentity: mary, entityTag, namedAt, expiresAt, state, document: new Uint8Array() };
}

const compose = (publications: Publication[], changes: Partial<CompositionFacts> = {}): Record<string, unknown> =>
  Object.fromEntries(composePresence(publications, { ...facts, ...changes }).state);

describe('composePresence', () => {
  const phone = publication('phone', 1, { availability: ['not-available'], activity: ['meeting'] });
  const desk = publication('desk', 2, { availability: ['available'], mood: ['happy', 'calm'] });

  it('takes each attribute from the newest publication that names it', () => {
    expect(compose([phone, desk])).toEqual({
      online: ['true'],
      availability: ['available'],
      activity: ['meeting'],
      mood: ['happy', 'calm'],
    });
  });

  it('shows the older one again when the newer has expired, at the very millisecond', () => {
    const ending = { ...desk, expiresAt: now };
    expect(compose([phone, ending])).toEqual({
      online: ['true'],
      availability: ['not-available'],
      activity: ['meeting'],
    });
    expect(compose([phone, { ...desk, expiresAt: now + 1 }])).toMatchObject({ availability: ['available'] });
  });

  it('derives online, whatever is published', () => {
    const liar = publication('liar', 3, { online: ['true'], availability: ['available'] });
    expect(compose([liar], { isReachable: false })).toEqual({ online: ['false'], availability: ['available'] });
    expect(compose([liar])['online']).toEqual(['true']);
  });

  it.each([
    ['nothing published, reachable', [], {}, ['available']],
    ['nothing published, unreachable', [], { isReachable: false }, undefined],
    ['nothing published, not settled', [], { isSettled: false }, undefined],
    ['nothing published, deliver on publish', [], { deliverOn: 'publish' }, undefined],
    ['only an expired one', [publication('a', 1, { availability: ['discreet'] }, now)], {}, ['available']],
    ['a mood only', [publication('a', 1, { mood: ['sad'] })], {}, ['available']],
    [
      'a mood only, deliver on publish',
      [publication('a', 1, { mood: ['sad'] })],
      { deliverOn: 'publish' },
      ['available'],
    ],
    ['a mood only, unreachable', [publication('a', 1, { mood: ['sad'] })], { isReachable: false }, undefined],
    ['published and unreachable', [phone], { isReachable: false }, ['not-available']],
  ] as const)('availability with %s', (_what, publications, changes, expected) => {
    expect(compose([...publications], changes)['availability']).toEqual(expected);
  });

  it('says whether anything live is published', () => {
    expect(composePresence([phone], facts).isPublished).toBe(true);
    expect(composePresence([{ ...phone, expiresAt: now }], facts).isPublished).toBe(false);
    expect(composePresence([publication('a', 1, {})], facts).isPublished).toBe(true);
  });

  const publications = fc.uniqueArray(
    fc.record({
      tag: fc.string({ minLength: 1, maxLength: 3 }),
      namedAt: fc.nat(5),
      lifetime: fc.integer({ min: -2, max: 2 }),
      state: fc.dictionary(
        fc.constantFrom('mood', 'activity', 'availability', 'x-a'),
        fc.constantFrom('a', 'b', 'c').map((value) => [value]),
      ),
    }),
    { selector: ({ tag }) => tag, maxLength: 6 },
  );

  it('does not depend on the order, and not on what has expired', () => {
    fc.assert(
      fc.property(publications, fc.infiniteStream(fc.nat()), (list, order) => {
        const all = list.map(({ tag, namedAt, lifetime, state }) => publication(tag, namedAt, state, now + lifetime));
        const shuffled = all
          .map((one) => ({ one, key: order.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        const live = shuffled.filter(({ expiresAt }) => expiresAt > now);
        expect(compose(shuffled)).toEqual(compose(all));
        expect(compose(live)).toEqual(compose(all));
        for (const [name, values] of Object.entries(compose(all))) {
          if (name === 'online' || (name === 'availability' && !live.some(({ state }) => state.has(name)))) continue;
          const newest = Math.max(...live.filter(({ state }) => state.has(name)).map(({ namedAt }) => namedAt));
          expect(live.some(({ namedAt, state }) => namedAt === newest && state.get(name) === values)).toBe(true);
        }
      }),
    );
  });
});

describe('updateLastKnown', () => {
  const state = (values: Record<string, string[]>): PresenceState => new Map(Object.entries(values));

  it('keeps what became unknown and takes what is known', () => {
    const before = state({ online: ['true'], mood: ['angry'], activity: ['meal'] });
    const after = updateLastKnown(before, state({ online: ['false'], mood: ['happy'] }));
    expect(Object.fromEntries(after)).toEqual({ online: ['false'], mood: ['happy'], activity: ['meal'] });
  });

  it('keeps so many that are unknown now, at the limit and one past it, and forgets what was known longest ago', () => {
    let known = state({});
    for (let at = 0; at < unknownKeptMax; at++) known = updateLastKnown(known, state({ [`x-${at}`]: ['a'] }));
    known = updateLastKnown(known, state({ mood: ['sad'] }));
    expect([known.size, known.has('x-0'), known.has('mood')]).toEqual([unknownKeptMax + 1, true, true]);
    // Known again: it is the youngest.
    known = updateLastKnown(known, state({ 'x-0': ['b'] }));
    known = updateLastKnown(known, state({ mood: ['glad'] }));
    known = updateLastKnown(known, state({ sphere: ['work'] }));
    expect([known.size, known.has('x-0'), known.has('x-1'), known.has('x-2'), known.get('mood')]).toEqual([
      unknownKeptMax + 1,
      true,
      false,
      true,
      ['glad'],
    ]);
  });

  it('makes no new value where an old one will do', () => {
    const before = state({ online: ['true'], mood: ['angry'] });
    expect(updateLastKnown(before, state({ mood: ['ANGRY'] }))).toBe(before);
    const wider = state({ online: ['false'], mood: ['angry'], activity: ['meal'] });
    expect(updateLastKnown(before, wider)).toBe(wider);
    const idle = (): PresenceState =>
      updateLastKnown(state({ availability: ['available'] }), state({ online: ['false'] }));
    expect(idle()).toBe(idle());
  });
});
