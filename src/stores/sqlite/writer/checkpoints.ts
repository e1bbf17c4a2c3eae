/**
 * Drives what was erased out of the write-ahead log: some time after a write the log is copied into the database and cut
 * to nothing, so that within a minute no file holds erased content any more (contract section 4).
 */
import type { DatabaseSync } from 'node:sqlite';
import { numberAt, prepare } from '../row-values.ts';
import type { PassFaultPoint } from './fault-points.ts';
import { makeLogRoom } from './log-room.ts';

/** How long a write waits for one of another process, such as the command line. */
export const busyTimeoutMs = 5000;
/** How long a checkpoint may wait for a reader of another process before it is put off. */
const patienceMs = 100;
const retryMs = 1000;

export interface CheckpointPlan {
  readonly everyMs: number;
  /** The path of the write-ahead log, and how long it may become before it is written over. */
  readonly log: string;
  readonly logBytes: number;
  /** Called with what SQLite threw. */
  readonly onFault: (fault: unknown) => void;
  readonly passFaultPoint: PassFaultPoint;
}

export class Checkpoints {
  readonly #database: DatabaseSync;
  readonly #everyMs: number;
  readonly #log: string;
  readonly #logBytes: number;
  readonly #onFault: (fault: unknown) => void;
  readonly #passFaultPoint: PassFaultPoint;
  #timer: NodeJS.Timeout | undefined;

  constructor(database: DatabaseSync, plan: CheckpointPlan) {
    this.#database = database;
    this.#everyMs = plan.everyMs;
    this.#log = plan.log;
    this.#logBytes = plan.logBytes;
    this.#onFault = plan.onFault;
    this.#passFaultPoint = plan.passFaultPoint;
  }

  /** Something was written; what it erased is gone from the files one interval from now. */
  written(): void {
    this.#timer ??= setTimeout(() => this.#run(), this.#everyMs);
  }

  /** Before the first write. Without room commits take longer, and nothing else. */
  makeRoom(): void {
    this.#database.exec(`PRAGMA busy_timeout = ${patienceMs}`);
    try {
      makeLogRoom(this.#database, this.#log, this.#logBytes);
    } catch (fault) {
      this.#onFault(fault);
    } finally {
      this.#database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    }
  }

  /** The last one; nothing more is written. */
  finish(): void {
    clearTimeout(this.#timer);
    this.#truncate();
  }

  #run(): void {
    this.#timer = undefined;
    try {
      this.#passFaultPoint('checkpoint-begun');
      if (!this.#truncate()) return this.#retry();
      this.#passFaultPoint('checkpointed');
      this.makeRoom();
    } catch (fault) {
      this.#onFault(fault);
      this.#retry();
    }
    return undefined;
  }

  #retry(): void {
    this.#timer = setTimeout(() => this.#run(), Math.min(retryMs, this.#everyMs));
  }

  /** False when a reader still needs the log. */
  #truncate(): boolean {
    this.#database.exec(`PRAGMA busy_timeout = ${patienceMs}`);
    try {
      const row = prepare(this.#database, 'PRAGMA wal_checkpoint(TRUNCATE)').get();
      return row !== undefined && numberAt(row, 0) === 0;
    } finally {
      this.#database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    }
  }
}
