import { describe, expect, it } from 'vitest';
import { defaultMessageLimits, parseSipMessage } from './parse-message.ts';
import type { ParsedSip } from './parse-message.ts';
import type { SipRequest, SipResponse } from './sip-message.ts';

const encoder = new TextEncoder();

const REQUEST = {
  start: 'MESSAGE sip:bob@example.com SIP/2.0',
  Via: 'SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1',
  'Max-Forwards': '70',
  From: '<sip:alice@example.com>;tag=a',
  To: '<sip:bob@example.com>',
  'Call-ID': '1@192.0.2.1',
  CSeq: '1 MESSAGE',
};

/** A sound request with some rows changed, left out (undefined) or added. */
function textOf(changes: Readonly<Record<string, string | undefined>> = {}, body = ''): string {
  const { start, ...rows } = { ...REQUEST, ...changes };
  const lines = Object.entries(rows).filter((row): row is [string, string] => row[1] !== undefined);
  return `${[start, ...lines.map(([name, value]) => `${name}: ${value}`)].join('\r\n')}\r\n\r\n${body}`;
}

function parse(text: string): ParsedSip {
  return parseSipMessage(encoder.encode(text));
}

function requestOf(text: string): SipRequest {
  const parsed = parse(text);
  if (parsed.kind !== 'request') throw new Error(JSON.stringify(parsed));
  return parsed.message;
}

function responseOf(text: string): SipResponse {
  const parsed = parse(text);
  if (parsed.kind !== 'response') throw new Error(JSON.stringify(parsed));
  return parsed.message;
}

/** What a refusal looks like. */
function refusal(status: number, reason: string): object {
  return { kind: 'malformed-request', status, reason: expect.stringContaining(reason) };
}

describe('a sound request', () => {
  it('gives its fields', () => {
    const message = requestOf(textOf({ 'content-type': 'text/plain', X: '1' }, 'hello'));
    expect(message).toMatchObject({ method: 'MESSAGE', requestUri: 'sip:bob@example.com', cseq: 1, maxForwards: 70 });
    expect(message.uri.user).toBe('bob');
    expect(message.from.tag).toBe('a');
    expect(message.to.tag).toBeUndefined();
    expect(message.callId).toBe('1@192.0.2.1');
    expect(message.topVia.branch).toBe('z9hG4bK1');
    expect(new TextDecoder().decode(message.body)).toBe('hello');
    expect([...message.headers].map(([name]) => name)).toContain('Content-Type');
    expect(message.headers.get('x')).toBe('1');
  });

  it('may fold, use compact forms, odd case and white space before the colon', () => {
    const message = requestOf(
      [
        'OPTIONS sip:h SIP/2.0',
        'v :\tSIP / 2.0\r\n /UDP\r\n   a.example;\r\n\tbranch\r\n =  z9hG4bK1 , SIP/2.0/TCP b.example',
        'TO :\r\n sip:bob@example.com ;   tag    = b',
        'f: "A \r\n B" <sip:a@b>\r\n  ;\r\n  tag = a',
        'MaX-fOrWaRdS: 0068',
        'i: x',
        'cseq: 0009\r\n  OPTIONS',
        's :',
        'NewFangled:   one\r\n two \r\n\tthree',
        'l: 00',
        '',
        '',
      ].join('\r\n'),
    );
    expect(message.vias.map(({ host }) => host)).toEqual(['a.example', 'b.example']);
    expect(message.topVia.branch).toBe('z9hG4bK1');
    expect(message.to.tag).toBe('b');
    expect(message.from.displayName).toBe('A B');
    expect(message.maxForwards).toBe(68);
    expect(message.cseq).toBe(9);
    expect(message.headers.get('Subject')).toBe('');
    expect(message.headers.get('newfangled')).toBe('one two three');
    expect(message.body.length).toBe(0);
  });

  it.each([
    ['a peer of RFC 2543', { Via: 'SIP/2.0/UDP h', From: 'sip:a@b' }],
    ['no Max-Forwards', { 'Max-Forwards': undefined }],
    ['a malformed header that nobody needs', { Date: 'yesterday', Warning: '1812 x', Unknown: ';;,,;;,;' }],
    ['a malformed Contact in a MESSAGE', { Contact: '<<' }],
    ['an unknown URI scheme', { start: 'MESSAGE unknown:opaque SIP/2.0' }],
    ['version in lower case', { start: 'MESSAGE sip:h sip/2.0' }],
    ['a raw IPv6 address in received', { Via: 'SIP/2.0/UDP [::1];received=2001:db8::9:255;branch=z9hG4bKx' }],
    ['UTF-8 in a quoted string and in unknown rows', { From: '"Ж" <sip:a@b>;tag=1', Odd: '大停電' }],
  ])('may have %s', (_, changes) => {
    expect(parse(textOf(changes)).kind).toBe('request');
  });

  it.each([
    ['70', 70],
    ['0', 0],
    ['255', 255],
    ['256', undefined],
    ['99999999999999999999999', undefined],
  ])('Max-Forwards %s is %s', (text, expected) => {
    expect(requestOf(textOf({ 'Max-Forwards': text })).maxForwards).toBe(expected);
  });

  it('ignores line ends in front of it', () => {
    expect(parse(`\r\n\r\n\r\n${textOf()}`).kind).toBe('request');
  });
});

