import { describe, expect, it } from 'vitest';
import { OwnAddresses } from './own-addresses.ts';

const machine = ['192.0.2.7', '2001:db8::7', '127.0.0.1', '::1'];

describe('OwnAddresses listening on one address', () => {
  const own = new OwnAddresses({
    listening: [{ address: '192.0.2.7', port: 5060 }],
    machine,
    names: ['Example.com', 'sip.example.com'],
  });

  it.each([
    ['192.0.2.7', 5060, true],
    ['192.0.2.7', undefined, true],
    ['192.0.2.7', 5061, false],
    ['127.0.0.1', 5060, false],
    ['192.0.2.8', 5060, false],
    ['example.COM', undefined, true],
    ['example.com.', 5060, true],
    ['example.com', 5061, false],
    ['example.net', undefined, false],
  ])('isOurs %s:%s is %s', (host, port, expected) => {
    expect(own.isOurs(host, port)).toBe(expected);
  });

  it('writes no name into its Via', () => {
    expect(own.isOurSentBy('example.com', undefined)).toBe(false);
    expect(own.isOurSentBy('192.0.2.7', undefined)).toBe(true);
    expect(own.isOurSentBy('192.0.2.7', 5070)).toBe(false);
    expect(own.sentByHost('192.0.2.7', '127.0.0.1')).toBe('192.0.2.7');
  });
});

describe('OwnAddresses listening on all addresses', () => {
  const own = new OwnAddresses({ listening: [{ address: '::', port: 5070 }], machine });

  it.each([
    ['192.0.2.7', true],
    ['[2001:DB8::7]', true],
    ['127.0.0.1', true],
    ['[::1]', true],
    ['[0:0:0:0:0:0:0:1]', true],
    ['[2001:0db8:0::0007]', true],
    ['[::ffff:127.0.0.1]', true],
    ['[::ffff:c000:207]', true],
    ['[::ffff:192.0.2.8]', false],
    ['0.0.0.0', false],
  ])('isOurs %s is %s', (host, expected) => {
    expect(own.isOurs(host, 5070)).toBe(expected);
    expect(own.isOurs(host, undefined)).toBe(false);
  });

  it.each([
    ['198.51.100.1', '192.0.2.7'],
    ['127.0.0.5', '127.0.0.1'],
    ['2001:db8::99', '[2001:db8::7]'],
    ['::1', '[::1]'],
  ])('towards %s its Via says %s', (remote, host) => {
    expect(own.sentByHost('::', remote)).toBe(host);
    expect(own.sentByHost('::', remote)).toBe(host);
  });

  it('says what it is told to say', () => {
    const advertised = new OwnAddresses({
      listening: [{ address: '0.0.0.0', port: 5060 }],
      machine,
      advertised: '2001:db8::1',
    });
    expect(advertised.sentByHost('0.0.0.0', '127.0.0.1')).toBe('[2001:db8::1]');
    expect(advertised.isOurSentBy('[2001:db8::1]', undefined)).toBe(true);
  });

  it('without any address of the family writes the peer back', () => {
    const lonely = new OwnAddresses({ listening: [{ address: '0.0.0.0', port: 5060 }], machine: ['127.0.0.1'] });
    expect(lonely.sentByHost('0.0.0.0', '198.51.100.1')).toBe('127.0.0.1');
    expect(lonely.sentByHost('0.0.0.0', '2001:db8::2')).toBe('[2001:db8::2]');
  });
});
