/**
 * That one server at a time works on a data folder: the counts of quotas and the order of acceptance live in its memory.
 * The lock is SQLite's own on a file of its own, so it ends with the process however that ends. Commands do not take it.
 */
import { DatabaseSync } from 'node:sqlite';
import { StoreFault } from '../../base/store-fault.ts';
import { concernsWholeFile, storeFaultOf } from './sqlite-faults.ts';

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
  return error instanceof Error && 'errcode' in error && error.errcode === 5;
}