describe('status 400', () => {
  it.each([
    ['missing From', { From: undefined }],
    ['missing To', { To: undefined }],
    ['missing Call-ID', { 'Call-ID': undefined }],
    ['missing CSeq', { CSeq: undefined }],
  ])('%s', (reason, changes) => {
    expect(parse(textOf(changes))).toMatchObject(refusal(400, reason));
  });

  it('missing Via, which makes it unanswerable', () => {
    expect(parse(textOf({ Via: undefined }))).toEqual({ kind: 'unanswerable', reason: 'missing Via' });
  });

  it.each([
    'From',
    'To',
    'Call-ID',
    'CSeq',
    'Max-Forwards',
    'Content-Length',
    'Content-Type',
    'Expires',
    'Event',
    'Subscription-State',
    'SIP-If-Match',
  ])('%s twice', (name) => {
    const value = REQUEST[name as keyof typeof REQUEST] ?? '0';
    expect(parse(textOf({ [name]: value, [name.toLowerCase()]: value }))).toMatchObject(
      refusal(400, `${name} occurs twice`),
    );
  });

  it.each([
    ['request line', { start: 'MESSAGE  sip:h SIP/2.0' }],
    ['request line', { start: 'MESSAGE sip:h  SIP/2.0' }],
    ['request line', { start: 'MESSAGE sip:h SIP/2.0 ' }],
    ['request line', { start: ' MESSAGE sip:h SIP/2.0' }],
    ['request line', { start: 'MESSAGE sip:h; lr SIP/2.0' }],
    ['request line', { start: 'MESSAGE sip:h' }],
    ['request line', { start: 'MESSAGE' }],
    ['request line', { start: 'MES(SAGE sip:h SIP/2.0' }],
    ['request line', { start: 'MESSAGE sip:h SIP/x' }],
    ['request line', { start: 'GET /index.html HTTP/1.1' }],
    ['angle brackets', { start: 'MESSAGE <sip:h> SIP/2.0' }],
    ['headers', { start: 'MESSAGE sip:h?Route=%3Csip:x%3E SIP/2.0' }],
    ['Request-URI', { start: 'MESSAGE bob@example.com SIP/2.0' }],
    ['Request-URI', { start: 'MESSAGE sip:2001:db8::10 SIP/2.0' }],
    ['Request-URI', { start: 'MESSAGE * SIP/2.0' }],
    ['Via', { Via: 'SIP/2.0/UDP 192.0.2.15;branch=z9hG4bK1;;,;,,' }],
    ['Via', { Via: 'SIP/2.0/UDP h;branch=z9hG4bK1, SIP/2.0/UDP' }],
    ['From', { From: '"x <sip:a@b>;tag=1' }],
    ['To', { To: '< sip:a@b >' }],
    ['To', { To: 'sip:a@b, sip:c@d' }],
    ['Call-ID', { 'Call-ID': 'a b' }],
    ['Call-ID', { 'Call-ID': 'a@b@c' }],
    ['Call-ID', { 'Call-ID': '@b' }],
    ['Call-ID', { 'Call-ID': '' }],
    ['Call-ID', { 'Call-ID': 'a, b' }],
    ['CSeq', { CSeq: 'MESSAGE' }],
    ['CSeq', { CSeq: '1' }],
    ['CSeq', { CSeq: '1 ' }],
    ['CSeq', { CSeq: '1MESSAGE' }],
    ['CSeq', { CSeq: '-1 MESSAGE' }],
    ['CSeq', { CSeq: '1 MESSAGE x' }],
    ['CSeq', { CSeq: '4294967296 MESSAGE' }],
    ['CSeq', { CSeq: '36893488147419103232 MESSAGE' }],
    ['CSeq', { CSeq: '1 INVITE' }],
    ['CSeq', { CSeq: '1 message' }],
    ['Max-Forwards', { 'Max-Forwards': '-1' }],
    ['Max-Forwards', { 'Max-Forwards': '70 hops' }],
    ['Content-Length', { 'Content-Length': '-999' }],
    ['Content-Length', { 'Content-Length': '' }],
    ['Content-Length', { 'Content-Length': '5, 5' }],
    ['header name', { 'Bad Name': 'x' }],
    ['header name', { Bäd: 'x' }],
    ['header name', { '': 'x' }],
    ['CR or LF', { Subject: 'a\rb' }],
    ['CR or LF', { Subject: 'a\nVia: x' }],
    ['CR or LF', { Subject: 'a\r\n b\nc' }],
  ])('%s: %j', (reason, changes) => {
    expect(parse(textOf(changes))).toMatchObject(refusal(400, reason));
  });

  it('a row without a colon', () => {
    expect(parse(textOf().replace('Call-ID: ', 'Call-ID '))).toMatchObject(refusal(400, 'header name'));
  });

  it('a folded start line', () => {
    expect(parse(textOf().replace('\r\n', '\r\n folded\r\n'))).toMatchObject(refusal(400, 'header name'));
  });

  it('no empty line behind the rows', () => {
    expect(parse(textOf().slice(0, -2))).toMatchObject(refusal(400, 'empty line'));
    expect(parse(textOf().replaceAll('\r\n', '\n')).kind).toBe('unanswerable');
  });

  it.each(['REGISTER', 'INVITE', 'SUBSCRIBE', 'NOTIFY', 'UPDATE', 'REFER'])('a malformed Contact in %s', (method) => {
    const changes = { start: `${method} sip:h SIP/2.0`, CSeq: `1 ${method}` };
    expect(parse(textOf({ ...changes, Contact: 'sip:a@b?Route=%3Csip:x%3E' }))).toMatchObject(refusal(400, 'Contact'));
    expect(parse(textOf({ ...changes, Contact: '"Joe" <sip:joe@example.org>;;;;' }))).toMatchObject(
      refusal(400, 'Contact'),
    );
    expect(parse(textOf({ ...changes, Contact: '<sip:a@b?Route=%3Csip:x%3E>' })).kind).toBe('request');
    expect(parse(textOf({ ...changes, Contact: 'sip:a@b;unknown' })).kind).toBe('request');
  });
});

