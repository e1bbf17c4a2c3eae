import { describe, expect, it } from 'vitest';
import { parseSipMessage } from './parse-message.ts';
import { SipHeaders } from './sip-headers.ts';

const SOUND = 'v: SIP/2.0/UDP h\r\nf: <sip:a@b>;tag=1\r\nt: <sip:a@b>\r\ni: 1\r\nCSeq: 1 OPTIONS\r\n';

function sample(): SipHeaders {
  return new SipHeaders([
    ['v', 'SIP/2.0/UDP a'],
    ['Require', 'x, y'],
    ['X-Odd', '1'],
    ['VIA', 'SIP/2.0/UDP b'],
    ['require', ' "q,uoted" ,,<z,z>, '],
    ['x-odd', '2'],
  ]);
}

describe('SipHeaders', () => {
  it('writes known names in canonical case and keeps unknown ones', () => {
    expect([...sample()].map(([name]) => name)).toEqual(['Via', 'Require', 'X-Odd', 'Via', 'Require', 'x-odd']);
  });

  it.each([
    ['a', 'Accept-Contact'],
    ['b', 'Referred-By'],
    ['c', 'Content-Type'],
    ['d', 'Request-Disposition'],
    ['e', 'Content-Encoding'],
    ['f', 'From'],
    ['i', 'Call-ID'],
    ['j', 'Reject-Contact'],
    ['k', 'Supported'],
    ['l', 'Content-Length'],
    ['m', 'Contact'],
    ['o', 'Event'],
    ['r', 'Refer-To'],
    ['s', 'Subject'],
    ['t', 'To'],
    ['u', 'Allow-Events'],
    ['v', 'Via'],
    ['x', 'Session-Expires'],
    ['www-authenticate', 'WWW-Authenticate'],
    ['SIP-IF-MATCH', 'SIP-If-Match'],
    ['cAlL-iD', 'Call-ID'],
  ])('%s is %s', (spelling, name) => {
    expect([...new SipHeaders([[spelling, '']])]).toEqual([[name, '']]);
    expect(new SipHeaders([[name, 'v']]).get(spelling)).toBe('v');
  });

  it.each(['Tx', 'Vib', 'Frpm', 'CSex', 'Contacs', 'Content-Lenxth', 'Cpntent-Length', 'Max-Forwardt', 'z', 'L-'])(
    '%s is none of them',
    (name) => {
      const octets = new TextEncoder().encode(`OPTIONS sip:h SIP/2.0\r\n${SOUND}${name}: ?\r\n\r\n`);
      const parsed = parseSipMessage(octets);
      expect(parsed.kind === 'request' && [...parsed.message.headers].at(-1)).toEqual([name, '?']);
    },
  );

  it('finds rows without regard to case', () => {
    const headers = sample();
    expect(headers.get('via')).toBe('SIP/2.0/UDP a');
    expect(headers.getAll('V')).toEqual(['SIP/2.0/UDP a', 'SIP/2.0/UDP b']);
    expect(headers.getAll('X-ODD')).toEqual(['1', '2']);
    expect(headers.get('none')).toBeUndefined();
    expect(headers.has('REQUIRE')).toBe(true);
    expect(headers.has('none')).toBe(false);
    expect(headers.size).toBe(6);
  });

  it('splits lists outside quotes and brackets, but never credentials', () => {
    expect(sample().values('Require')).toEqual(['x', 'y', '"q,uoted"', '<z,z>']);
    expect(new SipHeaders([['Require', '"\\",", b']]).values('Require')).toEqual(['"\\","', 'b']);
    expect(new SipHeaders([['Authorization', 'Digest a=1, b=2']]).values('Authorization')).toEqual(['Digest a=1, b=2']);
  });

  it('sets, prepends, removes and replaces', () => {
    const headers = sample().set('Via', 'new').set('Added', 'last').prepend('Via', 'first').remove('x-odd');
    expect([...headers]).toEqual([
      ['Via', 'first'],
      ['Via', 'new'],
      ['Require', 'x, y'],
      ['Require', ' "q,uoted" ,,<z,z>, '],
      ['Added', 'last'],
    ]);
    expect(headers.replaceFirst('v', 'again')).toBe(true);
    expect(headers.replaceFirst('none', '')).toBe(false);
    expect(headers.getAll('Via')).toEqual(['again', 'new']);
  });

  it('copies rows and clones', () => {
    const headers = sample();
    const copy = headers.clone().remove('Via');
    expect(headers.getAll('Via').length).toBe(2);
    expect([...copy.copyRows('via', headers)].at(-1)).toEqual(['Via', 'SIP/2.0/UDP b']);
    const seen: string[] = [];
    // eslint-disable-next-line unicorn/no-array-for-each -- not an array
    headers.forEach((name, value) => seen.push(`${name}=${value}`));
    expect(seen.length).toBe(6);
    expect(seen[2]).toBe('X-Odd=1');
  });

  it.each(['', 'a b', 'a:b', 'a\r\nVia', 'ä'])('crashes on the name %j', (name) => {
    expect(() => new SipHeaders().add(name, 'x')).toThrow('not a header name');
    expect(() => new SipHeaders().prepend(name, 'x')).toThrow('not a header name');
  });

  it('does not take names for properties', () => {
    const headers = new SipHeaders([
      ['__proto__', '1'],
      ['constructor', '2'],
    ]);
    expect(headers.get('__PROTO__')).toBe('1');
    expect(headers.get('toString')).toBeUndefined();
  });
});
