import { describe, expect, it } from 'vitest';
import type { OutgoingMessage } from '../../../delivery/ports.ts';
import type { Submission } from '../../../delivery/submission.ts';
import { type Address, parseAddress } from '../../../model/address.ts';
import { parseSipMessage } from '../../../sip/message/parse-message.ts';
import type { SipRequest } from '../../../sip/message/sip-message.ts';
import { systemInflate } from '../../../base/system-inflate.ts';
import { readPagerMessage } from './read-pager-message.ts';
import { writePagerMessage } from './write-pager-message.ts';

const inflation = { inflate: systemInflate, bytesMax: 65_536 };
const now = Date.UTC(2026, 10, 21, 9, 0, 0, 500);
const tom = addressOf('tom@localhost');

function addressOf(text: string): Address {
  const parsed = parseAddress(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function requestOf(rows: readonly string[], body: Uint8Array | string = 'hi'): SipRequest {
  const bytes = Buffer.from(body);
  const head = [
    'MESSAGE sip:mary@localhost SIP/2.0',
    'Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1',
    'From: "Tom Thumb" <sip:tom@localhost>;tag=t1',
    'To: <sip:mary@localhost>',
    'Call-ID: c1',
    'CSeq: 7 MESSAGE',
    ...rows,
    `Content-Length: ${bytes.length}`,
    '',
    '',
  ].join('\r\n');
  const parsed = parseSipMessage(Buffer.concat([Buffer.from(head), bytes]));
  if (parsed.kind !== 'request') throw new Error(JSON.stringify(parsed));
  return parsed.message;
}

function read(rows: readonly string[], body?: Uint8Array | string): Submission {
  const submission = readPagerMessage(requestOf(rows, body), { principal: tom, isTrusted: false }, now, inflation);
  if (!submission.ok) throw new Error(`${submission.error.status} ${submission.error.words}`);
  return submission.value;
}

function write(submission: Submission, outgoing: Partial<OutgoingMessage> = {}) {
  return writePagerMessage(
    {
      id: '01a1fdb9-ae1e-7295-a3e0-9800a2f59191',
      message: submission.message,
      acceptedAt: now,
      expiresAt: now + 60_000,
      isDeferred: false,
      attemptNumber: 1,
      ...outgoing,
    },
    { binding: { path: [], contactUri: 'sip:mary@192.0.2.9:5060' }, isTrusted: false },
  );
}

describe('reading a MESSAGE', () => {
  it('takes what describes the message as it came, and the names by which it is the same again', () => {
    const submission = read([
      'Content-Type: text/plain;charset=UTF-8;format=flowed',
      'Content-Encoding: br',
      'Content-Language: fr',
      'Subject: Ré-union',
      'Priority: urgent',
      'Deliver-When: availability is available',
      'Expires: 60',
    ]);
    expect(submission.message).toMatchObject({
      sender: 'tom@localhost',
      recipient: 'mary@localhost',
      senderName: 'Tom Thumb',
      contentType: 'text/plain;charset=UTF-8;format=flowed',
      contentEncoding: 'br',
      contentLanguage: 'fr',
      subject: 'Ré-union',
      priority: 'urgent',
    });
    expect(submission.condition).toBe('availability is available');
    expect(submission.validityMs).toBe(60_000);
    expect(submission.duplicateKeys).toEqual(['sip t1 c1 7']);
  });
  it.each([
    [[], undefined, false],
    [['Auto-Submitted: no'], undefined, false],
    [['Auto-Submitted: NO ; x=y'], undefined, false],
    [['Auto-Submitted: auto-replied'], 'auto-replied', true],
    [['Auto-Submitted: Auto-Generated; owner-email=x'], 'auto-generated', true],
    [['Auto-Submitted: auto-notified (a remark)'], 'auto-notified', true],
    [['Auto-Submitted: who knows'], 'auto-generated', true],
    [['Precedence: Bulk'], undefined, true],
    [['Precedence: first-class'], undefined, false],
    [['List-Id: <x>'], undefined, true],
    [['Content-Type: message/imdn+xml'], undefined, true],
  ])('with %j it is made by a program: %s, %s', (rows, autoSubmitted, isAutomatic) => {
    const submission = read(rows);
    expect([submission.message.autoSubmitted, submission.isAutomatic]).toEqual([autoSubmitted, isAutomatic]);
    const written = [...write(submission).headers].find(([name]) => name === 'Auto-Submitted');
    expect(written?.[1]).toBe(autoSubmitted);
  });
  it('keeps every byte of the body, and does not hold on to the packet', () => {
    const body = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const request = requestOf(['Content-Type: application/octet-stream'], body);
    const submission = readPagerMessage(request, { principal: tom, isTrusted: false }, now, inflation);
    if (!submission.ok) throw new Error(submission.error.words);
    expect([...submission.value.message.body]).toEqual([...body]);
    expect(submission.value.message.body.buffer).not.toBe(request.body.buffer);
  });
  it('"Outgoing Date is the sender\'s own if within 24 h of ours, else the time of acceptance"', () => {
    const sentAt = (date: string): number => read([`Date: ${date}`]).message.sentAt;
    expect(sentAt('Sat, 21 Nov 2026 08:00:00 GMT')).toBe(Date.UTC(2026, 10, 21, 8));
    expect(sentAt('Fri, 20 Nov 2026 09:00:01 GMT')).toBe(Date.UTC(2026, 10, 20, 9, 0, 1));
    expect(sentAt('Fri, 20 Nov 2026 08:59:00 GMT')).toBe(Date.UTC(2026, 10, 21, 9));
    expect(sentAt('Sat, 21 Nov 2026 08:00:00 EST')).toBe(Date.UTC(2026, 10, 21, 9));
  });
  it('takes several rows of a content header for one list', () => {
    const { message } = read([
      'Content-Encoding: gzip',
      'Content-Encoding: br',
      'Content-Language: fr',
      'Content-Language: en',
    ]);
    expect([message.contentEncoding, message.contentLanguage]).toEqual(['gzip, br', 'fr, en']);
  });
  it('finds what is wrong with the syntax before it looks for the recipient', () => {
    const request = (rows: readonly string[]): SipRequest => {
      const parsed = requestOf(rows);
      return { ...parsed, uri: { ...parsed.uri, user: undefined } };
    };
    const statusOf = (rows: readonly string[]) => {
      const submission = readPagerMessage(request(rows), { principal: tom, isTrusted: false }, now, inflation);
      return submission.ok ? undefined : submission.error.status;
    };
    expect(statusOf(['Deliver-When: online', 'Deliver-When: online'])).toBe(400);
    expect(statusOf(['Expires: soon'])).toBe(400);
    expect(statusOf([])).toBe(404);
  });
  it('finds the IMDN Message-ID and what is to be reported in a CPIM envelope', () => {
    const envelope =
      'From: <im:tom@localhost>\r\nTo: <im:mary@localhost>\r\nNS: imdn <urn:ietf:params:imdn>\r\n' +
      'imdn.Message-ID: 34jk\r\nimdn.Disposition-Notification: positive-delivery, display\r\n\r\n' +
      'Content-Type: text/plain\r\n\r\nhi';
    const submission = read(['Content-Type: message/cpim'], envelope);
    expect(submission.duplicateKeys).toEqual(['sip t1 c1 7', 'imdn 34jk']);
    expect(submission.message.reportsWanted).toEqual(['delivered', 'displayed']);
  });
  it.each([
    [['Expires: -5'], 400, /Expires is not a number/],
    [['Expires: soon'], 400, /Expires/],
    [['Deliver-When: online', 'Deliver-When: online'], 400, /twice/],
  ] as const)('refuses %o', (rows, status, words) => {
    const submission = readPagerMessage(requestOf(rows), { principal: tom, isTrusted: false }, now, inflation);
    expect(submission).toMatchObject({ ok: false, error: { status } });
    expect(submission.ok ? '' : submission.error.words).toMatch(words);
  });
  it('refuses an envelope that names another sender', () => {
    const envelope = 'From: <im:john@localhost>\r\nTo: <im:mary@localhost>\r\n\r\nContent-Type: text/plain\r\n\r\nhi';
    const request = requestOf(['Content-Type: message/cpim'], envelope);
    expect(readPagerMessage(request, { principal: tom, isTrusted: false }, now, inflation)).toMatchObject({
      error: { status: 403 },
    });
  });
  it('takes is-composing for what is worth nothing later, and a body without type for plain text', () => {
    expect(read(['Content-Type: application/im-iscomposing+xml']).isTransient).toBe(true);
    expect(read([]).message.contentType).toBe('text/plain');
  });
});

describe('writing a MESSAGE', () => {
  const submission = read(['Content-Type: text/plain', 'Subject: Lunch', 'Date: Sat, 21 Nov 2026 08:59:30 GMT']);
  const rowsOf = (outgoing: Partial<OutgoingMessage> = {}) => new Map(write(submission, outgoing).headers);

  it('"Call-ID and From tag are its own, one per message, the same on every attempt … a higher CSeq"', () => {
    const [first, second] = [rowsOf(), rowsOf({ attemptNumber: 2 })];
    expect(second.get('Call-ID')).toBe(first.get('Call-ID'));
    expect(second.get('From')).toBe(first.get('From'));
    expect(first.get('From')).not.toContain('t1');
    expect(first.get('Call-ID')).not.toContain('c1');
    expect(first.get('CSeq')).toBe('2 MESSAGE');
    expect(second.get('CSeq')).toBe('4 MESSAGE');
  });
  it('"Expires is written so that Date + Expires is the deadline"', () => {
    const rows = rowsOf();
    expect(rows.get('Date')).toBe('Sat, 21 Nov 2026 08:59:30 GMT');
    expect(rows.get('Expires')).toBe('90');
  });
  it('marks what was deferred, and nothing else', () => {
    expect(rowsOf().has('Deferred-Message')).toBe(false);
    expect(rowsOf({ isDeferred: true }).get('Deferred-Message')).toBe(
      '01a1fdb9-ae1e-7295-a3e0-9800a2f59191;accepted=2026-11-21T09:00:00.500Z',
    );
  });
  it('keeps the addresses of record in From and To, and goes to the contact', () => {
    const { requestUri, headers } = write(submission);
    expect(requestUri).toBe('sip:mary@192.0.2.9:5060');
    expect(headers.get('To')).toBe('<sip:mary@localhost>');
    expect(headers.get('From')).toContain('Tom Thumb');
  });
  it('asserts the identity towards a trusted peer only', () => {
    const outgoing = {
      message: submission.message,
      id: 'x',
      acceptedAt: 0,
      expiresAt: 0,
      isDeferred: false,
      attemptNumber: 1,
    };
    const plan = { binding: { path: ['<sip:edge;lr>'], contactUri: 'sip:mary@core' }, isTrusted: true };
    const rows = new Map(writePagerMessage(outgoing, plan).headers);
    expect(rows.get('P-Asserted-Identity')).toBe('<sip:tom@localhost>');
    expect(rows.get('Route')).toBe('<sip:edge;lr>');
    expect(rowsOf().has('P-Asserted-Identity')).toBe(false);
  });

  it.each([
    ['names the address to a core', 'sip:core.example.com', [], undefined],
    ['has a core that is a loose router as its Route', 'sip:core.example.com;lr', [], '<sip:core.example.com;lr>'],
    ['keeps to the Path of a core', 'sip:core.example.com;lr', ['<sip:edge;lr>'], '<sip:edge;lr>'],
  ])('%s', (_what, contactUri, path, route) => {
    const outgoing = { message: submission.message, id: 'x', acceptedAt: 0, expiresAt: 0 };
    const { requestUri, headers } = writePagerMessage(
      { ...outgoing, isDeferred: false, attemptNumber: 1 },
      { binding: { path, contactUri, isRoute: true }, isTrusted: true },
    );
    expect(requestUri).toBe('sip:mary@localhost');
    expect(headers.get('Route')).toBe(route);
  });
});
