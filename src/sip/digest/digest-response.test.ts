import { describe, expect, it } from 'vitest';
import { systemHashes } from '../../base/system-hash.ts';
import { digestResponse } from './digest-response.ts';

describe('digestResponse', () => {
  /** RFC 7616 3.9.1: one request with both algorithms. */
  it.each([
    ['md5', '8ca523f5e9506fed4657c9700eebdbec'],
    ['sha-256', '753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1'],
  ] as const)('is what the RFC prints for %s', (algorithm, response) => {
    const passwordHash = systemHashes.hash(algorithm, 'Mufasa:http-auth@example.org:Circle of Life');
    const parts = {
      passwordHash,
      method: 'GET',
      uri: '/dir/index.html',
      nonce: '7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v',
      nonceCount: '00000001',
      cnonce: 'f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ',
    };
    expect(digestResponse(systemHashes, algorithm, parts)).toBe(response);
  });
});
