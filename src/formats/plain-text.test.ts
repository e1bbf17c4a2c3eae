import { describe, expect, it } from 'vitest';
import { isComposingNotice } from './is-composing.ts';
import { decodePlainText, plainTextOf } from './plain-text.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const wrap = (headers: string, content = 'H\u00e9llo'): Uint8Array =>
  bytes(`From: <im:a@b.c>\r\n\r\n${headers}\r\n\r\n${content}`);

describe('plainTextOf', () => {
  it('gives plain text as it is', () => {
    const body = bytes('Hello');
    expect(plainTextOf({ contentType: 'Text/Plain;charset=UTF-8', body })).toEqual({
      contentType: 'Text/Plain;charset=UTF-8',
      body,
    });
    expect(plainTextOf({ contentType: 'text/plain', contentEncoding: 'identity', body })?.body).toBe(body);
  });

  it('takes plain text out of an envelope', () => {
    const text = plainTextOf({
      contentType: 'message/cpim',
      body: wrap('Content-Type: text/plain; charset=utf-8'),
    });
    expect(text).toEqual({ contentType: 'text/plain; charset=utf-8', body: bytes('H\u00e9llo') });
    expect(text === undefined ? '' : decodePlainText(text)).toBe('H\u00e9llo');
  });

  it.each([
    ['text/html', bytes('<p>')],
    ['multipart/mixed', bytes('x')],
    ['message/cpim', bytes('no envelope')],
    ['message/cpim', wrap('Content-Type: text/html')],
    ['message/cpim', wrap('Content-Type: text/plain\r\nContent-Transfer-Encoding: base64')],
  ])('has nothing for %s', (contentType, body) => {
    expect(plainTextOf({ contentType, body })).toBeUndefined();
  });

  it('is none as long as it is encoded', () => {
    const body = bytes('?');
    expect(plainTextOf({ contentType: 'text/plain', contentEncoding: 'gzip', body })).toBeUndefined();
    expect(plainTextOf({ contentType: 'text/plain', contentEncoding: 'br', body })).toBeUndefined();
  });

  it('decodes by the charset', () => {
    const body = Uint8Array.of(0x48, 0xe9);
    expect(decodePlainText({ contentType: 'text/plain;charset=iso-8859-1', body })).toBe('H\u00e9');
    expect(decodePlainText({ contentType: 'text/plain', body })).toBeUndefined();
    expect(decodePlainText({ contentType: 'text/plain;charset=klingon', body })).toBeUndefined();
  });
});

describe('isComposingNotice', () => {
  it.each([
    ['application/im-iscomposing+xml', bytes('<isComposing/>'), true],
    ['Application/IM-iscomposing+XML; charset=utf-8', bytes(''), true],
    ['message/cpim', wrap('Content-Type: application/im-iscomposing+xml'), true],
    ['message/cpim', wrap('Content-Type: text/plain'), false],
    ['message/cpim', bytes('no envelope'), false],
    ['text/plain', bytes('application/im-iscomposing+xml'), false],
  ])('%s', (contentType, body, expected) => {
    expect(isComposingNotice(contentType, body)).toBe(expected);
  });
});
