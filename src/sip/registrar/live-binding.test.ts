/** What is remembered of a REGISTER as it was written, within its limits. */
import { describe, expect, it } from 'vitest';
import { SipHeaders } from '../message/sip-headers.ts';
import { createSipRequest } from '../message/sip-message.ts';
import { RegisterMemory, sharedTextsMax, writtenLengthMax } from './live-binding.ts';
import type { WrittenRegister } from './live-binding.ts';

const contact = '<sip:tom@192.0.2.1>';

function write(memory: RegisterMemory, userAgent: string): WrittenRegister | undefined {
  const headers = new SipHeaders([
    ['Via', 'SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKa'],
    ['From', '<sip:tom@example.com>;tag=f'],
    ['To', '<sip:tom@example.com>'],
    ['Call-ID', 'c'],
    ['CSeq', '1 REGISTER'],
    ['Contact', contact],
    ['User-Agent', userAgent],
  ]);
  return memory.write(createSipRequest({ method: 'REGISTER', requestUri: 'sip:example.com', headers }));
}

describe('RegisterMemory', () => {
  it('keeps rows up to their limit and nothing of longer ones', () => {
    const memory = new RegisterMemory();
    const longest = 'x'.repeat(writtenLengthMax - contact.length);
    expect(write(memory, longest)?.userAgent).toBe(longest);
    expect(write(memory, `${longest}x`)).toBeUndefined();
    expect(memory.size).toBe(1);
  });

  it('keeps so many texts, and begins anew with the next', () => {
    const memory = new RegisterMemory();
    for (let i = 0; i < sharedTextsMax; i++) write(memory, `Phone/${i}`);
    expect(memory.size).toBe(sharedTextsMax);
    expect(write(memory, 'Phone/0')?.userAgent).toBe('Phone/0');
    expect(memory.size).toBe(sharedTextsMax);
    write(memory, 'Phone/new');
    expect(memory.size).toBe(1);
  });
});
