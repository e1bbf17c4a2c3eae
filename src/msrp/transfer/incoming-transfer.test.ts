import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MsrpRequestHead } from '../message/msrp-message.ts';
import { type ChunkEnd, IncomingTransfer } from './incoming-transfer.ts';
import { chunkBytesMax, OutgoingTransfer, uninterruptibleBytesMax } from './outgoing-transfer.ts';
import { rangesMax, ReceivedRanges } from './received-ranges.ts';

const sizeMax = 1000;

function head(start: number | undefined, total?: number, contentType = 'text/plain'): MsrpRequestHead {
  const about = { successReport: false, failureReport: 'yes', messageId: 'abcd', headers: [], contentType } as const;
  const byteRange = start === undefined ? {} : { byteRange: { start, ...(total === undefined ? {} : { total }) } };
  return { kind: 'request', transactionId: 'tttt', method: 'SEND', toPath: [], fromPath: [], ...about, ...byteRange };
}

class Receiver {
  readonly transfer = new IncomingTransfer('abcd', sizeMax);
  readonly octets = new Map<number, number>();

  chunk(start: number | undefined, text: string, flag: '$' | '+' | '#', total?: number): ChunkEnd {
    this.transfer.begin(head(start, total));
    const placed = this.transfer.take(new TextEncoder().encode(text));
    for (const [index, octet] of (placed?.bytes ?? []).entries()) this.octets.set((placed?.offset ?? 0) + index, octet);
    return this.transfer.end(flag);
  }

  get text(): string {
    const places = [...this.octets.keys()].sort((one, other) => one - other);
    return String.fromCharCode(...places.map((place) => this.octets.get(place) ?? 0));
  }
}

describe('a message that arrives', () => {
  it('is whole with one chunk that ends it', () => {
    const receiver = new Receiver();
    expect(receiver.chunk(undefined, 'hello', '$')).toEqual({ kind: 'complete', size: 5 });
    expect(receiver.text).toBe('hello');
  });

  it('is whole when every octet is there, and not before, whatever came last', () => {
    const receiver = new Receiver();
    expect(receiver.chunk(9, 'i', '$')).toEqual({ kind: 'open' });
    expect(receiver.chunk(1, 'abcd', '+', 9)).toEqual({ kind: 'open' });
    expect(receiver.chunk(7, 'gh', '+')).toEqual({ kind: 'open' });
    expect(receiver.chunk(4, 'def', '+')).toEqual({ kind: 'complete', size: 9 });
    expect(receiver.text).toBe('abcdefghi');
    expect(receiver.chunk(1, 'xx', '+')).toEqual({ kind: 'open' });
    expect(receiver.text).toBe('abcdefghi');
  });

  it('is whole exactly once in whatever order and pieces it comes', () => {
    const text = 'the quick brown fox jumps over the lazy dog';
    fc.assert(
      fc.property(
        fc.array(fc.nat(text.length), { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 13 }),
        (cuts, keys) => {
          const edges = [...new Set([0, ...cuts, text.length])].sort((one, other) => one - other);
          const chunks = edges.slice(1).map((end, index) => ({ start: edges[index] ?? 0, end, key: keys[index] ?? 0 }));
          const receiver = new Receiver();
          const ends = chunks
            .toSorted((one, other) => one.key - other.key)
            .map(({ start, end }) =>
              receiver.chunk(start + 1, text.slice(start, end), end === text.length ? '$' : '+'),
            );
          expect(ends.filter(({ kind }) => kind === 'complete')).toEqual([{ kind: 'complete', size: text.length }]);
          expect(ends.at(-1)?.kind).toBe('complete');
          expect(receiver.text).toBe(text);
        },
      ),
    );
  });

  it('keeps what came of a chunk whose connection broke, and is resumed behind it', () => {
    const receiver = new Receiver();
    receiver.transfer.begin(head(1, 8));
    receiver.transfer.take(new TextEncoder().encode('abc'));
    receiver.transfer.cut();
    expect(receiver.transfer.receivedContiguously).toBe(3);
    expect(receiver.chunk(4, 'defgh', '$')).toEqual({ kind: 'complete', size: 8 });
  });

  it('is given up by its sender', () => {
    const receiver = new Receiver();
    receiver.chunk(1, 'abc', '+');
    expect(receiver.chunk(4, '', '#')).toEqual({ kind: 'given-up' });
  });

  it('may be empty', () => {
    expect(new Receiver().chunk(1, '', '$', 0)).toEqual({ kind: 'complete', size: 0 });
  });

  it('is not two ends long, and has no octet beyond its end', () => {
    const receiver = new Receiver();
    receiver.chunk(5, 'ef', '$');
    expect(receiver.chunk(1, 'ab', '$')).toEqual({ kind: 'fault', fault: 'beyond-its-end' });
    const other = new Receiver();
    other.chunk(5, 'ef', '$');
    expect(other.chunk(6, 'fg', '+')).toEqual({ kind: 'fault', fault: 'beyond-its-end' });
    const third = new Receiver();
    third.chunk(9, 'i', '+');
    expect(third.chunk(1, 'abc', '$')).toEqual({ kind: 'fault', fault: 'beyond-its-end' });
  });

  it('has one type', () => {
    const { transfer } = new Receiver();
    transfer.begin(head(1));
    transfer.end('+');
    expect(transfer.begin(head(2, undefined, 'text/html'))).toBe('mixed-types');
  });
});

