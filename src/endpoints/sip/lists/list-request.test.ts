import { describe, expect, it } from 'vitest';
import { multipartPartsMax } from '../../../formats/multipart.ts';
import { SipHeaders } from '../../../sip/message/sip-headers.ts';
import { createSipRequest } from '../../../sip/message/sip-message.ts';
import { type ListRequest, readListRequest } from './list-request.ts';

const recipients =
  'Content-Type: application/resource-lists+xml\r\nContent-Disposition: Recipient-List;handling=required\r\n\r\n' +
  '<resource-lists xmlns="urn:ietf:params:xml:ns:resource-lists"><list><entry uri="sip:mary@x"/></list></resource-lists>';

function read(parts: readonly string[]): ReturnType<typeof readListRequest> {
  const headers = new SipHeaders([
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1'],
    ['From', '<sip:tom@x>;tag=1'],
    ['To', '<sip:list@x>'],
    ['Call-ID', '1'],
    ['CSeq', '1 MESSAGE'],
    ['Content-Type', 'multipart/mixed;boundary=b'],
  ]);
  const body = Buffer.from(`${parts.map((part) => `--b\r\n${part}\r\n`).join('')}--b--\r\n`);
  return readListRequest(createSipRequest({ method: 'MESSAGE', requestUri: 'sip:list@x', headers, body }));
}

function contentOf(parts: readonly string[]): ListRequest['content'] & { readonly text: string } {
  const list = read(parts);
  if (!list.ok) throw new Error(list.error.words);
  return { ...list.value.content, text: Buffer.from(list.value.content.body).toString() };
}

const wordsOf = (parts: readonly string[]): string => {
  const list = read(parts);
  return list.ok ? '' : list.error.words;
};

describe('readListRequest', () => {
  it('takes a part that is left alone out of its wrapper, with what it says of itself', () => {
    const text =
      'Content-Type: text/plain;charset=utf-8\r\nContent-Language: de\r\nContent-Disposition: render\r\nContent-Transfer-Encoding: 8bit\r\n\r\nja';
    expect(contentOf([recipients, text])).toMatchObject({
      contentType: 'text/plain;charset=utf-8',
      contentLanguage: 'de',
      contentDisposition: 'render',
      text: 'ja',
    });
  });

  it('leaves several parts, and one with headers of its own, as they are', () => {
    const image = 'Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA';
    expect(contentOf([image, recipients])).toMatchObject({
      contentType: 'multipart/mixed;boundary=b',
      text: `--b\r\n${image}\r\n--b--\r\n`,
    });
    expect(contentOf(['\r\none', recipients, image]).text).toBe(`--b\r\n\r\none\r\n--b\r\n${image}\r\n--b--\r\n`);
  });

  it.each([
    [['\r\none'], 'the body holds no list of recipients, or more than one'],
    [[recipients, recipients, '\r\none'], 'the body holds no list of recipients, or more than one'],
    [[recipients], 'the body holds nothing but the list of recipients'],
  ])('refuses what is no message to a list', (parts, words) => {
    expect(wordsOf(parts)).toBe(words);
  });

  it('refuses as many parts as are read', () => {
    const parts = (count: number): string[] => [recipients, ...Array.from({ length: count - 1 }, () => '\r\none')];
    expect(wordsOf(parts(multipartPartsMax - 1))).toBe('');
    expect(wordsOf(parts(multipartPartsMax))).toBe('the body has too many parts');
  });
});
