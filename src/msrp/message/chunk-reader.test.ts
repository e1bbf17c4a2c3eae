import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChunkEvent, ChunkReader, headBytesMax, headersMax, otherBodyBytesMax } from './chunk-reader.ts';
import { formatRequest, formatResponse } from './format-message.ts';
import type { ContinuationFlag, MsrpRequestHead } from './msrp-message.ts';
import { parseMsrpPath } from './msrp-uri.ts';

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const requestBytes = (...words: Parameters<typeof formatRequest>): Uint8Array =>
  Uint8Array.from(formatRequest(...words).flatMap((part) => [...part]));
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function path(text: string) {
  const parsed = parseMsrpPath(text);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

const toPath = path('msrp://bob.example.com:8888/9di4eae923wzd;tcp');
const fromPath = path('msrp://alicepc.example.com:7777/iau39soe2843z;tcp');

function send(more: Partial<MsrpRequestHead> = {}): MsrpRequestHead {
  const about = { successReport: false, failureReport: 'yes', messageId: '12339sdqwer', headers: [] } as const;
  const start = { kind: 'request', transactionId: 'd93kswow', method: 'SEND' } as const;
  return { ...start, toPath, fromPath, ...about, contentType: 'text/plain', ...more };
}

/** What is read, with the pieces of a body joined. */
function readAll(pieces: readonly Uint8Array[]): (Exclude<ChunkEvent, { kind: 'body' }> | string)[] {
  const reader = new ChunkReader();
  const seen: (Exclude<ChunkEvent, { kind: 'body' }> | string)[] = [];
  let body = '';
  for (const piece of pieces) {
    for (const event of reader.read(piece)) {
      if (event.kind === 'body') body += textOf(event.bytes);
      else {
        if (body !== '') seen.push(body);
        body = '';
        seen.push(event);
      }
    }
  }
  return seen;
}

function readText(text: string) {
  return readAll([bytesOf(text)]);
}

const plain = [
  'MSRP a786hjs2 SEND',
  'To-Path: msrp://biloxi.example.com:12763/kjhd37s2s20w2a;tcp',
  'From-Path: msrp://atlanta.example.com:7654/jshA7weztas;tcp',
  'Message-ID: 87652491',
  'Byte-Range: 1-23/25',
  'Success-Report: yes',
  'Failure-Report: partial',
  'Content-Disposition: inline',
  'Content-Type: text/plain',
  '',
  'Hey Bob, are you there?',
  '-------a786hjs2+',
  '',
].join('\r\n');

describe('the reader of a connection', () => {
  it('reads a chunk of a message', () => {
    const [head, body, end] = readText(plain);
    expect(head).toMatchObject({
      kind: 'head',
      head: {
        method: 'SEND',
        transactionId: 'a786hjs2',
        messageId: '87652491',
        byteRange: { start: 1, end: 23, total: 25 },
        successReport: true,
        failureReport: 'partial',
        contentType: 'text/plain',
        headers: [{ name: 'Content-Disposition', value: 'inline' }],
        toPath: [{ host: 'biloxi.example.com', port: 12_763, sessionId: 'kjhd37s2s20w2a', transport: 'tcp' }],
      },
    });
    expect([body, end]).toEqual(['Hey Bob, are you there?', { kind: 'end', flag: '+' }]);
  });

  it('reads the same byte by byte, and wherever it is cut', () => {
    const bytes = bytesOf(plain + plain);
    const whole = readAll([bytes]);
    expect(whole).toHaveLength(6);
    expect(readAll(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toEqual(whole);
    for (let at = 0; at <= bytes.length; at += 1) expect(readAll([bytes.slice(0, at), bytes.slice(at)])).toEqual(whole);
  });

  it('reads what it writes, whatever the body, in whatever pieces', () => {
    const signs = fc.constantFrom<ContinuationFlag>('$', '+', '#');
    const tricky = fc.constantFrom('\r', '\n', '\r\n', '-------', 'd93kswow', '$', '+', '\r\n-------d93ksw', 'x');
    const body = fc.array(tricky, { maxLength: 40 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(body, signs, fc.array(fc.nat(60), { maxLength: 20 }), (text, flag, cuts) => {
        // A transaction id that stands as an end line in the body is none that a sender may choose (RFC 4975 7.1).
        fc.pre(!/-------d93kswow[$+#]\r?\n/.test(`${text}\r\n`));
        const bytes = requestBytes(send(), bytesOf(text), flag);
        const pieces: Uint8Array[] = [];
        let at = 0;
        for (const cut of cuts) pieces.push(bytes.slice(at, (at += cut)));
        pieces.push(bytes.slice(at));
        const expected = [{ kind: 'head', head: send() }, ...(text === '' ? [] : [text]), { kind: 'end', flag }];
        expect(readAll(pieces)).toEqual(expected);
      }),
    );
  });

  it('keeps of a body no more than could begin its end line', () => {
    const reader = new ChunkReader();
    const bytes = requestBytes(send(), new Uint8Array(100_000).fill(0x0d), '$');
    let longest = 0;
    let held = 0;
    for (let at = 0; at < bytes.length; at += 1000) {
      held += Math.min(1000, bytes.length - at);
      for (const event of reader.read(bytes.subarray(at, at + 1000))) {
        if (event.kind === 'body') held -= event.bytes.length;
      }
      longest = Math.max(longest, held);
    }
    expect(longest).toBeLessThan(400);
  });

  it('reads messages without a body, responses, and line ends between them', () => {
    const report = send({
      method: 'REPORT',
      transactionId: 'dkei38sd',
      status: 200,
      byteRange: { start: 1, end: 121, total: 121 },
    });
    const { contentType: _none, ...bare } = report;
    const response = {
      kind: 'response',
      transactionId: 'a786',
      status: 200,
      comment: 'OK',
      toPath,
      fromPath,
      headers: [],
    } as const;
    const nothing = new Uint8Array(0);
    const seen = readAll([
      bytesOf('\r\n\r\n'),
      requestBytes(bare, nothing, '$'),
      bytesOf('\r\n'),
      formatResponse(response),
    ]);
    expect(seen).toEqual([
      { kind: 'head', head: bare },
      { kind: 'end', flag: '$' },
      { kind: 'head', head: response },
      { kind: 'end', flag: '$' },
    ]);
  });

  it('takes an empty body with a line end of its own and without', () => {
    for (const gap of ['', '\r\n']) {
      const text = plain.replace('Hey Bob, are you there?\r\n', gap);
      expect(readText(text).slice(1)).toEqual([{ kind: 'end', flag: '+' }]);
    }
  });

  it.each([
    ['To-Path: x', 'To-Path: "x" is not an MSRP URI', /To-Path: .*/],
    ['Byte-Range: 0-1/1', 'Byte-Range begins before 1', /Byte-Range: .*/],
    ['Message-ID: a b', 'Message-ID is not one of 1 to 128 characters', /Message-ID: .*/],
    ['Success-Report: perhaps', 'Success-Report is neither yes nor no', /Success-Report: .*/],
    ['Failure-Report: perhaps', 'Failure-Report is none of yes, no and partial', /Failure-Report: .*/],
    ['Status: 001 200', 'Status has an unknown namespace', /Content-Disposition: .*/],
    ['Message-ID: 87652491', 'Message-ID stands there twice', /Content-Disposition: .*/],
    ['no colon here', '"no colon here" is not a header', /Content-Disposition: .*/],
    ['X: y', 'a body without Content-Type', /Content-Type: .*/],
  ])('tells a request with %s at its end and goes on', (line, reason, instead) => {
    const seen = readText(plain.replace(instead, line) + plain);
    expect(seen[0]).toMatchObject({ kind: 'bad-request', fault: { reason } });
    expect(seen.slice(1)).toHaveLength(3);
  });

  it.each([
    ['HTTP', 'GET / HTTP/1.1\r\n'],
    ['a transaction id that is too short', 'MSRP abc SEND\r\n'],
    ['a lower-case method', 'MSRP abcd send\r\n'],
    ['bytes that are no text', 'MSRP abcd SEND\r\nX: \xff'],
  ])('stops for good at %s', (_what, text) => {
    const bytes = Uint8Array.from(`${text}\r\n`, (sign) => sign.charCodeAt(0));
    const reader = new ChunkReader();
    expect([...reader.read(bytes)]).toMatchObject([{ kind: 'broken' }]);
    expect([...reader.read(bytesOf(plain))]).toEqual([]);
  });
});

describe('limits of a chunk', () => {
  const withHeader = (header: string): string => plain.replace('Content-Disposition: inline', header);

  it('octets of its head', () => {
    const headLength = plain.indexOf('\r\n\r\n') + 4 - 'Content-Disposition: inline'.length;
    const fitting = `X: ${'x'.repeat(headBytesMax - headLength - 3)}`;
    expect(readText(withHeader(fitting))).toHaveLength(3);
    expect(readText(withHeader(`${fitting}x`))).toMatchObject([{ kind: 'broken' }]);
    expect(readText('M'.repeat(headBytesMax))).toEqual([]);
    expect(readText('M'.repeat(headBytesMax + 1))).toMatchObject([{ kind: 'broken' }]);
  });

  it('headers', () => {
    const rows = (count: number): string => Array.from({ length: count }, (_, index) => `X-${index}: x`).join('\r\n');
    expect(readText(withHeader(rows(headersMax - 7)))).toHaveLength(3);
    expect(readText(withHeader(rows(headersMax - 6)))).toMatchObject([{ kind: 'broken' }]);
  });

  it('octets of a body that is not of a SEND', () => {
    const other = (count: number) =>
      readAll([requestBytes(send({ method: 'NICKNAME' }), new Uint8Array(count).fill(120), '$')]);
    expect(other(otherBodyBytesMax).at(-1)).toEqual({ kind: 'end', flag: '$' });
    expect(other(otherBodyBytesMax + 1).at(-1)).toMatchObject({ kind: 'bad-request' });
  });
});
