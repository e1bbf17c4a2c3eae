import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventText } from './event-text.ts';

const text =
  ': beat\n\nid: 1-1\nevent: message\ndata: {"text":"a\\nb"}\n\nevent: report\ndata: one\ndata: two\nid: 2-2\n\n';
const events = [
  { name: 'message', data: '{"text":"a\\nb"}', id: '1-1' },
  { name: 'report', data: 'one\ntwo', id: '2-2' },
];

describe('EventText', () => {
  it('reads events and leaves beats out', () => {
    expect(new EventText().add(text)).toEqual(events);
  });

  it('reads the same however the text is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(text.length), { maxLength: 8 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), text.length];
        const reader = new EventText();
        const found = at.slice(1).flatMap((end, place) => reader.add(text.slice(at[place], end)));
        expect(found).toEqual(events);
      }),
    );
  });

  it('keeps what has not ended', () => {
    const reader = new EventText();
    expect(reader.add('data: x')).toEqual([]);
    expect(reader.add('\n\n')).toEqual([{ name: 'message', data: 'x', id: '' }]);
  });
});
