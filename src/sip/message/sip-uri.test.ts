import { describe, expect, it } from 'vitest';
import {
  addressOfRecordOf,
  areSipUrisEqual,
  createSipUri,
  formatSipUri,
  parseSipUri,
  withUriParams,
} from './sip-uri.ts';
import type { SipUri } from './sip-uri.ts';

function uriOf(text: string): SipUri {
  const parsed = parseSipUri(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.error}`);
  return parsed.value;
}

describe('parseSipUri', () => {
  it('takes a URI apart', () => {
    const uri = uriOf('sips:alice:se=cret@Example.COM:5061;transport=tcp;lr?Subject=hi%20there&Priority=');
    expect(uri.scheme).toBe('sips');
    expect(uri.user).toBe('alice');
    expect(uri.password).toBe('se=cret');
    expect(uri.host).toBe('Example.COM');
    expect(uri.port).toBe(5061);
    expect(uri.params.get('TRANSPORT')).toBe('tcp');
    expect(uri.params.get('lr')).toBe('');
    expect(uri.params.get('maddr')).toBeUndefined();
    expect(uri.headers).toEqual([
      { name: 'Subject', value: 'hi there' },
      { name: 'Priority', value: '' },
    ]);
    expect(formatSipUri(uri)).toBe(uri.text);
  });

  it.each([
    ['sip:example.com', undefined, 'example.com'],
    ['sip:example.com.', undefined, 'example.com.'],
    ['SIP:bob@10.0.0.1', 'bob', '10.0.0.1'],
    ['sip:bob@[2001:db8::10]', 'bob', '[2001:db8::10]'],
    ['sip:bob@[::ffff:192.0.2.1]:5060', 'bob', '[::ffff:192.0.2.1]'],
    ['sip:bob@[2001:db8:::192.0.2.1]', 'bob', '[2001:db8:::192.0.2.1]'],
    ['sip:+1-212-555-1212:1234@gateway.example.com;user=phone', '+1-212-555-1212', 'gateway.example.com'],
    ['sip:a;b=c%40d@example.com', 'a;b=c@d', 'example.com'],
    ['sip:x-&=+$,;?/y@h', 'x-&=+$,;?/y', 'h'],
    ['sip:%75se%72@example.com', 'user', 'example.com'],
    ['sip:once%2541@example.com', 'once%41', 'example.com'],
    ['sip:null%00@example.com', 'null\0', 'example.com'],
    ['sip:caf%C3%A9@example.com', 'café', 'example.com'],
    ['sip:latin%E9@example.com', 'latin%E9', 'example.com'],
    ['im:tom@example.com', 'tom', 'example.com'],
    ['pres:tom@example.com', 'tom', 'example.com'],
    ['wv:tom@example.com', 'tom', 'example.com'],
    ['tel:+1-201-555-0123;phone-context=example.com', '+1-201-555-0123', ''],
    ['soap.example://192.0.2.103:3002/x?y=z', undefined, ''],
    ['isbn:2983792873', undefined, ''],
    ['a+b.c-d:x', undefined, ''],
  ])('reads %s', (text, user, host) => {
    const uri = uriOf(text);
    expect(uri.user).toBe(user);
    expect(uri.host).toBe(host);
    expect(uri.text).toBe(text);
  });

  it('unescapes parameters once and keeps their text', () => {
    const uri = uriOf('sip:a@h;%6C%72;n%61me=v%61lue%25%34%31');
    expect(uri.params.get('lr')).toBe('');
    expect(uri.params.get('name')).toBe('value%41');
    expect(uri.params.toString()).toBe(';%6C%72;n%61me=v%61lue%25%34%31');
  });

  it.each([
    '',
    'sip',
    'sip:',
    ':a@b',
    '1sip:a@b',
    'alice@example.com',
    'sip:@example.com',
    'sip:a@',
    'sip:a b@example.com',
    'sip:a@example.com ',
    ' sip:a@example.com',
    'sip:a@exam ple.com',
    'sip:a@b@c',
    'sip:a@example.com:',
    'sip:a@example.com:port',
    'sip:a@example.com:65536',
    'sip:a@example.com;',
    'sip:a@example.com;;lr',
    'sip:a@example.com;lr;',
    'sip:a@example.com;x=',
    'sip:a@example.com;x;X',
    'sip:a@example.com;x=<',
    'sip:a@example.com?',
    'sip:a@example.com?x',
    'sip:a@example.com?=y',
    'sip:a@example.com?x=y&',
    'sip:a%4@example.com',
    'sip:a%GG@example.com',
    'sip:a"b@example.com',
    'sip:2001:db8::10',
    'sip:a@2001:db8::10',
    'sip:a@[2001:db8::10',
    'sip:a@[2001:db8::10:1:2:3:4:5:6]',
    'sip:a@[1:2:3]',
    'sip:a@[::1::2]',
    'sip:a@[12345::]',
    'sip:a@[::ffff:1.2.3]',
    'sip:a@[fe80::1%25eth0]',
    'sip:a@-example.com',
    'sip:a@example-.com',
    'sip:a@example..com',
    'sip:a@.example.com',
    'sip:a@my_host.example.com',
    'sip:a@1.2.3',
    'sip:a@1.2.3.4.5',
    'sip:a@1.2.3.4444',
    'sip:a@example.123',
    'sip:à@example.com',
    'tel:',
    'other:',
    'other:<x>',
  ])('refuses %j', (text) => {
    expect(parseSipUri(text).ok).toBe(false);
  });

  it('takes 64 parameters and not one more', () => {
    const params = Array.from({ length: 64 }, (_, i) => `;p${i}`).join('');
    expect(uriOf(`sip:a@b${params}`).params.size).toBe(64);
    expect(parseSipUri(`sip:a@b${params};more`).ok).toBe(false);
  });
});

describe('createSipUri', () => {
  it('escapes what must be escaped', () => {
    const uri = createSipUri({
      user: 'a b@c\r\nd"é',
      host: '[2001:db8::1]',
      port: 5070,
      params: { x: 'y z', lr: undefined },
    });
    expect(uri.text).toBe('sip:a%20b%40c%0D%0Ad%22%C3%A9@[2001:db8::1]:5070;x=y%20z;lr');
    expect(uri.user).toBe('a b@c\r\nd"é');
  });

  it('crashes on a host that is none, since that is our own fault', () => {
    expect(() => createSipUri({ host: 'a b' })).toThrow('not a URI');
  });

  it('replaces the parameters and drops the headers', () => {
    expect(withUriParams(uriOf('sip:a@h;x'), {}).text).toBe('sip:a@h');
    expect(withUriParams(uriOf('tel:+1;x=y'), { z: undefined }).text).toBe('tel:+1;z');
    const uri = withUriParams(uriOf('sip:a:p@h:1;x=1?y=2'), { transport: 'tcp' });
    expect(uri.text).toBe('sip:a:p@h:1;transport=tcp');
  });
});

describe('addressOfRecordOf', () => {
  it.each([
    ['sip:Alice@Example.COM', 'alice@example.com'],
    ['sips:alice:secret@example.com:5061;transport=tls?x=y', 'alice@example.com'],
    ['pres:%41lice@example.com.', 'alice@example.com'],
    ['im:alice@example.com', 'alice@example.com'],
    ['wv:alice@example.com', 'alice@example.com'],
    ['sip:sips%3Auser%40example.com@example.net', 'sips:user@example.com@example.net'],
  ])('%s is %s', (text, address) => {
    expect(addressOfRecordOf(uriOf(text))).toBe(address);
  });

  it.each(['sip:example.com', 'tel:+123', 'http://example.com', 'sip:a%00b@example.com', 'sip:a%FF@example.com'])(
    '%s names no principal',
    (text) => {
      expect(addressOfRecordOf(uriOf(text))).toBeUndefined();
    },
  );
});

describe('areSipUrisEqual', () => {
  it.each([
    ['sip:%61lice@atlanta.example.com;transport=TCP', 'sip:alice@AtLanTa.Example.CoM;Transport=tcp'],
    ['sip:carol@chicago.example.com', 'sip:carol@chicago.example.com;newparam=5'],
    ['sip:carol@chicago.example.com;newparam=5', 'sip:carol@chicago.example.com;security=on'],
    [
      'sip:b@biloxi.example.com;transport=tcp;method=REGISTER',
      'sip:b@biloxi.example.com;method=register;transport=tcp',
    ],
    ['sip:a@h?Subject=p%20x&priority=urgent', 'sip:a@h?priority=urgent&subject=p%20x'],
    ['tel:+1-201-555-0123', 'tel:+12015550123'],
    ['tel:7042;phone-context=example.com', 'tel:7042;Phone-Context=EXAMPLE.com'],
    ['urn:x:y', 'urn:x:y'],
  ])('%s equals %s', (a, b) => {
    expect(areSipUrisEqual(uriOf(a), uriOf(b))).toBe(true);
    expect(areSipUrisEqual(uriOf(b), uriOf(a))).toBe(true);
  });

  it.each([
    ['sip:alice@example.com', 'sip:ALICE@example.com'],
    ['sip:alice@example.com', 'sips:alice@example.com'],
    ['sip:bob@example.com', 'sip:bob@example.com:5060'],
    ['sip:bob@example.com', 'sip:bob@example.com;transport=udp'],
    ['sip:bob@example.com', 'sip:bob@example.com;maddr=10.0.0.1'],
    ['sip:bob@example.com', 'sip:bob:secret@example.com'],
    ['sip:bob@example.com', 'sip:example.com'],
    ['sip:carol@example.com;security=on', 'sip:carol@example.com;security=off'],
    ['sip:carol@example.com', 'sip:carol@example.com?Subject=next'],
    ['sip:carol@example.com?a=b', 'sip:carol@example.com?a=c'],
    ['tel:123', 'tel:123;phone-context=x.example'],
    ['tel:123;a=b', 'tel:123;a=c'],
    ['urn:x:y', 'urn:x:Y'],
  ])('%s differs from %s', (a, b) => {
    expect(areSipUrisEqual(uriOf(a), uriOf(b))).toBe(false);
    expect(areSipUrisEqual(uriOf(b), uriOf(a))).toBe(false);
  });
});
