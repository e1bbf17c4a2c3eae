import { expect, it } from 'vitest';
import type { Address } from '../../../model/address.ts';
import { announcedMax, type OfferEnd, SessionTarget, type TargetSession } from './session-target.ts';

/** A session whose client answers everything at once; which messages it was told of. */
function answering(end: OfferEnd, isKeeping = true) {
  const told: string[] = [];
  const session: TargetSession = {
    targetId: 't',
    device: 'd',
    isKeeping,
    taking: () => ({ contentLimits: {}, contentTypes: [] }),
    shown: ({ id }) => ({
      messageInfo: {
        messageId: id,
        contentSize: 0,
        recipient: { users: [], groups: [], contactLists: [] },
        sender: {},
      },
      contentData: '',
      bytes: 0,
    }),
    shownNotice: (message) => session.shown(message),
    fits: ({ name }) => name !== 'NewMessage',
    offer: (primitive) => {
      if (primitive.name === 'MessageNotification') told.push(primitive.value.messageInfo.messageId ?? '');
      return { end: Promise.resolve(end), stop() {} };
    },
  };
  return { session, told };
}

const mary = 'mary@localhost' as Address;
const content = { contentType: 'text/plain', body: new Uint8Array() };
const message = { sender: mary, recipient: mary, origin: 'imps', sentAt: 0, reportsWanted: [], ...content } as const;
const announced = (id: string) => ({ id, message, acceptedAt: 0, expiresAt: 1, isDeferred: true, attemptNumber: 1 });

it('a client is told of a message once, as long as that is remembered', async () => {
  const { session, told } = answering({
    kind: 'answered',
    primitive: { name: 'Polling-Request', value: {} },
  });
  const target = new SessionTarget(session, 'notify');
  const tell = async (number: number): Promise<void> => target.announce(announced(`m${number}`));
  for (let number = 0; number < announcedMax; number += 1) await tell(number);
  expect(told).toHaveLength(announcedMax);
  await tell(0);
  expect(told).toHaveLength(announcedMax);
  await tell(announcedMax);
  // The oldest goes, and no other.
  await tell(1);
  expect(told).toHaveLength(announcedMax + 1);
  await tell(0);
  expect(told).toHaveLength(announcedMax + 2);
});

it('a client that did not answer is told again', async () => {
  const { session, told } = answering({ kind: 'unanswered', why: 'silence' });
  const target = new SessionTarget(session, 'notify');
  await target.announce(announced('m'));
  await target.announce(announced('m'));
  expect(told).toEqual(['m', 'm']);
});

it.each([
  [true, 'announced'],
  [false, 'refused'],
])('what cannot be pushed is announced where it is kept (%s), and only there', async (isKeeping, outcome) => {
  const { session, told } = answering(
    { kind: 'answered', primitive: { name: 'Polling-Request', value: {} } },
    isKeeping,
  );
  const outcomes: string[] = [];
  const open: typeof session = {
    ...session,
    offer: (primitive, options) => {
      void options?.onEnd?.({ kind: 'answered', primitive: { name: 'Polling-Request', value: {} } });
      return session.offer(primitive, options);
    },
  };
  const outgoing = { ...announced('m'), mayStillGo: () => true, settled: () => undefined };
  new SessionTarget(open, 'push').attempt(outgoing, ({ kind }) => outcomes.push(kind));
  expect([outcomes, told]).toEqual([[outcome], isKeeping ? ['m'] : []]);
});
