/** The thread that owns the only writing connection: takes batches, commits them, answers. Started by `writer.ts`. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { assert } from '../../../base/assert.ts';
import { storeFaultOf } from '../sqlite-faults.ts';
import { BatchApplier, plainFault } from './apply-batch.ts';
import { busyTimeoutMs, Checkpoints } from './checkpoints.ts';
import { faultPoints } from './fault-points.ts';
import type { Batch, WriterAnswer, WriterOptions } from './operations.ts';

/** Of the page cache of the writing connection; after a split that renumbers pages a commit walks all of it. */
const cacheKibibytes = 8192;
/** The log is copied back when it has this many pages (32 MiB), so that a page that changes often is copied once. */
const logPages = 8000;
const pageBytesInLog = 4096 + 24;

function run(options: WriterOptions, answer: (answer: WriterAnswer) => void): (request: Batch | 'close') => void {
  const database = openForWriting(options);
  const passFaultPoint = faultPoints(options.faultPlan);
  const applier = new BatchApplier(database, options.file, passFaultPoint);
  const checkpoints = new Checkpoints(database, {
    everyMs: options.checkpointEveryMs,
    log: `${options.file}-wal`,
    logBytes: logPages * pageBytesInLog,
    onFault: (fault) => answer({ kind: 'warning', text: storeFaultOf(fault, options.file).message }),
    passFaultPoint,
  });
  checkpoints.makeRoom();
  // The last process may have ended between an erasure and the checkpoint that drives it out.
  checkpoints.written();
  answer({ kind: 'ready' });
  return (request) => {
    if (request === 'close') {
      finish(database, checkpoints);
      answer({ kind: 'closed' });
      parentPort?.close();
      return;
    }
    passFaultPoint('batch-received');
    answer(applier.apply(request));
    checkpoints.written();
  };
}

function openForWriting({ file, pagesMax }: WriterOptions): DatabaseSync {
  const database = new DatabaseSync(file, { returnArrays: true });
  database.exec(`
    PRAGMA busy_timeout = ${busyTimeoutMs};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA cache_size = -${cacheKibibytes};
    PRAGMA wal_autocheckpoint = ${logPages};`);
  if (pagesMax !== undefined) database.exec(`PRAGMA max_page_count = ${pagesMax}`);
  return database;
}

/** What cannot be tidied up now is when the file is opened next; nothing is lost with it. */
function finish(database: DatabaseSync, checkpoints: Checkpoints): void {
  try {
    checkpoints.finish();
  } finally {
    database.close();
  }
}

function main(): void {
  const port = parentPort;
  assert(port !== null, 'this module is the body of a worker thread');
  const options = workerData as WriterOptions;
  const answer = (value: WriterAnswer): void => {
    const arena = 'arena' in value ? [value.arena.buffer] : [];
    port.postMessage(value, arena);
  };
  try {
    port.on('message', run(options, answer));
  } catch (error) {
    answer({ kind: 'unusable', fault: plainFault(storeFaultOf(error, options.file)) });
    port.close();
  }
}

main();
