/** Every change of what is kept, each in one transaction and durable when it resolves; and the pages of a conversation. */
import { shorten } from '../words/sentences.ts';
import { isOpen, laterState, type SentState } from '../words/state-words.ts';
import type { HistoryDatabase, HistorySchema } from './database.ts';
import type { Draft, MessageRecord, PeerRecord, ReceivedRecord, SentRecord } from './records.ts';
import type { IDBPTransaction } from 'idb';

type Both = ('messages' | 'peers')[];
type Writing = IDBPTransaction<HistorySchema, Both, 'readwrite'>;

/** Characters of the last message that a list shows. */
const previewLengthMax = 140;
/** The least step between two places in a conversation. */
const orderStep = 0.001;

export type NewReceived = Omit<ReceivedRecord, 'order' | 'isSeen' | 'direction'>;
export type NewSent = Omit<SentRecord, 'order' | 'direction' | 'open'>;

export class History {
  readonly #database: HistoryDatabase;

  constructor(database: HistoryDatabase) {
    this.#database = database;
  }

  close(): void {
    this.#database.close();
  }

  peers(): Promise<PeerRecord[]> {
    return this.#database.getAll('peers');
  }

  peer(address: string): Promise<PeerRecord | undefined> {
    return this.#database.get('peers', address);
  }

  message(key: string): Promise<MessageRecord | undefined> {
    return this.#database.get('messages', key);
  }

  /** Those before a place, in their order. */
  async pageBefore(peer: string, before: number, limit: number): Promise<MessageRecord[]> {
    const range = IDBKeyRange.bound([peer, -Infinity], [peer, before], false, true);
    const found: MessageRecord[] = [];
    let cursor = await this.#database.transaction('messages').store.index('thread').openCursor(range, 'prev');
    while (cursor !== null && found.length < limit) {
      found.push(cursor.value);
      cursor = await cursor.continue();
    }
    return found.toReversed();
  }

  /** Those from a place on, in their order. */
  pageFrom(peer: string, from: number, limit: number): Promise<MessageRecord[]> {
    const range = IDBKeyRange.bound([peer, from], [peer, Infinity]);
    return this.#database.getAllFromIndex('messages', 'thread', range, limit);
  }

  /** Mine that may still change by themselves, in the order in which they were written. */
  async openMessages(): Promise<SentRecord[]> {
    const found = await this.#database.getAllFromIndex('messages', 'open', 1);
    return found.filter((each) => each.direction === 'out').toSorted((a, b) => a.order - b.order);
  }

  async sentById(id: string): Promise<SentRecord | undefined> {
    const found = await this.#database.getFromIndex('messages', 'id', id);
    return found?.direction === 'out' ? found : undefined;
  }

  /** False when it is here already. */
  async receive(message: NewReceived): Promise<boolean> {
    return this.#write(async (writing) => {
      if ((await writing.objectStore('messages').get(message.key)) !== undefined) return false;
      const peer = await peerIn(writing, message.peer);
      const order = nextOrder(peer, message.receivedAt);
      const record: ReceivedRecord = { ...message, direction: 'in', order, isSeen: false };
      await writing.objectStore('messages').put(record);
      await writing.objectStore('peers').put({ ...peer, ...lastOf(record), unread: peer.unread + 1 });
      return true;
    });
  }

  /** What was written, before anything else becomes of it; the draft is gone with it. */
  async add(message: NewSent): Promise<SentRecord> {
    return this.#write(async (writing) => {
      const { draft: _draft, ...peer } = await peerIn(writing, message.peer);
      const record = withOpen({ ...message, direction: 'out', order: nextOrder(peer, message.at) });
      await writing.objectStore('messages').put(record);
      await writing.objectStore('peers').put({ ...peer, ...lastOf(record) });
      return record;
    });
  }

  /** News of one of mine; undefined when it is not here. */
  async learn(key: string, news: Partial<SentRecord> & { readonly state: SentState }): Promise<SentRecord | undefined> {
    return this.#write(async (writing) => {
      const messages = writing.objectStore('messages');
      const known = await messages.get(key);
      if (known?.direction !== 'out') return undefined;
      const record = withOpen({ ...known, ...news, state: laterState(known.state, news.state) });
      await messages.put(record);
      return record;
    });
  }

  async remove(key: string): Promise<void> {
    await this.#database.delete('messages', key);
  }

  /** Everything of a peer is seen; answers what was not before. */
  async markSeen(address: string): Promise<string[]> {
    return this.#write(async (writing) => {
      const peer = await writing.objectStore('peers').get(address);
      if (peer === undefined || peer.unread === 0) return [];
      const seen: string[] = [];
      const range = IDBKeyRange.bound([address, -Infinity], [address, Infinity]);
      let cursor = await writing.objectStore('messages').index('thread').openCursor(range, 'prev');
      while (cursor !== null && seen.length < peer.unread) {
        const message = cursor.value;
        if (message.direction === 'in' && !message.isSeen) {
          seen.push(message.id);
          await cursor.update({ ...message, isSeen: true });
        }
        cursor = await cursor.continue();
      }
      await writing.objectStore('peers').put({ ...peer, unread: 0 });
      return seen;
    });
  }

  /** A conversation that has no message yet. */
  async addPeer(address: string): Promise<void> {
    await this.#write(async (writing) => {
      await writing.objectStore('peers').put(await peerIn(writing, address));
    });
  }

  async keepDraft(address: string, draft: Draft | undefined): Promise<void> {
    await this.#write(async (writing) => {
      const { draft: _old, ...peer } = await peerIn(writing, address);
      await writing.objectStore('peers').put(draft === undefined ? peer : { ...peer, draft });
    });
  }

  async removePeer(address: string): Promise<void> {
    await this.#write(async (writing) => {
      const range = IDBKeyRange.bound([address, -Infinity], [address, Infinity]);
      let cursor = await writing.objectStore('messages').index('thread').openCursor(range);
      while (cursor !== null) {
        await cursor.delete();
        cursor = await cursor.continue();
      }
      await writing.objectStore('peers').delete(address);
    });
  }

  /** On disk when it resolves: what is acknowledged to the server is never only in memory. */
  async #write<T>(work: (writing: Writing) => Promise<T>): Promise<T> {
    const stores: Both = ['messages', 'peers'];
    const writing = this.#database.transaction(stores, 'readwrite', { durability: 'strict' });
    try {
      const result = await work(writing);
      await writing.done;
      return result;
    } catch (fault) {
      // What aborted the transaction is the fault that is told; its own rejection says no more.
      writing.done.catch(() => undefined);
      throw fault;
    }
  }
}

async function peerIn(writing: Writing, address: string): Promise<PeerRecord> {
  const known = await writing.objectStore('peers').get(address);
  return known ?? { address, lastOrder: 0, lastText: '', lastDirection: undefined, unread: 0 };
}

function nextOrder({ lastOrder }: PeerRecord, now: number): number {
  return Math.max(now, lastOrder + orderStep);
}

function lastOf(record: MessageRecord): Pick<PeerRecord, 'lastOrder' | 'lastText' | 'lastDirection'> {
  const text = record.text ?? `(${record.direction === 'in' ? (record.contentType ?? 'a message') : ''})`;
  return { lastOrder: record.order, lastText: shorten(text, previewLengthMax), lastDirection: record.direction };
}

function withOpen({ open: _open, ...record }: SentRecord): SentRecord {
  return record.state === 'sending' || isOpen(record.state) ? { ...record, open: 1 } : record;
}
