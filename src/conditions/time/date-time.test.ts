import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextCursor } from '../text-cursor.ts';
import { parseDateTime } from './date-time.ts';

/** The instant, or the offset of the fault. */
function parse(text: string): string | number | undefined {
  const cursor = new TextCursor(text);
  const instant = parseDateTime(cursor);
  if (cursor.fault !== undefined) return cursor.fault.position;
  expect(cursor.at).toBe(text.length);
  return instant === undefined ? undefined : new Date(instant).toISOString();
}

describe('parseDateTime', () => {
  it.each([
    ['2026-11-21T09:00:00Z', '2026-11-21T09:00:00.000Z'],
    ['2026-11-21t09:00:00z', '2026-11-21T09:00:00.000Z'],
    ['2026-11-21T09:00:00.1Z', '2026-11-21T09:00:00.100Z'],
    ['2026-11-21T09:00:00.9999999Z', '2026-11-21T09:00:00.999Z'],
    ['2026-11-21T09:00:00+05:45', '2026-11-21T03:15:00.000Z'],
    ['2026-11-21T09:00:00-23:59', '2026-11-22T08:59:00.000Z'],
    ['2026-11-21T09:00:00-00:00', '2026-11-21T09:00:00.000Z'],
    ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
    ['2000-02-29T00:00:00Z', '2000-02-29T00:00:00.000Z'],
    ['0000-01-01T00:00:00Z', '0000-01-01T00:00:00.000Z'],
    ['0099-12-31T00:00:00Z', '0099-12-31T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
    ['2026-06-30T23:59:60Z', '2026-07-01T00:00:00.000Z'],
    ['2026-07-01T01:59:60.5+02:00', '2026-07-01T00:00:00.500Z'],
  ])('%s is %s', (text, instant) => {
    expect(parse(text)).toBe(instant);
  });

  it.each([
    ['', 0],
    ['26-11-21T09:00:00Z', 2],
    ['2026/11/21T09:00:00Z', 4],
    ['2026-00-21T09:00:00Z', 5],
    ['2026-11-31T09:00:00Z', 8],
    ['1900-02-29T09:00:00Z', 8],
    ['2026-11-21x09:00:00Z', 10],
    ['2026-11-21T24:00:00Z', 11],
    ['2026-11-21T09:60:00Z', 14],
    ['2026-11-21T09:00Z', 16],
    ['2026-11-21T09:00:61Z', 17],
    ['2026-11-21T09:00:60Z', 17],
    ['2026-11-21T09:00:00.Z', 20],
    ['2026-11-21T09:00:00', 19],
    ['2026-11-21T09:00:00+0100', 22],
    ['2026-11-21T09:00:00+24:00', 20],
    ['9999-12-31T23:59:59-00:01', 0],
    ['0000-01-01T00:00:00+00:01', 0],
    ['9999-12-31T23:59:60Z', 0],
  ])('%s is wrong at %i', (text, position) => {
    expect(parse(text)).toBe(position);
  });

  it('reads what Date writes', () => {
    const range = {
      min: new Date('0000-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    };
    fc.assert(
      fc.property(fc.date(range), (date) => {
        expect(parse(date.toISOString())).toBe(date.toISOString());
      }),
    );
  });
});
