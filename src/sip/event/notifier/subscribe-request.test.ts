import { describe, expect, it } from 'vitest';
import { SipHeaders } from '../../message/sip-headers.ts';
import type { HeaderRow } from '../../message/sip-headers.ts';
import { createSipRequest } from '../../message/sip-message.ts';
import type { EventPackage } from '../event-package.ts';
import { readSubscribe } from './subscribe-request.ts';

const presence: EventPackage = {
  name: 'presence',
  expiresDefault: 3_600,
  expiresMin: 60,
  expiresMax: 7_200,
  paceMs: 5_000,
  contentTypes: ['application/pidf+xml', 'text/plain'],
  authorise: () => 'active',
  document: () => undefined,
};
const packages = new Map([
  ['presence', presence],
  ['presence.winfo', { ...presence, name: 'presence.winfo', contentTypes: ['application/watcherinfo+xml'] }],
]);

function read(...rows: HeaderRow[]): ReturnType<typeof readSubscribe> {
  const headers = new SipHeaders([
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa'],
    ['From', '<sip:tom@example.com>;tag=their'],
    ['To', '<sip:mary@example.com>'],
    ['Call-ID', 'c1'],
    ['CSeq', '1 SUBSCRIBE'],
    ...rows,
  ]);
  return readSubscribe(
    createSipRequest({ method: 'SUBSCRIBE', requestUri: 'sip:mary@example.com', headers }),
    packages,
  );
}

const event: HeaderRow = ['Event', 'presence'];

describe('readSubscribe', () => {
  it.each([
    ['without Event', [], 489, [['Allow-Events', 'presence, presence.winfo']]],
    ['of an unknown package', [['Event', 'dialog']], 489, [['Allow-Events', 'presence, presence.winfo']]],
    ['with a malformed Event', [['Event', '"x"']], 400, []],
    ['with an empty part in Event', [['Event', 'presence.']], 400, []],
    ['that is too short', [event, ['Expires', '59']], 423, [['Min-Expires', '60']]],
    [
      'that accepts nothing of ours',
      [event, ['Accept', 'text/html']],
      406,
      [['Accept', 'application/pidf+xml, text/plain']],
    ],
    ['that accepts nothing at all', [event, ['Accept', '']], 406, [['Accept', 'application/pidf+xml, text/plain']]],
    ['with a malformed Accept', [event, ['Accept', 'text']], 400, []],
  ] as const)('refuses one %s', (_, rows, status, headers) => {
    expect(read(...rows)).toMatchObject({ kind: 'refused', answer: { status, headers } });
  });

  it.each([
    ['the default without Expires', [], 3_600],
    ['the default for a malformed one', [['Expires', 'soon']], 3_600],
    ['the minimum', [['Expires', '60']], 60],
    ['no more than the maximum', [['Expires', '7201']], 7_200],
    ['nothing', [['Expires', '0']], 0],
  ] as const)('reads as time %s', (_, rows, expires) => {
    expect(read(event, ...rows)).toMatchObject({ kind: 'wish', expires });
  });

  it.each([
    ['the best without Accept', [], 'application/pidf+xml'],
    ['the best that is accepted', [['Accept', 'text/*;q=0.9, application/pidf+xml;q=0.1']], 'application/pidf+xml'],
    ['another one', [['Accept', 'text/plain, application/pidf+xml;q=0']], 'text/plain'],
    ['the best of anything', [['Accept', '*/*']], 'application/pidf+xml'],
  ] as const)('chooses as type %s', (_, rows, contentType) => {
    expect(read(event, ...rows)).toMatchObject({ kind: 'wish', contentType });
  });

  it.each([
    ['presence', 'presence'],
    ['Presence', 'presence'],
    ['presence;id=7', 'presence;id=7'],
    ['presence;x=1', 'presence'],
    ['presence.winfo', 'presence.winfo'],
  ])('answers Event %s with %s', (asked, told) => {
    expect(read(['Event', asked])).toMatchObject({ kind: 'wish', event: told });
  });
});
