import { existsSync, readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatImdn, parseImdn, type Imdn } from './imdn.ts';

const imdn: Imdn = {
  messageId: '34jk324j',
  dateTime: '2026-11-21T09:00:00Z',
  recipientUri: 'im:bob@example.com',
  originalRecipientUri: 'im:bobby@example.com',
  subject: 'a < b',
  kind: 'delivery',
  status: 'delivered',
};

describe('parseImdn after formatImdn', () => {
  it('is the same', () => {
    expect(parseImdn(formatImdn(imdn))).toEqual({ ok: true, value: imdn });
    const words = fc.stringMatching(/^[!-~](?:[ -~]{0,20}[!-~])?$/);
    fc.assert(
      fc.property(words, words, fc.constantFrom('delivery', 'processing', 'display'), (messageId, dateTime, kind) => {
        const plain: Imdn = { messageId, dateTime, kind, status: 'error' };
        expect(parseImdn(formatImdn(plain))).toEqual({ ok: true, value: plain });
      }),
    );
  });

  it('names both recipients when it is told one', () => {
    const { originalRecipientUri: _original, ...one } = imdn;
    expect(parseImdn(formatImdn(one))).toMatchObject({ value: { originalRecipientUri: 'im:bob@example.com' } });
  });
});

describe('parseImdn', () => {
  const parse = (document: string): ReturnType<typeof parseImdn> => parseImdn(new TextEncoder().encode(document));
  const wrap = (content: string): string => `<imdn xmlns="urn:ietf:params:xml:ns:imdn">${content}</imdn>`;

  it.each([
    ['another document', '<imdn/>', 'not an imdn'],
    ['no notification', wrap('<message-id>1</message-id>'), 'no notification'],
    ['no status', wrap('<message-id>1</message-id><display-notification/>'), 'no notification'],
    ['no message', wrap('<display-notification><status><error/></status></display-notification>'), 'no message'],
    ['no XML', '<imdn>', 'unclosed tag'],
  ])('refuses %s', (_what, document, words) => {
    const parsed = parse(document);
    expect(parsed.ok ? '' : parsed.error).toContain(words);
  });
});

const samples = new URL('../../../shared/reference/samples/imdn/', import.meta.url);

describe('the notifications of the RFC', () => {
  it.skipIf(!existsSync(samples))('are read (needs ../shared/reference/samples beside the project)', () => {
    const read = readdirSync(samples)
      .filter((name) => name.endsWith('.imdn.xml'))
      .map((name) => parseImdn(readFileSync(new URL(name, samples))))
      .map((parsed) => (parsed.ok ? `${parsed.value.kind} ${parsed.value.status}` : parsed.error));
    expect(read).toEqual([
      'delivery delivered',
      'delivery failed',
      'delivery forbidden',
      'processing stored',
      'display displayed',
      'processing processed',
    ]);
  });
});
