/**
 * The database file itself: found, or made whole before it gets its name, and looked at before it is trusted. A file that
 * is empty, cut short or of another kind is an error that names it; it is never taken for a new one.
 */
import { randomUUID } from 'node:crypto';
import { accessSync, chmodSync, closeSync, constants, existsSync, fsyncSync, linkSync, mkdirSync } from 'node:fs';
import { openSync, readSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreFault } from '../../base/store-fault.ts';
import { isLogEmpty } from './writer/log-room.ts';

/** "Rest" in ASCII, at offset 68 of the header (sqlite.org/fileformat.html, 1.3). */
export const applicationId = 0x52657374;

const headerBytes = 100;
const magic = 'SQLite format 3\0';

/** Makes the folder, for nobody but its owner, where it is missing. */
export function prepareFolder(folder: string): void {
  try {
    makeFolders(folder);
    if (!statSync(folder).isDirectory()) throw new Error('it is not a folder');
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StoreFault(`the data folder ${folder} cannot be used: ${wordsOf(error)}`, false, { cause: error });
  }
}

/** One by one: asked to make all at once, the system call of some file systems never comes back (/proc). */
function makeFolders(folder: string): void {
  if (existsSync(folder)) return;
  makeFolders(dirname(folder));
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** Makes the file with `fill` where it is missing; two processes that do it at once end up with the same file. */
export function createWhereMissing(file: string, fill: (database: DatabaseSync) => void): void {
  if (existsSync(file)) return;
  if (existsSync(`${file}-wal`)) throw damaged(file, 'its write-ahead log is there, but the file itself is missing');
  const draft = `${file}.${randomUUID()}.new`;
  try {
    const database = new DatabaseSync(draft, { returnArrays: true });
    try {
      chmodSync(draft, 0o600);
      database.exec(`PRAGMA application_id = ${applicationId}; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL`);
      fill(database);
    } finally {
      database.close();
    }
    giveName(draft, file);
    syncFolder(dirname(file));
    syncFolder(dirname(dirname(file)));
  } catch (error) {
    if (error instanceof StoreFault) throw error;
    throw new StoreFault(`the database ${file} cannot be made: ${wordsOf(error)}`, false, { cause: error });
  } finally {
    if (existsSync(draft)) unlinkSync(draft);
  }
}

/** The file appears whole or not at all. One that another process made meanwhile is as good. */
function giveName(draft: string, file: string): void {
  try {
    linkSync(draft, file);
  } catch (error) {
    const code = codeOf(error);
    if (code === 'EEXIST') return;
    // Some file systems have no second names.
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
    renameSync(draft, file);
  }
}

/** A name is durable when its folder is. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Reads the header alone; what is deeper in the file is found by SQLite. */
export function checkHeader(file: string): void {
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw new StoreFault(`the database ${file} cannot be used: ${wordsOf(error)}`, false, { cause: error });
  }
  const header = readHeader(file);
  if (header.length < headerBytes) throw damaged(file, 'it is empty or cut short');
  if (header.toString('latin1', 0, magic.length) !== magic) throw damaged(file, 'it is no SQLite database');
  if (header.readUInt32BE(68) !== applicationId) throw damaged(file, 'it is the database of another program');
  // The log may hold the end of the file; without a log the file must be as long as it says.
  const pageBytes = header.readUInt16BE(16) === 1 ? 65_536 : header.readUInt16BE(16);
  if (isLogEmpty(`${file}-wal`) && statSync(file).size < pageBytes * header.readUInt32BE(28))
    throw damaged(file, 'it is cut short');
}

export function damaged(file: string, how: string): StoreFault {
  return new StoreFault(`the database ${file} is damaged: ${how}; restore it from a backup`, false);
}

function readHeader(file: string): Buffer {
  const bytes = Buffer.alloc(headerBytes);
  const descriptor = openSync(file, 'r');
  try {
    return bytes.subarray(0, readSync(descriptor, bytes, 0, headerBytes, 0));
  } finally {
    closeSync(descriptor);
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
