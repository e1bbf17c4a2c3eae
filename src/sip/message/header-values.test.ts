import { describe, expect, it } from 'vitest';
import { formatSipDate, parseSipDate } from './grammar/sip-date.ts';
import {
  deltaSecondsMax,
  formatMediaType,
  formatParameterized,
  formatQValue,
  formatWarning,
  isAccepted,
  parseAccept,
  parseCSeq,
  parseDeltaSeconds,
  parseEvent,
  parseMediaType,
  parseParameterized,
  parseQValue,
  parseRetryAfter,
  parseSubscriptionState,
  parseTokenList,
  parseWarning,
} from './header-values.ts';

describe('numbers', () => {
  it.each([
    ['0', 0],
    ['007', 7],
    ['4294967295', deltaSecondsMax],
    ['4294967296', deltaSecondsMax],
    [`1${'0'.repeat(400)}`, deltaSecondsMax],
    ['', undefined],
    ['-1', undefined],
    ['+1', undefined],
    ['1.5', undefined],
    ['1 2', undefined],
    ['0x10', undefined],
    ['٣', undefined],
  ])('delta-seconds %j is %s', (text, expected) => {
    expect(parseDeltaSeconds(text)).toBe(expected);
  });

  it.each([
    ['0', 0],
    ['0.', 0],
    ['0.333', 0.333],
    ['1', 1],
    ['1.000', 1],
    ['1.001', undefined],
    ['0.1234', undefined],
    ['.5', undefined],
    ['2', undefined],
    ['', undefined],
  ])('q value %j is %s', (text, expected) => {
    expect(parseQValue(text)).toBe(expected);
  });

  it('q values have three decimals at most', () => {
    expect(formatQValue(1 / 3)).toBe('0.333');
    expect(formatQValue(1)).toBe('1');
    expect(() => formatQValue(1.1)).toThrow('q value');
  });

  it.each([
    ['18000;duration=3600', 18_000],
    ['120 (I am (in) a meeting)', 120],
    [' 5 ', 5],
    ['x', undefined],
    ['5x', undefined],
  ])('Retry-After %j is %s', (text, expected) => {
    expect(parseRetryAfter(text)).toBe(expected);
  });

  it('CSeq', () => {
    expect(parseCSeq('4294967295 \t MESSAGE')).toEqual({ ok: true, value: { number: 4294967295, method: 'MESSAGE' } });
    for (const text of ['', '1', 'MESSAGE 1', '4294967296 X', '1 a b', '1 (x)']) expect(parseCSeq(text).ok).toBe(false);
  });
});

describe('values with parameters', () => {
  it('read and written', () => {
    const parsed = parseParameterized(' session ; handling = optional;x="a;b" ');
    expect(parsed.ok && parsed.value.value).toBe('session');
    expect(parsed.ok && parsed.value.params.get('Handling')).toBe('optional');
    expect(parsed.ok && formatParameterized(parsed.value)).toBe('session; handling = optional;x="a;b"');
    for (const text of ['', ';x', 'a b', 'a;', 'a;x=', 'a;x="']) expect(parseParameterized(text).ok).toBe(false);
  });

  it('Event', () => {
    const parsed = parseEvent('presence.winfo;id=5;x');
    expect(parsed).toMatchObject({ ok: true, value: { type: 'presence.winfo', id: '5' } });
    expect(parseEvent('presence')).toMatchObject({ ok: true, value: { type: 'presence', id: undefined } });
    for (const text of ['', '.winfo', 'a..b', 'a.', 'a, b', '"a"']) expect(parseEvent(text).ok).toBe(false);
  });

  it('Subscription-State', () => {
    expect(parseSubscriptionState('Terminated;Reason=TimeOut;retry-after=5')).toMatchObject({
      ok: true,
      value: { state: 'terminated', reason: 'timeout', retryAfter: 5, expires: undefined },
    });
    expect(parseSubscriptionState('active;expires=60')).toMatchObject({ ok: true, value: { expires: 60 } });
    expect(parseSubscriptionState('active;expires=x')).toMatchObject({ ok: true, value: { expires: undefined } });
    expect(parseSubscriptionState('').ok).toBe(false);
  });
});

