import { describe, expect, it } from 'vitest';
import { blockBytes, copyOctets, pieceBytesMax, takeOctets } from './octets.ts';

describe('takeOctets', () => {
  it('gives every piece to one only, also where a block ends', () => {
    const lengths = Array.from({ length: 200 }, (_, index) => 1 + ((index * 37) % pieceBytesMax));
    const pieces = lengths.map((length, index) => takeOctets(length).fill(1 + (index % 255)));
    expect(pieces.map((piece) => piece.length)).toEqual(lengths);
    for (const [index, piece] of pieces.entries())
      expect(piece.every((octet) => octet === 1 + (index % 255))).toBe(true);
  });

  it('is zero at first', () => {
    expect(takeOctets(300)).toEqual(new Uint8Array(300));
  });

  it('cuts from a block up to pieceBytesMax, and nothing that is longer', () => {
    expect(takeOctets(pieceBytesMax).buffer.byteLength).toBe(blockBytes);
    expect(takeOctets(pieceBytesMax + 1).buffer.byteLength).toBe(pieceBytesMax + 1);
  });
});

describe('copyOctets', () => {
  it('does not change with what it was made of', () => {
    const octets = new TextEncoder().encode('hello');
    const copy = copyOctets(octets);
    octets.fill(0);
    expect(new TextDecoder().decode(copy)).toBe('hello');
  });
});
