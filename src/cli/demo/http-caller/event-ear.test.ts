import { describe, expect, it } from 'vitest';
import { EventEar, type HeardEvent } from './event-ear.ts';

async function* pieces(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield new TextEncoder().encode(text);
}

function earOf(...texts: readonly string[]): EventEar {
  return new EventEar(pieces(...texts), { close() {}, onEvent() {} });
}

describe('event ear', () => {
  it('hears events whatever the octets are cut like', async () => {
    const ear = earOf('id: 1-2\neve', 'nt: report\nda', 'ta: {"state":\ndata:"expired"}\n', '\n');
    expect(await ear.next('report', 1000)).toEqual({ name: 'report', id: '1-2', data: { state: 'expired' } });
  });

  it('leaves comments and what has no data alone', async () => {
    const ear = earOf(': beat\n\nevent: message\n\ndata: 1\r\n\r\n');
    expect(await ear.next('message', 1000)).toEqual({ name: 'message', id: '', data: 1 });
    expect(ear.heard).toHaveLength(1);
  });

  it('answers events in order, each once, and says so when none comes', async () => {
    const told: HeardEvent[] = [];
    const stream = pieces('event: a\ndata: 1\n\nevent: b\ndata: 2\n\nevent: a\ndata: 3\n\n');
    const ear = new EventEar(stream, { close() {}, onEvent: (event) => void told.push(event) });
    expect([(await ear.next('a', 1000)).data, (await ear.next('a', 1000)).data]).toEqual([1, 3]);
    await expect(ear.next('a', 1)).rejects.toThrow('no event a within 1 ms');
    expect(told.map(({ data }) => data)).toEqual([1, 2, 3]);
  });
});
