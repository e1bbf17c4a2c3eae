import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { keepText } from './keep-text.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const packetBytes = 100_000;

/** Bytes of heap that remain for each piece that is kept of a big packet. */
function bytesKept(keep: (piece: string) => string): number {
  const pieces: string[] = [];
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  for (let n = 0; n < 100; n++) {
    pieces.push(
      keep(
        Buffer.alloc(packetBytes, 65 + (n % 26))
          .toString('latin1')
          .slice(10, 50),
      ),
    );
  }
  collectGarbage();
  return (process.memoryUsage().heapUsed - before) / pieces.length;
}

describe('keepText', () => {
  it('says the same', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
        expect(keepText(text)).toBe(text);
      }),
    );
  });

  it('does not keep what it was cut from', () => {
    expect(
      bytesKept((piece) => piece),
      'otherwise nobody needs it',
    ).toBeGreaterThan(packetBytes / 2);
    expect(bytesKept(keepText)).toBeLessThan(packetBytes / 50);
  });
});
