import { describe, expect, it } from 'vitest';
import { drawLadderHead, drawLadderLine } from './ladder.ts';
import { parseSipText } from './user-agent/sip-text.ts';
import type { TalkEntry } from './user-agent/talk-log.ts';

const plain = { dim: (text: string) => text, bold: (text: string) => text };
const cast = ['tom', 'mary'];

function drawn(who: string, direction: TalkEntry['direction'], text: string): string | undefined {
  const message = direction === 'note' ? undefined : parseSipText(Buffer.from(text.replaceAll('\n', '\r\n')));
  const line = text.split('\n')[0] ?? '';
  const entry = { atMs: 0, who, direction, line, isRetransmission: false };
  return drawLadderLine(message === undefined ? entry : { ...entry, message }, cast, plain);
}

describe('the ladder', () => {
  it('has a rail for everybody in every line, and the arrow between two of them', () => {
    const message = 'MESSAGE sip:mary@localhost SIP/2.0\nDeliver-When: availability is available\n\n';
    const published = '<presence><mood><angry/></mood></presence>';
    expect([
      drawLadderHead(cast, plain),
      drawn('tom@localhost', 'sent', message),
      drawn('tom@localhost', 'received', 'SIP/2.0 202 Accepted\nDeferred-Message: x;state=held;expires=1\n\n'),
      drawn(
        'mary@localhost',
        'sent',
        `PUBLISH sip:mary@localhost SIP/2.0\nContent-Length: ${published.length}\n\n${published}`,
      ),
      drawn('mary@localhost', 'received', 'SIP/2.0 200 OK\n\n'),
      drawn('operator', 'note', 'restante block'),
    ]).toEqual([
      '             tom                         restante                        mary',
      '               |--MESSAGE when availabilit…->|                             |',
      '               |<----202 Accepted, held------|                             |',
      '               |                             |<-------PUBLISH angry--------|',
      '               |                             |-----------200 OK----------->|',
      '                                    ( restante block )',
    ]);
  });

  it('leaves out what is sent again and what only asks for patience', () => {
    expect(drawn('tom@localhost', 'received', 'SIP/2.0 100 Trying\n\n')).toBeUndefined();
  });
});
