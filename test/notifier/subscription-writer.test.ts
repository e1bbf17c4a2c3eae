import { describe, expect, it } from 'vitest';
import { silentLog } from '../../src/base/log.ts';
import { StoreFault } from '../../src/base/store-fault.ts';
import { VirtualTime } from '../../src/base/time/virtual-time.ts';
import {
  SubscriptionWriter,
  writeDelayMs,
  writeRetryMs,
} from '../../src/sip/event/notifier/kept/subscription-writer.ts';
import type { SubscriptionChange } from '../../src/sip/event/ports.ts';
import { memoryStores } from '../../src/stores/memory/memory-stores.ts';
import { subscription } from '../conformance/samples.ts';

function createCase() {
  const time = new VirtualTime();
  const state = { isBroken: false, gate: undefined as Promise<void> | undefined };
  const stores = memoryStores({
    beforeCall: () => {
      if (state.isBroken) throw new StoreFault('the disk is full', true);
      return state.gate;
    },
  });
  const store = stores.subscriptions;
  const writer = new SubscriptionWriter({ store, clock: time, timers: time, log: silentLog });
  /** How often the peer had asked, as it is stored. */
  const stored = (): Record<string, number> =>
    Object.fromEntries([...stores.state.subscriptions].map(([id, one]) => [id, one.subscription.remoteCSeq]));
  return { time, state, writer, stored };
}

const put = (id: string): SubscriptionChange => ({ kind: 'put', subscription: subscription(id, { remoteCSeq: 1 }) });
function refresh(id: string, remoteCSeq: number): SubscriptionChange {
  const { standing, wasPending, expiresAt, localCSeq } = subscription(id);
  return { kind: 'refresh', progress: { id, standing, wasPending, expiresAt, localCSeq, remoteCSeq } };
}

describe('what is written of subscriptions', () => {
  it('is one change of each with the outcome of all, while another write is under way', async () => {
    const { time, state, writer, stored } = createCase();
    for (const id of ['gone', 'back']) await writer.now(put(id));
    let release = (): void => undefined;
    state.gate = new Promise((resolve) => {
      release = resolve;
    });
    const writes = [writer.now(put('first'))];
    await time.settle();
    writes.push(writer.now(put('second')));
    for (const change of [refresh('second', 2), refresh('second', 3), refresh('first', 4)]) writer.later(change);
    for (const id of ['gone', 'back']) writer.later({ kind: 'remove', id });
    for (const id of ['gone', 'back']) writer.later(refresh(id, 5));
    writes.push(writer.now(put('back')));
    release();
    await Promise.all(writes);
    expect(stored()).toEqual({ first: 4, second: 3, back: 1 });
  });

  it('is written when the store can write again, unless somebody was refused for it', async () => {
    const { time, state, writer, stored } = createCase();
    for (const id of ['kept', 'gone']) await writer.now(put(id));
    state.isBroken = true;
    writer.later(refresh('kept', 2));
    writer.later({ kind: 'remove', id: 'gone' });
    await expect(writer.now(put('refused'))).rejects.toBeInstanceOf(StoreFault);
    await time.advance(writeDelayMs);
    state.isBroken = false;
    await time.advance(writeRetryMs);
    expect(stored()).toEqual({ kept: 2 });
  });
});
