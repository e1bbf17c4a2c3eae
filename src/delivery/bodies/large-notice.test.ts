import { expect, it } from 'vitest';
import type { Address } from '../../model/address.ts';
import type { InstantMessage } from '../../model/instant-message.ts';
import { largeNotice } from './large-notice.ts';

const [tom, mary] = ['tom@example.com' as Address, 'mary@example.com' as Address];
const message: InstantMessage = {
  sender: tom,
  recipient: mary,
  origin: 'http',
  sentAt: 7,
  contentType: 'image/png',
  body: new Uint8Array(),
  reportsWanted: ['delivered'],
};
const plan = { origin: 'imps', mediaType: 'image/png', contentUrl: 'https://im.example.com/x' } as const;
const said = (changed: Partial<InstantMessage>): string =>
  new TextDecoder().decode(largeNotice({ ...message, ...changed }, plan).body);

it('comes from the assistant of the recipient’s domain, wants no report and says that a program wrote it', () => {
  expect(largeNotice(message, plan)).toMatchObject({
    sender: 'inbox@example.com',
    recipient: mary,
    origin: 'imps',
    sentAt: 7,
    autoSubmitted: 'auto-generated',
    reportsWanted: [],
  });
});

it('says from whom, about what, and where', () => {
  expect(said({ senderName: 'Tom', subject: 'Holiday' })).toBe(
    'A message from Tom (tom@example.com) about "Holiday" waits for you that is too large for this client: ' +
      'image/png, 0 bytes. Fetch it with your address and password: https://im.example.com/x',
  );
  expect(said({})).toContain('A message from tom@example.com waits for you');
});

it.each([
  [1_023, '1023 bytes'],
  [1_024, '1.0 KiB'],
  [10_239, '10.0 KiB'],
  [10_240, '10 KiB'],
  [3_500_000, '3.3 MiB'],
  [2 ** 40, '1024 GiB'],
])('%i bytes are %s', (bytes, words) => {
  expect(said({ large: { blob: 'b', bytes } })).toContain(`image/png, ${words}.`);
});
