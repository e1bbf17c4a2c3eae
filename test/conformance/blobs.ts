/** What the blob port promises: octets at their places, durable when synced, gone when removed, and nothing else ever. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlobReader, BlobStore } from '../../src/delivery/ports.ts';

export interface BlobSubject {
  readonly blobs: BlobStore;
  /** The same after the process was killed and started again. */
  restarted(): Promise<BlobStore>;
  dispose(): Promise<void>;
}

const octetsOf = (text: string): Uint8Array => new TextEncoder().encode(text);

async function textOf(reader: BlobReader | undefined): Promise<string | undefined> {
  if (reader === undefined) return undefined;
  const octets = await reader.read(0, reader.bytes);
  await reader.close();
  return new TextDecoder().decode(octets);
}

async function kept(blobs: BlobStore, ...texts: string[]): Promise<string[]> {
  const names: string[] = [];
  for (const text of texts) {
    const writer = await blobs.create();
    await writer.write(octetsOf(text), 0);
    await writer.sync();
    names.push(writer.name);
  }
  return names;
}

export function describeBlobStore(name: string, open: () => Promise<BlobSubject>): void {
  describe(`the blobs of ${name}`, () => {
    let subject: BlobSubject;
    beforeEach(async () => {
      subject = await open();
    });
    afterEach(() => subject.dispose());
    const use = (): BlobSubject => subject;
    itWrites(use);
    itReads(use);
    itEnds(use);
    itStartsAgain(use);
  });
}

function itWrites(use: () => BlobSubject): void {
  it('are written in pieces, in any order, and read in parts', async () => {
    const { blobs } = use();
    const writer = await blobs.create();
    await writer.write(octetsOf('world'), 6);
    await writer.write(octetsOf('hello,'), 0);
    await Promise.all([writer.write(octetsOf(' my'), 11), writer.write(octetsOf(' dear'), 14)]);
    await writer.sync();
    const reader = await blobs.open(writer.name);
    expect(reader?.bytes).toBe(19);
    const part = async (offset: number, length: number) => new TextDecoder().decode(await reader?.read(offset, length));
    expect([await part(6, 5), await part(14, 99), await part(19, 5), await part(50, 5)]).toEqual([
      'world',
      ' dear',
      '',
      '',
    ]);
    await reader?.close();
    await reader?.close();
  });

  it('may be empty, and a gap reads as zeros', async () => {
    const { blobs } = use();
    const [empty, gap] = [await blobs.create(), await blobs.create()];
    await gap.write(octetsOf('b'), 2);
    await Promise.all([empty.sync(), gap.sync()]);
    expect(await textOf(await blobs.open(empty.name))).toBe('');
    expect(await textOf(await blobs.open(gap.name))).toBe('\0\0b');
  });

  it('keep a copy of what they are given', async () => {
    const { blobs } = use();
    const writer = await blobs.create();
    const octets = octetsOf('abc');
    const writing = writer.write(octets, 0);
    await writing;
    octets.fill(0);
    await writer.sync();
    expect(await textOf(await blobs.open(writer.name))).toBe('abc');
  });
}

function itReads(use: () => BlobSubject): void {
  it('are read while they are written, as far as they are', async () => {
    const { blobs } = use();
    const writer = await blobs.create();
    await writer.write(octetsOf('abc'), 0);
    const reader = await blobs.open(writer.name);
    expect([reader?.bytes, (await reader?.read(0, 99))?.length]).toEqual([3, 3]);
    await writer.write(octetsOf('defg'), 3);
    expect([reader?.bytes, (await reader?.read(3, 99))?.length]).toEqual([7, 4]);
    await writer.sync();
    expect(await textOf(reader)).toBe('abcdefg');
  });

  it('have names of their own, and no name is any other', async () => {
    const { blobs } = use();
    const names = await kept(blobs, ...Array.from({ length: 50 }, (_, at) => `text ${at}`));
    expect(new Set(names).size).toBe(50);
    for (const name of [
      '',
      '.',
      '..',
      '../restante.db',
      `${names[0]}/x`,
      `x${names[0]}`,
      'ffffffffffffffffffffffffffffffff',
    ]) {
      expect(await blobs.open(name)).toBeUndefined();
      await blobs.remove([name]);
    }
    expect(await textOf(await blobs.open(names[49] ?? ''))).toBe('text 49');
  });
}

function itEnds(use: () => BlobSubject): void {
  it('are gone when they are removed, and whoever reads one reads on', async () => {
    const { blobs } = use();
    const [first = '', second = ''] = await kept(blobs, 'first', 'second');
    const reader = await blobs.open(first);
    await blobs.remove([first, 'ffffffffffffffffffffffffffffffff']);
    await blobs.remove([first]);
    await blobs.remove([]);
    expect(await blobs.open(first)).toBeUndefined();
    expect(await textOf(reader)).toBe('first');
    expect(await textOf(await blobs.open(second))).toBe('second');
  });

  it('that are abandoned leave nothing, before they are synced and after, twice too', async () => {
    const { blobs } = use();
    const [early, late] = [await blobs.create(), await blobs.create()];
    await Promise.all([early.write(octetsOf('early'), 0), late.write(octetsOf('late'), 0)]);
    await late.sync();
    for (const writer of [early, late, early, late]) await writer.abandon();
    expect([await blobs.open(early.name), await blobs.open(late.name)]).toEqual([undefined, undefined]);
    expect(await blobs.sweep(new Set())).toEqual({ removed: 0, missing: [] });
  });
}

function itStartsAgain(use: () => BlobSubject): void {
  it('that were synced are there after a kill, and of the others nothing is left by the sweep', async () => {
    const { blobs } = use();
    const [named = '', orphan = ''] = await kept(blobs, 'named', 'orphan');
    const unsynced = await blobs.create();
    await unsynced.write(octetsOf('unsynced'), 0);
    const again = await use().restarted();
    const { removed, missing } = await again.sweep(new Set([named, 'never there']));
    expect([removed >= 1, missing]).toEqual([true, ['never there']]);
    expect(await textOf(await again.open(named))).toBe('named');
    expect([await again.open(orphan), await again.open(unsynced.name)]).toEqual([undefined, undefined]);
    expect(await again.sweep(new Set([named]))).toEqual({ removed: 0, missing: [] });
  });

  it('get names that no earlier life has given', async () => {
    const [before = ''] = await kept(use().blobs, 'before');
    const again = await use().restarted();
    const [after = ''] = await kept(again, 'after');
    expect(await textOf(await again.open(before))).toBe('before');
    expect(after).not.toBe(before);
  });
}
