/**
 * One batch, one transaction: the operations in the order in which they were issued, one commit, one answer. What the disk
 * refuses rolls all of it back; what a single operation does wrong is found by applying the others without it.
 */
import type { DatabaseSync } from 'node:sqlite';
import type { StoreFault } from '../../../base/store-fault.ts';
import { prepare, type Statement } from '../row-values.ts';
import { concernsWholeFile, storeFaultOf } from '../sqlite-faults.ts';
import { TranscriptWrites } from '../transcripts/transcript-writes.ts';
import { AdministrationWrites } from '../writes/administration-writes.ts';
import { KnownDuplicates } from '../mailbox/known-duplicates.ts';
import { ContentLog } from '../writes/content-log.ts';
import { DuplicateIndex } from '../writes/duplicate-index.ts';
import type { PassFaultPoint } from './fault-points.ts';
import { HistoryWrites } from '../writes/history-writes.ts';
import { MailboxWrites } from '../writes/mailbox-writes.ts';
import type { Batch, OperationKind, Operations, PlainFault, WriterAnswer } from './operations.ts';
import { PresenceWrites } from '../writes/presence-writes.ts';
import { Principals } from '../writes/principals.ts';
import { ReportWrites } from '../writes/report-writes.ts';
import { SequenceSource } from '../writes/sequence-source.ts';
import { Usage } from '../writes/usage.ts';

type Handlers = {
  readonly [K in OperationKind]: (request: Operations[K]['request'], arena: Uint8Array) => Operations[K]['outcome'];
};

export class BatchApplier {
  readonly #database: DatabaseSync;
  readonly #begin: Statement;
  readonly #commitAll: Statement;
  readonly #file: string;
  readonly #passFaultPoint: PassFaultPoint;
  readonly #contents: ContentLog;
  readonly #duplicates: DuplicateIndex;
  readonly #handlers: Handlers;
  readonly #rollBackMemory: () => void;
  #mustRecover = false;

