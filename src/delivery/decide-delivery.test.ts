import { describe, expect, it } from 'vitest';
import { decideDelivery, type AttemptFacts, type EntryFacts, type SubmissionFacts } from './decide-delivery.ts';
import { attemptsPerRun } from './ports.ts';

const keeping = { isStoreOffline: true, blockedAnswer: 'refuse' } as const;

const submitted: SubmissionFacts = {
  policy: keeping,
  isBlocked: false,
  holds: true,
  isReachable: true,
  isQueueBusy: false,
  isTransient: false,
  isLarge: false,
  isKeptFirst: false,
  validityMs: 1000,
};

function onSubmitted(facts: Partial<SubmissionFacts>) {
  return decideDelivery({ kind: 'submitted', facts: { ...submitted, ...facts } });
}

describe('a message that was handed in', () => {
  it('is sent on at once to a recipient who is online', () => {
    expect(onSubmitted({})).toEqual({ kind: 'relay' });
  });
  it('waits when the recipient is away, and is held when its condition is unmet, reachable or not', () => {
    expect(onSubmitted({ isReachable: false })).toEqual({ kind: 'keep', state: 'waiting', mayAttempt: false });
    expect(onSubmitted({ holds: false })).toEqual({ kind: 'keep', state: 'held', mayAttempt: false });
    expect(onSubmitted({ holds: false, isReachable: false })).toMatchObject({ state: 'held' });
  });
  it('does not overtake what is ready already', () => {
    expect(onSubmitted({ isQueueBusy: true })).toEqual({ kind: 'keep', state: 'waiting', mayAttempt: true });
  });
  it('is refused when nothing may be kept and it cannot go now, with validity 0 likewise', () => {
    const nothingKept = { ...keeping, isStoreOffline: false };
    const notStored = { kind: 'refuse', refusal: { reason: 'not-stored' } };
    expect(onSubmitted({ policy: nothingKept, isReachable: false })).toEqual(notStored);
    expect(onSubmitted({ policy: nothingKept, holds: false })).toEqual(notStored);
    expect(onSubmitted({ validityMs: 0, isReachable: false })).toEqual(notStored);
    expect(onSubmitted({ validityMs: 0, holds: false })).toEqual(notStored);
    expect(onSubmitted({ validityMs: 0 })).toEqual({ kind: 'relay' });
    expect(onSubmitted({ policy: nothingKept })).toEqual({ kind: 'relay' });
  });
  it('has its row first where its body is kept apart, and is refused where it can have none', () => {
    expect(onSubmitted({ isLarge: true })).toEqual({ kind: 'keep', state: 'waiting', mayAttempt: true });
    expect(onSubmitted({ isLarge: true, validityMs: 0 })).toMatchObject({ refusal: { reason: 'not-stored' } });
    const nothingKept = { ...keeping, isStoreOffline: false };
    expect(onSubmitted({ isLarge: true, policy: nothingKept })).toMatchObject({ refusal: { reason: 'not-stored' } });
  });
  it('is refused from a blocked sender, or treated as for an absent recipient', () => {
    expect(onSubmitted({ isBlocked: true })).toEqual({ kind: 'refuse', refusal: { reason: 'blocked' } });
    const silent = { ...keeping, blockedAnswer: 'accept' } as const;
    expect(onSubmitted({ isBlocked: true, policy: silent })).toEqual({
      kind: 'keep',
      state: 'waiting',
      mayAttempt: false,
    });
  });
  it('is dropped when it is worth nothing later', () => {
    expect(onSubmitted({ isTransient: true, isReachable: false })).toEqual({ kind: 'drop' });
    expect(onSubmitted({ isTransient: true })).toEqual({ kind: 'relay' });
  });
});

const entry: EntryFacts = {
  state: 'waiting',
  holds: true,
  isBlocked: false,
  blockedAnswer: 'refuse',
  isExpired: false,
};

