/** SQLite stores in a folder of their own below the system's temporary one. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Counters } from '../../../src/base/counters.ts';
import { silentLog } from '../../../src/base/log.ts';
import {
  openSqliteStores,
  type SqliteStores,
  type SqliteStoresOptions,
} from '../../../src/stores/sqlite/open-sqlite-stores.ts';
import type { Subject } from '../subject.ts';

export async function openSqliteSubject(): Promise<Subject> {
  const folder = temporaryFolder();
  let stores = await openSqlite(folder);
  return {
    get stores() {
      return stores;
    },
    async reopen() {
      await stores.close();
      stores = await openSqlite(folder);
    },
    async dispose() {
      await stores.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export function openSqlite(folder: string, options: Partial<SqliteStoresOptions> = {}): Promise<SqliteStores> {
  return openSqliteStores({ folder, log: silentLog, counters: new Counters(), ...options });
}

export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'restante-store-'));
}
