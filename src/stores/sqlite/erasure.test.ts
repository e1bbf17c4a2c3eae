/** After the end of a message no file holds its content, whatever else is stored, changed and ended around it. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { Counters } from '../../base/counters.ts';
import { silentLog } from '../../base/log.ts';
import { systemIds } from '../../base/system-ids.ts';
import type { MailboxStore, NewMailboxEntry } from '../../delivery/ports.ts';
import type { Address } from '../../model/address.ts';
import { openSqliteStores } from './open-sqlite-stores.ts';
import { isLogEmpty } from './writer/log-room.ts';

const quotas = {
  recipientMessages: 1e6,
  recipientBytes: 1e9,
  largeBytes: 16 * 1e9,
  pairMessages: 1e6,
  senderMessages: 1e6,
};

describe('content', () => {
  it('is gone from the files soon after the end, and that of open messages is not', { timeout: 120_000 }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'restante-erasure-'));
    const stores = await openSqliteStores({ folder, log: silentLog, counters: new Counters(), checkpointEveryMs: 100 });
    const story = new Story(stores.mailbox);
    // Long enough that the front of the content log moves over live rows and blank ones are removed.
    for (let round = 0; round < 40; round += 1) await story.tell(150, 140);
    await vi.waitFor(() => expect(isLogEmpty(join(folder, 'restante.db-wal'))).toBe(true), 60_000);
    const [marks, open] = [marksIn(folder), story.openMarks()];
    expect([...marks].filter((mark) => !open.has(mark))).toEqual([]);
    expect([...open].filter((mark) => !marks.has(mark))).toEqual([]);
    expect(await story.findChanged()).toEqual([]);
    await stores.close();
    expect([...marksIn(folder)].filter((mark) => !open.has(mark))).toEqual([]);
    rmSync(folder, { recursive: true });
  });
});

/** Stores messages of all sizes, changes some and ends others, in an order that only looks like chance. */
class Story {
  readonly #mailbox: MailboxStore;
  readonly #open: { readonly entry: NewMailboxEntry; readonly mark: string }[] = [];
  #count = 0;
  #seed = 7;

  constructor(mailbox: MailboxStore) {
    this.#mailbox = mailbox;
  }

  async tell(puts: number, ends: number): Promise<void> {
    await Promise.all(Array.from({ length: puts }, () => this.#put()));
    const updates = this.#open
      .filter(() => this.#chance() < 0.2)
      .map(({ entry }) => ({
        id: entry.id,
        recipient: entry.message.recipient,
        latches: [{ isSet: this.#chance() < 0.5 }],
      }));
    await this.#mailbox.update(updates);
    await Promise.all(Array.from({ length: ends }, () => this.#end()));
  }

  openMarks(): Set<string> {
    return new Set(this.#open.map(({ mark }) => mark));
  }

  /** Open messages whose content is not what was put. */
  async findChanged(): Promise<string[]> {
    const changed: string[] = [];
    for (const { entry, mark } of this.#open) {
      const message = (await this.#mailbox.find(entry.message.recipient, entry.id))?.message;
      const isSame = message?.subject === mark && Buffer.from(message.body).equals(entry.message.body);
      if (!isSame) changed.push(mark);
    }
    return changed;
  }

  async #put(): Promise<void> {
    this.#count += 1;
    const mark = `<${String(this.#count).padStart(6, '0')}>`;
    const size = this.#chance() < 0.05 ? 9000 : this.#chance() < 0.5 ? 20 : 500;
    const entry = newEntry(mark, mark.repeat(1 + Math.floor((this.#chance() * size) / mark.length)));
    this.#open.push({ entry, mark });
    await this.#mailbox.put(entry, quotas);
  }

  async #end(): Promise<void> {
    const [one] = this.#open.splice(Math.floor(this.#chance() * this.#open.length), 1);
    if (one === undefined) return;
    const { id, message } = one.entry;
    const end = {
      id,
      recipient: message.recipient,
      state: 'delivered',
      at: 1,
      step: { at: 1, what: 'delivered' },
    } as const;
    await this.#mailbox.end([end]);
  }

  #chance(): number {
    this.#seed = (this.#seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return this.#seed / 2 ** 31;
  }
}

function newEntry(mark: string, text: string): NewMailboxEntry {
  const body = new TextEncoder().encode(text);
  const [sender, recipient] = ['tom@example.com' as Address, 'mary@example.com' as Address];
  return {
    id: systemIds.timeOrderedId(),
    message: {
      sender,
      recipient,
      sentAt: 0,
      contentType: 'text/plain',
      subject: mark,
      body,
      origin: 'sip' as const,
      reportsWanted: [],
    },
    acceptedAt: 0,
    expiresAt: 1e6,
    state: 'waiting',
    attributes: [],
    latches: [],
    duplicateKeys: [],
  };
}

function marksIn(folder: string): Set<string> {
  const marks = new Set<string>();
  for (const name of readdirSync(folder)) {
    const text = readFileSync(join(folder, name)).toString('latin1');
    for (const [mark] of text.matchAll(/<\d{6}>/g)) marks.add(mark);
  }
  return marks;
}
