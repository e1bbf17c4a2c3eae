import { describe, expect, it } from 'vitest';
import { AssertionFault } from '../../../../base/assert.ts';
import { backOffFirstMs, provenMs, refusedMs } from './back-off.ts';
import { invariantMs } from './lifetime.ts';
import { transitions } from './own-subscription-table.ts';
import type { OwnSubscriptionInput } from './own-subscription-words.ts';
import { Rig } from './subscription-rig.ts';

describe('the end that a NOTIFY tells (RFC 6665 4.1.3)', () => {
  const ended = (reason: string, livedMs = provenMs + 1): { rig: Rig; said: string[] } => {
    const rig = new Rig().subscribed();
    rig.now += livedMs;
    return { rig, said: rig.notify({ state: `terminated${reason}` }) };
  };

  it.each([';reason=deactivated', ';reason=timeout', ';reason=deactivated;retry-after=100'])(
    '%s: another at once, and what is known stays until that tells more',
    (reason) => {
      const { rig, said } = ended(reason);
      expect(said).toEqual(['answer 200', 'terminated']);
      const { now } = rig;
      expect(rig.wait()).toEqual(['due']);
      expect(rig.now).toBe(now);
    },
  );

  it.each([
    [';reason=probation', backOffFirstMs],
    [';reason=probation;retry-after=90', 90_000],
    [';reason=giveup', backOffFirstMs],
    [';reason=giveup;retry-after=90', 90_000],
    ['', backOffFirstMs],
    [';reason=of-tomorrow;retry-after=90', 90_000],
  ])('%s: another after %d ms, and nothing is known', (reason, waitMs) => {
    const { rig, said } = ended(reason);
    expect(said).toEqual(['answer 200', 'terminated', 'lost']);
    const { now } = rig;
    expect(rig.wait()).toEqual(['due']);
    expect(rig.now - now).toBe(waitMs);
  });

  it.each([';reason=rejected', ';reason=noresource', ';reason=rejected;retry-after=1'])(
    '%s: none without a new reason, and not soon even then',
    (reason) => {
      const { rig, said } = ended(reason);
      expect(said).toEqual(['answer 200', 'terminated', 'lost']);
      expect(rig.machine.state).toBe('given-up');
      expect(rig.machine.deadline()).toBeUndefined();
      const { now } = rig;
      rig.now += 60_000;
      rig.give({ kind: 'wanted' });
      expect(rig.wait()).toEqual(['due']);
      expect(rig.now - now).toBe(refusedMs);
    },
  );

  it('invariant: what it says last holds on, without a subscription', () => {
    const rig = new Rig().subscribed();
    expect(rig.notify({ state: 'terminated;reason=invariant', body: 'for ever' })).toEqual([
      'answer 200',
      'terminated',
      `told for ever for ${invariantMs / 1_000}`,
    ]);
    expect(rig.wait()).toEqual(['lost']);
    expect(rig.now).toBe(invariantMs);
  });

  it('of one that lives shortly again and again is answered more and more slowly', () => {
    const rig = new Rig();
    rig.start();
    const waits: number[] = [];
    for (let n = 0; n < 4; n++) {
      rig.notify({ state: 'active', body: 'open', fromTag: `t${n}` });
      rig.notify({ state: 'terminated;reason=deactivated', fromTag: `t${n}` });
      const before = rig.now;
      rig.wait();
      waits.push(rig.now - before);
      rig.give({ kind: 'start' });
    }
    expect(waits).toEqual([0, backOffFirstMs, 2 * backOffFirstMs, 4 * backOffFirstMs]);
  });

  it('at once in the first NOTIFY', () => {
    const rig = new Rig();
    rig.start();
    rig.answer(200);
    expect(rig.notify({ state: 'terminated;reason=rejected' })).toEqual(['answer 200', 'terminated']);
    expect(rig.machine.state).toBe('given-up');
  });
});

