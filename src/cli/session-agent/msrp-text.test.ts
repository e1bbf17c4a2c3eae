import { describe, expect, it } from 'vitest';
import { formatFrame, FrameReader, MsrpFault, readMsrpUri, type FrameText } from './msrp-text.ts';

interface Read {
  readonly method: string;
  readonly status: number;
  content: string | undefined;
  flag: string;
}

function read(bytes: Buffer, pieceBytes: number): Read[] {
  const frames: Read[] = [];
  const reader = new FrameReader({
    began: ({ method, status }, hasContent) =>
      frames.push({ method, status, content: hasContent ? '' : undefined, flag: '' }),
    octets: (piece) => {
      const last = frames.at(-1);
      if (last) last.content += piece.toString('latin1');
    },
    ended: (flag) => {
      const last = frames.at(-1);
      if (last) last.flag = flag;
    },
  });
  for (let at = 0; at < bytes.length; at += pieceBytes) reader.push(bytes.subarray(at, at + pieceBytes));
  return frames;
}

const frame = (more: Partial<FrameText> & { what: string }): Buffer =>
  formatFrame({
    transaction: 'a786hjs2',
    headers: [
      ['To-Path', 'msrp://biloxi.example.com:12763/kjhd37s2s20w2a;tcp'],
      ['From-Path', 'msrp://atlanta.example.com:7654/jshA7weztas;tcp'],
    ],
    ...more,
  });

describe('FrameReader', () => {
  const nasty = 'Hey\r\n-------a786hjs\r\n-------a786hjs2!\r\n-------a786hjs2$ not yet\r\n';
  const all = Buffer.concat([
    frame({ what: 'SEND', content: Buffer.from(nasty), flag: '+' }),
    frame({ what: '200 OK' }),
    frame({ what: 'SEND', content: Buffer.alloc(0), flag: '$' }),
    frame({ what: 'SEND', flag: '$' }),
    frame({ what: 'REPORT' }),
    Buffer.from('MSRP a786hjs2 SEND\r\nTo-Path: x\r\nFrom-Path: y\r\n\r\n-------a786hjs2#\r\n'),
  ]);

  it.each([1, 2, 7, 100_000])('reads the same in pieces of %i', (pieceBytes) => {
    expect(read(all, pieceBytes)).toEqual([
      { method: 'SEND', status: 0, content: nasty, flag: '+' },
      { method: '', status: 200, content: undefined, flag: '$' },
      { method: 'SEND', status: 0, content: '', flag: '$' },
      { method: 'SEND', status: 0, content: undefined, flag: '$' },
      { method: 'REPORT', status: 0, content: undefined, flag: '$' },
      { method: 'SEND', status: 0, content: '', flag: '#' },
    ]);
  });

  it.each([
    ['another protocol', 'GET / HTTP/1.1\r\n\r\n'],
    ['an end-line of another frame', 'MSRP abcd SEND\r\nTo-Path: x\r\n-------efgh$\r\n'],
    ['a row that is no header', 'MSRP abcd SEND\r\nTo-Path\r\n\r\n'],
    ['a head without an end', `MSRP abcd SEND\r\nTo-Path: ${'x'.repeat(70_000)}`],
  ])('refuses %s', (_what, text) => {
    expect(() => read(Buffer.from(text), 100_000)).toThrow(MsrpFault);
  });
});

describe('readMsrpUri', () => {
  it.each([
    [
      'msrp://127.0.0.1:2855/iau39;tcp',
      { scheme: 'msrp', host: '127.0.0.1', port: 2855, session: 'iau39', transport: 'tcp' },
    ],
    [
      'msrps://u@Host.example:1/a/b+c;ws;x=y',
      { scheme: 'msrps', host: 'host.example', port: 1, session: 'a/b+c', transport: 'ws' },
    ],
    ['msrp://[::1]:9/s;tcp', { scheme: 'msrp', host: '::1', port: 9, session: 's', transport: 'tcp' }],
    ['msrp://host/s;tcp', undefined],
    ['http://host:1/s;tcp', undefined],
  ])('%s', (text, uri) => {
    expect(readMsrpUri(text)).toEqual(uri);
  });
});
