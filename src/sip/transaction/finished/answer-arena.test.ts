import { describe, expect, it } from 'vitest';
import { AnswerArena, arenaChunkBytes } from './answer-arena.ts';
import type { CutAnswer, KeptAnswer } from './kept-answer.ts';

const octets = (text: string): Uint8Array => new TextEncoder().encode(text);
const START_LINE = 'SIP/2.0 202 Accepted\r\n';
const MIDDLE = 'what the request says again;tag=tag1\r\n';

const answer = (tail: string, startLine = START_LINE, toTag = 'tag1'): CutAnswer => ({
  bytes: octets(startLine + MIDDLE + tail),
  startLineEnd: startLine.length,
  tailStart: startLine.length + MIDDLE.length,
  toTag,
});

const kept = (tail: string, toTag = 'tag1'): KeptAnswer => ({
  startLine: octets(START_LINE),
  toTag,
  tail: octets(tail),
});

/** What a record takes: 24 octets of fixed fields and the texts. */
const recordBytes = (tail: string): number => 24 + START_LINE.length + 4 + tail.length;

describe('AnswerArena', () => {
  it('gives back what it was given, without the middle', () => {
    const arena = new AnswerArena(8192, 4096);
    const first = arena.append(1, 2, 10, answer('A: b\r\n'));
    const second = arena.append(3, 4, 11, answer('Subject: \u00e4\u20ac\u{1f600}\r\n', START_LINE, ''));
    expect(arena.read(first ?? 0)).toEqual(kept('A: b\r\n'));
    expect(arena.read(second ?? 0)).toEqual(kept('Subject: \u00e4\u20ac\u{1f600}\r\n', ''));
    expect(arena.size).toBe(2);
    expect(arena.usedBytes).toBe(recordBytes('A: b\r\n') + recordBytes('Subject: \u00e4\u20ac\u{1f600}\r\n') - 4 + 5);
  });

  it('forgets in order and only what has expired', () => {
    const arena = new AnswerArena(8192, 4096);
    for (let i = 0; i < 5; i++) arena.append(i, -1 - i, 100 + i, answer('X: y\r\n'));
    const forgotten: number[][] = [];
    const forget = (lo: number, hi: number): void => {
      forgotten.push([lo, hi]);
    };
    expect(arena.nextExpiry()).toBe(100);
    arena.expire(102, forget);
    expect(forgotten).toEqual([
      [0, -1],
      [1, -2],
      [2, -3],
    ]);
    expect(arena.nextExpiry()).toBe(103);
    arena.expire(1000, forget);
    expect(arena.nextExpiry()).toBeUndefined();
    expect(arena.usedBytes).toBe(0);
  });

  it('goes round and round, and every record is what it was', () => {
    const arena = new AnswerArena(8 * 256, 256);
    const live: { ref: number; tail: string }[] = [];
    for (let i = 0; i < 500; i++) {
      const tail = `N: ${i}${'x'.repeat((i * 7) % 90)}\r\n`;
      const ref = arena.append(i, i, i, answer(tail));
      expect(ref).toBeDefined();
      live.push({ ref: ref ?? 0, tail });
      const forgotten: number[] = [];
      arena.expire(i - 3, (lo) => forgotten.push(lo));
      expect(forgotten).toEqual(i < 3 ? [] : [i - 3]);
      if (i >= 3) live.shift();
      for (const each of live) expect(arena.read(each.ref)).toEqual(kept(each.tail));
    }
    expect(arena.size).toBe(3);
  });

  it('is full when no chunk is free, says so a little before, and forgets nothing for it', () => {
    const each = answer('x'.repeat(58));
    const arena = new AnswerArena(2000, 1000);
    let appended = 0;
    while (!arena.isFull) expect(arena.append(appended++, 0, 5, each)).toBeDefined();
    const whenFull = appended;
    while (arena.append(appended, 0, 5, each) !== undefined) appended++;
    expect(appended).toBeGreaterThan(whenFull);
    expect(arena.size).toBe(appended);
    const forgotten: number[] = [];
    arena.expire(5, (lo) => forgotten.push(lo));
    expect(forgotten).toEqual(Array.from({ length: appended }, (_, i) => i));
    expect(arena.isFull).toBe(false);
    expect(arena.append(1, 1, 6, each)).toBeDefined();
  });

  it('keeps no answer that a chunk has no room for, at the octet', () => {
    const room = 256 - 24 - START_LINE.length - MIDDLE.length;
    expect(new AnswerArena(512, 256).append(1, 1, 1, answer('x'.repeat(room)))).toBeDefined();
    expect(new AnswerArena(512, 256).append(1, 1, 1, answer('x'.repeat(room + 1)))).toBeUndefined();
    const used = new AnswerArena(512, 256);
    used.append(1, 1, 1, answer(''));
    expect(used.append(2, 2, 2, answer('x'.repeat(room + 1)))).toBeUndefined();
    expect(used.append(2, 2, 2, answer('x'.repeat(room)))).toBeDefined();
    expect(used.read(1)).toEqual(kept(''));
  });

  it('keeps no text whose length its record cannot say', () => {
    const arena = new AnswerArena(2 * arenaChunkBytes);
    expect(arena.append(1, 1, 1, answer('', 'x'.repeat(65_536)))).toBeUndefined();
    expect(arena.append(1, 1, 1, answer('', 'x'.repeat(65_535)))).toBeDefined();
  });

  it('is at least two chunks and at most 2 GiB', () => {
    expect(() => new AnswerArena(arenaChunkBytes)).toThrow('too small');
    expect(() => new AnswerArena(2 ** 31)).toThrow('too large');
  });
});
