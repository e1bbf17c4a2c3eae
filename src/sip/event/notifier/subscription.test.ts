import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AssertionFault } from '../../../base/assert.ts';
import { notifyRetriesMax, notifyRetryMs, Subscription } from './subscription.ts';
import type { Notification, SubscriptionInput, SubscriptionOutput } from './subscription.ts';
import { transitions } from './subscription-table.ts';

const pace = 5_000;
const hour = 3_600_000;

function notificationOf(outputs: readonly SubscriptionOutput[]): Notification | undefined {
  const [output] = outputs;
  return output?.kind === 'notify' ? output.notification : undefined;
}

/** One that was accepted at 0, whose first NOTIFY was answered. */
function createActive(standing: 'active' | 'pending' = 'active'): Subscription {
  const subscription = new Subscription(pace);
  subscription.handle({ kind: 'accepted', standing, expiresMs: hour }, 0);
  subscription.handle({ kind: 'notify-succeeded' }, 0);
  return subscription;
}

const changed: SubscriptionInput = { kind: 'resource-changed' };
const succeeded: SubscriptionInput = { kind: 'notify-succeeded' };
const tick: SubscriptionInput = { kind: 'tick' };

describe('a new subscription', () => {
  it.each(['active', 'pending'] as const)('is told at once that it is %s, and for how long', (standing) => {
    const subscription = new Subscription(pace);
    expect(subscription.deadline()).toBeUndefined();
    const outputs = subscription.handle({ kind: 'accepted', standing, expiresMs: hour }, 100);
    expect(outputs).toEqual([{ kind: 'notify', notification: { state: standing, expiresMs: hour, isAskedFor: true } }]);
    expect(subscription.deadline()).toBe(100 + hour);
  });

  it('that only asks gets one NOTIFY that ends it', () => {
    const subscription = new Subscription(pace);
    const outputs = subscription.handle({ kind: 'accepted', standing: 'active', expiresMs: 0 }, 100);
    expect(notificationOf(outputs)).toMatchObject({ state: 'terminated', reason: 'timeout', isAskedFor: true });
    expect(subscription.deadline()).toBeUndefined();
    expect(subscription.handle(succeeded, 200)).toEqual([{ kind: 'removed' }]);
  });
});

describe('a change', () => {
  it('is told at once after a quiet time, and the next at the pace', () => {
    const subscription = createActive();
    expect(notificationOf(subscription.handle(changed, 6_000))).toMatchObject({
      state: 'active',
      expiresMs: hour - 6_000,
    });
    subscription.handle(succeeded, 6_100);
    expect(subscription.handle(changed, 6_200)).toEqual([]);
    expect(subscription.deadline()).toBe(11_000);
    expect(subscription.handle(tick, 10_999)).toEqual([]);
    expect(subscription.handle(changed, 10_999), 'coalesced').toEqual([]);
    expect(notificationOf(subscription.handle(tick, 11_000))).toMatchObject({ isAskedFor: false });
    expect(subscription.handle(succeeded, 11_100)).toEqual([]);
    expect(subscription.deadline()).toBe(hour);
  });

  it('during an open NOTIFY is told after it, not beside it', () => {
    const subscription = createActive();
    subscription.handle(changed, 6_000);
    expect(subscription.handle(changed, 30_000)).toEqual([]);
    expect(subscription.deadline()).toBe(hour);
    expect(notificationOf(subscription.handle(succeeded, 30_500))).toBeDefined();
  });

  it('is no news for who waits for a decision', () => {
    const subscription = createActive('pending');
    expect(subscription.handle(changed, 60_000)).toEqual([]);
    expect(subscription.deadline()).toBe(hour);
  });

  it('of which there was nothing to tell does not slow the next', () => {
    const subscription = createActive();
    expect(notificationOf(subscription.handle(changed, 6_000))).toMatchObject({ state: 'active' });
    expect(subscription.handle({ kind: 'notify-omitted' }, 6_000)).toEqual([]);
    expect(notificationOf(subscription.handle(changed, 6_001))).toMatchObject({ state: 'active' });
  });

  it('without a pace is told each time', () => {
    const subscription = new Subscription(0);
    subscription.handle({ kind: 'accepted', standing: 'active', expiresMs: hour }, 0);
    subscription.handle(succeeded, 0);
    expect(notificationOf(subscription.handle(changed, 0))).toBeDefined();
  });
});

