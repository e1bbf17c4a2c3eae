/** The mailbox port over plain maps. Every answer is found by looking at everything, so that it is plainly right. */
import type {
  EntryConfirmation,
  EntryEnd,
  EntrySummary,
  EntryUpdate,
  MailboxEntry,
  MailboxStore,
  MessageToPut,
  NewMailboxEntry,
  OpenState,
  PutOutcome,
  Quotas,
  Step,
} from '../../delivery/ports.ts';
import { type NewReport, type ReportKind, settledKinds } from '../../model/delivery-report.ts';
import { bodyBytesOf } from '../../model/instant-message.ts';
import { exceedsRecipientQuota } from '../quota-rule.ts';
import { stepsMax } from '../store-limits.ts';
import type { MemoryCalls } from './memory-calls.ts';
import { duplicateNames, findKnown, keepsNames, listSummaries, summaryOf, sweepHistory } from './memory-history.ts';
import { memoryMailboxReads } from './memory-mailbox-reads.ts';
import { addReports, sweepReports } from './memory-reports.ts';
import type { MemoryState } from './memory-state.ts';

export function memoryMailbox(state: MemoryState, calls: MemoryCalls): MailboxStore {
  return {
    put: (entry, quotas) => {
      const copy = ownCopy(entry);
      return calls.write('mailbox.put', () => putEntry(state, copy, quotas));
    },
    mayPut: (more, quotas) => calls.read('mailbox.mayPut', () => refusalOf(state, more, quotas) ?? 'fits'),
    mayKnow: (sender, recipient, keys) => duplicateNames(sender, recipient, keys).some((name) => state.names.has(name)),
    findDuplicate: (sender, recipient, keys) =>
      calls.read('mailbox.findDuplicate', () => findKnown(state, duplicateNames(sender, recipient, keys))),
    update: (updates) => calls.write('mailbox.update', () => updates.map((update) => updateEntry(state, update))),
    end: (ends) => calls.write('mailbox.end', () => ends.map((end) => endEntry(state, end))),
    confirm: (confirmation) => calls.write('mailbox.confirm', () => confirmMessage(state, confirmation)),
    ...memoryMailboxReads(state, calls),
    list: (query) => calls.read('mailbox.list', () => listSummaries(state, query)),
    story: (id) =>
      calls.read('mailbox.story', () => {
        const summary = listSummaries(state, { limit: Number.MAX_SAFE_INTEGER }).find((one) => one.id === id);
        return summary === undefined ? undefined : { summary, steps: [...(state.steps.get(id) ?? [])] };
      }),
    sweep: (now, historyBefore) =>
      calls.write('mailbox.sweep', () => {
        sweepReports(state, now);
        return sweepHistory(state, now, historyBefore);
      }),
  };
}

function putEntry(state: MemoryState, fresh: NewMailboxEntry, quotas: Quotas): PutOutcome {
  const { sender, recipient, large } = fresh.message;
  const names = duplicateNames(sender, recipient, fresh.duplicateKeys);
  const known = findKnown(state, names);
  if (known !== undefined) return { kind: 'duplicate', known };

  const { state: openState } = fresh;
  const bytes = bodyBytesOf(fresh.message);
  const refusal = refusalOf(
    state,
    { sender, recipient, state: openState, bytes, isLarge: large !== undefined },
    quotas,
  );
  if (refusal !== undefined) return { kind: refusal };

  state.lastSequence += 1;
  const entry = openEntry(fresh, state.lastSequence);
  state.entries.set(entry.id, entry);
  for (const name of names) state.names.set(name, entry.id);
  addReports(state, fresh.reports);
  return { kind: 'stored', entry };
}

function refusalOf(
  state: MemoryState,
  { sender, recipient, bytes, isLarge, state: openState }: MessageToPut,
  quotas: Quotas,
): 'offline-space-full' | 'sender-queue-full' | undefined {
  const forRecipient = [...state.entries.values()].filter((entry) => entry.message.recipient === recipient);
  const held = forRecipient.filter((entry) => entry.state === 'held');
  const usage = {
    messages: forRecipient.length,
    bytes: sumBytes(forRecipient, false),
    heldMessages: held.length,
    heldBytes: sumBytes(held, false),
    largeBytes: sumBytes(forRecipient, true),
    heldLargeBytes: sumBytes(held, true),
  };
  if (exceedsRecipientQuota(usage, { isHeld: openState === 'held', bytes, isLarge }, quotas))
    return 'offline-space-full';
  const ofPair = forRecipient.filter((entry) => entry.message.sender === sender).length;
  const ofSender = [...state.entries.values()].filter((entry) => entry.message.sender === sender).length;
  return ofPair >= quotas.pairMessages || ofSender >= quotas.senderMessages ? 'sender-queue-full' : undefined;
}

