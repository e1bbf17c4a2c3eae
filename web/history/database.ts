/** The database of one account in this browser: its stores and indexes. */
import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { MessageRecord, PeerRecord } from './records.ts';

export interface HistorySchema extends DBSchema {
  messages: {
    key: string;
    value: MessageRecord;
    indexes: { thread: [string, number]; id: string; open: number };
  };
  peers: { key: string; value: PeerRecord };
}

export type HistoryDatabase = IDBPDatabase<HistorySchema>;

/** Waits until every tab has let it go. */
export function eraseDatabase(address: string): Promise<void> {
  return deleteDB(nameOf(address));
}

/** Rejects where the browser keeps nothing for pages. */
export function openDatabase(address: string): Promise<HistoryDatabase> {
  return openDB<HistorySchema>(nameOf(address), 1, {
    // Another tab erases it.
    blocking(_current, _next, event) {
      (event.target as IDBDatabase | null)?.close();
    },
    upgrade(database) {
      const messages = database.createObjectStore('messages', { keyPath: 'key' });
      messages.createIndex('thread', ['peer', 'order'], { unique: true });
      messages.createIndex('id', 'id');
      messages.createIndex('open', 'open');
      database.createObjectStore('peers', { keyPath: 'address' });
    },
  });
}

function nameOf(address: string): string {
  return `restante ${address}`;
}
