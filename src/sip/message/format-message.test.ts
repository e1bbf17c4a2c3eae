import { describe, expect, it } from 'vitest';
import { buildMalformedResponse, buildResponse } from './build-response.ts';
import { formatSipRequest, formatSipResponse } from './format-message.ts';
import { parseSipMessage } from './parse-message.ts';
import { SipHeaders } from './sip-headers.ts';
import { createSipRequest, createSipResponse, withTopVia } from './sip-message.ts';
import type { SipRequest } from './sip-message.ts';
import { withReceived } from './via.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function requestOf(...extra: string[]): SipRequest {
  const rows = [
    'MESSAGE sip:bob@example.com SIP/2.0',
    'v: SIP/2.0/UDP a.example;rport;branch=z9hG4bK1, SIP/2.0/TCP b.example;branch=z9hG4bK2',
    'Via: SIP/2.0/TLS c.example;branch=z9hG4bK3',
    'f: "A, B" <sip:alice@example.com>;tag=a',
    't: <sip:bob@example.com>;x=y',
    'i: 1@h',
    'CSeq: 7 MESSAGE',
    ...extra,
  ];
  const parsed = parseSipMessage(encoder.encode(`${rows.join('\r\n')}\r\n\r\n`));
  if (parsed.kind !== 'request') throw new Error(JSON.stringify(parsed));
  return parsed.message;
}

describe('formatSipRequest', () => {
  it('writes long names and the right Content-Length', () => {
    const headers = new SipHeaders([
      ['l', '99'],
      ['f', '<sip:a@b>;tag=1'],
      ['X-odd', 'é'],
    ]);
    const octets = formatSipRequest({ method: 'MESSAGE', requestUri: 'sip:b@h', headers, body: encoder.encode('né') });
    expect(decoder.decode(octets)).toBe(
      'MESSAGE sip:b@h SIP/2.0\r\nFrom: <sip:a@b>;tag=1\r\nX-odd: é\r\nContent-Length: 3\r\n\r\nné',
    );
  });

  it('writes a message without a body', () => {
    const headers = new SipHeaders([['To', 'x']]);
    expect(decoder.decode(formatSipRequest({ method: 'OPTIONS', requestUri: 'sip:h', headers }))).toBe(
      'OPTIONS sip:h SIP/2.0\r\nTo: x\r\nContent-Length: 0\r\n\r\n',
    );
  });

  it('lets no value break out of its row', () => {
    const headers = new SipHeaders([['Subject', 'a\r\nVia: evil\r\n\r\nbody\0\n\rx']]);
    const text = decoder.decode(formatSipRequest({ method: 'M', requestUri: 'sip:h', headers }));
    expect(text).toBe('M sip:h SIP/2.0\r\nSubject: a Via: evil body  x\r\nContent-Length: 0\r\n\r\n');
    const reason = decoder.decode(formatSipResponse({ status: 400, reason: 'a\r\nb', headers: new SipHeaders() }));
    expect(reason.startsWith('SIP/2.0 400 a b\r\n')).toBe(true);
  });

  it('crashes on a request line that would break', () => {
    const headers = new SipHeaders();
    expect(() => formatSipRequest({ method: 'M', requestUri: 'sip:h SIP/2.0\r\nVia: x', headers })).toThrow('space');
    expect(() => formatSipRequest({ method: 'M M', requestUri: 'sip:h', headers })).toThrow('space');
  });
});

describe('buildResponse', () => {
  it('copies what a response copies and tags To', () => {
    const response = buildResponse(requestOf('Timestamp: 54', 'Subject: no'), 202, undefined, {
      toTag: 'mine',
      headers: [['Deferred-Message', '1;state=held']],
      body: encoder.encode('x'),
    });
    expect(decoder.decode(formatSipResponse(response))).toBe(
      [
        'SIP/2.0 202 Accepted',
        'Via: SIP/2.0/UDP a.example;rport;branch=z9hG4bK1, SIP/2.0/TCP b.example;branch=z9hG4bK2',
        'Via: SIP/2.0/TLS c.example;branch=z9hG4bK3',
        'From: "A, B" <sip:alice@example.com>;tag=a',
        'To: <sip:bob@example.com>;x=y;tag=mine',
        'Call-ID: 1@h',
        'CSeq: 7 MESSAGE',
        'Deferred-Message: 1;state=held',
        'Content-Length: 1',
        '',
        'x',
      ].join('\r\n'),
    );
    expect(response).toMatchObject({ cseq: 7, cseqMethod: 'MESSAGE', callId: '1@h' });
    expect(response.to.tag).toBe('mine');
    expect(response.topVia.branch).toBe('z9hG4bK1');
  });

  it('gives the same message as parsing its octets', () => {
    const response = buildResponse(requestOf(), 404, { toTag: 't' });
    const parsed = parseSipMessage(formatSipResponse(response));
    expect(parsed).toMatchObject({
      kind: 'response',
      message: { status: 404, reason: 'Not Found', to: { tag: 't' }, cseq: 7, cseqMethod: 'MESSAGE' },
    });
  });

  it('leaves a To tag alone, and a 100 without one', () => {
    const inDialog = requestOf();
    inDialog.headers.set('To', '<sip:bob@example.com>;tag=old');
    const request = { ...inDialog, to: { ...inDialog.to, tag: 'old' } };
    expect(buildResponse(request, 200, 'Fine', { toTag: 'new' }).headers.get('To')).toBe(
      '<sip:bob@example.com>;tag=old',
    );
    const trying = buildResponse(requestOf('Timestamp: 54'), 100);
    expect(trying.headers.get('To')).toBe('<sip:bob@example.com>;x=y');
    expect(trying.headers.get('Timestamp')).toBe('54');
    expect(() => buildResponse(requestOf(), 200)).toThrow('To tag');
  });

  it('knows the usual phrases, and the class of unknown statuses', () => {
    expect(buildResponse(requestOf(), 480, { toTag: 't' }).reason).toBe('Temporarily Unavailable');
    expect(buildResponse(requestOf(), 499, { toTag: 't' }).reason).toBe('Bad Request');
    expect(buildResponse(requestOf(), 480, { toTag: 't', reason: 'Away' }).reason).toBe('Away');
    expect(buildResponse(requestOf(), 480, 'Gone', { toTag: 't' }).reason).toBe('Gone');
  });
});

