import { deflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { InstantMessage } from '../../model/instant-message.ts';
import { shownMessage } from './message-words.ts';

function shown(message: Partial<InstantMessage>) {
  const rest = { sender: 'tom@localhost', recipient: 'mary@localhost', sentAt: 0 };
  return shownMessage({ id: 'x', isDeferred: false, message: { ...rest, ...message } as InstantMessage });
}

describe('a message as it is shown', () => {
  it('has the text of what is deflated, and what came beside it', () => {
    const body = deflateSync('hello');
    expect(shown({ contentType: 'text/plain', contentEncoding: 'deflate', body })).toMatchObject({
      text: 'hello',
      contentEncoding: 'deflate',
      body: body.toString('base64'),
    });
  });

  it('has no text of what cannot be undone', () => {
    const body = new TextEncoder().encode('hello');
    for (const contentEncoding of ['deflate', 'br']) {
      const { text, ...rest } = shown({ contentType: 'text/plain', contentEncoding, body });
      expect([text, rest.body]).toEqual([undefined, 'aGVsbG8=']);
    }
  });
});
