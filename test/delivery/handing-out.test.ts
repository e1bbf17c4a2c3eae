import { describe, expect, it } from 'vitest';
import type { DeliveryStyle } from '../../src/delivery/ports.ts';
import { Client, john, mary, Rig, tom } from './delivery-rig.ts';

async function kept(rig: Rig, options: Parameters<Rig['send']>[1] = {}): Promise<string> {
  const outcome = await rig.send('hi', options);
  if (outcome.kind !== 'accepted') throw new Error(outcome.kind);
  return outcome.id;
}

class Puller extends Client {
  override readonly style: DeliveryStyle = 'pull';
}

const unmet = { condition: 'availability is discreet' };

describe('"What a client gets over SIP on request comes as MESSAGE, and its 2xx is the acknowledgement"', () => {
  it('goes to the client that asked, though nothing is sent to it unasked', async () => {
    const rig = await Rig.start();
    const [puller, other] = [rig.up(new Puller('puller')), rig.up(new Puller('other'))];
    const id = await kept(rig);
    await rig.time.advance(60_000);
    expect(puller.texts).toEqual([]);
    expect(await rig.service.handOuts.hand(mary, id, ['puller'])).toEqual({ kind: 'taken' });
    expect([puller.texts, other.texts]).toEqual([['hi'], []]);
    expect(puller.received[0]).toMatchObject({ id, isDeferred: true });
    expect(await rig.stateOf(id)).toBe('delivered');
    expect(await rig.service.handOuts.hand(mary, id, ['puller'])).toEqual({ kind: 'gone' });
  });

  it('before its condition holds: the override', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone'));
    const id = await kept(rig, unmet);
    expect(phone.texts).toEqual([]);
    expect(await rig.service.handOuts.hand(mary, id, 'all')).toEqual({ kind: 'taken' });
    expect(phone.received[0]).toMatchObject({ id, isDeferred: true, attemptNumber: 1 });
    expect(await rig.stateOf(id)).toBe('delivered');
  });

  it('has one number for each attempt, whoever asked for it', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone', { reply: { kind: 'message-failed', status: 'no', mayPoison: false } }));
    const id = await kept(rig, unmet);
    expect(await rig.service.handOuts.hand(mary, id, 'all')).toEqual({ kind: 'not-taken', status: 'no' });
    expect(await rig.stateOf(id)).toBe('held');
    phone.reply = { kind: 'delivered' };
    await rig.publish(mary, { availability: ['discreet'] });
    await rig.time.advance(60_000);
    expect(phone.received.map(({ attemptNumber }) => attemptNumber)).toEqual([1, 2]);
    expect(await rig.stateOf(id)).toBe('delivered');
  });

  it('joins what is on its way to others, whose silence delays it no longer', async () => {
    const rig = await Rig.start();
    const phone = rig.up(new Client('phone').silent());
    const puller = rig.up(new Puller('puller'));
    const sending = rig.send('hi');
    await rig.time.advance(5000);
    const outcome = await sending;
    if (outcome.kind !== 'accepted') throw new Error(outcome.kind);
    expect(phone.texts).toEqual(['hi']);
    expect(await rig.service.handOuts.hand(mary, outcome.id, ['puller'])).toEqual({ kind: 'taken' });
    expect(puller.texts).toEqual(['hi']);
    expect(await rig.stateOf(outcome.id)).toBe('delivered');
  });

  it.each<[string, (rig: Rig, id: string) => unknown]>([
    ['somebody whom its recipient blocks by now wrote it', (rig) => rig.blocked.add(`${mary} ${tom}`)],
    ['its time is over', (rig) => rig.time.advance(8 * 86_400_000)],
    ['its sender took it back', (rig, id) => rig.service.secondThoughts.recall(tom, id)],
  ])('is not handed out when %s', async (_why, happen) => {
    const rig = await Rig.start();
    const puller = rig.up(new Puller('puller'));
    const id = await kept(rig, unmet);
    await happen(rig, id);
    expect(await rig.service.handOuts.hand(mary, id, ['puller'])).toEqual({ kind: 'gone' });
    expect(puller.texts).toEqual([]);
  });

  it('stays kept when nobody is there, and is nobody else’s', async () => {
    const rig = await Rig.start();
    const id = await kept(rig);
    expect(await rig.service.handOuts.hand(mary, id, 'all')).toEqual({ kind: 'nobody' });
    rig.up(new Client('johns'), john);
    expect(await rig.service.handOuts.hand(john, id, 'all')).toEqual({ kind: 'gone' });
    expect(await rig.stateOf(id)).toBe('waiting');
  });

  it('leaves no mailbox behind', async () => {
    const rig = await Rig.start();
    expect(await rig.service.handOuts.hand(mary, 'x', 'all')).toEqual({ kind: 'nobody' });
    expect([...rig.counters.entries()]).toContainEqual({ name: 'restante_mailboxes_active', kind: 'gauge', value: 0 });
  });
});

describe('a notice to some of somebody’s clients', () => {
  const notice = (text: string) => ({
    sender: tom,
    recipient: mary,
    sentAt: 0,
    contentType: 'text/plain',
    body: new TextEncoder().encode(text),
    origin: 'sip' as const,
    reportsWanted: [],
  });

  it('is sent in its turn and written nowhere', async () => {
    const rig = await Rig.start();
    const [phone, puller] = [rig.up(new Client('phone').silent()), rig.up(new Puller('puller'))];
    expect(await rig.service.handOuts.tell(notice('one'), ['puller'])).toEqual({ kind: 'taken' });
    const waiting = rig.service.handOuts.tell(notice('two'), 'push');
    const behind = rig.service.handOuts.tell(notice('three'), 'push');
    await rig.time.settle();
    expect([phone.texts, puller.texts]).toEqual([['two'], ['one']]);
    phone.answer({ kind: 'delivered' });
    phone.answer({ kind: 'delivered' });
    expect([await waiting, await behind]).toEqual([{ kind: 'taken' }, { kind: 'taken' }]);
    expect(phone.texts).toEqual(['two', 'three']);
    expect(puller.received[0]?.isDeferred).toBe(false);
    expect(await rig.list()).toEqual([]);
  });

  it('is not kept for whoever is not there', async () => {
    const rig = await Rig.start();
    expect(await rig.service.handOuts.tell(notice('one'), 'all')).toEqual({ kind: 'not-taken' });
    const phone = rig.up(new Client('phone', { reply: { kind: 'refused', status: 'sip 488' } }));
    expect(await rig.service.handOuts.tell(notice('one'), ['other'])).toEqual({ kind: 'not-taken' });
    expect(await rig.service.handOuts.tell(notice('one'), 'all')).toEqual({ kind: 'refused' });
    await rig.time.advance(60_000);
    expect(phone.texts).toEqual(['one']);
    expect(await rig.list()).toEqual([]);
  });
});