describe('other statuses', () => {
  it('501 for a CSeq of another method, where the method is unknown', () => {
    expect(parse(textOf({ start: 'NEWMETHOD sip:h SIP/2.0', CSeq: '8 INVITE' }))).toMatchObject(refusal(501, 'CSeq'));
    expect(parse(textOf({ start: 'NEWMETHOD sip:h SIP/2.0', CSeq: '8 NEWMETHOD' })).kind).toBe('request');
  });

  it('505 for another version, whatever follows it', () => {
    expect(parse(textOf({ start: 'MESSAGE sip:h SIP/7.0' }))).toMatchObject(refusal(505, '7.0'));
    expect(parse(textOf({ start: 'MESSAGE t:sip:h SIP/2.1', CSeq: 'x' }))).toMatchObject(refusal(505, '2.1'));
  });

  it('nothing at all for an ACK', () => {
    expect(parse(textOf({ start: 'ACK  sip:h SIP/2.0', CSeq: '1 ACK' })).kind).toBe('unanswerable');
  });

  it.each(['', '\r\n\r\n', '\0\0\0\0', 'hello\r\n\r\n', '\u0001\u0001\r\n\r\n'])('nothing for %j', (text) => {
    expect(parse(text).kind).toBe('unanswerable');
  });
});

describe('what an answer needs', () => {
  it('is gathered from a malformed request', () => {
    const text = textOf({
      Via: 'SIP/2.0/UDP 192.0.2.15:5070;branch=z9hG4bK1;;,;,,',
      v: 'SIP/2.0/TCP\r\n lower.example',
      To: '"open <sip:x@y>',
      t: 'sip:second@example.com',
    });
    const parsed = parse(text);
    expect(parsed).toMatchObject({
      echo: {
        method: 'MESSAGE',
        topVia: { host: '192.0.2.15', port: 5070, branch: 'z9hG4bK1' },
        vias: ['SIP/2.0/UDP 192.0.2.15:5070;branch=z9hG4bK1;;,;,,', 'SIP/2.0/TCP  lower.example'],
        from: '<sip:alice@example.com>;tag=a',
        to: '"open <sip:x@y>',
        callId: '1@192.0.2.1',
        cseq: '1 MESSAGE',
      },
    });
  });

  it('may lack all but the Via', () => {
    const parsed = parse('INVITE sip:h SIP/2.0\r\nVia: SIP/2.0/UDP h\r\nCSeq: 1 INVITE\r\n\r\n');
    expect(parsed).toMatchObject({ status: 400, reason: 'missing From', echo: { from: undefined, to: undefined } });
  });
});

