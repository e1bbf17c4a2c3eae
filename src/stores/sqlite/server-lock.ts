/**
 * That one server at a time works on a data folder: the counts of quotas and the order of acceptance live in its memory.
 * The lock is SQLite's own on a file of its own, so it ends with the process however that ends. Commands do not take it.
 */
import { DatabaseSync } from 'node:sqlite';
import { StoreFault } from '../../base/store-fault.ts';
import { BUSY, concernsWholeFile, CORRUPT, NOT_A_DATABASE, primaryCodeOf, storeFaultOf } from './sqlite-faults.ts';

export interface ServerLock {
  release(): void;
}

export function lockForServer(folder: string, file: string): ServerLock {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file);
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    if (isBusy(error)) throw new StoreFault(`another server is running on the data folder ${folder}`, true);
    if (isNoDatabase(error))
      throw new StoreFault(`the lock ${file} is damaged; delete it, there is nothing in it`, false);
    throw concernsWholeFile(error) ? new StoreFault(storeFaultOf(error, file).message, false) : error;
  }
  const held = database;
  return {
    release() {
      if (held.isOpen) held.close();
    },
  };
}

function isBusy(error: unknown): boolean {
  return primaryCodeOf(error) === BUSY;
}

function isNoDatabase(error: unknown): boolean {
  const code = primaryCodeOf(error);
  return code === CORRUPT || code === NOT_A_DATABASE;
}
