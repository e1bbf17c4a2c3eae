/** Chance writes the same story into both adapters, and whatever can be read must be the same in both after every step. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { EntryEnd, MailboxStore, NewMailboxEntry, Quotas } from '../../../src/delivery/ports.ts';
import { memoryStores } from '../../../src/stores/memory/memory-stores.ts';
import { address, newEntry, start } from '../samples.ts';
import { openSqliteSubject } from './sqlite-subject.ts';

const senders = ['tom@example.com', 'ann@example.com'].map(address);
const recipients = ['mary@example.com', 'bob@example.com', 'tom@example.com'].map(address);
const attributes = ['mood', 'online', 'sphere'];
const tight: Quotas = {
  recipientMessages: 9,
  recipientBytes: 60,
  largeBytes: 16 * 60,
  pairMessages: 5,
  senderMessages: 12,
};

type Step = (mailbox: MailboxStore, put: NewMailboxEntry[]) => Promise<unknown>;

const time = fc.integer({ min: 0, max: 12 }).map((tenths) => start + 100 * tenths);
const someRecipient = fc.constantFrom(...recipients);

const putStep: fc.Arbitrary<Step> = fc
  .record({
    sender: fc.constantFrom(...senders),
    recipient: someRecipient,
    isHeld: fc.boolean(),
    mentions: fc.option(fc.subarray(attributes), { nil: undefined }),
    turnsAt: fc.option(time, { nil: undefined }),
    expiresAt: time,
    text: fc.string({ maxLength: 12 }),
    duplicateKeys: fc.subarray(['k1', 'k2', 'k3', 'k4']),
  })
  .map(({ isHeld, mentions, turnsAt, ...sample }) => (mailbox, put) => {
    const entry = newEntry({
      ...sample,
      id: `id-${put.length}`,
      state: isHeld ? 'held' : 'waiting',
      ...(mentions === undefined ? {} : { condition: `some of ${mentions.join()}`, attributes: mentions }),
      ...(turnsAt === undefined ? {} : { turnsAt }),
    });
    put.push(entry);
    return mailbox.put(entry, tight);
  });

const updateStep: fc.Arbitrary<Step> = fc
  .record({
    which: fc.nat(40),
    changes: fc.record(
      {
        state: fc.constantFrom('held', 'waiting'),
        turnsAt: fc.option(time, { nil: undefined }),
        retryAt: fc.option(time, { nil: undefined }),
        attempts: fc.nat(5),
        messageFailures: fc.nat(3),
        isAside: fc.boolean(),
        latches: fc.constantFrom([], [{ isSet: true }]),
        step: fc.record({ at: time, what: fc.constantFrom('tried', 'held back') }),
      },
      { requiredKeys: [] },
    ),
  })
  .map(({ which, changes }) => (mailbox, put) => {
    const entry = put[which % Math.max(1, put.length)];
    const updates = entry === undefined ? [] : [{ id: entry.id, recipient: entry.message.recipient, ...changes }];
    return mailbox.update(updates);
  });

const finals = ['delivered', 'displayed', 'rejected', 'recalled', 'expired', 'failed'] as const;

const endStep: fc.Arbitrary<Step> = fc
  .record({
    which: fc.array(fc.nat(40), { maxLength: 4 }),
    state: fc.constantFrom(...finals),
    at: time,
    isAnswer: fc.boolean(),
  })
  .map(({ which, state, at, isAnswer }) => (mailbox, put) => {
    const ends = which.flatMap((number): EntryEnd[] => {
      const entry = put[number % Math.max(1, put.length)];
      return entry === undefined
        ? []
        : [
            {
              id: entry.id,
              recipient: entry.message.recipient,
              state,
              at,
              step: { at, what: `${state} then`, ...(isAnswer ? { state } : {}) },
              isAnswer,
            },
          ];
    });
    return mailbox.end(ends);
  });

const day = 24 * 60 * 60 * 1000;
const sweepStep: fc.Arbitrary<Step> = fc.record({ now: time, isNextDay: fc.boolean(), historyBefore: time }).map(
  ({ now, isNextDay, historyBefore }) =>
    (mailbox) =>
      mailbox.sweep(now + (isNextDay ? day : 0), historyBefore),
);

const story = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: putStep },
    { weight: 3, arbitrary: updateStep },
    { weight: 2, arbitrary: endStep },
    { weight: 1, arbitrary: sweepStep },
  ),
  { minLength: 30, maxLength: 80 },
);

describe('the SQLite adapter against the specification', () => {
  it('cannot be told from it', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(story, fc.nat(3), async (steps, limit) => {
        const subject = await openSqliteSubject();
        const memory = memoryStores();
        const [ours, theirs]: [NewMailboxEntry[], NewMailboxEntry[]] = [[], []];
        try {
          for (const step of steps) {
            const expected = await step(memory.mailbox, theirs);
            expect(await step(subject.stores.mailbox, ours)).toEqual(expected);
          }
          expect(await readAll(subject.stores.mailbox, ours, limit + 1)).toEqual(
            await readAll(memory.mailbox, theirs, limit + 1),
          );
        } finally {
          await subject.dispose();
        }
      }),
      { numRuns: 12 },
    );
  });
});

async function readAll(mailbox: MailboxStore, put: readonly NewMailboxEntry[], limit: number): Promise<unknown[]> {
  const all: unknown[] = [await mailbox.recipients(undefined, 99), await mailbox.nextDueAt()];
  const now = start + 500;
  all.push(await mailbox.due(now, 99), await mailbox.due(now, limit), await mailbox.list({ limit: 99 }));
  for (const recipient of recipients) {
    for (const page of [
      { after: 0, limit: 99 },
      { after: 3, limit },
    ]) {
      all.push(await mailbox.ready(recipient, { ...page, now }), await mailbox.open(recipient, page));
      all.push(await mailbox.mentioning(recipient, 'all', page));
      all.push(await mailbox.mentioning(recipient, ['mood', 'online'], page));
      for (const sender of senders) all.push(await mailbox.list({ ...page, recipient, sender }));
    }
  }
  for (const { id, message, duplicateKeys } of put) {
    all.push(await mailbox.story(id));
    all.push(await mailbox.findDuplicate(message.sender, message.recipient, duplicateKeys));
  }
  return all;
}
