import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defaultMessageLimits } from './parsing/message-limits.ts';
import { StreamFramer } from './stream-framer.ts';
import type { FramerEvent } from './stream-framer.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

function messageOf(body: string, lengthRow = `Content-Length: ${encoder.encode(body).length}`): string {
  return `MESSAGE sip:b@h SIP/2.0\r\nVia: SIP/2.0/TCP h;branch=z9hG4bK1\r\n${lengthRow}\r\n\r\n${body}`;
}

/** Events as values that compare. */
function readable(events: readonly FramerEvent[]): unknown[] {
  return events.map((event) => (event.kind === 'message' ? decoder.decode(event.bytes) : event));
}

function pushAll(text: string | Uint8Array): unknown[] {
  return readable(new StreamFramer().push(typeof text === 'string' ? encoder.encode(text) : text));
}

function pushInPieces(octets: Uint8Array, sizes: readonly number[]): unknown[] {
  const framer = new StreamFramer();
  const events: FramerEvent[] = [];
  for (let at = 0, i = 0; at < octets.length; i++) {
    const end = at + (sizes[i % sizes.length] ?? 1);
    // Each piece is a copy that is destroyed afterwards, as a socket's buffer may be.
    const piece = octets.slice(at, end);
    const pushed = framer.push(piece);
    for (const event of pushed) {
      events.push(event.kind === 'message' ? { kind: 'message', bytes: event.bytes.slice() } : event);
    }
    at = end;
  }
  return readable(events);
}

describe('StreamFramer', () => {
  const first = messageOf('hello');
  const second = messageOf('x\r\n\r\ny\0é');

  it('cuts messages by their Content-Length', () => {
    expect(pushAll(first + second + first.slice(0, 30))).toEqual([first, second]);
  });

  it.each([
    'l: 5',
    'CONTENT-LENGTH : 005',
    'Content-Length:\r\n\t5',
    'Content-Length: 5 \r\n ',
    'X: y\r\n l: 9\r\nl:5',
  ])('finds %j', (row) => {
    const text = messageOf('hello', row);
    expect(pushAll(text + first)).toEqual([text, first]);
  });

  it('answers double line ends between messages, however they are cut', () => {
    const keepAlive = { kind: 'keepAlive' };
    const text = `\r\n${first}\r\n\r\n${second}\r\n\r\n\r\n\r\n\r\n${first}`;
    const expected = [first, keepAlive, second, keepAlive, keepAlive, first];
    expect(pushAll(text)).toEqual(expected);
    expect(pushInPieces(encoder.encode(text), [1])).toEqual(expected);
  });

  it('takes a line end that is cut in the middle', () => {
    const octets = encoder.encode(`\r\n\r\n${first}\r\n\r\n`);
    expect(pushInPieces(octets, [3, 1])).toEqual([{ kind: 'keepAlive' }, first, { kind: 'keepAlive' }]);
  });

  it('keeps what waits for its rest, and no more', () => {
    const framer = new StreamFramer();
    const octets = encoder.encode(first);
    expect(framer.push(octets.subarray(0, 20))).toEqual([]);
    expect(framer.pendingBytes).toBe(20);
    expect(framer.push(octets.subarray(20)).length).toBe(1);
    expect(framer.pendingBytes).toBe(0);
  });

  it('never writes into octets that it has handed out', () => {
    const framer = new StreamFramer();
    const octets = encoder.encode(first + second);
    framer.push(octets.subarray(0, 10));
    const [event] = framer.push(octets.subarray(10, first.length + 5));
    framer.push(octets.subarray(first.length + 5));
    expect(event?.kind === 'message' && decoder.decode(event.bytes)).toBe(first);
  });

  it.each([
    ['missing', 'X: 1'],
    ['not a number', 'Content-Length: -999'],
    ['not a number', 'Content-Length: x'],
    ['not a number', 'Content-Length:'],
    ['not a number', 'Content-Length: 1 2'],
    ['twice', 'Content-Length: 5\r\nl: 5'],
    ['malformed', 'Content-Length 5'],
  ])('loses the frame: %s', (reason, row) => {
    const framer = new StreamFramer();
    const events = framer.push(encoder.encode(first + messageOf('hello', row)));
    expect(events).toMatchObject([
      { kind: 'message' },
      { kind: 'framingLost', malformed: { status: 400, reason: expect.stringContaining(reason), echo: {} } },
    ]);
    expect(framer.push(encoder.encode(first))).toEqual([]);
    expect(framer.pendingBytes).toBe(0);
  });

  it('says so when a lost frame cannot be answered', () => {
    expect(pushAll('SIP/2.0 200 OK\r\nX: 1\r\n\r\n')).toMatchObject([{ malformed: { kind: 'malformed-response' } }]);
    expect(pushAll('GET / HTTP/1.1\r\nHost: x\r\n\r\n')).toMatchObject([{ malformed: { kind: 'unanswerable' } }]);
  });

  it('gives the same byte by byte and in any pieces', () => {
    const alphabet = fc.constantFrom(first, second, '\r\n', '\r', '\n', 'x', messageOf('', 'l: 0'), 'l: 1\r\n\r\n');
    const pieces = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 8 }), pieces, (texts, sizes) => {
        const octets = encoder.encode(texts.join(''));
        const whole = pushAll(octets);
        expect(pushInPieces(octets, sizes)).toEqual(whole);
        expect(pushInPieces(octets, [1])).toEqual(whole);
      }),
      // eslint-disable-next-line node/no-process-env -- raised by hand for a long run
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) },
    );
  });

  it('costs the same for each octet, however many came before', () => {
    const fill = 'x'.repeat(30_000);
    const octets = encoder.encode(messageOf('y'.repeat(200_000), `X: ${fill}\r\nContent-Length: 200000`));
    const started = process.cpuUsage();
    expect(pushInPieces(octets, [1]).length).toBe(1);
    // A search from the start for every octet would take minutes.
    expect(process.cpuUsage(started).user / 1000).toBeLessThan(20_000);
  });
});

describe('limits of StreamFramer', () => {
  const { headerSectionBytesMax, bodyBytesMax } = defaultMessageLimits;

  function withHeaderBytes(size: number): string {
    const frame = messageOf('', 'X: \r\nContent-Length: 0');
    return messageOf('', `X: ${'x'.repeat(size - frame.length)}\r\nContent-Length: 0`);
  }

  it('513 one octet past the header section', () => {
    const text = withHeaderBytes(headerSectionBytesMax);
    expect(pushAll(text)).toEqual([text]);
    const lost = [{ kind: 'framingLost', malformed: { kind: 'malformed-request', status: 513 } }];
    const long = encoder.encode(withHeaderBytes(headerSectionBytesMax + 1));
    expect(pushAll(long)).toMatchObject(lost);
    expect(pushInPieces(long, [7])).toEqual(pushAll(long));
    const endless = `${messageOf('', 'X: ').slice(0, -4)}${'x'.repeat(headerSectionBytesMax)}`;
    expect(pushAll(endless)).toMatchObject(lost);
  });

  it('413 one octet past the body', () => {
    const text = messageOf('x'.repeat(bodyBytesMax));
    expect(pushAll(text)).toEqual([text]);
    expect(pushAll(messageOf('', `Content-Length: ${bodyBytesMax + 1}`))).toMatchObject([
      { malformed: { status: 413 } },
    ]);
    expect(pushAll(messageOf('', `Content-Length: ${'9'.repeat(500)}`))).toMatchObject([
      { malformed: { status: 413 } },
    ]);
  });
});
