/**
 * Messages of our own on the ground of RFC 4475 and RFC 5118: what a parser must take, refuse and drop. The numbers
 * are sections of RFC 4475 unless another RFC is named.
 */
import { describe, expect, it } from 'vitest';
import { parseNameAddrList } from './name-addr.ts';
import { parseSipMessage } from './parse-message.ts';
import type { ParsedSip } from './parse-message.ts';
import { contactsOf } from './sip-message.ts';
import type { SipRequest } from './sip-message.ts';
import { addressOfRecordOf } from './sip-uri.ts';

function parse(lines: readonly string[], body = ''): ParsedSip {
  return parseSipMessage(new TextEncoder().encode(`${lines.join('\r\n')}\r\n\r\n${body}`));
}

function requestOf(lines: readonly string[], body = ''): SipRequest {
  const parsed = parse(lines, body);
  if (parsed.kind !== 'request') throw new Error(JSON.stringify(parsed));
  return parsed.message;
}

/** Rows of a sound request, to which a test adds what it is about. */
function rows(method: string, without: readonly string[] = []): string[] {
  return [
    'To: sip:user@example.com',
    'From: sip:caller@example.net;tag=323',
    'Max-Forwards: 70',
    'Call-ID: vector.1@192.0.2.5',
    `CSeq: 60 ${method}`,
    'Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bKvector',
  ].filter((row) => !without.some((name) => row.startsWith(`${name}:`)));
}

