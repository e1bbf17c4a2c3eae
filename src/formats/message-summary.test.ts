import { describe, expect, it } from 'vitest';
import { formatMessageSummary } from './message-summary.ts';

const mary = { account: 'sip:mary@localhost', oldMessages: 0 };
const message = (id: string) => ({ messageId: id, from: '<sip:tom@localhost>', date: 'Sat, 21 Nov 2026 09:00:00 GMT' });
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('formatMessageSummary', () => {
  it('says that nothing waits', () => {
    expect(textOf(formatMessageSummary({ ...mary, newMessages: 0, messages: [] }))).toBe(
      'Messages-Waiting: no\r\nMessage-Account: sip:mary@localhost\r\nText-Message: 0/0\r\n',
    );
  });

  it('has a block for each message, behind an empty line', () => {
    const messages = [{ ...message('b'), subject: 'Déjeuner' }, message('a')];
    expect(textOf(formatMessageSummary({ ...mary, newMessages: 7, messages })).split('\r\n')).toEqual([
      'Messages-Waiting: yes',
      'Message-Account: sip:mary@localhost',
      'Text-Message: 7/0',
      '',
      'Message-ID: b',
      'From: <sip:tom@localhost>',
      'Date: Sat, 21 Nov 2026 09:00:00 GMT',
      'Subject: Déjeuner',
      '',
      'Message-ID: a',
      'From: <sip:tom@localhost>',
      'Date: Sat, 21 Nov 2026 09:00:00 GMT',
      '',
    ]);
  });

  it('lists as many as fit, and one less with one octet less; the counts are always there', () => {
    const summary = { ...mary, newMessages: 2, messages: [message('b'), message('a')] };
    const whole = formatMessageSummary(summary);
    expect(formatMessageSummary(summary, whole.length)).toEqual(whole);
    const cut = textOf(formatMessageSummary(summary, whole.length - 1));
    expect(cut).toBe(textOf(formatMessageSummary({ ...summary, messages: [message('b')] })));
    expect(textOf(formatMessageSummary(summary, 0))).toContain('Text-Message: 2/0');
  });

  it('breaks no line open', () => {
    const messages = [{ ...message('a'), subject: 'x\r\nMessages-Waiting: no\u0000' }];
    expect(textOf(formatMessageSummary({ ...mary, newMessages: 1, messages }))).toContain(
      'Subject: x Messages-Waiting: no \r\n',
    );
  });
});
