import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keywords } from './attribute-words.ts';
import { conditionCharactersMax, conditionDepthMax, conditionTestsMax } from './condition.ts';
import type { ConditionFault } from './condition.ts';
import { parseCondition } from './parse-condition.ts';

function faultOf(text: string): ConditionFault {
  const result = parseCondition(text);
  if (result.ok) throw new Error(`${text} is a condition`);
  return result.error;
}

/** The caret stands under the first wrong character. */
const faults: readonly (readonly [text: string, caret: string, reason: RegExp])[] = [
  ['', '^', /ends here; expected a test/],
  ['   ', '   ^', /ends here; expected a test/],
  ['mood', '    ^', /expected "is" or "changes" after "mood"/],
  ['mood = angry', '     ^', /"=" stands here; expected "is" or "changes"/],
  ['mood is', '       ^', /ends here; expected a value, "not", "one of" or "known"/],
  ['mood is not', '           ^', /ends here; expected a value/],
  ['mood is not not', '            ^', /"not" is a keyword/],
  ['mood is and', '        ^', /"and" is a keyword; .*quoted/],
  ['mood is fröhlich', '          ^', /"ö" stands here; expected quotation marks/],
  ['mood is one', '           ^', /expected "of"/],
  ['mood is one of angry', '               ^', /"angry" stands here; expected "\("/],
  ['mood is one of ()', '                ^', /"\)" stands here; expected a value/],
  ['mood is one of (a,)', '                  ^', /expected a value/],
  ['mood is one of (a b)', '                  ^', /"b" stands here; expected "," or "\)"/],
  ['mood is one of (a', '                 ^', /ends here; expected "," or "\)"/],
  ['mood changes from', '                 ^', /ends here; expected a value/],
  ['mood changes from a to', '                      ^', /ends here; expected a value/],
  ['mood changes to a from b', '                  ^', /"from" stands here; expected "and", "or" or the end/],
  ['mood is a mood is b', '          ^', /"mood" stands here; expected "and", "or" or the end/],
  ['online)', '      ^', /"\)" stands here/],
  ['(online', '       ^', /ends here; expected "and", "or" or "\)"/],
  ['(online mood is a)', '        ^', /"mood" stands here; expected "and", "or" or "\)"/],
  ['()', ' ^', /"\)" stands here; expected a test/],
  ['online and', '          ^', /ends here; expected a test/],
  ['online and or online', '           ^', /"or" cannot stand here/],
  ['online or not', '             ^', /ends here; expected a test/],
  ['"mood" is a', '^', /a quotation mark stands here; expected a test/],
  ['mood is "abc', '            ^', /quoted value is never closed/],
  [String.raw`mood is "a\nb"`, '          ^', /a backslash may only stand before/],
  [String.raw`mood is "a\"`, '            ^', /never closed/],
  ['mood is "a"b', '           ^', /"b" stands here; expected "and", "or" or the end/],
  ['mood is a\nor online', '         ^', /control character \(U\+000A\)/],
  ['mood is "a\tb"', '          ^', /control character \(U\+0009\)/],
  ['mood is "a\u0085b"', '          ^', /control character \(U\+0085\)/],
  ['mood is "a\u2028b"', '          ^', /control character \(U\+2028\)/],
  ['\0', '^', /control character \(U\+0000\)/],
  ['online 😀 mood', '       ^', /"😀" stands here/],
  ['moood is happy', '^', /"moood" is not an attribute; did you mean "mood"\?/],
  ['online and avialability is available', '           ^', /did you mean "availability"\?/],
  ['activities is meeting', '^', /did you mean "activity"\?/],
  ['weather is fine', '^', /"weather" is not an attribute; other names begin with "x-"/],
  ['x- is a', '^', /"x-" is not an attribute/],
  ['availability is avialable', '                ^', /did you mean "available"\?/],
  [
    'availability is one of (available, busy)',
    '                                   ^',
    /never "busy"; expected available, not-/,
  ],
  ['availability changes from happy', '                          ^', /never "happy"/],
  ['online is yes', '          ^', /online is never "yes"; expected true, false/],
  ['time', '    ^', /expected "after", "before" or "within" after "time"/],
  ['time is 5', '     ^', /"is" stands here; expected "after"/],
  ['time after', '          ^', /ends here; expected a date-time/],
  ['time after tomorrow', '           ^', /"tomorrow" stands here; expected 4 digits/],
  ['time after 2026-13-01T00:00:00Z', '                ^', /"13" is out of range; expected 01 to 12/],
  ['time after 2026-02-29T00:00:00Z', '                   ^', /"29" is out of range; expected 01 to 28/],
  ['time after 2026-11-21', '                     ^', /expected "T"/],
  ['time after 2026-11-21 09:00:00Z', '                     ^', /expected "T"/],
  ['time after 2026-11-21T09:00:00', '                              ^', /expected "Z" or an offset/],
  [
    'time after 2026-11-21T09:00:00Zand online',
    '                               ^',
    /"and" stands here; expected a space/,
  ],
  ['time within', '           ^', /ends here; expected a window/],
  ['time within 18-23', '              ^', /expected ":" and minutes/],
  ['time within 18:00', '                 ^', /expected "-"/],
  ['time within 18:00-24:00', '                  ^', /"24" is out of range; expected 00 to 23/],
  ['time within 18:60-23:00', '               ^', /"60" is out of range; expected 00 to 59/],
  ['time within 18:00-23:00 on', '                          ^', /ends here; expected a day/],
  ['time within 18:00-23:00 on monday', '                           ^', /"monday" stands here; expected a day: mon/],
  ['time within 18:00-23:00 on mon,', '                               ^', /expected a day/],
  ['time within 18:00-23:00 on mon-fry', '                               ^', /"fry" stands here; expected a day/],
  [
    'time within 18:00-23:00 Paris',
    '                        ^',
    /"Paris" is not a time zone; did you mean Europe\/Paris\?/,
  ],
  ['time within 18:00-23:00 on mon Mars/Base', '                               ^', /"Mars\/Base" is not a time zone/],
  ['time within 18:00-23:00 +01:00', '                        ^', /"\+01" is not a time zone/],
  ['time within 18:00-23:00 Europe/Paris on mon', '                                     ^', /stand before the zone/],
];