describe('limits of a transfer', () => {
  it('octets, also those that are only announced', () => {
    expect(new Receiver().chunk(1, 'x'.repeat(sizeMax), '$')).toEqual({ kind: 'complete', size: sizeMax });
    expect(new Receiver().chunk(1, 'x'.repeat(sizeMax + 1), '$')).toEqual({ kind: 'fault', fault: 'too-large' });
    expect(new IncomingTransfer('abcd', sizeMax).begin(head(1, sizeMax))).toBeUndefined();
    expect(new IncomingTransfer('abcd', sizeMax).begin(head(1, sizeMax + 1))).toBe('too-large');
    expect(new IncomingTransfer('abcd', sizeMax).begin(head(sizeMax + 2))).toBe('too-large');
  });

  it('gaps', () => {
    const ranges = new ReceivedRanges();
    for (let index = 0; index < rangesMax; index += 1) expect(ranges.add(2 * index + 1, 2 * index + 1)).toBe(true);
    expect(ranges.add(2 * rangesMax + 1, 2 * rangesMax + 1)).toBe(false);
    expect(ranges.add(2, 2)).toBe(true);
    expect(ranges.add(2 * rangesMax + 1, 2 * rangesMax + 1)).toBe(true);
    expect(ranges.contiguousEnd).toBe(3);
  });
});

describe('a message that leaves', () => {
  it('goes in chunks, the last one says so, and those that may be interrupted leave their end open', () => {
    const total = chunkBytesMax + 100;
    const transfer = new OutgoingTransfer(total);
    expect(transfer.room).toBe(chunkBytesMax);
    expect(transfer.next(chunkBytesMax, false)).toEqual({ byteRange: { start: 1, total }, flag: '+' });
    expect(transfer.room).toBe(100);
    const range = { start: chunkBytesMax + 1, end: total, total };
    expect(transfer.next(100, false)).toEqual({ byteRange: range, flag: '$' });
    expect(transfer.isDone).toBe(true);
  });

  it('may tell its size only at its end', () => {
    const transfer = new OutgoingTransfer(undefined);
    expect(transfer.next(uninterruptibleBytesMax, false)).toEqual({ byteRange: { start: 1, end: 2048 }, flag: '+' });
    expect(transfer.next(uninterruptibleBytesMax + 1, false)).toEqual({ byteRange: { start: 2049 }, flag: '+' });
    expect(transfer.next(0, true)).toEqual({ byteRange: { start: 4098, end: 4097, total: 4097 }, flag: '$' });
  });

  it('is one empty chunk when it is empty, and begins behind what is there already', () => {
    const empty = { byteRange: { start: 1, end: 0, total: 0 }, flag: '$' };
    expect(new OutgoingTransfer(0).next(0, true)).toEqual(empty);
    const rest = new OutgoingTransfer(10, 6);
    expect([rest.offset, rest.room]).toEqual([6, 4]);
    expect(rest.next(4, true)).toEqual({ byteRange: { start: 7, end: 10, total: 10 }, flag: '$' });
  });

  it('is no message where its octets are more or fewer than its size, and says that nothing follows', () => {
    expect(new OutgoingTransfer(10).next(9, true)).toBeUndefined();
    expect(new OutgoingTransfer(10).next(11, false)).toBeUndefined();
    const begun = new OutgoingTransfer(10);
    begun.next(4, false);
    expect(begun.giveUp()).toEqual({ byteRange: { start: 5, end: 4, total: 10 }, flag: '#' });
    expect(begun.isDone).toBe(true);
  });
});
