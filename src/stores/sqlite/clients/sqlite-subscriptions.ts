/**
 * Subscriptions of the notifier, and watchers who wait for a decision, over SQLite. What a refresh changes is in small rows
 * of its own, the rest is one JSON text.
 */
import type { WaitingWatcher, WaitingWatcherStore } from '../../../presence/ports.ts';
import { notifiesPerRun, type KeptSubscription, type SubscriptionChange } from '../../../sip/event/ports.ts';
import type { SubscriptionProgress, SubscriptionStore } from '../../../sip/event/ports.ts';
import type { Reader } from '../reader.ts';
import {
  addressAt,
  jsonAt,
  numberAt,
  optionalNumberAt,
  optionalTextAt,
  prepare,
  textAt,
  type Row,
} from '../row-values.ts';
import type { SubscriptionProgressRow, SubscriptionRowChange } from '../writer/operations.ts';
import type { Writer } from '../writer/writer.ts';

type SubscriptionDetails = Omit<KeptSubscription, keyof SubscriptionProgress>;

export function sqliteSubscriptions(writer: Writer, reader: Reader): SubscriptionStore {
  const page = prepare(
    reader.database,
    `SELECT id, details, expires_at, is_pending, was_pending, remote_cseq,
       local_cseq + ${notifiesPerRun} * (counter.value - run), CASE WHEN run = counter.value - 1 THEN told END
     FROM subscription JOIN subscription_progress USING (id), counter
     WHERE counter.name = 'run' AND id > ? ORDER BY id LIMIT +?`,
  );
  return {
    change: (changes) => writer.submit('changeSubscriptions', changes.map(changeRow)),
    subscriptions: (after, limit) => reader.read(() => page.all(after ?? '', limit).map(readSubscription)),
  };
}

function changeRow(change: SubscriptionChange): SubscriptionRowChange {
  if (change.kind === 'remove') return { id: change.id };
  if (change.kind === 'refresh') return { id: change.progress.id, progress: progressRow(change.progress) };
  const { id, packageName, resource, subscriber, event, contentType, dialog, flow, subscribedAt } = change.subscription;
  const details: SubscriptionDetails = {
    packageName,
    resource,
    subscriber,
    event,
    contentType,
    dialog,
    flow,
    subscribedAt,
  };
  return { id, progress: progressRow(change.subscription), details: JSON.stringify(details) };
}

function progressRow(progress: SubscriptionProgress): SubscriptionProgressRow {
  const { standing, wasPending, expiresAt, remoteCSeq, localCSeq, told } = progress;
  return [expiresAt, standing === 'pending' ? 1 : 0, wasPending ? 1 : 0, remoteCSeq, localCSeq, told ?? null];
}

function readSubscription(row: Row): KeptSubscription {
  const told = optionalNumberAt(row, 7);
  return {
    ...(jsonAt(row, 1) as SubscriptionDetails),
    id: textAt(row, 0),
    expiresAt: numberAt(row, 2),
    standing: numberAt(row, 3) === 1 ? 'pending' : 'active',
    wasPending: numberAt(row, 4) === 1,
    remoteCSeq: numberAt(row, 5),
    localCSeq: numberAt(row, 6),
    ...(told === undefined ? {} : { told }),
  };
}

export function sqliteWaitingWatchers(writer: Writer, reader: Reader): WaitingWatcherStore {
  const page = prepare(
    reader.database,
    `SELECT owner, watcher, id, display_name, since, ends_at FROM waiting_watcher
     WHERE owner IN (SELECT DISTINCT owner FROM waiting_watcher WHERE owner > ? ORDER BY owner LIMIT +?)
     ORDER BY owner, watcher`,
  );
  return {
    change: (changes) => writer.submit('changeWaitingWatchers', changes),
    waiting: (after, limit) => reader.read(() => page.all(after ?? '', limit).map(readWaiting)),
  };
}

function readWaiting(row: Row): WaitingWatcher {
  const displayName = optionalTextAt(row, 3);
  return {
    owner: addressAt(row, 0),
    watcher: addressAt(row, 1),
    id: textAt(row, 2),
    ...(displayName === undefined ? {} : { displayName }),
    since: numberAt(row, 4),
    endsAt: numberAt(row, 5),
  };
}
