import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { systemInflate } from '../base/system-inflate.ts';
import { decodeContent, encodingOf } from './content-encoding.ts';

const text = new TextEncoder().encode('hello, hello, hello');

describe('encodingOf', () => {
  it.each([
    [undefined, 'identity'],
    [' Identity', 'identity'],
    ['', 'identity'],
    ['Deflate', 'deflate'],
    ['gzip', 'gzip'],
    ['x-gzip', 'gzip'],
    ['br', 'unknown'],
    ['deflate, gzip', 'unknown'],
  ])('%s is %s', (written, encoding) => {
    expect(encodingOf(written)).toBe(encoding);
  });
});

describe('decodeContent', () => {
  it.each([
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['gzip', gzipSync(text)],
  ])('undoes %s', (contentEncoding, body) => {
    const decoded = decodeContent({ contentType: 'text/plain', contentEncoding, body }, systemInflate, text.length);
    expect(decoded.contentEncoding).toBeUndefined();
    expect([...decoded.body]).toEqual([...text]);
  });

  it.each([
    ['what is not what it says', 'deflate', text, 100],
    ['what is cut off', 'gzip', gzipSync(text).subarray(0, 12), 100],
    ['what becomes too large by one octet', 'deflate', deflateSync(text), text.length - 1],
    ['what nobody here knows', 'br', text, 100],
  ])('leaves %s as it is', (_what, contentEncoding, body, bytesMax) => {
    const content = { contentType: 'text/plain', contentEncoding, body };
    expect(decodeContent(content, systemInflate, bytesMax)).toBe(content);
  });

  it('stops at the limit, however much would come out', () => {
    const bomb = deflateSync(new Uint8Array(50_000_000));
    expect(systemInflate('deflate', bomb, 65_536)).toEqual({ kind: 'too-large' });
    expect(systemInflate('deflate', deflateSync(text), 0)).toEqual({ kind: 'too-large' });
    expect(systemInflate('deflate', deflateSync(new Uint8Array(0)), 0)).toMatchObject({ kind: 'inflated' });
  });
});