describe('the body', () => {
  const type = { 'Content-Type': 'text/plain' };

  it('is cut where Content-Length is smaller', () => {
    const message = requestOf(textOf({ ...type, 'Content-Length': '5' }, 'helloINVITE sip:x SIP/2.0\r\n\r\n'));
    expect(new TextDecoder().decode(message.body)).toBe('hello');
  });

  it('is not there where Content-Length is larger', () => {
    expect(parse(textOf({ ...type, 'Content-Length': '6' }, 'hello'))).toMatchObject(refusal(400, 'Content-Length'));
    expect(parse(textOf({ ...type, 'Content-Length': '9'.repeat(400) }, 'hello'))).toMatchObject(
      refusal(400, 'Content-Length'),
    );
  });

  it('holds any octets and is a view', () => {
    const head = encoder.encode(textOf(type));
    const octets = Uint8Array.from([...head, 0, 13, 10, 13, 10, 255, 10]);
    const parsed = parseSipMessage(octets);
    expect(parsed.kind === 'request' && [...parsed.message.body]).toEqual([0, 13, 10, 13, 10, 255, 10]);
    expect(parsed.kind === 'request' && parsed.message.body.buffer).toBe(octets.buffer);
  });
});

describe('a response', () => {
  const rows = textOf({ CSeq: '35 INVITE' }).replace(/^.*\r\n/, '');

  it('gives its fields', () => {
    const message = responseOf(`SIP/2.0 200 OK\r\n${rows}`);
    expect(message).toMatchObject({ status: 200, reason: 'OK', cseq: 35, cseqMethod: 'INVITE', callId: '1@192.0.2.1' });
    expect(message.vias.length).toBe(1);
  });

  it.each([
    ['SIP/2.0 100 ', 100, ''],
    ['SIP/2.0 200 = 2**3 * 5**2 но', 200, '= 2**3 * 5**2 но'],
    ['sip/2.0 699 x', 699, 'x'],
  ])('may begin with %j', (line, status, reason) => {
    expect(responseOf(`${line}\r\n${rows}`)).toMatchObject({ status, reason });
  });

  it.each([
    'SIP/2.0 200',
    'SIP/2.0  200 OK',
    'SIP/2.0 99 x',
    'SIP/2.0 700 x',
    'SIP/2.0 4294967301 better not',
    'SIP/2.0 2x0 OK',
    'SIP/3.0 200 OK',
    'SIP/',
  ])('is dropped when it begins with %j', (line) => {
    expect(parse(`${line}\r\n${rows}`).kind).toBe('malformed-response');
  });

  it.each([
    ['CSeq: 35 INVITE', 'CSeq: 9292394834772304023312 INVITE'],
    ['CSeq: 35 INVITE', 'CSeq: 35 INVITE\r\nContent-Length: 10'],
    ['CSeq: 35 INVITE', 'CSeq: 35 INVITE\r\nContact: <'],
    ['Call-ID: 1@192.0.2.1\r\n', ''],
  ])('is dropped with %j as %j', (sound, malformed) => {
    expect(parse(`SIP/2.0 200 OK\r\n${rows.replace(sound, malformed)}`).kind).toBe('malformed-response');
  });

  it('says how many Vias it has', () => {
    const message = responseOf(`SIP/2.0 200 OK\r\nVia: SIP/2.0/UDP h;branch=1\r\n${rows}`);
    expect(message.vias.length).toBe(2);
  });
});