function sumBytes(entries: readonly MailboxEntry[], isLarge: boolean): number {
  const counted = entries.filter(({ message }) => (message.large !== undefined) === isLarge);
  return counted.reduce((sum, { message }) => sum + bodyBytesOf(message), 0);
}

function openEntry({ reports: _reports, ...fresh }: NewMailboxEntry, sequence: number): MailboxEntry {
  const { state } = fresh;
  return { ...fresh, sequence, acceptedState: state, attempts: 0, messageFailures: 0, isAside: false, refusedBy: [] };
}

function updateEntry(state: MemoryState, update: EntryUpdate): OpenState | undefined {
  const entry = state.entries.get(update.id);
  if (entry === undefined || entry.message.recipient !== update.recipient) return undefined;
  state.entries.set(entry.id, changedEntry(entry, update));
  if (update.step !== undefined) addStep(state, entry.id, update.step, stepsMax);
  addReports(state, update.reports);
  return entry.state;
}

function changedEntry(entry: MailboxEntry, update: EntryUpdate): MailboxEntry {
  const {
    id: _id,
    recipient: _recipient,
    step: _step,
    reports: _reports,
    turnsAt,
    retryAt,
    condition,
    ...changes
  } = update;
  const { turnsAt: oldTurnsAt, retryAt: oldRetryAt, condition: oldCondition, ...rest } = entry;
  const nextCondition = 'condition' in update ? condition : oldCondition;
  const nextTurnsAt = 'turnsAt' in update ? turnsAt : oldTurnsAt;
  const nextRetryAt = 'retryAt' in update ? retryAt : oldRetryAt;
  return {
    ...rest,
    ...changes,
    ...(nextCondition === undefined ? {} : { condition: nextCondition }),
    ...(nextTurnsAt === undefined ? {} : { turnsAt: nextTurnsAt }),
    ...(nextRetryAt === undefined ? {} : { retryAt: nextRetryAt }),
  };
}

function endEntry(state: MemoryState, end: EntryEnd): OpenState | undefined {
  const entry = state.entries.get(end.id);
  if (entry === undefined || entry.message.recipient !== end.recipient) return undefined;
  state.entries.delete(entry.id);
  addStep(state, entry.id, end.step, stepsMax + 1);

  const names = duplicateNames(entry.message.sender, end.recipient, entry.duplicateKeys);
  const keys = keepsNames(end.state) ? names : [];
  if (keys.length === 0) for (const name of names) state.names.delete(name);
  const { retryAt: _retryAt, ...summary } = summaryOf(entry);
  const isAnswer = end.isAnswer === true && end.state === 'delivered';
  // Whoever was answered with the delivery never heard how it was kept; it was ready at once.
  const acceptedState = isAnswer ? 'waiting' : entry.acceptedState;
  state.finished.set(entry.id, {
    summary: {
      ...withoutReports(summary, kindsOf(end.reports)),
      acceptedState,
      state: end.state,
      endedAt: end.at,
      ...(end.reportReference === undefined ? {} : { reportReference: end.reportReference }),
    },
    acceptedState: isAnswer ? 'delivered' : entry.acceptedState,
    endedAt: end.at,
    keys,
    hasHistory: true,
  });
  addReports(state, end.reports);
  return entry.state;
}

function confirmMessage(state: MemoryState, confirmation: EntryConfirmation): boolean {
  const { id, recipient, kind, step, reports } = confirmation;
  const finished = state.finished.get(id);
  if (finished?.hasHistory !== true || finished.summary.recipient !== recipient) return false;
  const { summary } = finished;
  const isDelivered = summary.state === 'delivered';
  const isPossible = kind === 'displayed' ? isDelivered : isDelivered || summary.state === 'displayed';
  if (!isPossible || (kind !== 'displayed' && !summary.reportsWanted.includes(kind))) return false;
  const next = { ...withoutReports(summary, settledKinds([kind])), state: kind === 'displayed' ? kind : summary.state };
  state.finished.set(id, { ...finished, summary: next });
  addStep(state, id, step, stepsMax + (kind === 'displayed' ? 3 : 2));
  addReports(state, reports);
  return true;
}

function withoutReports(summary: EntrySummary, kinds: readonly ReportKind[]): EntrySummary {
  return { ...summary, reportsWanted: summary.reportsWanted.filter((kind) => !kinds.includes(kind)) };
}

function kindsOf(reports: readonly NewReport[] = []): ReportKind[] {
  return settledKinds(reports.map(({ kind }) => kind));
}

function addStep(state: MemoryState, id: string, step: Step, max: number): void {
  const steps = state.steps.get(id) ?? [];
  if (steps.length < max) steps.push(step);
  state.steps.set(id, steps);
}

/** The body may be a view of a packet that is used again. */
function ownCopy(entry: NewMailboxEntry): NewMailboxEntry {
  return { ...entry, message: { ...entry.message, body: entry.message.body.slice() } };
}
