import { describe, expect, it } from 'vitest';
import { memoryStores } from '../../stores/memory/memory-stores.ts';
import { Spool, spoolAheadMax, spoolInMemoryMax } from './spool.ts';
import { spoolBytesMax, spoolFilesMax, SpoolPool } from './spool-pool.ts';

const octets = (length: number, from = 0): Uint8Array => Uint8Array.from({ length }, (_, at) => (from + at) % 251);

function world(limits = { bytesMax: spoolBytesMax, filesMax: spoolFilesMax }) {
  const stores = memoryStores();
  const pool = new SpoolPool(stores.blobs, limits);
  return { blobs: stores.blobs, pool, spool: new Spool(pool) };
}

async function all(spool: Spool, pieceMax = 10_000): Promise<Uint8Array> {
  const parts: number[] = [];
  for (;;) {
    const { bytes, isEnd } = await spool.read(parts.length, pieceMax);
    for (const octet of bytes) parts.push(octet);
    if (isEnd) return Uint8Array.from(parts);
  }
}

describe('the octets of a message', () => {
  it.each([1, spoolInMemoryMax, spoolInMemoryMax + 1, 300_000])('%i of them are read as they came', async (length) => {
    const { spool } = world();
    const whole = octets(length);
    const read = all(spool);
    for (let at = 0; at < length; at += 7_000) spool.write(at, whole.subarray(at, at + 7_000));
    spool.finish(length);
    expect(await read).toEqual(whole);
  });

  it('are read in order, in whatever order they come, and the later of two counts', async () => {
    const { spool } = world();
    spool.write(4, Uint8Array.of(5, 6));
    const read = spool.read(0, 100);
    expect(await Promise.race([read, Promise.resolve('nothing')])).toBe('nothing');
    spool.write(0, Uint8Array.of(1, 2, 9, 9));
    spool.write(2, Uint8Array.of(3, 4));
    spool.finish(6);
    expect([...(await all(spool))]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('with a gap are not read past it, also when they went into a file', async () => {
    const { spool } = world();
    spool.write(10, octets(5));
    spool.write(spoolInMemoryMax, octets(10));
    await new Promise(setImmediate);
    expect(spool.contiguous).toBe(0);
    spool.write(0, octets(10));
    await new Promise(setImmediate);
    expect(spool.contiguous).toBe(15);
  });

  it('are kept whole, and stay when nobody wants them on their way any more', async () => {
    const { spool, blobs, pool } = world();
    spool.write(0, octets(100_000));
    spool.finish(100_000);
    const { blob, bytes } = await spool.keep();
    spool.release();
    await new Promise(setImmediate);
    const reader = await blobs.open(blob);
    expect(bytes).toBe(100_000);
    expect(await reader?.read(0, bytes)).toEqual(octets(100_000));
    expect([pool.bytes, pool.files]).toEqual([0, 0]);
  });

  it('that are few are kept in a file too, and none at all', async () => {
    for (const length of [0, 5]) {
      const { spool, blobs } = world();
      spool.write(0, octets(length));
      spool.finish(length);
      const { blob } = await spool.keep();
      expect(await (await blobs.open(blob))?.read(0, 10)).toEqual(octets(length));
    }
  });

  it('leave nothing when they are given up', async () => {
    const { spool, pool, blobs } = world();
    const read = spool.read(0, 10);
    spool.write(10, octets(200_000));
    spool.fail('its sender gave it up');
    await expect(read).rejects.toThrow('its sender gave it up');
    spool.release();
    await new Promise(setImmediate);
    expect([pool.bytes, pool.files]).toEqual([0, 0]);
    expect(await blobs.sweep(new Set())).toEqual({ removed: 0, missing: [] });
  });

  it('do not run far ahead of who follows them', async () => {
    const { spool } = world();
    let isRoom = false;
    spool.onRoom = () => {
      isRoom = true;
    };
    spool.isFollowed = true;
    const piece = octets(100_000);
    for (let at = 0; at <= spoolAheadMax; at += piece.length) {
      spool.write(at, piece);
      await new Promise(setImmediate);
    }
    expect([spool.isFull, isRoom]).toEqual([true, false]);
    await spool.read(200_000, 10);
    expect([spool.isFull, isRoom]).toEqual([false, true]);
  });

  it('may not be more than all may be, nor have more files', async () => {
    const { pool, spool } = world({ bytesMax: 1_000, filesMax: 1 });
    spool.write(0, octets(999));
    expect(pool.hasRoom).toBe(true);
    spool.write(0, octets(1_000));
    expect(pool.hasRoom).toBe(false);
    const other = new Spool(pool);
    spool.write(spoolInMemoryMax, octets(1));
    await new Promise(setImmediate);
    expect(pool.hasRoom).toBe(false);
    other.write(spoolInMemoryMax, octets(1));
    await new Promise(setImmediate);
    expect([other.fault, spool.fault]).toEqual(['there is no room for another file', undefined]);
  });

  it('are there for who follows them before the disk has them, and the pool has all of them back', async () => {
    const { spool, pool } = world();
    const whole = octets(400_000);
    spool.isFollowed = true;
    for (let at = 0; at < 300_000; at += 50_000) spool.write(at, whole.subarray(at, at + 50_000));
    expect(spool.contiguous).toBe(300_000);
    expect((await spool.read(120_000, 100_000)).bytes).toEqual(whole.subarray(120_000, 220_000));
    const read = all(spool);
    for (let at = 300_000; at < 400_000; at += 50_000) spool.write(at, whole.subarray(at, at + 50_000));
    spool.finish(400_000);
    expect(await read).toEqual(whole);
    const { bytes } = await spool.keep();
    expect(bytes).toBe(400_000);
    spool.unfollow();
    expect(pool.bytes).toBe(0);
    expect(await all(spool)).toEqual(whole);
  });

  it('that came out of order are read as the file has them, also by who follows', async () => {
    const { spool, pool } = world();
    spool.isFollowed = true;
    spool.write(0, octets(200_000, 7));
    spool.write(100_000, octets(50_000));
    expect((await spool.read(100_000, 50_000)).bytes).toEqual(octets(50_000));
    spool.write(200_000, octets(10_000));
    spool.finish(210_000);
    const wanted = octets(200_000, 7);
    wanted.set(octets(50_000), 100_000);
    expect(await all(spool)).toEqual(Uint8Array.from([...wanted, ...octets(10_000)]));
    spool.release();
    await new Promise(setImmediate);
    expect([pool.bytes, pool.files]).toEqual([0, 0]);
  });

  it('leave nothing in the pool when the disk fails, or nobody wants them in the middle of a write', async () => {
    for (const ends of ['fails', 'released'] as const) {
      const { pool, blobs } = world();
      const broken = new SpoolPool({
        ...blobs,
        create: async () => {
          const writer = await blobs.create();
          if (ends === 'fails') writer.write = () => Promise.reject(new Error('the disk is full'));
          return writer;
        },
      });
      const spool = new Spool(ends === 'fails' ? broken : pool);
      spool.isFollowed = true;
      for (let at = 0; at < 300_000; at += 100_000) spool.write(at, octets(100_000));
      if (ends === 'released') spool.release();
      await new Promise(setImmediate);
      spool.release();
      await new Promise(setImmediate);
      expect([ends, pool.bytes, broken.bytes, pool.files, broken.files]).toEqual([ends, 0, 0, 0, 0]);
    }
  });
});
