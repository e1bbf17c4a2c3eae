import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toldState } from './told-state.ts';

const documentOf = (body: Uint8Array) => ({ contentType: 'application/pidf+xml', body });

describe('what was told', () => {
  it('is the same for the same state and document, and another otherwise', () => {
    const text = new TextEncoder().encode('<presence/>');
    expect(toldState('active', documentOf(text))).toBe(toldState('active', documentOf(Uint8Array.from(text))));
    expect(toldState('pending', documentOf(text))).not.toBe(toldState('active', documentOf(text)));
    expect(toldState('active', undefined)).not.toBe(toldState('active', documentOf(text)));
    expect(Number.isSafeInteger(toldState('active', documentOf(text)))).toBe(true);
  });

  it('differs wherever one octet does', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (body, at, by) => {
          const other = Uint8Array.from(body);
          other[at % body.length] = (other[at % body.length] ?? 0) ^ by;
          expect(toldState('active', documentOf(other))).not.toBe(toldState('active', documentOf(body)));
        },
      ),
    );
  });
});