describe('a SUBSCRIBE in the dialog', () => {
  it('prolongs, and is answered by a NOTIFY whatever the pace', () => {
    const subscription = createActive();
    const outputs = subscription.handle({ kind: 'refreshed', standing: 'active', expiresMs: hour }, 1_000);
    expect(notificationOf(outputs)).toEqual({ state: 'active', expiresMs: hour, isAskedFor: true });
    expect(subscription.deadline()).toBe(1_000 + hour);
  });

  it('is answered after the NOTIFY that is open', () => {
    const subscription = createActive();
    subscription.handle(changed, 6_000);
    expect(subscription.handle({ kind: 'refreshed', standing: 'active', expiresMs: hour }, 6_100)).toEqual([]);
    expect(notificationOf(subscription.handle(succeeded, 6_200))).toMatchObject({ isAskedFor: true });
  });

  it('with no time ends it', () => {
    const subscription = createActive();
    const outputs = subscription.handle({ kind: 'refreshed', standing: 'active', expiresMs: 0 }, 1_000);
    expect(notificationOf(outputs)).toMatchObject({ state: 'terminated', reason: 'timeout', isAskedFor: true });
    expect(subscription.handle(succeeded, 1_100)).toEqual([{ kind: 'removed' }]);
  });
});

describe('the end', () => {
  it('comes when the time is over', () => {
    const subscription = createActive();
    expect(subscription.handle(tick, hour - 1)).toEqual([]);
    const outputs = subscription.handle(tick, hour);
    expect(notificationOf(outputs)).toEqual({
      state: 'terminated',
      expiresMs: 0,
      reason: 'timeout',
      isAskedFor: false,
    });
    expect(subscription.handle({ kind: 'notify-failed', isGone: false }, hour + 1)).toEqual([{ kind: 'removed' }]);
  });

  it('is told with its reason, after the NOTIFY that is open', () => {
    const subscription = createActive();
    subscription.handle(changed, 6_000);
    expect(subscription.handle({ kind: 'ended', reason: 'probation', retryAfterMs: 9_000 }, 6_100)).toEqual([]);
    const outputs = subscription.handle({ kind: 'notify-failed', isGone: false }, 6_200);
    expect(notificationOf(outputs)).toMatchObject({ state: 'terminated', reason: 'probation', retryAfterMs: 9_000 });
    expect(subscription.handle({ kind: 'ended', reason: 'rejected' }, 6_250)).toEqual([]);
    expect(subscription.handle(succeeded, 6_300)).toEqual([{ kind: 'removed' }]);
  });

  it('needs no telling when the subscriber is gone', () => {
    const subscription = createActive();
    subscription.handle(changed, 6_000);
    expect(subscription.handle({ kind: 'notify-failed', isGone: true }, 6_100)).toEqual([{ kind: 'removed' }]);
    const ending = createActive();
    ending.handle(changed, 6_000);
    ending.handle({ kind: 'ended', reason: 'rejected' }, 6_050);
    expect(ending.handle({ kind: 'notify-failed', isGone: true }, 6_100)).toEqual([{ kind: 'removed' }]);
  });
});

describe('a decision', () => {
  it('is told at once', () => {
    const subscription = createActive('pending');
    const approved = subscription.handle({ kind: 'authorised', standing: 'active' }, 1_000);
    expect(notificationOf(approved)).toMatchObject({ state: 'active' });
    subscription.handle(succeeded, 1_100);
    const again = subscription.handle({ kind: 'authorised', standing: 'pending' }, 1_200);
    expect(notificationOf(again)).toMatchObject({ state: 'pending' });
  });

  it('that changes what may be seen is told at the pace', () => {
    const subscription = createActive();
    expect(subscription.handle({ kind: 'authorised', standing: 'active' }, 1_000)).toEqual([]);
    expect(subscription.deadline()).toBe(pace);
    const waiting = createActive('pending');
    expect(waiting.handle({ kind: 'authorised', standing: 'pending' }, 1_000)).toEqual([]);
    expect(waiting.deadline()).toBe(hour);
  });
});

describe('a NOTIFY that failed', () => {
  it('is repeated some times, later', () => {
    const subscription = createActive();
    let now = 10_000;
    expect(notificationOf(subscription.handle(changed, now))).toBeDefined();
    for (let retry = 0; retry < notifyRetriesMax; retry++) {
      expect(subscription.handle({ kind: 'notify-failed', isGone: false }, now)).toEqual([]);
      expect(subscription.deadline()).toBe(now + notifyRetryMs);
      now += notifyRetryMs;
      expect(notificationOf(subscription.handle(tick, now))).toBeDefined();
    }
    expect(subscription.handle({ kind: 'notify-failed', isGone: false }, now)).toEqual([]);
    expect(subscription.deadline()).toBe(hour);
    expect(subscription.handle(changed, now + notifyRetryMs), 'a change begins anew').toHaveLength(1);
  });

  it('is repeated when the subscriber says', () => {
    const subscription = createActive();
    subscription.handle(changed, 10_000);
    subscription.handle({ kind: 'notify-failed', isGone: false, retryAfterMs: 60_000 }, 11_000);
    expect(subscription.deadline()).toBe(71_000);
  });
});

