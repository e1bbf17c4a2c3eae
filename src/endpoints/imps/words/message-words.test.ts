import { describe, expect, it } from 'vitest';
import type { Address } from '../../../model/address.ts';
import { contentOf, shownMessage } from './message-words.ts';

const mary = 'mary@localhost' as Address;

function validityOf(sentAt: number, expiresAt: number): number | undefined {
  const content = { contentType: 'text/plain', body: new Uint8Array() };
  const message = { sender: mary, recipient: mary, origin: 'imps', sentAt, reportsWanted: [], ...content } as const;
  const announced = { id: 'm', message, acceptedAt: expiresAt, expiresAt, isDeferred: false };
  return shownMessage(announced, () => ({ kind: 'malformed' })).messageInfo.validity;
}

const weekS = 604_800;

it.each([
  ['at the whole second', 10_000, 10_000 + weekS * 1000, weekS],
  ['later in the second in which it was sent', 10_000, 10_999 + weekS * 1000, weekS],
  ['a second later', 10_000, 11_000 + weekS * 1000, weekS + 1],
  ['when it is over', 10_000, 9_000, 0],
] as const)('validity counts whole seconds from when it was sent: %s', (_what, sentAt, expiresAt, validity) => {
  expect(validityOf(sentAt, expiresAt)).toBe(validity);
});

function shown(contentType: string, body: string | readonly number[]) {
  const octets = typeof body === 'string' ? new TextEncoder().encode(body) : Uint8Array.from(body);
  const content = { contentType, body: octets };
  const message = { sender: mary, recipient: mary, origin: 'imps', sentAt: 0, reportsWanted: [], ...content } as const;
  const announced = { id: 'm', message, acceptedAt: 0, expiresAt: 1000, isDeferred: false };
  const { messageInfo, contentData } = shownMessage(announced, () => ({ kind: 'malformed' }));
  return [messageInfo.contentType, messageInfo.contentEncoding, messageInfo.contentSize, contentData];
}

describe('what a phone is shown', () => {
  it.each([
    ['text/plain;charset=UTF-8', 'ä', ['text/plain', 'None', 2, 'ä']],
    ['text/plain; charset=iso-8859-1', [0xe4], ['text/plain', 'None', 2, 'ä']],
    ['text/plain; charset="us-ascii"; format=flowed', 'a', ['text/plain; format=flowed', 'None', 1, 'a']],
    ['text/x-vCard;charset=UTF-8', 'BEGIN:VCARD', ['text/x-vCard', 'None', 11, 'BEGIN:VCARD']],
    ['text/html', '<b>ä</b>', ['text/html', 'None', 9, '<b>ä</b>']],
    ['text/html', [0xff, 0x41], ['text/html', 'BASE64', 4, '/0E=']],
    ['text/x-vCard', 'a\u0001', ['text/x-vCard', 'BASE64', 4, 'YQE=']],
    ['image/png', [1, 2, 3], ['image/png', 'BASE64', 4, 'AQID']],
    ['message/cpim', 'From: <im:a@b>\r\n\r\nContent-type: text/plain\r\n\r\nhi', ['text/plain', 'None', 2, 'hi']],
  ] as const)('%s %j', (contentType, body, expected) => {
    expect(shown(contentType, body)).toEqual(expected);
  });
});

describe('content', () => {
  const given = (messageUri: string | undefined, contentData: string | undefined) =>
    contentOf({
      deliveryReport: false,
      messageInfo: {
        ...(messageUri === undefined ? {} : { messageUri }),
        contentSize: 0,
        recipient: { users: [], groups: [], contactLists: [] },
        sender: {},
      },
      ...(contentData === undefined ? {} : { contentData }),
    }).ok;

  it('that is somewhere else is refused, since nobody would get it; one that is here is taken', () => {
    expect([given('http://x/y', undefined), given('http://x/y', ''), given('http://x/y', 'here')]).toEqual([
      false,
      false,
      true,
    ]);
    expect(given(undefined, undefined)).toBe(true);
  });
});
