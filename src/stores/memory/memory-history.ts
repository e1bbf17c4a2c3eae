/** What is remembered of messages besides their content: summaries, timelines and the names of submissions. */
import type { Millis } from '../../base/time/clock.ts';
import type { EntrySummary, FinalState, KnownDuplicate, ListQuery, MailboxEntry } from '../../delivery/ports.ts';
import { submissionName } from '../../model/submission-name.ts';
import type { Address } from '../../model/address.ts';
import { bodyBytesOf } from '../../model/instant-message.ts';
import { duplicateMemoryMs, sweepRowsMax } from '../store-limits.ts';
import type { FinishedMessage, MemoryState } from './memory-state.ts';

/** A message that never reached anybody may be sent again under its old name (contract section 4). */
export function keepsNames(state: FinalState): boolean {
  return state !== 'expired' && state !== 'failed' && state !== 'recalled';
}

export function duplicateNames(sender: Address, recipient: Address, keys: readonly string[]): string[] {
  return keys.map((key) => submissionName(sender, recipient, key));
}

export function findKnown(state: MemoryState, names: readonly string[]): KnownDuplicate | undefined {
  for (const name of names) {
    const id = state.names.get(name);
    if (id === undefined) continue;
    const entry = state.entries.get(id);
    if (entry !== undefined) return knownOf(entry, entry.acceptedState);
    const finished = state.finished.get(id);
    if (finished !== undefined) return knownOf(finished.summary, finished.acceptedState);
  }
  return undefined;
}

function knownOf(of: MailboxEntry | EntrySummary, acceptedState: KnownDuplicate['acceptedState']): KnownDuplicate {
  return { id: of.id, state: of.state, acceptedState, acceptedAt: of.acceptedAt, expiresAt: of.expiresAt };
}

export function summaryOf(entry: MailboxEntry): EntrySummary {
  const { id, sequence, message, state, acceptedState, acceptedAt, expiresAt, condition, attempts } = entry;
  const { retryAt, isAside } = entry;
  const { sender, recipient, contentType, origin, reportsWanted, reportsInWords } = message;
  return {
    id,
    sequence,
    sender,
    recipient,
    state,
    acceptedState,
    acceptedAt,
    expiresAt,
    contentType,
    attempts,
    isAside,
    origin,
    reportsWanted,
    ...(reportsInWords === undefined ? {} : { reportsInWords }),
    bytes: bodyBytesOf(message),
    ...(condition === undefined ? {} : { condition }),
    ...(retryAt === undefined ? {} : { retryAt }),
  };
}

export function listSummaries(state: MemoryState, query: ListQuery): EntrySummary[] {
  const { recipient, sender, after = 0, limit } = query;
  const finished = [...state.finished.values()].filter((one) => one.hasHistory).map((one) => one.summary);
  const all = [...[...state.entries.values()].map(summaryOf), ...finished];
  const chosen = all.filter(
    (one) =>
      one.sequence > after &&
      (recipient === undefined || one.recipient === recipient) &&
      (sender === undefined || one.sender === sender) &&
      (query.state === undefined || one.state === query.state),
  );
  return chosen.sort((a, b) => a.sequence - b.sequence).slice(0, limit);
}

/** Looks at a bounded number of messages; not done as long as it found any to change. */
export function sweepHistory(state: MemoryState, now: Millis, historyBefore: Millis): { isDone: boolean } {
  const changed = [...state.finished.values()]
    .map((old) => ({ old, next: sweptMessage(old, now, historyBefore) }))
    .filter(({ old, next }) => old !== next)
    .slice(0, sweepRowsMax);
  for (const { old, next } of changed) {
    const { id } = old.summary;
    if (next.keys.length === 0) for (const name of old.keys) state.names.delete(name);
    if (!next.hasHistory) state.steps.delete(id);
    if (next.hasHistory || next.keys.length > 0) state.finished.set(id, next);
    else state.finished.delete(id);
  }
  return { isDone: changed.length < sweepRowsMax };
}

function sweptMessage(old: FinishedMessage, now: Millis, historyBefore: Millis): FinishedMessage {
  const forgetsKeys = old.keys.length > 0 && old.endedAt + duplicateMemoryMs <= now;
  const forgetsHistory = old.hasHistory && old.endedAt < historyBefore;
  if (!forgetsKeys && !forgetsHistory) return old;
  return { ...old, keys: forgetsKeys ? [] : old.keys, hasHistory: old.hasHistory && !forgetsHistory };
}
