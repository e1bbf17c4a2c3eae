import { describe, expect, it } from 'vitest';
import { parseCpim } from '../../../formats/cpim.ts';
import { formatReference, parseReference, referenceOfMessage, reportReferenceMax } from './imdn-reference.ts';

const envelope = [
  'From: Tom <im:tom@example.com>',
  'To: <im:mary@example.com>',
  'DateTime: 2026-11-21T09:00:00-05:00',
  'Subject: tonight',
  'NS: i <urn:ietf:params:imdn>',
  'i.Message-ID: 34jk',
  'i.Original-To: <im:ma@example.org>',
  'i.IMDN-Record-Route: <im:one.example.net>',
  'i.IMDN-Record-Route: <im:two.example.net>',
  '',
  'Content-Type: text/plain',
  '',
  'hello',
].join('\r\n');

function read(text: string) {
  const parsed = parseCpim(new TextEncoder().encode(text));
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

describe('how a message is named in reports', () => {
  it('is taken from its envelope, whatever the prefix', () => {
    expect(referenceOfMessage(read(envelope), '34jk', 0)).toEqual({
      messageId: '34jk',
      dateTime: '2026-11-21T09:00:00-05:00',
      from: 'im:tom@example.com',
      to: 'im:mary@example.com',
      originalTo: 'im:ma@example.org',
      subject: 'tonight',
      route: ['<im:one.example.net>', '<im:two.example.net>'],
    });
  });

  it('has the time of the request where the envelope has none', () => {
    const bare = envelope.replace(/DateTime.*\r\n/, '');
    expect(referenceOfMessage(read(bare), '34jk', 0).dateTime).toBe('1970-01-01T00:00:00.000Z');
  });

  it('comes back as it was written', () => {
    const reference = referenceOfMessage(read(envelope), '34jk', 0);
    expect(parseReference(formatReference(reference) ?? '')).toEqual(reference);
  });

  it('does without its route, then without its subject, and is none when it is still too long', () => {
    const bare = { messageId: 'a', dateTime: 'b' };
    const room = reportReferenceMax - JSON.stringify({ ...bare, subject: '' }).length;
    const subject = 's'.repeat(room);
    expect(formatReference({ ...bare, subject })).toBe(JSON.stringify({ ...bare, subject }));
    expect(formatReference({ ...bare, subject: `${subject}s` })).toBe(JSON.stringify(bare));
    expect(formatReference({ ...bare, subject, route: ['<im:one>'] })).toBe(JSON.stringify({ ...bare, subject }));
    const messageId = 'a'.repeat(reportReferenceMax - JSON.stringify({ ...bare, messageId: '' }).length);
    expect(formatReference({ ...bare, messageId })).toBe(JSON.stringify({ ...bare, messageId }));
    expect(formatReference({ ...bare, messageId: `${messageId}a` })).toBeUndefined();
  });
});