describe('messages that must be taken', () => {
  it('3.1.1.1: tortuous white space, folds and case', () => {
    const message = requestOf(
      [
        'INVITE sip:vic@chair.example.com;unknownparam SIP/2.0',
        'TO :',
        ' sip:vic@chair.example.com ;   tag    = 19n',
        'from   : "J Ro \\\\\\""       <sip:jro@example.com>',
        '  ;',
        '  tag = 98a',
        'MaX-fOrWaRdS: 0068',
        'Call-ID: ws.ndaks@192.0.2.1',
        'Content-Length   : 2',
        'cseq: 0009',
        '  INVITE',
        'Via  : SIP  /   2.0',
        ' /UDP',
        '    192.0.2.2;branch=390s',
        's :',
        'NewFangledHeader:   newfangled value',
        ' continued newfangled value',
        'UnknownHeaderWithUnusualValue: ;;,,;;,;',
        'Content-Type: application/sdp',
        'Route:',
        ' <sip:services.example.com;lr;unknownwith=value;unknown-no-value>',
        'v:  SIP  / 2.0  / TCP     spindle.example.com   ;',
        '  branch  =   z9hG4bK9i  ,',
        ' SIP  /    2.0   / UDP  192.168.255.111   ; branch=',
        ' z9hG4bK30',
        'm:"Quoted string \\"\\"" <sip:jro@example.com> ; newparam =',
        '      newvalue ;',
        '  secondparam ; q = 0.33',
      ],
      'ab',
    );
    expect(message.from.displayName).toBe('J Ro \\"');
    expect(message.cseq).toBe(9);
    expect(message.maxForwards).toBe(68);
    expect(message.vias.map(({ branch }) => branch)).toEqual(['390s', 'z9hG4bK9i', 'z9hG4bK30']);
    const contacts = contactsOf(message);
    expect(contacts.ok && contacts.value !== '*' && contacts.value[0]?.params.get('q')).toBe('0.33');
    expect(parseNameAddrList(message.headers.getAll('Route')).ok).toBe(true);
  });

  it('3.1.1.3, 3.1.1.4: escapes are undone once, also of NUL', () => {
    const message = requestOf([
      'REGISTER sip:sips%3Auser%40example.com@example.net SIP/2.0',
      ...rows('REGISTER', ['To']),
      'To: sip:null-%00-null@example.com',
      'Contact: <sip:%00@host5.example.com>',
      'Contact: <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>',
    ]);
    expect(message.uri.user).toBe('sips:user@example.com');
    expect(message.to.uri.user).toBe('null-\0-null');
    expect(addressOfRecordOf(message.to.uri)).toBeUndefined();
    const contacts = contactsOf(message);
    const uris = contacts.ok && contacts.value !== '*' ? contacts.value.map(({ uri }) => uri) : [];
    expect(uris.map(({ user }) => user)).toEqual(['\0', 'caller']);
    expect(uris[1]?.params.has('lr')).toBe(true);
    expect(uris[1]?.params.get('name')).toBe('value%41');
  });

  it('3.1.1.2, 3.1.1.5: odd tokens are tokens, and a percent sign in a method escapes nothing', () => {
    const method = "!odd-Method0123456789_*+`.%indeed'~RE%47IST%45R";
    const message = requestOf([
      `${method} sip:1_u.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(x)@example.com SIP/2.0`,
      "Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~",
      'To: "BEL:\\\u0007 NUL:\\\0 DEL:\\\u007f" <sip:1_unusual.URI~(to-be!sure)/;;*@example.com>',
      "From: token1~` token2'+_ token3*%!.- <sip:m@example.com>;fromParam''~+*_!.-%=\"работающий\";tag=_t~1'+`*%!-.",
      'Call-ID: word%ZK-!.*_+\'@word`~)(><:\\/"][?}{',
      `CSeq: 139122385 ${method}`,
      'Max-Forwards: 255',
      "extensionHeader-!.%*+_`'~:\ufeff大停電",
      'C%6Fntact: <not a contact>',
    ]);
    expect(message.method).toBe(method);
    expect(message.to.displayName).toBe('BEL:\u0007 NUL:\0 DEL:\u007f');
    expect(message.from.params.get("fromparam''~+*_!.-%")).toBe('работающий');
    expect(message.headers.has('Contact')).toBe(false);
    expect(message.headers.get("EXTENSIONHEADER-!.%*+_`'~")).toBe('\ufeff大停電');
  });

  it('3.1.1.6: no space in front of the angle bracket', () => {
    const lines = [...rows('OPTIONS', ['From']), 'From: caller<sip:caller@example.com>;tag=323'];
    expect(requestOf(['OPTIONS sip:user@example.com SIP/2.0', ...lines]).from.displayName).toBe('caller');
  });

  it('3.1.1.7: long values', () => {
    const long = 'extremely'.repeat(200);
    const message = requestOf([
      'INVITE sip:user@example.com SIP/2.0',
      ...rows('INVITE', ['From', 'Call-ID']),
      `F: sip:${long}@example.net;tag=${long};unknownheaderparam${long}=${long};flag`,
      `Call-ID: ${long}`,
      `Unknown-${long}: ${long}`,
      ...Array.from({ length: 30 }, (_, i) => `v: SIP/2.0/TCP sip${i}.example.com`),
    ]);
    expect(message.vias.length).toBe(31);
    expect(message.from.tag).toBe(long);
  });

  it('3.1.1.9: a semicolon in the user part', () => {
    const message = requestOf(['OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0', ...rows('OPTIONS')]);
    expect(message.uri.user).toBe('user;par=u@example.net');
    expect(message.uri.params.size).toBe(0);
  });

  it('3.1.1.10: unknown transports below and on top', () => {
    const lines = ['Via: SIP/2.0/SCTP a.example;branch=z9hG4bKa', 'Via: SIP/2.0/UNKNOWN b.example;branch=z9hG4bKb'];
    expect(requestOf(['OPTIONS sip:u@example.com SIP/2.0', ...lines, ...rows('OPTIONS')]).vias.length).toBe(3);
  });

  it('3.2.1, 3.4.1: a branch that is only the cookie, and none at all', () => {
    const only = [...rows('OPTIONS', ['Via']), 'Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK'];
    expect(requestOf(['OPTIONS sip:u@example.com SIP/2.0', ...only]).topVia.branch).toBe('z9hG4bK');
    const old = requestOf(
      [
        'INVITE sip:UserB@example.com SIP/2.0',
        'Via: SIP/2.0/UDP iftgw.example.com',
        'From: <sip:+13035551111@ift.client.example.net;user=phone>',
        'Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>',
        'To: sip:+16505552222@ss1.example.net;user=phone',
        'Call-ID: old.1717@ift.client.example.com',
        'CSeq: 56 INVITE',
        'Content-Type: application/sdp',
      ],
      'v=0\r\n',
    );
    expect(old.topVia.branch).toBeUndefined();
    expect(old.from.tag).toBeUndefined();
    expect(old.to.params.get('user')).toBe('phone');
    expect(old.maxForwards).toBeUndefined();
  });

  it('3.3.2 to 3.3.4: unknown schemes are for the caller', () => {
    const message = requestOf([
      'OPTIONS soap.beep://192.0.2.103:3002 SIP/2.0',
      ...rows('OPTIONS', ['To', 'From']),
      'To: isbn:2983792873',
      'From: <http://www.example.com>;tag=3234233',
      'Contact: <name:John_Smith>',
    ]);
    expect(message.uri.scheme).toBe('other');
    expect(message.to.uri.scheme).toBe('other');
    expect(addressOfRecordOf(message.from.uri)).toBeUndefined();
  });

  it('3.3.7, 3.1.2.12: headers that are not for the parser', () => {
    const lines = ['Authorization: NoOneKnowsThisScheme opaque-data=here', 'Date: Fri, 01 Jan 2010 16:00:00 EST'];
    expect(parse(['REGISTER sip:example.com SIP/2.0', ...rows('REGISTER'), ...lines]).kind).toBe('request');
  });

  it('3.3.12 to 3.3.14: whose parameter it is, and headers inside brackets', () => {
    const message = requestOf([
      'REGISTER sip:example.com SIP/2.0',
      ...rows('REGISTER'),
      'Contact: sip:+19725552222@gw1.example.net;unknownparam, <sip:+1@gw1.example.net;unknownparam>',
      'Contact: <sip:user@example.com?Route=%3Csip:sip.example.com%3E>',
    ]);
    const contacts = contactsOf(message);
    const list = contacts.ok && contacts.value !== '*' ? contacts.value : [];
    expect(list.map(({ uri }) => uri.params.size)).toEqual([0, 1, 0]);
    expect(list.map(({ params }) => params.size)).toEqual([1, 0, 0]);
    expect(list[2]?.uri.headers).toEqual([{ name: 'Route', value: '<sip:sip.example.com>' }]);
  });

  it.each([
    ['4.1', 'sip:[2001:db8::10]', 'SIP/2.0/UDP [2001:db8::9:1]', '[2001:db8::10]', undefined],
    ['4.3', 'sip:[2001:db8::10:5070]', 'SIP/2.0/UDP [2001:db8::9:1]:5060', '[2001:db8::10:5070]', undefined],
    ['4.4', 'sip:[2001:db8::10]:5070', 'SIP/2.0/UDP [2001:db8::9:1]', '[2001:db8::10]', 5070],
    ['4.5', 'sip:[::1]', 'SIP/2.0/UDP [::1];received=[2001:db8::9:255]', '[::1]', undefined],
    ['4.5', 'sip:[::1]', 'SIP/2.0/UDP [::1];received=2001:db8::9:255', '[::1]', undefined],
    ['4.9', 'sip:u@[::ffff:192.0.2.10]', 'SIP/2.0/UDP [::ffff:192.0.2.10]:19823', '[::ffff:192.0.2.10]', undefined],
    ['4.10', 'sip:u@[2001:db8:::192.0.2.1]', 'SIP/2.0/UDP h', '[2001:db8:::192.0.2.1]', undefined],
    ['4.10', 'sip:u@[2001:db8::192.0.2.1]', 'SIP/2.0/UDP h', '[2001:db8::192.0.2.1]', undefined],
  ])('RFC 5118 %s: %s, %s', (...[, uri, via, host, port]) => {
    const lines = [...rows('OPTIONS', ['Via']), `Via: ${via};branch=z9hG4bKv6`];
    expect(requestOf([`OPTIONS ${uri} SIP/2.0`, ...lines]).uri).toMatchObject({ host, port });
  });
});

