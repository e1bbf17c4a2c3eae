import { expect, it } from 'vitest';
import type { Address } from '../../../model/address.ts';
import type { LiveSession } from '../session/live-session.ts';
import { looksMax, Watching } from './watching.ts';

const someoneAt = (at: number): Address => `u${at}@example.com` as Address;

it('what somebody looked for is remembered for so many; the oldest is forgotten', () => {
  const watchers = { pendingFor: () => [], changed: () => undefined, asks: () => undefined };
  const watching = new Watching({ watchers, clock: { wall: () => 0 } } as never);
  const tom = { owner: 'tom@example.com', targetId: 't' } as unknown as LiveSession;
  for (let at = 0; at < looksMax; at += 1) watching.looked(tom, someoneAt(at), ['StatusMood']);
  expect(watching.askedBy(tom.owner, someoneAt(0))).toEqual(['StatusMood']);
  watching.looked(tom, someoneAt(looksMax), ['StatusText']);
  expect(watching.askedBy(tom.owner, someoneAt(0))).toBeUndefined();
  expect(watching.askedBy(tom.owner, someoneAt(1))).toEqual(['StatusMood']);
  watching.looked(tom, someoneAt(1), 'all');
  expect(watching.askedBy(tom.owner, someoneAt(1))).toBeUndefined();
});
