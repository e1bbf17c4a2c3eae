import { expect, it } from 'vitest';
import type { Address } from '../../../model/address.ts';
import { shownMessage } from './message-words.ts';

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
