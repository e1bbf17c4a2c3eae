import { describe, expect, it } from 'vitest';
import {
  acceptTypesMax,
  isMessageMedia,
  type MessageMedia,
  readMessageMedia,
  writeMessageMedia,
} from './message-media.ts';
import {
  formatSessionDescription,
  parseSessionDescription,
  sdpAttributesMax,
  sdpBytesMax,
  sdpMediaMax,
} from './session-description.ts';

const head = [
  'v=0',
  'o=alice 2890844557 2890844559 IN IP4 alicepc.example.com',
  's= -',
  'c=IN IP4 alicepc.example.com',
  't=0 0',
];
const media = [
  'm=message 7777 TCP/MSRP *',
  'a=accept-types:message/cpim text/plain;charset=utf-8',
  'a=accept-wrapped-types:*',
  'a=max-size:20000',
  'a=setup:actpass',
  'a=path:msrp://relay.example.com:9/a;tcp msrp://alicepc.example.com:7777/iau39soe2843z;tcp',
];

const bytesOf = (lines: readonly string[], end = '\r\n'): Uint8Array => new TextEncoder().encode(lines.join(end) + end);

function read(lines: readonly string[], end?: string) {
  const parsed = parseSessionDescription(bytesOf(lines, end));
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function messageOf(lines: readonly string[]) {
  const [found] = read(lines).media;
  if (found === undefined || !isMessageMedia(found)) throw new Error('no medium of messages');
  return readMessageMedia(found);
}

describe('a session description', () => {
  it('says for every medium which way it goes and who connects, unless that says it itself', () => {
    const attributesOf = (lines: readonly string[]) => {
      const message = messageOf(lines);
      return message.ok ? [message.value.direction, message.value.setup] : message.error;
    };
    const ofSession = [...head, 'a=sendonly', 'a=setup:active'];
    expect(attributesOf([...ofSession, ...media.filter((line) => line !== 'a=setup:actpass')])).toEqual([
      'sendonly',
      'active',
    ]);
    expect(attributesOf([...ofSession, ...media, 'a=recvonly'])).toEqual(['recvonly', 'actpass']);
  });

  it('is read with either line end, and written as it was read', () => {
    const description = read([...head, ...media]);
    expect(read([...head, ...media], '\n')).toEqual(description);
    const written = parseSessionDescription(formatSessionDescription(description));
    expect(written).toEqual({ ok: true, value: description });
    expect(description).toMatchObject({
      name: '-',
      origin: { userName: 'alice', version: '2890844559' },
      media: [
        { type: 'message', port: 7777, protocol: 'TCP/MSRP', formats: ['*'], connection: { addressType: 'IP4' } },
      ],
    });
  });

  it('has media with connections of their own', () => {
    const { media: all } = read([...head, 'm=audio 0 RTP/AVP 0', 'i=voice', ...media, 'c=IN IP6 2001:db8::1']);
    expect(all.map(({ type, connection }) => [type, connection?.address])).toEqual([
      ['audio', 'alicepc.example.com'],
      ['message', '2001:db8::1'],
    ]);
  });

  it.each([
    ['nothing', [], 'the first line is not v=0'],
    ['another version', ['v=1'], 'the first line is not v=0'],
    ['no origin', ['v=0', 's=-'], 'there is no o= line'],
    ['a broken origin', ['v=0', 'o=alice'], 'the o= line has not six fields'],
    ['a broken connection', [...head, 'c=ATM x'], 'the c= line is not IN, IP4 or IP6, and an address'],
    ['a broken medium', [...head, 'm=message'], '"m=message" is not a medium'],
    ['a port beyond all', [...head, 'm=message 70000 TCP/MSRP *'], '70000 is not a port'],
    ['what is no line', [...head, 'hello'], '"hello" is not a line of a description'],
  ])('is refused with %s', (_what, lines, error) => {
    expect(parseSessionDescription(bytesOf(lines))).toEqual({ ok: false, error });
  });

  it('has limits', () => {
    const attributes = (count: number): string[] => Array.from({ length: count }, (_, index) => `a=x:${index}`);
    expect(parseSessionDescription(bytesOf([...head, ...attributes(sdpAttributesMax)])).ok).toBe(true);
    expect(parseSessionDescription(bytesOf([...head, ...attributes(sdpAttributesMax + 1)])).ok).toBe(false);
    const many = (count: number): string[] => Array.from({ length: count }, () => 'm=audio 9 RTP/AVP 0');
    expect(parseSessionDescription(bytesOf([...head, ...many(sdpMediaMax)])).ok).toBe(true);
    expect(parseSessionDescription(bytesOf([...head, ...many(sdpMediaMax + 1)])).ok).toBe(false);
    const long = (length: number): Uint8Array => {
      const bare = bytesOf([...head, 'a=x:']);
      return bytesOf([...head, `a=x:${'y'.repeat(length - bare.length)}`]);
    };
    expect(parseSessionDescription(long(sdpBytesMax)).ok).toBe(true);
    expect(parseSessionDescription(long(sdpBytesMax + 1)).ok).toBe(false);
  });
});

describe('a medium of messages', () => {
  it('says what is needed for a session, and is written as it was read', () => {
    const message: MessageMedia = {
      isSecure: false,
      port: 7777,
      connection: { addressType: 'IP4', address: 'alicepc.example.com' },
      path: 'msrp://relay.example.com:9/a;tcp msrp://alicepc.example.com:7777/iau39soe2843z;tcp',
      acceptTypes: ['message/cpim', 'text/plain;charset=utf-8'],
      acceptWrappedTypes: ['*'],
      maxSize: 20_000,
      setup: 'actpass',
      direction: 'sendrecv',
    };
    expect(messageOf([...head, ...media])).toEqual({ ok: true, value: message });
    expect(readMessageMedia(writeMessageMedia(message))).toEqual({ ok: true, value: message });
  });

  it.each([
    ['sendonly', 'sendonly'],
    ['recvonly', 'recvonly'],
    ['inactive', 'inactive'],
    ['sendrecv', 'sendrecv'],
  ] as const)('has the direction %s', (line, direction) => {
    expect(messageOf([...head, ...media, `a=${line}`])).toMatchObject({ value: { direction } });
  });

  it('is secure over TLS, ignores holdconn and a size that is none', () => {
    const lines = media.map((line) =>
      line.replace('TCP/MSRP', 'TCP/TLS/MSRP').replace('actpass', 'holdconn').replace('20000', 'much'),
    );
    const read = messageOf([...head, ...lines]);
    expect(read).toMatchObject({ ok: true, value: { isSecure: true } });
    expect(read.ok && [read.value.setup, read.value.maxSize]).toEqual([undefined, undefined]);
  });

  it('names a file', () => {
    const selector = 'name:"My %22cool%22 picture.jpg" type:image/jpeg size:32349 hash:sha-1:72:24:5F';
    const lines = [...media, `a=file-selector:${selector}`, 'a=file-transfer-id:vBnG', 'a=file-disposition:attachment'];
    const file = {
      selector,
      transferId: 'vBnG',
      disposition: 'attachment',
      name: 'My "cool" picture.jpg',
      type: 'image/jpeg',
      size: 32_349,
    };
    expect(messageOf([...head, ...lines])).toMatchObject({ value: { file } });
  });

  it('needs a path and types, unless it is refused', () => {
    const without = (name: string): string[] => media.filter((line) => !line.startsWith(`a=${name}`));
    expect(messageOf([...head, ...without('path')])).toEqual({ ok: false, error: 'there is no a=path' });
    expect(messageOf([...head, ...without('accept-types')])).toEqual({
      ok: false,
      error: 'there is no a=accept-types',
    });
    expect(messageOf([...head, 'm=message 0 TCP/MSRP *'])).toMatchObject({ ok: true, value: { port: 0 } });
  });

  it('has a limit of types', () => {
    const types = (count: number): string[] =>
      media.map((line) =>
        line.startsWith('a=accept-types')
          ? `a=accept-types:${Array.from({ length: count }, (_, index) => `a/${index}`).join(' ')}`
          : line,
      );
    expect(messageOf([...head, ...types(acceptTypesMax)]).ok).toBe(true);
    expect(messageOf([...head, ...types(acceptTypesMax + 1)]).ok).toBe(false);
  });
});