describe('limits', () => {
  const { headerSectionBytesMax, headerRowsMax, requestUriLengthMax, bodyBytesMax } = defaultMessageLimits;

  it('of the header section: 513 one octet past it', () => {
    const base = textOf({ Subject: '' });
    const fill = 'x'.repeat(headerSectionBytesMax - base.length);
    expect(parse(textOf({ Subject: fill })).kind).toBe('request');
    expect(parse(textOf({ Subject: `${fill}x` }))).toMatchObject(refusal(513, 'too long'));
    expect(parse(`${textOf({ Subject: fill }).slice(0, -2)}${'y'.repeat(50)}`)).toMatchObject(refusal(513, 'too long'));
  });

  it('of header rows: 513 one row past it', () => {
    const own = Object.keys(REQUEST).length - 1;
    const fill = Object.fromEntries(Array.from({ length: headerRowsMax - own }, (_, i) => [`X${i}`, '']));
    expect(parse(textOf(fill)).kind).toBe('request');
    expect(parse(textOf({ ...fill, More: '' }))).toMatchObject(refusal(513, 'too many'));
  });

  it('of the Request-URI: 414 one character past it', () => {
    const uri = `sip:${'x'.repeat(requestUriLengthMax - 6)}@h`;
    expect(parse(textOf({ start: `MESSAGE ${uri} SIP/2.0` })).kind).toBe('request');
    expect(parse(textOf({ start: `MESSAGE ${uri}h SIP/2.0` }))).toMatchObject(refusal(414, 'too long'));
  });

  it('of the body: 413 one octet past it', () => {
    expect(parse(textOf({}, 'x'.repeat(bodyBytesMax))).kind).toBe('request');
    expect(parse(textOf({}, 'x'.repeat(bodyBytesMax + 1)))).toMatchObject(refusal(413, 'too large'));
    expect(
      parseSipMessage(encoder.encode(textOf({}, 'ab')), { ...defaultMessageLimits, bodyBytesMax: 1 }),
    ).toMatchObject({ status: 413 });
  });
});
