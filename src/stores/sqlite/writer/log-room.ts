/**
 * Room for the write-ahead log, of zeros that take no space. A commit that makes its file longer has to have the new length
 * written as well, and takes almost twice as long as one that is written over what is there (docs/performance.md).
 */
import { closeSync, existsSync, openSync, readSync, statSync, truncateSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';

/** SQLite takes a log whose header is zeros for an empty one (sqlite.org/fileformat.html, 4). */
export function isLogEmpty(log: string): boolean {
  if (!existsSync(log)) return true;
  const header = Buffer.alloc(logHeaderBytes);
  const descriptor = openSync(log, 'r');
  try {
    readSync(descriptor, header, 0, logHeaderBytes, 0);
  } finally {
    closeSync(descriptor);
  }
  return header.every((byte) => byte === 0);
}

const logHeaderBytes = 32;

/** Where the log has just been cut. In a transaction, so that no other process writes its beginning meanwhile. */
export function makeLogRoom(database: DatabaseSync, log: string, bytes: number): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    if (statSync(log).size === 0) truncateSync(log, bytes);
  } finally {
    database.exec('ROLLBACK');
  }
}
