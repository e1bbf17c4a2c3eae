import { describe, expect, it } from 'vitest';
import { dayMs, findZoneClock, suggestZone, zoneClocksMax } from './zone-clock.ts';

function offset(zone: string, at: string): string {
  const clock = findZoneClock(zone);
  if (clock === undefined) return 'unknown';
  return new Date(clock.offsetAt(Date.parse(at)) + dayMs).toISOString().slice(8, 19);
}

describe('findZoneClock', () => {
  it.each([
    ['UTC', '2026-07-01T00:00:00Z', '02T00:00:00'],
    ['Europe/Paris', '2026-07-01T00:00:00Z', '02T02:00:00'],
    ['Europe/Paris', '2026-03-29T00:59:59.999Z', '02T01:00:00'],
    ['Europe/Paris', '2026-03-29T01:00:00Z', '02T02:00:00'],
    ['America/New_York', '2026-11-01T05:59:59Z', '01T20:00:00'],
    ['America/New_York', '2026-11-01T06:00:00Z', '01T19:00:00'],
    ['Asia/Kathmandu', '2026-07-01T00:00:00Z', '02T05:45:00'],
    ['Pacific/Apia', '2011-12-30T09:59:59Z', '01T14:00:00'],
    ['Pacific/Apia', '2011-12-30T10:00:00Z', '02T14:00:00'],
    ['Europe/Paris', '1850-01-01T00:00:00Z', '02T00:09:21'],
  ])('%s at %s is %s from UTC, the first day being the day before', (zone, at, shown) => {
    expect(offset(zone, at)).toBe(shown);
  });

  it.each(['Mars/Base', '', '+01:00', '-05', '5', 'Europe/', '/', 'Europe/Paris/x', 'constructor'])(
    'knows no %j',
    (zone) => {
      expect(findZoneClock(zone)).toBeUndefined();
    },
  );

  it.each([
    ['europe/PARIS', 'Europe/Paris'],
    ['utc', 'UTC'],
    ['Asia/Kolkata', 'Asia/Kolkata'],
    ['US/Pacific', 'US/Pacific'],
  ])('calls %s %s', (zone, name) => {
    expect(findZoneClock(zone)?.name).toBe(name);
  });

  it('says until when an offset lasts: its turn, or the end of the day', () => {
    const paris = findZoneClock('Europe/Paris');
    const turn = Date.parse('2026-03-29T01:00:00Z');
    expect(paris?.offsetLastsUntil(turn - 1)).toBe(turn);
    expect(paris?.offsetLastsUntil(turn)).toBe(Date.parse('2026-03-30T00:00:00Z'));
    expect(paris?.offsetLastsUntil(Date.parse('2026-03-28T00:00:00Z'))).toBe(Date.parse('2026-03-29T00:00:00Z'));
  });

  it('remembers some zones and forgets the oldest beyond them, without another answer', () => {
    const zones = Intl.supportedValuesOf('timeZone').slice(0, zoneClocksMax + 1);
    const [first = ''] = zones;
    const clocks = zones.slice(0, zoneClocksMax).map((zone) => findZoneClock(zone));
    expect(findZoneClock(first)).toBe(clocks[0]);
    findZoneClock(zones[zoneClocksMax] ?? '');
    const again = findZoneClock(first);
    expect(again).not.toBe(clocks[0]);
    expect(again?.offsetAt(0)).toBe(clocks[0]?.offsetAt(0));
  });
});

describe('suggestZone', () => {
  it.each([
    ['Paris', 'Europe/Paris'],
    ['new_york', 'America/New_York'],
    ['Europe/Pariss', 'Europe/Paris'],
    ['Mars/Base', undefined],
  ])('%s: %s', (name, meant) => {
    expect(suggestZone(name)).toBe(meant);
  });
});
