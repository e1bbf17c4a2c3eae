/**
 * Puts, updates and ends of mailbox entries, each as a few statements within the transaction of a batch. Quotas and
 * duplicates are looked at in the step that stores: no other write comes between.
 */
import type { DatabaseSync } from 'node:sqlite';
import type {
  EntryConfirmation,
  EntryEnd,
  EntryUpdate,
  MessageToPut,
  OpenState,
  Quotas,
  Step,
} from '../../../delivery/ports.ts';
import { stepsMax } from '../../store-limits.ts';
import { duplicateHash } from '../mailbox/duplicate-hash.ts';
import { type NewReport, type ReportKind, settledKinds } from '../../../model/delivery-report.ts';
import type { KnownDuplicates } from '../mailbox/known-duplicates.ts';
import { isReportWanted, withoutReports } from '../mailbox/entry-row.ts';
import { DELIVERED, DISPLAYED, openStateName, stateNumber } from '../mailbox/message-states.ts';
import { numberAt, optionalNumberAt, optionalTextAt, textAt, type Row } from '../row-values.ts';
import type { ContentLog } from './content-log.ts';
import type { DuplicateIndex } from './duplicate-index.ts';
import { prepareMailboxStatements, type MailboxStatements } from './mailbox-statements.ts';
import type { OutcomeOf, PutAnswer, PutRequest } from '../writer/operations.ts';
import type { Principal, Principals } from './principals.ts';
import type { ReportWrites } from './report-writes.ts';
import type { SequenceSource } from './sequence-source.ts';
import type { Usage } from './usage.ts';

/** Later than every time: when a message that is set aside may be attempted. */
const NEVER = 2 ** 52;
const KEPT_FOR_BOTH = 1;
const KEPT_FOR_HISTORY = 2;

export interface MailboxParts {
  readonly principals: Principals;
  readonly usage: Usage;
  readonly sequences: SequenceSource;
  readonly contents: ContentLog;
  readonly duplicates: DuplicateIndex;
  readonly known: KnownDuplicates;
  readonly reports: ReportWrites;
}

export class MailboxWrites {
  readonly #statements: MailboxStatements;
  readonly #parts: MailboxParts;

  constructor(database: DatabaseSync, parts: MailboxParts) {
    this.#statements = prepareMailboxStatements(database);
    this.#parts = parts;
  }

