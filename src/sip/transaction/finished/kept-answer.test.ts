import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildResponse } from '../../message/build-response.ts';
import { formatSipResponse } from '../../message/format-message.ts';
import { parseSipMessage } from '../../message/parse-message.ts';
import { SipHeaders } from '../../message/sip-headers.ts';
import type { SipRequest } from '../../message/sip-message.ts';
import { requestText } from '../recording-transport.ts';
import type { RequestWords } from '../recording-transport.ts';
import { cutAnswer, formatKeptAnswer } from './kept-answer.ts';

function request(words: RequestWords = {}, edit = (text: string): string => text): SipRequest {
  const parsed = parseSipMessage(new TextEncoder().encode(edit(requestText(words))));
  if (parsed.kind !== 'request') throw new Error(JSON.stringify(parsed));
  return parsed.message;
}

/** What was sent, and what a retransmission of the request gets. */
function repeat(
  asked: SipRequest,
  status: number,
  reason: string,
  rows: readonly (readonly [string, string])[],
): [first: string, again: string] {
  const response = buildResponse(asked, status, reason, {
    toTag: 'local1',
    headers: rows,
    body: new TextEncoder().encode('b\u00f6dy'),
  });
  const bytes = formatSipResponse(response);
  const cut = cutAnswer(bytes, response, asked);
  if (cut === undefined) throw new Error('not cut');
  const again = formatKeptAnswer(
    {
      startLine: bytes.subarray(0, cut.startLineEnd),
      toTag: cut.toTag,
      tail: bytes.subarray(cut.tailStart),
    },
    asked,
  );
  return [new TextDecoder().decode(bytes), new TextDecoder().decode(again)];
}

describe('formatKeptAnswer', () => {
  it('makes the same octets of what cutAnswer leaves, whatever stands in the rows', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 20 }).map((each) => each.replace(/[\p{C}"\\]/gu, 'x'));
    fc.assert(
      fc.property(text, text, text, fc.boolean(), (name, reason, value, hasTag) => {
        const asked = request(hasTag ? { toTag: 'dialog1' } : {}, (whole) =>
          whole.replace('From: <', () => `From: "${name}" <`),
        );
        const [first, again] = repeat(asked, 202, reason, [
          ['Subject', value],
          ['CSeq-Like', '\u00e9'],
        ]);
        expect(again).toBe(first);
      }),
      { numRuns: 200 },
    );
  });

  it('copies every Via', () => {
    const via = 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1, SIP/2.0/TCP 10.0.0.1;branch=z9hG4bK2';
    const asked = request({ via, rows: ['Via: SIP/2.0/UDP [2001:db8::1];branch=z9hG4bK3'] });
    const [first, again] = repeat(asked, 200, 'OK', []);
    expect(again).toBe(first);
    expect(again.match(/^Via: /gm)).toHaveLength(2);
  });

  it('is not misled by a display name that looks like the CSeq row', () => {
    const name = '\u00e9\u00e9 CSeq: 1 MESSAGE';
    const [first, again] = repeat(
      request({}, (text) => text.replace('From: <', `From: "${name}" <`)),
      200,
      'OK',
      [],
    );
    expect(again).toBe(first);
  });
});

describe('cutAnswer', () => {
  it('cuts nothing whose copied rows do not stand in front', () => {
    const asked = request();
    const response = buildResponse(asked, 200, undefined, { toTag: 'local1' });
    const first = new SipHeaders([['Server', 'x'], ...response.headers]);
    expect(cutAnswer(formatSipResponse({ ...response, headers: first }), { ...response, headers: first }, asked)).toBe(
      undefined,
    );
    const rest = [...response.headers].filter(([name]) => name !== 'CSeq');
    const early = new SipHeaders([['CSeq', '1 MESSAGE'], ...rest]);
    expect(cutAnswer(formatSipResponse({ ...response, headers: early }), { ...response, headers: early }, asked)).toBe(
      undefined,
    );
  });
});
