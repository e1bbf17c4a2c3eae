import { describe, expect, it } from 'vitest';
import { parseSipMessage } from '../../../sip/message/parse-message.ts';
import { readThirdParty } from './third-party.ts';

const head = ['Via: SIP/2.0/UDP core;branch=z9hG4bK1', 'From: <sip:core>;tag=1', 'To: <sip:mary@localhost>'];
const rows = [...head, 'Call-ID: c', 'CSeq: 1 REGISTER'];
const messageOf = (start: string, more: readonly string[], body = ''): string =>
  [start, ...rows, ...more, `Content-Length: ${body.length}`, '', body].join('\r\n');

const instance = '<urn:uuid:0c67446e-f1a1-11d9-94d3-000a95a0e128>';
const phones = messageOf('REGISTER sip:localhost SIP/2.0', [
  `Contact: <sip:mary@192.0.2.9>;+sip.instance="${instance}"`,
  'Allow: INVITE, MESSAGE',
  'User-Agent: phone/1',
  'Expires: 600',
]);
const granted = messageOf('SIP/2.0 200 OK', [
  'Contact: <sip:mary@192.0.2.9>;expires=500, <sip:mary@192.0.2.8>;methods="INVITE";expires=900',
]);
const mixed = (...parts: readonly (readonly [string, string])[]): string =>
  `${parts.map(([type, text]) => `--x\r\nContent-Type: ${type}\r\n\r\n${text}\r\n`).join('')}--x--`;

function read(contentType: string, body: string) {
  const bytes = new TextEncoder().encode(
    messageOf('REGISTER sip:us SIP/2.0', ['Contact: <sip:core>', `Content-Type: ${contentType}`], body),
  );
  const parsed = parseSipMessage(bytes);
  if (parsed.kind !== 'request') throw new Error('malformed');
  return readThirdParty(parsed.message);
}

const nothing = {
  instanceId: undefined,
  userAgent: undefined,
  takesMessage: undefined,
  expires: undefined,
  isWhole: false,
};

describe('readThirdParty', () => {
  it('reads the REGISTER of the phone', () => {
    expect(read('message/sip', phones)).toEqual({
      instanceId: instance,
      userAgent: 'phone/1',
      takesMessage: true,
      expires: 600,
      isWhole: false,
    });
  });

  it('reads it among other parts, with what was granted', () => {
    const body = mixed(['application/3gpp-ims+xml', '<ims-3gpp/>'], ['message/sip', phones], ['message/sip', granted]);
    expect(read('multipart/mixed;boundary=x', body)).toMatchObject({
      instanceId: instance,
      expires: 900,
      isWhole: true,
    });
  });

  it.each([
    ['a phone without MESSAGE', phones.replace(', MESSAGE', ''), false],
    ['one whose contact says otherwise', phones.replace('>;+sip', '>;methods="INVITE,MESSAGE";+sip'), true],
    ['the 200 with one that takes it', granted, true],
    ['the 200 with none', granted.replace(';expires=500', ';methods="INVITE";expires=500'), false],
    ['one without its empty line', phones.replace(', MESSAGE', '').trimEnd(), false],
    ['a REGISTER of no contact', messageOf('REGISTER sip:localhost SIP/2.0', []), undefined],
  ])('says whether MESSAGE is taken: %s', (_what, body, takes) => {
    expect(read('message/sip', body).takesMessage).toBe(takes);
  });

  it('says nothing of those who stay when one leaves, unless the 200 does', () => {
    const leaving = phones.replace('Expires: 600', 'Expires: 0').replace(', MESSAGE', '');
    expect(read('message/sip', leaving)).toEqual(nothing);
    const body = mixed(['message/sip', leaving], ['message/sip', granted]);
    expect(read('multipart/mixed;boundary=x', body)).toMatchObject({ takesMessage: false, expires: 900 });
    const last = mixed(['message/sip', leaving], ['message/sip', messageOf('SIP/2.0 200 OK', [])]);
    expect(read('multipart/mixed;boundary=x', last).expires).toBe(0);
  });

  it.each([
    ['nothing', 'text/plain', ''],
    ['service information', 'application/3gpp-ims+xml', '<ims-3gpp/>'],
    ['what is no SIP message', 'message/sip', 'hello'],
    ['another request', 'message/sip', phones.replaceAll('REGISTER', 'OPTIONS')],
    ['parts that are none', 'multipart/mixed;boundary=y', phones],
  ])('passes over %s', (_what, type, body) => {
    expect(read(type, body)).toEqual(nothing);
  });
});