describe('messages that must be refused with 400', () => {
  const options = 'OPTIONS sip:user@example.com SIP/2.0';

  it.each([
    ['3.1.2.3', [options, ...rows('OPTIONS'), 'Content-Length: -999']],
    ['3.1.2.6', [options, ...rows('OPTIONS', ['To']), 'To: "Mr. J. User <sip:j.user@example.com>']],
    ['3.1.2.7', ['OPTIONS <sip:user@example.com> SIP/2.0', ...rows('OPTIONS')]],
    ['3.1.2.8', ['OPTIONS sip:user@example.com; lr SIP/2.0', ...rows('OPTIONS')]],
    ['3.1.2.9', ['OPTIONS  sip:user@example.com  SIP/2.0', ...rows('OPTIONS')]],
    ['3.1.2.10', ['OPTIONS sip:remote-target@example.com SIP/2.0  ', ...rows('OPTIONS')]],
    ['3.1.2.11', ['OPTIONS sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0', ...rows('OPTIONS')]],
    ['3.1.2.14', [options, ...rows('OPTIONS', ['To']), 'To: "Watson, Thomas" < sip:t.watson@example.org >']],
    ['3.1.2.15', [options, ...rows('OPTIONS', ['From']), 'From: Bell, Alexander <sip:bell@example.com>;tag=43']],
    ['3.1.2.17', [options, ...rows('INVITE')]],
    ['3.3.1', [options, 'Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKk', 'CSeq: 193942 OPTIONS', 'l: 0']],
    ['RFC 5118 4.2', ['OPTIONS sip:2001:db8::10 SIP/2.0', ...rows('OPTIONS')]],
  ])('%s', (_, lines) => {
    const parsed = parse(lines);
    expect(parsed).toMatchObject({ kind: 'malformed-request', status: 400 });
    expect(parsed.kind === 'malformed-request' && parsed.reason).not.toBe('');
  });

  it('3.1.2.2: Content-Length beyond the datagram', () => {
    const lines = ['INVITE sip:user@example.com SIP/2.0', ...rows('INVITE'), 'Content-Length: 9999'];
    expect(parse(lines, 'v=0\r\n')).toMatchObject({ kind: 'malformed-request', status: 400 });
  });

  it('3.1.2.16: 505 for another version', () => {
    expect(parse(['OPTIONS sip:t.watson@example.org SIP/7.0', ...rows('OPTIONS')])).toMatchObject({ status: 505 });
  });
});

describe('responses', () => {
  it('3.1.2.5: numbers out of range drop it', () => {
    const lines = ['Retry-After: 949302838503028349304023988', 'Warning: 1812 overture "In Progress"'];
    const sound = ['SIP/2.0 503 Service Unavailable', ...rows('OPTIONS'), ...lines];
    expect(parse(sound).kind).toBe('response');
    const broken = sound.map((line) => line.replace('CSeq: 60', 'CSeq: 9292394834772304023312'));
    expect(parse(broken).kind).toBe('malformed-response');
  });
});
