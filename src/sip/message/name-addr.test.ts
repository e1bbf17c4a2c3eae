import { describe, expect, it } from 'vitest';
import { ParamList } from './grammar/params.ts';
import {
  createNameAddr,
  formatNameAddr,
  parseContacts,
  parseNameAddr,
  parseNameAddrList,
  withTag,
} from './name-addr.ts';
import type { NameAddr } from './name-addr.ts';
import { createSipUri } from './sip-uri.ts';

function addressOf(text: string): NameAddr {
  const parsed = parseNameAddr(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error}`);
  return parsed.value;
}

describe('parseNameAddr', () => {
  it('keeps the order of parameters and their quotes', () => {
    const address = addressOf(
      '"Mr. \\"W\\" \\\\" <sip:w@example.com;lr>;tag=a1;+sip.instance="<urn:uuid:1>";q=0.5;flag',
    );
    expect(address.displayName).toBe('Mr. "W" \\');
    expect(address.uri.params.has('lr')).toBe(true);
    expect(address.tag).toBe('a1');
    expect([...address.params].map(({ name }) => name)).toEqual(['tag', '+sip.instance', 'q', 'flag']);
    expect(address.params.get('+SIP.INSTANCE')).toBe('<urn:uuid:1>');
    expect(address.params.toString()).toBe(';tag=a1;+sip.instance="<urn:uuid:1>";q=0.5;flag');
  });

  it.each([
    ['caller<sip:caller@example.com>;tag=3', 'caller', 'sip:caller@example.com'],
    ["token1~` token2'+_  token3*%!.- <sip:m@example.com>", "token1~` token2'+_  token3*%!.-", 'sip:m@example.com'],
    ['<sip:a@b>', undefined, 'sip:a@b'],
    ['"" <sip:a@b>', '', 'sip:a@b'],
    ['"%Z%45" <sip:a@b>', '%Z%45', 'sip:a@b'],
    ['"é 中" <sip:a@b>', 'é 中', 'sip:a@b'],
    ['"BEL:\\\u0007 NUL:\\\0 DEL:\\\u007f" <sip:a@b>', 'BEL:\u0007 NUL:\0 DEL:\u007f', 'sip:a@b'],
    ['sip:a@b', undefined, 'sip:a@b'],
    [' \t<sip:a@b> \t', undefined, 'sip:a@b'],
    ['sip:a@b;tag=x', undefined, 'sip:a@b'],
    ['sip:a@b ;   tag    = x', undefined, 'sip:a@b'],
    ['<http://www.example.com>;tag=x', undefined, 'http://www.example.com'],
    ['isbn:2983792873', undefined, 'isbn:2983792873'],
    ['*<sip:a@b>', '*', 'sip:a@b'],
  ])('reads %s', (text, displayName, uri) => {
    const address = addressOf(text);
    expect(address.displayName).toBe(displayName);
    expect(address.uri.text).toBe(uri);
  });

  it('gives parameters behind a URI without brackets to the header', () => {
    const address = addressOf('sip:+19725552222@gw1.example.net;unknownparam');
    expect(address.uri.params.size).toBe(0);
    expect(address.params.has('unknownparam')).toBe(true);
  });

  it.each([
    '',
    '"Mr. J. User <sip:j.user@example.com>',
    '"x"y" <sip:a@b>',
    '"x"',
    '"x" sip:a@b',
    'Bell, Alexander <sip:a@b>',
    'a@b <sip:a@b>',
    'é <sip:a@b>',
    '< sip:a@b>',
    '<sip:a@b >',
    '<sip:a@b',
    '<>',
    '<sip:a@b>>',
    '<<sip:a@b>>',
    '<sip:a@b> x',
    '<sip:a@b>, <sip:c@d>',
    '<sip:a@b>;',
    '<sip:a@b>;;x',
    '<sip:a@b>;x=',
    '<sip:a@b>;x=;y',
    '<sip:a@b>;x=a b',
    '<sip:a@b>;x="a',
    '<sip:a@b>;x;X=1',
    '<sip:a@b>;tag',
    '<sip:a@b>;tag="x"',
    '<sip:a@b>;tag=[::1]',
    'sip:a@b?Route=%3Csip:c%3E',
    'sip:a;b=c@d',
    'a@b',
    '"\u0001" <sip:a@b>',
    '"\u007f" <sip:a@b>',
    '"\\é" <sip:a@b>',
  ])('refuses %j', (text) => {
    const parsed = parseNameAddr(text);
    expect(parsed).toMatchObject({ ok: false, error: expect.stringMatching(/./) });
  });

  it('takes 64 parameters and not one more', () => {
    const params = Array.from({ length: 64 }, (_, i) => `;p${i}`).join('');
    expect(addressOf(`<sip:a@b>${params}`).params.size).toBe(64);
    expect(parseNameAddr(`<sip:a@b>${params};more`).ok).toBe(false);
  });
});