describe('a kept message when something changed', () => {
  it.each([
    ['held', true, 'make-ready'],
    ['held', false, 'leave'],
    ['waiting', true, 'leave'],
    ['waiting', false, 'hold'],
  ] as const)('%s, condition holds %s: %s', (state, holds, kind) => {
    expect(decideDelivery({ kind: 're-evaluated', facts: { ...entry, state, holds } }).kind).toBe(kind);
  });
  it('ends when its time is over', () => {
    const facts = { ...entry, isExpired: true };
    expect(decideDelivery({ kind: 're-evaluated', facts })).toMatchObject({ kind: 'end', state: 'expired' });
    expect(decideDelivery({ kind: 'may-start', facts })).toMatchObject({ kind: 'end', state: 'expired' });
  });
});

describe('an attempt that is about to start', () => {
  it('starts only when the condition holds at that moment', () => {
    expect(decideDelivery({ kind: 'may-start', facts: entry }).kind).toBe('attempt');
    expect(decideDelivery({ kind: 'may-start', facts: { ...entry, holds: false } }).kind).toBe('hold');
  });
  it('fails from a sender who was blocked meanwhile, or stays silent', () => {
    const facts = { ...entry, isBlocked: true };
    expect(decideDelivery({ kind: 'may-start', facts })).toMatchObject({ kind: 'end', state: 'failed' });
    const silent = { ...facts, blockedAnswer: 'accept' } as const;
    expect(decideDelivery({ kind: 'may-start', facts: silent }).kind).toBe('set-aside');
  });
});

const ended: AttemptFacts = {
  isDelivered: false,
  isWithdrawn: false,
  isExpired: false,
  isRecalled: false,
  isTurnedAway: false,
  isRefusedByAll: false,
  hasMessageFailed: false,
  mayPoison: false,
  messageFailures: 0,
  attempts: 1,
};

function onEnded(facts: Partial<AttemptFacts>) {
  return decideDelivery({ kind: 'attempt-ended', facts: { ...ended, ...facts } });
}

describe('an attempt that ended', () => {
  it('delivered counts whatever else is true, also after the end of the validity', () => {
    expect(onEnded({ isDelivered: true, isExpired: true, isRefusedByAll: true })).toMatchObject({ state: 'delivered' });
  });
  it('refused by every client is failed; a silent client is waited for', () => {
    expect(onEnded({ isRefusedByAll: true })).toMatchObject({ kind: 'end', state: 'failed' });
    expect(onEnded({})).toEqual({ kind: 'wait-for-client' });
  });
  it('taken back by its sender is recalled unless it was delivered', () => {
    expect(onEnded({ isRecalled: true, isExpired: true })).toMatchObject({ kind: 'end', state: 'recalled' });
    expect(onEnded({ isRecalled: true, isDelivered: true })).toMatchObject({ kind: 'end', state: 'delivered' });
  });
  it('withdrawn before it was sent changes nothing', () => {
    expect(onEnded({ isWithdrawn: true })).toEqual({ kind: 'leave' });
  });
  it('failed for its own sake is tried later, doubling from 30 s to 15 min', () => {
    expect(onEnded({ hasMessageFailed: true })).toEqual({ kind: 'retry', afterMs: 30_000 });
    expect(onEnded({ hasMessageFailed: true, attempts: 2 })).toEqual({ kind: 'retry', afterMs: 60_000 });
    expect(onEnded({ hasMessageFailed: true, attempts: 9 })).toEqual({ kind: 'retry', afterMs: 900_000 });
  });
  it('does not wait longer for the numbers that a restart skips', () => {
    expect(onEnded({ hasMessageFailed: true, attempts: 2 + attemptsPerRun })).toEqual({
      kind: 'retry',
      afterMs: 60_000,
    });
  });
  it('is set aside at the third poisonous failure, not at the second', () => {
    const poisoned = { hasMessageFailed: true, mayPoison: true };
    expect(onEnded({ ...poisoned, messageFailures: 1 }).kind).toBe('retry');
    expect(onEnded({ ...poisoned, messageFailures: 2 }).kind).toBe('set-aside');
    expect(onEnded({ hasMessageFailed: true, messageFailures: 2 }).kind).toBe('retry');
  });
});
