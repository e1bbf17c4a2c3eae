import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClientTransactions, NoAnswerError } from './client-transactions.ts';
import { parseSipText, type SipText } from './sip-text.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function answer(status: number, branch = 'b1'): SipText {
  const text = `SIP/2.0 ${status} X\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=${branch}\r\nCSeq: 1 MESSAGE\r\n\r\n`;
  const read = parseSipText(Buffer.from(text));
  if (!read) throw new Error('not read');
  return read;
}

/** Runs one transaction and tells when it sent, in milliseconds, and how it ended. */
function run(isReliable = false): { transactions: ClientTransactions; sentAt: number[]; end: Promise<unknown> } {
  const transactions = new ClientTransactions({ t1Ms: 500, isReliable });
  const startMs = Date.now();
  const sentAt: number[] = [];
  const end = transactions.run('b1', 'MESSAGE', () => sentAt.push(Date.now() - startMs));
  return { transactions, sentAt, end: end.catch((error: unknown) => error) };
}

describe('a client transaction', () => {
  it('sends again as timer E says and gives up with timer F', async () => {
    const { sentAt, end } = run();
    await vi.advanceTimersByTimeAsync(40_000);
    expect(sentAt).toEqual([0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
    expect(await end).toBeInstanceOf(NoAnswerError);
  });

  it('slows down to T2 after a provisional answer and stops with the final one', async () => {
    const { transactions, sentAt, end } = run();
    await vi.advanceTimersByTimeAsync(100);
    expect(transactions.handle(answer(100))).toBe(true);
    await vi.advanceTimersByTimeAsync(5000);
    expect(transactions.handle(answer(200, 'b2'))).toBe(false);
    const final = answer(202);
    expect(transactions.handle(final)).toBe(true);
    await vi.advanceTimersByTimeAsync(40_000);
    expect(sentAt).toEqual([0, 500, 4500]);
    expect(await end).toBe(final);
    expect(transactions.handle(final)).toBe(false);
  });

  it('sends once on a stream', async () => {
    const { sentAt, end } = run(true);
    await vi.advanceTimersByTimeAsync(31_999);
    expect(sentAt).toEqual([0]);
    await vi.advanceTimersByTimeAsync(1);
    expect(await end).toBeInstanceOf(NoAnswerError);
  });
});
