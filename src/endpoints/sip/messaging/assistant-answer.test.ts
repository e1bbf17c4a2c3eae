/** RFC 3261 18.1.1: an answer of the assistant fits into a datagram that needs no other transport. */
import { expect, it } from 'vitest';
import { answerBytesMax } from '../../../assistant/answer-text.ts';
import type { Address } from '../../../model/address.ts';
import { defaultTransportLimits } from '../../../sip/transport/transport-limits.ts';
import { writePagerMessage } from './write-pager-message.ts';

it('the longest answer to somebody with a long name stays below the limit of a datagram', () => {
  const domain = 'messaging.example-company.com';
  const message = {
    sender: `inbox@${domain}` as Address,
    recipient: `maximiliane.musterfrau@${domain}` as Address,
    origin: 'sip' as const,
    sentAt: 0,
    contentType: 'text/plain;charset=UTF-8',
    body: new Uint8Array(answerBytesMax),
    autoSubmitted: 'auto-replied',
    reportsWanted: [],
  };
  const outgoing = {
    id: '0198aaaa-0000-7000-8000-000000000001',
    message,
    acceptedAt: 0,
    expiresAt: 600_000,
    isDeferred: true,
    attemptNumber: 99,
  };
  const contactUri = 'sip:maximiliane.musterfrau@198.51.100.200:50600;transport=udp;ob';
  const { requestUri, headers, body } = writePagerMessage(outgoing, {
    binding: { path: [], contactUri },
    isTrusted: true,
  });
  const via =
    'Via: SIP/2.0/UDP [2001:db8:ffff:ffff:ffff:ffff:ffff:ffff]:5060;branch=z9hG4bK0123456789abcdefghij;rport\r\n';
  const head = [`MESSAGE ${requestUri} SIP/2.0`, ...[...headers].map(([name, value]) => `${name}: ${value}`)].join(
    '\r\n',
  );
  const bytes = `${head}\r\n${via}User-Agent: restante/10.10.10\r\nContent-Length: 520\r\n\r\n`.length + body.length;
  expect(bytes).toBeLessThanOrEqual(defaultTransportLimits.datagramRequestBytesMax);
});
