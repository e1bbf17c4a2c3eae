import { describe, expect, it } from 'vitest';
import {
  formatMsrpUri,
  isSameMsrpUri,
  msrpUriCharactersMax,
  parseMsrpPath,
  parseMsrpUri,
  pathUrisMax,
} from './msrp-uri.ts';

function read(text: string) {
  const parsed = parseMsrpUri(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

describe('an MSRP URI', () => {
  it.each([
    'msrp://atlanta.example.com:7654/jshA7weztas;tcp',
    'msrps://[2001:db8::1]:9000/a+b=c/d;tcp',
    'msrp://host;tcp',
    'msrp://alice@host:1/s;ws;param;other=1',
    'msrp://df7jal23ls0d.invalid/98cjs;ws',
  ])('is read and written: %s', (text) => {
    expect(formatMsrpUri(read(text))).toBe(text);
  });

  it.each([
    '',
    'msrp:',
    'http://a;tcp',
    'msrp://a',
    'msrp://a:70000/s;tcp',
    'msrp://a/s s;tcp',
    'msrp://a/;tcp',
    'msrp://:1/s;tcp',
  ])('is not %j', (text) => {
    expect(parseMsrpUri(text).ok).toBe(false);
  });

  it.each([
    ['msrp://Host:1/s;tcp', 'MSRP://host:1/s;TCP', true],
    ['msrp://a@host:1/s;tcp', 'msrp://b@host:1/s;tcp;x=1', true],
    ['msrp://host:1/s;tcp', 'msrp://host:1/S;tcp', false],
    ['msrp://host:2855/s;tcp', 'msrp://host/s;tcp', false],
    ['msrp://host:1;tcp', 'msrp://host:1/s;tcp', false],
    ['msrp://host:1/s;tcp', 'msrps://host:1/s;tcp', false],
    ['msrp://host:1/s;tcp', 'msrp://host:1/s;ws', false],
  ])('%s and %s are the same: %s (RFC 4975 6.1)', (one, other, isSame) => {
    expect(isSameMsrpUri(read(one), read(other))).toBe(isSame);
  });

  it('has a limit, and so has a path', () => {
    const long = (length: number): string => `msrp://host/${'s'.repeat(length - 16)};tcp`;
    expect(long(msrpUriCharactersMax)).toHaveLength(msrpUriCharactersMax);
    expect(parseMsrpUri(long(msrpUriCharactersMax)).ok).toBe(true);
    expect(parseMsrpUri(long(msrpUriCharactersMax + 1)).ok).toBe(false);
    const path = (count: number): string => Array.from({ length: count }, () => 'msrp://a/s;tcp').join(' ');
    expect(parseMsrpPath(path(pathUrisMax)).ok).toBe(true);
    expect(parseMsrpPath(path(pathUrisMax + 1)).ok).toBe(false);
  });
});
