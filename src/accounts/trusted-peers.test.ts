import { describe, expect, it } from 'vitest';
import { trustedBlocksMax, TrustedPeers } from './trusted-peers.ts';

function peersOf(...cidrs: string[]): TrustedPeers {
  const peers = TrustedPeers.parse(cidrs);
  if (!peers.ok) throw new Error(peers.error);
  return peers.value;
}

describe('TrustedPeers', () => {
  it.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['192.168.1.7', '192.168.1.7', true],
    ['192.168.1.7', '192.168.1.8', false],
    ['192.168.1.77/31', '192.168.1.76', true],
    ['192.168.1.77/31', '192.168.1.78', false],
    ['255.255.255.255/32', '255.255.255.255', true],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['::/0', '2001:db8::1', true],
    ['::/0', '203.0.113.9', true],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['2001:db8::/33', '2001:db8:8000::', false],
    ['::1', '::1', true],
    ['::1', '0:0:0:0:0:0:0:1', true],
    ['::1', '[::1]', true],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['127.0.0.0/8', '::ffff:127.0.0.1', true],
    ['127.0.0.0/8', '::ffff:7f00:1', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['10.0.0.0/8', 'not an address', false],
    ['10.0.0.0/8', '10.0.0', false],
    ['10.0.0.0/8', '10.0.0.1.2', false],
    ['10.0.0.0/8', '10.0.0.256', false],
  ])('%s and %s: %s', (cidr, address, isTrusted) => {
    const peers = peersOf(cidr);
    expect(peers.has(address)).toBe(isTrusted);
    expect(peers.has(address), 'the remembered answer').toBe(isTrusted);
  });

  it('trusts nobody by default and everybody in any of several networks', () => {
    expect(peersOf().has('127.0.0.1')).toBe(false);
    const peers = peersOf('10.0.0.0/8', '2001:db8::/32');
    expect(peers.has('10.1.1.1')).toBe(true);
    expect(peers.has('2001:db8::9')).toBe(true);
    expect(peers.has('9.9.9.9')).toBe(false);
  });

  it.each([
    '',
    '10.0.0.0/33',
    '10.0.0.0/',
    '10.0.0.0/-1',
    '10.0.0',
    '010.0.0.1',
    '::1/129',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7:8:9',
    '1:2',
    'g::',
    'example.com',
  ])('refuses "%s" as a network', (cidr) => {
    const peers = TrustedPeers.parse([cidr]);
    expect(peers).toMatchObject({ ok: false });
  });

  it('takes networks up to the limit and not one more', () => {
    const cidrs = Array.from({ length: trustedBlocksMax }, (_, n) => `10.0.${n & 255}.0/24`);
    expect(TrustedPeers.parse(cidrs).ok).toBe(true);
    expect(TrustedPeers.parse([...cidrs, '::1']).ok).toBe(false);
  });

  it('still answers right after more addresses than it remembers', () => {
    const peers = peersOf('10.0.0.0/16');
    for (let n = 0; n < 3_000; n++) expect(peers.has(`10.${n >> 8}.${n & 255}.1`)).toBe(n < 256);
  });
});
