import { describe, expect, it } from 'vitest';
import { type Form, formFor, isListed, typesThrough } from './accepted-types.ts';
import {
  answeredSetup,
  mirrored,
  type OwnMedia,
  readDescription,
  roleBehindAnswer,
  writeAnswer,
  writeOffer,
} from './description.ts';

const bytesOf = (lines: readonly string[]): Uint8Array => new TextEncoder().encode(`${lines.join('\r\n')}\r\n`);
const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const head = ['v=0', 'o=- 1 1 IN IP4 192.0.2.9', 's=-', 'c=IN IP4 192.0.2.9', 't=0 0'];
const media = ['m=message 2855 TCP/MSRP *', 'a=accept-types:text/plain', 'a=path:msrp://192.0.2.9:2855/them;tcp'];
const own: OwnMedia = {
  uri: 'msrp://192.0.2.1:2855/us;tcp',
  acceptTypes: ['message/cpim', '*'],
  acceptWrappedTypes: ['*'],
  maxSize: 1000,
  direction: 'recvonly',
};
const origin = { sessionId: '7', version: 1 };

describe('an offer', () => {
  it.each([
    ['no medium of messages is offered', [...head, 'm=audio 4 RTP/AVP 0'], 304],
    ['no medium of messages is offered', [...head, 'm=message 0 TCP/MSRP *'], 304],
    ['there is no a=path', [...head, ...media.slice(0, 2)], 306],
    ['there is no a=accept-types', [...head, media[0] ?? '', media[2] ?? ''], 306],
    ['"msrp:/no" is not an MSRP URI', [...head, ...media.slice(0, 2), 'a=path:msrp:/no'], 306],
    ['the first line is not v=0', ['hello'], 399],
  ])('is refused: %s', (words, lines, warningCode) => {
    expect(readDescription(bytesOf(lines))).toEqual({ ok: false, error: { words, warningCode } });
  });

  it('is answered in its place, and what else there is refused', () => {
    const lines = [
      ...head,
      'm=audio 4 RTP/AVP 0',
      'm=message 9 TCP/TLS/MSRP *',
      ...media.slice(1),
      'a=setup:passive',
      'm=video 5 RTP/AVP 1',
    ];
    const read = readDescription(bytesOf(lines));
    if (!read.ok) throw new Error(read.error.words);
    expect(read.value.media).toMatchObject({ pathText: 'msrp://192.0.2.9:2855/them;tcp', direction: 'sendrecv' });
    expect(
      textOf(writeAnswer(own, origin, read.value))
        .split('\r\n')
        .slice(4, -1),
    ).toEqual([
      't=0 0',
      'm=audio 0 RTP/AVP 0',
      'm=message 2855 TCP/TLS/MSRP *',
      'a=recvonly',
      'a=accept-types:message/cpim *',
      'a=accept-wrapped-types:*',
      'a=max-size:1000',
      'a=setup:active',
      'a=path:msrp://192.0.2.1:2855/us;tcp',
      'm=video 0 RTP/AVP 1',
    ]);
  });

  it('of ours can be read', () => {
    const read = readDescription(writeOffer({ ...own, uri: 'msrps://[2001:db8::1]:2855/us;tcp' }, origin));
    expect(read).toMatchObject({ ok: true, value: { media: { isSecure: true, setup: 'actpass', maxSize: 1000 } } });
  });

  it.each([
    ['a=file-range:1001-*', 1001],
    ['a=file-range:0-*', undefined],
    ['a=file-range:x', undefined],
  ])('may ask for the rest: %s', (line, fileStart) => {
    const read = readDescription(bytesOf([...head, ...media, line]));
    expect(read.ok && read.value.media.fileStart).toBe(fileStart);
  });
});

it.each([
  [undefined, 'passive', 'active'],
  ['active', 'passive', 'passive'],
  ['passive', 'active', 'active'],
  ['actpass', 'passive', 'active'],
] as const)('who says %s: an offer is answered %s, an answer makes us %s', (setup, answer, role) => {
  expect([answeredSetup(setup), roleBehindAnswer(setup)]).toEqual([answer, role]);
});

it('directions are the other side of each other', () => {
  expect((['sendrecv', 'sendonly', 'recvonly', 'inactive'] as const).map(mirrored)).toEqual([
    'sendrecv',
    'recvonly',
    'sendonly',
    'inactive',
  ]);
});

describe('types', () => {
  it.each([
    ['text/plain', true],
    ['TEXT/Plain;charset=utf-8', true],
    ['text/html', false],
    ['image/png', true],
    ['images/png', false],
  ])('%s is listed: %s', (type, expected) => {
    expect(isListed(['text/plain;charset=us-ascii', 'image/*'], type)).toBe(expected);
  });

  it.each<[what: string, [type: string, inner?: string], [types: string[], wrapped: string[]], Form | undefined]>([
    ['what is listed', ['text/plain'], [['text/plain'], []], 'as-is'],
    ['anything', ['a/b'], [['*'], []], 'as-is'],
    ['what is not', ['a/b'], [['text/plain'], ['*']], undefined],
    ['what may be wrapped', ['a/b'], [['message/cpim'], ['a/*']], 'wrapped'],
    ['what may not', ['a/b'], [['message/cpim'], ['text/plain']], undefined],
    ['an envelope', ['message/cpim', 'a/b'], [['message/cpim'], ['*']], 'as-is'],
    ['an envelope where nothing is said of its content', ['message/cpim', 'a/b'], [['message/cpim'], []], 'as-is'],
    ['an envelope of what stands outside', ['message/cpim', 'a/b'], [['message/cpim', 'a/b'], ['x/y']], 'as-is'],
    ['an envelope of something else', ['message/cpim', 'a/b'], [['message/cpim'], ['x/y']], undefined],
    ['an envelope for who takes none', ['message/cpim', 'a/b'], [['a/b'], []], 'unwrapped'],
    ['an envelope that nobody can read', ['message/cpim'], [['a/b'], []], undefined],
  ])('%s goes in the form that fits', (_what, [type, inner], [acceptTypes, acceptWrappedTypes], form) => {
    expect(formFor({ acceptTypes, acceptWrappedTypes }, type, inner)).toBe(form);
  });

  it('get through to one side when the other is offered them', () => {
    expect(typesThrough({ acceptTypes: ['text/plain', 'message/cpim'], acceptWrappedTypes: ['image/*'] })).toEqual({
      acceptTypes: ['message/cpim', 'text/plain', 'image/*'],
      acceptWrappedTypes: ['text/plain', 'image/*'],
    });
    expect(typesThrough({ acceptTypes: ['text/plain'], acceptWrappedTypes: [] }).acceptTypes).toEqual([
      'message/cpim',
      'text/plain',
    ]);
  });
});
