/** What is kept of conversations, for those who keep it. */
import { describe, expect, it } from 'vitest';
import type { Address } from '../../src/model/address.ts';
import { type Transcript, transcriptsMax } from '../../src/sessions/transcripts/ports.ts';
import { account, someone } from './samples.ts';
import { type OpenSubject, type StoresInUse, useSharedStores } from './subject.ts';

export function describeTranscripts(open: OpenSubject): void {
  describe('transcripts', () => {
    const use = useSharedStores(open);
    switched(use);
    listed(use);
    counted(use);
    owned(use);
  });
}

async function newOwner(use: StoresInUse, isKept = true): Promise<Address> {
  const owner = someone('mary');
  await use.stores.accounts.add([account(owner)]);
  if (isKept) await use.stores.transcripts.setKept(owner, true);
  return owner;
}

const other = someone('tom');

function transcriptOf(owner: Address, id: string): Transcript {
  const line = { at: 2, isOwn: true, contentType: 'text/plain', bytes: 3, text: 'ä\n' };
  const about = { id, owner, other, startedAt: 1, endedAt: 3 };
  return { ...about, isMissed: false, messages: 2, lines: [line, { ...line, isOwn: false }] };
}

function switched(use: StoresInUse): void {
  it('are kept for those who say so, over a restart, until they say otherwise', async () => {
    const owner = await newOwner(use, false);
    expect(await use.stores.transcripts.add(transcriptOf(owner, 'a'))).toBe('not-kept');
    expect(await use.stores.transcripts.isKept(owner)).toBe(false);
    expect(await use.stores.transcripts.setKept(owner, true)).toBe(true);
    expect(await use.stores.transcripts.setKept(owner, true)).toBe(true);
    await use.reopen();
    expect(await use.stores.transcripts.isKept(owner)).toBe(true);
    expect(await use.stores.transcripts.add(transcriptOf(owner, 'a'))).toBe('added');
    await use.stores.transcripts.setKept(owner, false);
    expect(await use.stores.transcripts.add(transcriptOf(owner, 'b'))).toBe('not-kept');
    expect(await use.stores.transcripts.read(owner, 'a')).toEqual(transcriptOf(owner, 'a'));
    expect(await use.stores.transcripts.setKept(someone('nobody'), true)).toBe(false);
  });
}

function listed(use: StoresInUse): void {
  it('are listed from the newest on, in pages, and forgotten one by one', async () => {
    const owner = await newOwner(use);
    const { transcripts } = use.stores;
    for (const id of ['b', 'a', 'd', 'c']) await transcripts.add(transcriptOf(owner, id));
    const idsOf = async (before: string | undefined, limit: number) =>
      (await transcripts.list(owner, { before, limit })).map(({ id }) => id);
    expect(await idsOf(undefined, 3)).toEqual(['d', 'c', 'b']);
    expect(await idsOf('b', 3)).toEqual(['a']);
    const { lines: _lines, ...summary } = transcriptOf(owner, 'd');
    expect((await transcripts.list(owner, { limit: 1 }))[0]).toEqual(summary);
    expect([await transcripts.remove(owner, 'c'), await transcripts.remove(owner, 'c')]).toEqual([true, false]);
    expect(await transcripts.read(owner, 'c')).toBeUndefined();
    expect(await transcripts.read(await newOwner(use), 'd')).toBeUndefined();
    expect(await idsOf(undefined, 9)).toEqual(['d', 'b', 'a']);
  });
}

function counted(use: StoresInUse): void {
  it('are so many of one owner', { timeout: 60_000 }, async () => {
    const owner = await newOwner(use);
    const { transcripts } = use.stores;
    const ids = Array.from({ length: transcriptsMax }, (_, index) => `n${index}`);
    const outcomes = await Promise.all(ids.map((id) => transcripts.add({ ...transcriptOf(owner, id), lines: [] })));
    expect(new Set(outcomes)).toEqual(new Set(['added']));
    expect(await transcripts.add(transcriptOf(owner, 'more'))).toBe('full');
    await transcripts.remove(owner, 'n0');
    expect(await transcripts.add(transcriptOf(owner, 'more'))).toBe('added');
  });
}

function owned(use: StoresInUse): void {
  it('go with their owner’s account, and so does the wish to keep them', async () => {
    const [owner, stays] = [await newOwner(use), await newOwner(use)];
    const { accounts, transcripts } = use.stores;
    for (const each of [owner, stays]) await transcripts.add(transcriptOf(each, 'a'));
    await accounts.remove(owner);
    await accounts.add([account(owner)]);
    expect([await transcripts.isKept(owner), await transcripts.list(owner, { limit: 9 })]).toEqual([false, []]);
    expect(await transcripts.list(stays, { limit: 9 })).toHaveLength(1);
  });
}