describe('parseCondition points at the first wrong character', () => {
  it.each(faults)('%j', (text, caret, reason) => {
    expect(faultOf(text)).toMatchObject({ position: caret.length - 1 });
    expect(faultOf(text).reason).toMatch(reason);
  });

  it.each(keywords)('refuses the keyword %s as a value unless it is quoted, and as an attribute', (keyword) => {
    expect(parseCondition(`mood is "${keyword}"`)).toMatchObject({ ok: true });
    expect(parseCondition(`mood is ${keyword}`)).toMatchObject({ ok: keyword === 'known' });
    expect(faultOf(`mood is one of (a, ${keyword.toUpperCase()})`).position).toBe(19);
    expect(faultOf(`${keyword} is a`).position).toBeLessThanOrEqual(keyword.length + 1);
  });

  it('keeps the reason on one short line', () => {
    const { reason } = faultOf(`${'a'.repeat(900)} is b`);
    expect(reason.length).toBeLessThan(200);
  });
});

describe('parseCondition has limits', () => {
  const pad = (text: string, length: number): string => `${text}${'"'.padStart(length - text.length, 'a')}`;

  it('of characters', () => {
    const longest = pad('status-text is "', conditionCharactersMax);
    expect(longest).toHaveLength(conditionCharactersMax);
    expect(parseCondition(longest)).toMatchObject({ ok: true });
    expect(faultOf(pad('status-text is "', conditionCharactersMax + 1))).toEqual({
      position: conditionCharactersMax,
      reason: 'a condition has at most 1024 characters; this one has 1025',
    });
  });

  it('of tests', () => {
    const some = (count: number): string => Array.from({ length: count }, () => 'online').join(' or ');
    expect(parseCondition(some(conditionTestsMax))).toMatchObject({ ok: true });
    const start = conditionTestsMax * 'online or '.length;
    expect(faultOf(some(conditionTestsMax + 1))).toEqual({
      position: start,
      reason: 'a condition has at most 32 tests',
    });
  });

  it.each([
    ['parentheses', '(', 'online', ')'],
    ['nots', 'not ', 'online', ''],
  ])('of depth, in %s', (_what, open, test, close) => {
    const nested = (depth: number): string => open.repeat(depth) + test + close.repeat(depth);
    expect(parseCondition(nested(conditionDepthMax))).toMatchObject({ ok: true });
    expect(faultOf(nested(conditionDepthMax + 1))).toEqual({
      position: conditionDepthMax * open.length,
      reason: '"not" and parentheses are nested at most 8 deep',
    });
  });

  it('of depth, counted around one test and not over all', () => {
    const groups = Array.from({ length: 20 }, () => '(((online)))').join(' and not ');
    expect(parseCondition(groups)).toMatchObject({ ok: true });
  });

  it('that what is kept never exceeds, although it is printed with more spaces', () => {
    const tight = `mood is one of (${Array.from({ length: 500 }, () => 'a').join(',')})`.padEnd(conditionCharactersMax);
    const result = parseCondition(tight);
    expect(result).toMatchObject({ ok: true, value: { text: tight } });
  });
});

describe('parseCondition takes any text', () => {
  const words = fc.constantFrom(
    ...keywords,
    'mood',
    'online',
    'x-a',
    'a',
    '(',
    ')',
    ',',
    '"',
    '\\',
    '18:00-23:00',
    '2026',
  );
  const wordy = fc.array(words, { maxLength: 24 }).map((parts) => parts.join(' '));

  it('and answers with a condition or a fault inside of it', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), wordy), (text) => {
        const result = parseCondition(text);
        if (result.ok) return;
        expect(result.error.position).toBeGreaterThanOrEqual(0);
        expect(result.error.position).toBeLessThanOrEqual(text.length);
        expect(result.error.reason).toMatch(/^\P{Cc}+$/u);
      }),
      { numRuns: 500 },
    );
  });
});
