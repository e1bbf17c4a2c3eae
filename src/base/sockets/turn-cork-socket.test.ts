import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { corkForTurn } from './turn-cork-socket.ts';

it('lets what is written within a turn leave at once, at its end or with the end of the stream', async () => {
  const calls: string[] = [];
  const writable = new Writable({
    writev(chunks, done) {
      calls.push(chunks.map(({ chunk }) => String(chunk)).join(' '));
      done();
    },
  });
  const write = (text: string): void => {
    corkForTurn(writable);
    writable.write(text);
  };
  write('one');
  write('two');
  expect(calls).toEqual([]);
  await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toEqual(['one two']);
  write('three');
  write('four');
  writable.end();
  await new Promise((resolve) => writable.on('finish', resolve));
  expect(calls).toEqual(['one two', 'three four']);
});
