import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTransaction, RequestTemplate } from './request-template.ts';
import { bodyBytes, formatPublish, messageText, registerText, type RequestOrigin } from './request-texts.ts';
import { bodyStartOf, headerOf, readDecimal, transactionOf } from './wire-bytes.ts';

const origin: RequestOrigin = { transport: 'udp', domain: 'bench.test', port: 4711, contactPort: 4712 };

describe('a request template', () => {
  it('is filled in at every place of a field', () => {
    const template = RequestTemplate.parse('{user} and {user}, {round}\n{transaction}');
    const bytes = template.copy();
    template.writeDecimal(bytes, 'user', 1_234_567);
    template.writeDecimal(bytes, 'round', 42);
    template.writeTransaction(bytes, 0xdeadbeef, 0xabc);
    expect(bytes.toString()).toBe('1234567 and 1234567, 0000042\r\ndeadbeefabc');
    expect(template.copy().toString()).toBe('0000000 and 0000000, 0000000\r\n00000000000');
  });

  it('takes the highest number of its digits and not one more', () => {
    const template = RequestTemplate.parse('{user}');
    const bytes = template.copy();
    template.writeDecimal(bytes, 'user', 9_999_999);
    expect(bytes.toString()).toBe('9999999');
    expect(() => template.writeDecimal(bytes, 'user', 10_000_000)).toThrow('has its digits');
  });

  it('writes numbers that are read back as they were', () => {
    const template = RequestTemplate.parse('z9hG4bKb{transaction} {user}');
    const bytes = template.copy();
    const numbers = fc.tuple(
      fc.nat(0xffffffff),
      fc.integer({ min: 0, max: 4095 }),
      fc.integer({ min: 0, max: 9_999_999 }),
    );
    fc.assert(
      fc.property(numbers, ([number, lane, user]) => {
        template.writeTransaction(bytes, number, lane);
        template.writeDecimal(bytes, 'user', user);
        expect(transactionOf(bytes)).toEqual({ number, lane });
        expect(bytes.toString('latin1', 8, 19)).toBe(formatTransaction(number, lane));
        expect(readDecimal(bytes, 20, 7)).toBe(user);
      }),
    );
  });
});

describe('the requests of the bench', () => {
  it('say how long their bodies are', () => {
    const message = RequestTemplate.parse(messageText(origin)).copy();
    expect(message.length - bodyStartOf(message)).toBe(bodyBytes);
    expect(headerOf(message, 'content-length')).toBe(String(bodyBytes));
    const words = { user: '0000001', mood: 'happy', transaction: '00000000001', entityTag: 'tag-1' };
    const publish = Buffer.from(formatPublish(origin, words));
    expect(headerOf(publish, 'content-length')).toBe(String(publish.length - bodyStartOf(publish)));
    expect(headerOf(publish, 'sip-if-match')).toBe('tag-1');
    expect(publish.toString().split('\r\n').join('')).not.toMatch(/[\r\n]/);
  });

  it('are about as long as those that the peers were measured with', () => {
    expect(RequestTemplate.parse(messageText(origin)).length).toBeGreaterThan(490);
    expect(RequestTemplate.parse(messageText(origin)).length).toBeLessThan(600);
  });

  it('register the contact where messages are to come to', () => {
    const text = registerText(origin, 'Digest x="y"');
    expect(text).toContain('Contact: <sip:u{user}@127.0.0.1:4712>\n');
    expect(text).toContain('Via: SIP/2.0/UDP 127.0.0.1:4711;rport;');
    expect(text).toContain('\nAuthorization: Digest x="y"\n');
    expect(registerText({ ...origin, transport: 'tcp' })).toContain(':4712;transport=tcp>\n');
  });
});