  constructor(database: DatabaseSync, file: string, passFaultPoint: PassFaultPoint) {
    this.#database = database;
    this.#begin = prepare(database, 'BEGIN IMMEDIATE');
    this.#commitAll = prepare(database, 'COMMIT');
    this.#file = file;
    this.#passFaultPoint = passFaultPoint;
    const principals = new Principals(database);
    const usage = new Usage(principals);
    const sequences = new SequenceSource(database);
    const contents = new ContentLog(database);
    const duplicates = new DuplicateIndex(database);
    const known = new KnownDuplicates(database, duplicates);
    const history = new HistoryWrites(database, principals, duplicates);
    const reports = new ReportWrites(database);
    const mailbox = new MailboxWrites(database, { principals, usage, sequences, contents, duplicates, known, reports });
    this.#contents = contents;
    this.#duplicates = duplicates;
    this.#handlers = {
      ...otherHandlers(database),
      put: (request, arena) => mailbox.put(request, arena),
      mayPut: ({ more, quotas }) => mailbox.mayPut(more, quotas),
      update: ({ updates }) => mailbox.update(updates),
      end: (ends) => mailbox.end(ends),
      confirm: (confirmation) => mailbox.confirm(confirmation),
      addReports: (made) => reports.add(made),
      tellReports: (told) => reports.told(told),
      findDuplicate: ({ sender, recipient, keys }) => known.find(sender, recipient, keys),
      recentDuplicates: () => duplicates.recent(),
      sweep: ({ now, historyBefore }) => {
        const isDone = reports.sweep(now).isDone;
        return { isDone: history.sweep(now, historyBefore).isDone && isDone };
      },
    };
    this.#rollBackMemory = () => {
      for (const part of [principals, usage, sequences, contents, duplicates]) part.rolledBack();
    };
  }

  apply(batch: Batch): WriterAnswer {
    const { arena } = batch;
    try {
      return { kind: 'committed', outcomes: this.#commit(batch), faults: [], arena };
    } catch (error) {
      this.#mustRecover = true;
      this.#tryToRecover();
      if (batch.operations.length > 1 && !concernsWholeFile(error)) return this.#applyOneByOne(batch);
      return { kind: 'rolled-back', fault: plainFault(storeFaultOf(error, this.#file)), arena };
    }
  }

  #commit(batch: Batch): unknown[] {
    if (this.#mustRecover) this.#recover();
    this.#begin.run();
    this.#passFaultPoint('transaction-begun');
    const outcomes: unknown[] = [];
    for (const [kind, request] of batch.operations) {
      outcomes.push(this.#handlers[kind](request as never, batch.arena));
      this.#passFaultPoint('operation-applied', kind);
    }
    this.#contents.tidy();
    this.#duplicates.tidy();
    this.#passFaultPoint('contents-tidied');
    this.#commitAll.run();
    this.#duplicates.committed();
    this.#passFaultPoint('committed');
    return outcomes;
  }

  #applyOneByOne(batch: Batch): WriterAnswer {
    const outcomes: unknown[] = [];
    const faults: (readonly [number, PlainFault])[] = [];
    for (const [index, operation] of batch.operations.entries()) {
      const answer = this.apply({ operations: [operation], arena: batch.arena });
      outcomes.push(answer.kind === 'committed' ? answer.outcomes[0] : undefined);
      if (answer.kind === 'rolled-back') faults.push([index, answer.fault]);
    }
    return { kind: 'committed', outcomes, faults, arena: batch.arena };
  }

  /** At once, so that no other process waits for our lock; while the disk fails the next batch tries it again. */
  #tryToRecover(): void {
    try {
      this.#recover();
    } catch {
      // The next batch meets the same fault and tells of it.
    }
  }

  /** Leaves no transaction open and nothing in memory that is not in the file. */
  #recover(): void {
    // SQLite has rolled back by itself after some errors (lang_transaction.html, 3).
    if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
    this.#rollBackMemory();
    this.#mustRecover = false;
  }
}

export function plainFault(fault: StoreFault): PlainFault {
  return { message: fault.message, isTemporary: fault.isTemporary };
}

type MailboxOperation =
  | 'put'
  | 'mayPut'
  | 'update'
  | 'end'
  | 'confirm'
  | 'addReports'
  | 'tellReports'
  | 'findDuplicate'
  | 'recentDuplicates'
  | 'sweep';

function otherHandlers(database: DatabaseSync): Omit<Handlers, MailboxOperation> {
  const administration = new AdministrationWrites(database);
  const presence = new PresenceWrites(database);
  const transcripts = new TranscriptWrites(database);
  return {
    addAccounts: (accounts) => administration.addAccounts(accounts),
    removeAccount: (address) => administration.removeAccount(address),
    setPasswords: ({ address, passwords, sealedPassword }) =>
      administration.setPasswords(address, passwords, sealedPassword),
    setHttpDelivery: ({ address, method }) => administration.setHttpDelivery(address, method),
    setReportsInWords: ({ address, isOn }) => administration.setReportsInWords(address, isOn),
    addToken: ({ token, now }) => administration.addToken(token, now),
    removeToken: (hash) => administration.removeToken(hash),
    addBlock: (request) => administration.addBlock(request),
    removeBlock: (request) => administration.removeBlock(request),
    changeLists: ({ owner, change }) => administration.changeLists(owner, change),
    setRules: (request) => administration.setRules(request),
    writeDocument: (request) => administration.writeDocument(request),
    changeTranscripts: (change) => transcripts.change(change),
    setActed: (number) => administration.setActed(number),
    changePresence: (changes, arena) => presence.change(changes, arena),
    refreshPublication: (refresh) => presence.refresh(refresh),
    changeBindings: (changes) => presence.changeBindings(changes),
    changeWaitingWatchers: (changes) => presence.changeWaitingWatchers(changes),
    changeSubscriptions: (changes) => presence.changeSubscriptions(changes),
    changeImpsSessions: (changes) => presence.changeImpsSessions(changes),
  };
}