  put(request: PutRequest, arena: Uint8Array): PutAnswer {
    const { principals, usage, sequences, contents, duplicates } = this.#parts;
    const [senderAddress, recipientAddress, id, state, acceptedAt, expiresAt, turnsAt, condition] = request;
    const hashes = request[16];
    const known = request[17] ? this.#findKnown(request) : undefined;
    if (known !== undefined) return known;

    const sender = principals.find(senderAddress);
    const recipient = principals.find(recipientAddress);
    const [bytes, blob] = [request[10], request[24]];
    const counted = { state, bytes, isLarge: blob !== null };
    const refusal = usage.findRefusal(sender, recipient, counted, quotasOf(request));
    if (refusal !== undefined) return refusal;

    const recipientNumber = principals.intern(recipient);
    const senderNumber = principals.intern(sender);
    const sequence = sequences.take();
    const content = contents.append(sequence, arena.subarray(request[11], request[11] + request[12]));
    const isConditional = condition !== null;
    const attributes = request[13];
    this.#statements.insertEntry.run(
      sequence,
      id,
      recipientNumber,
      senderNumber,
      state,
      acceptedAt,
      expiresAt,
      turnsAt,
      turnsAt === null ? expiresAt : Math.min(expiresAt, turnsAt),
      isConditional ? 1 : 0,
      condition,
      request[8],
      request[9],
      bytes,
      content,
      attributes.length === 0 ? null : JSON.stringify(attributes),
      request[14],
      request[15],
      request[22],
      blob,
    );
    for (const hash of hashes) duplicates.add(hash, sequence);
    if (isConditional) this.#index(recipientNumber, sequence, attributes);
    usage.add({ sender: senderNumber, recipient: recipientNumber, ...counted, isConditional });
    if (request[23] !== null) this.#parts.reports.add(request[23]);
    return sequence;
  }

  mayPut({ sender, recipient, state, ...rest }: MessageToPut, quotas: Quotas): OutcomeOf<'mayPut'> {
    const { principals, usage } = this.#parts;
    const more = { ...rest, state: stateNumber(state) };
    return usage.findRefusal(principals.find(sender), principals.find(recipient), more, quotas) ?? 'fits';
  }

  update(updates: readonly EntryUpdate[]): (OpenState | undefined)[] {
    const before: (OpenState | undefined)[] = [];
    for (const update of updates) before.push(this.#updateOne(update));
    return before;
  }

  end(ends: readonly EntryEnd[]): (OpenState | undefined)[] {
    const before: (OpenState | undefined)[] = [];
    for (const end of ends) before.push(this.#endOne(end));
    return before;
  }

  confirm({ id, recipient, kind, step, reports }: EntryConfirmation): boolean {
    const row = this.#statements.findFinished.get(id, recipient);
    if (row === undefined) return false;
    const [state, origin] = [numberAt(row, 1), optionalTextAt(row, 2)];
    const isDelivered = state === DELIVERED;
    const isPossible = kind === 'displayed' ? isDelivered : isDelivered || state === DISPLAYED;
    if (!isPossible || (kind !== 'displayed' && !isReportWanted(origin, kind))) return false;
    const next = kind === 'displayed' ? DISPLAYED : state;
    const [sequence, lastStep] = [numberAt(row, 0), optionalTextAt(row, 4)];
    // Its end is not the last any more.
    if (lastStep !== undefined) {
      this.#statements.insertStep.run(sequence, numberAt(row, 3), lastStep, stepsMax + 1, state);
    }
    this.#statements.confirm.run(next, withoutReports(origin, settledKinds([kind])), sequence);
    this.#addStep(sequence, step, stepsMax + (kind === 'displayed' ? 3 : 2));
    this.#parts.reports.add(reports);
    return true;
  }

  #addStep(sequence: number, { at, what, state }: Step, stepsMaxNow: number): void {
    this.#statements.insertStep.run(sequence, at, what, stepsMaxNow, state === undefined ? null : stateNumber(state));
  }

  #findKnown(request: PutRequest): ReturnType<KnownDuplicates['find']> {
    const keys = request[15] === null ? [] : (JSON.parse(request[15]) as string[]);
    return this.#parts.known.find(request[0], request[1], keys);
  }

  /** What a condition is found by. */
  #index(recipient: number, sequence: number, attributes: readonly string[]): void {
    this.#statements.insertAttribute.run(recipient, '', sequence);
    for (const attribute of attributes) this.#statements.insertAttribute.run(recipient, attribute, sequence);
  }

  #updateOne(update: EntryUpdate): OpenState | undefined {
    if ('condition' in update || update.expiresAt !== undefined) this.#changeTerms(update);
    const row = this.#statements.findForUpdate.get(update.id);
    if (row === undefined || numberAt(row, 1) !== this.#parts.principals.find(update.recipient).number)
      return undefined;
    const sequence = numberAt(row, 0);
    const oldState = numberAt(row, 3);
    const state = update.state === undefined ? oldState : stateNumber(update.state);
    const turnsAt = 'turnsAt' in update ? update.turnsAt : optionalNumberAt(row, 7);
    const retryAt = 'retryAt' in update ? update.retryAt : optionalNumberAt(row, 8);
    const isAside = update.isAside ?? numberAt(row, 9) === 1;
    const readyAt = isAside ? NEVER : (retryAt ?? 0);
    const expiresAt = numberAt(row, 6);
    const dueAt = Math.min(expiresAt, turnsAt ?? expiresAt, retryAt ?? expiresAt);
    const values = [
      turnsAt ?? null,
      retryAt ?? null,
      isAside ? 1 : 0,
      update.attempts ?? numberAt(row, 12),
      update.messageFailures ?? numberAt(row, 13),
      update.latches === undefined ? (optionalTextAt(row, 14) ?? null) : jsonOrNull(update.latches),
      update.refusedBy === undefined ? (optionalTextAt(row, 15) ?? null) : jsonOrNull(update.refusedBy),
    ];
    // Indexes cost most; what leaves them as they are says so by not naming their columns.
    const isIndexed = state !== oldState || readyAt !== numberAt(row, 10) || dueAt !== numberAt(row, 11);
    if (isIndexed) this.#statements.updateIndexed.run(...values, state, readyAt, dueAt, sequence);
    else this.#statements.updateRest.run(...values, sequence);
    if (state !== oldState) this.#recount(row, oldState, state);
    if (update.step !== undefined) this.#addStep(sequence, update.step, stepsMax);
    this.#parts.reports.add(update.reports);
    return openStateName(oldState);
  }

  /** Another condition or end, before the rest of the update: its index, its count and its row follow. */
  #changeTerms(update: EntryUpdate): void {
    const row = this.#statements.findTerms.get(update.id);
    if (row === undefined || textAt(row, 9) !== update.recipient) return;
    const recipient = this.#parts.principals.find(update.recipient);
    const [sequence, sender, state, bytes] = [numberAt(row, 0), numberAt(row, 2), numberAt(row, 3), numberAt(row, 4)];
    const isAmended = 'condition' in update;
    const condition = isAmended ? (update.condition ?? null) : (optionalTextAt(row, 7) ?? null);
    const attributes = isAmended ? jsonOrNull(update.attributes ?? []) : (optionalTextAt(row, 8) ?? null);
    const isConditional = condition !== null;
    const expiresAt = update.expiresAt ?? numberAt(row, 6);
    this.#statements.changeTerms.run(condition, isConditional ? 1 : 0, attributes, expiresAt, sequence);
    if (!isAmended) return;
    const counted = { sender, recipient: recipient.number, state, bytes, isLarge: numberAt(row, 10) === 1 };
    this.#parts.usage.remove({ ...counted, isConditional: numberAt(row, 5) === 1 });
    this.#parts.usage.add({ ...counted, isConditional });
    if (numberAt(row, 5) === 1) this.#unindex(sequence, optionalTextAt(row, 8), recipient);
    if (isConditional) this.#index(recipient.number, sequence, update.attributes ?? []);
  }

  #recount(row: Row, from: number, to: number): void {
    const [recipient, sender] = [numberAt(row, 1), numberAt(row, 2)];
    const [bytes, isConditional, isLarge] = [numberAt(row, 4), numberAt(row, 5) === 1, numberAt(row, 16) === 1];
    const counted = { sender, recipient, bytes, isLarge, isConditional };
    this.#parts.usage.remove({ ...counted, state: from });
    this.#parts.usage.add({ ...counted, state: to });
  }

  #endOne(end: EntryEnd): OpenState | undefined {
    const row = this.#statements.findForEnd.get(end.id);
    const recipient = this.#parts.principals.find(end.recipient);
    if (row === undefined || numberAt(row, 1) !== recipient.number) return undefined;
    const sequence = numberAt(row, 0);
    const [sender, state, bytes] = [numberAt(row, 2), numberAt(row, 3), numberAt(row, 4)];
    const isConditional = numberAt(row, 5) === 1;
    this.#parts.contents.erase(numberAt(row, 6));
    this.#statements.deleteEntry.run(sequence);
    const keys = this.#keysAfterEnd(row, end);
    const isLastStep = end.step.at === end.at && end.step.state === end.state;
    this.#statements.insertFinished.run(
      sequence,
      end.id,
      recipient.number,
      sender,
      stateNumber(end.state),
      end.isAnswer === true && end.state === 'delivered' ? DELIVERED : numberAt(row, 7),
      numberAt(row, 8),
      numberAt(row, 9),
      end.at,
      numberAt(row, 10),
      numberAt(row, 11),
      optionalTextAt(row, 12) ?? null,
      textAt(row, 13),
      bytes,
      keys,
      keys === null ? KEPT_FOR_HISTORY : KEPT_FOR_BOTH,
      withoutReports(optionalTextAt(row, 17), kindsOf(end.reports)),
      end.reportReference ?? null,
      isLastStep ? end.step.what : null,
    );
    if (!isLastStep) this.#addStep(sequence, end.step, stepsMax + 1);
    this.#parts.reports.add(end.reports);
    const isLarge = numberAt(row, 18) === 1;
    this.#parts.usage.remove({ sender, recipient: recipient.number, state, bytes, isLarge, isConditional });
    if (isConditional) this.#unindex(sequence, optionalTextAt(row, 14), recipient);
    return openStateName(state);
  }

  /** The keys that stay; those of a message that reached nobody go at once, so that it can be sent again. */
  #keysAfterEnd(row: Row, end: EntryEnd): string | null {
    const keys = optionalTextAt(row, 15);
    if (keys === undefined) return null;
    if (end.state !== 'expired' && end.state !== 'failed' && end.state !== 'recalled') return keys;
    for (const key of JSON.parse(keys) as string[]) {
      this.#parts.duplicates.remove(duplicateHash(textAt(row, 16), end.recipient, key), numberAt(row, 0));
    }
    return null;
  }

  #unindex(sequence: number, attributes: string | undefined, recipient: Principal): void {
    this.#statements.deleteAttribute.run(recipient.number, '', sequence);
    for (const attribute of JSON.parse(attributes ?? '[]') as string[]) {
      this.#statements.deleteAttribute.run(recipient.number, attribute, sequence);
    }
  }
}

function quotasOf(request: PutRequest) {
  return {
    recipientMessages: request[18],
    recipientBytes: request[19],
    pairMessages: request[20],
    senderMessages: request[21],
    largeBytes: request[25],
  };
}

function jsonOrNull(values: readonly unknown[]): string | null {
  return values.length === 0 ? null : JSON.stringify(values);
}

function kindsOf(reports: readonly NewReport[] = []): ReportKind[] {
  return settledKinds(reports.map(({ kind }) => kind));
}
