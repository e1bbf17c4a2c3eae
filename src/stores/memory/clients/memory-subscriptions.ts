/** Subscriptions of the notifier in a map, each with the run that wrote it, and watchers who wait for a decision. */
import type { Address } from '../../../model/address.ts';
import type { WaitingWatcher, WaitingWatcherStore } from '../../../presence/ports.ts';
import { notifiesPerRun, type SubscriptionStore } from '../../../sip/event/ports.ts';
import type { MemoryCalls } from '../memory-calls.ts';
import { pageOf, type MemoryState } from '../memory-state.ts';

export function memorySubscriptions(state: MemoryState, calls: MemoryCalls): SubscriptionStore {
  const { subscriptions: all } = state;
  return {
    change: (changes) =>
      calls.write('subscriptions.change', () => {
        for (const change of changes) {
          if (change.kind === 'put')
            all.set(change.subscription.id, { run: state.run, subscription: change.subscription });
          else if (change.kind === 'remove') all.delete(change.id);
          else {
            const { told: _, ...old } = all.get(change.progress.id)?.subscription ?? {};
            if ('id' in old) all.set(old.id, { run: state.run, subscription: { ...old, ...change.progress } });
          }
        }
      }),
    subscriptions: (after, limit) =>
      calls.read('subscriptions.subscriptions', () =>
        pageOf(all, after, limit).map(([, { run, subscription }]) => {
          const { told, ...rest } = subscription;
          const localCSeq = rest.localCSeq + (state.run - run) * notifiesPerRun;
          return { ...rest, localCSeq, ...(told === undefined || run !== state.run - 1 ? {} : { told }) };
        }),
      ),
  };
}

export function memoryWaitingWatchers({ waitingWatchers: all }: MemoryState, calls: MemoryCalls): WaitingWatcherStore {
  return {
    change: (changes) =>
      calls.write('waitingWatchers.change', () => {
        for (const change of changes) {
          const { owner, watcher } = change.kind === 'put' ? change.waiting : change;
          const ofOwner = all.get(owner) ?? new Map<Address, WaitingWatcher>();
          if (change.kind === 'put') ofOwner.set(watcher, change.waiting);
          else ofOwner.delete(watcher);
          if (ofOwner.size > 0) all.set(owner, ofOwner);
          else all.delete(owner);
        }
      }),
    waiting: (after, limit) =>
      calls.read('waitingWatchers.waiting', () =>
        pageOf(all, after, limit).flatMap(([, ofOwner]) =>
          pageOf(ofOwner, undefined, ofOwner.size).map(([, one]) => one),
        ),
      ),
  };
}
