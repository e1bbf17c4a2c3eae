import { describe, expect, it } from 'vitest';
import type { PresenceSnapshot } from '../model/presence-changed.ts';
import { filterState, showPresence } from './visible-presence.ts';

const snapshot: PresenceSnapshot = {
  state: new Map([
    ['online', ['true']],
    ['mood', ['angry']],
  ]),
  lastKnown: new Map([
    ['online', ['true']],
    ['mood', ['angry']],
    ['activity', ['meal']],
  ]),
  isSettled: false,
  isPublished: true,
  version: 7,
};

describe('showPresence', () => {
  it('hides what is not allowed', () => {
    const seen = showPresence(snapshot, { handling: 'allow', attributes: new Set(['mood', 'sphere']) });
    expect(Object.fromEntries(seen.state)).toEqual({ mood: ['angry'] });
    expect(Object.fromEntries(seen.lastKnown)).toEqual({ mood: ['angry'] });
    expect(['mood', 'sphere', 'online'].map((name) => seen.mayRead(name))).toEqual([true, true, false]);
    expect(seen).toMatchObject({ isSettled: false });
  });

  it('shows everything where everything is allowed', () => {
    const seen = showPresence(snapshot, { handling: 'allow', attributes: '*' });
    expect(seen.state).toBe(snapshot.state);
    expect(seen.lastKnown).toBe(snapshot.lastKnown);
    expect(seen.mayRead('x-anything')).toBe(true);
  });

  it('shows a politely blocked watcher a fake that never was otherwise', () => {
    const seen = showPresence(snapshot, { handling: 'polite-block', attributes: new Set() });
    expect(Object.fromEntries(seen.state)).toEqual({ online: ['false'], availability: ['not-available'] });
    expect(seen.lastKnown).toBe(seen.state);
    expect(seen).toMatchObject({ isSettled: true });
    expect(seen.mayRead('mood')).toBe(true);
  });

  it.each(['block', 'confirm'] as const)('shows nothing after %s', (handling) => {
    const seen = showPresence(snapshot, { handling, attributes: new Set(['mood']) });
    expect([seen.state.size, seen.lastKnown.size, seen.mayRead('mood')]).toEqual([0, 0, false]);
  });
});

describe('filterState', () => {
  it('makes no copy where nothing is hidden', () => {
    expect(filterState(snapshot.state, new Set(['mood', 'online']))).toBe(snapshot.state);
    expect(filterState(snapshot.state, new Set(['sphere'])).size).toBe(0);
  });
});
