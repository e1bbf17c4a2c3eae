import { describe, expect, it } from 'vitest';
import { systemHashes } from '../../base/system-hash.ts';
import { systemIds } from '../../base/system-ids.ts';
import { VirtualTime } from '../../base/time/virtual-time.ts';
import { NonceBook, nonceLifetimeMs } from './nonce-book.ts';

/** Of a nonce that is not stale. */
function take(book: NonceBook, nonce: string, count: number, realm = 'r'): boolean {
  const standing = book.examine(nonce, realm);
  if (standing === 'stale') throw new Error('a stale nonce is not taken');
  return book.take(nonce, count, standing);
}

function createBook(nonceCountsMax = 100) {
  const time = new VirtualTime();
  const book = new NonceBook({ hashes: systemHashes, ids: systemIds, clock: time, nonceCountsMax });
  return { time, book };
}

describe('NonceBook', () => {
  it('knows its own nonces until their time is over', async () => {
    const { time, book } = createBook();
    const nonce = book.issue('example.com');
    expect(book.examine(nonce, 'example.com')).toBe('new');
    expect(take(book, nonce, 1, 'example.com')).toBe(true);
    await time.advance(nonceLifetimeMs - 1);
    expect(book.examine(nonce, 'example.com')).toBe('known');
    await time.advance(1);
    expect(book.examine(nonce, 'example.com')).toBe('stale');
  });

  it('takes no nonce of another realm, another process, or one that was changed', () => {
    const { book } = createBook();
    const nonce = book.issue('example.com');
    expect(book.examine(nonce, 'example.org')).toBe('stale');
    expect(createBook().book.examine(nonce, 'example.com')).toBe('stale');
    const other = `${nonce.startsWith('1') ? '2' : '1'}${nonce.slice(1)}`;
    expect(book.examine(other, 'example.com')).toBe('stale');
    for (const text of ['', '.', 'x', `${nonce}0`, 'x'.repeat(200)])
      expect(book.examine(text, 'example.com')).toBe('stale');
  });

  it('never issues the same nonce twice', () => {
    const { book } = createBook();
    const nonces = Array.from({ length: 50 }, () => book.issue('example.com'));
    expect(new Set(nonces).size).toBe(50);
  });

  it('takes every count once, also when two arrive in the wrong order', () => {
    const { book } = createBook();
    const nonce = book.issue('r');
    expect([1, 2, 5, 4, 3].map((count) => take(book, nonce, count))).toEqual([true, true, true, true, true]);
    expect([1, 2, 3, 4, 5].map((count) => take(book, nonce, count))).toEqual([false, false, false, false, false]);
    expect(take(book, nonce, 40)).toBe(true);
    expect(take(book, nonce, 10)).toBe(true);
    expect(take(book, nonce, 9), 'too far behind to tell').toBe(false);
    expect(take(book, nonce, 10)).toBe(false);
    expect(take(book, nonce, 0xffffffff)).toBe(true);
    expect(take(book, nonce, 0xffffffff)).toBe(false);
  });

  it('forgets counts only of nonces that it then calls stale', async () => {
    const { time, book } = createBook(2);
    const first = book.issue('r');
    expect(take(book, first, 1)).toBe(true);
    await time.advance(10);
    const others = Array.from({ length: 4 }, () => book.issue('r'));
    for (const nonce of others.slice(0, 2)) take(book, nonce, 1);
    expect(book.examine(first, 'r'), 'one generation back').toBe('known');
    expect(take(book, first, 1)).toBe(false);
    await time.advance(10);
    for (const nonce of others.slice(2)) take(book, nonce, 1);
    await time.advance(10);
    const late = book.issue('r');
    take(book, late, 1);
    expect(book.examine(first, 'r'), 'its counts are gone').toBe('stale');
    expect(book.examine(late, 'r')).toBe('known');
  });
});
