import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressLengthMax, domainOf, parseAddress, parsePlainAddress, userOf } from './address.ts';

function read(text: string): string {
  const parsed = parseAddress(text);
  return parsed.ok ? parsed.value : `refused: ${parsed.error}`;
}

describe('parseAddress', () => {
  it.each([
    ['mary@example.com', 'mary@example.com'],
    ['sip:mary@example.com', 'mary@example.com'],
    ['SIPS:Mary@Example.COM', 'mary@example.com'],
    ['im:mary@example.com', 'mary@example.com'],
    ['pres:mary@example.com', 'mary@example.com'],
    ['wv:mary@example.com', 'mary@example.com'],
    ['sip:mary@example.com:5060;transport=tcp', 'mary@example.com'],
    ['sip:mary@example.com?Subject=x', 'mary@example.com'],
    ['sip:m%61ry@example.com', 'mary@example.com'],
    ['sip:mary@[2001:db8::1]:5070', 'mary@[2001:db8::1]'],
    ['sip:+33-1@example.com;user=phone', '+33-1@example.com'],
    ['sip:who?@example.com;x=1?y=2', 'who?@example.com'],
    ['  mary@localhost ', 'mary@localhost'],
  ])('%s names %s', (text, address) => {
    expect(read(text)).toBe(address);
  });
  it.each(['mary', '@example.com', 'mary@', 'ma ry@example.com', 'mary@exa mple', 'mary@-x', 'sip:ma%0ary@x', ''])(
    'refuses %j and says why',
    (text) => {
      expect(read(text)).toMatch(/^refused: ./);
    },
  );
  it('looks at each sign once, however many there are', () => {
    const text = `sip:${';?'.repeat(200_000)}@example.com`;
    expect(read(text)).toMatch(/^refused: an address has at most/);
  });
  it('takes addressLengthMax characters and not one more', () => {
    const domain = '@example.com';
    expect(parseAddress('m'.repeat(addressLengthMax - domain.length) + domain).ok).toBe(true);
    expect(parseAddress('m'.repeat(addressLengthMax - domain.length + 1) + domain).ok).toBe(false);
  });
  it('never throws, and reads again what it gave', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const parsed = parseAddress(text);
        expect(parsed.ok ? parseAddress(parsed.value) : parsed).toEqual(parsed);
      }),
    );
  });
  it('splits at the last @', () => {
    const parsed = parseAddress('mary@example.com');
    if (!parsed.ok) throw new Error(parsed.error);
    expect([userOf(parsed.value), domainOf(parsed.value)]).toEqual(['mary', 'example.com']);
  });
});

describe('parsePlainAddress', () => {
  it.each(['mary@example.com', 'Mary@example.com', '+33-1@[2001:db8::1]'])('takes %s', (text) => {
    expect(parsePlainAddress(text)).toEqual({ ok: true, value: text.toLowerCase() });
  });

  it.each([
    'm%61ry@example.com',
    'sip:mary@example.com',
    'mary@example.com:5060',
    'mary;x=y@example.com',
    'mary',
    '@x',
    '',
  ])('takes %j for no address, since nothing of it is undone', (text) => {
    expect(parsePlainAddress(text)).toMatchObject({ ok: false });
  });

  it('takes addressLengthMax characters and not one more', () => {
    const domain = '@example.com';
    expect(parsePlainAddress('m'.repeat(addressLengthMax - domain.length) + domain).ok).toBe(true);
    expect(parsePlainAddress('m'.repeat(addressLengthMax - domain.length + 1) + domain).ok).toBe(false);
  });
});
