import { beforeEach, describe, expect, it } from 'vitest';
import { runCommand, type CommandOutcome } from '../../test/recorded-io.ts';
import type { EntrySummary, NewMailboxEntry } from '../delivery/mailbox-entry.ts';
import type { Address } from '../model/address.ts';
import { memoryStores, type MemoryStores } from '../stores/memory/memory-stores.ts';
import { queueRowsMax, sayWaitsFor } from './queue.ts';

const nine = Date.UTC(2026, 10, 21, 9, 0, 0);
const [tom, ann, mary] = ['tom@localhost', 'ann@localhost', 'mary@localhost'] as Address[] as [
  Address,
  Address,
  Address,
];
const quotas = {
  recipientMessages: 1e6,
  recipientBytes: 1e9,
  largeBytes: 16 * 1e9,
  pairMessages: 1e6,
  senderMessages: 1e6,
};

let stores: MemoryStores;

beforeEach(() => {
  stores = memoryStores();
});

function run(words: string): Promise<CommandOutcome> {
  return runCommand(words.split(' '), stores);
}

async function put(id: string, sender: Address, more: Partial<NewMailboxEntry> = {}): Promise<void> {
  const body = new TextEncoder().encode('top secret');
  const text = { sentAt: nine, contentType: 'text/plain', body, origin: 'sip' as const, reportsWanted: [] };
  const outcome = await stores.mailbox.put(
    {
      id,
      message: { sender, recipient: mary, ...text },
      acceptedAt: nine,
      expiresAt: nine + 3_600_000,
      state: 'waiting',
      attributes: [],
      latches: [],
      duplicateKeys: [],
      ...more,
    },
    quotas,
  );
  expect(outcome.kind).toBe('stored');
}

const held = { state: 'held', condition: 'mood is happy', attributes: ['mood'] } as const;

describe('queue', () => {
  it('is a table of what is held and waiting, in the order of acceptance, without content', async () => {
    await put('m1', ann);
    await put('m2', tom, { ...held, acceptedAt: nine + 1000 });
    const { code, out, err } = await run('queue');
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n')).toEqual([
      'ID  STATE    FROM           TO              ACCEPTED              EXPIRES               BYTES  WAITS FOR',
      'm1  waiting  ann@localhost  mary@localhost  2026-11-21T09:00:00Z  2026-11-21T10:00:00Z  10     a reachable client',
      'm2  held     tom@localhost  mary@localhost  2026-11-21T09:00:01Z  2026-11-21T10:00:00Z  10     mood is happy',
      '',
    ]);
  });

  it.each([
    ['queue --from tom@localhost', ['m1']],
    ['queue --to mary@localhost', ['m1', 'm2']],
    ['queue --to tom@localhost', []],
    ['queue --state waiting', ['m2']],
    ['queue --state expired', ['m3']],
  ])('%s', async (words, ids) => {
    await put('m1', tom, held);
    await put('m2', ann);
    await put('m3', ann);
    const end = { id: 'm3', recipient: mary, state: 'expired', at: nine } as const;
    await stores.mailbox.end([{ ...end, step: { at: nine, what: 'expired' } }]);
    const { out } = await run(words);
    expect(out.match(/^m\d/gm) ?? []).toEqual(ids);
  });

  it('says nothing when there is nothing', async () => {
    expect(await run('queue')).toEqual({ code: 0, out: 'nothing\n', err: '' });
  });

  it('shows so many rows and no more, and says so', async () => {
    for (let at = 0; at < queueRowsMax; at += 1) await put(`m${at}`, tom);
    expect((await run('queue')).err).toBe('');
    await put('one-more', tom);
    const { out, err } = await run('queue');
    expect(out.trimEnd().split('\n')).toHaveLength(queueRowsMax + 1);
    expect(err).toMatch(/^note: only the first 1000 are shown/);
  });

  it.each([
    ['queue --to mary', '--to: an address has the form user@domain'],
    ['queue --from @', '--from: an address has the form user@domain'],
  ])('refuses %s', async (words, line) => {
    expect(await run(words)).toEqual({ code: 2, out: '', err: `restante: ${line}\n` });
  });
});

describe('explain', () => {
  it('tells the steps and what the message waits for, without content', async () => {
    await put('m1', tom, held);
    const step = { at: nine + 5000, what: 'mood became angry: still held' };
    await stores.mailbox.update([{ id: 'm1', recipient: mary, step }]);
    const { code, out } = await run('explain m1');
    expect(code).toBe(0);
    const lines = out.split('\n');
    expect(lines.slice(0, 7)).toEqual([
      'm1  held',
      'from tom@localhost to mary@localhost, text/plain, 10 bytes',
      'condition: mood is happy',
      "in words: Wait until the recipient's mood is happy.",
      'expires 2026-11-21T10:00:00Z',
      '',
      '2026-11-21T09:00:00Z  accepted',
    ]);
    expect(lines).toContain('2026-11-21T09:00:05Z  mood became angry: still held');
    expect(lines.at(-2)).toBe('waits for its condition');
    expect(out).not.toContain('secret');
  });

  it('says when there is no such message', async () => {
    const err = 'restante: there is no message m9; what ended is forgotten after --history\n';
    expect(await run('explain m9')).toEqual({ code: 1, out: '', err });
  });
});

describe('sayWaitsFor', () => {
  const row: EntrySummary = {
    id: 'm1',
    sequence: 1,
    sender: tom,
    recipient: mary,
    state: 'waiting',
    acceptedAt: nine,
    expiresAt: nine,
    contentType: 'text/plain',
    bytes: 1,
    attempts: 0,
    isAside: false,
    acceptedState: 'waiting',
    origin: 'sip',
    reportsWanted: [],
  };

  it.each<[EntrySummary, string]>([
    [{ ...row, retryAt: nine }, 'the next attempt at 2026-11-21T09:00:00Z'],
    [{ ...row, isAside: true }, 'nothing by itself: set aside, it can still be fetched'],
    [{ ...row, state: 'delivered' }, ''],
  ])('%j', (summary, words) => {
    expect(sayWaitsFor(summary)).toBe(words);
  });
});