describe('lists', () => {
  it('cut at commas outside quotes and brackets only', () => {
    const parsed = parseNameAddrList(['"a, b" <sip:x,y@h>;q=1 , sip:c@d', '<sip:e@f>']);
    expect(parsed.ok && parsed.value.map(({ uri }) => uri.text)).toEqual(['sip:x,y@h', 'sip:c@d', 'sip:e@f']);
  });

  it.each([[['']], [['<sip:a@b>,']], [[',<sip:a@b>']], [['<sip:a@b>,,<sip:c@d>']], [['<sip:a@b>', '']]])(
    'refuse empty members: %j',
    (rows) => {
      expect(parseNameAddrList(rows).ok).toBe(false);
    },
  );

  it('know the star, which stands alone', () => {
    expect(parseContacts([' * '])).toEqual({ ok: true, value: '*' });
    expect(parseContacts(['*', '<sip:a@b>']).ok).toBe(false);
    expect(parseContacts(['*, <sip:a@b>']).ok).toBe(false);
    expect(parseContacts(['*;q=1']).ok).toBe(false);
    expect(parseContacts([])).toEqual({ ok: true, value: [] });
  });
});

describe('formatNameAddr', () => {
  const uri = createSipUri({ user: 'tom', host: 'example.com' });

  it('quotes display names and parameters that need it', () => {
    const params = ParamList.of({ tag: 'x', note: 'a "b"', plain: undefined, host: '[::1]' });
    const text = formatNameAddr(createNameAddr(uri, params, 'Tom "T" \\ \r\nVia: x'));
    expect(text).toBe('"Tom \\"T\\" \\\\   Via: x" <sip:tom@example.com>;tag=x;note="a \\"b\\"";plain;host=[::1]');
    expect(addressOf(text).displayName).toBe('Tom "T" \\   Via: x');
  });

  it('adds a tag once', () => {
    const address = withTag(addressOf('Tom <sip:tom@example.com>;x=y'), 'abc');
    expect(address.tag).toBe('abc');
    expect(address.params.get('tag')).toBe('abc');
    expect(formatNameAddr(address)).toBe('Tom <sip:tom@example.com>;x=y;tag=abc');
    expect(() => withTag(address, 'def')).toThrow('tag');
    expect(() => withTag(createNameAddr(uri), 'a;b')).toThrow('tag');
  });
});

describe('ParamList', () => {
  const params = addressOf('<sip:a@b>;One=1;two;three="3;\\"x"').params;

  it('sets, replaces and removes without changing the list itself', () => {
    expect(params.with('two', '2').toString()).toBe(';One=1;two=2;three="3;\\"x"');
    expect(params.with('ONE', 'x y').toString()).toBe(';ONE="x y";two;three="3;\\"x"');
    expect(params.with('four').toString()).toBe(';One=1;two;three="3;\\"x";four');
    expect(params.without('ONE').without('none').toString()).toBe(';two;three="3;\\"x"');
    expect(params.toString()).toBe(';One=1;two;three="3;\\"x"');
    expect(params.get('three')).toBe('3;"x');
    expect(() => params.with('a b', 'c')).toThrow('token');
  });
});