describe('the table', () => {
  const samples: readonly SubscriptionInput[] = [
    { kind: 'accepted', standing: 'active', expiresMs: hour },
    { kind: 'refreshed', standing: 'active', expiresMs: hour },
    changed,
    { kind: 'authorised', standing: 'active' },
    { kind: 'ended', reason: 'rejected' },
    succeeded,
    { kind: 'notify-failed', isGone: false },
    tick,
  ];
  const makers = {
    init: () => new Subscription(pace),
    pending: () => createActive('pending'),
    active: () => createActive(),
    terminated: () => {
      const subscription = createActive();
      subscription.handle({ kind: 'ended', reason: 'rejected' }, 1);
      return subscription;
    },
  };

  it.each(Object.entries(makers))('says for every input what it does in state %s', (state, create) => {
    for (const input of samples) {
      const subscription = create();
      expect(subscription.state).toBe(state);
      const isKnown = transitions[subscription.state][input.kind] !== undefined;
      expect(`${input.kind} ${faultOf(() => subscription.handle(input, 10))}`).toBe(
        `${input.kind} ${isKnown ? 'none' : 'AssertionFault'}`,
      );
    }
  });
});

describe('whatever happens', () => {
  const step = fc.oneof(
    fc.constant('change' as const),
    fc.constant('succeed' as const),
    fc.constant('fail' as const),
    fc.constant('refresh' as const),
    fc.integer({ min: 1, max: 8_000 }),
  );

  it('one NOTIFY is open at a time, unasked ones keep the pace, and the last state is told', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const run = new Run();
        for (const each of steps) run.take(each);
        run.settle();
        expect(run.faults).toEqual([]);
        expect(run.told, 'the last state').toBe(run.version);
      }),
    );
  });
});

function faultOf(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (fault) {
    return fault instanceof AssertionFault ? fault.name : String(fault);
  }
}

/** Drives one machine as the notifier would, and checks each NOTIFY. */
class Run {
  readonly #subscription = new Subscription(pace);
  #now = 0;
  #lastAt = Number.NEGATIVE_INFINITY;
  #isOpen = false;
  /** The newest state, the one in the NOTIFY that is open, and the one that the subscriber has. */
  version = 0;
  #sent = 0;
  told = -1;
  readonly faults: string[] = [];

  constructor() {
    this.#handle({ kind: 'accepted', standing: 'active', expiresMs: 100 * hour });
  }

  take(step: 'change' | 'succeed' | 'fail' | 'refresh' | number): void {
    if (typeof step === 'number') this.#pass(step);
    else if (step === 'change') {
      this.version += 1;
      this.#handle(changed);
    } else if (step === 'refresh') this.#handle({ kind: 'refreshed', standing: 'active', expiresMs: 100 * hour });
    else if (this.#isOpen) this.#finish(step === 'succeed');
  }

  settle(): void {
    for (let n = 0; n < 5; n++) {
      if (this.#isOpen) this.#finish(true);
      this.#pass(notifyRetryMs + pace);
    }
  }

  #finish(isSuccess: boolean): void {
    this.#isOpen = false;
    if (isSuccess) this.told = this.#sent;
    this.#handle(isSuccess ? succeeded : { kind: 'notify-failed', isGone: false });
    // A subscriber that fails every time is given up on until the next change, so let there be one.
    if (!isSuccess) this.take('change');
  }

  #pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const next = this.#subscription.deadline();
      if (next === undefined || next > end) break;
      this.#now = Math.max(this.#now, next);
      this.#handle(tick);
    }
    this.#now = end;
  }

  #handle(input: SubscriptionInput): void {
    const notification = notificationOf(this.#subscription.handle(input, this.#now));
    if (notification === undefined) return;
    if (this.#isOpen) this.faults.push('two are open');
    if (!notification.isAskedFor && this.#now - this.#lastAt < pace) this.faults.push('too soon');
    this.#isOpen = true;
    this.#lastAt = this.#now;
    this.#sent = this.version;
  }
}
