import { describe, expect, it } from 'vitest';
import { formatMultipart, multipartPartsMax, parseMultipart } from './multipart.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const parse = (type: string, text: string) =>
  parseMultipart(type, encode(text))?.map(({ contentType, content }) => [contentType, decode(content)]);

describe('parseMultipart', () => {
  it('reads the parts, whatever stands around them', () => {
    const text =
      'before\r\n--a b\r\nContent-Type: message/sip\r\nX: y\r\n\r\nREGISTER é\r\n\r\n--a b \r\n\r\nplain\r\n--a b--\r\nbehind';
    expect(parse('multipart/mixed;boundary="a b"', text)).toEqual([
      ['message/sip', 'REGISTER é\r\n'],
      ['text/plain', 'plain'],
    ]);
  });

  it('reads bare line feeds, an empty part, and one without an end', () => {
    expect(parse('Multipart/Related; boundary=x', '--x\ncontent-type : a/b\n\n1\n--x\n\n--x\n\n2')).toEqual([
      ['a/b', '1'],
      ['text/plain', ''],
      ['text/plain', '2'],
    ]);
  });

  it('takes a boundary at the beginning of a line only', () => {
    expect(parse('multipart/mixed;boundary=x', '--x\r\n\r\na --x\r\n--x--')).toEqual([['text/plain', 'a --x']]);
  });

  it.each([
    ['another type', 'text/plain;boundary=x', '--x\r\n\r\na\r\n--x--'],
    ['no boundary', 'multipart/mixed', '--x\r\n\r\na\r\n--x--'],
    ['a boundary that is not there', 'multipart/mixed;boundary=y', '--x\r\n\r\na\r\n--x--'],
    ['nothing', 'multipart/mixed;boundary=y', ''],
  ])('has no parts for %s', (_what, type, text) => {
    expect(parse(type, text)).toBeUndefined();
  });

  it('leaves out what is behind the last part that counts', () => {
    const text = (count: number): string => `${'--x\r\n\r\na\r\n'.repeat(count)}--x--`;
    expect(parse('multipart/mixed;boundary=x', text(multipartPartsMax))).toHaveLength(multipartPartsMax);
    expect(parse('multipart/mixed;boundary=x', text(multipartPartsMax + 1))).toHaveLength(multipartPartsMax);
  });
});

describe('formatMultipart', () => {
  it('writes what is read as the same parts', () => {
    const parts = ['Content-Type: a/b\r\nX-Y: z\r\n\r\none', '\r\n'].map(encode);
    const body = formatMultipart('b', parts);
    const read = parseMultipart('multipart/mixed;boundary=b', body);
    expect(read?.map(({ whole }) => decode(whole))).toEqual(parts.map(decode));
    expect(read?.[0]?.headers).toEqual(
      new Map([
        ['content-type', 'a/b'],
        ['x-y', 'z'],
      ]),
    );
  });
});