describe('a subscription that nobody wants any more', () => {
  it('is ended with Expires 0, and is over with the last NOTIFY', () => {
    const rig = new Rig().subscribed();
    expect(rig.give({ kind: 'unwanted' })).toEqual(['lost', 'send 2 expires 0']);
    expect(rig.answer(200)).toEqual([]);
    expect(rig.notify({ body: 'still', state: 'active' })).toEqual(['answer 200']);
    expect(rig.notify({ state: 'terminated;reason=timeout' })).toEqual(['answer 200', 'ended']);
    expect(rig.machine.deadline()).toBeUndefined();
  });

  it.each([
    ['an error', (rig: Rig) => rig.answer(481)],
    ['silence', (rig: Rig) => rig.fail()],
    ['no last NOTIFY', (rig: Rig) => [...rig.answer(200), ...rig.wait()]],
  ])('is over with %s, too', (_, happen) => {
    const rig = new Rig().subscribed();
    rig.give({ kind: 'unwanted' });
    expect(happen(rig)).toEqual(['ended']);
  });

  it('while a refresh is under way: that first', () => {
    const rig = new Rig('secret').subscribed();
    rig.wait();
    expect(rig.give({ kind: 'unwanted' })).toEqual(['lost']);
    expect(rig.answer(200)).toEqual(['send 3 expires 0']);
    expect(rig.answer(401, ['WWW-Authenticate', 'Digest realm="r", nonce="n"'])).toEqual(['send 4 expires 0']);
    expect(rig.answer(200)).toEqual([]);
  });

  it('before there is a dialog is ended as soon as there is one, or given up when there is none', () => {
    const rig = new Rig();
    rig.start();
    rig.answer(200);
    expect(rig.give({ kind: 'unwanted' })).toEqual([]);
    expect(rig.notify({ body: 'open' })).toEqual(['answer 200', 'send 2 expires 0']);
    const never = new Rig();
    never.start();
    never.give({ kind: 'unwanted' });
    expect(never.fail()).toEqual(['silent', 'ended']);
    const changed = new Rig();
    changed.start();
    changed.give({ kind: 'unwanted' });
    changed.give({ kind: 'wanted' });
    expect(changed.notify({ body: 'open' })).toEqual(['answer 200', 'told open for 600']);
  });

  it('while it waits is simply over', () => {
    const rig = new Rig();
    expect(rig.give({ kind: 'unwanted' })).toEqual(['ended']);
  });
});

describe('the whole state', () => {
  it('is asked for with a refresh, once the SUBSCRIBE before it is answered', () => {
    const rig = new Rig().subscribed();
    expect(rig.give({ kind: 'whole-state-wanted' })).toEqual(['send 2 expires 600']);
    expect(rig.give({ kind: 'whole-state-wanted' })).toEqual([]);
    expect(rig.answer(200)).toContain('send 3 expires 600');
    expect(rig.answer(200)).toEqual(['accepted', 'prolonged for 600']);
  });
});

describe('the table', () => {
  const response = new Rig();
  response.start();
  const samples: readonly OwnSubscriptionInput[] = [
    { kind: 'start' },
    { kind: 'failed', attempt: 99 },
    { kind: 'notified', request: response.notifyOf({ callId: 'x' }) },
    { kind: 'whole-state-wanted' },
    { kind: 'wanted' },
    { kind: 'unwanted' },
    { kind: 'server-back' },
    { kind: 'tick' },
  ];
  const makers: Record<string, () => Rig> = {
    waiting: () => new Rig(),
    subscribing: () => {
      const rig = new Rig();
      rig.start();
      return rig;
    },
    subscribed: () => new Rig().subscribed(),
    'given-up': () => {
      const rig = new Rig().subscribed();
      rig.notify({ state: 'terminated;reason=rejected' });
      return rig;
    },
    ending: () => {
      const rig = new Rig().subscribed();
      rig.give({ kind: 'unwanted' });
      return rig;
    },
    ended: () => {
      const rig = new Rig();
      rig.give({ kind: 'unwanted' });
      return rig;
    },
  };

  it.each(Object.entries(makers))('says for every input what it does in state %s', (state, create) => {
    for (const input of samples) {
      const { machine } = create();
      expect(machine.state).toBe(state);
      const isKnown = transitions[machine.state][input.kind] !== undefined;
      let fault = 'none';
      try {
        machine.handle(input, 10);
      } catch (caught) {
        fault = caught instanceof AssertionFault ? caught.name : String(caught);
      }
      expect(`${input.kind} ${fault}`).toBe(`${input.kind} ${isKnown ? 'none' : 'AssertionFault'}`);
    }
  });
});
