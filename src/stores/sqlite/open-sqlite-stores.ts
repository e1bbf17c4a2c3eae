/**
 * The embedded store: all ports over one SQLite database in a folder. One writer thread, one reading connection; a server
 * and any number of commands may have it open at once.
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../base/time/clock.ts';
import type { Counters } from '../../base/counters.ts';
import type { Log } from '../../base/log.ts';
import { StoreFault } from '../../base/store-fault.ts';
import { systemClock } from '../../base/time/system-time.ts';
import type { Stores } from '../stores.ts';
import { checkHeader, createWhereMissing, damaged, prepareFolder } from './database-file.ts';
import { readOnlyMailbox, sqliteMailbox } from './mailbox/sqlite-mailbox.ts';
import { migrate } from './migrate.ts';
import { Reader } from './reader.ts';
import { prepare, textAt } from './row-values.ts';
import { lockForServer } from './server-lock.ts';
import { sqliteAccounts, sqliteBlocks, sqliteJournal, sqliteTokens } from './sqlite-accounts.ts';
import { sqliteReports } from './sqlite-reports.ts';
import { sqliteBindings } from './clients/sqlite-bindings.ts';
import { sqliteImpsSessions } from './clients/sqlite-imps-sessions.ts';
import { storeFaultOf } from './sqlite-faults.ts';
import { sqliteTranscripts } from './transcripts/sqlite-transcripts.ts';
import { sqliteDocuments } from './sqlite-documents.ts';
import { sqliteSubscriptions, sqliteWaitingWatchers } from './clients/sqlite-subscriptions.ts';
import { sqlitePublications, sqliteRules } from './sqlite-presence.ts';
import { busyTimeoutMs } from './writer/checkpoints.ts';
import type { FaultPlan } from './writer/operations.ts';
import { Writer } from './writer/writer.ts';

export interface SqliteStoresOptions {
  /** Made where it is missing. */
  readonly folder: string;
  readonly log: Log;
  readonly counters: Counters;
  readonly clock?: Clock;
  /** A `command` works beside a running server and leaves mailboxes alone; a `server` is alone of its kind. */
  readonly use?: 'server' | 'command';
  /** How long erased content may stay in the write-ahead log; contract section 4 wants it gone within a minute. */
  readonly checkpointEveryMs?: number;
  /** The file may not grow beyond so many pages: a full disk for tests. */
  readonly pagesMax?: number;
  readonly faultPlan?: FaultPlan;
  /** The thread that writes ended by itself: the stores take nothing any more, and only a new start helps. At most once. */
  readonly onLost?: (fault: StoreFault) => void;
}

export interface SqliteStores extends Stores {
  /** The path of the database. */
  readonly file: string;
}

const checkpointEveryMs = 20_000;
/** A file up to this size is checked whole at the start, in about a tenth of a second. Bytes. */
const checkedBytesMax = 32 * 1024 * 1024;

/** Rejects with a StoreFault whose message names the file or the folder and is meant for the operator. */
export async function openSqliteStores(options: SqliteStoresOptions): Promise<SqliteStores> {
  const { folder, log, counters, clock = systemClock, use = 'server' } = options;
  const file = join(folder, 'restante.db');
  prepareFolder(folder);
  const lock = use === 'server' ? lockForServer(folder, join(folder, 'server.lock')) : undefined;
  let writer: Writer | undefined;
  try {
    createWhereMissing(file, (database) => migrate(database, file, clock.wall()));
    checkHeader(file);
    bringUpToDate(file, clock, use);
    writer = await Writer.start(writerOptions(file, options), { log, counters, onLost: options.onLost ?? (() => {}) });
    const reader = new Reader(file);
    return assemble(writer, reader, { file, log, use, release: () => lock?.release() });
  } catch (error) {
    await writer?.close();
    lock?.release();
    throw storeFaultOf(error, file);
  }
}

function writerOptions(file: string, options: SqliteStoresOptions) {
  const { pagesMax, faultPlan } = options;
  return {
    file,
    checkpointEveryMs: options.checkpointEveryMs ?? checkpointEveryMs,
    ...(pagesMax === undefined ? {} : { pagesMax }),
    ...(faultPlan === undefined ? {} : { faultPlan }),
  };
}

/** Also finds out whether the file can be read at all, before anything rests on it. */
function bringUpToDate(file: string, clock: Clock, use: 'server' | 'command'): void {
  const database = new DatabaseSync(file, { returnArrays: true });
  try {
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    if (use === 'server' && statSync(file).size <= checkedBytesMax) checkWhole(database, file);
    migrate(database, file, clock.wall());
    if (use === 'server') database.exec("UPDATE counter SET value = value + 1 WHERE name = 'run'");
  } catch (error) {
    // At the start there is nothing to come back to later: a person has to look.
    throw new StoreFault(storeFaultOf(error, file).message, false, { cause: error });
  } finally {
    database.close();
  }
}

function checkWhole(database: DatabaseSync, file: string): void {
  const row = prepare(database, 'PRAGMA quick_check(1)').get();
  const finding = row === undefined ? 'no answer' : textAt(row, 0);
  if (finding !== 'ok') throw damaged(file, finding.replaceAll('\n', ', '));
}

function assemble(
  writer: Writer,
  reader: Reader,
  rest: { readonly file: string; readonly log: Log; readonly use: 'server' | 'command'; release(): void },
): SqliteStores {
  const mailbox = rest.use === 'server' ? sqliteMailbox(writer, reader, rest.log) : readOnlyMailbox(reader);
  return {
    file: rest.file,
    mailbox,
    reports: sqliteReports(writer, reader),
    accounts: sqliteAccounts(writer, reader),
    tokens: sqliteTokens(writer, reader),
    blocks: sqliteBlocks(writer, reader),
    journal: sqliteJournal(writer, reader),
    publications: sqlitePublications(writer, reader),
    rules: sqliteRules(writer, reader),
    documents: sqliteDocuments(writer, reader),
    transcripts: sqliteTranscripts(writer, reader),
    bindings: sqliteBindings(writer, reader),
    subscriptions: sqliteSubscriptions(writer, reader),
    waitingWatchers: sqliteWaitingWatchers(writer, reader),
    impsSessions: sqliteImpsSessions(writer, reader),
    async close() {
      mailbox.stop();
      // The reader goes first, so that the writer can cut the log.
      reader.close();
      await writer.close();
      rest.release();
    },
  };
}