describe('buildMalformedResponse', () => {
  function answer(...lines: string[]): string {
    const parsed = parseSipMessage(encoder.encode(`${lines.join('\r\n')}\r\n\r\n`));
    if (parsed.kind !== 'malformed-request') throw new Error(JSON.stringify(parsed));
    return decoder.decode(formatSipResponse(buildMalformedResponse(parsed, { toTag: 'mine' })));
  }

  it('answers with what there is, and names the fault', () => {
    expect(
      answer('INVITE sip:h SIP/2.0', 'v: SIP/2.0/UDP h;;,', 'CSeq: 1 INVITE', 't: <sip:a@b>', 'To: <sip:c@d>'),
    ).toBe(
      [
        'SIP/2.0 400 Via: empty parameter',
        'Via: SIP/2.0/UDP h;;,',
        'To: <sip:a@b>;tag=mine',
        'CSeq: 1 INVITE',
        'Content-Length: 0',
        '',
        '',
      ].join('\r\n'),
    );
  });

  it('leaves a To that cannot be read as it is, and uses the usual phrase of other statuses', () => {
    const text = answer('INVITE sip:h SIP/9.0', 'Via: SIP/2.0/UDP h', 'To: "x <sip:a@b>');
    expect(text.startsWith('SIP/2.0 505 Version Not Supported\r\n')).toBe(true);
    expect(text).toContain('To: "x <sip:a@b>\r\n');
  });

  it('is parsed by those who get it', () => {
    const text = answer(
      'M$ sip:h SIP/2.0',
      'Via: SIP/2.0/UDP h',
      'To: <sip:a@b>',
      'From: <sip:a@b>;tag=1',
      'Call-ID: 1',
      'CSeq: 1 M',
    );
    expect(parseSipMessage(encoder.encode(text))).toMatchObject({ kind: 'response', message: { status: 400 } });
  });
});

describe('messages of our own', () => {
  const headers = new SipHeaders([
    ['Via', 'SIP/2.0/UDP h;branch=z9hG4bK1'],
    ['Max-Forwards', '70'],
    ['From', '<sip:a@b>;tag=1'],
    ['To', '<sip:c@d>'],
    ['Call-ID', 'x'],
    ['CSeq', '3 NOTIFY'],
  ]);

  it('have the fields of parsed ones', () => {
    const request = createSipRequest({ method: 'NOTIFY', requestUri: 'sip:c@d', headers });
    expect(parseSipMessage(formatSipRequest(request))).toMatchObject({
      kind: 'request',
      message: { cseq: request.cseq, callId: request.callId, maxForwards: request.maxForwards },
    });
    expect(request.topVia.branch).toBe('z9hG4bK1');
    expect(createSipResponse({ status: 200, reason: 'OK', headers })).toMatchObject({ cseqMethod: 'NOTIFY' });
  });

  it('crash when they are not sound', () => {
    expect(() => createSipRequest({ method: 'MESSAGE', requestUri: 'sip:c@d', headers })).toThrow('CSeq');
    expect(() => createSipRequest({ method: 'NOTIFY', requestUri: 'c d', headers })).toThrow('malformed');
    expect(() => createSipResponse({ status: 99, reason: '', headers })).toThrow('status');
    for (const name of ['Via', 'From', 'To', 'Call-ID', 'CSeq']) {
      expect(() => createSipResponse({ status: 200, reason: '', headers: headers.clone().remove(name) })).toThrow(
        /our own|a message has/,
      );
    }
  });

  it('withTopVia changes the first member of the first row', () => {
    const request = requestOf();
    const completed = withTopVia(request, withReceived(request.topVia, '192.0.2.1', 4000));
    expect(completed.headers.getAll('Via')).toEqual([
      'SIP/2.0/UDP a.example;rport=4000;branch=z9hG4bK1;received=192.0.2.1, SIP/2.0/TCP b.example;branch=z9hG4bK2',
      'SIP/2.0/TLS c.example;branch=z9hG4bK3',
    ]);
    expect(completed.topVia.received).toBe('192.0.2.1');
    expect(completed.vias.map(({ branch }) => branch)).toEqual(['z9hG4bK1', 'z9hG4bK2', 'z9hG4bK3']);
  });
});
