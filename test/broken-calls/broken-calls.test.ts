import { describe, expect, it } from 'vitest';
import type { FaultKind } from './broken-world.ts';
import { tell } from './story.ts';

/** Far more than there are; a story that still meets its fault there would never pass. */
const nMax = 2000;

/** What clients may be told because of the fault, besides what they would be told anyway. */
const kinds: readonly (readonly [kind: FaultKind, mayRefuse: RegExp])[] = [
  ['store call fails', /^\w+ 503$/],
  ['store fails for a while', /^\w+ 503$/],
  ['killed at a store call', /^REGISTER 500$/],
  ['datagram is lost', /^none$/],
  ['datagram cannot be sent', /^none$/],
];

describe('the story', () => {
  it('passes when nothing breaks', async () => {
    const telling = await tell({ kind: 'store call fails', n: 0 });
    expect(telling).toEqual({ broken: '', faults: [], refusals: [], statuses: [202, 202, 202, 200, 202] });
  });

  it.each(kinds)('keeps its promises for every n: %s', { timeout: 900_000 }, async (kind, mayRefuse) => {
    const broken: string[] = [];
    let n = 1;
    for (; n < nMax; n += 1) {
      const telling = await tell({ kind, n });
      const wrong = [...telling.faults, ...telling.refusals.filter((refusal) => !mayRefuse.test(refusal))];
      if (wrong.length > 0) broken.push(`${n}, ${telling.broken}: ${wrong.join('; ')}`);
      if (telling.broken === '') break;
    }
    expect(broken).toEqual([]);
    expect(n).toBeLessThan(nMax);
    expect(n).toBeGreaterThan(10);
  });
});