describe('media types', () => {
  it('read and written', () => {
    const parsed = parseMediaType('Text / Plain ; charset="utf-8"');
    expect(parsed.ok && parsed.value.essence).toBe('text/plain');
    expect(parsed.ok && parsed.value.params.get('CHARSET')).toBe('utf-8');
    expect(parsed.ok && formatMediaType(parsed.value)).toBe('text/plain; charset="utf-8"');
    for (const text of ['', 'text', 'text/', '/plain', 'text/plain;', 'text/plain x', 'text/plain, a/b']) {
      expect(parseMediaType(text).ok).toBe(false);
    }
  });

  it('accepted by the most specific range', () => {
    const ranges = parseAccept(['text/*;q=0.5, text/html;q=0', 'application/sdp;level=1']);
    const list = ranges.ok ? ranges.value : [];
    expect(isAccepted('Text/Plain', list)).toBe(true);
    expect(isAccepted('text/html', list)).toBe(false);
    expect(isAccepted('application/sdp', list)).toBe(true);
    expect(isAccepted('image/png', list)).toBe(false);
    const any = parseAccept(['*/*']);
    expect(isAccepted('image/png', any.ok ? any.value : [])).toBe(true);
    expect(parseAccept([''])).toEqual({ ok: true, value: [] });
    expect(parseAccept(['text']).ok).toBe(false);
    expect(parseAccept(['a/b, ']).ok).toBe(false);
  });
});

describe('tokens and warnings', () => {
  it('lists of tokens', () => {
    expect(parseTokenList(['path, gruu ,', ' outbound'])).toEqual({ ok: true, value: ['path', 'gruu', 'outbound'] });
    expect(parseTokenList(['a b']).ok).toBe(false);
    expect(parseTokenList(['"a"']).ok).toBe(false);
  });

  it('a warning says what it said', () => {
    const warning = { code: 399, agent: 'h.example:5060', text: 'mood "is" \\ \u0007' };
    const text = formatWarning(warning);
    expect(text).toBe('399 h.example:5060 "mood \\"is\\" \\\\ \\\u0007"');
    expect(parseWarning(text)).toEqual({ ok: true, value: warning });
    expect(formatWarning({ ...warning, text: 'a\r\nVia: x' })).toBe('399 h.example:5060 "a  Via: x"');
    for (const bad of ['', '1812 h "x"', '399 h x', '399 h "x', '399 h "x" y', '399 "x"']) {
      expect(parseWarning(bad).ok).toBe(false);
    }
    expect(() => formatWarning({ ...warning, code: 12 })).toThrow('three digits');
  });
});

describe('SIP dates', () => {
  const wall = Date.UTC(2026, 10, 21, 9, 5, 7);

  it('are written and read', () => {
    expect(formatSipDate(wall + 999)).toBe('Sat, 21 Nov 2026 09:05:07 GMT');
    expect(parseSipDate('Sat, 21 Nov 2026 09:05:07 GMT')).toBe(wall);
    expect(parseSipDate(' sAT, 21 nOV 2026 09:05:07 GMT ')).toBe(wall);
    expect(parseSipDate('Sat, 31 Dec 2016 23:59:60 GMT')).toBe(Date.UTC(2016, 11, 31, 23, 59, 59));
    expect(parseSipDate('Tue, 29 Feb 2028 00:00:00 GMT')).toBe(Date.UTC(2028, 1, 29));
    expect(formatSipDate(Date.UTC(2001, 0, 1) - 1)).toBe('Sun, 31 Dec 2000 23:59:59 GMT');
  });

  it.each([
    'Sat, 21 Nov 2026 09:05:07 EST',
    'Sat, 21 Nov 2026 09:05:07 UTC',
    'Sat, 21 Nov 2026 09:05:07 gmt',
    '21 Nov 2026 09:05:07 GMT',
    'Xyz, 21 Nov 2026 09:05:07 GMT',
    'Sat, 1 Nov 2026 09:05:07 GMT',
    'Sat, 31 Nov 2026 09:05:07 GMT',
    'Sat, 29 Feb 2026 09:05:07 GMT',
    'Sat, 00 Nov 2026 09:05:07 GMT',
    'Sat, 21 Foo 2026 09:05:07 GMT',
    'Sat, 21 Nov 2026 24:05:07 GMT',
    'Sat, 21 Nov 2026 09:60:07 GMT',
    'Sat, 21 Nov 2026 09:05:61 GMT',
    '2026-11-21T09:05:07Z',
    '',
  ])('refuse %j', (text) => {
    expect(parseSipDate(text)).toBeUndefined();
  });
});
